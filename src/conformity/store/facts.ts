import type { Use } from '../../core/config.ts'
import type { EvidenceFact, FrameworkName, Judgement, KeptVerdict, Override, ProbeFact } from '../../core/conformity.ts'
import type { Journal } from '../../core/journal.ts'
import { type Day, firstOf } from '../day.ts'
import type { Count } from '../judge/traffic.ts'

/** One establishment, for one use. */
export interface Subject {
  readonly establishment: string
  readonly use: Use
}

/** The counts of the last so many days that end with this one, by product, kind and signature. */
export async function readCounts(
  { read }: Pick<Journal, 'read'>,
  { establishment, use }: Subject,
  days: number,
  today: Day,
): Promise<readonly Count[]> {
  const rows = await read<Count>({
    sql: `SELECT side, kind, application, signature, SUM(n) AS n FROM conformity_count
      WHERE establishment = ? AND use = ? AND side IN ('received', 'sent') AND day >= ? AND day <= ?
      GROUP BY side, kind, application, signature`,
    parameters: [establishment, use, firstOf(days, today), today],
  })
  return rows.map((row) => ({ ...row, n: Number(row.n) }))
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

/** Verdicts that people set for an establishment, by framework. */
export async function readOverrides(
  { look }: Pick<Journal, 'look'>,
  { establishment, use }: Subject,
): Promise<ReadonlyMap<FrameworkName, readonly Override[]>> {
  const rows = await look<{ framework: string; requirement: string; verdict: string; until_ms: number | null }>({
    sql: 'SELECT framework, requirement, verdict, until_ms FROM conformity_override WHERE use = ? AND establishment = ?',
    parameters: [use, establishment],
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
  const rows = await look<{ name: string; endpoint: string; outcome: string; faults: string; at_ms: number }>({
    sql: `SELECT name, endpoint, outcome, faults, at_ms FROM conformity_probe WHERE establishment = ? AND use = ?`,
    parameters: [establishment, use],
  })
  return rows.map(({ name, endpoint, outcome, faults, at_ms }) => ({
    name,
    endpoint,
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
    sql: 'SELECT * FROM conformity_verdict WHERE establishment = ? AND use = ?',
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
