/** The content of a message, as a page shows it to somebody who may see it and said why. */
import type { Reach } from './caller.ts'
import type { ErrorCode } from './errors.ts'
import type { DeliveryId, DestinationId, MessageId } from './message.ts'

/** How bytes are written. */
export type ContentFormat = 'hl7v2' | 'fhir'

/** What leaves for one destination, our own work done again as it is before an attempt. */
export interface Leaving {
  readonly delivery: DeliveryId
  readonly destination: DestinationId
  readonly route: string
  /** `failed`: our own work could not be done; `code` says why. */
  readonly outcome: 'asItCame' | 'changed' | 'refused' | 'failed'
  readonly code: ErrorCode | null
  /** What leaves, where it is not what came. */
  readonly bytes: Buffer | null
  readonly format: ContentFormat
}

/** Content for one pair of eyes: what is withheld from them is not in it. */
export interface Content {
  readonly format: ContentFormat
  /** The first of `total` bytes: all of them unless it is long. */
  readonly bytes: Buffer
  readonly total: number
  /** HL7 v2: what an empty MSH-18 means here. */
  readonly charset: string
  /** The positive answer as it was written; null: none is kept. */
  readonly answer: Buffer | null
  /** The same message as FHIR, where it came as HL7 v2 and can be converted. */
  readonly fhir: Buffer | null
  readonly leaving: readonly Leaving[]
}

/** Questions for content. Whoever asks notes first who reads it and why. */
export interface ContentViews {
  /** Null: there is none, or not for these eyes. */
  content(id: MessageId, reach: Reach | null): Promise<Content | null>
}
