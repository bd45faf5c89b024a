import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Charset,
  charsetOf,
  contradicts,
  decodeBinary,
  decodeText,
  encodeText,
} from '../../src/formats/hl7v2/charset.ts'
import { type Delimiters, readDelimiters, USUAL_DELIMITERS } from '../../src/formats/hl7v2/delimiters.ts'
import { canEscape, escapeText, unescapeText } from '../../src/formats/hl7v2/escape.ts'

test.each<[name: string, charset: Charset]>([
  ['8859/1', '8859/1'],
  ['8859/15', '8859/15'],
  ['iso-8859-15', '8859/15'],
  ['ISO 8859/15', '8859/15'],
  ['UNICODE UTF-8', 'UNICODE UTF-8'],
  ['unicode utf-8', 'UNICODE UTF-8'],
  ['UTF-8', 'UNICODE UTF-8'],
  ['UTF8', 'UNICODE UTF-8'],
  ['ASCII', 'ASCII'],
  ['ISO IR6', 'ASCII'],
  ['8859/2', 'unknown'],
  ['UNICODE UTF-16', 'unknown'],
  ['', 'unknown'],
  ['constructor', 'unknown'],
  ['8'.repeat(1_000_000), 'unknown'],
])('MSH-18 %.20s is %s', (name, charset) => {
  expect(charsetOf(name)).toBe(charset)
})

const texts: [charset: Charset, hex: string, text: string, contradicted: boolean][] = [
  ['8859/1', '5a6fe9', 'Zoé', false],
  ['8859/1', 'a4', '¤', false],
  ['8859/15', 'a4a6a8b4b8bcbdbe', '€ŠšŽžŒœŸ', false],
  ['8859/15', 'a7e9ff', '§éÿ', false],
  ['8859/15', '80', '\x80', true],
  ['8859/1', '41929f', 'A\x92\x9f', true],
  ['UNICODE UTF-8', 'c3a9e282ac', 'é€', false],
  ['UNICODE UTF-8', 'f09f9a91', '🚑', false],
  ['UNICODE UTF-8', 'e9', 'é', true],
  ['UNICODE UTF-8', 'c3a9e9', 'Ã©é', true],
  ['UNICODE UTF-8', 'c0af', 'À¯', true],
  ['UNICODE UTF-8', 'eda080', 'í\xa0\x80', true],
  ['UNICODE UTF-8', 'efbbbf41', '\ufeffA', false],
  ['ASCII', '4142', 'AB', false],
  ['ASCII', 'e9', 'é', true],
  ['unknown', 'e9', 'é', false],
]
test.each(texts)('%s %s reads %j, contradicted: %s', (charset, hex, text, contradicted) => {
  const bytes = Buffer.from(hex, 'hex')
  expect(decodeText(bytes, charset)).toBe(text)
  expect(decodeBinary(bytes.toString('latin1'), charset)).toBe(text)
  expect(contradicts(bytes, charset)).toBe(contradicted)
})

test.each<[charset: Charset, text: string, hex: string | null]>([
  ['8859/15', 'Zoé €', '5a6fe920a4'],
  ['8859/15', '¤', null],
  ['8859/1', '€', null],
  ['8859/1', '¤', 'a4'],
  ['8859/1', '\x85', null],
  ['8859/15', '漢', null],
  ['UNICODE UTF-8', '€', 'e282ac'],
  ['UNICODE UTF-8', '\ud800', null],
  ['ASCII', 'é', null],
  ['ASCII', 'e', '65'],
  ['unknown', 'é', null],
  ['unknown', 'e', '65'],
])('%s writes %j as %s', (charset, text, hex) => {
  expect(encodeText(text, charset)?.toString('hex') ?? null).toBe(hex)
})

const charsets = fc.constantFrom<Charset[]>('8859/1', '8859/15', 'UNICODE UTF-8', 'ASCII')

test('what can be written reads back, and no bytes ever read as U+FFFD', () => {
  fc.assert(
    fc.property(charsets, fc.string({ unit: 'binary' }), fc.uint8Array(), (charset, text, noise) => {
      const bytes = encodeText(text, charset)
      if (bytes !== null) {
        expect(decodeText(bytes, charset)).toBe(text)
        expect(contradicts(bytes, charset)).toBe(false)
      }
      expect(decodeText(Buffer.from(noise), charset)).not.toContain('\ufffd')
    }),
    { numRuns: 1000, examples: [['8859/15', 'Œuvre à 5 €', new Uint8Array([0xe9])]] },
  )
})

describe('MSH-1 and MSH-2', () => {
  test.each<[field: string, encoding: string, read: string | (number | null)[]]>([
    ['|', '^~\\&', [0x7c, 0x5e, 0x7e, 0x5c, 0x26, null]],
    ['|', '^~\\&#', [0x7c, 0x5e, 0x7e, 0x5c, 0x26, 0x23]],
    ['$', '%*@!', [0x24, 0x25, 0x2a, 0x40, 0x21, null]],
    ['|', '^', [0x7c, 0x5e, null, null, null, null]],
    ['|', '^~', [0x7c, 0x5e, 0x7e, null, null, null]],
    ['|', '^~\\', [0x7c, 0x5e, 0x7e, 0x5c, null, null]],
    ['|', '', 'MSH-2'],
    ['|', '^~\\&#+', 'MSH-2'],
    ['|', '^^\\&', 'MSH-2'],
    ['|', '^~\\|', 'MSH-2'],
    ['|', '^~A&', 'MSH-2'],
    ['|', '^~\\ ', 'MSH-2'],
    ['|', '^~\\\xe9', 'MSH-2'],
    ['A', '^~\\&', 'MSH-1'],
    ['7', '^~\\&', 'MSH-1'],
    [' ', '^~\\&', 'MSH-1'],
    ['\t', '^~\\&', 'MSH-1'],
    ['\r', '', 'MSH-1'],
    ['\xe9', '^~\\&', 'MSH-1'],
    ['', '', 'MSH-1'],
  ])('%j %j', (field, encoding, expected) => {
    const read = readDelimiters(Buffer.from(field, 'latin1')[0], encoding)
    expect(typeof read === 'string' ? read : Object.values(read)).toEqual(expected)
  })
})

const delimitersOf = (encoding: string): Delimiters => {
  const read = readDelimiters(0x7c, encoding)
  if (typeof read === 'string') throw new Error(read)
  return read
}

const escapes: [written: string, read: string][] = [
  ['\\F\\', '|'],
  ['\\S\\', '^'],
  ['\\T\\', '&'],
  ['\\R\\', '~'],
  ['\\E\\', '\\'],
  ['a\\T\\b\\F\\c', 'a&b|c'],
  ['\\E\\F\\E\\', '\\F\\'],
  ['one\\.br\\two', 'one\ntwo'],
  ['\\X41\\', 'A'],
  ['\\X0D0A\\', '\r\n'],
  ['\\XE9A4\\', 'é€'],
  ['\\X\\', '\\X\\'],
  ['\\X4\\', '\\X4\\'],
  ['\\XG1\\', '\\XG1\\'],
  ['\\X80\\', '\\X80\\'],
  ['\\H\\bold\\N\\', '\\H\\bold\\N\\'],
  ['\\H\\E\\N\\', '\\H\\E\\N\\'],
  ['\\.sp+3\\x', '\\.sp+3\\x'],
  ['\\Zlocal\\', '\\Zlocal\\'],
  ['\\P\\', '\\P\\'],
  ['C:\\path\\F\\x', 'C:\\path|x'],
  ['\\unterminated', '\\unterminated'],
  ['ends with \\', 'ends with \\'],
  ['\\\\', '\\\\'],
  ['\\\\F\\', '\\|'],
  ['none', 'none'],
  ['', ''],
]
test.each(escapes)('escape %j reads %j', (written, read) => {
  expect(unescapeText(written, USUAL_DELIMITERS, '8859/15')).toBe(read)
})

test.each<[encoding: string, text: string, written: string, fits: boolean]>([
  ['^~\\&', 'a|b^c&d~e\\f', 'a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f', true],
  ['^~\\&', 'one\ntwo\r\x0b', 'one\\.br\\two\\X0D\\\\X0B\\', true],
  ['^~\\&', 'a#b', 'a#b', true],
  ['^~\\&#', 'a#b', 'a\\P\\b', true],
  ['^~', 'a|b&c\\d', 'a b&c\\d', false],
  ['^', 'a~b', 'a~b', true],
  ['%*@!', 'a^b%c@', 'a^b@S@c@E@', true],
])('with MSH-2 %s, %j is written %j', (encoding, text, written, fits) => {
  expect(escapeText(text, delimitersOf(encoding))).toBe(written)
  expect(canEscape(text, delimitersOf(encoding))).toBe(fits)
})

test('what is escaped reads back, whatever the delimiters', () => {
  const punctuation = fc.constantFrom(...'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{}~')
  const encodings = fc.uniqueArray(punctuation, { minLength: 3, maxLength: 5 }).map((marks) => marks.join(''))
  const text = fc.string({ unit: fc.constantFrom(...'ab|^~\\&#FSTREX.br01\n\r\x0b\x1cé€') })
  fc.assert(
    fc.property(encodings, text, (encoding, value) => {
      const delimiters = delimitersOf(encoding)
      const written = escapeText(value, delimiters)
      expect(unescapeText(written, delimiters, 'UNICODE UTF-8')).toBe(value)
      expect(written).not.toMatch(/[\x00-\x1f]/)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['escapes', '\\E\\'],
  ['unterminated hex', '\\X4'],
  ['stray escape characters', '\\'],
  ['formatting', '\\.br\\'],
])('a megabyte of %s ends', (_name, unit) => {
  const text = unit.repeat(Math.floor(1_000_000 / unit.length))
  expect(unescapeText(text, USUAL_DELIMITERS, '8859/15').length).toBeGreaterThan(0)
})
