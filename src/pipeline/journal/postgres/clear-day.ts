import type pg from 'pg'
import type { Position } from '../../../core/message.ts'
import { type Day, daysThere, partitionsOf } from './partitions.ts'
import { type Gone, purgeFrom } from './purge.ts'

/** Rows and bytes that one portion moves at most: the order of commits is held meanwhile, some 100 ms. */
const PORTION_ROWS = 1_000
const PORTION_BYTES = 8 * 1_024 * 1_024
/** Longest wait for a table that somebody reads (ms). */
const LOCK_MS = 500
/** Longest look for keys of what is gone (ms): it reads all of the day's. */
const SWEEP_MS = 600_000

/** Name in `meta` of the day that is being moved. */
const MOVING = 'moving-day'

/** How far a day is cleared. A step that was cut off is made again: each finds by itself what is left to do. */
export interface Clearing {
  readonly day: Day
  /** What goes is removed up to this position of the day; null: from its first. */
  readonly after: Position | null
  /** All that goes is removed: what is left stays, and moves. */
  readonly moving: boolean
}

/** Has some of a day been moved, and not yet all? */
export async function isMoving(client: pg.Client | pg.Pool, { name }: Day): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM meta WHERE name = $1 AND value = $2', [MOVING, name])
  return rowCount === 1
}

/** False: another node has gone on with it meanwhile. */
export async function isAsLeft(pool: pg.Pool, { day, moving }: Clearing): Promise<boolean> {
  if (moving) return true
  const there = (await daysThere(pool)).some(({ name }) => name === day.name)
  return there && !(await isMoving(pool, day))
}

/**
 * One slice of the first half: removes what goes of a day of which much stays, row by row. Within a transaction that holds
 * the order of commits. */
export async function clearSome(
  client: pg.Client,
  { day, after }: Clearing,
  closedBeforeMs: number,
  maxRows: number,
): Promise<Gone & { readonly clearing: Clearing }> {
  const { messages, bytes, at, more } = await purgeFrom(client, `message_${day.name}`, closedBeforeMs, after, maxRows)
  return { messages, bytes, clearing: { day, after: at, moving: !more } }
}

/**
 * Removes the search keys of messages that are gone from a day. They have no index by their message, so it is done once
 * and holds nobody up: a message and its keys are of one commit. */
export async function sweepKeys(pool: pg.Pool, { name }: Day): Promise<void> {
  const client = await pool.connect()
  let fault: unknown = null
  try {
    await client.query('BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL enable_seqscan = on')
    await client.query({
      text: `DELETE FROM message_key_${name} k WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = k.message)`,
      query_timeout: SWEEP_MS,
    } as pg.QueryConfig)
    await client.query('COMMIT')
  } catch (error) {
    fault = error
    throw error
  } finally {
    client.release(fault !== null)
  }
}

/**
 * One portion of the second half: what is left of a day is moved to the rest, table by table, each from its smallest id
 * on, and the day's partition begins behind it; one that is empty is dropped. Every row is in the one or the other after each commit.
 * Within a transaction that holds the order of commits. True: the day is no more. Null: somebody reads the tables; another time. */
export async function moveSome(client: pg.Client, day: Day): Promise<boolean | null> {
  const names = partitionsOf(day).map(({ partition }) => partition)
  const { rows } = await client.query('SELECT relname FROM pg_class WHERE relname = ANY($1) AND relispartition', [
    names,
  ])
  const there = new Set(rows.map(({ relname }) => String(relname)))
  // By the partition of `message` a day is known to be there: it goes last.
  const next = partitionsOf(day).findLast(({ partition }) => there.has(partition))
  if (next === undefined) {
    await client.query('DELETE FROM meta WHERE name = $1', [MOVING])
    return true
  }
  await client.query(
    'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    [MOVING, day.name],
  )
  await client.query(`SAVEPOINT portion; SET LOCAL lock_timeout = ${LOCK_MS}`)
  try {
    await movePortion(client, next, day)
    await client.query('SET LOCAL lock_timeout = 0')
    return false
  } catch (error) {
    if ((error as { code?: string }).code !== '55P03') throw error
    await client.query('ROLLBACK TO SAVEPOINT portion')
    return null
  }
}

type Partition = ReturnType<typeof partitionsOf>[number]

async function movePortion(client: pg.Client, { table, partition, by }: Partition, day: Day): Promise<void> {
  const below = await portionEnd(client, { table, partition, by })
  await client.query(`ALTER TABLE ${table} DETACH PARTITION ${partition}`)
  if (below === null) {
    await client.query(`INSERT INTO ${table} SELECT * FROM ${partition}`)
    await client.query(`DROP TABLE ${partition}`)
    return
  }
  await client.query(`INSERT INTO ${table} SELECT * FROM ${partition} WHERE ${by} < $1`, [below])
  await client.query(`DELETE FROM ${partition} WHERE ${by} < $1`, [below])
  await client.query(
    `ALTER TABLE ${table} ATTACH PARTITION ${partition} FOR VALUES FROM (${client.escapeLiteral(below)}) TO ('${day.below}')`,
  )
}

/** Where the next portion ends: ids below this one are of it. Null: all that is left is. Rows of one id stay together. */
async function portionEnd(client: pg.Client, { table, partition, by }: Partition): Promise<string | null> {
  const bytes = table === 'body' || table === 'body_chunk' ? 'coalesce(octet_length(data), 0)' : '0'
  const { rows } = await client.query(
    `SELECT id, first FROM (
       SELECT id, first_value(id) OVER w AS first, row_number() OVER w AS n, sum(bytes) OVER w AS bytes FROM (
         SELECT ${by} AS id, ${bytes} AS bytes FROM ${partition} ORDER BY ${by} LIMIT ${PORTION_ROWS + 1}) p
       WINDOW w AS (ORDER BY id ROWS UNBOUNDED PRECEDING)) o
     WHERE n > ${PORTION_ROWS} OR bytes > ${PORTION_BYTES} ORDER BY n LIMIT 1`,
  )
  const [end] = rows as { id: string; first: string }[]
  if (end === undefined) return null
  if (end.id !== end.first) return end.id
  const { rows: next } = await client.query(`SELECT min(${by}) AS id FROM ${partition} WHERE ${by} > $1`, [end.first])
  return (next[0] as { id: string | null }).id
}
