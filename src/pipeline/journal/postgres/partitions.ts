import type pg from 'pg'
import { PARTITIONED, REST } from './schema.ts'

const DAY_MS = 86_400_000
/** Days made ahead of time. */
const AHEAD_DAYS = 2

/** Longest wait for a table that somebody reads (ms). */
const LOCK_MS = 500
/** Rows of the day are in the rest already (check_violation); somebody reads it for long (lock_not_available). */
const PASSED_OVER: readonly string[] = ['23514', '55P03']

/** One day of rows. */
export interface Day {
  /** `20260314`. */
  readonly name: string
  /** Ids from here, and below there: prefixes of a UUIDv7, whose first 48 bits are ms since 1970 (RFC 9562 §5.7). */
  readonly from: string
  readonly below: string
  readonly belowMs: number
}

/** The smallest UUIDv7 of a time, as far as it is given by the time. Pure. */
export function idAt(ms: number): string {
  const hex = Math.floor(ms).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}`
}

/** The day (UTC) that a time is in. Pure. */
export function dayOf(ms: number): Day {
  const startMs = Math.floor(ms / DAY_MS) * DAY_MS
  const name = new Date(startMs).toISOString().slice(0, 10).replaceAll('-', '')
  return { name, from: idAt(startMs), below: idAt(startMs + DAY_MS), belowMs: startMs + DAY_MS }
}

/** Days of partitions that are there, oldest first. */
export async function daysThere(client: pg.Client | pg.Pool): Promise<readonly Day[]> {
  const { rows } = await client.query(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'message'::regclass AND c.relname ~ '^message_[0-9]{8}$' ORDER BY 1`,
  )
  return rows.map(({ name }) => {
    const [, year, month, day] = /_(\d{4})(\d{2})(\d{2})$/.exec(String(name))!
    return dayOf(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  })
}

/**
 * Makes the partitions of today and of the days to come. A day whose rows are in the rest already (a node whose clock was
 * wrong) gets none: its rows stay where they are. Within a transaction. */
export async function makeDays(client: pg.Client, nowMs: number): Promise<void> {
  const there = new Set((await daysThere(client)).map(({ name }) => name))
  await client.query(`SET LOCAL lock_timeout = ${LOCK_MS}`)
  for (let ahead = 0; ahead <= AHEAD_DAYS; ahead += 1) {
    const day = dayOf(nowMs + ahead * DAY_MS)
    if (!there.has(day.name)) await makeDay(client, day)
  }
  await client.query('SET LOCAL lock_timeout = 0')
}

/** Makes the partitions of one day, unless rows of it are in the rest. Within a transaction. */
export async function makeDay(client: pg.Client, { name, from, below }: Day): Promise<void> {
  await client.query('SAVEPOINT day')
  try {
    for (const { table } of PARTITIONED) {
      await client.query(
        `CREATE TABLE ${table}_${name} PARTITION OF ${table} FOR VALUES FROM ('${from}') TO ('${below}')`,
      )
    }
    await client.query('RELEASE SAVEPOINT day')
  } catch (error) {
    if (!PASSED_OVER.includes((error as { code?: string }).code ?? '')) throw error
    await client.query('ROLLBACK TO SAVEPOINT day')
  }
}

/** Names of the partitions of a day. */
export function partitionsOf({
  name,
}: Day): readonly { readonly table: string; readonly partition: string; readonly by: string }[] {
  return PARTITIONED.map(({ table, by }) => ({ table, partition: `${table}_${name}`, by }))
}

/** The partition of what belongs to no day. */
export function restOf(table: string): string {
  return `${table}_${REST}`
}
