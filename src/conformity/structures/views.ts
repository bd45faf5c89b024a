import type { Config } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal, SqlValue } from '../../core/journal.ts'
import type {
  Structure,
  StructureAsk,
  StructureCounts,
  StructurePage,
  StructureSheet,
  StructureViews,
} from '../../core/structures.ts'
import { matchExpression } from '../../formats/directory/words.ts'
import { FINESS_PATTERN } from '../../formats/identifiers/finess.ts'
import { soughtStructures } from '../../formats/structures/words.ts'
import { type Declared, declaredIn } from './declared.ts'
import { STRUCTURE_LEDGER } from './import.ts'
import { measuredSoftware } from './measured.ts'
import { type ContactRow, contactOf, contactsOf, type SoftwareRow, softwareFrom, softwareOf } from './own.ts'
import { degreesOf, ENTRY_COLUMNS, type EntryRow, factsOf, SPAN } from './rows.ts'

/** What the register is read with. */
export interface StructureViewParts {
  readonly journal: Pick<Journal, 'look' | 'read' | 'dialect'>
  readonly config: () => Pick<Config, 'establishments'>
}

/** Places of one legal entity that are shown. */
const MOST_UNDER = 1_000
/** Numbers in one question. */
const MOST_ASKED = 500
/** GHTs and managing bodies to choose from. */
const MOST_CHOICES = 500
const FINESS = new RegExp(FINESS_PATTERN)
const NONE: StructureCounts = { levels: { ej: 0, eg: 0 }, kinds: {}, departments: {} }

interface FoundRow extends EntryRow {
  readonly ej_name: string | null
  readonly ght: string | null
  readonly body: string | null
  readonly own_ght: string | null
  readonly own_body: string | null
  readonly longitude: number | null
  readonly latitude: number | null
}

const COLUMNS = `${ENTRY_COLUMNS}, p.name AS ej_name, COALESCE(o.ght, q.ght) AS ght, COALESCE(o.body, q.body) AS body,
  o.ght AS own_ght, o.body AS own_body,
  w.longitude, w.latitude`
/** What stands beside an entry `e` of a generation: its legal entity, what the region knows of both, and where it is. */
const BESIDE = `LEFT JOIN structure_entry AS p ON p.finess = e.ej AND p.n >= ? AND p.n < ?
  LEFT JOIN structure_own AS o ON o.finess = e.finess LEFT JOIN structure_own AS q ON q.finess = e.ej
  LEFT JOIN structure_place AS w ON w.generation = ? AND w.finess = e.finess`

/** Reads the register of a journal. */
export function structureViews(parts: StructureViewParts): StructureViews {
  const { journal, config } = parts
  const contacts: StructureViews['contacts'] = async (finesses) => {
    if (finesses.length === 0) return []
    const rows = await journal.read<ContactRow>(contactsOf(finesses.slice(0, MOST_ASKED)))
    return finesses.flatMap((finess) => rows.filter((row) => row.finess === finess).map(contactOf))
  }
  const software: StructureViews['software'] = async (finesses) => {
    if (finesses.length === 0) return []
    const rows = await journal.read<SoftwareRow>(softwareOf(finesses.slice(0, MOST_ASKED)))
    return finesses.flatMap((finess) => rows.filter((row) => row.finess === finess).map(softwareFrom))
  }
  const many = (finesses: readonly string[]) => readMany(parts, finesses)
  const one = async (finess: string) => (await many([finess])).get(finess) ?? null
  const under = (ej: string) => readUnder(parts, ej)
  return {
    ...{ many, one, under, contacts, software },
    state: () => STRUCTURE_LEDGER.read(journal),
    async counts() {
      const { current } = await STRUCTURE_LEDGER.read(journal)
      return current?.counted ?? NONE
    },
    search: (ask, page) => search(parts, ask, page),
    async sheet(finess): Promise<StructureSheet | null> {
      const structure = await one(finess)
      if (structure === null) return null
      const ej = structure.level === 'ej' ? structure.finess : structure.ej
      const numbers = [...new Set([finess, ...(ej === null ? [] : [ej])])]
      const [above, beside] = ej === null ? [null, []] : await Promise.all([one(ej), under(ej)])
      const id = structure.establishment
      return {
        structure,
        above: structure.level === 'ej' ? null : above,
        under: beside.filter((place) => place.finess !== finess),
        contacts: await contacts(numbers),
        software: await software(numbers),
        measured: id === null || !config().establishments.has(id) ? [] : await measuredSoftware(journal, id),
      }
    },
    async choices() {
      const of = async (column: 'ght' | 'body'): Promise<readonly string[]> => {
        const rows = await journal.read<{ value: string }>({
          sql: `SELECT DISTINCT ${column} AS value FROM structure_own WHERE ${column} IS NOT NULL ORDER BY value LIMIT ${MOST_CHOICES}`,
          parameters: [],
        })
        return rows.map(({ value }) => value)
      }
      return { ghts: await of('ght'), bodies: await of('body') }
    },
  }
}

interface Current {
  readonly generation: number
  readonly from: number
  readonly until: number
}

/** The numbers of the entries in use; without an import there are none. */
async function current({ journal }: StructureViewParts): Promise<Current> {
  const generation = (await STRUCTURE_LEDGER.current(journal)) ?? 0
  return { generation, from: generation * SPAN, until: (generation + 1) * SPAN }
}

async function readMany(
  parts: StructureViewParts,
  finesses: readonly string[],
): Promise<ReadonlyMap<string, Structure>> {
  const { generation, from, until } = await current(parts)
  const declared = declaredIn(parts.config())
  const found = new Map<string, Structure>()
  for (let at = 0; at < finesses.length; at += MOST_ASKED) {
    const some = finesses.slice(at, at + MOST_ASKED)
    const rows = await parts.journal.read<FoundRow>({
      sql: `SELECT ${COLUMNS} FROM structure_entry AS e ${BESIDE}
        WHERE e.finess IN (${some.map(() => '?').join(', ')}) AND e.n >= ? AND e.n < ?`,
      parameters: [from, until, generation, ...some, from, until],
    })
    for (const row of rows) found.set(row.finess, structureOf(row, declared))
  }
  return found
}

async function readUnder(parts: StructureViewParts, ej: string): Promise<readonly Structure[]> {
  const { generation, from, until } = await current(parts)
  const declared = declaredIn(parts.config())
  const rows = await parts.journal.read<FoundRow>({
    sql: `SELECT ${COLUMNS} FROM structure_entry AS e ${BESIDE}
      WHERE e.ej = ? AND e.n >= ? AND e.n < ? ORDER BY e.n LIMIT ${MOST_UNDER}`,
    parameters: [from, until, generation, ej, from, until],
  })
  return rows.map((row) => structureOf(row, declared))
}

function structureOf(row: FoundRow, declared: Declared): Structure {
  const facts = factsOf(row)
  return {
    ...facts,
    n: Number(row.n),
    ejName: facts.level === 'ej' ? null : row.ej_name,
    ...{ ght: row.ght, body: row.body, ownGht: row.own_ght, ownBody: row.own_body },
    ...{ longitude: degreesOf(row.longitude), latitude: degreesOf(row.latitude) },
    establishment: declared.of(facts),
  }
}

/** Whole words first; where none are found so, each may be a beginning. A page goes on as the first one was looked for. */
async function search(
  parts: StructureViewParts,
  ask: StructureAsk,
  { limit, after = null }: { readonly limit: number; readonly after?: string | null },
): Promise<StructurePage> {
  const [, how, place] = /^([sl])(\d{1,15})$/.exec(after ?? 's0') ?? []
  if (how === undefined) throw new GatewayError('BAD_REQUEST')
  const strict = how === 's' ? await found(parts, ask, { limit, after: Number(place), loose: false }) : null
  if (strict !== null && (strict.structures.length > 0 || after !== null || ask.words === undefined)) return strict
  return found(parts, ask, { limit, after: Number(place), loose: true })
}

async function found(
  parts: StructureViewParts,
  ask: StructureAsk,
  { limit, after, loose }: { readonly limit: number; readonly after: number; readonly loose: boolean },
): Promise<StructurePage> {
  const number = ask.words?.replaceAll(/\s/g, '').toUpperCase() ?? ''
  const { words: _, ...others } = ask
  const byNumber = FINESS.test(number) ? number : null
  const sought = soughtStructures(byNumber === null ? ask : others, loose)
  if (sought === null) return { structures: [], next: null }
  const { generation, from, until } = await current(parts)
  const declared = declaredIn(parts.config())
  const { dialect } = parts.journal
  const where = narrowing(ask, byNumber, declared)
  // The index of words gives its entries in their order, so that reading ends when the page is full.
  const [n, match] =
    dialect === 'sqlite' ? ['m.rowid', 'structure_words MATCH ?'] : ['m.n', 'm.words @@ CAST(? AS tsquery)']
  const isWorded = sought.length > 0
  if (isWorded) where.unshift([match, [matchExpression(sought, dialect)]])
  const source = isWorded ? `structure_words AS m JOIN structure_entry AS e ON e.n = ${n}` : 'structure_entry AS e'
  const at = isWorded ? n : 'e.n'
  // What lies before the place of a page is not of the generation in use either: another import began meanwhile.
  const place = Math.max(from, after)
  const rows = await parts.journal.read<FoundRow>({
    sql: `SELECT ${COLUMNS} FROM ${source} ${BESIDE}
      WHERE ${at} > ? AND ${at} < ?${where.map(([one]) => ` AND ${one}`).join('')} ORDER BY ${at} LIMIT ?`,
    parameters: [from, until, generation, place, until, ...where.flatMap(([, values]) => values), limit + 1],
  })
  const page = rows.slice(0, limit).map((row) => structureOf(row, declared))
  return { structures: page, next: rows.length > limit ? `${loose ? 'l' : 's'}${page.at(-1)?.n}` : null }
}

type Condition = [sql: string, values: readonly SqlValue[]]

/** What words do not tell. What few structures have is told by their numbers first, so that no more of them are looked at. */
function narrowing(ask: StructureAsk, number: string | null, declared: Declared): Condition[] {
  const found: Condition[] = []
  const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ')
  if (number !== null) found.push(['(e.finess = ? OR e.ej = ?)', [number, number]])
  for (const column of ['ght', 'body'] as const) {
    const value = ask[column]
    if (value === undefined) continue
    const having = `SELECT finess FROM structure_own WHERE ${column} = ?`
    found.push([
      `e.n IN (SELECT n FROM structure_entry WHERE finess IN (${having}) UNION SELECT n FROM structure_entry WHERE ej IN (${having}))`,
      [value, value],
    ])
    found.push([`COALESCE(o.${column}, q.${column}) = ?`, [value]])
  }
  if (ask.declared !== undefined) {
    const { numbers, whole } = declared
    const among = [
      ...(numbers.length > 0 ? [`SELECT n FROM structure_entry WHERE finess IN (${marks(numbers)})`] : []),
      ...(whole.length > 0 ? [`SELECT n FROM structure_entry WHERE ej IN (${marks(whole)})`] : []),
    ]
    if (among.length > 0)
      found.push([`e.n ${ask.declared ? 'IN' : 'NOT IN'} (${among.join(' UNION ')})`, [...numbers, ...whole]])
    else if (ask.declared) found.push(['e.n < 0', []])
  }
  return found
}
