import { hash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import type { Verified } from '../../../core/journal.ts'
import { checksum } from '../checksum.ts'
import { RECOUNT, type Recounted, wrongCounters } from '../recount.ts'
import { storedBody } from './bodies.ts'
import { asFault, faultOf, type Row } from './database.ts'
import type { Reader } from './reader.ts'

/** A message with its body, as the checks below read it. */
export const RECORDS = `SELECT m.*, b.sha256, b.bytes AS body_bytes, b.key_id, b.data, b.file FROM message m
  LEFT JOIN body b ON b.message_seq = m.seq`
/** Rows between two turns of the event loop. */
const ROWS_PER_TURN = 100
/** Bytes of bodies in files that a start reads; beyond, their sizes only. A start has 3 s. */
const START_FILE_BYTES = 64 * 1024 * 1024

/** Checks the last `limit` messages (null: all, and the counters against a recount), newest first. */
export async function verify(
  db: DatabaseSync,
  dir: string,
  reader: Reader,
  limit: number | null,
  progress: (checked: number, total: number) => void = () => {},
): Promise<Verified> {
  const total = Math.min(limit ?? Number.POSITIVE_INFINITY, countMessages(db))
  const some = db.prepare(`${RECORDS} WHERE m.seq < ? ORDER BY m.seq DESC LIMIT ?`)
  const damaged: string[] = []
  let checked = 0
  for (let before = Number.MAX_SAFE_INTEGER; checked < total; ) {
    const rows = some.all(before, Math.min(ROWS_PER_TURN, total - checked))
    if (rows.length === 0) break
    for (const row of rows) if (!(await sound(dir, row))) damaged.push(String(row['id']))
    before = Number(rows.at(-1)!['seq'])
    checked += rows.length
    progress(checked, total)
    await turn()
  }
  if (limit === null) damaged.push(...(await recount(reader)))
  return { checked, damaged }
}

/** The check of a start: the last `limit` messages and those of `interrupted`. Names the damaged ones. */
export async function verifyAtStart(
  db: DatabaseSync,
  dir: string,
  limit: number,
  interrupted: readonly number[],
): Promise<readonly string[]> {
  const last = db.prepare(`${RECORDS} ORDER BY m.seq DESC LIMIT ?`)
  const one = db.prepare(`${RECORDS} WHERE m.seq = ?`)
  const damaged: string[] = []
  let budget = START_FILE_BYTES
  const check = async (row: Row) => {
    const fileBytes = row['file'] === null ? 0 : Number(row['bytes'])
    const good = fileBytes > budget ? sameSize(dir, row) && sameChecksum(row) : await sound(dir, row)
    budget -= fileBytes
    if (!good) damaged.push(String(row['id']))
  }
  try {
    for (const row of last.iterate(limit)) await check(row)
    for (const seq of new Set(interrupted)) {
      const row = one.get(seq)
      if (row) await check(row)
    }
  } catch (error) {
    throw faultOf(error) === 'other' ? error : asFault(error)
  }
  return [...new Set(damaged)]
}

function sameChecksum(row: Row): boolean {
  return row['sha256'] !== null && row['bytes'] === row['body_bytes'] && checksum(row) === row['checksum']
}

function sameSize(dir: string, row: Row): boolean {
  return statSync(join(dir, String(row['file'])), { throwIfNoEntry: false })?.size === row['bytes']
}

/** Do the checksum of a record and the hash of its body hold? */
export async function sound(dir: string, row: Row): Promise<boolean> {
  if (!sameChecksum(row)) return false
  const data = row['data'] instanceof Uint8Array ? row['data'] : null
  if (row['file'] === null) {
    return data !== null && data.length === row['bytes'] && hash('sha256', data, 'hex') === row['sha256']
  }
  const { bytes, sha256, key_id, file } = row as { bytes: number; sha256: string; key_id: number; file: string }
  try {
    for await (const _ of storedBody(
      dir,
      String(row['id']),
      { bytes, sha256, keyId: key_id, file },
      () => data,
    ).open());
    return true
  } catch {
    return false
  }
}

function countMessages(db: DatabaseSync): number {
  const counted = db.prepare("SELECT name, value FROM counter WHERE name IN ('received', 'purged')").all()
  return counted.reduce((sum, { name, value }) => sum + Number(value) * (name === 'received' ? 1 : -1), 0)
}

const RECOUNT_MS = 600_000

async function recount(reader: Reader): Promise<readonly string[]> {
  return wrongCounters((await reader.read({ sql: RECOUNT, parameters: [] }, RECOUNT_MS)) as readonly Recounted[])
}
