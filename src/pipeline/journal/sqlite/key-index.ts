import type { DatabaseSync } from 'node:sqlite'

/** Keys that wait in `message_key_new` before they are sorted into `message_key`, in one go. */
const SORT_IN_AFTER = 4_096
/** Messages of one bucket: 2^16. */
const BUCKET_BITS = 16

/**
 * The search keys of messages. Patients' keys are random, so a row of its own in one large index costs a whole page of
 * the log for each key: 15 of the 25 KB written per message (measured, 64 per commit). They are appended to a small
 * table instead, and sorted in by the thousand, within buckets of 65,536 messages so that a batch shares pages
 * however large the store is: 14 KB per message. */
export interface KeyIndex {
  /** Within the list that writes the message. */
  add(messageSeq: number, searchKeys: readonly string[]): void
  /** Within a group, after its lists: sorts in what waits, when it is much. */
  sortIn(): void
}

const SORT_IN = `INSERT INTO message_key (bucket, search_key, message_seq)
  SELECT message_seq >> ${BUCKET_BITS}, search_key, message_seq FROM message_key_new ORDER BY 1, 2, 3`
const EMPTY = 'DELETE FROM message_key_new'

/** Sorts in all that waits, in one commit, while nobody else writes. */
export function sortIn(db: DatabaseSync): void {
  db.exec(`BEGIN IMMEDIATE; ${SORT_IN}; ${EMPTY}; COMMIT`)
}

/** Prepares the statements once. */
export function openKeyIndex(db: DatabaseSync): KeyIndex {
  const append = db.prepare('INSERT INTO message_key_new (message_seq, search_key) VALUES (?, ?)')
  const move = db.prepare(SORT_IN)
  const empty = db.prepare(EMPTY)
  // What a group that is undone added or sorted in is counted all the same: only the moment of sorting in shifts.
  let waiting = Number(db.prepare('SELECT count(*) AS n FROM message_key_new').get()?.['n'])
  return {
    add(messageSeq, searchKeys) {
      for (const key of searchKeys) append.run(messageSeq, key)
      waiting += searchKeys.length
    },
    sortIn() {
      if (waiting < SORT_IN_AFTER) return
      move.run()
      empty.run()
      waiting = 0
    },
  }
}

/** Prepares the removal of a message's search keys, whichever table they are in. */
export function prepareForget(db: DatabaseSync): (messageSeq: number, searchKeys: readonly string[]) => void {
  const sorted = db.prepare(
    `DELETE FROM message_key WHERE bucket = ? >> ${BUCKET_BITS} AND search_key = ? AND message_seq = ?`,
  )
  const fresh = db.prepare('DELETE FROM message_key_new WHERE message_seq = ?')
  return (messageSeq, searchKeys) => {
    for (const key of searchKeys) sorted.run(messageSeq, key, messageSeq)
    fresh.run(messageSeq)
  }
}
