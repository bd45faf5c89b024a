/** What the rooms need from outside and offer to each other. Time, randomness and disk come in through here. */
import type { Destination, TlsFiles } from './config.ts'
import type { ErrorCode } from './errors.ts'
import type { FhirAsk } from './fhir.ts'
import type {
  Arrival,
  Body,
  DeliveryId,
  DestinationId,
  EntranceName,
  Lane,
  MessageId,
  Receipt,
  Refusal,
} from './message.ts'
import type { Outcome } from './outcome.ts'

/** Takes an arrival. Resolves once the peer may be answered; never rejects. */
export type Accept = (arrival: Arrival) => Promise<Receipt | Refusal>

/** One way in. */
export interface Entrance {
  readonly name: EntranceName
  /** Starts listening. @throws when the address cannot be bound */
  open(): Promise<{ readonly host: string; readonly port: number }>
  /** Accepts no more, lets what is being answered end within `drainMs`, then closes every connection. Twice is harmless. */
  close(drainMs: number): Promise<void>
  /** Connections open now. */
  connections(): number
  /** A door with TLS: shows these files to whoever connects from now on; connections that are open stay. @throws {GatewayError} CONFIG_INVALID */
  renew?(tls: TlsFiles): void
}

/** What a sender is given for one attempt. */
export interface Consignment {
  readonly deliveryId: DeliveryId
  readonly messageId: MessageId
  readonly destination: DestinationId
  readonly lane: Lane
  /** Kind as routed, for `ackPolicy` by kind. */
  readonly kind: string
  /** FHIR: what was asked; null for HL7 v2. */
  readonly ask: FhirAsk | null
  readonly body: Body
  /** The attempt's place in its trace (W3C Trace Context), for protocols that can carry it; absent: none is sent. */
  readonly traceparent?: string
  /**
   * Asked right before the first byte of the message leaves. False: this node has the destination no more (a process that
   * was stopped and woke late), nothing may leave, and the outcome is `retry` with LEASE_LOST. Absent: it always may. */
  readonly mayBegin?: () => boolean
  /** It was tried before, or is replayed, and may have arrived. */
  readonly again?: boolean
}

/** One way out. Two verbs, so a new protocol is one folder and no change elsewhere. */
export interface Sender {
  readonly kind: 'mllp' | 'fhir' | 'http' | 'smtp' | 'maildir' | 'dicomweb'
  /** Makes one attempt and reports what the far side said. Never retries, never rejects: the queue does that. An aborted
   * signal ends the attempt: `retry` if no byte had left, else `unknown`. */
  send(consignment: Consignment, signal: AbortSignal): Promise<Outcome>
  /** Waits for attempts in flight, then frees sockets. Calling it twice is harmless. */
  close(): Promise<void>
}

/** Makes the sender of a destination. `accept` takes answers that come late or unasked on its connections. */
export type MakeSender = (destination: Destination, accept: Accept) => Sender

/** Time, as a port. */
export interface Clock {
  /** Wall clock, ms since 1970: what people read. */
  nowMs(): number
  /** Monotonic ms: what waits are measured with. */
  monotonicMs(): number
  /** Runs once after `ms`; the function returned cancels. */
  after(ms: number, run: () => void): () => void
}

/** Randomness and names, as a port. */
export interface Ids {
  /** A new UUIDv7 (RFC 9562 §5.7), monotonic within the process. */
  uuid(): string
  /** Uniform in [0, 1). */
  random(): number
}

/** All a log line may hold. No body, name or identifier of a patient: the type has no room for them. */
export interface LogFields {
  readonly messageId?: MessageId
  readonly deliveryId?: DeliveryId
  readonly destination?: DestinationId
  readonly establishment?: string
  readonly entrance?: EntranceName
  readonly route?: string
  readonly code?: ErrorCode
  /** Address of a peer or of a door. */
  readonly peer?: string
  /** Number of an HTTP request, as the answer's problem shows it. */
  readonly request?: string
  /** Subject and issuer of a machine's certificate, and the rule it broke; never a person's. */
  readonly certificate?: string
  /** Which rule a machine's credential broke: a word of ours or of a library, never a value. */
  readonly rule?: string
  readonly bytes?: number
  readonly ms?: number
  readonly count?: number
  /** What a limit should be, beside the `count` it is. */
  readonly needed?: number
  readonly revision?: number
  readonly node?: string
  /** Version of the program. */
  readonly release?: string
}

/** The log. Events are `part.what`: `mllp.accepted`, `delivery.parked`. */
export interface Log {
  info(event: `${string}.${string}`, fields?: LogFields): void
  warn(event: `${string}.${string}`, fields?: LogFields): void
  /** `fault` is logged by class and code only: an exception's text may quote what it was given. */
  error(event: `${string}.${string}`, fields?: LogFields, fault?: unknown): void
}

/** Counters and histograms; labels name parts of the region, never a patient. */
export interface Meter {
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void
  observe(name: string, value: number, labels?: Readonly<Record<string, string>>): void
}
