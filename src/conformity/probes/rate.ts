/** What an establishment may still be asked: tokens, and when they were counted last (ms). */
export interface Allowance {
  readonly tokens: number
  readonly atMs: number
}

const MINUTE_MS = 60_000

/**
 * May one more probe begin? `perMinute` may, at once after a minute of rest. Gives what is left then, or as it stands when
 * none may. `before` undefined: nothing was asked yet. Pure. */
export function spend(
  before: Allowance | undefined,
  nowMs: number,
  perMinute: number,
): { readonly may: boolean; readonly left: Allowance } {
  const { tokens, atMs } = before ?? { tokens: perMinute, atMs: nowMs }
  // A clock that went back gives nothing.
  const grown = Math.min(perMinute, tokens + (Math.max(0, nowMs - atMs) * perMinute) / MINUTE_MS)
  const may = grown >= 1
  return { may, left: { tokens: may ? grown - 1 : grown, atMs: nowMs } }
}
