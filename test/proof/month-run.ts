/**
 * Feeds a simulated month to the counting of conformity, at the follower's port, and judges at the end of some days. As a program
 * (`node month-run.ts DIR SEED HOSPITALS HOMES MESSAGES DAY…`) it goes on where the store says it was, so that it may be killed at
 * any moment; it says a line after each batch. */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { machineIds } from '../../src/app/cli/machine.ts'
import { sentFollower } from '../../src/conformity/follow.ts'
import { judgingRound } from '../../src/conformity/rounds.ts'
import { keptVerdict, type VerdictRow } from '../../src/conformity/store/facts.ts'
import type { Config } from '../../src/core/config.ts'
import { frameworkName, type KeptVerdict } from '../../src/core/conformity.ts'
import type { Entry, Journal } from '../../src/core/journal.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { realClock } from '../support/peers/clock.ts'
import { endOfDay, FRAMEWORK, type Happening, happenings, type Structure, structuresOf } from './month.ts'

const BATCH = 100
const FENCE = { lease: 'conformity', epoch: 0 }

/** How large a month is. */
export interface MonthSize {
  readonly hospitals: number
  readonly homes: number
  readonly messages: number
}

/** A month, made. */
export interface Month {
  readonly structures: readonly Structure[]
  readonly all: readonly Happening[]
}

/** Makes it. */
export function monthOf(seed: number, { hospitals, homes, messages }: MonthSize): Month {
  const structures = structuresOf(seed, hospitals, homes)
  return { structures, all: happenings(seed, structures, messages) }
}

/** Verdicts of production, by `establishment requirement`. */
export type Verdicts = ReadonlyMap<string, KeptVerdict>

/** Feeds what the store has not counted yet, judging at the end of each of these days. `told`: after each commit. */
export async function feedMonth(
  journal: Journal,
  { structures, all }: Month,
  days: readonly number[],
  told: (day: number, verdicts: () => Promise<Verdicts>) => Promise<void> | void = () => {},
  progress: () => void = () => {},
): Promise<void> {
  const config = configOf(structures)
  const follower = sentFollower({ journal, config: () => config })
  let nowMs = 0
  const clock = { ...realClock, nowMs: () => nowMs }
  const frameworks = async () => [FRAMEWORK]
  for (const day of days) {
    nowMs = endOfDay(day)
    for (;;) {
      const from = await journal.cursor(follower.name)
      const at = Number(from ?? 0)
      const batch = all.slice(at, at + BATCH).filter((one) => one.day <= day)
      if (batch.length === 0) break
      for (const [i, one] of batch.entries()) if (one.refused !== null) await refuse(journal, one, at + i)
      const entries = batch.flatMap((one, i) => (one.refused === null ? [entryOf(one, at + i)] : []))
      const effect = entries.length === 0 ? {} : await follower.entries(entries)
      const to = String(at + batch.length)
      await journal.apply({ ...effect, cursor: { follower: follower.name, from, to } })
      progress()
    }
    while (await judgingRound({ journal, config: () => config, frameworks, clock }, { fence: FENCE })) progress()
    await told(day, () => verdictsOf(journal))
  }
}

/** The verdicts that the store holds. */
export async function verdictsOf(journal: Pick<Journal, 'read'>): Promise<Verdicts> {
  const rows = await journal.read<VerdictRow>({
    sql: `SELECT * FROM conformity_verdict WHERE use = 'production' AND framework = ?`,
    parameters: [frameworkName(FRAMEWORK)],
  })
  return new Map(rows.map((row) => [`${row.establishment} ${row.requirement}`, keptVerdict(row)]))
}

/** Every count of the store, as lines. */
export async function countsOf(journal: Pick<Journal, 'read'>): Promise<readonly string[]> {
  const rows = await journal.read<Record<string, unknown>>({
    sql: `SELECT establishment, use, side, day, kind, application, signature, n FROM conformity_count
      ORDER BY establishment, use, side, day, kind, application, signature`,
    parameters: [],
  })
  return rows.map((row) => Object.values(row).join(' | '))
}

async function refuse(journal: Journal, one: Happening, index: number): Promise<void> {
  const header = `MSH|^~\\&|${one.application}|X|||20261001||${one.kind}|${index}|${one.test ? 'T' : 'P'}|2.5`
  // The id is made of the number: fed once more after a crash, it is refused as one that is there already.
  await journal.refuse({
    ...{ id: uuidOf(index), atMs: one.atMs, entrance: 'mllp', peer: 'x', establishment: one.establishment },
    ...{ kind: one.kind, controlId: String(index), code: one.refused!, at: null, bytes: Buffer.from(header) },
  })
}

function entryOf(one: Happening, index: number): Entry {
  const { establishment, kind, application, test, findings } = one
  return {
    ...{ establishment, kind, application, test, findings, receivedAtMs: one.atMs, id: uuidOf(index) },
    ...{
      position: String(index + 1),
      entrance: 'mllp',
      controlId: String(index),
      bytes: 1_000,
      profiles: [],
      cause: null,
    },
  }
}

function uuidOf(index: number): string {
  return createHash('sha256').update(String(index)).digest('hex').slice(0, 32)
}

function configOf(structures: readonly Structure[]): Config {
  const establishments = new Map(structures.map(({ id, kind }) => [id, { id, kind }]))
  return { region: { timeZone: 'Europe/Paris' }, establishments, destinations: new Map() } as unknown as Config
}

/** Opens the embedded store of a folder. */
export function openMonth(dir: string): Promise<Journal> {
  return openSqliteJournal({
    ...{ dir, clock: realClock, ids: machineIds, refusedMaxBytes: () => 100_000_000 },
    log: { info() {}, warn() {}, error() {} },
    meter: { count() {}, observe() {} },
    onFatal: (fault) => {
      throw fault
    },
  })
}

if (import.meta.main) {
  const [dir = '', seed, hospitals, homes, messages, ...days] = process.argv.slice(2)
  const journal = await openMonth(dir)
  const month = monthOf(Number(seed), {
    hospitals: Number(hospitals),
    homes: Number(homes),
    messages: Number(messages),
  })
  await feedMonth(journal, month, days.map(Number), undefined, () => process.stdout.write('.\n'))
  await journal.close()
  process.stdout.write('done\n')
}
