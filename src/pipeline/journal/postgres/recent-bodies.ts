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

/** Where a body lies: bytes written before it, since the beginning. */
interface Kept {
  readonly id: MessageId
  readonly from: number
  readonly bytes: number
  readonly sha256: string
}

/**
 * Keeps up to 8 MiB; what came first goes first. They lie one behind the other in one piece of memory that is written
 * round and round: as buffers of their own, each of them outlived two collections of the young and died old, and a node
 * that was taking in had up to 80 MB of such (measured). */
export function recentBodies(mostBytes = MOST_BYTES): RecentBodies {
  const kept = new Map<MessageId, Kept>()
  // The order they came in stands beside the map: its own is found behind the holes of all that were removed since it grew.
  let order: Kept[] = []
  let first = 0
  let ring: Buffer | null = null
  let end = 0
  return {
    keep(id, { bytes, sha256, data }) {
      if (data === null || bytes > mostBytes || kept.has(id)) return
      ring ??= Buffer.allocUnsafeSlow(mostBytes)
      // A body lies in one piece: what it has no room for at the end of the ring stays empty.
      const room = mostBytes - (end % mostBytes)
      const from = bytes > room ? end + room : end
      end = from + bytes
      for (; first < order.length && order[first]!.from < end - mostBytes; first += 1) kept.delete(order[first]!.id)
      if (first > order.length / 2) {
        order = order.slice(first)
        first = 0
      }
      ring.set(data, from % mostBytes)
      const one = { id, from, bytes, sha256 }
      order.push(one)
      kept.set(id, one)
    },
    find(id) {
      const found = kept.get(id)
      if (found === undefined || ring === null) return null
      const { bytes, sha256, from } = found
      const at = from % mostBytes
      // A copy: whoever reads it may do so after it was written over.
      return { bytes, sha256, key_id: 0, data: Buffer.from(ring.subarray(at, at + bytes)), file: null }
    },
  }
}
