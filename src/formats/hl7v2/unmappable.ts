/** Characters that a character set lacks: refused, or replaced by the nearest it has. */
import { type Charset, encodeText } from './charset.ts'

/**
 * What is done with a text that the receiver's character set cannot hold. `refuse`: it is not written at all. `replace`:
 * the nearest characters stand instead (no accent, straight quotes, else `?`), and a finding says how many. */
export type Unmappable = 'refuse' | 'replace'

/** Typographic characters and letters that Unicode does not decompose. */
const NEAREST: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '‚': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '‹': "'",
  '›': "'",
  '‐': '-',
  '‑': '-',
  '–': '-',
  '—': '-',
  '−': '-',
  '…': '...',
  '•': '-',
  '€': 'EUR',
  œ: 'oe',
  Œ: 'OE',
  æ: 'ae',
  Æ: 'AE',
  ß: 'ss',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  '\u00a0': ' ',
  '\u202f': ' ',
}
const COMBINING = /^\p{M}$/u
const COMBINED = /\p{M}/gu

/** A text as a character set can hold it, and how many characters gave way. */
export interface Fitted {
  readonly text: string
  readonly replaced: number
}

/**
 * The text with each character that the set lacks replaced by the nearest; the same text when it lacks none. `written`
 * makes what stands instead fit for its place (escapes it, where the text is escaped already). */
export function fitText(text: string, charset: Charset, written: (nearest: string) => string = asItIs): Fitted {
  if (encodeText(text, charset) !== null) return { text, replaced: 0 }
  let replaced = 0
  let out = ''
  // A letter and the accents behind it are one character for whoever reads, and often one in the set.
  for (const one of text.normalize('NFC')) {
    if (encodeText(one, charset) === null) replaced++
    out += encodeText(one, charset) === null ? written(nearest(one, charset)) : one
  }
  return { text: out, replaced }
}

function asItIs(text: string): string {
  return text
}

function nearest(one: string, charset: Charset): string {
  if (COMBINING.test(one)) return ''
  const plain = NEAREST[one] ?? one.normalize('NFKD').replace(COMBINED, '')
  return plain !== '' && encodeText(plain, charset) !== null ? plain : '?'
}
