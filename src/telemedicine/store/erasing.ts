import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { eraseCases } from './erase.ts'

/** Between two slices, and between two looks when nothing was due (ms). */
const PAUSE_MS = 100
const LOOK_MS = 3_600_000

/** What the retention of content works on. */
export interface ErasingParts {
  readonly journal: Pick<Journal, 'read' | 'apply'>
  readonly config: () => Config
  readonly clock: Clock
  readonly log: Log
}

/**
 * Erases the content of closed cases past their time, in slices as long as something is due, and looks again every hour. The
 * function returned stops it, and resolves once the slice under way is over. */
export function startErasingCases(parts: ErasingParts): () => Promise<void> {
  const { clock, log } = parts
  let stopped = false
  let round = 0
  let slicing: Promise<void> = Promise.resolve()
  const next = (): void => {
    slicing = slice()
  }
  let cancel = clock.after(PAUSE_MS, next)

  async function slice(): Promise<void> {
    let waitMs = LOOK_MS
    try {
      const { cases, done } = await eraseCases(parts, clock.nowMs())
      round += cases
      if (!done) waitMs = PAUSE_MS
      else if (round > 0) {
        log.info('cases.erased', { count: round })
        round = 0
      }
    } catch (fault) {
      if (!stopped) log.error('cases.erasing-failed', {}, fault)
    }
    if (!stopped) cancel = clock.after(waitMs, next)
  }
  return async () => {
    stopped = true
    cancel()
    await slicing
  }
}
