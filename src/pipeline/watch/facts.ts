import type { Config } from '../../core/config.ts'
import type { Journal, SqlValue, Statement } from '../../core/journal.ts'
import type { Recent } from './conditions.ts'
import { hoursLike, usualSilence } from './silence.ts'
import { HOUR_MS, MINUTE_MS } from './tally.ts'

/** Rates are those of so long (ms). */
export const RECENT_MS = 600_000

type Reads = Pick<Journal, 'look' | 'read'>

const NOTHING: Recent = { received: 0, refused: 0, delivered: 0, failed: 0, unreached: 0 }

/** What was counted lately, by establishment or destination. */
export async function recentOf({ read }: Reads, nowMs: number): Promise<ReadonlyMap<string, Recent>> {
  const rows = await read<{ subject: string; name: string; n: number }>({
    sql: 'SELECT subject, name, SUM(n) AS n FROM traffic WHERE span = ? AND at_ms >= ? GROUP BY subject, name',
    parameters: [MINUTE_MS, nowMs - RECENT_MS],
  })
  const found = new Map<string, Recent>()
  for (const { subject, name, n } of rows) {
    if (name in NOTHING) found.set(subject, { ...(found.get(subject) ?? NOTHING), [name]: Number(n) })
  }
  return found
}

/** When each establishment sent last (ms since 1970). */
export async function lastSeen({ look }: Reads): Promise<ReadonlyMap<string, number>> {
  const rows = await look<{ establishment: string; at_ms: number }>({
    sql: 'SELECT establishment, at_ms FROM last_seen',
    parameters: [],
  })
  return new Map(rows.map(({ establishment, at_ms }) => [establishment, Number(at_ms)]))
}

/** The silence that is usual at this hour of the week, by establishment; only those of which enough is known. */
export async function usualSilences(
  { read }: Reads,
  nowMs: number,
  { region }: Config,
  rule: Parameters<typeof usualSilence>[1],
): Promise<ReadonlyMap<string, number>> {
  const hours = hoursLike(nowMs, region.timeZone)
  const parameters: SqlValue[] = [HOUR_MS, ...hours]
  const rows = await read<{ subject: string; n: number }>({
    sql: `SELECT subject, n FROM traffic WHERE span = ? AND at_ms IN (${hours.map(() => '?').join(', ')}) AND name = 'quiet'`,
    parameters,
  })
  const longest = Map.groupBy(rows, ({ subject }) => subject)
  const usual = new Map<string, number>()
  for (const [subject, known] of longest) {
    const ms = usualSilence(
      known.map(({ n }) => Number(n)),
      rule,
    )
    if (ms !== null) usual.set(subject, ms)
  }
  return usual
}

/** Keeps the longest silence of an hour, by establishment. */
export function quietRows(hourMs: number, quiet: ReadonlyMap<string, number>): Statement[] {
  if (quiet.size === 0) return []
  return [
    {
      sql: `INSERT INTO traffic (span, at_ms, subject, name, n) VALUES ${[...quiet].map(() => "(?, ?, ?, 'quiet', ?)").join(', ')}
        ON CONFLICT (span, at_ms, subject, name) DO UPDATE SET n = excluded.n WHERE excluded.n > traffic.n`,
      parameters: [...quiet].flatMap(([subject, ms]) => [HOUR_MS, hourMs, subject, ms]),
    },
  ]
}
