/** Is a verified list taken in the place of the one in use? */
import type { ErrorCode } from '../core/errors.ts'

/** What a list is judged by. */
export interface ListFacts {
  /** DateDeGeneration, ms since 1970. */
  readonly generatedAtMs: number
  /** Rows that can be used. */
  readonly rows: number
  /** SHA-256 of its bytes, hex. */
  readonly sha256: string
}

/** What an operator of the region may set. */
export interface AcceptRules {
  /** A list that loses more of its rows than this share (0 to 1) waits for an administrator. */
  readonly shrink: number
  /** How far ahead of our clock a list may say that it was made (ms). */
  readonly ahead: number
}

/** As documented; none of it is prescribed. */
export const ACCEPT_RULES: AcceptRules = { shrink: 0.2, ahead: 600_000 }

/** `same`: these very bytes are in use. `waits`: an administrator may confirm it. */
export type Judgement =
  | { readonly what: 'take' }
  | { readonly what: 'same' }
  | {
      readonly what: 'refuse'
      readonly code: Extract<ErrorCode, 'WHITELIST_OLDER' | 'WHITELIST_FUTURE' | 'WHITELIST_FORM'>
    }
  | { readonly what: 'waits'; readonly code: 'WHITELIST_SHRUNK' }

/**
 * Judges a verified list against the one in use (null: none). `confirmed`: SHA-256 of a shrunk list that an administrator
 * has confirmed. Another list of the same time is refused as older: one of the two is not what was published last. */
export function judge(
  next: ListFacts,
  current: ListFacts | null,
  nowMs: number,
  rules: AcceptRules = ACCEPT_RULES,
  confirmed: string | null = null,
): Judgement {
  if (current !== null && next.sha256 === current.sha256) return { what: 'same' }
  if (next.rows === 0) return { what: 'refuse', code: 'WHITELIST_FORM' }
  if (next.generatedAtMs > nowMs + rules.ahead) return { what: 'refuse', code: 'WHITELIST_FUTURE' }
  if (current === null) return { what: 'take' }
  if (next.generatedAtMs <= current.generatedAtMs) return { what: 'refuse', code: 'WHITELIST_OLDER' }
  const isShrunk = next.rows < current.rows * (1 - rules.shrink)
  return isShrunk && confirmed !== next.sha256 ? { what: 'waits', code: 'WHITELIST_SHRUNK' } : { what: 'take' }
}
