import type { DatabaseSync } from 'node:sqlite'
import type { Refused } from '../../../core/journal.ts'
import type { Laid } from './bodies.ts'
import type { Ledger } from './ledger.ts'
import type { Group } from './writer.ts'

/** What was written, and the files of what had to go for it. */
export interface Kept {
  readonly dropped: readonly string[]
}

/** The list of a refusal: keeps it and lets the oldest ones go while all of them are above the budget (bytes). */
export function prepareRefuse(
  db: DatabaseSync,
  ledger: Ledger,
  maxBytes: () => number,
): (group: Group, refused: Refused, laid: Laid) => Kept {
  const insert = db.prepare(
    `INSERT INTO refusal (id, at_ms, entrance, peer, establishment, kind, control_id, code, path, bytes, data, file)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const oldest = db.prepare('SELECT seq, bytes, file FROM refusal ORDER BY seq LIMIT 1')
  const remove = db.prepare('DELETE FROM refusal WHERE seq = ?')
  return (group, { id, atMs, entrance, peer, establishment, kind, controlId, code, at }, laid) => {
    insert.run(id, atMs, entrance, peer, establishment, kind, controlId, code, at, laid.bytes, laid.data, laid.file)
    group.tally.count('refused', 1)
    group.tally.count('refusedBytes', laid.bytes)
    const dropped: string[] = []
    let kept = ledger.value('refusedBytes') + group.tally.sum('refusedBytes')
    for (const budget = maxBytes(); kept > budget; ) {
      const row = oldest.get()
      if (!row) break
      remove.run(row['seq'] as number)
      kept -= Number(row['bytes'])
      group.tally.count('refusedBytes', -Number(row['bytes']))
      if (typeof row['file'] === 'string') dropped.push(row['file'])
    }
    return { dropped }
  }
}
