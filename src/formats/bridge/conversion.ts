/** What a conversion comes to, and what it lost. */
import type { ErrorCode } from '../../core/errors.ts'
import type { Finding } from '../../core/message.ts'
import type { Component, Segment } from '../hl7v2/write.ts'

/** Why a message was not converted. `at`: an HL7 path or a FHIRPath, '' for the whole. */
export interface Unconvertible {
  readonly ok: false
  readonly code: Extract<
    ErrorCode,
    'CONVERSION_FAILED' | 'CONVERSION_NONE' | 'CHARSET_UNMAPPABLE' | 'NOT_HL7' | 'NOT_JSON' | 'RESOURCE_MALFORMED'
  >
  readonly at: string
}

/** What was made, and what was noticed on the way. */
export type Conversion<T> =
  | { readonly ok: true; readonly made: T; readonly findings: readonly Finding[] }
  | Unconvertible

/** An HL7 v2 message before its MSH is written (`writeDraft`). */
export interface Hl7Draft {
  /** MSH-9: `['ADT', 'A01', 'ADT_A01']`. */
  readonly type: readonly [type: string, event: string, structure: string]
  /** MSH-12: `['2.5', 'FRA', '2.11']` for PAM FR. */
  readonly version: readonly Component[]
  /** MSH-21, or none. */
  readonly profile?: readonly Component[]
  /** All behind MSH, in the order of the structure. */
  readonly segments: readonly Segment[]
}

/** What a round trip through a mapping loses, as docs/bridges.md lists it. */
export interface Loss {
  /** The format in which it stands. */
  readonly from: 'hl7v2' | 'fhir'
  /** `PV1-4`, a segment (`NK1`), or a FHIRPath (`Patient.photo`). */
  readonly at: string
  /** What becomes of it. */
  readonly what: string
}

/** A conversion that cannot be, for want of what stands at the place. */
export function lacking(at: string): Unconvertible {
  return { ok: false, code: 'CONVERSION_FAILED', at }
}
