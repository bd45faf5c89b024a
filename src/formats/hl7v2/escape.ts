/** Escape sequences (HL7 v2.5.1 §2.7): `\F\ \S\ \R\ \T\ \E\ \P\ \Xhh..\ \.br\`; every other is kept as it came. */
import { type Charset, contradicts, decodeText } from './charset.ts'
import type { Delimiters } from './delimiters.ts'

/** Sequences of one letter. */
const SINGLE = 'FSTREPHNXZ'
/** What stands between two escape characters when it is a longer sequence of the standard. */
const SEQUENCE = /^(?:X[0-9A-Fa-f]*|Z[^\r\n]{0,64}|[CM][0-9A-Fa-f]{4,6}|\.[a-z]{2}[+-]?\d{0,5})$/
const DOT = 0x2e
/** Longest sequence looked at, hexadecimal apart (characters). */
const LONGEST = 72

/** Text with its escapes resolved. Sequences that are unknown, unterminated or not of the character set stay literally. */
export function unescapeText(text: string, delimiters: Delimiters, charset: Charset): string {
  if (delimiters.escape === null) return text
  const mark = String.fromCharCode(delimiters.escape)
  let open = text.indexOf(mark)
  if (open < 0) return text
  const parts: string[] = []
  let done = 0
  let close = text.indexOf(mark, open + 1)
  while (close >= 0) {
    if (!isSequence(text, open + 1, close)) {
      // No sequence: a stray escape character, as in an unescaped C:\path. The next one may open a true sequence.
      open = close
    } else {
      const meaning = meaningOf(text.slice(open + 1, close), delimiters, charset)
      if (meaning !== null) {
        parts.push(text.slice(done, open), meaning)
        done = close + 1
      }
      open = text.indexOf(mark, close + 1)
      if (open < 0) break
    }
    close = text.indexOf(mark, open + 1)
  }
  parts.push(text.slice(done))
  return parts.join('')
}

/** Does what stands between two escape characters, at `start` and before `end`, have the form of a sequence? */
export function isSequence(text: string, start: number, end: number): boolean {
  if (end - start === 1) return SINGLE.includes(text[start]!)
  if (end - start > LONGEST && text[start] !== 'X') return false
  return SEQUENCE.test(text.slice(start, end))
}

function meaningOf(body: string, delimiters: Delimiters, charset: Charset): string | null {
  if (body === '.br') return '\n'
  if (body[0] === 'X') return hexText(body.slice(1), charset)
  const byte = delimiterNamed(body, delimiters)
  return byte === null ? null : String.fromCharCode(byte)
}

function delimiterNamed(letter: string, delimiters: Delimiters): number | null {
  switch (letter) {
    case 'F':
      return delimiters.field
    case 'S':
      return delimiters.component
    case 'T':
      return delimiters.subcomponent
    case 'R':
      return delimiters.repetition
    case 'E':
      return delimiters.escape
    case 'P':
      return delimiters.truncation
    default:
      return null
  }
}

function hexText(hex: string, charset: Charset): string | null {
  if (hex.length === 0 || hex.length % 2 === 1) return null
  const bytes = Buffer.from(hex, 'hex')
  return contradicts(bytes, charset) ? null : decodeText(bytes, charset)
}

/** Is there anything in the text that the message's delimiters cannot carry, for want of an escape character? */
export function canEscape(text: string, delimiters: Delimiters): boolean {
  return delimiters.escape !== null || escapeText(text, delimiters) === text
}

/**
 * Text made fit to stand in a field: delimiters escaped, line feed as `\.br\`, other controls as `\Xhh\`. Where the
 * message declares no escape character they become spaces (`canEscape` tells). `unescapeText` gives the text back. */
export function escapeText(text: string, delimiters: Delimiters): string {
  const mark = delimiters.escape === null ? null : String.fromCharCode(delimiters.escape)
  let out = ''
  let done = 0
  for (let i = 0; i < text.length; i++) {
    const name = escapeName(text.charCodeAt(i), delimiters)
    if (name === null) continue
    out += text.slice(done, i) + (mark === null ? ' ' : mark + name + mark)
    done = i + 1
  }
  return done === 0 ? text : out + text.slice(done)
}

function escapeName(code: number, delimiters: Delimiters): string | null {
  // A message that delimits by a dot would cut `.br` in two.
  if (code === 0x0a && !Object.values(delimiters).includes(DOT)) return '.br'
  if (code < 0x20 || code === 0x7f) return `X${code.toString(16).toUpperCase().padStart(2, '0')}`
  if (code > 0x7f) return null
  if (code === delimiters.field) return 'F'
  if (code === delimiters.component) return 'S'
  if (code === delimiters.subcomponent) return 'T'
  if (code === delimiters.repetition) return 'R'
  if (code === delimiters.escape) return 'E'
  if (code === delimiters.truncation) return 'P'
  return null
}
