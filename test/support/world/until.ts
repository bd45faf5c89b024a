import { setTimeout as wait } from 'node:timers/promises'

/**
 * Asks another process again and again until `probe` gives a value other than null or false. For what only asking can
 * tell; inside this process wait for the event itself.
 * @throws {Error} naming `what` and the last value when `withinMs` have passed */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | false>,
  { withinMs = 60_000, everyMs = 20 } = {},
): Promise<T> {
  const end = performance.now() + withinMs
  let fault: unknown = null
  for (;;) {
    try {
      const value = await probe()
      if (value !== null && value !== false) return value
      fault = null
    } catch (error) {
      fault = error
    }
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`, { cause: fault })
    await wait(everyMs)
  }
}

/** Rejects when `promise` has not settled within `ms`; names `what`. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const late = wait(ms, null, { signal: stop.signal }).then(() => {
    throw new Error(`not within ${ms} ms: ${what}`)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    stop.abort()
    late.catch(() => {})
  }
}
