import type { Config } from '../../core/config.ts'
import type { BackupCommands } from '../../core/operations.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import type { SqliteJournal } from '../../pipeline/journal/sqlite/open.ts'
import { startRetention } from '../../pipeline/retention.ts'
import { watchSoundness } from '../../pipeline/soundness.ts'
import { runningBackups } from '../backup/running.ts'

/** What looks after the store behind the answers. */
export interface HousekeepingParts {
  readonly journal: SqliteJournal
  readonly config: () => Config
  /** The store's folder, and what must stay free on its disk (bytes). */
  readonly dir: string
  readonly reserveBytes: number
  readonly release: string
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** Starts retention and the slow check of checksums, on one node at a time; backups wait to be asked for. */
export function housekeeping(parts: HousekeepingParts): { readonly backups: BackupCommands; stop(): Promise<void> } {
  let stops: (() => Promise<void>)[] = []
  const tenancy = parts.journal.leases.hold('housekeeping', {
    async begin() {
      stops = [startRetention(parts), watchSoundness(parts)]
    },
    async end(why) {
      // A slice on its way changes nothing twice: what it removes or reads is the same for everybody.
      const ended = Promise.all(stops.map((stop) => stop()))
      stops = []
      if (why === 'given') await ended
    },
  })
  tenancy.begun.catch(() => {})
  return { backups: runningBackups(parts), stop: () => tenancy.drop() }
}
