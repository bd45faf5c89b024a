import type { MessageId } from '../../../core/message.ts'
import type { Laid } from '../laid.ts'
import type { BodyRow } from './bodies.ts'

/** Bodies that are kept in memory (bytes). */
const MOST_BYTES = 8 * 1024 * 1024

/** Small bodies that this node committed a moment ago: the first attempt to deliver them need not ask the database. */
export interface RecentBodies {
  /** A body that was committed; one that does not stand in its row is not kept. */
  keep(id: MessageId, laid: Laid): void
  /** As the row of the body would say it; null: it must be read. */
  find(id: MessageId): BodyRow | null
}

/** Keeps up to 8 MiB; what came first goes first. */
export function recentBodies(mostBytes = MOST_BYTES): RecentBodies {
  const kept = new Map<MessageId, BodyRow>()
  let held = 0
  return {
    keep(id, { bytes, sha256, data, file }) {
      if (data === null || kept.has(id)) return
      // A copy: what it was cut from may be far larger than itself.
      kept.set(id, { bytes, sha256, key_id: 0, data: Buffer.from(data), file })
      held += bytes
      for (const [oldest, row] of kept) {
        if (held <= mostBytes) return
        kept.delete(oldest)
        held -= row.bytes
      }
    },
    find: (id) => kept.get(id) ?? null,
  }
}
