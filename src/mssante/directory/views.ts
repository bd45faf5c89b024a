import { reachesNothing } from '../../core/caller.ts'
import type {
  DirectoryAsk,
  DirectoryEntry,
  DirectoryPage,
  DirectorySight,
  DirectoryViews,
} from '../../core/directory.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal, SqlValue } from '../../core/journal.ts'
import { foldedWords, matchExpression, soughtWords } from '../../formats/directory/words.ts'
import { DIRECTORY_LEDGER } from './import.ts'
import { bringUp, type OwnParts } from './own.ts'
import { ENTRY_COLUMNS, type EntryRow, entryOf, SPAN } from './rows.ts'

/** What the directory is read with. */
export interface DirectoryParts extends OwnParts {
  readonly journal: Pick<Journal, 'look' | 'read' | 'apply' | 'dialect'>
}

/** Addresses that are offered to whoever types, out of how many that were found. */
const OFFERED = 10
const LOOKED_AT = 40
/** Fewer letters begin the words of half a country. */
const SHORTEST_WORD = 2
const SHORTEST_LOOSE = 3

/** Reads the directory of a journal. */
export function directoryViews(parts: DirectoryParts): DirectoryViews {
  const search: DirectoryViews['search'] = async (ask, { limit, after = null }, sight) => {
    await bringUp(parts)
    const place = placeOf(after)
    const strict = place.loose ? [] : await found(parts, ask, { limit, after: place.n, loose: false }, sight)
    const isLoose = place.loose || (after === null && strict.length === 0 && mayLoosen(ask))
    const entries = isLoose ? await found(parts, ask, { limit, after: place.n, loose: true }, sight) : strict
    return pageOf(entries, limit, isLoose)
  }
  return {
    state: () => DIRECTORY_LEDGER.read(parts.journal),
    search,
    async complete(words, sight) {
      if (foldedWords(words).join('').length < SHORTEST_WORD) return []
      const address = /^\S+@\S*$/.test(words.trim()) ? ({ text: words.trim(), how: 'start' } as const) : null
      const { entries } = await search(address === null ? { words } : { address }, { limit: LOOKED_AT }, sight)
      const offered = new Map(entries.map(({ address: one, name }) => [one, { address: one, name }]))
      return [...offered.values()].slice(0, OFFERED)
    },
  }
}

function placeOf(after: string | null): { readonly n: number; readonly loose: boolean } {
  if (after === null) return { n: 0, loose: false }
  const match = /^([sl])(\d{1,15})$/.exec(after)
  if (match === null) throw new GatewayError('BAD_REQUEST')
  return { n: Number(match[2]), loose: match[1] === 'l' }
}

function pageOf(entries: readonly DirectoryEntry[], limit: number, loose: boolean): DirectoryPage {
  const page = entries.slice(0, limit)
  const last = page.at(-1)
  return { entries: page, next: entries.length > limit && last !== undefined ? `${loose ? 'l' : 's'}${last.n}` : null }
}

/** Several words, each of which may be the beginning of another. */
function mayLoosen({ words = '', speciality = '', town = '' }: DirectoryAsk): boolean {
  return [words, speciality, town].map(foldedWords).some((each) => {
    return each.length > 1 && each.every((word) => word.length >= SHORTEST_LOOSE)
  })
}

/** Entries by their numbers, our own first: one more than `limit`, when there are. */
async function found(
  { journal }: DirectoryParts,
  ask: DirectoryAsk,
  { limit, after, loose }: { readonly limit: number; readonly after: number; readonly loose: boolean },
  sight: DirectorySight,
): Promise<readonly DirectoryEntry[]> {
  const sought = soughtWords(ask, loose)
  if (sought === null) return []
  const { dialect } = journal
  const from = ((await DIRECTORY_LEDGER.current(journal)) ?? 0) * SPAN
  const n = dialect === 'sqlite' ? 'w.rowid' : 'w.n'
  const match = dialect === 'sqlite' ? 'directory_words MATCH ?' : 'w.words @@ CAST(? AS tsquery)'
  const [where, parameters] = besideWords(ask, sight)
  const rows = await journal.read<EntryRow>({
    sql: `SELECT ${ENTRY_COLUMNS} FROM directory_words AS w JOIN directory_entry AS e ON e.n = ${n}
      WHERE ${match} AND ${n} > ? AND ${n} < ? AND (${n} >= ? OR ${n} < ${SPAN})${where.map((one) => ` AND ${one}`).join('')}
      ORDER BY ${n} LIMIT ?`,
    parameters: [matchExpression(sought, dialect), after, from + SPAN, from, ...parameters, limit + 1],
  })
  return rows.map(entryOf)
}

/** Not what an extraction of yesterday says of a mailbox of ours that is on the red list, or takes no mail, today. */
const UP_TO_DATE = `(e.n < ${SPAN} OR NOT EXISTS
  (SELECT 1 FROM mailbox AS b WHERE b.address = e.address AND (b.red_list = 1 OR b.state <> 'active')))`

/** What words alone do not tell. */
function besideWords({ address, kinds }: DirectoryAsk, sight: DirectorySight): [where: string[], values: SqlValue[]] {
  const where: string[] = [UP_TO_DATE]
  const values: SqlValue[] = []
  const add = (sql: string, ...more: readonly SqlValue[]): void => {
    where.push(sql)
    values.push(...more)
  }
  if (address !== undefined) {
    const { how } = address
    const text = address.text.toLowerCase()
    if (how === 'exact') add('e.address = ?', text)
    else add("e.address LIKE ? ESCAPE '!'", `${how === 'part' ? '%' : ''}${text.replace(/[!%_]/g, '!$&')}%`)
  }
  if (kinds !== undefined) add(`e.kind IN (${kinds.map(() => '?').join(', ')})`, ...kinds)
  const ours = sight.reach === null ? null : sight.reach.establishments
  if (sight.reach !== null && reachesNothing(sight.reach)) add('e.red = 0')
  else if (ours !== null) add(`(e.red = 0 OR e.establishment IN (${ours.map(() => '?').join(', ')}))`, ...ours)
  return [where, values]
}
