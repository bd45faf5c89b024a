/** What an operator may ask of the running region: its configuration, its destinations, replays of many messages. */
import { type ErrorCode, GatewayError } from './errors.ts'
import type { DestinationId } from './message.ts'
import type { MessageFilter } from './views.ts'

/** One setting that differs. `at` is its path within the part; values as JSON text, null where it is absent; keys are never shown. */
export interface SettingChange {
  readonly at: string
  readonly from: string | null
  readonly to: string | null
}

/** One part of the configuration that a change touches. `moved`: the same route at another place in the order. */
export interface PlanChange {
  readonly part:
    | 'destination'
    | 'route'
    | 'establishment'
    | 'service'
    | 'table'
    | 'map'
    | 'fhir'
    | 'rule'
    | 'rules'
    | 'operator'
    | 'sign-in'
    | 'provider'
    | 'person'
    | 'region'
    | 'mail'
    | 'movements'
    | 'retention'
    | 'exports'
    | 'privacy'
    | 'identities'
    | 'conformity'
    | 'alerts'
    | 'notify'
    | 'telemedicine'
  readonly name: string
  readonly what: 'added' | 'removed' | 'changed' | 'moved'
  /** Empty for what is added, removed or moved. */
  readonly settings: readonly SettingChange[]
}

/** Something wrong with a configuration, as `check` tells it. */
export interface PlanProblem {
  readonly severity: 'error' | 'warning'
  readonly at: string
  readonly code: string
  readonly message: string
}

/** What a change of the configuration would do, exactly. */
export interface Plan {
  /** The revision it starts from; null in a new store. */
  readonly revision: number | null
  /** Nothing of the shared part changes: `apply` makes no new revision. */
  readonly same: boolean
  readonly problems: readonly PlanProblem[]
  readonly changes: readonly PlanChange[]
  /** Destinations changed or removed that have open or parked deliveries. */
  readonly affected: readonly { readonly destination: DestinationId; readonly open: number; readonly parked: number }[]
  /** Destinations removed that have open or parked deliveries: `apply` refuses unless they may be parked. */
  readonly orphans: readonly DestinationId[]
  /** Parts of the node itself that changed (`entrances.mllp`, `drain`): they hold from the next start. */
  readonly restart: readonly string[]
}

/** The configuration asked for; null: what the gateway's own region file says now. */
export interface ConfigAsk {
  /** Canonical JSON of the shared part. */
  readonly shared: string | null
  /** The node's own parts, by name, as text. */
  readonly own: Readonly<Record<string, string>> | null
}

/** What `apply` and `rollback` did. `revision`: the running one now. */
export interface Applied {
  readonly revision: number
  readonly plan: Plan
  /** Deliveries parked because their destination is gone. */
  readonly parked: number
}

/** A change that is refused, with all that a person must look at. */
export class ConfigRefused extends GatewayError {
  readonly plan: Pick<Plan, 'problems' | 'orphans'>
  constructor(code: 'CONFIG_INVALID' | 'CONFIG_ORPHANS', { problems, orphans }: Plan) {
    super(code, [...problems.map(({ at, message }) => `${at}: ${message}`), ...orphans].join('; '))
    this.plan = { problems, orphans }
  }
}

/** Changing the configuration of the running region. One change at a time. */
export interface ConfigCommands {
  plan(ask: ConfigAsk): Promise<Plan>
  /** @throws {ConfigRefused} CONFIG_INVALID when the plan has errors, CONFIG_ORPHANS unless `park` */
  apply(ask: ConfigAsk, how: { readonly park: boolean; readonly reason: string }, who: string): Promise<Applied>
  /** Applies the revision before the running one again, as a new one. @throws {GatewayError} CONFIG_FIRST when there is none; as `apply` */
  rollback(how: { readonly park: boolean; readonly reason: string }, who: string): Promise<Applied>
}

/** A destination to which nothing is begun, and since when, by whom and why. */
export interface Paused {
  readonly atMs: number
  readonly who: string
  readonly why: string
}

/** What became of pausing or resuming. */
export interface PauseResult {
  readonly destination: DestinationId
  readonly paused: boolean
}

/** What one attempt to connect showed. `step`: how far it came. `code` null: it works. */
export interface TestResult {
  readonly destination: DestinationId
  readonly ok: boolean
  readonly step: 'connect' | 'tls' | 'answer'
  readonly code: ErrorCode | null
  /** Protocol facts: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `HTTP 404`; null when there is nothing to add. */
  readonly detail: string | null
  readonly ms: number
}

/** Acts on a destination. All throw {GatewayError} NOT_FOUND. */
export interface DestinationCommands {
  /** Nothing begins any more; attempts under way end. Holds across restarts. */
  pause(destination: DestinationId, who: string, why: string): Promise<PauseResult>
  resume(destination: DestinationId, who: string, why: string): Promise<PauseResult>
  /** Connects (TCP, TLS; FHIR: also GET metadata), sends no message, at most 10 s. */
  test(destination: DestinationId, who: string, why: string): Promise<TestResult>
  /** What is paused now. */
  paused(): ReadonlyMap<DestinationId, Paused>
}

/** Where the last backup stands. A backup is left on the gateway's machine, below the store's folder: it holds content. */
export interface BackupState {
  readonly state: 'none' | 'running' | 'done' | 'failed'
  /** Name of the file in the folder `backups` of the store; null when there is none. */
  readonly file: string | null
  /** Bytes written, and how many there are to write; 0 until that is known. */
  readonly done: number
  readonly total: number
  /** Messages kept in it. */
  readonly messages: number
  /** Files of mailboxes and of images in it. */
  readonly mails: number
  readonly images: number
  /** Why it failed. */
  readonly code: ErrorCode | null
}

/** Copies of the store, made while work goes on; one at a time. */
export interface BackupCommands {
  /** Begins one, and notes who asked. @throws {GatewayError} WRONG_STATE while one runs */
  begin(who: string, why: string): Promise<BackupState>
  state(): BackupState
}

/** Which messages are to be sent again, in the order they came. */
export interface ReplayAsk {
  readonly filter: Omit<MessageFilter, 'after' | 'limit'>
  /** Only to this destination; null: to every destination each had. */
  readonly to: DestinationId | null
  readonly dryRun: boolean
  readonly reason: string
  /** `next` of the step before; null: the first. */
  readonly after: string | null
}

/** Why a delivery is not made again. `platform`: what went on inside, such as documents that left by mail, goes on once. */
export type ReplaySkip = 'DESTINATION_GONE' | 'PROCESSING_ID' | 'platform'

/** One step of a replay: at most 200 messages in one commit. */
export interface ReplayStep {
  readonly dryRun: boolean
  readonly messages: number
  /** New deliveries by destination. */
  readonly deliveries: Readonly<Record<DestinationId, number>>
  /** Of these, how many go where the message was delivered already. */
  readonly doubles: number
  /** Deliveries that are not made again, by reason: the destination is gone, or of the wrong use, or it is the platform. */
  readonly skipped: Readonly<Partial<Record<ReplaySkip, number>>>
  /** Where the next step goes on; null: this was the last. Messages that arrive after the first step are not taken. */
  readonly next: string | null
}
