/** Columns of the national extraction of mailboxes, found by their headers: what is known of them is recalled, so names may be added. Pure. */
import type { DirectoryColumns, DirectoryFileProblem } from '../../core/directory.ts'
import { foldedWords } from './words.ts'

/** A field, the headers that it may stand under, and whether no row can do without it. */
interface Column {
  readonly headers: readonly string[]
  readonly needed?: boolean
}

/** Fields that are read, each with the headers that have been seen. */
export const COLUMNS = {
  kind: { headers: ['Type de BAL'], needed: true },
  address: { headers: ['Adresse BAL'], needed: true },
  personType: { headers: ['Type Identifiant PP'] },
  personNumber: { headers: ['Identifiant PP'] },
  person: { headers: ['Identification nationale PP'] },
  structureType: { headers: ['Type identifiant structure'] },
  structure: { headers: ['Identification Structure', 'Identifiant structure'] },
  service: { headers: ['Service de rattachement'] },
  title: { headers: ["Civilité d'exercice", 'Civilité'] },
  family: { headers: ["Nom d'exercice", 'Nom'] },
  given: { headers: ["Prénom d'exercice", 'Prénom'] },
  professionCode: { headers: ['Code Profession'] },
  profession: { headers: ['Libellé Profession'] },
  specialityCode: { headers: ['Code savoir-faire'] },
  speciality: { headers: ['Libellé savoir-faire'] },
  digital: { headers: ['Dématérialisation'] },
  organisation: { headers: ['Raison Sociale structure BAL', 'Raison sociale'] },
  sign: { headers: ['Enseigne commerciale structure BAL', 'Enseigne commerciale'] },
  delivery: { headers: ['L6LIGNEACHEMINEMENT structure BAL', "Ligne d'acheminement"] },
  postcode: { headers: ['Code postal structure BAL', 'Code postal'] },
  department: { headers: ['Département structure BAL', 'Département'] },
} as const satisfies Readonly<Record<string, Column>>

/** One of these fields. */
export type ColumnField = keyof typeof COLUMNS
/** Where in a row each field stands. */
export type Places = ReadonlyMap<ColumnField, number>

/** Names of the fields, in their order. */
export const COLUMN_FIELDS = Object.keys(COLUMNS) as readonly ColumnField[]

/**
 * Finds the fields in the header line, in any case and without accents; columns that nothing is known of are passed over.
 * `named`: the header of a field, before those that are known. Every problem at once: a needed column that is missing, a field that stands twice. */
export function placesOf(
  header: readonly string[],
  named: DirectoryColumns = {},
): { readonly places: Places; readonly problems: readonly DirectoryFileProblem[] } {
  const folded = header.map(fold)
  const places = new Map<ColumnField, number>()
  const problems: DirectoryFileProblem[] = []
  for (const field of COLUMN_FIELDS) {
    const { headers, needed }: Column = COLUMNS[field]
    const names = [named[field] ?? [], headers].flat()
    const first = names.find((name) => folded.includes(fold(name)))
    if (first === undefined) {
      if (needed) problems.push({ code: 'DIRECTORY_COLUMN_MISSING', column: names[0] ?? field })
    } else if (folded.indexOf(fold(first)) !== folded.lastIndexOf(fold(first))) {
      problems.push({ code: 'DIRECTORY_COLUMN_TWICE', column: first })
    } else places.set(field, folded.indexOf(fold(first)))
  }
  return { places, problems }
}

const fold = (name: string): string => foldedWords(name).join(' ')
