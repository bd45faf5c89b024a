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
