import type { RetryPolicy } from '../core/config.ts'

/**
 * Wait before try `n` (from 1) in ms: `first`, growing by `factor`, at most `max`, spread by ±25 % so that many
 * destinations that failed together do not come back together. Pure; `random` is uniform in [0, 1). */
export function backoffMs(n: number, retry: RetryPolicy, random: number): number {
  const step = retry.stepsMs?.[Math.min(n, retry.stepsMs.length) - 1]
  const base = step ?? Math.min(retry.firstMs * retry.factor ** Math.min(n - 1, 60), retry.maxMs)
  return Math.round(base * (0.75 + random / 2))
}

/**
 * Circuit breaker of one destination. While it is open nothing is tried; when its wait is over one delivery goes as a
 * probe, and only a far side that could be reached closes it. */
export interface Breaker {
  /** May a delivery start now? `inFlight` counts those on their way. */
  admits(nowMs: number, inFlight: number): boolean
  /** The far side could not be reached at all. Returns when the next try is due (ms). */
  failed(nowMs: number): number
  /** The far side answered, whatever it said. */
  reached(): void
  /** The reason may be gone: a probe may go now, and waits begin anew. */
  again(nowMs: number): void
  /** When it lets a probe through, or null when closed. */
  readonly openUntilMs: number | null
}

/** A closed breaker. */
export function breaker(retry: RetryPolicy, random: () => number): Breaker {
  let failures = 0
  let openUntilMs: number | null = null
  return {
    admits: (nowMs, inFlight) => openUntilMs === null || (nowMs >= openUntilMs && inFlight === 0),
    failed(nowMs) {
      // Attempts that were under way together are one failure of the destination.
      if (openUntilMs === null || nowMs >= openUntilMs) openUntilMs = nowMs + backoffMs(++failures, retry, random())
      return openUntilMs
    },
    reached() {
      failures = 0
      openUntilMs = null
    },
    again(nowMs) {
      failures = 0
      if (openUntilMs !== null) openUntilMs = Math.min(openUntilMs, nowMs)
    },
    get openUntilMs() {
      return openUntilMs
    },
  }
}
