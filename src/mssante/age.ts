/** How old the list in use is, and what follows from it. */
import type { ErrorCode } from '../core/errors.ts'

/** After which time without a confirmation what happens (ms). */
export interface AgeRules {
  /** People are told. */
  readonly stale: number
  /** People are told that mail will stop. */
  readonly old: number
  /** Mail waits. */
  readonly closed: number
}

/** As documented; the official behaviour was not found in public. */
export const AGE_RULES: AgeRules = { stale: 6 * 3_600_000, old: 24 * 3_600_000, closed: 72 * 3_600_000 }

/** `none`: there never was a list. */
export type ListState = 'none' | 'fresh' | 'stale' | 'old' | 'closed'

/** What the state depends on. */
export interface AgeFacts {
  /** When the list in use was last confirmed: fetched and verified, or its publisher said that it had not changed. */
  readonly confirmedAtMs: number
  /** Until when an administrator lets an old list count; null: not extended. */
  readonly extendedUntilMs: number | null
}

/** The state of the list at a time. `extended`: it would be closed, and an administrator has said until when it is not. */
export function stateAt(
  facts: AgeFacts | null,
  nowMs: number,
  rules: AgeRules = AGE_RULES,
): { readonly state: ListState; readonly ageMs: number; readonly extended: boolean } {
  if (facts === null) return { state: 'none', ageMs: 0, extended: false }
  const ageMs = Math.max(0, nowMs - facts.confirmedAtMs)
  if (ageMs >= rules.closed) {
    const extended = facts.extendedUntilMs !== null && nowMs < facts.extendedUntilMs
    return { state: extended ? 'old' : 'closed', ageMs, extended }
  }
  return { state: ageMs >= rules.old ? 'old' : ageMs >= rules.stale ? 'stale' : 'fresh', ageMs, extended: false }
}

/** With which code mail is told to wait, whatever its domain; null: it may be looked at. */
export function waitCode(state: ListState): Extract<ErrorCode, 'WHITELIST_NONE' | 'WHITELIST_CLOSED'> | null {
  return state === 'none' ? 'WHITELIST_NONE' : state === 'closed' ? 'WHITELIST_CLOSED' : null
}

/** What people are told of a state; null: nothing. */
export function stateCode(state: ListState): ErrorCode | null {
  if (state === 'stale') return 'WHITELIST_STALE'
  return state === 'old' ? 'WHITELIST_OLD' : waitCode(state)
}
