/**
 * The register of establishments: what the national file (FINESS) says of each legal entity (entité juridique, EJ) and each place
 * (entité géographique, EG), and what the region knows beside: its GHT, managing body, contacts and software. No patient. */
import type { Reach } from './caller.ts'
import type { EstablishmentKind } from './config.ts'
import type { ErrorCode } from './errors.ts'
import type { FileImport, ImportFile, ImportLine, ImportProblem, ImportState } from './imports/imported.ts'

/** Legal entity, or a place of one. */
export const STRUCTURE_LEVELS = ['ej', 'eg'] as const
/** One of them. */
export type StructureLevel = (typeof STRUCTURE_LEVELS)[number]

/** What the national file says of one. Null: it does not say. */
export interface StructureFacts {
  /** FINESS number: nine characters. */
  readonly finess: string
  readonly level: StructureLevel
  /** Of an EG: FINESS number of its legal entity. */
  readonly ej: string | null
  readonly name: string
  /** Code and words of its category. */
  readonly category: string | null
  readonly categoryName: string | null
  /** What region.yaml calls such a category; null: the table has no word for it. */
  readonly kind: EstablishmentKind | null
  /** Number and street. */
  readonly address: string | null
  readonly postcode: string | null
  readonly commune: string | null
  /** Code: `44`. */
  readonly department: string | null
  /** Digits. */
  readonly phone: string | null
  /** SIRET of an EG, SIREN of an EJ. */
  readonly siret: string | null
  /** Day it was opened or made, `2009-01-01`. */
  readonly openedOn: string | null
  /** False: the last digit of the FINESS number is not its key. */
  readonly keyHolds: boolean
}

/** One as it is found, with what the region knows of it. */
export interface Structure extends StructureFacts {
  /** Its place in the register, by which pages go on. */
  readonly n: number
  /** Name of its legal entity; null: it is one, or the register has it not. */
  readonly ejName: string | null
  /** Groupement hospitalier de territoire and managing body: its own, else that of its legal entity. */
  readonly ght: string | null
  readonly body: string | null
  /** Those that were noted for itself. */
  readonly ownGht: string | null
  readonly ownBody: string | null
  /** WGS84 degrees. */
  readonly longitude: number | null
  readonly latitude: number | null
  /** Id in region.yaml; null: it is not declared in the region. */
  readonly establishment: string | null
}

/** What is asked for; all of it must hold, and words in any case, without accents. Nothing asked finds all. */
export interface StructureAsk {
  /** In names, categories and communes; where nothing is found so, each may be a beginning. A FINESS number finds the one, and what is under it. */
  readonly words?: string
  readonly name?: string
  readonly commune?: string
  readonly postcode?: string
  readonly kind?: EstablishmentKind
  readonly department?: string
  readonly level?: StructureLevel
  /** Code of a category. */
  readonly category?: string
  readonly ght?: string
  readonly body?: string
  /** In region.yaml, or not. */
  readonly declared?: boolean
}

/** Structures of a page, in the order of the register. `next`: for `after` of the next one. */
export interface StructurePage {
  readonly structures: readonly Structure[]
  readonly next: string | null
}

/** How many there are, as the file in use had them. */
export interface StructureCounts {
  readonly levels: Readonly<Record<StructureLevel, number>>
  /** Places (EG) by kind; `other`: of a category without one. */
  readonly kinds: Readonly<Record<string, number>>
  /** Places by department. */
  readonly departments: Readonly<Record<string, number>>
}

/** What somebody of a structure is called for. */
export const CONTACT_ROLES = [
  'direction',
  'it',
  'interoperability',
  'security',
  'data-protection',
  'secure-mail',
  'support',
  'care',
  'other',
] as const
/** One of them. */
export type ContactRole = (typeof CONTACT_ROLES)[number]

/** Who to call: the name of a function or person, and how they are reached at work. */
export interface StructureContact {
  readonly id: string
  readonly finess: string
  readonly role: ContactRole
  readonly name: string
  /** Digits, `+` at the beginning. */
  readonly phone: string | null
  readonly mail: string | null
}

/** Software that a structure says it uses. */
export interface StructureSoftware {
  readonly id: string
  readonly finess: string
  readonly product: string
  readonly editor: string | null
  readonly version: string | null
  /** Day, `2026-11-27`. */
  readonly since: string | null
}

/** Software that was seen in its messages (MSH-3), by days. */
export interface MeasuredSoftware {
  readonly product: string
  /** Versions that its messages told (SFT-2), the one seen last first. */
  readonly versions: readonly string[]
  readonly messages: number
  readonly firstDay: string
  readonly lastDay: string
}

/** All that is known of one. */
export interface StructureSheet {
  readonly structure: Structure
  /** Its legal entity, as far as the register has it. */
  readonly above: Structure | null
  /** Places of the legal entity; of a place: those beside it. */
  readonly under: readonly Structure[]
  /** Its own, and those of its legal entity. */
  readonly contacts: readonly StructureContact[]
  readonly software: readonly StructureSoftware[]
  readonly measured: readonly MeasuredSoftware[]
}

/** Why a line of the national file was not taken. */
export type StructureLineCode = Extract<ErrorCode, 'STRUCTURE_LINE' | 'STRUCTURE_FINESS' | 'STRUCTURE_KEY'>

/** How an import goes, or went. */
export interface StructureImport
  extends FileImport<
    ImportLine<StructureLineCode>,
    ImportProblem<Extract<ErrorCode, 'STRUCTURE_FILE' | 'STRUCTURE_COLUMN'>>
  > {
  /** Lines whose FINESS number has a wrong key: they were taken. */
  readonly odd: number
  /** The first of them. */
  readonly oddLines: readonly ImportLine<StructureLineCode>[]
  readonly counted: StructureCounts
}

/** Imports: the one in use, the one that runs, the last ones. */
export type StructureState = ImportState<StructureImport>

/** What can be chosen from: values that structures have. */
export interface StructureChoices {
  readonly ghts: readonly string[]
  readonly bodies: readonly string[]
}

/** Questions to the register. */
export interface StructureViews {
  state(): Promise<StructureState>
  counts(): Promise<StructureCounts>
  /** Null: the register has it not. */
  one(finess: string): Promise<Structure | null>
  /** Those that the register has, by their numbers. */
  many(finesses: readonly string[]): Promise<ReadonlyMap<string, Structure>>
  /** Places of a legal entity, 1,000 at most. */
  under(ej: string): Promise<readonly Structure[]>
  /** @throws {GatewayError} BAD_REQUEST for an `after` that no page gave */
  search(ask: StructureAsk, page: { readonly limit: number; readonly after?: string | null }): Promise<StructurePage>
  /** Null: the register has it not. */
  sheet(finess: string): Promise<StructureSheet | null>
  /** Who to call for these numbers, in their order. */
  contacts(finesses: readonly string[]): Promise<readonly StructureContact[]>
  /** What these numbers say they use. */
  software(finesses: readonly string[]): Promise<readonly StructureSoftware[]>
  choices(): Promise<StructureChoices>
}

/** Who does it and why, and whose structures they may change; null: those of the whole region. */
export interface StructureAct {
  readonly who: string
  readonly why: string
  readonly reach: Reach | null
}

/** A field that is not as it must be. */
export interface StructureFault {
  readonly field: string
  readonly code: Extract<ErrorCode, 'STRUCTURE_FIELD' | 'STRUCTURE_UNKNOWN' | 'FORBIDDEN'>
}

/** Done, or what is wrong. */
export type StructureDone =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly faults: readonly StructureFault[] }

/** What a file of the region's own facts did. */
export interface FactsImport {
  readonly taken: number
  readonly dryRun: boolean
  readonly problems: readonly (StructureFault & { readonly line: number })[]
}

/** A contact or software as it is written; null: not known. */
export type NewContact = Omit<StructureContact, 'id' | 'finess'>
/** The same for software. */
export type NewSoftware = Omit<StructureSoftware, 'id' | 'finess'>

/** Acts on the register. Each is an event in the same commit. */
export interface StructureCommands {
  /**
   * Keeps the file and begins to import it; the register stays as it was until all of it is in.
   * @throws {GatewayError} STRUCTURE_BUSY while another import runs, STRUCTURE_TOO_LARGE */
  begin(file: ImportFile, act: Pick<StructureAct, 'who' | 'why'>): Promise<StructureImport>
  /** Sets its GHT and managing body; null: none. @throws {GatewayError} NOT_FOUND, FORBIDDEN */
  belong(
    finess: string,
    to: { readonly ght: string | null; readonly body: string | null },
    act: StructureAct,
  ): Promise<StructureDone>
  /** Adds a contact, or changes the one of this id. @throws {GatewayError} NOT_FOUND, FORBIDDEN */
  contact(finess: string, id: string | null, contact: NewContact, act: StructureAct): Promise<StructureDone>
  /** Declares software, or changes the one of this id. @throws {GatewayError} NOT_FOUND, FORBIDDEN */
  software(finess: string, id: string | null, software: NewSoftware, act: StructureAct): Promise<StructureDone>
  /** Takes a contact or software away. @throws {GatewayError} NOT_FOUND, FORBIDDEN */
  remove(what: 'contact' | 'software', finess: string, id: string, act: StructureAct): Promise<void>
  /** Takes the lines of a CSV file, all or none: GHT and body, contacts, or software, as its header says. */
  facts(csv: string, dryRun: boolean, act: StructureAct): Promise<FactsImport>
}

/** One section of the national file: what its lines are, and its columns in their order, the section's own word first. */
export interface StructureSection {
  readonly level: StructureLevel | 'place'
  readonly columns: readonly string[]
}

/** Fields that are read of the file, each from the first of these columns that has something. */
export const STRUCTURE_FIELDS = [
  ...(['finess', 'ej', 'name', 'category', 'categoryName', 'number', 'street', 'streetKind', 'delivery'] as const),
  ...(['department', 'phone', 'siret', 'openedOn', 'x', 'y', 'projection'] as const),
] as const
/** One of them. */
export type StructureField = (typeof STRUCTURE_FIELDS)[number]

/** How the national file is read, as `profiles/structures/finess.yaml` and the table of categories have it. */
export interface StructureProfile {
  readonly sections: Readonly<Record<string, StructureSection>>
  /** First words of lines that say nothing of a structure. */
  readonly skip: readonly string[]
  readonly fields: Readonly<Partial<Record<StructureField, readonly string[]>>>
  /** Words of the projection that are Lambert-93. */
  readonly lambert93: readonly string[]
  /** Kind by code of category. */
  readonly kinds: Readonly<Record<string, EstablishmentKind>>
}
