/** Addresses in headers (RFC 5322 §3.4, RFC 6854): lists, groups, comments, names. Pure. */
import { type MailAddress, parsePath } from './address.ts'
import { shown } from './header-text.ts'

/** One mailbox of a list, with the name that is written before it; empty: none. */
export interface NamedMailbox {
  readonly name: string
  readonly address: MailAddress
}

/** A list as it was read. */
export interface AddressList {
  /** In order; members of groups among them. */
  readonly mailboxes: readonly NamedMailbox[]
  /** Every entry was understood. */
  readonly whole: boolean
  /** Some stood in a group. */
  readonly group: boolean
}

/** Comments inside each other, characters of a list, mailboxes of a list: more is not read. */
const DEEPEST = 50
const LONGEST = 65_536
const MOST = 2_000

type Sort = 'word' | 'quoted' | 'literal' | 'comment' | '<' | '>' | ',' | ';' | ':' | '@' | '.' | 'bad'
interface Token {
  readonly sort: Sort
  /** As written; of comments what is inside. */
  readonly text: string
  /** White space stood before it. */
  readonly apart: boolean
}

/** Reads the value of an address header, unfolded. Entries that are not understood are left out, and the list not `whole`. */
export function readAddressList(value: string): AddressList {
  if (value.length > LONGEST) return { mailboxes: [], whole: false, group: false }
  const mailboxes: NamedMailbox[] = []
  let whole = true
  let group = false
  let inGroup = false
  let entry: Token[] = []
  const close = (): void => {
    if (entry.some(({ sort }) => sort !== 'comment')) {
      const mailbox = mailboxes.length < MOST ? mailboxOf(entry) : null
      if (mailbox === null) whole = false
      else mailboxes.push(mailbox)
    }
    entry = []
  }
  let inAngle = false
  for (const token of tokensOf(value)) {
    if (token.sort === '<') inAngle = true
    if (token.sort === '>') inAngle = false
    if (inAngle || !(token.sort === ',' || token.sort === ';' || token.sort === ':')) {
      entry.push(token)
      continue
    }
    if (token.sort === ':') {
      // The name of a group is dropped; it must be words, and groups do not hold groups.
      if (inGroup || !isPhrase(entry)) whole = false
      group = inGroup = true
      entry = []
    } else if (token.sort === ';') {
      if (!inGroup) whole = false
      inGroup = false
      close()
    } else close()
  }
  close()
  return { mailboxes, whole: whole && !inGroup, group }
}

function isPhrase(tokens: readonly Token[]): boolean {
  const words = tokens.filter(({ sort }) => sort !== 'comment')
  return words.length > 0 && words.every(({ sort }) => sort === 'word' || sort === 'quoted' || sort === '.')
}

/** `name <a@b>` or `a@b (name)`. */
function mailboxOf(entry: readonly Token[]): NamedMailbox | null {
  const words = entry.filter(({ sort }) => sort !== 'comment')
  const from = words.findIndex(({ sort }) => sort === '<')
  const spec = from < 0 ? words : words.slice(from + 1, -1)
  if (from >= 0 && (words.at(-1)?.sort !== '>' || (from > 0 && !isPhrase(words.slice(0, from))))) return null
  const address = addressOf(spec)
  if (address === null) return null
  const comment = entry.findLast(({ sort }) => sort === 'comment')?.text ?? ''
  return { name: from < 0 ? shown(comment) : nameOf(words.slice(0, from)), address }
}

function addressOf(spec: readonly Token[]): MailAddress | null {
  const sorts = spec.map(({ sort }) => (sort === 'word' || sort === 'quoted' ? 'w' : sort)).join('')
  // A route, two mailboxes without a comma, or a literal is no address here.
  if (!/^w(?:\.w)*@w(?:\.w)*$/.test(sorts)) return null
  return parsePath(spec.map(({ text }) => text).join(''), { utf8: true })
}

function nameOf(words: readonly Token[]): string {
  let name = ''
  for (const { sort, text, apart } of words) {
    const word = sort === 'quoted' ? text.slice(1, -1).replace(/\\(.)/gu, '$1') : text
    name += apart ? ` ${word}` : word
  }
  return shown(name)
}

const SPECIAL = /[<>,;:@.]/
const WORD_END = /[ \t\r\n<>,;:@.()"[\]\\]/

function* tokensOf(value: string): Generator<Token> {
  let at = 0
  let apart = false
  while (at < value.length) {
    const sign = value[at]!
    if (/[ \t\r\n]/.test(sign)) {
      apart = true
      at += 1
      continue
    }
    if (SPECIAL.test(sign)) {
      yield { sort: sign as Sort, text: sign, apart }
      at += 1
    } else if (sign === '"' || sign === '[') {
      const end = closing(value, at, sign === '"' ? '"' : ']')
      yield { sort: end < 0 ? 'bad' : sign === '"' ? 'quoted' : 'literal', text: value.slice(at, end), apart }
      at = end < 0 ? value.length : end
    } else if (sign === '(') {
      const end = commentEnd(value, at)
      yield { sort: end < 0 ? 'bad' : 'comment', text: end < 0 ? '' : value.slice(at + 1, end - 1), apart }
      at = end < 0 ? value.length : end
    } else if (WORD_END.test(sign)) {
      yield { sort: 'bad', text: sign, apart }
      at += 1
    } else {
      const from = at
      while (at < value.length && !WORD_END.test(value[at]!)) at += 1
      yield { sort: 'word', text: value.slice(from, at), apart }
    }
    apart = false
  }
}

/** Where what began at `at` is over; -1: nowhere. */
function closing(value: string, at: number, sign: string): number {
  for (let i = at + 1; i < value.length; i += 1) {
    if (value[i] === '\\') i += 1
    else if (value[i] === sign) return i + 1
  }
  return -1
}

function commentEnd(value: string, at: number): number {
  let depth = 0
  for (let i = at; i < value.length; i += 1) {
    if (value[i] === '\\') i += 1
    else if (value[i] === '(' && ++depth > DEEPEST) return -1
    else if (value[i] === ')' && --depth === 0) return i + 1
  }
  return -1
}
