/** Mail as the people of a mailbox see it: folders, items, what stands in one, and what is done with it. */
import type { ErrorCode } from './errors.ts'
import type { MessageId } from './message.ts'

/** Folders that are shown, in their order; on disk INBOX is the mailbox itself, the others are `.NAME` in it (Maildir++). */
export const MAIL_FOLDERS = ['INBOX', 'Sent', 'Archive', 'Trash'] as const
/** One of them. */
export type MailFolder = (typeof MAIL_FOLDERS)[number]

/** Files of one mail that is written here. */
export const MOST_FILES = 50

/** Who reads or sends. */
export interface MailPerson {
  /** Name in the audit. */
  readonly who: string
  /** National identifier (IdNPS); null: it is not known, and no mailbox is theirs. */
  readonly identifier: string | null
  /** Establishment whose mailboxes alone count; absent: all of theirs. */
  readonly within?: string
}

/** A file of a folder, as its listing tells it. */
export interface MailFile {
  /** Without its flags. */
  readonly name: string
  /** Letters behind `:2,`, sorted: `S` seen, `R` answered, `P` passed on, `F` flagged, `T` deleted, `D` draft. */
  readonly flags: string
  /** In `new`: no reader has taken it yet. */
  readonly fresh: boolean
  /** Where it lay when it was listed, below its folder. */
  readonly path: string
}

/** Where a file is. */
export interface MailPlace {
  readonly address: string
  readonly folder: MailFolder
  readonly name: string
  /** `path` of a listing: there it is looked for first. Absent: by its name, in a listing anew. */
  readonly path?: string
}

/** Flags out of those that a mail has: other readers may have changed them since it was listed. */
export type FlagChange = (flags: string) => string

/** The mailboxes on disk. The folders are the truth: other readers move and remove files at any time. */
export interface MailFiles {
  /** Mail is kept on this node. */
  readonly open: boolean
  /** Files of a folder, in no order, some at a time; none where there is no folder. */
  list(address: string, folder: MailFolder): AsyncIterable<readonly MailFile[]>
  /** Changes whenever the listing may have changed. Null: always ask. */
  stamp(address: string, folder: MailFolder): Promise<string | null>
  /** Its first bytes, `most` of them at most, and how many it has. @throws {GatewayError} NOT_FOUND when it is gone */
  head(place: MailPlace, most: number): Promise<{ readonly bytes: Buffer; readonly size: number }>
  /** Its bytes from `from` up to `to`, in pieces. @throws {GatewayError} NOT_FOUND */
  read(place: MailPlace, from: number, to: number): AsyncIterable<Buffer>
  /** Changes the flags that it has now, and takes it from `new`. False: it is gone. */
  flag(place: MailPlace, change: FlagChange): Promise<boolean>
  /** Moves it to another folder and changes the flags that it has now. False: it is gone. */
  move(place: MailPlace, to: MailFolder, change: FlagChange): Promise<boolean>
  /** Keeps a mail, synced, under this name. */
  put(place: MailPlace, flags: string, bytes: Uint8Array): Promise<void>
  /** Removes it for good. False: it was gone. */
  remove(place: MailPlace): Promise<boolean>
}

/** A mailbox of somebody. */
export interface WebmailBox {
  readonly address: string
  readonly name: string
  /** Their own; false: it is delegated to them. */
  readonly own: boolean
  /** It takes and sends no mail for now; what is in it is read. */
  readonly suspended: boolean
  /** Mails in each folder, and how many of them are unread. */
  readonly folders: Readonly<Record<MailFolder, { readonly mails: number; readonly unread: number }>>
}

/** A mail in a list. */
export interface MailItem {
  /** Of this mail in this folder. Tells nothing. */
  readonly id: string
  readonly folder: MailFolder
  /** When it came (ms since 1970). */
  readonly atMs: number
  readonly from: string
  readonly to: string
  /** Decoded, without the prefix of XDM. */
  readonly subject: string
  readonly size: number
  readonly seen: boolean
  readonly answered: boolean
  readonly attachments: boolean
  /** Its sender asks to be told that it was read. */
  readonly receiptAsked: boolean
  readonly kind: 'mail' | 'xdm' | 'receipt' | 'report'
}

/** Which mails. */
export interface WebmailAsk {
  readonly folder: MailFolder
  /** Words that stand in subject, sender or recipients; empty: all. */
  readonly words: string
  /** Look into the texts too, as far as the limits of a search go. */
  readonly texts: boolean
  /** `next` of the page before. */
  readonly after: string | null
  /** 1 to 200. */
  readonly limit: number
}

/** Mails, newest first. */
export interface WebmailPage {
  readonly items: readonly MailItem[]
  /** The mailbox is the reader's own; false: it is delegated to them. */
  readonly own: boolean
  readonly next: string | null
  /** Files whose headers are still to be read: they are in no list yet. */
  readonly waiting: number
  /** A search in texts that looked only at so many of the newest mails; null: at all of them. */
  readonly searched: number | null
}

/** A file that goes with a mail. */
export interface MailPiece {
  /** Its place in the mail. */
  readonly n: number
  /** As the sender named it, without folders. It may name a patient. */
  readonly name: string
  readonly type: string
  /** Encoded. */
  readonly size: number
  /** An archive of documents (IHE XDM). */
  readonly archive: boolean
}

/** A patient as an archive names them. */
export interface ArchivePatient {
  readonly name: string
  /** `1950-01-31`, or as far as it is known; empty. */
  readonly born: string
  readonly identifier: string
}

/** A document of an archive. */
export interface ArchiveDocument {
  readonly n: number
  readonly title: string
  readonly type: string
  /** Null: its file is not there. */
  readonly size: number | null
  /** Name of the file in the archive. */
  readonly name: string
  /** A PDF stands in it. */
  readonly pdf: boolean
}

/** An archive that was opened, or why not. */
export interface MailArchive {
  readonly piece: number
  readonly patient: ArchivePatient | null
  readonly documents: readonly ArchiveDocument[]
  /** What is wrong with it. */
  readonly codes: readonly ErrorCode[]
}

/** One recipient of a mail that was sent. */
export interface SentRecipient {
  readonly address: string
  readonly state: 'open' | 'delivered' | 'failed'
  readonly code: ErrorCode | null
  /** When it was delivered or given up. */
  readonly endedAtMs: number | null
  /** When its receipt says that it was read; null: none came. */
  readonly readAtMs: number | null
}

/** A mail that was opened. */
export interface OpenedMail {
  readonly item: MailItem
  readonly cc: string
  readonly replyTo: string | null
  /** Date as its sender wrote it; null: no date. */
  readonly dateMs: number | null
  /** Text as a person reads it; HTML is made plain. */
  readonly text: string
  /** Null; or what is to be known of the text. */
  readonly textNote: 'from-html' | 'cut' | 'charset' | 'none' | null
  readonly pieces: readonly MailPiece[]
  /** There are more of them than are listed, or parts beyond what is read. */
  readonly more: boolean
  readonly archives: readonly MailArchive[]
  /** Where a receipt goes that it asks for, and whether that is not whoever wrote it (RFC 8098 §2.1); null: it asks for none. */
  readonly receiptTo: { readonly address: string; readonly stranger: boolean } | null
  /** We told its sender that it was read. */
  readonly receiptSentAtMs: number | null
  /** Of a mail of ours: what became of it. */
  readonly sent: { readonly atMs: number; readonly recipients: readonly SentRecipient[] } | null
}

/** Something to keep from a mail. */
export interface MailDownload {
  readonly name: string
  readonly type: string
  readonly body: AsyncIterable<Buffer>
}

/** Of what a draft is made: to whom it goes and what its fields hold. */
export interface DraftFields {
  readonly to: string
  readonly cc: string
  readonly subject: string
  readonly text: string
}

/** What a mail answers or passes on. */
export interface DraftSource {
  readonly item: string
  readonly mode: 'reply' | 'reply-all' | 'forward'
}

/** A mail to be sent. */
export interface NewMail extends DraftFields {
  readonly source: DraftSource | null
  /** Ask for a read receipt. */
  readonly receipt: boolean
  /** Ask to be told of the delivery. */
  readonly notify: boolean
  readonly files: readonly { readonly name: string; readonly type: string; readonly bytes: Buffer }[]
}

/** What is wrong with a mail that was to be sent. */
export interface DraftProblem {
  readonly field: keyof DraftFields | 'files'
  readonly code: ErrorCode
  /** The address that it is about. */
  readonly address: string | null
}

/** What became of it. `copied` false: it is sent, but no copy could be kept. */
export type MailSent =
  | { readonly ok: true; readonly message: MessageId; readonly copied: boolean }
  | { readonly ok: false; readonly problems: readonly DraftProblem[] }

/**
 * Questions to mailboxes. What is not the person's own or delegated to them, or is closed, is not there: each throws
 * {GatewayError} NOT_FOUND. */
export interface WebmailViews {
  readonly open: boolean
  boxes(person: MailPerson): Promise<readonly WebmailBox[]>
  box(person: MailPerson, address: string): Promise<WebmailBox>
  list(person: MailPerson, address: string, ask: WebmailAsk): Promise<WebmailPage>
  /** Noted in the audit before anything is shown, as are the four below. */
  read(person: MailPerson, address: string, id: string): Promise<OpenedMail>
  piece(person: MailPerson, address: string, id: string, n: number): Promise<MailDownload>
  /** All of it, as it came. */
  original(person: MailPerson, address: string, id: string): Promise<MailDownload>
  /** A document of an archive, or the PDF in it. */
  document(
    person: MailPerson,
    address: string,
    id: string,
    at: { readonly piece: number; readonly document: number; readonly pdf: boolean },
  ): Promise<MailDownload>
  /** What a form holds before anybody typed. */
  draft(person: MailPerson, address: string, source: DraftSource): Promise<DraftFields>
  /** Addresses that these words may mean, for whoever types. */
  completes(words: string): Promise<readonly { readonly address: string; readonly name: string }[]>
}

/** Acts on mailboxes, for the same people. */
export interface WebmailCommands {
  send(person: MailPerson, address: string, mail: NewMail): Promise<MailSent>
  /** False: it is gone, or already so. */
  mark(person: MailPerson, address: string, id: string, seen: boolean): Promise<void>
  /** Gives its id in the other folder. */
  move(person: MailPerson, address: string, id: string, to: MailFolder): Promise<string>
  /** From the trash alone, for good. @throws {GatewayError} WRONG_STATE elsewhere */
  purge(person: MailPerson, address: string, id: string): Promise<void>
  /** Tells its sender that it was read, once. @throws {GatewayError} WRONG_STATE when nobody asked, or it was told */
  receipt(person: MailPerson, address: string, id: string): Promise<void>
}
