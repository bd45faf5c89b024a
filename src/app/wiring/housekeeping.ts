import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { BackupCommands } from '../../core/operations.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { keepAudit } from '../../pipeline/audit/keep.ts'
import { startPruning } from '../../pipeline/audit/prune.ts'
import { startForgetting } from '../../pipeline/forget-visits.ts'
import { watchOrphans } from '../../pipeline/orphans.ts'
import { startRetention } from '../../pipeline/retention.ts'
import { watchSoundness } from '../../pipeline/soundness.ts'
import { runningBackups } from '../backup/running.ts'
import type { Sessions } from '../sign-in/sessions.ts'
import { startTidying } from '../sign-in/tidy.ts'
import type { OpenStore } from './store.ts'

/** What looks after the store behind the answers. */
export interface HousekeepingParts {
  readonly journal: Journal
  readonly config: () => Config
  /** The embedded store, which this process copies while it runs; null: the database has its own backups. */
  readonly embedded: OpenStore['embedded']
  /** What must stay free on its disk (bytes). */
  readonly reserveBytes: number
  readonly release: string
  readonly sessions: Sessions
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** Starts retention and the slow check of checksums, on one node at a time; backups wait to be asked for. */
export function housekeeping(parts: HousekeepingParts): {
  readonly backups: BackupCommands | null
  stop(): Promise<void>
} {
  const { embedded } = parts
  let stops: (() => Promise<void>)[] = []
  const tenancy = parts.journal.leases.hold('housekeeping', {
    async begin() {
      stops = [
        startRetention(parts),
        startForgetting(parts),
        startTidying(parts),
        keepAudit(parts),
        startPruning(parts),
        watchSoundness(parts),
        watchOrphans(parts),
      ]
    },
    async end(why) {
      // A slice on its way changes nothing twice: what it removes or reads is the same for everybody.
      const ended = Promise.all(stops.map((stop) => stop()))
      stops = []
      if (why === 'given') await ended
    },
  })
  tenancy.begun.catch(() => {})
  return {
    backups: embedded === null ? null : runningBackups({ ...parts, ...embedded }),
    stop: () => tenancy.drop(),
  }
}
