/** Writing fields of headers: folds, encoded words (RFC 2047), parameters (RFC 2231). Pure. */
import { written } from './address.ts'
import type { NamedMailbox } from './address-list.ts'

/** Characters of a line before it is folded (RFC 5322 §2.1.1). */
const WIDTH = 78
/** Characters of one encoded word; the standard has 75, and the name of the field stands before the first. */
const WORD = 64
const PARAMETER = 60

const UNCLEAN = /[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g

/** A text that can end no line: runs of controls and line separators become a space. */
export function oneLine(text: string): string {
  return text.replace(UNCLEAN, ' ').trim()
}

/** Does it hold what may stand in no field? */
export function hasControls(text: string): boolean {
  return /[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(text)
}

/**
 * `Name: value` with its CRLF, folded where spaces stand, so that unfolding gives the value back. Controls become spaces.
 * White space beyond ASCII begins no line: what follows a fold would be a field of its own (RFC 5322 §2.2.3). */
export function folded(name: string, value: string): string {
  let text = `${name}:`
  let length = text.length
  let first = true
  for (const word of ` ${oneLine(value)}`.match(/ *[^ ]+/g) ?? []) {
    // A line with nothing but the name is taken for an empty field by some readers.
    if (!first && length + word.length > WIDTH) {
      text += '\r\n'
      length = 0
    }
    text += word
    length += word.length
    first = false
  }
  return `${text}\r\n`
}

/** A text as it may stand in an unstructured field or a display name: encoded words from the first to the last word that needs it. */
export function encodedText(text: string): string {
  const words = oneLine(text).split(' ')
  const needs = (word: string): boolean => /[^\x20-\x7e]/.test(word) || word.includes('=?') || word.length > 900
  const from = words.findIndex(needs)
  if (from < 0) return words.join(' ')
  const to = words.findLastIndex(needs) + 1
  const middle = encodedWords(words.slice(from, to).join(' '))
  return [...words.slice(0, from), ...middle, ...words.slice(to)].join(' ')
}

function encodedWords(text: string): string[] {
  const words: string[] = []
  let word = ''
  for (const sign of text) {
    const encoded = [...Buffer.from(sign)].map(qOctet).join('')
    if ('=?utf-8?Q?'.length + word.length + encoded.length + 2 > WORD) {
      words.push(`=?utf-8?Q?${word}?=`)
      word = ''
    }
    word += encoded
  }
  return [...words, `=?utf-8?Q?${word}?=`]
}

function qOctet(octet: number): string {
  const sign = String.fromCharCode(octet)
  if (sign === ' ') return '_'
  return /[A-Za-z\d!*+/-]/.test(sign) ? sign : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`
}

/** `name <address>` as it stands in From or To. The address is as `written`: letters beyond ASCII need SMTPUTF8. */
export function mailboxText({ name, address }: NamedMailbox): string {
  const clean = oneLine(name)
  if (clean === '') return written(address)
  // All of it: commas and brackets must not stand beside an encoded word.
  let phrase = encodedWords(clean).join(' ')
  if (/^[\x20-\x7e]*$/.test(clean) && !clean.includes('=?'))
    phrase = /^[\w !#$&'*+/=?^`{|}~-]+$/.test(clean) ? clean : `"${clean.replace(/["\\]/g, '\\$&')}"`
  return `${phrase} <${written(address)}>`
}

/** `; name="value"` of Content-Type or Content-Disposition; in the form of RFC 2231 where ASCII is not enough. */
export function parameter(name: string, value: string): string {
  const clean = oneLine(value)
  if (/^[\x20-\x7e]*$/.test(clean) && clean.length <= PARAMETER) return `; ${name}="${clean.replace(/["\\]/g, '\\$&')}"`
  const signs = [...clean].map((sign) => [...Buffer.from(sign)].map(percent).join(''))
  const pieces: string[] = ["utf-8''"]
  for (const sign of signs) {
    if (pieces.at(-1)!.length + sign.length > PARAMETER) pieces.push('')
    pieces[pieces.length - 1] += sign
  }
  if (pieces.length === 1) return `; ${name}*=${pieces[0]}`
  return pieces.map((piece, i) => `; ${name}*${i}*=${piece}`).join('')
}

function percent(octet: number): string {
  const sign = String.fromCharCode(octet)
  return /[A-Za-z\d._-]/.test(sign) ? sign : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
}
