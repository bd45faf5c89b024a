/**
 * The shared words, one word for one thing. Every room uses them, and no other word for the same thing.
 *
 * - **arrival**: bytes that came in at a door, with who brought them; nothing is promised yet.
 * - **message**: an arrival that was read, identified, routed and committed; it has an id and is answered for.
 * - **body**: the bytes of a message, reached through a handle.
 * - **kind**: what sort of message it is, in HL7's own words: `ORM^O01`, `ADT^A31`, or a FHIR type.
 * - **establishment**: a legal or geographic entity of the region, known by its id in region.yaml.
 * - **destination**: one way to one establishment's system, written `establishment/name`.
 * - **route**: a rule of region.yaml that sends matching messages to destinations.
 * - **delivery**: one message on its way to one destination; it has a state and attempts.
 * - **attempt**: one try to hand a delivery over; **outcome**: what that try taught us.
 * - **lane**: `urgent` or `normal`; **order key**: what deliveries to one destination may not overtake each other on.
 * - **receipt**: proof of a commit; **refusal**: why nothing was promised.
 * - **finding**: something noticed about a message: a code, a class and parameters, never text.
 * - **parked**: set aside until a person ends it: refused, expired, poisoned, or unknown on hold.
 * - **position**: an opaque place in the journal; **revision**: an immutable numbered configuration.
 * - **follower**: a part that reads the journal behind the answer; **effect**: what it changes, in one commit.
 */

import type { ErrorCode } from './errors.ts'
import type { FhirAsk } from './fhir.ts'

/** UUIDv7 made by the gateway; sorts by time of making. */
export type MessageId = string
/** UUIDv7 of one delivery. */
export type DeliveryId = string
/** `establishment/name`, or `platform`, the destination inside. */
export type DestinationId = string
/** Opaque place in the journal: compare only through the journal that gave it. */
export type Position = string

/** The destination inside the gateway: kept and answered, for the followers. */
export const PLATFORM: DestinationId = 'platform'

/** Urgent deliveries have connections of their own and never wait behind what is stuck. */
export type Lane = 'normal' | 'urgent'
/**
 * The ways in; `internal` is a message that the gateway made itself. At `sandbox` messages are judged and answered, and none is made. */
export type EntranceName = 'mllp' | 'mllps' | 'sandbox' | 'http' | 'https' | 'smtp' | 'submission' | 'internal'

/** Who is at the other end of a connection, as far as the connection itself proves it. */
export interface Peer {
  /** Host and port as the socket shows them, for logs and refusals. */
  readonly address: string
  readonly loopback: boolean
  /** Set when a certificate or key named the establishment; null on plain MLLP. */
  readonly establishment: string | null
  /** The destination whose connection brought this, for an answer that came late on it; null at a door. */
  readonly destination: DestinationId | null
}

/** Bytes at a door. `bytes` is exactly what came, without the transport's framing. */
export interface Arrival {
  readonly entrance: EntranceName
  readonly peer: Peer
  /** Wall clock, ms since 1970. */
  readonly receivedAtMs: number
  readonly bytes: Buffer
  /** Set when the bytes are FHIR: what the request asked. Absent: HL7 v2. */
  readonly fhir?: FhirAsk
  /** Where the caller's own trace is (W3C Trace Context), when an HTTP request said so. */
  readonly traceparent?: string
}

/** The bytes of a message: opened when needed, never carried along. */
export interface Body {
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
  /** 0: not encrypted. */
  readonly keyId: number
  /** Reads the bytes, in chunks of at most 64 KiB. @throws {GatewayError} BODY_DAMAGED when they are missing */
  open(): AsyncIterable<Uint8Array>
  /** Path of a file that holds the bytes and nothing else, for whoever reads them in a thread of its own; absent: there is none. */
  readonly file?: string
}

/** Classes of finding: `form` and `contract` never stop care; `safety` does. */
export type FindingClass = 'form' | 'contract' | 'safety'
/** Something noticed about a message. Parameters hold places and counts, never a patient's data. */
export interface Finding {
  readonly code: ErrorCode
  readonly class: FindingClass
  /** HL7 path such as `MSH-18`, FHIRPath such as `Patient.name[0].given`, or a destination. */
  readonly at?: string
  readonly params?: Readonly<Record<string, string | number>>
}

/** Where a delivery stands. `held` in the row tells whether an `unknown` one is parked. */
export type State = 'queued' | 'sending' | 'delivered' | 'refused' | 'unknown' | 'expired' | 'poisoned' | 'closed'

/** Legal moves of a delivery. What is parked leaves only by a named person. */
export const MOVES = {
  queued: ['sending', 'expired', 'poisoned', 'closed'],
  sending: ['queued', 'delivered', 'refused', 'unknown', 'poisoned'],
  unknown: ['sending', 'unknown', 'delivered', 'queued', 'expired', 'closed'],
  refused: ['queued', 'closed'],
  expired: ['queued', 'closed'],
  poisoned: ['queued', 'closed'],
  delivered: [],
  closed: [],
} as const satisfies Record<State, readonly State[]>

/** Is the move from one state to the other a legal one? */
export function mayMove(from: State, to: State): boolean {
  return (MOVES[from] as readonly State[]).includes(to)
}

/** States in which the gateway still works on a delivery. An `unknown` one on hold is parked instead. */
export const OPEN_STATES: readonly State[] = ['queued', 'sending', 'unknown']
/** States that wait for a person. */
export const PARKED_STATES: readonly State[] = ['refused', 'expired', 'poisoned']

/** A message is parked if any delivery is, else inFlight if any is open, else closed. */
export type MessageState = 'parked' | 'inFlight' | 'closed'

declare const durable: unique symbol
/**
 * Proof that the bytes are on stable storage. Only a journal makes one, and positive answers exist outside the
 * pipeline only inside it: no receipt, no "yes". */
export interface Receipt {
  readonly messageId: MessageId
  /** True when the same bytes had been accepted before and nothing new was queued. */
  readonly repeat: boolean
  /** Original mode: the answer. Enhanced mode: the commit answer, or null if MSH-15 asks for none. */
  readonly answer: Buffer | null
  /** Enhanced mode without `answersTo`: the application answer, to be written on the same connection. */
  readonly applicationAnswer: Buffer | null
  readonly [durable]: true
}

/** Why nothing was promised, with the answer to give. `answer` null: say nothing (an ACK, or MSH-15/16 NE). */
export interface Refusal {
  readonly code: ErrorCode
  readonly answer: Buffer | null
  /** True: nothing sensible can be said on this connection any more; close it. */
  readonly close: boolean
}

/** True when the gateway took responsibility. */
export function isReceipt(answer: Receipt | Refusal): answer is Receipt {
  return 'messageId' in answer
}

/** How a delivery counts for its message: still worked on, waiting for a person, or ended. */
export type Standing = 'open' | 'parked' | 'ended'
/** The standing of a delivery; `held` is true for an `unknown` one that waits for a person. Pure. */
export function standing(state: State, held: boolean): Standing {
  if (state === 'delivered' || state === 'closed') return 'ended'
  if (PARKED_STATES.includes(state)) return 'parked'
  return held ? 'parked' : 'open'
}
