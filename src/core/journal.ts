/** The journal's interface: what is written, in three verbs, and what is read back. Stores live in pipeline/journal. */
import type { ErrorCode } from './errors.ts'
import type { Fence, Leases } from './leases.ts'
import type {
  Body,
  DeliveryId,
  DestinationId,
  EntranceName,
  Finding,
  Lane,
  MessageId,
  MessageState,
  Position,
  Receipt,
  State,
} from './message.ts'
import type { Attempt } from './outcome.ts'

/** A value a statement may bind: ms as integers, ids and JSON as text, flags 0/1, bytes as Uint8Array. */
export type SqlValue = string | number | null | Uint8Array
/** One compiled statement; `rows`, when given, is the number of rows it must change, or its whole list is undone. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
  readonly rows?: number
}

/** Something that happened to a message, delivery or part, done by a person or noticed by the gateway. */
export interface NewEvent {
  readonly atMs: number
  /** Operator name, or `gateway`. */
  readonly who: string
  /** `resend`, `close`, `skip`, `replay`, `read-body`, `alert`, `answer`, `apply-config` … */
  readonly what: string
  readonly why: string | null
  readonly code: ErrorCode | null
  readonly message: MessageId | null
  readonly delivery: DeliveryId | null
  /** Protocol facts only, such as `MSA-1 AE`. */
  readonly detail: string | null
}

/** A delivery to be made in the same commit as its message. */
export interface NewDelivery {
  readonly id: DeliveryId
  readonly destination: DestinationId
  readonly route: string
  readonly lane: Lane
  /** `queued`; `delivered` for the platform; `poisoned` when parked for safety. */
  readonly state: 'queued' | 'delivered' | 'poisoned'
  /** Why it was parked, or is not due at once. */
  readonly code: ErrorCode | null
  readonly dueAtMs: number
  readonly expiresAtMs: number
  /** Urgent lane: when to warn that it has not arrived; null: never. */
  readonly alertAtMs: number | null
  readonly replayOf: DeliveryId | null
  /** Whose route edits and transforms it; absent or null: the one that routed the message. */
  readonly revision?: number | null
}

/** A body whose bytes came as a stream: in memory while it is small, else on stable storage, and named by no commit yet. */
export interface Staged {
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
  readonly data: Uint8Array | null
  /** Where the store put it. */
  readonly file: string | null
}

/** Bytes on their way to stable storage. What no commit names is swept. */
export interface Staging {
  /**
   * Resolves when more may come; the chunk is the caller's again then. Few large chunks cost less than many small ones.
   * @throws {GatewayError} STORE_FULL, STORE_FAILED, STORE_UNREACHABLE */
  write(chunk: Uint8Array): Promise<void>
  /** Synced, under the id that it was begun with. @throws as `write` */
  end(): Promise<Staged>
  /** Removes what was written; never rejects. */
  drop(): Promise<void>
}

/** A message ready to be committed with its deliveries. */
export interface Intake {
  readonly id: MessageId
  readonly receivedAtMs: number
  readonly entrance: EntranceName
  readonly peer: string
  readonly establishment: string | null
  readonly kind: string
  /** MSH-10. */
  readonly controlId: string
  /** MSH-3 and MSH-4 as received. */
  readonly application: string
  readonly facility: string
  /** MSH-5 and MSH-6 as received. */
  readonly receivingApplication: string
  readonly receivingFacility: string
  readonly test: boolean
  /** What it claims to be (MSH-21, meta.profile); absent: nothing. */
  readonly profiles?: readonly string[]
  /** Version of the software that sent it (SFT-2, MessageHeader.source.version); absent or '': not told. */
  readonly softwareVersion?: string
  readonly bytes: Uint8Array
  /** The body, when it came as a stream; `bytes` is empty then. */
  readonly staged?: Staged
  /** (establishment, MSH-3, MSH-4, MSH-10) as one text, or null: never a repeat. */
  readonly repeatKey: string | null
  /** The positive answers, released by the receipt and kept for repeats. */
  readonly answer: Buffer | null
  readonly applicationAnswer: Buffer | null
  /** HMAC of authority|identifier of each patient identifier: for search. */
  readonly patientKeys: readonly string[]
  /** What deliveries of this message may not overtake each other on: `domain:searchKey` of each patient. */
  readonly orderKeys: readonly string[]
  readonly findings: readonly Finding[]
  readonly deliveries: readonly NewDelivery[]
  readonly events: readonly NewEvent[]
  /** Revision that routed it; the commit is `stale` when another runs by then. */
  readonly revision: number
  /** The batch it is a part of. */
  readonly parent: MessageId | null
  /** FHIR: what was asked, so that a destination gets it as it was posted; null for HL7 v2. */
  readonly ask: string | null
  /** Bytes that do not leave the gateway, as `writeRanges` writes them; absent or null: all of them may. */
  readonly withheld?: string | null
  /** Rows of a feature to write with it; when one does not change the rows it must, the commit is a `mismatch`. */
  readonly rows: readonly Statement[]
  /** Timers that it sets. */
  readonly timers?: readonly Timer[]
  /** The message that caused it (entrance `internal`, and acknowledgements). */
  readonly cause: MessageId | null
}

/** What became of a commit. Only `committed` and `repeat` hold a receipt. */
export type Committed =
  | { readonly kind: 'committed'; readonly receipt: Receipt }
  | { readonly kind: 'repeat'; readonly receipt: Receipt }
  /** The same key with other bytes: DUPLICATE_CONTROL_ID. */
  | { readonly kind: 'conflict'; readonly messageId: MessageId }
  | { readonly kind: 'stale' }
  /** A row of a feature was not as expected (a version, a condition): look again and decide afresh. */
  | { readonly kind: 'mismatch' }

/** A message of a batch, and what is committed with it (its application answer). */
export type BatchPart = readonly [Intake, ...Intake[]]
/** What became of a batch: one outcome per part, in their order. `batch` null: every part was known before. */
export type BatchCommitted =
  | {
      readonly kind: 'committed'
      readonly batch: Receipt | null
      readonly parts: readonly Exclude<Committed, { kind: 'stale' | 'mismatch' }>[]
    }
  | { readonly kind: 'stale' }
  | { readonly kind: 'mismatch' }

/** A delivery as the queue sees it: small, and without content. */
export interface QueueEntry {
  readonly id: DeliveryId
  /** Order among the deliveries of a destination: later ones wait for earlier ones. */
  readonly seq: number
  readonly messageId: MessageId
  readonly destination: DestinationId
  readonly kind: string
  /** The route that made it, in the revision that routed the message. */
  readonly route: string
  readonly revision: number
  /** FHIR: what was asked, as committed; null for HL7 v2. */
  readonly ask: string | null
  /** Bytes of the body that do not leave the gateway, as committed; null: all of them may. */
  readonly withheld: string | null
  readonly lane: Lane
  readonly state: State
  /** Waits for a person. */
  readonly held: boolean
  /** Keeps later deliveries of its keys waiting. */
  readonly holds: boolean
  readonly keys: readonly string[]
  readonly committedAtMs: number
  readonly dueAtMs: number
  readonly expiresAtMs: number
  /** Attempts made, and how many of the last ones in a row ended with the code in `lastCode`. */
  readonly attempts: number
  readonly lastCode: ErrorCode | null
  readonly sameCode: number
  /** Made by a person of another, which may have arrived. */
  readonly isReplay: boolean
}

/** A change of one delivery: the mark before an attempt, its outcome, an expiry, or a person's act. */
export interface Move {
  readonly deliveryId: DeliveryId
  /** The lease under which an attempt is made; refused when it has changed hands. Absent: a person's act. */
  readonly fence?: Fence
  readonly from: readonly State[]
  /** Null: the state stays (skip). */
  readonly to: State | null
  readonly held: boolean
  readonly holds: boolean
  readonly atMs: number
  readonly dueAtMs: number
  /** A new limit, when a person sends an expired delivery again. */
  readonly expiresAtMs?: number
  readonly code: ErrorCode | null
  /** Whose route edits and transforms it from here on; absent: as before. */
  readonly revision?: number | null
  /** Outcomes in a row of the same family: one code, or any code of class `unknown`. */
  readonly sameCode: number
  /** Attempts begun so far. */
  readonly attempts: number
  readonly attempt: Attempt | null
  readonly findings: readonly Finding[]
  readonly events: readonly NewEvent[]
  /** Rows of a feature to write with it; they name no row count. */
  readonly rows?: readonly Statement[]
  /** Timers that it sets; one of that name that is set already stays. */
  readonly timers?: readonly Timer[]
}

/** A timer: fired once, through `apply`. */
export interface Timer {
  readonly id: string
  readonly follower: string
  readonly dueAtMs: number
  /** JSON text. */
  readonly payload: string
}

/** A new delivery of a message that is already in the journal (a replay). */
export interface ExtraDelivery {
  readonly messageId: MessageId
  readonly delivery: NewDelivery
}

/** What a follower, a timer or a person's act changes, all in one commit or not at all. */
export interface Effect {
  /** The lease under which the follower or timer works; refused when it has changed hands. */
  readonly fence?: Fence
  /** The follower's new cursor; refused when the stored one is not `from`. */
  readonly cursor?: { readonly follower: string; readonly from: Position | null; readonly to: Position }
  /** Timers that this effect answers; refused when one has fired already. */
  readonly fired?: readonly string[]
  readonly timers?: readonly Timer[]
  readonly rows?: readonly Statement[]
  readonly events?: readonly NewEvent[]
  readonly arrivals?: readonly Intake[]
  readonly deliveries?: readonly ExtraDelivery[]
}

/** A committed message as followers and views see it. */
export interface Entry {
  readonly position: Position
  readonly id: MessageId
  readonly receivedAtMs: number
  readonly entrance: EntranceName
  readonly establishment: string | null
  readonly kind: string
  readonly controlId: string
  /** MSH-3 as received. */
  readonly application: string
  readonly test: boolean
  /** What it claims to be (MSH-21, meta.profile); of what was kept before that was noted: none. */
  readonly profiles: readonly string[]
  /** Version of the software that sent it; '': not told, or kept before that was noted. */
  readonly softwareVersion: string
  readonly bytes: number
  readonly cause: MessageId | null
  readonly findings: readonly Finding[]
}

/** Bytes that were not accepted, with the reason. */
export interface Refused {
  readonly id: MessageId
  readonly atMs: number
  readonly entrance: EntranceName
  readonly peer: string
  readonly establishment: string | null
  readonly kind: string | null
  readonly controlId: string | null
  readonly code: ErrorCode
  /** HL7 path, when one field is to blame. */
  readonly at: string | null
  readonly bytes: Uint8Array
}

/**
 * Conservation: received = closed + inFlight + parked, over the accepted messages of all time. `purged`: how many of the
 * closed ones retention has removed since, so that received - purged are kept. */
export interface Counts {
  readonly received: number
  readonly closed: number
  readonly inFlight: number
  readonly parked: number
  readonly purged: number
  readonly refused: number
  readonly destinations: ReadonlyMap<
    DestinationId,
    {
      readonly open: number
      readonly parked: number
      readonly delivered: number
      readonly oldestOpenAtMs: number | null
    }
  >
}

/** A configuration as kept: canonical JSON of the shared part, with its own number. */
export interface StoredRevision {
  readonly revision: number
  readonly atMs: number
  readonly by: string
  readonly json: string
}

/** What changes together with the running configuration. */
export interface Adoption {
  /** The revision that the change was judged against; when another runs by then it is refused. Absent: whatever runs. */
  readonly over?: number | null
  /** Destinations that it no longer has. */
  readonly park: readonly DestinationId[]
  readonly events: readonly NewEvent[]
}

/** What a check of checksums found. `damaged` names records, never content. */
export interface Verified {
  readonly checked: number
  readonly damaged: readonly string[]
}

/** What retention may remove: closed messages, and refused bytes, that have not moved since these times (ms since 1970). */
export interface PurgeLimits {
  readonly closedBeforeMs: number
  readonly refusedBeforeMs: number
}

/** What one slice of retention did. `at`: how far it looked; `done`: nothing more is due behind that. */
export interface Purged {
  readonly messages: number
  /** Of their bodies, and of refused ones. */
  readonly bytes: number
  readonly at: Position | null
  readonly done: boolean
}

/** What a person has erased of patients. */
export interface Erasure {
  /** At most some 200, each once: it holds the writer some 50 ms. */
  readonly messages: readonly MessageId[]
  readonly rows: readonly Statement[]
  readonly events: readonly NewEvent[]
}

/** What went. `bytes`: of bodies; `resources`: those whose current version was one of the messages. */
export interface Erased {
  readonly messages: number
  readonly bytes: number
  readonly resources: number
}

/** What one slice of the slow check of checksums found. `at`: how far it read; null: the end, begin again. */
export interface Inspected extends Verified {
  readonly at: Position | null
  /** Time it worked, ms. */
  readonly ms: number
}

/** The two kinds of store. */
export type Dialect = 'sqlite' | 'postgres'

/** The deliveries of one commit: those numbered above `after`, up to `upTo`. */
export interface Span {
  readonly after: number
  readonly upTo: number
}

/** What changed in the queues and beside them, here or on another node. */
export interface News {
  /**
   * What grew is one commit: `grown` are all its destinations, and `entries`, when it was made here, all its queued
   * deliveries. Whoever knows everything up to `after` then knows everything up to `upTo`, without asking the store. */
  readonly span?: Span
  /** Deliveries that became queued here, or were changed by a person. */
  readonly entries: readonly QueueEntry[]
  /** Destinations whose queue grew without each delivery being told: read on from the last one known. */
  readonly grown: readonly DestinationId[]
  /** Those of them to which something urgent was queued. */
  readonly urgent?: readonly DestinationId[]
  /** Another revision than before runs now. */
  readonly revision: boolean
  /** Rows of features may have changed on another node (which destinations are paused). */
  readonly features: boolean
  /** News may have been missed (a connection broke): whatever is kept in memory of the store is compared with it. */
  readonly missed?: boolean
}

/**
 * The store of messages. State changes only in `commit`, `record` and `apply`; each resolves after a synchronous commit
 * (fsync). A full disk rejects with STORE_FULL and changes nothing; a failed sync rejects with STORE_FAILED, after which
 * every call rejects and the process must end. */
export interface Journal {
  /** Which words of SQL the store understands, where they differ (pipeline/sql). */
  readonly dialect: Dialect
  /** What one node alone may work on at a time. */
  readonly leases: Leases
  /** False: the store was out of reach when this node last looked, and nothing new can be taken. */
  reachable(): boolean
  /** How far this node's wall clock was ahead of the store's when it last looked (ms; negative: behind); 0: the store has none. */
  clockAheadMs(): number
  /** Secret of the region, for search keys; made at the store's creation. */
  readonly secret: Buffer
  /** Commits the first message, and with it the others (application answer, entries of a bundle): all or none. */
  commit(intakes: readonly [Intake, ...Intake[]]): Promise<Committed>
  /**
   * Commits the parts of a batch together, each judged on its own: what was known before is a `repeat` or a `conflict`
   * and is not written again. `batch` itself is written when a part is. A part is its message and what goes with it. */
  commitBatch(batch: Intake, parts: readonly BatchPart[]): Promise<BatchCommitted>
  /** Begins a body that comes as a stream, under the id of the message that will name it. */
  stage(id: MessageId, dayMs: number): Staging
  /** Records a change of a delivery. False: it was not in one of the `from` states, nothing changed. */
  record(move: Move): Promise<boolean>
  /** Applies an effect. False: a cursor, timer or row count was not as expected, nothing changed. */
  apply(effect: Effect): Promise<boolean>
  /** Keeps what was refused, within its budget; counts it always. Never rejects: false when it could not be kept. */
  refuse(refused: Refused): Promise<boolean>
  /**
   * The durable mark that our own processing of a delivery is under way. At the next start a delivery that alone was
   * marked counts one crash; two in a row and it is poisoned. */
  processing(id: DeliveryId, on: boolean): Promise<void>
  /**
   * Stores a configuration and makes it the running one; in the same commit, open deliveries to the destinations of
   * `park` are parked (`expired`, DESTINATION_GONE), save those on their way, and the events are kept.
   * @throws {GatewayError} CONFIG_BEHIND when another revision than `over` runs */
  adopt(by: string, atMs: number, json: string, also?: Adoption): Promise<StoredRevision>
  /** The running configuration as this node knows it, or null in a new store; `watch` tells of another one. */
  revision(): StoredRevision | null
  /** A configuration by its number, or null. */
  revisionOf(revision: number): Promise<StoredRevision | null>

  /** Deliveries of a destination that hold keys, in order, after `seq`. */
  queue(destination: DestinationId, afterSeq: number, limit: number): Promise<readonly QueueEntry[]>
  /** Urgent deliveries of a destination that are open, in order. */
  urgent(destination: DestinationId, afterSeq: number, limit: number): Promise<readonly QueueEntry[]>
  /** Deliveries of a destination before `seq` that hold one of these keys, newest first. */
  earlier(
    destination: DestinationId,
    keys: readonly string[],
    beforeSeq: number,
    limit: number,
  ): Promise<readonly QueueEntry[]>
  /** One delivery as the queue sees it, or null. */
  delivery(id: DeliveryId): Promise<QueueEntry | null>
  /** Every delivery of a message, in order; empty when there is none. */
  deliveriesOf(
    id: MessageId,
  ): Promise<
    readonly { id: DeliveryId; destination: DestinationId; route: string; lane: Lane; state: State; test: boolean }[]
  >
  /** The body of a message. @throws {GatewayError} NOT_FOUND */
  body(id: MessageId): Promise<Body>
  /** Messages after a position, in order; null: from the start. */
  follow(after: Position | null, limit: number): Promise<readonly Entry[]>
  /** Where a follower stands, or null. */
  cursor(follower: string): Promise<Position | null>
  /** Timers due at `nowMs`, oldest first. */
  due(nowMs: number, limit: number): Promise<readonly Timer[]>
  /** When the next timer is due, or null. */
  nextDueMs(): Promise<number | null>
  /** Messages with this MSH-10 that have a delivery to this establishment, newest first; for answers (MSA-2). */
  sent(establishment: string, controlId: string): Promise<readonly { messageId: MessageId; deliveryId: DeliveryId }[]>
  /** The counters now, of all nodes. */
  counts(): Promise<Counts>
  /** A question that an index answers at once, of a few rows: not in another thread, so that many at a time share a commit. */
  look<Row>(query: Statement): Promise<readonly Row[]>
  /** A question on a read-only connection, in another thread, stopped after 2 s. @throws {GatewayError} QUERY_TIMEOUT */
  read<Row>(query: Statement): Promise<readonly Row[]>
  /** Told of what is new, after its commit. */
  watch(listener: (news: News) => void): void
  /** Message state now, or null when there is none. */
  state(id: MessageId): Promise<MessageState | null>
  /**
   * One slice of retention, at most `maxRows` messages and some 10 ms: removes what is due after a position (null: from
   * the oldest), never what is open or parked, the current version of a resource or part of an open case, and gives free space back to the disk.
   * The bytes of a body go after the commit; events stay; what was received and closed stays counted, and `purged` is. */
  purge(limits: PurgeLimits, after: Position | null, maxRows: number): Promise<Purged>
  /**
   * Removes these messages as retention does, whatever their age, with the resources whose current version they are, and in
   * the same commit writes rows and events. Null: one of them is not closed or not there, or a row was not as expected; then
   * nothing changed. What goes is counted as `purged`. */
  erase(erasure: Erasure): Promise<Erased | null>
  /** One slice of checking checksums of messages and bodies after a position, in another thread, some `workMs` long. */
  inspect(after: Position | null, workMs: number): Promise<Inspected>
  /** Checks checksums of messages and bodies: all, or the last `limit`. */
  verify(limit: number | null, progress?: (checked: number, total: number) => void): Promise<Verified>
  /** Waits for what is being committed, then closes files. */
  close(): Promise<void>
}
