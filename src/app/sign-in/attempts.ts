const MINUTE_MS = 60_000
/** Keys remembered; the oldest go first. */
const KEYS = 10_000
/** The first wait after a failure (ms), doubling, and the longest. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 900_000

interface Tried {
  /** Start of the minute counted. */
  sinceMs: number
  /** Failures in it. */
  count: number
  /** Failures in a row. */
  failures: number
  notBeforeMs: number
}

/** How often each address and account has failed to sign in lately, on this node. */
export class Attempts {
  readonly #nowMs: () => number
  readonly #tried = new Map<string, Tried>()

  /** `nowMs`: monotonic. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** How long a key must wait before it may try (ms); 0: it may now. */
  wait(key: string, failuresPerMinute: number): number {
    const nowMs = this.#nowMs()
    const one = this.#tried.get(key)
    if (one === undefined) return 0
    const minuteMs = one.count >= failuresPerMinute ? one.sinceMs + MINUTE_MS - nowMs : 0
    return Math.max(0, one.notBeforeMs - nowMs, minuteMs)
  }

  /** Failures of a key since it was last right. */
  inARow(key: string): number {
    return this.#tried.get(key)?.failures ?? 0
  }

  /** Counts a failure. `growing`: the next attempt waits, twice as long after each failure in a row. */
  failed(key: string, growing: boolean): void {
    const nowMs = this.#nowMs()
    const one = this.#tried.get(key) ?? { sinceMs: nowMs, count: 0, failures: 0, notBeforeMs: 0 }
    if (nowMs - one.sinceMs >= MINUTE_MS) Object.assign(one, { sinceMs: nowMs, count: 0 })
    one.count++
    if (growing) one.notBeforeMs = nowMs + Math.min(FIRST_WAIT_MS * 2 ** one.failures++, LONGEST_WAIT_MS)
    // The one that failed last goes last, so that the first is the oldest.
    this.#tried.delete(key)
    this.#tried.set(key, one)
    const [oldest] = this.#tried.keys()
    if (this.#tried.size > KEYS && oldest !== undefined) this.#tried.delete(oldest)
  }

  /** It was the right one. */
  succeeded(key: string): void {
    this.#tried.delete(key)
  }
}
