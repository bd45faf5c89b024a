import type { EstablishmentKind } from '../../core/config.ts'
import type { Dialect, SqlValue, Statement } from '../../core/journal.ts'
import type { StructureFacts, StructureLevel } from '../../core/structures.ts'
import type { StructureRow } from '../../formats/structures/extraction.ts'
import { wordsOfStructure } from '../../formats/structures/words.ts'

/** Entries of one import have the numbers from `generation * SPAN` on. */
export const SPAN = 10_000_000
/** Lines in one statement and one commit of an import. */
export const BATCH = 50
/** Degrees are kept as whole millionths. */
const MILLIONTHS = 1e6

/** A structure as its row has it, without what the region knows. Numbers may come as text. */
export interface EntryRow {
  readonly n: number
  readonly finess: string
  readonly level: StructureLevel
  readonly ej: string | null
  readonly name: string
  readonly category: string | null
  readonly category_name: string | null
  readonly kind: EstablishmentKind | null
  readonly address: string | null
  readonly postcode: string | null
  readonly commune: string | null
  readonly department: string | null
  readonly phone: string | null
  readonly siret: string | null
  readonly opened_on: string | null
  readonly key_holds: number
}

const COLUMNS = [
  ...['n', 'finess', 'level', 'ej', 'name', 'category', 'category_name', 'kind', 'address', 'postcode', 'commune'],
  ...['department', 'phone', 'siret', 'opened_on', 'key_holds'],
] as const satisfies readonly (keyof EntryRow)[]
/** Columns of an entry `e`. */
export const ENTRY_COLUMNS: string = COLUMNS.map((column) => `e.${column}`).join(', ')

/** What a row says of a structure. */
export function factsOf(row: EntryRow): StructureFacts {
  const { finess, level, ej, name, category, kind, address, postcode, commune, department, phone, siret } = row
  return {
    ...{ finess, level, ej, name, category, categoryName: row.category_name, kind, address, postcode, commune },
    ...{ department, phone, siret, openedOn: row.opened_on, keyHolds: Number(row.key_holds) === 1 },
  }
}

function valuesOf(n: number, facts: StructureFacts): SqlValue[] {
  return [
    ...[n, facts.finess, facts.level, facts.ej, facts.name, facts.category, facts.categoryName, facts.kind],
    ...[facts.address, facts.postcode, facts.commune, facts.department, facts.phone, facts.siret, facts.openedOn],
    Number(facts.keyHolds),
  ]
}

const places = (count: number, one: string): string => Array.from({ length: count }, () => one).join(', ')

/** Puts lines in, numbered from `first`; at most `BATCH`. */
export function lineRows(
  rows: readonly StructureRow[],
  first: number,
  generation: number,
  dialect: Dialect,
): Statement[] {
  const structures = rows.flatMap((row, i) => (row.kind === 'structure' ? [{ n: first + i, facts: row.facts }] : []))
  const where = rows.flatMap((row) => (row.kind === 'place' ? [row] : []))
  const [columns, words] =
    dialect === 'sqlite' ? ['rowid, words', '(?, ?)'] : ['n, words', `(?, array_to_tsvector(string_to_array(?, ' ')))`]
  const statements: Statement[] = []
  if (structures.length > 0) {
    const one = `(${COLUMNS.map(() => '?').join(', ')})`
    statements.push(
      {
        sql: `INSERT INTO structure_entry (${COLUMNS.join(', ')}) VALUES ${places(structures.length, one)}`,
        parameters: structures.flatMap(({ n, facts }) => valuesOf(n, facts)),
        rows: structures.length,
      },
      {
        sql: `INSERT INTO structure_words (${columns}) VALUES ${places(structures.length, words)}`,
        parameters: structures.flatMap(({ n, facts }) => [n, wordsOfStructure(facts)]),
      },
    )
  }
  if (where.length > 0) {
    const millionths = (degrees: number): number => Math.round(degrees * MILLIONTHS)
    statements.push({
      sql: `INSERT INTO structure_place (generation, finess, longitude, latitude) VALUES ${places(where.length, '(?, ?, ?, ?)')}`,
      parameters: where.flatMap((one) => [generation, one.finess, millionths(one.longitude), millionths(one.latitude)]),
      rows: where.length,
    })
  }
  return statements
}

/** Degrees of what a row keeps; null: not known. */
export function degreesOf(millionths: number | string | null): number | null {
  return millionths === null ? null : Number(millionths) / MILLIONTHS
}
