import type { DatabaseSync } from 'node:sqlite'
import type { Log } from '../../../core/ports.ts'

/** Pages of the log that are worth moving, and above which it is also emptied. Pages are 4 KiB. */
const PASSIVE_PAGES = 2_048
const TRUNCATE_PAGES = 65_536

/** Moves the log into the file. Either act throws what SQLite says: a failed sync, or a full disk. */
export interface Checkpoint {
  /** After a commit: when the log has grown enough. */
  ifDue(): void
  /** Now, however short the log is: what was erased goes from the file and the log. Where a reader is in the way, after the next commits. */
  atErasure(): void
  atClose(): void
}

/** Checkpoints are made here and not by SQLite itself, which swallows the error of a failed sync. */
export function checkpointer(db: DatabaseSync, log: Log): Checkpoint {
  const look = db.prepare('PRAGMA wal_checkpoint(NOOP)')
  const passive = db.prepare('PRAGMA wal_checkpoint(PASSIVE)')
  const truncate = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)')
  let busyAtPages = 0
  let owed = false
  const settle = (): void => {
    owed = (truncate.get() as { busy: number }).busy !== 0
  }
  return {
    atErasure: settle,
    ifDue(): void {
      if (owed) settle()
      const { log: pages, checkpointed } = look.get() as { log: number; checkpointed: number }
      // A reader that stays can keep pages in the log: look again after as many more, not at every commit.
      if (pages < busyAtPages) busyAtPages = 0
      if (pages - Math.max(checkpointed, busyAtPages) < PASSIVE_PAGES) return
      const result = (pages > TRUNCATE_PAGES ? truncate : passive).get() as { log: number; checkpointed: number }
      busyAtPages = result.checkpointed < result.log ? result.log : 0
      if (pages > TRUNCATE_PAGES && busyAtPages > 0) log.warn('journal.log-grows', { count: pages })
    },
    atClose: () => {
      truncate.get()
    },
  }
}
