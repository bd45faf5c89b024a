import type { DatabaseSync } from 'node:sqlite'
import type { Inspected } from '../../../core/journal.ts'
import type { Position } from '../../../core/message.ts'
import { faultOf } from './database.ts'
import { RECORDS, sound } from './verify.ts'

/** Records fetched at a time; at most 64 KiB of body stands in each. */
const FETCHED = 8

/**
 * Checks records in their order after a position until `workMs` is over; at least one. A record that retention removed
 * while its body was being read is no damage. Runs on a read-only connection, in the reader's thread. */
export async function inspect(
  db: DatabaseSync,
  dir: string,
  after: Position | null,
  workMs: number,
): Promise<Inspected> {
  const startedMs = performance.now()
  const spent = () => performance.now() - startedMs
  const some = db.prepare(`${RECORDS} WHERE m.seq > ? ORDER BY m.seq LIMIT ${FETCHED}`)
  const there = db.prepare('SELECT 1 FROM message WHERE seq = ?')
  const damaged: string[] = []
  let at = Number(after ?? 0)
  let checked = 0
  try {
    while (checked === 0 || spent() < workMs) {
      const rows = some.all(at)
      if (rows.length === 0) return { checked, damaged, at: null, ms: spent() }
      for (const row of rows) {
        const seq = row['seq'] as number
        if (!(await sound(dir, row)) && there.get(seq) !== undefined) damaged.push(String(row['id']))
        at = seq
        checked += 1
        if (spent() > workMs) break
      }
    }
    return { checked, damaged, at: String(at), ms: spent() }
  } catch (error) {
    if (faultOf(error) !== 'damaged') throw error
    // A page that cannot be read hides which records stood on it: the rest of this round is given up.
    return { checked, damaged: [...damaged, `after record ${at}`], at: null, ms: spent() }
  }
}
