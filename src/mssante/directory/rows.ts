import type { DirectoryEntry, DirectoryFacts } from '../../core/directory.ts'
import type { Dialect, SqlValue, Statement } from '../../core/journal.ts'
import type { MailboxKind } from '../../core/mail.ts'

/** Entries of one import have the numbers from `generation * SPAN` on; those below SPAN are our own mailboxes. */
export const SPAN = 10_000_000
/** Entries in one statement, which has some 25 values for each; and one commit of an import: with 200 each held the loop 20 ms. */
export const BATCH = 50

/** An entry to be put in. */
export interface NewEntry {
  readonly n: number
  readonly facts: DirectoryFacts
  readonly name: string
  readonly establishment: string | null
  readonly red: boolean
  readonly changedAtMs: number
  /** What it is found by. */
  readonly words: string
}

/** An entry as its row has it. Numbers may come as text. */
export interface EntryRow {
  readonly n: number
  readonly address: string
  readonly kind: MailboxKind
  readonly name: string
  readonly person: string | null
  readonly title: string | null
  readonly family: string | null
  readonly given: string | null
  readonly structure: string | null
  readonly organisation: string | null
  readonly service: string | null
  readonly description: string | null
  readonly profession: string | null
  readonly profession_code: string | null
  readonly speciality: string | null
  readonly speciality_code: string | null
  readonly postcode: string | null
  readonly town: string | null
  readonly department: string | null
  readonly digital: number | null
  readonly establishment: string | null
  readonly red: number
  readonly changed_at_ms: number
}

const COLUMNS = [
  ...['n', 'address', 'kind', 'name', 'person', 'title', 'family', 'given', 'structure', 'organisation', 'service'],
  ...[
    'description',
    'profession',
    'profession_code',
    'speciality',
    'speciality_code',
    'postcode',
    'town',
    'department',
  ],
  ...['digital', 'establishment', 'red', 'changed_at_ms'],
]
/** Columns of an entry `e`. */
export const ENTRY_COLUMNS: string = COLUMNS.map((column) => `e.${column}`).join(', ')

/** The entry of a row. */
export function entryOf(row: EntryRow): DirectoryEntry {
  const { n, digital, red, changed_at_ms, profession_code, speciality_code, ...same } = row
  return {
    ...same,
    n: Number(n),
    professionCode: profession_code,
    specialityCode: speciality_code,
    digital: digital === null ? null : Number(digital) === 1,
    red: Number(red) === 1,
    changedAtMs: Number(changed_at_ms),
    version: Math.floor(Number(n) / SPAN) + 1,
  }
}

function valuesOf({ n, facts, name, establishment, red, changedAtMs }: NewEntry): SqlValue[] {
  const { digital } = facts
  return [
    ...[n, facts.address, facts.kind, name, facts.person, facts.title, facts.family, facts.given, facts.structure],
    ...[facts.organisation, facts.service, facts.description, facts.profession, facts.professionCode],
    ...[facts.speciality, facts.specialityCode, facts.postcode, facts.town, facts.department],
    ...[digital === null ? null : Number(digital), establishment, Number(red), changedAtMs],
  ]
}

const places = (count: number, one: string): string => Array.from({ length: count }, () => one).join(', ')

/** Puts entries in, with the words that they are found by: at most `BATCH`. None: nothing. */
export function entryRows(entries: readonly NewEntry[], dialect: Dialect): Statement[] {
  if (entries.length === 0) return []
  const one = `(${COLUMNS.map(() => '?').join(', ')})`
  const [columns, words] =
    dialect === 'sqlite' ? ['rowid, words', '(?, ?)'] : ['n, words', `(?, array_to_tsvector(string_to_array(?, ' ')))`]
  return [
    {
      sql: `INSERT INTO directory_entry (${COLUMNS.join(', ')}) VALUES ${places(entries.length, one)}`,
      parameters: entries.flatMap(valuesOf),
      rows: entries.length,
    },
    {
      sql: `INSERT INTO directory_words (${columns}) VALUES ${places(entries.length, words)}`,
      parameters: entries.flatMap((entry) => [entry.n, entry.words]),
    },
  ]
}

/** Takes away the entries from one number to before another; their words go with them. */
export function removeRow(from: number, to: number): Statement {
  return { sql: 'DELETE FROM directory_entry WHERE n >= ? AND n < ?', parameters: [from, to] }
}
