import type { Journal } from '../core/journal.ts'
import type { Clock, Log, Meter } from '../core/ports.ts'
import { alertEvent } from './alerts.ts'

const LOOK_MS = 10_000
/**
 * A wall clock that gained or lost this much against the monotonic one between two looks has jumped, and one that is this
 * far from the store's is wrong (ms). */
export const JUMP_MS = 2_000
/** A node whose wall clock is further than this from the store's works on nothing and takes nothing (ms). */
export const ASTRAY_MS = 60_000

/**
 * Watches the wall clock, which people read and limits are kept in, against the monotonic one and the store's, and raises
 * CLOCK_SKEW at a jump and when it begins to be wrong. The function returned stops it. */
export function watchClock(parts: {
  readonly journal: Pick<Journal, 'apply' | 'clockAheadMs'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}): () => void {
  const { journal, clock, log, meter } = parts
  let offset = clock.nowMs() - clock.monotonicMs()
  let wrong = false
  let cancel = clock.after(LOOK_MS, look)
  function look(): void {
    const now = clock.nowMs() - clock.monotonicMs()
    const jumpMs = Math.round(now - offset)
    offset = now
    const aheadMs = journal.clockAheadMs()
    const wasWrong = wrong
    wrong = Math.abs(aheadMs) >= JUMP_MS
    cancel = clock.after(LOOK_MS, look)
    if (Math.abs(jumpMs) >= JUMP_MS) raise('clock.jumped', jumpMs)
    else if (wrong && !wasWrong) raise('clock.skewed', aheadMs)
  }
  function raise(event: 'clock.jumped' | 'clock.skewed', ms: number): void {
    log.warn(event, { code: 'CLOCK_SKEW', ms })
    meter.count('alert_total', { code: 'CLOCK_SKEW' })
    // Dated by the store's clock: a time far off would stand before all others, or be found by nobody.
    const atMs = clock.nowMs() - journal.clockAheadMs()
    journal
      .apply({ events: [alertEvent(atMs, 'CLOCK_SKEW', { detail: `${ms} ms` })] })
      .catch((fault: unknown) => log.error('clock.unrecorded', {}, fault))
  }
  return () => cancel()
}
