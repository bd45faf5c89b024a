/** What a mail operator tells of each month: figures of its mailboxes and mails, never of a patient or a subject. */
import type { Reach } from './caller.ts'
import type { MailboxKind } from './mail.ts'

/** How often each code was seen. */
export type CodeCounts = Readonly<Record<string, number>>
/** X-MSS headers, by the name that traces give them. */
export const X_MSS_NAMES = ['codeCda', 'ins', 'nil', 'mes'] as const
/** One of them. */
export type XMssName = (typeof X_MSS_NAMES)[number]
/** Values of X-MSS headers that are told; every other one counts as `other`. */
export type XMssCodes = Readonly<Record<XMssName, readonly string[]>>
/** Mails with each value of each X-MSS header. */
export type XMssCounts = Readonly<Record<XMssName, CodeCounts>>
/** Stands for every value that is in no list. */
export const OTHER_CODE = 'other'

/** What was counted of the mailboxes of one kind, domain and establishment in one month. */
export interface MailFigures {
  /** Not closed at the end of the month, and of them suspended. */
  readonly boxes: number
  readonly suspended: number
  /** In the month. */
  readonly created: number
  readonly closed: number
  /** Read on the pages, or sent from, in the month; the last time (ms; null: none). */
  readonly used: number
  readonly lastUseMs: number | null
  /** Mails taken for these mailboxes, their recipients here, and bytes. */
  readonly received: number
  readonly receivedRecipients: number
  readonly receivedBytes: number
  /** Mails that these mailboxes sent, of them those to another mail operator, their recipients, and bytes. */
  readonly sent: number
  readonly relayed: number
  readonly sentRecipients: number
  readonly sentBytes: number
  /** Deliveries that failed for good in the month, by code. */
  readonly failed: CodeCounts
  /** What the doors refused, by code. */
  readonly refused: CodeCounts
  readonly receivedXMss: XMssCounts
  readonly sentXMss: XMssCounts
}

/** Whose figures they are. Empty texts: of no domain (a refusal before a recipient was named), of no mailbox. */
export interface MailGroup {
  readonly domain: string
  readonly establishment: string
  readonly kind: MailboxKind | ''
}

/** A group in a month (`2026-11`). `final`: the month is over, and its figures change no more. */
export interface MailMonth extends MailGroup, MailFigures {
  readonly month: string
  readonly final: boolean
}

/** Which months, the last included, and of whom. */
export interface MailMonthFilter {
  readonly from: string
  readonly to: string
  readonly domain?: string
  readonly establishment?: string
  readonly kind?: MailboxKind
}

/** Columns of files, in the order in which they are written where no other is set. */
export const MONTH_COLUMNS = [
  ...(['month', 'domain', 'establishment', 'type', 'final', 'boxes', 'suspended', 'created', 'closed'] as const),
  ...(['used', 'lastUse', 'received', 'receivedRecipients', 'receivedBytes', 'sent', 'relayed'] as const),
  ...(['sentRecipients', 'sentBytes', 'failed', 'failedCodes', 'refused', 'refusedCodes'] as const),
  ...(['receivedCodeCda', 'receivedIns', 'receivedNil', 'receivedMes'] as const),
  ...(['sentCodeCda', 'sentIns', 'sentNil', 'sentMes'] as const),
] as const
/** One of them. */
export type MonthColumn = (typeof MONTH_COLUMNS)[number]
/** A column of a file, and the name above it. */
export interface NamedColumn {
  readonly column: MonthColumn
  readonly name: string
}

/** How indicators are told. */
export interface IndicatorSettings {
  readonly xMss: XMssCodes
  readonly columns: readonly NamedColumn[]
}

/** Longest span of one question (months). */
export const MOST_MONTHS = 36

/** Questions about months; what is not within the reach is not there. */
export interface MailMonthViews {
  /** The month it is, in the region's time zone. */
  now(): string
  /** By month, domain, establishment and kind. @throws {GatewayError} BAD_REQUEST for a span that is none or too long, QUERY_TIMEOUT */
  list(filter: MailMonthFilter, reach: Reach | null): Promise<readonly MailMonth[]>
  /** The same as CSV. */
  csv(filter: MailMonthFilter, reach: Reach | null): Promise<string>
}
