import type { ContactRole, StructureImport, StructureLevel } from '../../../core/structures.ts'
import type { Language } from '../../../formats/http/language.ts'
import { STRUCTURE_WORDS_EN } from './words-en.ts'
import { STRUCTURE_WORDS_FR } from './words-fr.ts'

/** Every word of the pages of establishments, in one language. */
export interface StructureWords {
  readonly parts: string
  readonly tabs: Readonly<Record<'list' | 'import', string>>
  readonly title: string
  readonly lead: string
  readonly filters: Readonly<
    Record<'q' | 'commune' | 'kind' | 'department' | 'level' | 'ght' | 'body' | 'declared', string>
  >
  readonly all: string
  readonly yes: string
  readonly no: string
  readonly search: string
  readonly found: string
  readonly noneFound: string
  readonly more: string
  readonly csv: string
  readonly levels: Readonly<Record<StructureLevel, string>>
  readonly columns: Readonly<Record<'name' | 'finess' | 'kind' | 'commune' | 'ght' | 'declared', string>>
  readonly back: string
  readonly identity: string
  readonly facts: Readonly<
    Record<
      | 'level'
      | 'entity'
      | 'category'
      | 'kind'
      | 'address'
      | 'phone'
      | 'siret'
      | 'opened'
      | 'ght'
      | 'body'
      | 'place'
      | 'declared'
      | 'key',
      string
    >
  >
  readonly keyWrong: string
  readonly conformity: string
  readonly onboarding: string
  readonly tree: string
  readonly siblings: string
  readonly noTree: string
  readonly contacts: string
  readonly whoToCall: string
  readonly noContacts: string
  readonly roles: Readonly<Record<ContactRole, string>>
  readonly contactFields: Readonly<Record<'role' | 'name' | 'phone' | 'mail' | 'of', string>>
  readonly software: string
  readonly noSoftware: string
  readonly softwareFields: Readonly<Record<'product' | 'editor' | 'version' | 'since', string>>
  readonly measured: string
  readonly measuredTells: string
  readonly noMeasured: string
  readonly measuredColumns: Readonly<Record<'product' | 'versions' | 'messages' | 'first' | 'last', string>>
  readonly change: string
  readonly changeWhat: (name: string) => string
  readonly remove: string
  readonly removeWhat: (name: string) => string
  readonly addContact: string
  readonly addSoftware: string
  readonly place: string
  readonly placeHelp: string
  readonly save: string
  readonly wrong: (fields: string) => string
  readonly importLead: string
  readonly file: string
  readonly send: string
  readonly noScript: string
  readonly progress: string
  readonly lastImports: string
  readonly never: string
  readonly states: Readonly<Record<StructureImport['state'], string>>
  readonly importFacts: Readonly<Record<'file' | 'made' | 'imported' | 'rows' | 'repeated' | 'bad' | 'odd', string>>
  readonly lines: string
  readonly line: string
  readonly problem: string
  readonly ownFile: string
  readonly ownLead: string
  readonly tryIt: string
  readonly doIt: string
  readonly tried: (lines: number) => string
  readonly done: (lines: number) => string
  readonly refused: string
  readonly field: string
}

/** The catalogue of each language. */
export const STRUCTURE_WORDS: Readonly<Record<Language, StructureWords>> = {
  fr: STRUCTURE_WORDS_FR,
  en: STRUCTURE_WORDS_EN,
}
