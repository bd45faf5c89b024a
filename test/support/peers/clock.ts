import type { Clock } from '../../../src/core/ports.ts'

/** The machine's own time. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/** Time that moves only when told. */
export interface ManualClock extends Clock {
  /** Moves on by `ms`, running on the way whatever falls due, in order. */
  advance(ms: number): void
  readonly timers: number
}

/** A clock that stands at 2026-01-05 08:00 UTC until it is advanced. */
export function manualClock(): ManualClock {
  const wallMs = Date.UTC(2026, 0, 5, 8)
  let now = 0
  const due = new Set<{ atMs: number; run: () => void }>()
  return {
    nowMs: () => wallMs + now,
    monotonicMs: () => now,
    after(ms, run) {
      const timer = { atMs: now + ms, run }
      due.add(timer)
      return () => void due.delete(timer)
    },
    get timers() {
      return due.size
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        const next = [...due].filter((timer) => timer.atMs <= end).sort((a, b) => a.atMs - b.atMs)[0]
        if (next === undefined) break
        due.delete(next)
        now = Math.max(now, next.atMs)
        next.run()
      }
      now = end
    },
  }
}

/** The machine's time, with leaps. */
export interface LeapingClock extends Clock {
  /** Moves on by `ms` at once; what falls due within is run, in order. */
  leap(ms: number): void
}

/** A clock that goes by itself and may be moved on. */
export function leapingClock(): LeapingClock {
  let leaptMs = 0
  const due = new Map<{ readonly atMs: number; readonly run: () => void }, NodeJS.Timeout>()
  const monotonicMs = (): number => performance.now() + leaptMs
  const arm = (timer: { readonly atMs: number; readonly run: () => void }): void => {
    const fire = (): void => {
      due.delete(timer)
      timer.run()
    }
    due.set(timer, setTimeout(fire, Math.max(0, timer.atMs - monotonicMs())))
  }
  return {
    nowMs: () => Date.now() + leaptMs,
    monotonicMs,
    after(ms, run) {
      const timer = { atMs: monotonicMs() + ms, run }
      arm(timer)
      return () => {
        clearTimeout(due.get(timer))
        due.delete(timer)
      }
    },
    leap(ms) {
      leaptMs += ms
      const waiting = [...due].sort(([a], [b]) => a.atMs - b.atMs)
      for (const [timer, handle] of waiting) {
        clearTimeout(handle)
        arm(timer)
      }
    },
  }
}
