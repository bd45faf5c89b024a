/** What a month must come to: the verdicts of the slow program, every planted fault, and the same after any ends of the process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Verdict } from '../../src/core/conformity.ts'
import { random } from '../support/world/random.ts'
import { DAYS, type Month, type MonthSize, monthOf, type Planted, type Structure } from './month.ts'
import { countsOf, feedMonth, openMonth, type Verdicts, verdictsOf } from './month-run.ts'
import { slowVerdicts } from './month-slow.ts'

/** What a planted fault must show at the end of the month, of the requirements that it is about. */
const SHOWS: Readonly<Record<Planted, Readonly<Record<string, Verdict>>>> = {
  none: { MONTH: 'met', WEEK: 'met', INS: 'met', RESULTS: 'met', WHOLE: 'met' },
  rate: { MONTH: 'unmet', WEEK: 'unmet', INS: 'met', RESULTS: 'met', WHOLE: 'partly' },
  'low-rate': { MONTH: 'partly', INS: 'met', RESULTS: 'met', WHOLE: 'partly' },
  version: { MONTH: 'unmet', WEEK: 'unmet', INS: 'met', RESULTS: 'met', WHOLE: 'partly' },
  silence: { MONTH: 'met', WEEK: 'not-measured', INS: 'met', RESULTS: 'not-measured', WHOLE: 'not-measured' },
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

/** What a run came to. */
export interface MonthReport {
  /** What is not as it must be, a line each. */
  readonly faults: readonly string[]
  readonly messages: number
  /** Every count, as lines. */
  readonly counts: readonly string[]
  /** Every verdict with its numbers, as lines. */
  readonly verdicts: readonly string[]
  readonly last: Verdicts
}

/** Feeds a month to a new store in one go, and judges what comes of it at the end of these days. */
export async function straightMonth(
  dir: string,
  month: Month,
  days: readonly number[],
  tell: (line: string) => void = () => {},
): Promise<MonthReport> {
  const journal = await openMonth(dir)
  const faults: string[] = []
  try {
    await feedMonth(journal, month, days, {
      judged(day, verdicts) {
        tell(`day ${day} is judged`)
        for (const one of month.structures) faults.push(...differences(month, one, day, verdicts))
      },
    })
    const last = await verdictsOf(journal)
    faults.push(...unseen(month.structures, last))
    return { faults, messages: month.before(DAYS + 1), last, ...(await heldBy(journal)) }
  } finally {
    await journal.close()
  }
}

async function heldBy(journal: Parameters<typeof countsOf>[0]): Promise<Pick<MonthReport, 'counts' | 'verdicts'>> {
  const verdicts = [...(await verdictsOf(journal))]
  return {
    counts: await countsOf(journal),
    verdicts: verdicts.map(([key, { verdict, good, total }]) => `${key} ${verdict} ${good}/${total}`).sort(),
  }
}

/** Where the gateway and the slow program, which looks at every message of the establishment, disagree. */
function differences(month: Month, structure: Structure, day: number, fast: Verdicts): readonly string[] {
  const all = Array.from({ length: day }, (_, before) => month.of(structure, before + 1)).flat()
  return [...slowVerdicts(all, structure.id, day)].flatMap(([requirement, verdict]) => {
    const found = fast.get(`${structure.id} ${requirement}`)?.verdict
    return found === verdict ? [] : [`day ${day} ${structure.id} ${requirement}: ${found}, slowly ${verdict}`]
  })
}

/** Planted faults that do not show at the end of the month, and what shows that nobody planted. */
function unseen(structures: readonly Structure[], last: Verdicts): readonly string[] {
  return structures
    .filter(({ kind }) => kind === 'hospital')
    .flatMap(({ id, planted }) =>
      Object.entries(SHOWS[planted]).flatMap(([requirement, verdict]) => {
        const shown = last.get(`${id} ${requirement}`)?.verdict
        return shown === verdict ? [] : [`${id} ${planted} ${requirement}: ${shown}, not ${verdict}`]
      }),
    )
}

/** The same month in processes that are killed so many times, after `commits` (from, to) of them each. */
export async function killedMonth(dir: string, how: KilledMonth): Promise<Pick<MonthReport, 'counts' | 'verdicts'>> {
  const { seed, kills, commits } = how
  const { between } = random(seed)
  for (let kill = 0; kill < kills; kill++) {
    if ((await runUntil(dir, how, between(...commits))) === 'done') throw new Error('the month ended before its kill')
  }
  if ((await runUntil(dir, how, null)) !== 'done') throw new Error('the month did not end')
  const journal = await openMonth(dir)
  try {
    return await heldBy(journal)
  } finally {
    await journal.close()
  }
}

/** How a month is killed. */
export interface KilledMonth {
  readonly seed: number
  readonly size: MonthSize
  readonly days: readonly number[]
  readonly kills: number
  readonly commits: readonly [from: number, to: number]
  /** Messages of one commit. */
  readonly batch: number
}

/** Runs the month in a process of its own, and kills it after so many commits; null: to its end. Gives its last line. */
async function runUntil(
  store: string,
  { seed, size, days, batch }: KilledMonth,
  commits: number | null,
): Promise<string> {
  const program = fileURLToPath(new URL('./month-run.ts', import.meta.url))
  const words = [seed, size.hospitals, size.homes, size.messages, batch, ...days].map(String)
  const child = spawn(process.execPath, [program, store, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let [lines, last] = [0, '']
  for await (const line of createInterface({ input: child.stdout })) {
    last = line
    if (++lines === commits) child.kill('SIGKILL')
  }
  await ended
  return last
}

/** How long each part of a proof took, and what it found wrong. */
export interface MonthProof {
  readonly faults: readonly string[]
  readonly messages: number
  readonly counts: number
  readonly straightSeconds: number
  readonly killedSeconds: number
}

/** A month straight and with kills: both as the slow program says, and alike to the unit. Folders of the stores are made in `dir`. */
export async function monthProof(dir: string, how: KilledMonth, tell: (line: string) => void): Promise<MonthProof> {
  const { seed, size, days } = how
  const began = performance.now()
  const straight = await straightMonth(join(dir, 'straight'), monthOf(seed, size), days, tell)
  const between = performance.now()
  tell(`straight in ${Math.round((between - began) / 1_000)} s`)
  const killed = await killedMonth(join(dir, 'killed'), how)
  return {
    faults: [
      ...straight.faults,
      ...unlike('count', straight.counts, killed.counts),
      ...unlike('verdict', straight.verdicts, killed.verdicts),
    ],
    messages: straight.messages,
    counts: straight.counts.length,
    straightSeconds: Math.round((between - began) / 1_000),
    killedSeconds: Math.round((performance.now() - between) / 1_000),
  }
}

function unlike(what: string, straight: readonly string[], killed: readonly string[]): readonly string[] {
  const [one, other] = [new Set(straight), new Set(killed)]
  return [
    ...straight.filter((line) => !other.has(line)).map((line) => `only in a straight run: ${what} ${line}`),
    ...killed.filter((line) => !one.has(line)).map((line) => `only after kills: ${what} ${line}`),
  ]
}
