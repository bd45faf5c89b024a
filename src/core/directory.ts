/** The directory of mailboxes: those of the national extraction, and our own. */
import type { Reach } from './caller.ts'
import type { ErrorCode } from './errors.ts'
import type { FileImport, ImportFile, ImportLine, ImportProblem, ImportState } from './imports/imported.ts'
import type { MailboxKind, MailboxState } from './mail.ts'

/** What the directory knows of a mailbox and one of its holders. Null: nothing is known. */
export interface DirectoryFacts {
  /** Lower case. */
  readonly address: string
  readonly kind: MailboxKind
  /** National identifier of the person (IdNPS). */
  readonly person: string | null
  readonly title: string | null
  readonly family: string | null
  readonly given: string | null
  /** National identifier of the structure (IdNST), or its number as it was written. */
  readonly structure: string | null
  readonly organisation: string | null
  readonly service: string | null
  readonly description: string | null
  readonly profession: string | null
  readonly professionCode: string | null
  readonly speciality: string | null
  readonly specialityCode: string | null
  readonly postcode: string | null
  readonly town: string | null
  readonly department: string | null
  /** It takes documents instead of paper. */
  readonly digital: boolean | null
}

/** The same as it is found. */
export interface DirectoryEntry extends DirectoryFacts {
  /** Its place in the directory, by which pages go on. */
  readonly n: number
  /** As people see it. */
  readonly name: string
  /** The establishment that keeps it here; null: another operator does. */
  readonly establishment: string | null
  /** On the red list: only found by who may see it. */
  readonly red: boolean
  /** When it was told (ms since 1970), and in which version of the directory, from 1. */
  readonly changedAtMs: number
  readonly version: number
}

/** What is asked for; all of it must hold, and words in any case, without accents. Nothing asked finds nothing. */
export interface DirectoryAsk {
  /** In names, organisations, services, professions, towns; each may be a beginning. */
  readonly words?: string
  /** In the names of persons; in those of organisations. */
  readonly name?: string
  readonly organisation?: string
  /** RPPS or ADELI number, or IdNPS. */
  readonly person?: string
  /** FINESS, SIREN or SIRET number, or IdNST. */
  readonly structure?: string
  /** Words or code of a profession or speciality. */
  readonly speciality?: string
  /** Words of a town, its postcode or department. */
  readonly town?: string
  readonly kinds?: readonly MailboxKind[]
  /** The whole address, its beginning, or a part of it. */
  readonly address?: { readonly text: string; readonly how: 'exact' | 'start' | 'part' }
  /** What FHIR calls a holder without a number. */
  readonly key?: string
}

/** Mailboxes of a page. `next`: for `after` of the next one. */
export interface DirectoryPage {
  readonly entries: readonly DirectoryEntry[]
  readonly next: string | null
}

/** Who looks: whose red mailboxes may be shown. */
export interface DirectorySight {
  /** Of these establishments; null: of all. */
  readonly reach: Reach | null
}

/** Sees nothing of the red list. */
export const NO_RED: DirectorySight = { reach: { establishments: [], applications: null } }

/** Why a line of a file was not taken. */
export type BadLineCode = Extract<ErrorCode, 'DIRECTORY_LINE' | 'DIRECTORY_ADDRESS' | 'DIRECTORY_KIND'>
/** A line that was not taken, from 1 (the header). */
export type BadLine = ImportLine<BadLineCode>

/** What is wrong with a file as a whole: a column that is missing or stands twice, or what it is. */
export type DirectoryFileProblem = ImportProblem<
  Extract<ErrorCode, 'DIRECTORY_FILE' | 'DIRECTORY_COLUMN_MISSING' | 'DIRECTORY_COLUMN_TWICE'>
>

/** How an import goes, or went. */
export type DirectoryImport = FileImport<BadLine, DirectoryFileProblem>
/** Imports: the one in use, the one that runs, the last ones. */
export type DirectoryState = ImportState<DirectoryImport>

/** Questions to the directory. */
export interface DirectoryViews {
  state(): Promise<DirectoryState>
  /** @throws {GatewayError} BAD_REQUEST for an `after` that no page gave */
  search(
    ask: DirectoryAsk,
    page: { readonly limit: number; readonly after?: string | null },
    sight: DirectorySight,
  ): Promise<DirectoryPage>
  /** Addresses for whoever types: at most ten, each once, our own first. */
  complete(
    words: string,
    sight: DirectorySight,
  ): Promise<readonly { readonly address: string; readonly name: string }[]>
}

/** A file of the directory as it comes. */
export type DirectoryFile = ImportFile

/** Acts on the directory. */
export interface DirectoryCommands {
  /**
   * Keeps the file and begins to import it; the directory stays as it was until all of it is in.
   * @throws {GatewayError} DIRECTORY_BUSY while another import runs, DIRECTORY_TOO_LARGE */
  begin(file: DirectoryFile, act: { readonly who: string; readonly why: string }): Promise<DirectoryImport>
}

/** One of our mailboxes, as it is told to a directory. */
export interface FedMailbox {
  /** What became of it since the time that was asked from. */
  readonly what: 'created' | 'changed' | 'closed'
  readonly atMs: number
  readonly address: string
  readonly kind: MailboxKind
  readonly state: MailboxState
  /** Null, as all below: it is not known, or the mailbox is on the red list. */
  readonly name: string | null
  readonly owner: string | null
  /** FINESS of its entity, else of the establishment; null: it has none. */
  readonly finess: string | null
  readonly responsible: string | null
  readonly service: string | null
  readonly description: string | null
  /** It may not be published. */
  readonly red: boolean
}

/** How our mailboxes are told to a directory: the schema of the national one is not public, so that this may be replaced. */
export interface DirectoryFeed {
  /** Name of the file, and its type. */
  readonly file: string
  readonly type: string
  /** The mailboxes as they are written, piece by piece. */
  write(mailboxes: AsyncIterable<FedMailbox>): AsyncIterable<string>
}

/** Gives our mailboxes away: those that there are, or (`sinceMs`) those that were made, changed or closed since. */
export type FeedDirectory = (ask: { readonly sinceMs: number | null }) => {
  readonly file: string
  readonly type: string
  readonly body: AsyncIterable<string>
}

/** Which header each field is read from, where it is not one of those that are known. */
export type DirectoryColumns = Readonly<Partial<Record<string, string>>>

/** `mail.directory`: how the national extraction is read. */
export interface DirectorySettings {
  readonly columns: DirectoryColumns
  /** Longest file, unpacked (bytes). */
  readonly maxBytes: number
}

/** As it is known, with the limit of the schema. */
export const DIRECTORY_DEFAULTS: DirectorySettings = { columns: {}, maxBytes: 512 * 1024 ** 2 }
