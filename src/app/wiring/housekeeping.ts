import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { BackupCommands } from '../../core/operations.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { startRetention } from '../../pipeline/retention.ts'
import { watchSoundness } from '../../pipeline/soundness.ts'
import { runningBackups } from '../backup/running.ts'
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
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** Starts retention and the slow check of checksums; backups wait to be asked for. */
export function housekeeping(parts: HousekeepingParts): {
  readonly backups: BackupCommands | null
  stop(): void
} {
  const { embedded } = parts
  const stops = [startRetention(parts), watchSoundness(parts)]
  return {
    backups: embedded === null ? null : runningBackups({ ...parts, ...embedded }),
    stop() {
      for (const stop of stops) stop()
    },
  }
}
