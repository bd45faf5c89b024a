/**
 * What people and programs are shown, and what they may ask for. The shapes are the JSON of the API (design, HTTP): times
 * ISO 8601 with offset, sizes bytes, durations ms. None has room for content. */
import type { Reach } from './caller.ts'
import type { Config, Use } from './config.ts'
import type { ErrorCode } from './errors.ts'
import type { Journal } from './journal.ts'
import type {
  Body,
  DeliveryId,
  DestinationId,
  EntranceName,
  FindingClass,
  Lane,
  MessageId,
  MessageState,
  State,
} from './message.ts'
import type { ReplayAsk, ReplayStep } from './operations.ts'
import type { Outcome } from './outcome.ts'
import type { Clock, Ids } from './ports.ts'
import type { Maintenance } from './treat.ts'

/** Every way in, for whoever must offer the choice. */
export const ENTRANCES = [
  'mllp',
  'mllps',
  'sandbox',
  'http',
  'https',
  'smtp',
  'submission',
  'internal',
] as const satisfies EntranceName[]

/** Which messages a list holds; every given key must hold. */
export interface MessageFilter {
  /** MSH-10, exactly. */
  readonly controlId?: string
  /** Establishment that sent it. */
  readonly from?: string
  /** `ADT^A01`, or `ADT^*`. */
  readonly kind?: string
  readonly state?: MessageState
  /** Destination, or establishment with any of its destinations, that it has a delivery to. */
  readonly to?: string
  /** Code of one of its findings. */
  readonly finding?: string
  /** Last error of one of its deliveries; with `to`, of the one to there. */
  readonly code?: string
  /** Size of its content, both ends included. */
  readonly minBytes?: number
  readonly maxBytes?: number
  /** Received at or after, ms since 1970. */
  readonly sinceMs?: number
  /** Received at or before, ms since 1970. */
  readonly untilMs?: number
  readonly entrance?: EntranceName
  /** Marked as a test, or not. */
  readonly test?: boolean
  /** `authority|identifier` of a patient, exactly; never put in a URL. */
  readonly patient?: string
  /** The same, any of these: an identifier whose authority is one of several. */
  readonly patients?: readonly string[]
  /** 1 to 500; 50 when absent. */
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

/** A finding as shown: code and place, no text. */
export interface FindingView {
  readonly code: ErrorCode
  readonly class: FindingClass
  readonly at: string | null
  readonly params: Readonly<Record<string, string | number>>
}

/** A delivery in a list. */
export interface DeliverySummary {
  readonly id: DeliveryId
  readonly destination: DestinationId
  readonly state: State
  /** Attempts begun. */
  readonly attempts: number
  readonly lastError: ErrorCode | null
}

/** A message in a list. */
export interface MessageSummary {
  readonly id: MessageId
  readonly receivedAt: string
  readonly from: string | null
  readonly entrance: EntranceName
  readonly kind: string
  readonly controlId: string
  readonly bytes: number
  readonly state: MessageState
  readonly findings: readonly FindingView[]
  readonly deliveries: readonly DeliverySummary[]
}

/** What a filter may name that there is not. */
export type UnknownName = 'from' | 'to' | 'kind'

/** A page of a list, newest first. `next` null: the last page. */
export interface MessagePage {
  readonly messages: readonly MessageSummary[]
  readonly next: string | null
  /** Of an empty page: what the filter names and the region does not know or the reach does not hold, so that a slip is not taken for peace. */
  readonly unknown?: readonly UnknownName[]
}

/** Codes that messages have: of their findings, and of the last error of their deliveries. */
export interface MessageCodes {
  readonly findings: readonly ErrorCode[]
  readonly errors: readonly ErrorCode[]
}

/** One attempt as shown. */
export interface AttemptView {
  readonly n: number
  readonly startedAt: string
  readonly ms: number
  readonly outcome: Outcome['kind']
  readonly code: ErrorCode | null
  readonly answer: string | null
}

/** A delivery with all that is known of it. */
export interface DeliveryDetail extends DeliverySummary {
  readonly route: string
  readonly lane: Lane
  /** Waits for a person. */
  readonly held: boolean
  readonly dueAt: string | null
  readonly expiresAt: string | null
  readonly replayOf: DeliveryId | null
  readonly history: readonly AttemptView[]
}

/** What a line of the timeline tells. */
export type TimelineWhat =
  | 'received'
  /** The positive answer: written after the commit, never before. */
  | 'answered'
  /** A delivery made with the message; `replayed`: made later, by a person. */
  | 'routed'
  | 'replayed'
  | 'attempt'
  /** The gateway gave a delivery up: expired or poisoned. */
  | 'ended'
  /** A message that this one caused: an answer that came back, an application answer. */
  | 'caused'
  /** An act of a person, or something the gateway noticed. */
  | 'event'

/** One line of a message's timeline. Absent facts are null. */
export interface TimelineEntry {
  readonly at: string
  readonly what: TimelineWhat
  /** Name of the event: `resend`, `alert`, `answer` … */
  readonly event: string | null
  /** The outcome of an attempt, the state reached, the kind of the message caused, protocol facts of an event. */
  readonly detail: string | null
  /** The message caused. */
  readonly message: MessageId | null
  readonly delivery: DeliveryId | null
  readonly destination: DestinationId | null
  readonly route: string | null
  /** Attempt number. */
  readonly n: number | null
  /** How long it took. */
  readonly ms: number | null
  readonly code: ErrorCode | null
  readonly who: string | null
  readonly why: string | null
}

/** A message with all that is known of it, save its content. */
export interface MessageDetail extends Omit<MessageSummary, 'deliveries'> {
  readonly application: string
  readonly facility: string
  readonly receivingApplication: string
  readonly receivingFacility: string
  readonly test: boolean
  readonly sha256: string
  readonly revision: number
  readonly parent: MessageId | null
  readonly cause: MessageId | null
  readonly deliveries: readonly DeliveryDetail[]
  readonly timeline: readonly TimelineEntry[]
}

/** A door of this node. */
export interface EntranceStatus {
  readonly name: EntranceName
  readonly host: string
  readonly port: number
  readonly connections: number
}

/** A destination and its queue. */
export interface DestinationStatus {
  readonly id: DestinationId
  readonly establishment: string
  readonly use: Use | null
  readonly open: number
  readonly parked: number
  readonly delivered: number
  /** Age of the oldest open delivery, ms; null when there is none. */
  readonly oldestOpenMs: number | null
  /** Nothing is begun, by a person's act; absent: it works. */
  readonly paused?: { readonly since: string; readonly who: string; readonly why: string }
}

/** What an establishment sent. Counts start with the oldest message still kept. */
export interface EstablishmentTraffic {
  readonly received: number
  readonly lastReceivedAt: string | null
}

/** Counts and queues now: received = closed + inFlight + parked, of all time; received - purged are still kept. */
export interface Status {
  readonly at: string
  readonly node: string
  readonly version: string
  readonly revision: number
  /** A newer revision that this node could not take over, so that it takes no messages; absent: there is none. */
  readonly behind?: number
  readonly received: number
  readonly closed: number
  readonly inFlight: number
  readonly parked: number
  readonly purged: number
  readonly refused: number
  /** received − closed − inFlight − parked: anything but 0 is a defect of the gateway. */
  readonly difference: number
  readonly entrances: readonly EntranceStatus[]
  readonly destinations: readonly DestinationStatus[]
  /** Planned maintenance that is not over; absent: none. */
  readonly maintenance?: readonly Maintenance[]
}

/**
 * Questions. Reads only; each answers within 2 s or rejects with QUERY_TIMEOUT. `reach`: whose eyes; null sees the whole
 * region. Of a message that others sent, a reach shows the deliveries to its own establishments only. */
export interface Views {
  /** @throws {GatewayError} BAD_REQUEST when `after`, `limit` or `patient` is malformed */
  messages(filter: MessageFilter, reach: Reach | null): Promise<MessagePage>
  /** Of the messages in the store that the reach sees, for a choice. */
  codes(reach: Reach | null): Promise<MessageCodes>
  /** Null: there is none, or not for these eyes. */
  message(id: MessageId, reach: Reach | null): Promise<MessageDetail | null>
  /**
   * Content: whole for a reach whose establishments sent it, without what is withheld for one to which it was delivered
   * and for the whole region; else null. */
  body(id: MessageId, reach: Reach | null): Promise<Body | null>
  /** Under a reach: its own destinations, no door, and counts of what its establishments sent and is still kept. */
  status(reach: Reach | null): Promise<Status>
  /** By establishment id, those within the reach. */
  traffic(reach: Reach | null): Promise<ReadonlyMap<string, EstablishmentTraffic>>
}

/** What became of an act on a delivery. */
export interface ActResult {
  readonly id: DeliveryId
  readonly destination: DestinationId
  readonly state: State
}

/** What a replay made, or would make. */
export interface ReplayResult {
  readonly dryRun: boolean
  /** `id` is null on a dry run. */
  readonly deliveries: readonly {
    readonly id: DeliveryId | null
    readonly destination: DestinationId
    readonly replayOf: DeliveryId | null
  }[]
  /** Where it was and does not go again: the platform. */
  readonly left: readonly DestinationId[]
}

/**
 * Acts of a person. Each is an event row (who, what, why, when) in the same commit as what it changes.
 * All throw {GatewayError} NOT_FOUND, or WRONG_STATE when the delivery does not allow it. */
export interface Commands {
  /** Queues again. */
  resend(delivery: DeliveryId, who: string, why: string): Promise<ActResult>
  /** Ends it unsent. */
  close(delivery: DeliveryId, who: string, why: string): Promise<ActResult>
  /** Lets later messages pass while it stays parked. */
  skip(delivery: DeliveryId, who: string, why: string): Promise<ActResult>
  /** Makes new deliveries that name the old ones; `to` null: to every destination it had. @throws {GatewayError} DESTINATION_GONE */
  replay(
    message: MessageId,
    ask: { readonly to: DestinationId | null; readonly dryRun: boolean; readonly reason: string },
    who: string,
  ): Promise<ReplayResult>
  /** One step of replaying what a filter finds, in the order it came; call it again with `next`. @throws {GatewayError} BAD_REQUEST */
  replayMany(ask: ReplayAsk, who: string): Promise<ReplayStep>
  /** Notes that somebody reads the content; the content may be shown once it resolves. */
  readBody(message: MessageId, who: string, why: string): Promise<void>
}

/** Makes the commands over a journal; `pipeline/acts.ts` exports `acts`, of this type. */
export type MakeCommands = (parts: {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly ids: Ids
}) => Commands
