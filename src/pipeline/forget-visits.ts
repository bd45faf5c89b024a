import type { Config } from '../core/config.ts'
import { codeOf } from '../core/errors.ts'
import type { Journal } from '../core/journal.ts'
import type { Clock, Log } from '../core/ports.ts'
import { startRounds } from '../core/rounds.ts'
import { forgetRegistered, REGISTERED_MS } from './registered.ts'
import { forgetVisits } from './visits.ts'

/** Between two looks when nothing was due (ms). */
const LOOK_MS = 3_600_000
/** Between two slices (ms), and what goes in one. */
const PAUSE_MS = 1_000
const SLICE_ROWS = 500

/** Removes visits past their time (retention.visits) and registrations of two days ago, now and every hour. The function returned stops it. */
export function startForgetting(parts: {
  readonly journal: Pick<Journal, 'look' | 'apply'>
  readonly config: () => Config
  readonly clock: Clock
  readonly log: Log
}): () => Promise<void> {
  const { journal, config, clock, log } = parts
  return startRounds({
    clock,
    firstMs: PAUSE_MS,
    async round() {
      const beforeMs = clock.nowMs() - config().retention.visitsMs
      const registeredMs = clock.nowMs() - REGISTERED_MS
      const due = await journal.look({
        sql: `SELECT 1 FROM (SELECT 1 FROM visit WHERE at_ms < ? LIMIT 1) v
          UNION ALL SELECT 1 FROM (SELECT 1 FROM care_registered WHERE at_ms < ? LIMIT 1) r`,
        parameters: [beforeMs, registeredMs],
      })
      if (due.length === 0) return LOOK_MS
      await journal.apply({ rows: [forgetVisits(beforeMs, SLICE_ROWS), forgetRegistered(registeredMs, SLICE_ROWS)] })
      return PAUSE_MS
    },
    failedMs: LOOK_MS,
    failed: (fault) => log.error('retention.failed', { code: codeOf(fault) }, fault),
  })
}
