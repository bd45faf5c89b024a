import type { DatabaseSync } from 'node:sqlite'
import type { Refused } from '../../../core/journal.ts'
import { type Laid, refusedData } from '../laid.ts'
import type { BodyLayer } from './lay.ts'
import type { Ledger } from './ledger.ts'
import type { Group, Writer } from './writer.ts'

/** What was written, and the files of what had to go for it. */
export interface Kept {
  readonly dropped: readonly { readonly file: string }[]
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
  return (group, { id, atMs, entrance, peer, establishment, kind, controlId, code, at, bytes }, laid) => {
    const about = [id, atMs, entrance, peer, establishment, kind, controlId, code, at]
    insert.run(...about, laid.bytes, refusedData(bytes, laid), laid.file)
    group.tally.count('refused', 1)
    group.tally.count('refusedBytes', laid.bytes)
    const dropped: { file: string }[] = []
    let kept = ledger.value('refusedBytes') + group.tally.sum('refusedBytes')
    for (const budget = maxBytes(); kept > budget; ) {
      const row = oldest.get()
      if (!row) break
      remove.run(row['seq'] as number)
      kept -= Number(row['bytes'])
      group.tally.count('refusedBytes', -Number(row['bytes']))
      if (typeof row['file'] === 'string') dropped.push({ file: row['file'] })
    }
    return { dropped }
  }
}

/** Keeps what was refused; where that fails it is counted all the same. */
export function refusing(writer: Writer, ledger: Ledger, layer: BodyLayer, refuse: ReturnType<typeof prepareRefuse>) {
  return async (refused: Refused): Promise<boolean> => {
    const laid: Laid[] = []
    try {
      const { id, atMs, bytes } = refused
      const one = await layer.lay(id, atMs, bytes)
      laid.push(one)
      const { dropped } = await writer.submit((group) => refuse(group, refused, one))
      await layer.drop(dropped)
      return true
    } catch {
      ledger.refusedUnwritten()
      await layer.drop(laid)
      return false
    }
  }
}
