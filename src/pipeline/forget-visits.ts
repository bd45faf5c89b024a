import type { Config } from '../core/config.ts'
import { codeOf } from '../core/errors.ts'
import type { Journal } from '../core/journal.ts'
import type { Clock, Log } from '../core/ports.ts'
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
  let stopped = false
  let slicing: Promise<void> = Promise.resolve()
  const slice = async (): Promise<void> => {
    let waitMs = LOOK_MS
    try {
      const beforeMs = clock.nowMs() - config().retention.visitsMs
      const registeredMs = clock.nowMs() - REGISTERED_MS
      const due = await journal.look({
        sql: `SELECT 1 FROM (SELECT 1 FROM visit WHERE at_ms < ? LIMIT 1) v
          UNION ALL SELECT 1 FROM (SELECT 1 FROM care_registered WHERE at_ms < ? LIMIT 1) r`,
        parameters: [beforeMs, registeredMs],
      })
      if (due.length > 0) {
        const rows = [forgetVisits(beforeMs, SLICE_ROWS), forgetRegistered(registeredMs, SLICE_ROWS)]
        await journal.apply({ rows })
        waitMs = PAUSE_MS
      }
    } catch (fault) {
      if (!stopped) log.error('retention.failed', { code: codeOf(fault) }, fault)
    }
    if (!stopped) cancel = clock.after(waitMs, next)
  }
  const next = (): void => {
    slicing = slice()
  }
  let cancel = clock.after(PAUSE_MS, next)
  return async () => {
    stopped = true
    cancel()
    await slicing
  }
}
