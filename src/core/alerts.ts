/** What people are told to look at: one alert per cause, what may be done about it, and whom it was told to. */
import type { Reach } from './caller.ts'
import type { ErrorCode } from './errors.ts'

/** What an alert is about. Their order is that of lists to choose from. */
export const ALERT_KINDS = [
  'urgent',
  'conservation',
  'disk',
  'store',
  'unreachable',
  'silence',
  'queue-age',
  'error-rate',
  'parked',
  'late-refusal',
  'certificate',
  'clock',
  'notice',
  /** A rota with empty hours, a duty that nobody took, a test that was not heard. */
  'duty',
  /** Somebody could not be told of a case. */
  'untold',
  /** Whose case it is has to be looked at. */
  'patient',
  /** What a system said of a case or an appointment could not be used. */
  'unread',
  /** The white list of mail operators: refused, waiting to be confirmed, or too old. */
  'white-list',
  /** The antivirus gives no answer: mail waits, or goes unscanned. */
  'antivirus',
  /** A step of documents by mail failed, or their mailbox cannot be used. */
  'documents',
  /** A requirement is met less well than it was. */
  'conformity',
] as const
/** One of them. */
export type AlertKind = (typeof ALERT_KINDS)[number]

/** How much it matters, most first: `urgent` is told at once, the others in groups. */
export const SEVERITIES = ['urgent', 'important', 'info'] as const
/** One of them. */
export type Severity = (typeof SEVERITIES)[number]

/** `open`: nobody has said a word; `ended`: its cause is over. */
export const ALERT_STATES = ['open', 'acknowledged', 'ended'] as const
/** One of them. */
export type AlertState = (typeof ALERT_STATES)[number]

/** Facts of an alert: counts, durations, dates; never a patient's. */
export type AlertParams = Readonly<Record<string, string | number>>

/** An alert as people and programs are shown it. Times ISO 8601 with offset. */
export interface AlertView {
  readonly id: string
  readonly kind: AlertKind
  readonly severity: Severity
  /** What it means and what to do: a code of docs/errors.md. */
  readonly code: ErrorCode
  /** What it is about: an establishment, a destination, a part of the gateway; `*` for the region. */
  readonly subject: string
  readonly establishment: string | null
  readonly params: AlertParams
  readonly firstAt: string
  readonly lastAt: string
  /** How often the same cause came up. */
  readonly times: number
  readonly state: AlertState
  /** Nobody is told before then; null: not put off. */
  readonly snoozedUntil: string | null
  /** Who acknowledged it or put it off. */
  readonly who: string | null
  readonly why: string | null
  readonly actedAt: string | null
  readonly endedAt: string | null
}

/** A notice of an alert to a channel of `notify`. */
export interface NoticeView {
  readonly channel: string
  readonly what: 'raised' | 'ended'
  readonly state: 'waiting' | 'sent' | 'failed'
  readonly madeAt: string
  readonly attempts: number
  /** Why the last attempt failed. */
  readonly code: ErrorCode | null
  readonly doneAt: string | null
}

/** An alert with all that is known of it. */
export interface AlertDetail extends AlertView {
  readonly notices: readonly NoticeView[]
}

/** Which alerts a list holds. */
export interface AlertFilter {
  readonly state?: AlertState
  readonly kind?: AlertKind
  readonly severity?: Severity
  readonly establishment?: string
  /** 1 to 500; 100 when absent. */
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

/** Questions about alerts. `reach` null: the whole region. */
export interface AlertViews {
  /** Those that last first, the gravest before the others; then those that are over, newest first. @throws {GatewayError} BAD_REQUEST */
  list(
    filter: AlertFilter,
    reach: Reach | null,
  ): Promise<{ readonly alerts: readonly AlertView[]; readonly next: string | null }>
  /** Null: there is none, or not for these eyes. */
  one(id: string, reach: Reach | null): Promise<AlertDetail | null>
}

/** Acts on an alert, each an event in the same commit. All throw {GatewayError} NOT_FOUND, WRONG_STATE when it is over. */
export interface AlertCommands {
  acknowledge(id: string, who: string, why: string): Promise<void>
  /** Tells nobody before `untilMs` (ms since 1970, at most 31 days ahead). @throws {GatewayError} BAD_REQUEST */
  snooze(id: string, untilMs: number, who: string, why: string): Promise<void>
}
