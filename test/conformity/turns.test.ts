/** Whose turn it is to be judged. */
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { startJudging } from '../../src/conformity/rounds.ts'
import type { Config } from '../../src/core/config.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Clock } from '../../src/core/ports.ts'
import { someConfig } from '../console/region.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'

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
