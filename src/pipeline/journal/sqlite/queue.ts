import type { DatabaseSync } from 'node:sqlite'
import type { Journal, QueueEntry } from '../../../core/journal.ts'
import type { Lane, State } from '../../../core/message.ts'
import { QUEUE_COLUMNS, queueEntry, searchPart } from '../entry.ts'
import { OPEN } from '../standing.ts'

/**
 * Newest messages of a patient among which earlier deliveries are looked for. A table of its own for what holds a key,
 * kept up at every intake and outcome, cost a third of all bytes written. */
const LOOK_BEHIND = 500
const FROM = 'FROM delivery d JOIN message m ON m.seq = d.message_seq'

/**
 * Deliveries to a destination that hold an order key, before one: of the patient's newest messages, each by an index. Joined in
 * this order: left to itself SQLite goes through the destination's whole queue for the few messages of one patient. */
export const EARLIER = `SELECT ${QUEUE_COLUMNS}
  FROM (SELECT message_seq FROM (
      SELECT k.message_seq FROM message_bucket b JOIN message_key k ON k.bucket = b.n AND k.search_key = ?1
      UNION ALL SELECT message_seq FROM message_key_new WHERE search_key = ?1
    ) ORDER BY message_seq DESC LIMIT ${LOOK_BEHIND}) k
  CROSS JOIN delivery d ON d.message_seq = k.message_seq CROSS JOIN message m ON m.seq = d.message_seq
  WHERE d.destination = ?2 AND d.holds = 1 AND d.seq < ?3 ORDER BY d.seq DESC`

/** What the dispatcher reads, each by an index and bounded by its limit; on the writer's connection, so never stale. */
export function queueReads(
  db: DatabaseSync,
): Pick<Journal, 'queue' | 'urgent' | 'earlier' | 'delivery' | 'deliveriesOf'> {
  const queue = db.prepare(
    `SELECT ${QUEUE_COLUMNS} ${FROM} WHERE d.destination = ? AND d.holds = 1 AND d.seq > ? ORDER BY d.seq LIMIT ?`,
  )
  const urgent = db.prepare(
    `SELECT ${QUEUE_COLUMNS} ${FROM}
     WHERE d.destination = ? AND d.holds = 1 AND d.lane = 'urgent' AND d.seq > ? AND ${OPEN}
     ORDER BY d.seq LIMIT ?`,
  )
  const earlier = db.prepare(EARLIER)
  const one = db.prepare(`SELECT ${QUEUE_COLUMNS} ${FROM} WHERE d.id = ?`)
  const all = db.prepare(
    `SELECT d.id, d.destination, d.route, d.lane, d.state, m.test ${FROM} WHERE m.id = ? ORDER BY d.seq`,
  )
  return {
    async queue(destination, afterSeq, limit) {
      return queue.all(destination, afterSeq, limit).map(queueEntry)
    },
    async urgent(destination, afterSeq, limit) {
      return urgent.all(destination, afterSeq, limit).map(queueEntry)
    },
    async earlier(destination, keys, beforeSeq, limit) {
      const found = new Map<number, QueueEntry>()
      for (const key of keys) {
        const entries = earlier.all(searchPart(key), destination, beforeSeq).map(queueEntry)
        for (const entry of entries) if (entry.keys.includes(key)) found.set(entry.seq, entry)
      }
      return [...found.values()].sort((a, b) => b.seq - a.seq).slice(0, limit)
    },
    async delivery(id) {
      const row = one.get(id)
      return row ? queueEntry(row) : null
    },
    async deliveriesOf(id) {
      return all.all(id).map((row) => ({
        id: String(row['id']),
        destination: String(row['destination']),
        route: String(row['route']),
        lane: row['lane'] as Lane,
        state: row['state'] as State,
        test: row['test'] === 1,
      }))
    },
  }
}
