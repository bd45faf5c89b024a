import type { Use } from '../../core/config.ts'
import type { EvidenceFact, FrameworkName, Judgement, KeptVerdict, Override, ProbeFact } from '../../core/conformity.ts'
import type { Journal } from '../../core/journal.ts'
import { type Day, daysBetween, firstOf } from '../day.ts'
import type { Count } from '../judge/traffic.ts'

/** One establishment, for one use. */
export interface Subject {
  readonly establishment: string
  readonly use: Use
}

/** What was counted for one establishment, by length of the window in days. */
export type Windows = ReadonlyMap<number, readonly Count[]>

/** Key of a subject. */
export function subjectKey({ establishment, use }: Subject): string {
  return `${establishment} ${use}`
}

/**
 * What was counted for establishments in windows of these lengths (days) that end with this day, by product, kind and signature;
 * one question for each use. By `subjectKey`; one without counts is not there. */
export async function readWindows(
  { read }: Pick<Journal, 'read'>,
  subjects: readonly Subject[],
  lengths: readonly number[],
  today: Day,
): Promise<ReadonlyMap<string, Windows>> {
  const all = new Map<string, Map<number, Count[]>>()
  if (lengths.length === 0) return all
  const firsts = lengths.map((days) => firstOf(days, today))
  const sums = lengths.map((_, i) => `SUM(CASE WHEN day >= ? THEN n ELSE 0 END) AS n${i}`)
  for (const [use, own] of Map.groupBy(subjects, (one) => one.use)) {
    const rows = await read<Omit<Count, 'n'> & { readonly establishment: string } & Readonly<Record<string, unknown>>>({
      sql: `SELECT establishment, side, kind, application, signature, ${sums.join(', ')} FROM conformity_count
        WHERE establishment IN (${own.map(() => '?').join(', ')}) AND use = ? AND side IN ('received', 'sent') AND day >= ? AND day <= ?
        GROUP BY establishment, side, kind, application, signature`,
      parameters: [...firsts, ...own.map(({ establishment }) => establishment), use, firsts.toSorted()[0]!, today],
    })
    for (const { establishment, side, kind, application, signature, ...counted } of rows) {
      const key = subjectKey({ establishment, use })
      const windows = all.get(key) ?? new Map<number, Count[]>(lengths.map((days) => [days, []]))
      all.set(key, windows)
      for (const [i, days] of lengths.entries()) {
        const n = Number(counted[`n${i}`])
        if (n > 0) windows.get(days)?.push({ side, kind, application, signature, n })
      }
    }
  }
  return all
}

/** The same of one establishment in one window of so many days. */
export async function readWindow(
  journal: Pick<Journal, 'read'>,
  subject: Subject,
  days: number,
  today: Day,
): Promise<readonly Count[]> {
  const all = await readWindows(journal, [subject], [days], today)
  return all.get(subjectKey(subject))?.get(days) ?? []
}

/** Days since the first on which an establishment sent something, that one and today included; 0: it never did. */
export async function readSentDays(
  { look }: Pick<Journal, 'look'>,
  { establishment, use }: Subject,
  today: Day,
): Promise<number> {
  const [row] = await look<{ day: Day | null }>({
    sql: `SELECT MIN(day) AS day FROM conformity_count WHERE establishment = ? AND use = ? AND side = 'sent'`,
    parameters: [establishment, use],
  })
  return row?.day == null ? 0 : daysBetween(row.day, today) + 1
}

interface EvidenceRow {
  readonly framework: string
  readonly requirement: string
  readonly state: EvidenceFact['state']
  readonly filed_at_ms: number
  readonly valid_until_ms: number | null
}

/** What was filed for an establishment, by framework. Evidence is of the establishment, and counts for both uses. */
export async function readEvidence(
  { look }: Pick<Journal, 'look'>,
  establishment: string,
): Promise<ReadonlyMap<FrameworkName, readonly EvidenceFact[]>> {
  const rows = await look<EvidenceRow>({
    sql: `SELECT framework, requirement, state, filed_at_ms, valid_until_ms FROM conformity_evidence WHERE establishment = ?`,
    parameters: [establishment],
  })
  return byFramework(rows, ({ requirement, state, filed_at_ms, valid_until_ms }) => ({
    requirement,
    state,
    filedAtMs: Number(filed_at_ms),
    validUntilMs: msOrNull(valid_until_ms),
  }))
}

/** Verdicts that people set for an establishment, by framework: of these. */
export async function readOverrides(
  { look }: Pick<Journal, 'look'>,
  { establishment, use }: Subject,
  frameworks: readonly FrameworkName[],
): Promise<ReadonlyMap<FrameworkName, readonly Override[]>> {
  const rows = await look<{ framework: string; requirement: string; verdict: string; until_ms: number | null }>({
    // Every column of the table's key up to the establishment, so that those of others are not read.
    sql: `SELECT framework, requirement, verdict, until_ms FROM conformity_override
      WHERE use = ? AND framework IN (${['?', ...frameworks.map(() => '?')].join(', ')}) AND establishment = ?`,
    parameters: [use, '', ...frameworks, establishment],
  })
  return byFramework(rows, ({ requirement, verdict, until_ms }) => ({
    requirement,
    verdict: verdict as Override['verdict'],
    untilMs: msOrNull(until_ms),
  }))
}

/** The last result of each probe and endpoint of an establishment. */
export async function readProbes(
  { look }: Pick<Journal, 'look'>,
  { establishment, use }: Subject,
): Promise<readonly ProbeFact[]> {
  const rows = await look<{
    name: string
    endpoint: string
    asked: string | null
    outcome: string
    faults: string
    at_ms: number
  }>({
    sql: `SELECT name, endpoint, asked, outcome, faults, at_ms FROM conformity_probe WHERE establishment = ? AND use = ?`,
    parameters: [establishment, use],
  })
  return rows.map(({ name, endpoint, asked, outcome, faults, at_ms }) => ({
    name,
    endpoint,
    asked,
    outcome: outcome as ProbeFact['outcome'],
    faults: (JSON.parse(faults) as readonly { readonly fault: string }[]).map(({ fault }) => fault),
    atMs: Number(at_ms),
  }))
}

/** A row of `conformity_verdict`. */
export interface VerdictRow {
  readonly use: string
  readonly framework: string
  readonly establishment: string
  readonly requirement: string
  readonly verdict: string
  readonly why: string
  readonly good: number
  readonly total: number
  readonly found: string
  readonly software: string
  readonly until_ms: number | null
  readonly since_ms: number
  readonly judged_at_ms: number
  readonly regressed_from: string | null
}

/** The verdict of a row. */
export function keptVerdict(row: VerdictRow): KeptVerdict {
  return {
    use: row.use as Use,
    framework: row.framework,
    establishment: row.establishment,
    requirement: row.requirement,
    verdict: row.verdict as Judgement['verdict'],
    why: row.why as Judgement['why'],
    good: Number(row.good),
    total: Number(row.total),
    found: JSON.parse(row.found) as Judgement['found'],
    software: JSON.parse(row.software) as readonly string[],
    untilMs: msOrNull(row.until_ms),
    sinceMs: Number(row.since_ms),
    judgedAtMs: Number(row.judged_at_ms),
    regressedFrom: row.regressed_from as Judgement['verdict'] | null,
  }
}

/** The verdicts that are kept of an establishment. */
export async function readKept(
  { look }: Pick<Journal, 'look'>,
  { establishment, use }: Subject,
): Promise<readonly KeptVerdict[]> {
  const rows = await look<VerdictRow>({
    // Said so, SQLite reads them by the index of the establishment, and not by the key, whose first column is the use: that would be
    // the verdicts of the whole region for each establishment of it (measured: 40 ms against 1).
    sql: `SELECT * FROM conformity_verdict WHERE establishment = ? AND (use || '') = ?`,
    parameters: [establishment, use],
  })
  return rows.map(keptVerdict)
}

function msOrNull(value: number | null): number | null {
  return value === null ? null : Number(value)
}

function byFramework<Row extends { readonly framework: string }, One>(
  rows: readonly Row[],
  of: (row: Row) => One,
): ReadonlyMap<FrameworkName, readonly One[]> {
  const all = new Map<FrameworkName, One[]>()
  for (const row of rows) all.set(row.framework, [...(all.get(row.framework) ?? []), of(row)])
  return all
}
