import type pg from 'pg'
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

/** A day whose partitions may be dropped, as it stood before the order of commits was held. */
export interface DueDay extends Gone {
  readonly day: Day
  /** Ids of messages that must stay. */
  readonly stays: readonly string[]
  /** Newest message in it, and when it was looked at (ms since 1970). */
  readonly seq: number
  readonly lookedAtMs: number
}

/** The oldest day that lies wholly before the limit, or null. Reads every message of it once: on a connection that
 * holds nobody up. @throws {GatewayError} STORE_UNREACHABLE, STORE_FULL, QUERY_TIMEOUT */
export async function dueDay(pool: pg.Pool, closedBeforeMs: number, nowMs: number): Promise<DueDay | null> {
  const [day] = await daysThere(pool)
  if (day === undefined || day.belowMs > closedBeforeMs) return null
  const client = await pool.connect()
  let fault: unknown = null
  try {
    await client.query('BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL enable_seqscan = on')
    const slowly = (text: string, values: readonly number[] = []) =>
      client.query({ text, values: [...values], query_timeout: LOOK_MS } as pg.QueryConfig)
    const { rows } = await slowly(
      `SELECT count(*) AS messages, coalesce(sum(bytes), 0) AS bytes, coalesce(max(seq), 0) AS seq FROM message_${day.name}`,
    )
    const kept = await slowly(`SELECT m.id FROM message_${day.name} m WHERE NOT (${GOES})`, [closedBeforeMs])
    await client.query('COMMIT')
    const { messages, bytes, seq } = rows[0] as { messages: number; bytes: number; seq: number }
    return { day, messages, bytes, seq, stays: kept.rows.map(({ id }) => String(id)), lookedAtMs: nowMs }
  } catch (error) {
    fault = error
    throw asFault(error)
  } finally {
    // Whoever got a connection next whose transaction went wrong would be answered nothing.
    client.release(fault !== null)
  }
}

/**
 * Drops the partitions of a day, so that the disk has their room back at once; what must stay is moved to the rest in the
 * same transaction. What became needed since it was looked at stays too: a message that came late with an old id, or one
 * that was replayed. Within a transaction that holds the order of commits. Null: somebody reads the tables; another time. */
export async function dropDay(client: pg.Client, due: DueDay): Promise<Gone | null> {
  await client.query(`SAVEPOINT day; SET LOCAL lock_timeout = ${LOCK_MS}; SET LOCAL enable_seqscan = on`)
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

async function drop(client: pg.Client, { day, stays, seq, lookedAtMs, messages, bytes }: DueDay): Promise<Gone> {
  const tables = partitionsOf(day)
  for (const { table, partition } of tables) await client.query(`ALTER TABLE ${table} DETACH PARTITION ${partition}`)
  const of = Object.fromEntries(tables.map(({ table, partition }) => [table, partition])) as Record<string, string>
  await client.query('CREATE TEMPORARY TABLE stays (id TEXT COLLATE "C" PRIMARY KEY) ON COMMIT DROP')
  await client.query('INSERT INTO stays SELECT DISTINCT unnest($1::text[])', [stays])
  await client.query(`INSERT INTO stays SELECT id FROM ${of['message']} WHERE seq > $1 ON CONFLICT DO NOTHING`, [seq])
  // A replay to where it never went opens a message without saying of which delivery it is one.
  await client.query(`INSERT INTO stays SELECT id FROM ${of['message']} WHERE state <> 'closed' ON CONFLICT DO NOTHING`)
  await client.query(
    `INSERT INTO stays SELECT message FROM delivery WHERE id >= $1 AND replay_of IS NOT NULL AND message >= $2
       AND message < $3 ON CONFLICT DO NOTHING`,
    [idAt(lookedAtMs - SKEW_MS), day.from, day.below],
  )
  const late = await sum(client, `${of['message']} m WHERE m.seq > $1`, [seq])
  const kept = await sum(client, `${of['message']} m JOIN stays s ON s.id = m.id`, [])
  for (const { table, partition, by } of tables) {
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
