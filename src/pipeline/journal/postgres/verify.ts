import { createHash, hash } from 'node:crypto'
import type pg from 'pg'
import type { Inspected, Verified } from '../../../core/journal.ts'
import type { Position } from '../../../core/message.ts'
import { checksum } from '../checksum.ts'
import { RECOUNT, wrongCounters } from '../recount.ts'
import { asFault } from './connect.ts'

const RECORDS = `SELECT m.*, b.sha256, b.bytes AS body_bytes, b.data, b.file FROM message m
  LEFT JOIN body b ON b.message = m.id`
/** Records fetched at a time; at most 64 KiB of body stands in each. */
const FETCHED = 50
/** A recount reads all there is (ms). */
const RECOUNT_MS = 600_000

type Row = Readonly<Record<string, unknown>>

/** Checks the last `limit` messages (null: all, and the counters against a recount), newest first. */
export async function verify(
  pool: pg.Pool,
  limit: number | null,
  progress: (checked: number, total: number) => void = () => {},
): Promise<Verified> {
  const { rows: counted } = await pool.query(
    `SELECT sum(CASE name WHEN 'received' THEN value ELSE -value END) AS n FROM counter WHERE name IN ('received', 'purged')`,
  )
  const total = Math.min(limit ?? Number.POSITIVE_INFINITY, Number(counted[0].n))
  const damaged: string[] = []
  let checked = 0
  for (let before = Number.MAX_SAFE_INTEGER; checked < total; ) {
    const { rows } = await pool.query({
      name: 'verify',
      text: `${RECORDS} WHERE m.seq < $1 ORDER BY m.seq DESC LIMIT $2`,
      values: [before, Math.min(FETCHED, total - checked)],
    })
    if (rows.length === 0) break
    // Retention goes on meanwhile: what it removed while its body was being read is no damage.
    for (const row of rows) {
      if (!(await sound(pool, row)) && (await isThere(pool, String(row.id)))) damaged.push(String(row.id))
    }
    before = Number(rows.at(-1).seq)
    checked += rows.length
    progress(checked, total)
  }
  if (limit === null) damaged.push(...(await recount(pool)))
  return { checked, damaged }
}

async function recount(pool: pg.Pool): Promise<readonly string[]> {
  const client = await pool.connect()
  try {
    await client.query(`SET statement_timeout = ${RECOUNT_MS}`)
    const { rows } = await client.query({ text: RECOUNT, query_timeout: RECOUNT_MS } as pg.QueryConfig)
    return wrongCounters(rows)
  } finally {
    // Its limit is not that of the pool's other connections, and a recount that failed may still be under way on it.
    client.release(true)
  }
}

/** Do the checksum of a record and the hash of its body hold? */
async function sound(pool: pg.Pool, row: Row): Promise<boolean> {
  if (row['sha256'] === null || row['bytes'] !== row['body_bytes'] || checksum(row) !== row['checksum']) return false
  if (row['file'] === null) {
    const data = row['data'] as Buffer | null
    return data !== null && data.length === row['bytes'] && hash('sha256', data, 'hex') === row['sha256']
  }
  const digest = createHash('sha256')
  for (let n = 0, read = 0; read < Number(row['bytes']); n += 1) {
    const { rows } = await pool.query({
      name: 'body-chunk',
      text: 'SELECT data FROM body_chunk WHERE id = $1 AND n = $2',
      values: [row['file'], n],
    })
    const chunk = rows[0]?.data as Buffer | undefined
    if (chunk === undefined || chunk.length === 0) return false
    digest.update(chunk)
    read += chunk.length
  }
  return digest.digest('hex') === row['sha256']
}

/**
 * Checks records in their order after a position until `workMs` is over; at least one. A record that retention removed
 * while its body was being read is no damage. */
export async function inspect(pool: pg.Pool, after: Position | null, workMs: number): Promise<Inspected> {
  const startedMs = performance.now()
  const spent = () => performance.now() - startedMs
  const damaged: string[] = []
  let at = Number(after ?? 0)
  let checked = 0
  try {
    while (checked === 0 || spent() < workMs) {
      const { rows } = await pool.query({
        name: 'inspect',
        text: `${RECORDS} WHERE m.seq > $1 ORDER BY m.seq LIMIT 8`,
        values: [at],
      })
      if (rows.length === 0) return { checked, damaged, at: null, ms: spent() }
      for (const row of rows) {
        if (!(await sound(pool, row)) && (await isThere(pool, String(row.id)))) damaged.push(String(row.id))
        at = Number(row.seq)
        checked += 1
        if (spent() > workMs) break
      }
    }
    return { checked, damaged, at: String(at), ms: spent() }
  } catch (error) {
    const fault = asFault(error)
    if (fault.code !== 'STORE_DAMAGED') throw fault
    // A page that cannot be read hides which records stood on it: the rest of this round is given up.
    return { checked, damaged: [...damaged, `after record ${at}`], at: null, ms: spent() }
  }
}

async function isThere(pool: pg.Pool, id: string): Promise<boolean> {
  return (await pool.query('SELECT 1 FROM message WHERE id = $1', [id])).rows.length > 0
}
