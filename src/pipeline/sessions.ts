import type { Journal, NewEvent, Statement } from '../core/journal.ts'

/** A session as it is kept. */
export interface SessionRow {
  /** SHA-256 of what the cookie holds, hex. */
  readonly id: string
  /** What pages and events call it; stays when the cookie changes. */
  readonly name: string
  /** Name written beside each act. */
  readonly who: string
  /** Whose it is, under a hash: sessions of one person have the same. */
  readonly person: string
  /** National identifier (IdNPS) that the provider vouches for; null: none. */
  readonly identifier: string | null
  readonly provider: string
  /** Hashes of the entries of the configuration that let the person in. */
  readonly entries: readonly string[]
  /** The role in use, as canonical JSON; null: none is chosen yet. */
  readonly granted: string | null
  /** Encrypted. */
  readonly context: string | null
  readonly createdAtMs: number
  readonly usedAtMs: number
  /** It ends then, used or not. */
  readonly untilMs: number
}

type Store = Pick<Journal, 'look' | 'read' | 'apply'>
/** Ended sessions stay this long, for those who ask what became of one (ms); events stay as the audit does. */
const ENDED_KEPT_MS = 86_400_000 * 7
/** Sessions listed at most. */
const LISTED = 200

const COLUMNS =
  'id, name, who, person, identifier, provider, entries, granted, context, created_at_ms, used_at_ms, until_ms' as const

interface Raw {
  readonly id: string
  readonly name: string
  readonly who: string
  readonly person: string
  readonly identifier: string | null
  readonly provider: string
  readonly entries: string
  readonly granted: string | null
  readonly context: string | null
  readonly created_at_ms: number
  readonly used_at_ms: number
  readonly until_ms: number
}

function rowOf(raw: Raw): SessionRow {
  const { id, name, who, person, identifier, provider, entries, granted, context } = raw
  return {
    id,
    name,
    who,
    person,
    identifier,
    provider,
    entries: entries === '' ? [] : entries.split(' '),
    granted,
    context,
    createdAtMs: Number(raw.created_at_ms),
    usedAtMs: Number(raw.used_at_ms),
    untilMs: Number(raw.until_ms),
  }
}

/** The session whose cookie has this hash, unless it has ended; null: there is none. */
export async function sessionOf({ look }: Pick<Store, 'look'>, id: string): Promise<SessionRow | null> {
  const sql = `SELECT ${COLUMNS} FROM session WHERE id = ? AND ended_at_ms IS NULL`
  const [raw] = await look<Raw>({ sql, parameters: [id] })
  return raw === undefined ? null : rowOf(raw)
}

/** Sessions that have not ended, of one person or (null) of all, last used first; at most 200. */
export async function openSessions(
  { read }: Pick<Store, 'read'>,
  person: string | null,
): Promise<readonly SessionRow[]> {
  const where = person === null ? '' : 'AND person = ?'
  const raws = await read<Raw>({
    sql: `SELECT ${COLUMNS} FROM session WHERE ended_at_ms IS NULL ${where} ORDER BY used_at_ms DESC, id LIMIT ${LISTED}`,
    parameters: person === null ? [] : [person],
  })
  return raws.map(rowOf)
}

/** How many sessions have not ended. */
export async function openSessionCount({ read }: Pick<Store, 'read'>): Promise<number> {
  const [row] = await read<{ n: number }>({
    sql: 'SELECT count(*) AS n FROM session WHERE ended_at_ms IS NULL',
    parameters: [],
  })
  return Number(row?.n ?? 0)
}

/** Sessions that are over by their limits and not marked so: unused since, or past their end. */
export async function overdueSessions(
  { look }: Pick<Store, 'look'>,
  nowMs: number,
  idleMs: number,
): Promise<readonly SessionRow[]> {
  const raws = await look<Raw>({
    sql: `SELECT ${COLUMNS} FROM session WHERE ended_at_ms IS NULL AND (used_at_ms < ? OR until_ms <= ?) LIMIT 100`,
    parameters: [nowMs - idleMs, nowMs],
  })
  return raws.map(rowOf)
}

/** Keeps a new session, with the events of its beginning. It rejects as `Journal.apply` does. */
export function keepSession({ apply }: Pick<Store, 'apply'>, row: SessionRow, events: readonly NewEvent[]) {
  const { id, name, who, person, identifier, provider, entries, granted, context, createdAtMs, usedAtMs, untilMs } = row
  return apply({
    rows: [
      {
        sql: `INSERT INTO session (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        parameters: [
          id,
          name,
          who,
          person,
          identifier,
          provider,
          entries.join(' '),
          granted,
          context,
          createdAtMs,
          usedAtMs,
          untilMs,
        ],
      },
    ],
    events,
  })
}

/** Notes that it was used. */
export function sessionUsed(id: string, nowMs: number): Statement {
  return { sql: 'UPDATE session SET used_at_ms = ? WHERE id = ? AND used_at_ms < ?', parameters: [nowMs, id, nowMs] }
}

/** Another cookie and another role for a session that is open: the old cookie is void from then on. */
export function sessionTurned(row: SessionRow, id: string, granted: string, context: string | null): Statement {
  return {
    sql: 'UPDATE session SET id = ?, granted = ?, context = ? WHERE id = ? AND ended_at_ms IS NULL',
    parameters: [id, granted, context, row.id],
    rows: 1,
  }
}

/** Ends a session that is open; what it was about goes with it. */
export function sessionEnded(name: string, nowMs: number): Statement {
  return {
    sql: 'UPDATE session SET ended_at_ms = ?, context = NULL WHERE name = ? AND ended_at_ms IS NULL',
    parameters: [nowMs, name],
    rows: 1,
  }
}

/** Removes what ended a week ago, if there is any. It rejects as `Journal.apply` does. */
export async function forgetSessions({ look, apply }: Pick<Store, 'look' | 'apply'>, nowMs: number): Promise<void> {
  const parameters = [nowMs - ENDED_KEPT_MS]
  const due = await look({ sql: 'SELECT id FROM session WHERE ended_at_ms < ? LIMIT 1', parameters })
  if (due.length > 0) await apply({ rows: [{ sql: 'DELETE FROM session WHERE ended_at_ms < ?', parameters }] })
}
