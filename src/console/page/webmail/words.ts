import type { MailFolder, OpenedMail } from '../../../core/webmail.ts'
import type { Language } from '../../../formats/http/language.ts'
import { EN } from './words-en.ts'
import { FR } from './words-fr.ts'

/** Every word of the pages of mail, in one language. */
export interface WebmailWords {
  readonly title: string
  readonly boxes: string
  readonly none: string
  readonly closedHere: string
  readonly delegated: string
  readonly suspended: string
  readonly suspendedTells: string
  readonly parts: string
  readonly unread: (n: number) => string
  readonly folders: Readonly<Record<MailFolder, string>>
  readonly mails: string
  readonly empty: string
  readonly noneFound: string
  readonly from: string
  readonly to: string
  readonly cc: string
  readonly replyTo: string
  readonly subject: string
  readonly noSubject: string
  readonly date: string
  readonly size: string
  readonly bytes: (n: number) => string
  readonly marks: string
  readonly isUnread: string
  readonly isAnswered: string
  readonly hasFiles: string
  readonly kinds: Readonly<Record<'xdm' | 'receipt' | 'report', string>>
  readonly more: string
  readonly waiting: (n: number) => string
  readonly searched: (n: number) => string
  readonly search: string
  readonly searchTexts: string
  readonly searchAct: string
  readonly found: (words: string) => string
  readonly write: string
  readonly backTo: (folder: string) => string
  readonly text: string
  readonly textNotes: Readonly<Record<Exclude<OpenedMail['textNote'], null>, string>>
  readonly files: string
  readonly moreFiles: string
  readonly original: string
  readonly fileType: string
  readonly archive: string
  readonly archiveWrong: string
  readonly patient: string
  readonly born: string
  readonly identifier: string
  readonly document: string
  readonly noDocument: string
  readonly fileMissing: string
  readonly pdf: string
  readonly reply: string
  readonly replyAll: string
  readonly forward: string
  readonly acts: string
  readonly markUnread: string
  readonly toArchive: string
  readonly toTrash: string
  readonly toInbox: string
  readonly purge: string
  readonly purgeSure: string
  readonly receiptAsked: (address: string) => string
  readonly receiptStranger: string
  readonly receiptAct: string
  readonly receiptSent: (when: string) => string
  readonly fate: string
  readonly recipient: string
  readonly state: string
  readonly states: Readonly<Record<'open' | 'delivered' | 'failed', string>>
  readonly readAt: string
  readonly newMail: string
  readonly answerTo: string
  readonly forwardOf: string
  readonly forwardTells: string
  readonly recipientsHelp: string
  readonly directory: string
  readonly find: string
  readonly findSome: string
  readonly findNone: string
  readonly attach: string
  readonly attachHelp: (files: number, mebibytes: number) => string
  readonly askReceipt: string
  readonly askNotify: string
  readonly send: string
  readonly refused: string
  readonly filesAgain: string
  readonly about: (address: string, told: string) => string
  readonly restored: string
  readonly discard: string
  readonly kept: string
  readonly sent: string
  readonly notCopied: string
}

/** The catalogue of each language. */
export const WEBMAIL_WORDS: Readonly<Record<Language, WebmailWords>> = { fr: FR, en: EN }
