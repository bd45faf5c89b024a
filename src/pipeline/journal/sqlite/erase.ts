import type { DatabaseSync } from 'node:sqlite'
import type { Erased, Erasure } from '../../../core/journal.ts'
import type { RunFeature } from './feature.ts'
import type { Rows } from './intake.ts'
import { prepareRemove } from './purge.ts'
import { type Group, Undo } from './writer.ts'

/** What was erased, with the files that no row names any more once it is committed. */
export interface ErasedFiles extends Erased {
  readonly files: readonly { readonly file: string }[]
}

/** An erasure, inside its group (core/journal.ts, `erase`). */
export type EraseList = (group: Group, erasure: Erasure) => ErasedFiles

/** Prepares the statements once. */
export function prepareErase(
  db: DatabaseSync,
  { rows, feature }: { readonly rows: Rows; readonly feature: RunFeature },
): EraseList {
  const find = db.prepare(
    `SELECT m.seq, m.id, m.state, m.findings, m.patient_keys, m.order_keys, b.bytes, b.file FROM message m
     LEFT JOIN body b ON b.message_seq = m.seq WHERE m.id = ?`,
  )
  const unindex = db.prepare(
    `DELETE FROM resource_index WHERE (type, id) IN (SELECT r.type, r.id FROM resource r WHERE r.message = ?)`,
  )
  const resource = db.prepare('DELETE FROM resource WHERE message = ?')
  const remove = prepareRemove(db)
  const all = (group: Group, { messages, rows: own, events }: Erasure): ErasedFiles => {
    const files: { file: string }[] = []
    let [bytes, resources] = [0, 0]
    for (const id of messages) {
      const row = find.get(id)
      if (row?.['state'] !== 'closed') throw new Undo(null)
      unindex.run(id)
      resources += Number(resource.run(id).changes)
      remove(row)
      bytes += Number(row['bytes'])
      if (typeof row['file'] === 'string') files.push({ file: row['file'] })
    }
    group.tally.count('purged', messages.length)
    if (!feature(own)) throw new Undo(null)
    for (const event of events) rows.event(event)
    return { messages: messages.length, bytes, resources, files }
  }
  return (group, erasure) => {
    // What retention removes is only free: here its pages are written over as well.
    db.exec('PRAGMA secure_delete = ON')
    try {
      return all(group, erasure)
    } finally {
      db.exec('PRAGMA secure_delete = OFF')
    }
  }
}
