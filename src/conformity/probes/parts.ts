import type { Socket } from 'node:net'
import type { ErrorCode } from '../../core/errors.ts'
import type { AskDoctor } from '../../core/mail-doctor.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import type { FoundFault, ProbeFacts } from '../../core/probes.ts'
import type { ProbeAddress } from './endpoints.ts'

/** Opens a verified connection as senders do (senders/dial). Never rejects. */
export type Dial = (
  address: ProbeAddress,
  clock: Clock,
  signal: AbortSignal,
) => Promise<
  | { readonly ok: true; readonly socket: Socket }
  | { readonly ok: false; readonly code: string; readonly aborted: boolean; readonly fault: string | null }
>

/** Bounds of one probe. */
export interface ProbeLimits {
  /** All of it, ms. */
  readonly totalMs: number
  /** Of one answer. */
  readonly maxBytes: number
}

/** The bounds unless told otherwise: 10 s, 1 MiB. */
export const PROBE_LIMITS: ProbeLimits = { totalMs: 10_000, maxBytes: 1_024 * 1_024 }

/** What probes are made with. */
export interface ProbeParts {
  readonly clock: Clock
  readonly ids: Ids
  readonly dial: Dial
  /** IANA name: MSH-7 of ours, and of answers without an offset. */
  readonly timeZone: string
  /** FINESS number (EJ) of an establishment, for MSH-6; null: none. */
  readonly finess: (establishment: string) => string | null
  /** Null: there is no mail here. `reaches`: why no mail goes to a domain. */
  readonly mail: { readonly doctor: AskDoctor; readonly reaches: (domain: string) => ErrorCode | null } | null
  /** Absent: `PROBE_LIMITS`. */
  readonly limits?: ProbeLimits
}

/** What one probe of a kind works with. */
export interface Asking extends ProbeParts {
  readonly limits: ProbeLimits
  /** Aborted when the time is over. */
  readonly signal: AbortSignal
}

/** What a probe of a kind found. Facts stand also beside faults. `reached` false: there was no connection. */
export interface Finding {
  readonly faults: readonly FoundFault[]
  readonly facts: ProbeFacts
  readonly reached: boolean
}

/** A fault with its parameters, as texts. */
export function fault(name: FoundFault['fault'], params: Readonly<Record<string, string | number>> = {}): FoundFault {
  return { fault: name, params: Object.fromEntries(Object.entries(params).map(([key, one]) => [key, String(one)])) }
}

/** A finding of a connection that was there. */
export function found(faults: readonly FoundFault[], facts: ProbeFacts = {}): Finding {
  return { faults, facts, reached: true }
}

/** Most of a text of the far side that is kept, in characters. */
const SAID_MAX = 64

/** A text of the far side as it may be kept: short, on one line; null when nothing is left of it. */
export function said(text: string | null | undefined): string | null {
  const bare = (text ?? '').replace(/[\p{C}\p{Z}\s]+/gu, ' ').trim()
  return bare === '' ? null : bare.slice(0, SAID_MAX)
}
