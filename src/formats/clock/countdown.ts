/**
 * Counting down on a page. Remaining time is the server's: the page is given the end and the server's time, and this never
 * says that more is left than there is. It imports nothing: types taken away, it is a script for a browser. */

/** What the server said, ms since 1970. */
export interface CountdownFacts {
  readonly endsMs: number
  /** The server's time, taken after the browser asked. */
  readonly serverNowMs: number
}

/**
 * How long ago the browser asked, by its two clocks (ms): the monotonic one may stand still while a machine sleeps, the
 * other may be set. Both count from before the asking, so that the way of the answer is not added to what is left. */
export interface SinceAsked {
  readonly monotonicMs: number
  readonly wallMs: number
}

/** A browser's clock may be that much slower than the server's, as a part of the time since it asked. */
export const SLOWEST = 0.001

/** What is left, ms, at most the truth; below zero: how long it has been over. */
export function remainingMs({ endsMs, serverNowMs }: CountdownFacts, since: SinceAsked): number {
  const passedMs = Math.max(0, since.monotonicMs, since.wallMs)
  return endsMs - serverNowMs - Math.ceil(passedMs * (1 + 2 * SLOWEST))
}

/** Whole minutes that are left, never more than there are; of what is over, the whole minutes since. */
export function wholeMinutes(ms: number): number {
  return Math.trunc(ms / 60_000)
}

/** Remaining times that are announced to who does not look (ms). */
export const THRESHOLDS_MS: readonly number[] = [7_200_000, 3_600_000, 1_800_000, 900_000]

/** The threshold that was passed between two looks at what is left; null: none. Of several at once, the last. */
export function passedThreshold(beforeMs: number, nowMs: number): number | null {
  return THRESHOLDS_MS.findLast((one) => beforeMs > one && nowMs <= one && nowMs > 0) ?? null
}
