/** Whose turn it is to be judged. */
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { readRegressions } from '../../src/conformity/regressions.ts'
import { judgingRound, startJudging } from '../../src/conformity/rounds.ts'
import { readKept } from '../../src/conformity/store/facts.ts'
import { readProductRows } from '../../src/conformity/store/products.ts'
import { conformityViews } from '../../src/conformity/views/views.ts'
import type { Config } from '../../src/core/config.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Lease } from '../../src/core/leases.ts'
import type { Clock } from '../../src/core/ports.ts'
import { someConfig } from '../console/region.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { frameworkOf, requirementOf } from './pieces.ts'

const DAY_MS = 86_400_000
const log = { info() {}, warn() {}, error() {} }

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal

beforeEach(async () => {
  store = await openStore()
  journal = store.journal
  await journal.adopt('test', 1, '{}')
})
afterEach(() => store.end())

/** A region of these establishments, which are hospitals. */
function regionOf(ids: readonly string[]): Config {
  const config = someConfig()
  const [one] = config.establishments.values()
  return { ...config, establishments: new Map(ids.map((id) => [id, { ...one!, id, kind: 'hospital' }])) }
}

const allChange = (): Promise<boolean> =>
  journal.apply({ rows: [{ sql: 'UPDATE conformity_standing SET change = change + 1', parameters: [] }] })

test('where all change all the time each has its turn, and judging anew rests nine times as long as it took', async () => {
  const config = regionOf(Array.from({ length: 25 }, (_, n) => `es-${n + 10}`))
  const manual = manualClock()
  const waits: number[] = []
  let rest = Promise.withResolvers<void>()
  let tookMs = 0
  const clock: Clock = {
    nowMs: () => manual.nowMs() + tookMs,
    monotonicMs: () => manual.monotonicMs() + tookMs,
    after(ms, run) {
      waits.push(ms)
      rest.resolve()
      return manual.after(ms, run)
    },
  }
  const rested = async (begin: () => void): Promise<void> => {
    rest = Promise.withResolvers()
    begin()
    await rest.promise
  }
  // Every round takes 20 ms.
  const frameworks = async () => {
    tookMs += 20
    return []
  }
  const began = rest.promise
  const judging = startJudging({ journal, config: () => config, frameworks, clock, log })
  onTestFinished(() => judging.stop())
  const judged = async () => {
    const query = { sql: 'SELECT change - judged AS behind FROM conformity_standing', parameters: [] }
    return (await journal.look<{ behind: number }>(query)).map(({ behind }) => Number(behind))
  }
  await began
  // What is judged once a day: four rounds without a rest.
  await rested(() => manual.advance(10_000))
  expect([tookMs, new Set(await judged())]).toEqual([80, new Set([0])])
  for (let round = 0; round < 5; round++) {
    await allChange()
    await rested(() => manual.advance(waits.at(-1)!))
  }
  expect(waits).toEqual([10_000, 10_000, 180, 180, 180, 180, 180])
  expect((await judged()).every((rounds) => rounds < 3)).toBe(true)
  // Who files something is not kept waiting; the rest that is owed is taken behind it.
  await rested(() => judging.poke())
  expect(waits.at(-1)).toBe(340)
})

test('of who left the region no verdict stays, and nothing that got worse', async () => {
  const clock = manualClock()
  const { promise, resolve } = Promise.withResolvers<Lease>()
  const tenancy = journal.leases.hold('conformity', { begin: async (lease) => resolve(lease), async end() {} })
  onTestFinished(() => tenancy.drop())
  const lease = await promise
  const framework = frameworkOf([
    requirementOf('PAPER', { by: 'evidence', accepts: 'either', validDays: 365, remindDays: 30 }),
  ])
  let config = regionOf(['es-a', 'es-b'])
  const judge = async (): Promise<void> => {
    const parts = { journal, config: () => config, frameworks: async () => [framework], clock }
    while ((await judgingRound(parts, lease)) !== null);
  }
  await judge()
  await journal.apply({
    rows: [
      { sql: `UPDATE conformity_verdict SET regressed_from = 'met'`, parameters: [] },
      {
        sql: `INSERT INTO conformity_product (use, framework, establishment, product, judged)
          VALUES ('production', 'essai@1', 'es-b', 'DPI', '[]')`,
        parameters: [],
      },
    ],
  })
  const regressed = async () => (await readRegressions(journal)).map(({ establishment }) => establishment)
  expect(await regressed()).toEqual(['es-a', 'es-b'])
  config = regionOf(['es-a'])
  clock.advance(DAY_MS)
  await judge()
  expect(await regressed()).toEqual(['es-a'])
  const gone = { establishment: 'es-b', use: 'production' } as const
  expect([await readKept(journal, gone), await readProductRows(journal, gone)]).toEqual([[], []])
})

test('a verdict that nobody asks for any more ends in the history, and is met once when it is asked for again', async () => {
  const clock = manualClock()
  const { promise, resolve } = Promise.withResolvers<Lease>()
  const tenancy = journal.leases.hold('conformity', { begin: async (lease) => resolve(lease), async end() {} })
  onTestFinished(() => tenancy.drop())
  const lease = await promise
  const framework = frameworkOf([
    requirementOf('PAPER', { by: 'evidence', accepts: 'either', validDays: 365, remindDays: 30 }),
  ])
  let config = regionOf(['es-a', 'es-b'])
  const parts = { journal, config: () => config, frameworks: async () => [framework], clock, nowMs: clock.nowMs }
  const judge = async (): Promise<void> => {
    while ((await judgingRound(parts, lease)) !== null);
  }
  await journal.apply({
    rows: [
      {
        sql: `INSERT INTO conformity_evidence (id, establishment, framework, requirement, state, statement, bytes, sha256,
            filed_by, filed_at_ms) VALUES ('1', 'es-b', 'trial@1', 'PAPER', 'accepted', 'x', 0, '', 'ines', 1)`,
        parameters: [],
      },
    ],
  })
  const views = conformityViews(parts)
  const ask = { framework: 'trial@1', use: 'production' } as const
  clock.advance(8 * 7 * DAY_MS)
  await judge()
  clock.advance(7 * DAY_MS)
  config = regionOf(['es-a'])
  await judge()
  clock.advance(7 * DAY_MS)
  config = regionOf(['es-a', 'es-b'])
  await judge()
  const period = { sinceMs: 0, untilMs: clock.nowMs() + 1, limit: 10 }
  const { changes } = await views.changes({ ...ask, ...period }, null)
  expect(changes.map(({ establishment, was, verdict, why }) => `${establishment} ${was} ${verdict} ${why}`)).toEqual([
    ...['es-b null met fine', 'es-b met not-measured not-asked', 'es-b null met fine'],
  ])
  const { weeks } = await views.matrix(ask, { weeks: true }, null)
  expect(weeks.slice(-4).map(({ met, of }) => [met, of])).toEqual([
    ...[
      [0, 2],
      [1, 2],
      [0, 2],
      [1, 2],
    ],
  ])
})
