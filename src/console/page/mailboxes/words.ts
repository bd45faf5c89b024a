import type { MailboxKind, MailboxState } from '../../../core/mail.ts'
import type { NewMailbox } from '../../../core/mailboxes.ts'
import type { RowOddity, WhiteListState } from '../../../core/white-list.ts'
import type { Language } from '../../../formats/http/language.ts'
import { EN } from './words-en.ts'
import { FR } from './words-fr.ts'

/** Every word of the pages of secure mail, in one language. */
export interface MailWords {
  readonly title: string
  readonly parts: string
  readonly tabs: Readonly<
    Record<'mailboxes' | 'create' | 'import' | 'directory' | 'whiteList' | 'indicators' | 'letters', string>
  >
  readonly kinds: Readonly<Record<MailboxKind, string>>
  readonly kindTells: Readonly<Record<MailboxKind, string>>
  readonly states: Readonly<Record<MailboxState, string>>
  readonly fields: Readonly<Record<keyof NewMailbox | 'local' | 'domain' | 'state' | 'person' | 'reason', string>>
  readonly helps: Readonly<
    Partial<Record<'local' | 'name' | 'person' | 'owner' | 'quota' | 'certificate' | 'redList', string>>
  >
  readonly yes: string
  readonly lead: string
  readonly closedHere: string
  readonly search: string
  readonly all: string
  readonly filter: string
  readonly list: string
  readonly none: string
  readonly noneFound: string
  readonly more: string
  readonly csv: string
  readonly createdAt: string
  readonly closedAt: string
  readonly usedAt: string
  readonly never: string
  readonly noLimit: string
  readonly noEntity: string
  readonly change: string
  readonly changeThis: string
  readonly save: string
  readonly acts: string
  readonly suspend: string
  readonly suspendTells: string
  readonly resume: string
  readonly close: string
  readonly closeTells: string
  readonly closeSure: string
  readonly closeUnsure: string
  readonly delegates: string
  readonly delegatesTell: string
  readonly noDelegate: string
  readonly since: string
  readonly delegate: string
  readonly undelegate: (person: string) => string
  readonly create: string
  readonly createKind: string
  readonly createAct: string
  readonly refused: string
  readonly odd: string
  readonly reasonMissing: string
  readonly importLead: string
  readonly importFile: string
  readonly importTry: string
  readonly importAct: string
  readonly importTried: (n: number) => string
  readonly imported: (n: number) => string
  readonly importRefused: string
  readonly line: string
  readonly field: string
  readonly problem: string
  readonly back: string
  readonly whiteList: WhiteListWords
}

/** Of the page of the white list. */
export interface WhiteListWords {
  readonly title: string
  readonly lead: string
  readonly absent: string
  readonly state: string
  readonly states: Readonly<Record<WhiteListState, string>>
  readonly age: string
  readonly source: string
  readonly generatedAt: string
  readonly confirmedAt: string
  readonly rows: string
  readonly domains: string
  readonly subjects: string
  readonly odd: string
  readonly oddRow: string
  readonly oddName: string
  readonly oddWhy: string
  readonly oddities: Readonly<Record<RowOddity, string>>
  readonly signer: string
  readonly signerUntil: string
  readonly extended: (until: string, who: string, why: string) => string
  readonly extension: string
  readonly refused: string
  readonly refusedTimes: (when: string, times: number) => string
  readonly waiting: string
  readonly waitingTells: (rows: string, added: string, removed: string, when: string) => string
  readonly confirm: string
  readonly extend: string
  readonly extendTells: string
  readonly extendWrong: string
  readonly until: string
  readonly fetch: string
  readonly acts: string
  readonly domain: string
  readonly domainTitle: string
  readonly domainAsk: string
  readonly mailGoes: string
  readonly subject: string
  readonly description: string
  readonly responsible: string
  readonly support: string
  readonly changed: string
  readonly noSubject: string
  readonly changes: string
  readonly noChange: string
  /** Who did what nobody asked for. */
  readonly itself: string
  readonly takenBy: (who: string, why: string | null) => string
  readonly first: string
  readonly added: (n: string) => string
  readonly removed: (n: string) => string
  readonly moved: (n: string) => string
  readonly others: (n: string) => string
}

/** The catalogue of each language. */
export const MAIL_WORDS: Readonly<Record<Language, MailWords>> = { fr: FR, en: EN }
