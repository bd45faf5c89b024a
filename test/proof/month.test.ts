import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import type { Verdict } from '../../src/core/conformity.ts'
import { random, seedOfRun } from '../support/world/random.ts'
import type { Planted } from './month.ts'
import { countsOf, feedMonth, type MonthSize, monthOf, openMonth, type Verdicts, verdictsOf } from './month-run.ts'
import { slowVerdicts } from './month-slow.ts'

const SIZE: MonthSize = { hospitals: 134, homes: 600, messages: 20_000 }
/** The killed run is a smaller region: what it shows is that nothing is counted twice or left out. */
const SMALL: MonthSize = { hospitals: 36, homes: 14, messages: 5_000 }
const KILLS = 3
const dir = mkdtempSync(join(tmpdir(), 'passerelle-month-'))
const seed = seedOfRun()

afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** What a planted fault must show at the end of the month, of the requirements that it is about. */
const SHOWS: Readonly<Record<Planted, Readonly<Record<string, Verdict>>>> = {
  none: { MONTH: 'met', WEEK: 'met', INS: 'met', RESULTS: 'met', WHOLE: 'met' },
  rate: { MONTH: 'unmet', WEEK: 'unmet', INS: 'met', RESULTS: 'met', WHOLE: 'partly' },
  'low-rate': { MONTH: 'partly', INS: 'met', RESULTS: 'met', WHOLE: 'partly' },
  version: { MONTH: 'unmet', WEEK: 'unmet', INS: 'met', RESULTS: 'met', WHOLE: 'partly' },
  silence: { MONTH: 'met', WEEK: 'not-measured', INS: 'met', RESULTS: 'not-measured', WHOLE: 'partly' },
  ins: { MONTH: 'met', WEEK: 'met', INS: 'unmet', RESULTS: 'met', WHOLE: 'partly' },
  refused: { MONTH: 'unmet', INS: 'met', RESULTS: 'met', WHOLE: 'partly' },
  'no-results': { MONTH: 'met', WEEK: 'met', INS: 'met', RESULTS: 'unmet', WHOLE: 'met' },
  test: {
    MONTH: 'not-measured',
    WEEK: 'not-measured',
    INS: 'not-measured',
    RESULTS: 'not-measured',
    WHOLE: 'not-measured',
  },
}

test(`a month of ${SIZE.messages} messages: verdicts are those of a slow program, and every planted fault shows`, {
  timeout: 120_000,
}, async () => {
  const month = monthOf(seed, SIZE)
  const journal = await openMonth(join(dir, 'straight'))
  const differ: string[] = []
  let last: Verdicts = new Map()
  try {
    await feedMonth(journal, month, [15, 30], async (day, verdicts) => {
      last = await verdicts()
      for (const { id } of month.structures) differ.push(...differences(id, day, month.all, last))
    })
  } finally {
    await journal.close()
  }
  expect(differ, `PROOF_SEED=${seed}`).toEqual([])
  const unseen = month.structures
    .filter(({ kind }) => kind === 'hospital')
    .flatMap(({ id, planted }) =>
      Object.entries(SHOWS[planted]).flatMap(([requirement, verdict]) => {
        const shown = last.get(`${id} ${requirement}`)?.verdict
        return shown === verdict ? [] : [`${id} ${planted} ${requirement}: ${shown}, not ${verdict}`]
      }),
    )
  expect(unseen, `PROOF_SEED=${seed}`).toEqual([])
  // What came with a new version of a product became worse, and says by which product.
  const version = month.structures.find(({ planted }) => planted === 'version')!
  const week = last.get(`${version.id} WEEK`)!
  expect(week).toMatchObject({ regressedFrom: 'met', software: [`${version.product} 2`] })
  expect(week.found[0]?.finding).toBe('PAM-PID-32')
})

function differences(id: string, day: number, all: Parameters<typeof slowVerdicts>[0], fast: Verdicts): string[] {
  return [...slowVerdicts(all, id, day)].flatMap(([requirement, verdict]) => {
    const found = fast.get(`${id} ${requirement}`)?.verdict
    return found === verdict ? [] : [`day ${day} ${id} ${requirement}: ${found}, slowly ${verdict}`]
  })
}

test(`ends at random moments: after ${KILLS} of them every count and verdict is that of a straight run`, {
  timeout: 120_000,
}, async () => {
  const month = monthOf(seed, SMALL)
  const straight = await openMonth(join(dir, 'small'))
  await feedMonth(straight, month, [30])
  const expected = { counts: await countsOf(straight), verdicts: named(await verdictsOf(straight)) }
  await straight.close()
  const killed = join(dir, 'killed')
  const { between } = random(seed)
  for (let kill = 0; kill < KILLS; kill++) await runUntil(killed, between(3, 15))
  expect(await runUntil(killed, null)).toBe('done')
  const journal = await openMonth(killed)
  const found = { counts: await countsOf(journal), verdicts: named(await verdictsOf(journal)) }
  await journal.close()
  expect(found, `PROOF_SEED=${seed}`).toEqual(expected)
  expect(expected.counts.length).toBeGreaterThan(1_000)
})

function named(verdicts: Verdicts): readonly string[] {
  return [...verdicts].map(([key, { verdict, good, total }]) => `${key} ${verdict} ${good}/${total}`).sort()
}

/** Runs the month in a process of its own, and kills it after so many commits; null: to its end. Gives its last line. */
async function runUntil(store: string, commits: number | null): Promise<string> {
  const program = fileURLToPath(new URL('./month-run.ts', import.meta.url))
  const size = [SMALL.hospitals, SMALL.homes, SMALL.messages].map(String)
  const child = spawn(process.execPath, [program, store, String(seed), ...size, '30'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let [lines, last] = [0, '']
  for await (const line of createInterface({ input: child.stdout })) {
    last = line
    if (++lines === commits) child.kill('SIGKILL')
  }
  await ended
  return last
}
