/**
 * Feeds a simulated month to the counting of conformity, at the follower's port, and judges at the end of some days. As a program
 * (`node month-run.ts DIR SEED HOSPITALS HOMES MESSAGES BATCH DAY…`) it goes on where the store says it was, so that it may be killed at
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
import { endOfDay, FRAMEWORK, type Happening, type Month, monthOf, type Structure } from './month.ts'

const FENCE = { lease: 'conformity', epoch: 0 }

/** Verdicts of production, by `establishment requirement`. */
export type Verdicts = ReadonlyMap<string, KeptVerdict>

/** Whom a run tells of what it does. */
export interface Told {
  /** After each commit. */
  commit?(): void
  /** After the verdicts of a day were made. */
  judged?(day: number, verdicts: Verdicts): void
}

/** Feeds what the store has not counted yet, judging at the end of each of these days. `batch`: of one commit; else the follower's. */
export async function feedMonth(
  journal: Journal,
  month: Month,
  days: readonly number[],
  { commit = () => {}, judged, batch: most }: Told & { readonly batch?: number } = {},
): Promise<void> {
  const config = configOf(month.structures)
  const follower = sentFollower({ journal, config: () => config })
  const frameworks = async () => [FRAMEWORK]
  for (let day = 1; day <= days.at(-1)!; day++) {
    const [first, next] = [month.before(day), month.before(day + 1)]
    let from = await journal.cursor(follower.name)
    // What of a later day is counted already was counted after this one was judged.
    if (Number(from ?? 0) > next) continue
    const all = Number(from ?? 0) === next ? [] : month.on(day)
    for (let at = Number(from ?? 0); at < next; at = Number(from)) {
      const batch = all.slice(at - first, at - first + (most ?? follower.pace?.batch ?? 0))
      await Promise.all(batch.map((one, i) => (one.refused === null ? null : refuse(journal, one, at + i))))
      const entries = batch.flatMap((one, i) => (one.refused === null ? [entryOf(one, at + i)] : []))
      const effect = entries.length === 0 ? {} : await follower.entries(entries)
      const to = String(at + batch.length)
      if (!(await journal.apply({ ...effect, cursor: { follower: follower.name, from, to } })))
        throw new Error('refused')
      from = to
      commit()
    }
    if (!days.includes(day)) continue
    const clock = { ...realClock, nowMs: () => endOfDay(day) }
    const parts = { journal: unhurried(journal), config: () => config, frameworks, clock }
    while (await judgingRound(parts, { fence: FENCE })) commit()
    judged?.(day, await verdictsOf(journal))
  }
}

/** The same store, whose questions may take as long as a busy machine makes them: here nobody waits behind them. */
export function unhurried({ look, apply, leases }: Journal): Pick<Journal, 'look' | 'read' | 'apply' | 'leases'> {
  return { look, read: look, apply, leases }
}

/** The verdicts that the store holds. */
export async function verdictsOf(journal: Pick<Journal, 'look'>): Promise<Verdicts> {
  const rows = await journal.look<VerdictRow>({
    sql: `SELECT * FROM conformity_verdict WHERE use = 'production' AND framework = ?`,
    parameters: [frameworkName(FRAMEWORK)],
  })
  return new Map(rows.map((row) => [`${row.establishment} ${row.requirement}`, keptVerdict(row)]))
}

/** Every count of the store, as lines. */
export async function countsOf(journal: Pick<Journal, 'look'>): Promise<readonly string[]> {
  const rows = await journal.look<Record<string, unknown>>({
    sql: `SELECT establishment, use, side, day, kind, application, signature, n FROM conformity_count
      ORDER BY establishment, use, side, day, kind, application, signature`,
    parameters: [],
  })
  return rows.map((row) => Object.values(row).join(' | '))
}

async function refuse(journal: Journal, one: Happening, index: number): Promise<void> {
  const header = `MSH|^~\\&|${one.application}|X|||20261001||${one.kind}|${index}|${one.test ? 'T' : 'P'}|2.5\rSFT|X|${one.softwareVersion}\rPID|`
  // The id is made of the number: fed once more after a crash, it is refused as one that is there already.
  await journal.refuse({
    ...{ id: uuidOf(index), atMs: one.atMs, entrance: 'mllp', peer: 'x', establishment: one.establishment },
    ...{ kind: one.kind, controlId: String(index), code: one.refused!, at: null, bytes: Buffer.from(header) },
  })
}

function entryOf(one: Happening, index: number): Entry {
  const { establishment, kind, application, softwareVersion, test, profiles, findings } = one
  return {
    ...{ establishment, kind, application, softwareVersion, test, findings, receivedAtMs: one.atMs, id: uuidOf(index) },
    ...{
      position: String(index + 1),
      entrance: 'mllp',
      controlId: String(index),
      bytes: 1_000,
      profiles,
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
  const [dir = '', seed, hospitals, homes, messages, batch, ...days] = process.argv.slice(2)
  const journal = await openMonth(dir)
  const size = { hospitals: Number(hospitals), homes: Number(homes), messages: Number(messages) }
  await feedMonth(journal, monthOf(Number(seed), size), days.map(Number), {
    batch: Number(batch),
    commit: () => process.stdout.write('.\n'),
  })
  await journal.close()
  process.stdout.write('done\n')
}
