import type { ErrorCode } from './errors.ts'

/**
 * What one attempt taught us. A closed union: `retry` is always safe, because the far side provably did not take the
 * message; `unknown` follows the destination's `onUnknown` (mail: its waits). Answers hold codes of the protocol,
 * never a patient's data; a `diagnostic` is what the far side wrote, for a report to the sender alone. */
export type Outcome =
  /** The far side has it. `proof`: `MSA-1 AA`, `HTTP 201`, `no answer asked`, `no error answered`. `report`: a mail's sender asked to hear of it, and
   * nobody but us tells him (RFC 3461 §5.2). */
  | { readonly kind: 'delivered'; readonly proof: string; readonly report?: 'delivered' | 'relayed' }
  /**
   * Not taken. `notBeforeMs`: wait asked for by the far side. `refusedAfter`: this many such outcomes are a refusal
   * (HL7 base AE: 3). `breaker`: the destination itself cannot be reached, so others need not try meanwhile. */
  | {
      readonly kind: 'retry'
      readonly code: ErrorCode
      readonly answer?: string
      readonly notBeforeMs?: number
      readonly refusedAfter?: number
      readonly breaker?: boolean
      readonly diagnostic?: string
    }
  /** The same bytes would be refused again. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly answer: string; readonly diagnostic?: string }
  /** Bytes left, and no answer of ours came back. The connection is gone. */
  | { readonly kind: 'unknown'; readonly code: ErrorCode }

/** One attempt as the timeline shows it. */
export interface Attempt {
  /** Counts from 1. */
  readonly n: number
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly outcome: Outcome['kind']
  readonly code: ErrorCode | null
  /** The proof, or what the far side answered in protocol codes (at most 200 characters). */
  readonly answer: string | null
}
