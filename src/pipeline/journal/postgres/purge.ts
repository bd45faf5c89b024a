import type pg from 'pg'
import type { Purged, PurgeLimits } from '../../../core/journal.ts'
import type { Position } from '../../../core/message.ts'
import { REPEAT_MS } from '../receipt.ts'
import { restOf } from './partitions.ts'

/** What went. */
export interface Gone {
  readonly messages: number
  readonly bytes: number
}

/** What may go: closed, committed before a time, needed by no resource and no open case, and no delivery of it moved since. `m` is the message. */
export const GOES = `m.state = 'closed' AND m.committed_at_ms < $1
  AND NOT EXISTS (SELECT 1 FROM resource r WHERE r.message = m.id)
  AND NOT EXISTS (SELECT 1 FROM care_message w JOIN care_case c ON c.id = w.care_case
    WHERE w.message = m.id AND c.closed_at_ms IS NULL)
  AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.message_seq = m.seq AND d.moved_at_ms >= $1)`

/** Counts what retention has removed. */
export async function countPurged(client: pg.Client, messages: number): Promise<void> {
  await client.query("UPDATE counter SET value = value + $1 WHERE name = 'purged'", [messages])
}

/**
 * One slice of what goes row by row: messages that belong to no day's partition, refused bytes, repeat keys. Within a
 * transaction that holds the order of commits. */
export async function purgeRows(
  client: pg.Client,
  limits: PurgeLimits,
  after: Position | null,
  maxRows: number,
  nowMs: number,
): Promise<Purged> {
  const rows = await purgeFrom(client, restOf('message'), limits.closedBeforeMs, after, maxRows)
  if (rows.more) return { messages: rows.messages, bytes: rows.bytes, at: rows.at, done: false }
  const others = await purgeOthers(client, limits.refusedBeforeMs, maxRows, nowMs)
  return { messages: rows.messages, bytes: rows.bytes + others.bytes, at: rows.at, done: !others.more }
}

/**
 * Removes what goes of one partition of messages, in their order. Of a day's the search keys are left, which have no index by
 * their message (`sweepKeys`). */
export async function purgeFrom(
  client: pg.Client,
  partition: string,
  closedBeforeMs: number,
  after: Position | null,
  maxRows: number,
): Promise<Gone & { readonly at: Position | null; readonly more: boolean }> {
  const { rows: looked } = await client.query(
    `SELECT m.id, m.seq, m.bytes, m.committed_at_ms < $1 AS old, (${GOES}) AS goes FROM ONLY ${partition} m
     WHERE m.seq > $2 ORDER BY m.seq LIMIT $3`,
    [closedBeforeMs, Number(after ?? 0), maxRows],
  )
  const young = looked.findIndex(({ old }) => !old)
  const due = young < 0 ? looked : looked.slice(0, young)
  const going = due.filter(({ goes }) => goes)
  const ids = going.map(({ id }) => String(id))
  const seqs = going.map(({ seq }) => Number(seq))
  if (ids.length > 0) await removeRows(client, ids, seqs, partition === restOf('message'))
  return {
    messages: ids.length,
    bytes: going.reduce((sum, { bytes }) => sum + Number(bytes), 0),
    at: due.length > 0 ? String(due.at(-1)?.seq) : after,
    more: young < 0 && looked.length === maxRows,
  }
}

/** Removes messages with all that is only their own, and counts them; events stay. `keys` false: their search keys too. */
export async function removeRows(
  client: pg.Client,
  ids: readonly string[],
  seqs: readonly number[],
  keys = true,
): Promise<void> {
  const deliveries = 'SELECT id FROM delivery WHERE message_seq = ANY($1)'
  await client.query(`DELETE FROM attempt WHERE delivery IN (${deliveries})`, [seqs])
  await client.query(`DELETE FROM guard WHERE delivery IN (${deliveries})`, [seqs])
  await client.query('DELETE FROM delivery WHERE message_seq = ANY($1)', [seqs])
  await client.query('DELETE FROM body_chunk WHERE id = ANY($1)', [ids])
  for (const table of ['body', 'message_finding', 'resource_version', ...(keys ? ['message_key'] : [])])
    await client.query(`DELETE FROM ${table} WHERE message = ANY($1)`, [ids])
  await client.query('DELETE FROM message WHERE id = ANY($1)', [ids])
  await countPurged(client, ids.length)
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

/**
 * Removes chunks that nothing names, among those whose ids lie between two: old enough that no commit can still be about to
 * name them, young enough that it is not all of them each time (a day that is dropped takes its own along). */
export async function sweepChunks(pool: pg.Pool, from: string, below: string): Promise<void> {
  await pool.query(
    `WITH ids AS (SELECT DISTINCT id FROM body_chunk WHERE id >= $1 AND id < $2), unnamed AS (
       SELECT i.id FROM ids i WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = i.id)
         AND NOT EXISTS (SELECT 1 FROM refusal r WHERE r.id = i.id))
     DELETE FROM body_chunk c USING unnamed u WHERE c.id = u.id`,
    [from, below],
  )
}
