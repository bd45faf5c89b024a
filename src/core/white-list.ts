/** The white list of mail operators: its settings, what people see of it, and what they may do. */
import type { DirectorySettings } from './directory.ts'
import type { ErrorCode } from './errors.ts'
import type { MailOperator } from './mail.ts'

/** Where the list comes from, whom it is taken from, and what its age means. Durations ms, sizes bytes. */
export interface WhiteListSettings {
  readonly source: { readonly kind: 'url'; readonly url: string } | { readonly kind: 'file'; readonly file: string }
  /** PEM of the authorities: for the list's signer and for the TLS of its publisher. */
  readonly ca: string
  /** PEM of the revocation lists of these authorities; empty: revocation is not looked at. */
  readonly crl: readonly string[]
  /** What becomes of a list whose signer only a revocation list past its next update vouches for. */
  readonly crlStale: 'refuse' | 'warn'
  readonly signer: { readonly issuer: string; readonly commonName: string; readonly email: string | null }
  readonly everyMs: number
  readonly timeoutMs: number
  readonly maxBytes: number
  /** 0 to 1: a list that loses more of its rows waits for an administrator. */
  readonly shrink: number
  readonly age: { readonly stale: number; readonly old: number; readonly closed: number }
}

/** Secure mail as region.yaml sets it. `whiteList` null: no list, and so no mail. */
export interface MailSettings {
  readonly whiteList: WhiteListSettings | null
  /** Absent: no mail is taken or sent. */
  readonly operator?: MailOperator
  /** How the national directory is read. Absent: as it is known. */
  readonly directory?: DirectorySettings
}

/** What is odd in a row; the row is left out but for `no-date`. */
export const ROW_ODDITIES = ['no-domain', 'bad-domain', 'no-subject', 'bad-subject', 'repeated', 'no-date'] as const
/** One of them. */
export type RowOddity = (typeof ROW_ODDITIES)[number]

/** A row that is not as it should be. `row` counts from 1; `name`: its domain, or what stands in the place of what is wrong, cut. */
export interface OddRow {
  readonly row: number
  readonly what: RowOddity
  readonly name: string
}

/** Odd rows that are kept and shown one by one. */
export const ODD_ROWS = 50

/** `none`: there never was a list. `closed`: mail waits. */
export type WhiteListState = 'none' | 'fresh' | 'stale' | 'old' | 'closed'

/** The list in use and what stands beside it. Times ISO 8601 with offset. */
export interface WhiteListStatus {
  readonly state: WhiteListState
  /** What people are told of the state; null: nothing. */
  readonly code: ErrorCode | null
  readonly source: string
  readonly current: {
    readonly sha256: string
    readonly generatedAt: string
    /** When it was last fetched and found good, or its publisher said that it had not changed. */
    readonly confirmedAt: string
    readonly ageMs: number
    readonly rows: number
    readonly domains: number
    readonly subjects: number
    /** Rows that are not as they should be. */
    readonly odd: number
    /** The first of them, `ODD_ROWS` at most. */
    readonly oddRows: readonly OddRow[]
    readonly signer: string
    readonly signerUntil: string
  } | null
  readonly extended: { readonly until: string; readonly who: string; readonly why: string } | null
  /** The last fetch that gave no list, since the last one that did. */
  readonly refused: {
    readonly code: ErrorCode
    readonly at: string
    readonly when: string
    readonly times: number
  } | null
  /** A good list that has far fewer rows, and waits to be confirmed. */
  readonly waiting: {
    readonly sha256: string
    readonly generatedAt: string
    readonly rows: number
    readonly added: number
    readonly removed: number
  } | null
}

/** A list that came into use. */
export interface WhiteListChange {
  readonly id: string
  readonly when: string
  readonly who: string
  readonly why: string | null
  readonly generatedAt: string
  readonly rows: number
  readonly added: readonly { readonly domain: string; readonly subject: string }[]
  readonly removed: readonly { readonly domain: string; readonly subject: string }[]
  readonly moved: readonly string[]
  /** Pairs beyond those that are kept. */
  readonly more: number
}

/** What the list says of a domain. */
export interface DomainView {
  /** In lower-case ASCII; as asked when it is none. */
  readonly domain: string
  /** Why no mail goes there; null: it may. */
  readonly code: ErrorCode | null
  readonly subjects: readonly {
    readonly subject: string
    readonly description: string
    readonly responsible: string
    readonly support: string
    readonly changed: string
  }[]
}

/** Questions about the list. */
export interface WhiteListViews {
  status(): Promise<WhiteListStatus>
  /** Newest first. */
  changes(limit: number): Promise<readonly WhiteListChange[]>
  domain(domain: string): DomainView
}

/** Acts on the list, each an event in the same commit. */
export interface WhiteListCommands {
  /** Fetches now; resolves with the status behind it. */
  fetch(who: string): Promise<void>
  /** Takes the list that waits, if it still is this one. @throws {GatewayError} WRONG_STATE */
  confirm(sha256: string, who: string, why: string): Promise<void>
  /** Lets an old list count until `untilMs` (at most 7 days ahead). @throws {GatewayError} BAD_REQUEST, WRONG_STATE */
  extend(untilMs: number, who: string, why: string): Promise<void>
}
