/** The mailboxes kept here, as people see them and act on them. */
import type { Reach } from './caller.ts'
import type { ErrorCode } from './errors.ts'
import type { Mailbox, MailboxKind, MailboxState } from './mail.ts'

/** Kinds, in the order in which they are shown. */
export const MAILBOX_KINDS = ['PER', 'ORG', 'APP', 'CAB'] as const satisfies readonly MailboxKind[]
/** States, in the order of a mailbox's life. */
export const MAILBOX_STATES = ['active', 'suspended', 'closed'] as const satisfies readonly MailboxState[]

/** What a person writes of a mailbox that is to be. Null: nothing is said of it. */
export interface NewMailbox extends Omit<Mailbox, 'state' | 'establishment' | 'createdAtMs' | 'closedAtMs'> {
  /** Null: that of the domain. */
  readonly establishment: string | null
}

/** What may change, and of which kinds. Address and kind never do, nor the owner of a personal mailbox. */
export const CHANGEABLE = {
  name: MAILBOX_KINDS,
  redList: MAILBOX_KINDS,
  quota: MAILBOX_KINDS,
  description: ['ORG', 'APP', 'CAB'],
  service: ['ORG', 'APP'],
  responsible: ['ORG', 'APP'],
  owner: ['CAB'],
  certificate: ['APP'],
} as const satisfies Partial<Record<keyof NewMailbox, readonly MailboxKind[]>>

/** A field that may change. */
export type ChangeableField = keyof typeof CHANGEABLE
/** What is to change: absent fields stay. */
export type MailboxChange = Partial<Pick<NewMailbox, ChangeableField>>

/** What is wrong with what was written, or (`MAILBOX_OWNER_KEY`) only odd. */
export interface MailboxProblem {
  readonly field: keyof NewMailbox | 'person' | 'file'
  readonly code: ErrorCode
}

/** A problem of a file, with its line (from 1, the header). */
export interface MailboxLineProblem extends MailboxProblem {
  readonly line: number
}

/** Who acts, why, and how far they reach. */
export interface MailboxAct {
  readonly who: string
  readonly why: string
  readonly reach: Reach | null
}

/** What became of an act: every problem at once and nothing done, or done, with what is odd. */
export type MailboxDone =
  | { readonly ok: true; readonly mailbox: Mailbox; readonly warnings: readonly MailboxProblem[] }
  | { readonly ok: false; readonly problems: readonly MailboxProblem[] }

/** What became of a file of mailboxes. `created`: how many were (of a dry run: would be); 0 with problems. */
export interface MailboxImport {
  readonly created: number
  readonly dryRun: boolean
  readonly problems: readonly MailboxLineProblem[]
  readonly warnings: readonly MailboxLineProblem[]
}

/** Which mailboxes. */
export interface MailboxFilter {
  readonly domain?: string
  readonly establishment?: string
  readonly kind?: MailboxKind
  readonly state?: MailboxState
  /** Part of an address, a name, a service, a description or an identifier. */
  readonly q?: string
}

/** A mailbox and when it was last used. */
export interface MailboxLine extends Mailbox {
  readonly usedAtMs: number | null
}

/** Mailboxes in the order of their addresses. `next`: give it as `after`; null: the last page. */
export interface MailboxPage {
  readonly mailboxes: readonly MailboxLine[]
  readonly next: string | null
}

/** One mailbox, with who else may read it and send as it. */
export interface MailboxDetail {
  readonly mailbox: MailboxLine
  readonly delegates: readonly { readonly person: string; readonly sinceMs: number }[]
}

/** Questions about mailboxes; what is not within the reach is not there. */
export interface MailboxViews {
  /** Is the region a mail operator? Without, there is nothing to create. */
  readonly open: boolean
  /** Domains whose mailboxes are ours, by name. */
  domains(reach: Reach | null): readonly { readonly name: string; readonly establishment: string }[]
  /** `limit`: 1 to 500. @throws {GatewayError} QUERY_TIMEOUT */
  list(
    filter: MailboxFilter,
    page: { readonly limit: number; readonly after?: string },
    reach: Reach | null,
  ): Promise<MailboxPage>
  /** Null: there is none. */
  one(address: string, reach: Reach | null): Promise<MailboxDetail | null>
  /** All that the filter finds, as CSV, piece by piece. */
  csv(filter: MailboxFilter, reach: Reach | null): AsyncIterable<string>
}

/** Acts on mailboxes, each an event in the same commit. */
export interface MailboxCommands {
  create(box: NewMailbox, act: MailboxAct): Promise<MailboxDone>
  /** @throws {GatewayError} NOT_FOUND, MAILBOX_CLOSED, WRONG_STATE when others crossed it */
  change(address: string, change: MailboxChange, act: MailboxAct): Promise<MailboxDone>
  /** @throws {GatewayError} NOT_FOUND, MAILBOX_CLOSED, WRONG_STATE */
  move(address: string, to: 'suspend' | 'resume' | 'close', act: MailboxAct): Promise<Mailbox>
  /** `person`: a national identifier. @throws {GatewayError} NOT_FOUND, MAILBOX_CLOSED, WRONG_STATE */
  delegate(address: string, person: string, act: MailboxAct): Promise<MailboxDone>
  /** @throws as `delegate` */
  undelegate(address: string, person: string, act: MailboxAct): Promise<MailboxDone>
  /** Creates those of a CSV file: all, or none with every problem. */
  import(csv: string, dryRun: boolean, act: MailboxAct): Promise<MailboxImport>
}
