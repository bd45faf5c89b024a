const MINUTE_MS = 60_000
/** Keys remembered; the oldest go first. */
const KEYS = 10_000
/** The first wait after a failure (ms), doubling, and the longest. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 900_000

interface Tried {
  /** Start of the minute counted. */
  sinceMs: number
  count: number
  failures: number
  notBeforeMs: number
}

/** How often each address and account has tried lately, on this node. Wait 0: it may try now. */
export class Attempts {
  readonly #nowMs: () => number
  readonly #tried = new Map<string, Tried>()

  /** `nowMs`: monotonic. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Counts an attempt under a key; the answer is how long it must wait (ms), in which case it is not counted. */
  wait(key: string, perMinute: number): number {
    const nowMs = this.#nowMs()
    const one = this.#of(key, nowMs)
    if (nowMs < one.notBeforeMs) return one.notBeforeMs - nowMs
    if (nowMs - one.sinceMs >= MINUTE_MS) Object.assign(one, { sinceMs: nowMs, count: 0 })
    if (one.count >= perMinute) return one.sinceMs + MINUTE_MS - nowMs
    one.count++
    return 0
  }

  /** The next attempt under this key waits, twice as long after each failure. */
  failed(key: string): void {
    const nowMs = this.#nowMs()
    const one = this.#of(key, nowMs)
    one.notBeforeMs = nowMs + Math.min(FIRST_WAIT_MS * 2 ** one.failures, LONGEST_WAIT_MS)
    one.failures++
  }

  /** It was the right one. */
  succeeded(key: string): void {
    this.#tried.delete(key)
  }

  #of(key: string, nowMs: number): Tried {
    const one = this.#tried.get(key) ?? { sinceMs: nowMs, count: 0, failures: 0, notBeforeMs: 0 }
    // The one used last goes last, so that the first is the oldest.
    this.#tried.delete(key)
    this.#tried.set(key, one)
    const [oldest] = this.#tried.keys()
    if (this.#tried.size > KEYS && oldest !== undefined) this.#tried.delete(oldest)
    return one
  }
}
