import type { Config } from '../../core/config.ts'
import { codeOf } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { RetentionRow } from '../../core/privacy.ts'
import { isoTime } from '../views/list.ts'

/** A repeat is known, and the same bytes answered as before, for this long (core/journal.ts). */
const REPEAT_MS = 30 * 86_400_000

interface Asked {
  readonly what: RetentionRow['what']
  readonly setting: string | null
  readonly keptMs: number | null
  /** One row: `n`, and `oldest` in ms. Each is answered by an index or a counter. */
  readonly sql: string
}

/** Everything that is kept, how long by which setting, and how old the oldest is. */
export async function retentionRows(journal: Pick<Journal, 'read'>, config: Config): Promise<readonly RetentionRow[]> {
  const { closedMs, refusedMs, ordersMs, visitsMs, auditMs } = config.retention
  const asked: readonly Asked[] = [
    { what: 'messages', setting: 'retention.closed', keptMs: closedMs, sql: MESSAGES },
    { what: 'refused', setting: 'retention.refused', keptMs: refusedMs, sql: simple('refusal', 'min(at_ms)') },
    { what: 'repeats', setting: null, keptMs: REPEAT_MS, sql: simple('repeat', 'CAST(NULL AS BIGINT)') },
    { what: 'resources', setting: null, keptMs: null, sql: simple('resource', 'CAST(NULL AS BIGINT)') },
    { what: 'orders', setting: 'retention.orders', keptMs: ordersMs, sql: simple('imaging_order', 'min(at_ms)') },
    { what: 'visits', setting: 'retention.visits', keptMs: visitsMs, sql: simple('visit', 'min(at_ms)') },
    { what: 'assertions', setting: null, keptMs: null, sql: simple('jti', 'CAST(NULL AS BIGINT)') },
    { what: 'audit', setting: 'retention.audit', keptMs: auditMs, sql: AUDIT },
    { what: 'names', setting: null, keptMs: null, sql: simple('patient_pseudonym', 'CAST(NULL AS BIGINT)') },
    { what: 'cases', setting: 'telemedicine.services.*.kept', keptMs: keptOfAll(config), sql: CASES },
    { what: 'revisions', setting: null, keptMs: null, sql: simple('revision', 'min(at_ms)') },
  ]
  return Promise.all(
    asked.map(async ({ what, setting, keptMs, sql }): Promise<RetentionRow> => {
      const [row] = await counted(journal, sql)
      const oldest = row?.oldest === null || row?.oldest === undefined ? null : Number(row.oldest)
      return {
        what,
        setting,
        keptMs,
        n: row?.n === null || row?.n === undefined ? null : Number(row.n),
        oldestAt: oldest === null ? null : isoTime(oldest),
        nextAt: oldest === null || keptMs === null ? null : isoTime(oldest + keptMs),
      }
    }),
  )
}

/** How long every service keeps the content of its closed cases (ms); null: not all alike, or there is none. */
function keptOfAll({ careServices }: Config): number | null {
  const [one, ...others] = new Set([...(careServices?.values() ?? [])].map(({ keptMs }) => keptMs))
  return others.length === 0 ? (one ?? null) : null
}

interface Counted {
  readonly n: number | null
  readonly oldest: number | null
}

/** What takes longer than a page may wait is not told. */
async function counted({ read }: Pick<Journal, 'read'>, sql: string): Promise<readonly Counted[]> {
  try {
    return await read<Counted>({ sql, parameters: [] })
  } catch (fault) {
    if (codeOf(fault) === 'QUERY_TIMEOUT') return []
    throw fault
  }
}

const MESSAGES = `SELECT (SELECT sum(CASE name WHEN 'received' THEN value ELSE -value END) FROM counter
    WHERE name IN ('received', 'purged')) AS n, (SELECT min(received_at_ms) FROM message) AS oldest`
const AUDIT = 'SELECT (SELECT coalesce(max(n), 0) FROM audit_leaf) AS n, (SELECT min(at_ms) FROM audit_leaf) AS oldest'
const CASES = `SELECT count(*) AS n, min(closed_at_ms) AS oldest FROM care_case
  WHERE closed_at_ms IS NOT NULL AND state_json IS NOT NULL`
const simple = (table: string, oldest: string) => `SELECT count(*) AS n, ${oldest} AS oldest FROM ${table}`
