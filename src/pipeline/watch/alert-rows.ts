import type { AlertKind, AlertState, AlertView, Severity } from '../../core/alerts.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Statement } from '../../core/journal.ts'
import { isoTime } from '../views/list.ts'
import type { AlertChange, KeptAlert } from './judge.ts'

/** A row of the table `alert`, as both stores give it. */
export interface AlertRow {
  readonly id: string
  readonly cause: string
  readonly kind: string
  readonly severity: string
  readonly code: string
  readonly subject: string
  readonly establishment: string | null
  readonly params: string
  readonly first_at_ms: number
  readonly last_at_ms: number
  readonly times: number
  readonly acknowledged: number
  readonly snoozed_until_ms: number | null
  readonly who: string | null
  readonly why: string | null
  readonly acted_at_ms: number | null
  readonly ended_at_ms: number | null
}

const numberOrNull = (value: number | null): number | null => (value === null ? null : Number(value))

/** The alert of a row. */
export function keptAlert(row: AlertRow): KeptAlert {
  return {
    id: row.id,
    cause: row.cause,
    kind: row.kind as AlertKind,
    severity: row.severity as Severity,
    code: row.code as ErrorCode,
    subject: row.subject,
    establishment: row.establishment,
    params: JSON.parse(row.params),
    firstAtMs: Number(row.first_at_ms),
    lastAtMs: Number(row.last_at_ms),
    times: Number(row.times),
    acknowledged: Number(row.acknowledged) === 1,
    snoozedUntilMs: numberOrNull(row.snoozed_until_ms),
    endedAtMs: numberOrNull(row.ended_at_ms),
  }
}

/** The alert of a row as people are shown it. */
export function alertView(row: AlertRow): AlertView {
  const alert = keptAlert(row)
  const { id, kind, severity, code, subject, establishment, times, params } = alert
  const iso = (ms: number | null): string | null => (ms === null ? null : isoTime(ms))
  return {
    id,
    kind,
    severity,
    code,
    subject,
    establishment,
    params,
    firstAt: isoTime(alert.firstAtMs),
    lastAt: isoTime(alert.lastAtMs),
    times,
    state: stateOf(alert),
    snoozedUntil: iso(alert.snoozedUntilMs),
    who: row.who,
    why: row.why,
    actedAt: iso(numberOrNull(row.acted_at_ms)),
    endedAt: iso(alert.endedAtMs),
  }
}

/** What of its life an alert is in. */
export function stateOf({ acknowledged, endedAtMs }: Pick<KeptAlert, 'acknowledged' | 'endedAtMs'>): AlertState {
  if (endedAtMs !== null) return 'ended'
  return acknowledged ? 'acknowledged' : 'open'
}

/** The row that a change writes. */
export function alertRow({ what, alert }: AlertChange): Statement {
  const { id, cause, kind, severity, code, subject, establishment, firstAtMs, lastAtMs, times } = alert
  const params = JSON.stringify(alert.params)
  if (what === 'new') {
    return {
      sql: `INSERT INTO alert (id, cause, kind, severity, code, subject, establishment, params, first_at_ms, last_at_ms,
        times, acknowledged) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
      parameters: [id, cause, kind, severity, code, subject, establishment, params, firstAtMs, lastAtMs, times],
      rows: 1,
    }
  }
  if (what === 'ended') {
    return { sql: 'UPDATE alert SET ended_at_ms = ? WHERE id = ?', parameters: [alert.endedAtMs, id], rows: 1 }
  }
  if (what === 'awake') {
    return { sql: 'UPDATE alert SET snoozed_until_ms = NULL WHERE id = ?', parameters: [id], rows: 1 }
  }
  // What a person did meanwhile stays, unless it has become graver than what they saw.
  const fresh = what === 'graver' ? ', acknowledged = 0, snoozed_until_ms = NULL' : ''
  return {
    sql: `UPDATE alert SET severity = ?, code = ?, params = ?, last_at_ms = ?, times = ?, ended_at_ms = NULL${fresh} WHERE id = ?`,
    parameters: [severity, code, params, lastAtMs, times, id],
    rows: 1,
  }
}

/** What `judge` compares with: alerts that last, and those that ended since `sinceMs`; of each cause the newest. */
export async function readKept(
  look: (query: Statement) => Promise<readonly AlertRow[]>,
  sinceMs: number,
): Promise<readonly KeptAlert[]> {
  const rows = await look({
    sql: `SELECT * FROM alert WHERE ended_at_ms IS NULL
      UNION ALL SELECT * FROM alert WHERE ended_at_ms >= ? AND last_at_ms >= ?`,
    // An alert of an event is told last long before it ends: only those that lasted come again as the same.
    parameters: [sinceMs, sinceMs - 120_000],
  })
  const newest = rows.map(keptAlert).toSorted((a, b) => (a.endedAtMs ?? Infinity) - (b.endedAtMs ?? Infinity))
  return [...new Map(newest.map((alert) => [alert.cause, alert])).values()]
}
