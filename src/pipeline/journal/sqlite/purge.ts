import type { DatabaseSync } from 'node:sqlite'
import type { Purged, PurgeLimits } from '../../../core/journal.ts'
import type { Finding, Position } from '../../../core/message.ts'
import { searchPart } from '../entry.ts'
import { REPEAT_MS } from '../receipt.ts'
import type { Row } from './database.ts'
import { prepareForget } from './key-index.ts'
import type { Group } from './writer.ts'

/** Work of one slice (ms): what is begun is ended, so a slice stays below 20 ms. */
const SLICE_MS = 8
/** Pages moved to the file's end and cut off at a time: some 3 ms. */
const VACUUM_PAGES = 64
/** Free pages that stay in the file for what comes next: one in `KEEP_SHARE`, and at least `KEEP_PAGES` (1 MiB). */
const KEEP_SHARE = 20
const KEEP_PAGES = 256

/** A slice, with the files that no row names any more once it is committed. */
export interface PurgedFiles extends Purged {
  readonly files: readonly { readonly file: string }[]
}

/** A slice of retention, inside its group (core/journal.ts, `purge`). */
export type PurgeList = (group: Group, limits: PurgeLimits, after: Position | null, maxRows: number) => PurgedFiles

/** Prepares the statements once. `nowMs` is monotonic. */
export function preparePurge(db: DatabaseSync, nowMs: () => number): PurgeList {
  // Open and parked ones are looked at too: a slice is bounded by what it looks at, however much is open.
  const next = db.prepare(
    `SELECT m.seq, m.id, m.state, m.committed_at_ms, m.findings, m.patient_keys, m.order_keys, b.bytes, b.file FROM message m
     LEFT JOIN body b ON b.message_seq = m.seq WHERE m.seq > ? ORDER BY m.seq LIMIT ?`,
  )
  const needed = db.prepare(
    `SELECT 1 FROM resource WHERE message = ?
     UNION ALL SELECT 1 FROM care_message w JOIN care_case c ON c.id = w.care_case
       WHERE w.message = ? AND c.closed_at_ms IS NULL
     UNION ALL SELECT 1 FROM delivery WHERE message_seq = ? AND moved_at_ms >= ? LIMIT 1`,
  )
  const remove = prepareRemove(db)
  const others = prepareOthers(db)
  const vacuum = prepareVacuum(db)
  return (group, limits, after, maxRows) => {
    const untilMs = nowMs() + SLICE_MS
    const late = () => nowMs() > untilMs
    const files: { file: string }[] = []
    let [messages, bytes] = [0, 0]
    let at = after
    let more = false
    for (const row of next.all(Number(after ?? 0), maxRows)) {
      if (Number(row['committed_at_ms']) >= limits.closedBeforeMs) {
        more = false
        break
      }
      more = true
      at = String(row['seq'])
      if (
        row['state'] === 'closed' &&
        needed.get(row['id'] as string, row['id'] as string, row['seq'] as number, limits.closedBeforeMs) === undefined
      ) {
        remove(row)
        messages += 1
        bytes += Number(row['bytes'])
        if (typeof row['file'] === 'string') files.push({ file: row['file'] })
      }
      if (late()) break
    }
    group.tally.count('purged', messages)
    if (!more) {
      const gone = others(group, limits, maxRows)
      bytes += gone.bytes
      files.push(...gone.files)
      more = gone.more
    }
    // Space goes back between slices of removal too, or a long one would fill the log with pages freed and not cut off.
    more = vacuum(!late()) || more
    return { messages, bytes, at, done: !more, files }
  }
}

/** Removes a message with all that is only its own; events stay. */
export function prepareRemove(db: DatabaseSync): (row: Row) => void {
  const byMessage = [
    'DELETE FROM attempt WHERE delivery_seq IN (SELECT seq FROM delivery WHERE message_seq = ?)',
    'DELETE FROM guard WHERE delivery_seq IN (SELECT seq FROM delivery WHERE message_seq = ?)',
    'DELETE FROM delivery WHERE message_seq = ?',
    'DELETE FROM body WHERE message_seq = ?',
    'DELETE FROM message WHERE seq = ?',
  ].map((sql) => db.prepare(sql))
  const finding = db.prepare('DELETE FROM message_finding WHERE code = ? AND message_seq = ?')
  const key = prepareForget(db)
  const version = db.prepare('DELETE FROM resource_version WHERE message = ?')
  return (row) => {
    const seq = row['seq'] as number
    for (const { code } of JSON.parse(String(row['findings'])) as Finding[]) finding.run(code, seq)
    const keys = JSON.parse(String(row['order_keys'])) as string[]
    key(seq, [...(JSON.parse(String(row['patient_keys'])) as string[]), ...keys.map(searchPart)])
    version.run(row['id'] as string)
    for (const statement of byMessage) statement.run(seq)
  }
}

/** Refused bytes and repeat keys past their time; `more`: there may be others. */
function prepareOthers(db: DatabaseSync) {
  const refused = db.prepare('SELECT seq, bytes, file FROM refusal WHERE at_ms < ? ORDER BY at_ms LIMIT ?')
  const removeRefused = db.prepare('DELETE FROM refusal WHERE seq = ?')
  // In the order of their making: a key renewed since is passed over, and stays until its own time.
  const repeats = db.prepare(
    'DELETE FROM repeat WHERE at_ms < ? AND rowid IN (SELECT rowid FROM repeat ORDER BY rowid LIMIT ?)',
  )
  return (group: Group, limits: PurgeLimits, maxRows: number) => {
    const rows = refused.all(limits.refusedBeforeMs, maxRows)
    const files: { file: string }[] = []
    let bytes = 0
    for (const row of rows) {
      removeRefused.run(row['seq'] as number)
      bytes += Number(row['bytes'])
      if (typeof row['file'] === 'string') files.push({ file: row['file'] })
    }
    if (bytes > 0) group.tally.count('refusedBytes', -bytes)
    const { changes } = repeats.run(group.nowMs - REPEAT_MS, maxRows)
    return { bytes, files, more: rows.length === maxRows || Number(changes) === maxRows }
  }
}

/** Cuts free pages off the file's end, when there is time; true while there are more than are worth keeping. */
function prepareVacuum(db: DatabaseSync): (time: boolean) => boolean {
  const free = db.prepare('PRAGMA freelist_count')
  const all = db.prepare('PRAGMA page_count')
  const cut = db.prepare(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`)
  const spare = () =>
    Number(free.get()?.['freelist_count']) - Math.max(KEEP_PAGES, Number(all.get()?.['page_count']) / KEEP_SHARE)
  return (time) => {
    if (spare() <= 0) return false
    if (time) cut.all()
    return spare() > 0
  }
}
