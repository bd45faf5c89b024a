/** Work that waits for a person: parked deliveries by their cause, replays that two people decide, planned maintenance. */
import type { ErrorCode } from './errors.ts'
import type { DeliveryId, DestinationId, MessageId, State } from './message.ts'
import type { ReplayAsk, ReplayStep } from './operations.ts'

/** Why deliveries are parked, and where: what a person treats at once. `code` null: no attempt said why. */
export interface ParkedCause {
  readonly code: ErrorCode | null
  readonly destination: DestinationId
}

/** Parked deliveries of one cause; times ISO 8601. */
export interface ParkedGroup extends ParkedCause {
  readonly count: number
  readonly oldestAt: string
  readonly newestAt: string
  /** Some of their messages, the oldest first. */
  readonly examples: readonly { readonly id: MessageId; readonly kind: string }[]
}

/** One parked delivery with its message. */
export interface ParkedDelivery {
  readonly id: DeliveryId
  readonly message: MessageId
  readonly receivedAt: string
  readonly from: string | null
  readonly kind: string
  readonly controlId: string
  readonly state: State
  /** Later ones of its patient wait for it. */
  readonly holds: boolean
  readonly attempts: number
}

/** A page of parked deliveries, oldest first. `next` null: the last page. */
export interface ParkedPage {
  readonly deliveries: readonly ParkedDelivery[]
  readonly next: string | null
}

/** Questions about parked work. */
export interface TreatViews {
  groups(): Promise<readonly ParkedGroup[]>
  /** `after`: `next` of the page before. @throws {GatewayError} BAD_REQUEST when it is none */
  parked(cause: ParkedCause, after: string | null, limit: number): Promise<ParkedPage>
}

/** An act on many deliveries, which goes on behind the answer. */
export interface ManyAsk {
  readonly act: 'resend' | 'close' | 'skip'
  /** These, or all of a cause that are parked when it comes to them. */
  readonly deliveries: readonly DeliveryId[] | ParkedCause
  readonly reason: string
}

/** How far an act on many deliveries, or a replay of many messages, is. */
export interface ManyWork {
  readonly id: string
  readonly act: ManyAsk['act'] | 'replay'
  readonly who: string
  /** Where it was asked for; null: chosen one by one. */
  readonly cause: ParkedCause | null
  readonly total: number
  readonly done: number
  /** Those that were no longer as they had been, or whose destination is gone, by code. */
  readonly failed: Readonly<Partial<Record<ErrorCode, number>>>
  readonly over: boolean
}

/** Acts on many deliveries: each delivery with its own event, as an act on one. */
export interface TreatCommands {
  begin(ask: ManyAsk, who: string): Promise<ManyWork>
  /** To where each message went before, in the order they came; `total`: as the dry run counted. */
  replay(ask: Pick<ReplayAsk, 'filter' | 'reason'>, total: number, who: string): ManyWork
  /** Null: not known to this node, or over for long. */
  work(id: string): ManyWork | null
}

/** What a replay is about: one message, or what a filter finds (without a patient: the request is kept as it is). */
export type ReplaySubject = { readonly message: MessageId } | { readonly filter: Omit<ReplayAsk['filter'], 'patient'> }

/** What a replay would make: `whole` false when it is more than is counted. */
export interface ReplayCounts {
  readonly messages: number
  readonly deliveries: ReplayStep['deliveries']
  readonly doubles: number
  readonly skipped: ReplayStep['skipped']
  readonly whole: boolean
}

/** Where a request stands. `expired`: nobody decided in time. */
export type RequestState = 'asked' | 'refused' | 'expired' | 'running' | 'done'

/** A replay to a destination that the messages did not have: asked by one person, decided by another. Times ISO 8601. */
export interface ReplayRequest {
  readonly id: string
  readonly askedAt: string
  readonly askedBy: string
  readonly why: string
  readonly to: DestinationId
  readonly subject: ReplaySubject
  /** Of the dry run when it was asked. */
  readonly counts: ReplayCounts
  readonly expiresAt: string
  readonly state: RequestState
  readonly decidedAt: string | null
  readonly decidedBy: string | null
  readonly decidedWhy: string | null
  /** Messages gone through so far. */
  readonly done: number
}

/** Replays that two people decide. */
export interface ReplayRequests {
  /** Counts what a replay would make, and makes nothing. @throws {GatewayError} NOT_FOUND, BAD_REQUEST, DESTINATION_GONE */
  counts(
    subject: ReplaySubject | { readonly filter: ReplayAsk['filter'] },
    to: DestinationId | null,
  ): Promise<ReplayCounts>
  /** Would it go where one of its messages has not been? Then a second person is needed. */
  elsewhere(message: MessageId, to: DestinationId): Promise<boolean>
  /** Keeps a request, with its dry run. @throws {GatewayError} as `counts` */
  ask(subject: ReplaySubject, to: DestinationId, why: string, who: string): Promise<ReplayRequest>
  /**
   * Lets it run, behind the answer. @throws {GatewayError} NOT_FOUND; SECOND_PERSON when `who` asked for it; WRONG_STATE when
   * it is decided or expired */
  approve(id: string, who: string, why: string): Promise<ReplayRequest>
  /** Ends it undone; whoever asked may too. @throws {GatewayError} NOT_FOUND, WRONG_STATE */
  refuse(id: string, who: string, why: string): Promise<ReplayRequest>
  /** Goes on with one that was let run and stopped on the way. @throws {GatewayError} NOT_FOUND, WRONG_STATE */
  goOn(id: string, who: string): Promise<ReplayRequest>
  /** Newest first, at most 100. */
  all(): Promise<readonly ReplayRequest[]>
  one(id: string): Promise<ReplayRequest | null>
}

/** Work that is announced: told on every page, and in the status. Times ISO 8601. */
export interface Maintenance {
  readonly id: string
  readonly from: string
  readonly until: string
  /** What people read. */
  readonly text: string
  readonly destinations: readonly DestinationId[]
  /** Nothing is begun to these destinations meanwhile. */
  readonly pause: boolean
  readonly who: string
}

/** What is announced. */
export interface MaintenanceAsk {
  readonly fromMs: number
  readonly untilMs: number
  readonly text: string
  readonly destinations: readonly DestinationId[]
  readonly pause: boolean
}

/** Planned maintenance. */
export interface MaintenanceCommands {
  /** What is announced and not over, soonest first. Known by heart: it stands on every page. */
  planned(): readonly Maintenance[]
  /** @throws {GatewayError} BAD_REQUEST when it is over already or ends before it begins; NOT_FOUND for a destination */
  plan(ask: MaintenanceAsk, who: string): Promise<Maintenance>
  /** Takes it back, or ends it early. @throws {GatewayError} NOT_FOUND */
  end(id: string, who: string, why: string): Promise<void>
}
