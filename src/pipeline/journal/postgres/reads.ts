import type pg from 'pg'
import { GatewayError } from '../../../core/errors.ts'
import type { Counts, Journal, QueueEntry, Statement, StoredRevision } from '../../../core/journal.ts'
import type { DestinationId, Lane, MessageState, State } from '../../../core/message.ts'
import { ENTRY_COLUMNS, entryOf, QUEUE_COLUMNS, queueEntry, type StoredRow, searchPart } from '../entry.ts'
import { OPEN } from '../standing.ts'
import { type BodyRow, storedBody } from './bodies.ts'
import { asFault } from './connect.ts'
import type { RecentBodies } from './recent-bodies.ts'
import { bindable, numbered } from './sql.ts'

/** Most answers that can be meant by one MSA-2. */
const MOST_SENT = 20
/** Newest messages of a patient among which earlier deliveries are looked for. */
const LOOK_BEHIND = 500
const FROM = 'FROM delivery d JOIN message m ON m.id = d.message'

/** Asks one prepared statement; names are those of the statements below. @throws {GatewayError} STORE_UNREACHABLE, QUERY_TIMEOUT */
export type Ask = (name: string, text: string, values?: readonly unknown[]) => Promise<readonly StoredRow[]>

/** Questions over a pool of connections. */
export function asking(pool: pg.Pool): Ask {
  return (name, text, values = []) => rowsOf<StoredRow>(pool, { name, text, values: [...values] })
}

/** A connection that fails so soon (ms) had broken while it waited in the pool. */
const STALE_MS = 500

/** Asks once more where the first connection turned out to be a dead one, as all are that a restart of the database left. */
async function rowsOf<Row>(pool: pg.Pool, query: pg.QueryConfig): Promise<readonly Row[]> {
  const startedMs = performance.now()
  try {
    return (await pool.query(query)).rows as Row[]
  } catch (error) {
    const fault = asFault(error)
    if (fault.code !== 'STORE_UNREACHABLE' || performance.now() - startedMs > STALE_MS) throw fault
  }
  try {
    return (await pool.query(query)).rows as Row[]
  } catch (error) {
    throw asFault(error)
  }
}

/** Questions about queues at once: a node that takes over has a thousand, and others need connections meanwhile. */
const QUEUES_AT_ONCE = 4

/** So many of these questions at once; the others wait here, where the time to get a connection does not run yet. */
function inLine(ask: Ask, most: number): Ask {
  let free = most
  const waiting: (() => void)[] = []
  return async (...asked) => {
    if (free > 0) free -= 1
    else await new Promise<void>((enter) => waiting.push(enter))
    try {
      return await ask(...asked)
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}

/** What the dispatcher reads, each by an index and bounded by its limit. */
export function queueReads(asked: Ask): Pick<Journal, 'queue' | 'urgent' | 'earlier' | 'delivery' | 'deliveriesOf'> {
  const ask = inLine(asked, QUEUES_AT_ONCE)
  return {
    async queue(destination, afterSeq, limit) {
      const text = `SELECT ${QUEUE_COLUMNS} ${FROM} WHERE d.destination = $1 AND d.holds = 1 AND d.seq > $2
        ORDER BY d.seq LIMIT $3`
      return (await ask('queue', text, [destination, afterSeq, limit])).map(queueEntry)
    },
    async urgent(destination, afterSeq, limit) {
      const text = `SELECT ${QUEUE_COLUMNS} ${FROM} WHERE d.destination = $1 AND d.holds = 1 AND d.lane = 'urgent'
        AND d.seq > $2 AND ${OPEN} ORDER BY d.seq LIMIT $3`
      return (await ask('urgent', text, [destination, afterSeq, limit])).map(queueEntry)
    },
    async earlier(destination, keys, beforeSeq, limit) {
      const found = new Map<number, QueueEntry>()
      for (const key of keys) {
        const text = `SELECT ${QUEUE_COLUMNS}
          FROM (SELECT message_seq FROM message_key WHERE search_key = $1 ORDER BY message_seq DESC LIMIT ${LOOK_BEHIND}) k
          JOIN delivery d ON d.message_seq = k.message_seq JOIN message m ON m.id = d.message
          WHERE d.destination = $2 AND d.holds = 1 AND d.seq < $3 ORDER BY d.seq DESC`
        const entries = (await ask('earlier', text, [searchPart(key), destination, beforeSeq])).map(queueEntry)
        for (const entry of entries) if (entry.keys.includes(key)) found.set(entry.seq, entry)
      }
      return [...found.values()].sort((a, b) => b.seq - a.seq).slice(0, limit)
    },
    async delivery(id) {
      const [row] = await ask('delivery', `SELECT ${QUEUE_COLUMNS} ${FROM} WHERE d.id = $1`, [id])
      return row === undefined ? null : queueEntry(row)
    },
    async deliveriesOf(id) {
      const text = `SELECT d.id, d.destination, d.route, d.lane, d.state, m.test FROM message m
        JOIN delivery d ON d.message_seq = m.seq WHERE m.id = $1 ORDER BY d.seq`
      return (await ask('deliveries-of', text, [id])).map((row) => ({
        id: String(row['id']),
        destination: String(row['destination']),
        route: String(row['route']),
        lane: row['lane'] as Lane,
        state: row['state'] as State,
        test: row['test'] === 1,
      }))
    },
  }
}

type Small = Pick<
  Journal,
  'body' | 'follow' | 'cursor' | 'due' | 'nextDueMs' | 'sent' | 'state' | 'look' | 'revisionOf'
>

/** The small reads. What is committed is seen, by whichever node. */
export function smallReads(ask: Ask, pool: pg.Pool, recent: RecentBodies): Small {
  return {
    look: <Row>({ sql, parameters }: Statement) => plain<Row>(pool, sql, parameters),
    async body(id) {
      const known = recent.find(id)
      if (known !== null) return storedBody(pool, id, known)
      const text = 'SELECT bytes, sha256, key_id, data, file FROM body WHERE message = $1'
      const [row] = await ask('body', text, [id])
      if (row === undefined) throw new GatewayError('NOT_FOUND')
      return storedBody(pool, id, row as unknown as BodyRow)
    },
    async follow(after, limit) {
      const text = `SELECT ${ENTRY_COLUMNS} FROM message WHERE seq > $1 ORDER BY seq LIMIT $2`
      return (await ask('follow', text, [after === null ? 0 : Number(after), limit])).map((row) =>
        entryOf(Object.values(row)),
      )
    },
    async cursor(follower) {
      const [row] = await ask('cursor-of', 'SELECT position FROM cursor WHERE follower = $1', [follower])
      return row === undefined ? null : String(row['position'])
    },
    async due(nowMs, limit) {
      const text =
        'SELECT id, follower, due_at_ms, payload FROM timer WHERE due_at_ms <= $1 ORDER BY due_at_ms, id LIMIT $2'
      return (await ask('due', text, [nowMs, limit])).map((row) => ({
        id: String(row['id']),
        follower: String(row['follower']),
        dueAtMs: Number(row['due_at_ms']),
        payload: String(row['payload']),
      }))
    },
    async nextDueMs() {
      const at = (await ask('next-due', 'SELECT min(due_at_ms) AS at FROM timer'))[0]?.['at']
      return typeof at === 'number' ? at : null
    },
    async sent(establishment, controlId) {
      const prefix = `${establishment}/`
      const text = `SELECT m.id AS message, d.id AS delivery FROM message m JOIN delivery d ON d.message_seq = m.seq
        WHERE m.control_id = $1 AND (d.destination = $2 OR starts_with(d.destination, $3))
        ORDER BY m.seq DESC, d.seq DESC LIMIT ${MOST_SENT}`
      const rows = await ask('sent', text, bindable([controlId, establishment, prefix]))
      return rows.map((row) => ({ messageId: String(row['message']), deliveryId: String(row['delivery']) }))
    },
    async state(id) {
      const [row] = await ask('state', 'SELECT state FROM message WHERE id = $1', [id])
      return (row?.['state'] as MessageState | undefined) ?? null
    },
    revisionOf: (revision) => storedRevision(ask, revision),
  }
}

/** A statement of a feature, as it comes. @throws {GatewayError} QUERY_TIMEOUT, STORE_UNREACHABLE, INTERNAL */
export async function plain<Row>(
  pool: pg.Pool,
  sql: string,
  parameters: Statement['parameters'],
): Promise<readonly Row[]> {
  return rowsOf<Row>(pool, { text: numbered(sql), values: bindable(parameters) })
}

/** A configuration by its number, or the newest one (null). */
export async function storedRevision(ask: Ask, wanted: number | null): Promise<StoredRevision | null> {
  const [row] = await ask(
    'revision',
    'SELECT revision, at_ms, adopted_by, json FROM revision WHERE $1::bigint IS NULL OR revision = $1 ORDER BY revision DESC LIMIT 1',
    [wanted],
  )
  if (row === undefined) return null
  const { revision, at_ms, adopted_by, json } = row as unknown as Record<'revision' | 'at_ms', number> &
    Record<'adopted_by' | 'json', string>
  return { revision, atMs: at_ms, by: adopted_by, json }
}

/** The counters of the whole store: one row of each, and the oldest open delivery of each destination by the queue's index. */
export async function countsOf(ask: Ask): Promise<Counts> {
  const counters = new Map<string, number>()
  const destinations = new Map<DestinationId, Counts['destinations'] extends ReadonlyMap<string, infer V> ? V : never>()
  const text = `SELECT name, value, NULL::bigint AS open, NULL::bigint AS parked, NULL::bigint AS delivered, NULL::bigint AS oldest
    FROM counter
    UNION ALL SELECT c.destination, NULL, c.open, c.parked, c.delivered, CASE WHEN c.open > 0 THEN (
      SELECT d.committed_at_ms FROM delivery d WHERE d.destination = c.destination AND d.holds = 1 AND ${OPEN}
      ORDER BY d.seq LIMIT 1) END FROM destination_counter c`
  for (const row of await ask('counts', text)) {
    const [name, value] = [String(row['name']), row['value']]
    if (typeof value === 'number') counters.set(name, value)
    else {
      const oldestOpenAtMs = typeof row['oldest'] === 'number' ? row['oldest'] : null
      const [open, parked, delivered] = [Number(row['open']), Number(row['parked']), Number(row['delivered'])]
      destinations.set(name, { open, parked, delivered, oldestOpenAtMs })
    }
  }
  const value = (name: string) => counters.get(name) ?? 0
  return {
    received: value('received'),
    closed: value('closed'),
    inFlight: value('inFlight'),
    parked: value('parked'),
    purged: value('purged'),
    refused: value('refused'),
    destinations,
  }
}
