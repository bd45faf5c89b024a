import type pg from 'pg'
import type { Purged, PurgeLimits } from '../../../core/journal.ts'
import type { Position } from '../../../core/message.ts'
import { REPEAT_MS } from '../receipt.ts'
import { type Day, daysThere, makeDays, partitionsOf, restOf } from './partitions.ts'

/** What may go: closed, committed before a time, needed by no resource, and no delivery of it moved since. `m` is the message. */
const GOES = `m.state = 'closed' AND m.committed_at_ms < $1
  AND NOT EXISTS (SELECT 1 FROM resource r WHERE r.message = m.id)
  AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.message_seq = m.seq AND d.moved_at_ms >= $1)`

/**
 * One slice of retention. A day that lies wholly before the limit goes in one piece: what must stay of it is moved to the
 * rest, and its partitions are dropped, so that the disk has its room back at once. What is in the rest goes row by row.
 * Within a transaction that holds the order of commits. */
export async function purgeSlice(
  client: pg.Client,
  limits: PurgeLimits,
  after: Position | null,
  maxRows: number,
  nowMs: number,
): Promise<Purged> {
  await makeDays(client, nowMs)
  const [oldest] = await daysThere(client)
  if (oldest !== undefined && oldest.belowMs <= limits.closedBeforeMs) {
    const gone = await dropDay(client, oldest, limits.closedBeforeMs)
    return { ...gone, at: null, done: false }
  }
  const rows = await purgeRest(client, limits.closedBeforeMs, after, maxRows)
  if (rows.more) return { messages: rows.messages, bytes: rows.bytes, at: rows.at, done: false }
  const others = await purgeOthers(client, limits.refusedBeforeMs, maxRows, nowMs)
  return { messages: rows.messages, bytes: rows.bytes + others.bytes, at: rows.at, done: !others.more }
}

interface Gone {
  readonly messages: number
  readonly bytes: number
}

/** Drops a day's partitions; what must stay of it goes to the rest in the same transaction. */
async function dropDay(client: pg.Client, day: Day, closedBeforeMs: number): Promise<Gone> {
  const message = `message_${day.name}`
  await client.query(
    `CREATE TEMPORARY TABLE going ON COMMIT DROP AS SELECT m.id, m.seq, m.bytes FROM ${message} m WHERE ${GOES}`,
    [closedBeforeMs],
  )
  await client.query('CREATE INDEX ON going (id); CREATE INDEX ON going (seq); ANALYZE going')
  const { rows } = await client.query('SELECT count(*) AS messages, coalesce(sum(bytes), 0) AS bytes FROM going')
  await client.query('DELETE FROM resource_version WHERE message IN (SELECT id FROM going)')
  // Replays of what goes are in the partitions of later days.
  await client.query(
    `DELETE FROM attempt WHERE delivery IN (SELECT d.id FROM delivery d JOIN going g ON g.seq = d.message_seq
       WHERE d.replay_of IS NOT NULL)`,
  )
  await client.query('DELETE FROM delivery d USING going g WHERE d.message_seq = g.seq AND d.replay_of IS NOT NULL')
  for (const { table, partition, by } of partitionsOf(day)) {
    await client.query(
      `CREATE TEMPORARY TABLE stays_${table} ON COMMIT DROP AS SELECT p.* FROM ${partition} p WHERE ${staying(table, by)}`,
    )
  }
  for (const { table, partition } of partitionsOf(day)) {
    await client.query(`ALTER TABLE ${table} DETACH PARTITION ${partition}`)
    await client.query(`DROP TABLE ${partition}`)
    await client.query(`INSERT INTO ${table} SELECT * FROM stays_${table}`)
  }
  const gone = { messages: Number(rows[0].messages), bytes: Number(rows[0].bytes) }
  await countPurged(client, gone.messages)
  return gone
}

/** SQL: which rows of a day's partition stay. Deliveries are in the day of their own id, which may be later than the message's. */
function staying(table: string, by: string): string {
  if (table === 'delivery')
    return 'NOT EXISTS (SELECT 1 FROM going g WHERE g.seq = p.message_seq) AND EXISTS (SELECT 1 FROM message m WHERE m.id = p.message)'
  if (table === 'attempt') return 'EXISTS (SELECT 1 FROM stays_delivery s WHERE s.id = p.delivery)'
  if (table === 'body_chunk') {
    return `NOT EXISTS (SELECT 1 FROM going g WHERE g.id = p.id) AND (EXISTS (SELECT 1 FROM message m WHERE m.id = p.id)
      OR EXISTS (SELECT 1 FROM refusal r WHERE r.id = p.id))`
  }
  return `NOT EXISTS (SELECT 1 FROM going g WHERE g.id = p.${by})`
}

async function countPurged(client: pg.Client, messages: number): Promise<void> {
  await client.query("UPDATE counter SET value = value + $1 WHERE name = 'purged'", [messages])
}

/** Messages of the rest, row by row in their order. */
async function purgeRest(
  client: pg.Client,
  closedBeforeMs: number,
  after: Position | null,
  maxRows: number,
): Promise<Gone & { readonly at: Position | null; readonly more: boolean }> {
  const { rows: looked } = await client.query(
    `SELECT m.id, m.seq, m.bytes, m.committed_at_ms < $1 AS old, (${GOES}) AS goes FROM ONLY ${restOf('message')} m
     WHERE m.seq > $2 ORDER BY m.seq LIMIT $3`,
    [closedBeforeMs, Number(after ?? 0), maxRows],
  )
  const young = looked.findIndex(({ old }) => !old)
  const due = young < 0 ? looked : looked.slice(0, young)
  const going = due.filter(({ goes }) => goes)
  const ids = going.map(({ id }) => String(id))
  const seqs = going.map(({ seq }) => Number(seq))
  if (ids.length > 0) {
    const deliveries = 'SELECT id FROM delivery WHERE message_seq = ANY($1)'
    await client.query(`DELETE FROM attempt WHERE delivery IN (${deliveries})`, [seqs])
    await client.query(`DELETE FROM guard WHERE delivery IN (${deliveries})`, [seqs])
    await client.query('DELETE FROM delivery WHERE message_seq = ANY($1)', [seqs])
    await client.query('DELETE FROM body_chunk WHERE id = ANY($1)', [ids])
    for (const table of ['body', 'message_key', 'message_finding', 'resource_version'])
      await client.query(`DELETE FROM ${table} WHERE message = ANY($1)`, [ids])
    await client.query('DELETE FROM message WHERE id = ANY($1)', [ids])
    await countPurged(client, ids.length)
  }
  return {
    messages: ids.length,
    bytes: going.reduce((sum, { bytes }) => sum + Number(bytes), 0),
    at: due.length > 0 ? String(due.at(-1)?.seq) : after,
    more: young < 0 && looked.length === maxRows,
  }
}

/** Refused bytes and repeat keys past their time; `more`: there may be others. */
async function purgeOthers(client: pg.Client, refusedBeforeMs: number, maxRows: number, nowMs: number) {
  const { rows } = await client.query(
    `DELETE FROM refusal WHERE seq IN (SELECT seq FROM refusal WHERE at_ms < $1 ORDER BY at_ms LIMIT $2)
     RETURNING id, bytes, file`,
    [refusedBeforeMs, maxRows],
  )
  const bytes = rows.reduce((sum, row) => sum + Number(row.bytes), 0)
  const files = rows.flatMap(({ file }) => (file === null ? [] : [String(file)]))
  if (files.length > 0) await client.query('DELETE FROM body_chunk WHERE id = ANY($1)', [files])
  if (bytes > 0) await client.query("UPDATE counter SET value = value - $1 WHERE name = 'refusedBytes'", [bytes])
  const repeats = await client.query(
    `DELETE FROM repeat WHERE repeat_key IN (SELECT repeat_key FROM repeat WHERE at_ms < $1 LIMIT $2)`,
    [nowMs - REPEAT_MS, maxRows],
  )
  return { bytes, more: rows.length === maxRows || repeats.rowCount === maxRows }
}

/** Lets the oldest refusals go while all of them are above the budget (bytes). */
export async function trimRefusals(client: pg.Client, maxBytes: number): Promise<void> {
  const { rows } = await client.query("SELECT value FROM counter WHERE name = 'refusedBytes'")
  const over = Number(rows[0].value) - maxBytes
  if (over <= 0) return
  const dropped = await client.query(
    `DELETE FROM refusal WHERE seq IN (
       SELECT seq FROM (SELECT seq, sum(bytes) OVER (ORDER BY seq) - bytes AS before FROM refusal) o WHERE before < $1)
     RETURNING bytes, file`,
    [over],
  )
  const bytes = dropped.rows.reduce((sum, row) => sum + Number(row.bytes), 0)
  const files = dropped.rows.flatMap(({ file }) => (file === null ? [] : [String(file)]))
  await client.query("UPDATE counter SET value = value - $1 WHERE name = 'refusedBytes'", [bytes])
  if (files.length > 0) await client.query('DELETE FROM body_chunk WHERE id = ANY($1)', [files])
}

/** Removes chunks that nothing names and that nobody can still be about to name (older than a day). Returns how many bodies. */
export async function sweepChunks(client: pg.Client, olderThan: string): Promise<number> {
  const { rows } = await client.query(
    `WITH unnamed AS (
       SELECT DISTINCT c.id FROM body_chunk c WHERE c.id < $1
         AND NOT EXISTS (SELECT 1 FROM message m WHERE m.id = c.id) AND NOT EXISTS (SELECT 1 FROM refusal r WHERE r.id = c.id)
     ), gone AS (DELETE FROM body_chunk c USING unnamed u WHERE c.id = u.id)
     SELECT count(*) AS n FROM unnamed`,
    [olderThan],
  )
  return Number(rows[0].n)
}
