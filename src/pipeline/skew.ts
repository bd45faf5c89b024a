import type { Journal } from '../core/journal.ts'
import type { Clock, Log, Meter } from '../core/ports.ts'
import { alertEvent } from './alerts.ts'

const LOOK_MS = 10_000
/** A wall clock that gained or lost this much against the monotonic one between two looks has jumped (ms). */
export const JUMP_MS = 2_000

/**
 * Watches the wall clock, which people read and limits are kept in, against the monotonic one, and raises CLOCK_SKEW at a
 * jump. The function returned stops it. */
export function watchClock(parts: {
  readonly journal: Pick<Journal, 'apply'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}): () => void {
  const { journal, clock, log, meter } = parts
  let offset = clock.nowMs() - clock.monotonicMs()
  let cancel = clock.after(LOOK_MS, look)
  function look(): void {
    const now = clock.nowMs() - clock.monotonicMs()
    const jumpMs = Math.round(now - offset)
    offset = now
    cancel = clock.after(LOOK_MS, look)
    if (Math.abs(jumpMs) < JUMP_MS) return
    log.warn('clock.jumped', { code: 'CLOCK_SKEW', ms: jumpMs })
    meter.count('alert_total', { code: 'CLOCK_SKEW' })
    journal
      .apply({ events: [alertEvent(clock.nowMs(), 'CLOCK_SKEW', { detail: `${jumpMs} ms` })] })
      .catch((fault: unknown) => log.error('clock.unrecorded', {}, fault))
  }
  return () => cancel()
}
