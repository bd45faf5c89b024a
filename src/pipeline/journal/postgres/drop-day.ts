import type pg from 'pg'
import { isMoving } from './clear-day.ts'
import { asFault } from './connect.ts'
import { type Day, daysThere, idAt, partitionsOf } from './partitions.ts'
import { countPurged, GOES, type Gone } from './purge.ts'

/** Longest wait for a table that somebody reads (ms): a dump may read for hours, and commits wait for us meanwhile. */
const LOCK_MS = 500
/** Longest look at a day that may go (ms): it reads all of it. */
const LOOK_MS = 600_000
/** How far the clocks of nodes may be apart (ms): ids made since a time may be this much older. */
const SKEW_MS = 600_000
/** How far the ids of a message and of its first deliveries may be apart (ms): they are made for one commit. */
const APART_MS = 60_000
const DAY_MS = 86_400_000

/** Tables whose rows stay with their message, and for nothing else. */
const OF_MESSAGE: readonly string[] = ['message', 'body', 'message_key', 'message_finding']
/** What may be moved while the order of commits is held: messages and their attempts together, and bytes of bodies. */
const MOST_ROWS = 2_000
const MOST_BYTES = 8 * 1_024 * 1_024

/** A day of which more stays than may be moved at once. `moving`: all that goes is removed, and the rest is being moved. */
export interface CrowdedDay {
  readonly crowded: Day
  readonly moving: boolean
}

/** A day whose partitions may be dropped, as it stood before the order of commits was held. */
export interface DueDay extends Gone {
  readonly day: Day
  /** Ids of messages that must stay. */
  readonly stays: readonly string[]
  /** First and newest message in it, and when it was looked at (ms since 1970). */
  readonly firstSeq: number
  readonly seq: number
  readonly lookedAtMs: number
}

/** The oldest day that lies wholly before the limit, or null. Reads every message of it once: on a connection that
 * holds nobody up. @throws {GatewayError} STORE_UNREACHABLE, STORE_FULL, QUERY_TIMEOUT */
export async function dueDay(
  pool: pg.Pool,
  closedBeforeMs: number,
  nowMs: number,
): Promise<DueDay | CrowdedDay | null> {
  const [day] = await daysThere(pool)
  if (day === undefined || day.belowMs > closedBeforeMs) return null
  // What was moved of it would be left behind without the message it belongs to.
  if (await isMoving(pool, day)) return { crowded: day, moving: true }
  const client = await pool.connect()
  let fault: unknown = null
  try {
    await client.query('BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL enable_seqscan = on')
    const due = await lookAt(client, day, closedBeforeMs, nowMs)
    await client.query('COMMIT')
    return due
  } catch (error) {
    fault = error
    throw asFault(error)
  } finally {
    // Whoever got a connection next whose transaction went wrong would be answered nothing.
    client.release(fault !== null)
  }
}

async function lookAt(
  client: pg.PoolClient,
  day: Day,
  closedBeforeMs: number,
  nowMs: number,
): Promise<DueDay | CrowdedDay> {
  const slowly = (text: string, values: readonly (string | number)[] = []) =>
    client.query({ text, values: [...values], query_timeout: LOOK_MS } as pg.QueryConfig)
  const { rows } = await slowly(
    `SELECT count(*) AS messages, coalesce(sum(bytes), 0) AS bytes, 
       coalesce(min(seq), 0) AS first, coalesce(max(seq), 0) AS seq FROM message_${day.name}`,
  )
  const kept = await slowly(
    `SELECT m.id, m.bytes, (SELECT coalesce(sum(d.attempts), 0) FROM delivery d WHERE d.message_seq = m.seq) AS attempts
     FROM message_${day.name} m WHERE NOT (${GOES}) LIMIT ${MOST_ROWS + 1}`,
    [closedBeforeMs],
  )
  const refused = await slowly(
    'SELECT coalesce(sum(bytes), 0) AS bytes FROM refusal WHERE id >= $1 AND id < $2 AND file IS NOT NULL',
    [day.from, day.below],
  )
  const total = (of: (row: { bytes: number; attempts: number }) => number): number =>
    kept.rows.reduce((sum, row) => sum + of(row), 0)
  const { messages, bytes, first, seq } = rows[0] as { messages: number; bytes: number; first: number; seq: number }
  const tooMany = total(({ attempts }) => 1 + attempts) > MOST_ROWS
  const tooMuch = total((row) => row.bytes) + Number(refused.rows[0].bytes) > MOST_BYTES
  if (tooMany || tooMuch) return { crowded: day, moving: false }
  return { day, messages, bytes, firstSeq: first, seq, stays: kept.rows.map(({ id }) => String(id)), lookedAtMs: nowMs }
}

/**
 * Drops the partitions of a day, so that the disk has their room back at once; what must stay is moved to the rest in the
 * same transaction. What became needed since it was looked at stays too: a message that came late with an old id, or one
 * that was replayed. Within a transaction that holds the order of commits. Null: somebody reads the tables; another time. */
export async function dropDay(client: pg.Client, due: DueDay): Promise<Gone | null> {
  await client.query(`SAVEPOINT day; SET LOCAL lock_timeout = ${LOCK_MS}`)
  try {
    const gone = await drop(client, due)
    await client.query('SET LOCAL lock_timeout = 0; SET LOCAL enable_seqscan = off')
    return gone
  } catch (error) {
    if ((error as { code?: string }).code !== '55P03') throw error
    await client.query('ROLLBACK TO SAVEPOINT day')
    return null
  }
}

async function drop(client: pg.Client, due: DueDay): Promise<Gone> {
  const { day, stays, firstSeq, seq, lookedAtMs, messages, bytes } = due
  const tables = partitionsOf(day)
  for (const { table, partition } of tables) await client.query(`ALTER TABLE ${table} DETACH PARTITION ${partition}`)
  const of = Object.fromEntries(tables.map(({ table, partition }) => [table, partition])) as Record<string, string>
  await client.query('CREATE TEMPORARY TABLE stays (id TEXT COLLATE "C" PRIMARY KEY) ON COMMIT DROP')
  await client.query('INSERT INTO stays SELECT DISTINCT unnest($1::text[])', [stays])
  await client.query(`INSERT INTO stays SELECT id FROM ${of['message']} WHERE seq > $1 ON CONFLICT DO NOTHING`, [seq])
  // Whatever opens a message again makes a delivery of it; by number, since few of the newest deliveries are of an old day.
  await client.query(
    `INSERT INTO stays SELECT message FROM delivery WHERE id >= $1 AND message_seq >= $2 AND message_seq <= $3
       AND message >= $4 AND message < $5 ON CONFLICT DO NOTHING`,
    [idAt(lookedAtMs - SKEW_MS), firstSeq, seq, day.from, day.below],
  )
  const late = await sum(client, `${of['message']} m WHERE m.seq > $1`, [seq])
  const kept = await sum(client, `${of['message']} m JOIN stays s ON s.id = m.id`, [])
  // What has no index by what it stays by is read whole.
  await client.query('SET LOCAL enable_seqscan = on')
  for (const { table, partition, by } of tables) {
    if (kept.messages === 0 && OF_MESSAGE.includes(table)) continue
    await client.query(`INSERT INTO ${table} SELECT p.* FROM ${partition} p WHERE ${staying(table, by, day)}`)
  }
  await client.query(
    `DELETE FROM resource_version v WHERE v.message >= $1 AND v.message < $2
       AND NOT EXISTS (SELECT 1 FROM stays s WHERE s.id = v.message)`,
    [day.from, day.below],
  )
  // Of what goes, replays stand in the partitions of later days, and deliveries made around midnight in those beside.
  const deliveriesToo = (which: string, values: readonly string[]) =>
    client.query(
      `WITH gone AS (DELETE FROM delivery d WHERE ${which} AND d.message >= $1 AND d.message < $2
         AND NOT EXISTS (SELECT 1 FROM stays s WHERE s.id = d.message) RETURNING d.id)
       DELETE FROM attempt a USING gone g WHERE a.delivery = g.id`,
      [day.from, day.below, ...values],
    )
  await deliveriesToo('d.replay_of IS NOT NULL', [])
  const around = [idAt(day.belowMs - DAY_MS - APART_MS), idAt(day.belowMs + APART_MS)]
  await deliveriesToo('d.id >= $3 AND d.id < $4', around)
  for (const { partition } of tables) await client.query(`DROP TABLE ${partition}`)
  const gone = { messages: messages + late.messages - kept.messages, bytes: bytes + late.bytes - kept.bytes }
  await countPurged(client, gone.messages)
  return gone
}

async function sum(client: pg.Client, from: string, values: readonly number[]): Promise<Gone> {
  const { rows } = await client.query(`SELECT count(*) AS messages, coalesce(sum(m.bytes), 0) AS bytes FROM ${from}`, [
    ...values,
  ])
  return rows[0] as Gone
}

/** SQL: which rows `p` of a day's partition stay. A delivery is in the day of its own id, which may be later than its message's. */
function staying(table: string, by: string, { from, below }: Day): string {
  const named = `EXISTS (SELECT 1 FROM stays s WHERE s.id = p.${by})`
  if (table === 'delivery') {
    return `EXISTS (SELECT 1 FROM stays s WHERE s.id = p.message)
      OR ((p.message < '${from}' OR p.message >= '${below}') AND EXISTS (SELECT 1 FROM message m WHERE m.id = p.message))`
  }
  if (table === 'attempt') return 'EXISTS (SELECT 1 FROM delivery d WHERE d.id = p.delivery)'
  if (table === 'body_chunk') return `${named} OR EXISTS (SELECT 1 FROM refusal r WHERE r.id = p.id)`
  return named
}
