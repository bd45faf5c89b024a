/**
 * What the directory is searched by: words of ASCII letters and digits, in lower case and without accents, and signed words
 * that say of what they are (`n_martin`: of a person's name). One index of words then answers every question. Pure. */
import { createHash } from 'node:crypto'
import type { DirectoryAsk, DirectoryFacts } from '../../core/directory.ts'
import type { Dialect } from '../../core/journal.ts'
import { idNpsOf } from '../identifiers/professional.ts'

/** A word that is looked for. `starts`: a longer one that begins so does too. */
export interface SoughtWord {
  readonly word: string
  readonly starts: boolean
}

/** Letters that are no letter with a mark. */
const LETTERS: Readonly<Record<string, string>> = { œ: 'oe', æ: 'ae', ß: 'ss', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th' }
/** Words of one text, and signs of one, that are looked at. */
const MOST_WORDS = 12
const LONGEST_WORD = 64
/** Shorter ends of a word are no part that anybody looks for. */
const SHORTEST_PART = 3
/** A beginning of a word that is looked for. */
const SHORTEST_BEGINNING = 2
/** In nearly all domains: whoever looks for an end of it finds them all. */
const COMMON_LABEL = 'mssante'
/** Texts whose words are kept in mind. */
const REMEMBERED = 2_000

/** The words of a text: lower case, without accents, cut at whatever is no letter or digit of ASCII. */
export function foldedWords(text: string): string[] {
  return folded(text)
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.slice(0, LONGEST_WORD))
}

function folded(text: string): string {
  const lower = text.toLowerCase()
  if (/^[\x00-\x7f]*$/.test(lower)) return lower
  return lower
    .replace(/[œæßøłđðþ]/g, (letter) => LETTERS[letter] ?? '')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
}

/** One word of an address or number: whatever is no letter or digit becomes `_`. */
export function joined(text: string): string {
  return folded(text).replace(/[^a-z0-9]/g, '_')
}

/** The id by which FHIR knows a mailbox whose holder has no number, the same on every node. */
export function addressId(address: string): string {
  return createHash('sha256').update(address).digest('hex').slice(0, 32)
}

/** All words that an entry is found by, apart by spaces; `more`: beside what is shown of it. */
export function wordsOfEntry(facts: DirectoryFacts, more: readonly (string | null)[] = []): string {
  const found = new Set<string>()
  const add = (sign: string, text: string | null): void => {
    if (text !== null) for (const word of signedWords(sign, text)) found.add(word)
  }
  add('n_', facts.family)
  add('n_', facts.given)
  add('o_', facts.organisation)
  for (const one of [facts.title, facts.service, facts.description, ...more]) add('', one)
  for (const one of [facts.profession, facts.speciality]) add('s_', one)
  for (const one of [facts.professionCode, facts.specialityCode]) if (one !== null) found.add(`s_${joined(one)}`)
  for (const one of [facts.town, facts.department]) add('t_', one)
  if (facts.postcode !== null) found.add(`t_${joined(facts.postcode)}`)
  if (facts.person !== null) found.add(`r_${joined(facts.person)}`)
  if (facts.structure !== null) for (const one of structureWords(facts.structure)) found.add(one)
  const at = facts.address.lastIndexOf('@')
  found.add(`m_${joined(facts.address)}`)
  for (const word of foldedWords(facts.address.slice(0, at)))
    for (const one of wordAndEnds(word)) found.add(one).add(word)
  for (const one of endsOf(facts.address.slice(at + 1))) found.add(one)
  found.add(`k_${facts.kind.toLowerCase()}`)
  if (facts.person === null || facts.structure === null) found.add(`h_${addressId(facts.address)}`)
  return [...found].join(' ')
}

/** Words of French that say nothing. */
export const SILENT: ReadonlySet<string> = new Set(['d', 'de', 'des', 'du', 'et', 'l', 'la', 'les'])

/** Words of texts that come again and again: professions, towns, organisations, domains. */
function remembered(make: (text: string) => readonly string[]): (text: string) => readonly string[] {
  const known = new Map<string, readonly string[]>()
  return (key) => {
    const before = known.get(key)
    if (before !== undefined) return before
    const made = make(key)
    if (known.size >= REMEMBERED) known.clear()
    known.set(key, made)
    return made
  }
}

function cut(sign: string, text: string): readonly string[] {
  const words = foldedWords(text).filter((word) => !SILENT.has(word))
  return sign === '' ? words : words.flatMap((word) => [word, sign + word])
}

const kept = new Map(['', 'o_', 's_', 't_'].map((sign) => [sign, remembered((text) => cut(sign, text))]))

/** Names of persons are too many to be remembered. */
function signedWords(sign: string, text: string): readonly string[] {
  return kept.get(sign)?.(text) ?? cut(sign, text)
}

/** A word of an address, and its ends: what a part of an address may begin with. */
function wordAndEnds(word: string): string[] {
  const found = [`a_${word}`]
  for (let from = 1; word.length - from >= SHORTEST_PART; from += 1) found.push(`a_${word.slice(from)}`)
  return found
}

/** The words of a domain with their ends, save those of a name that nearly all domains have. */
const endsOf = remembered((domain: string) =>
  foldedWords(domain).flatMap((word) => (word === COMMON_LABEL ? [`a_${word}`] : wordAndEnds(word))),
)

/** An IdNST is found by itself, and by the number in it. */
function structureWords(structure: string): string[] {
  const whole = joined(structure)
  return /^[0-4]/.test(whole) && whole.length > 9 ? [`f_${whole}`, `f_${whole.slice(1)}`] : [`f_${whole}`]
}

/**
 * The words that an ask needs; null: it asks for nothing that can be looked for. Of `words` all but the last are whole,
 * unless `loose`: then each may be a beginning, which costs more where many words begin so. */
export function soughtWords(ask: DirectoryAsk, loose: boolean): readonly SoughtWord[] | null {
  const sought: SoughtWord[] = []
  const each = (sign: string, text: string | undefined, starts: (last: boolean) => boolean): boolean => {
    if (text === undefined) return true
    const words = foldedWords(text)
      .filter((word) => !SILENT.has(word))
      .slice(0, MOST_WORDS)
    const own = words
      .map((word, i) => ({ word, starts: starts(i === words.length - 1) }))
      // One letter begins the words of everybody: it is looked for when the next one is there.
      .filter(({ word, starts: isOpen }) => !isOpen || word.length >= SHORTEST_BEGINNING)
    sought.push(...own.map((one) => ({ ...one, word: sign + one.word })))
    return own.length > 0
  }
  const held = [
    each('', ask.words, (last) => loose || last),
    each('n_', ask.name, () => true),
    each('o_', ask.organisation, () => true),
    each('s_', ask.speciality, (last) => loose || last),
    each('t_', ask.town, (last) => loose || last),
  ]
  if (ask.person !== undefined) {
    sought.push({ word: `r_${joined(idNpsOf(ask.person)?.idNps ?? ask.person)}`, starts: false })
  }
  if (ask.structure !== undefined)
    sought.push({ word: `f_${joined(ask.structure.replaceAll(/\s/g, ''))}`, starts: false })
  if (ask.key !== undefined) sought.push({ word: `h_${joined(ask.key)}`, starts: false })
  if (ask.address !== undefined) {
    const words = addressWords(ask.address)
    held.push(words.length > 0)
    sought.push(...words)
  }
  if (held.includes(false) || sought.length === 0) return null
  const [kind, ...others] = ask.kinds ?? []
  if (kind !== undefined && others.length === 0) sought.push({ word: `k_${kind.toLowerCase()}`, starts: false })
  return sought
}

/** A part may begin and end within words, and what stands between is whole; a short end of a first word is no word of the index. */
function addressWords({ text, how }: NonNullable<DirectoryAsk['address']>): SoughtWord[] {
  if (how !== 'part') return [{ word: `m_${joined(text)}`, starts: how === 'start' }]
  const plain = folded(text)
  const isOpen = { begin: /^[a-z0-9]/.test(plain), end: /[a-z0-9]$/.test(plain) }
  const words = foldedWords(plain)
  const first = words[0] ?? ''
  const isNoWord = isOpen.begin && (first.length < SHORTEST_PART || COMMON_LABEL.endsWith(first))
  return words
    .map((word, i) => ({ word: `a_${word}`, starts: isOpen.end && i === words.length - 1 }))
    .slice(isNoWord ? 1 : 0)
}

/** What the full-text index of a store is asked for these words: all of them. They hold letters, digits and `_` alone, so that nothing is escaped. */
export function matchExpression(sought: readonly SoughtWord[], dialect: Dialect): string {
  return dialect === 'sqlite'
    ? sought.map(({ word, starts }) => `"${word}"${starts ? '*' : ''}`).join(' AND ')
    : sought.map(({ word, starts }) => `'${word}'${starts ? ':*' : ''}`).join(' & ')
}
