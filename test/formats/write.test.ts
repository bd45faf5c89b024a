import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Field, HL7_NULL, segment, type Writing, writeMessage } from '../../src/formats/hl7v2/write.ts'
import { messageFrom } from './messages.ts'

const UTF8: Writing = { charset: 'UNICODE UTF-8' }
const MSH = segment('MSH', { 3: 'A', 10: 'C1' })

/** The second line of a message that holds this field as ZZZ-1. */
function line(field: Field, writing: Writing = UTF8): string {
  const written = writeMessage([MSH, segment('ZZZ', { 1: field })], writing)
  if (!written.ok) return `${written.code} ${written.at}`
  return written.bytes.toString(writing.charset === 'UNICODE UTF-8' ? 'utf8' : 'latin1').split('\r')[1]!
}

const OTHER = { field: 0x23, component: 0x24, repetition: 0x25, escape: 0x40, subcomponent: 0x2a, truncation: null }

describe('a field', () => {
  test.each<[name: string, field: Field, line: string]>([
    ['a value', 'x', 'ZZZ|x'],
    ['components', ['a', 'b'], 'ZZZ|a^b'],
    ['empty ends are cut', ['a', '', null, undefined], 'ZZZ|a'],
    ['an empty place between stays', ['a', null, 'c'], 'ZZZ|a^^c'],
    ['subcomponents', ['a', ['b', 'c']], 'ZZZ|a^b&c'],
    ['repetitions', { repeat: ['a', ['b', 'c']] }, 'ZZZ|a~b^c'],
    ['the HL7 null', ['a', HL7_NULL], 'ZZZ|a^""'],
    ['the text "" is no HL7 null', '""', 'ZZZ|\\X22\\\\X22\\'],
    ['delimiters', 'a|b^c~d\\e&f', 'ZZZ|a\\F\\b\\S\\c\\R\\d\\E\\e\\T\\f'],
    ['a line feed', 'a\nb', 'ZZZ|a\\.br\\b'],
    ['a segment that wants to break out', 'a\rPID|1', 'ZZZ|a\\X0D\\PID\\F\\1'],
    ['a block end', '\x1c\r\x0b', 'ZZZ|\\X1C\\\\X0D\\\\X0B\\'],
  ])('%s', (_name, field, expected) => {
    expect(line(field)).toBe(expected)
  })
})

test('fields stand at their numbers, and empty segments are not written', () => {
  const written = writeMessage(
    [MSH, segment('PV1', { 2: 'I', 19: ['V', '', ''], 44: '' }), segment('ZFA', { 1: '', 2: [null] })],
    UTF8,
  )
  expect(written.ok && written.bytes.toString()).toBe(
    `MSH|^~\\&|A|||||||C1||||||||UNICODE UTF-8\rPV1||I${'|'.repeat(17)}V\r`,
  )
})

test('with other delimiters', () => {
  const written = writeMessage([MSH, segment('ZZZ', { 1: { repeat: [['a', ['b|', '#c']], '$'] } })], {
    charset: 'ASCII',
    delimiters: OTHER,
  })
  expect(written.ok && written.bytes.toString()).toBe('MSH#$%@*#A#######C1########ASCII\rZZZ#a$b|*@F@c%@S@\r')
})

describe('a character the set lacks', () => {
  test.each<[name: string, charset: Writing['charset'], value: string, refused: string, replaced: string, n: number]>([
    ['emoji', '8859/15', 'a🙂b', 'CHARSET_UNMAPPABLE ZZZ-1', 'ZZZ|a?b', 1],
    ['euro in Latin-1', '8859/1', '5 €', 'CHARSET_UNMAPPABLE ZZZ-1', 'ZZZ|5 EUR', 1],
    ['euro in Latin-9', '8859/15', '5 €', 'ZZZ|5 \xa4', 'ZZZ|5 \xa4', 0],
    ['what Latin-9 gave up', '8859/15', '½', 'CHARSET_UNMAPPABLE ZZZ-1', 'ZZZ|?', 1],
    ['accents in ASCII', 'ASCII', 'Zoé', 'CHARSET_UNMAPPABLE ZZZ-1', 'ZZZ|Zoe', 1],
    ['an accent apart is one character', '8859/15', 'Zoe\u0301', 'CHARSET_UNMAPPABLE ZZZ-1', 'ZZZ|Zo\xe9', 0],
    ['quotes and dots', '8859/15', '’…', 'CHARSET_UNMAPPABLE ZZZ-1', "ZZZ|'...", 2],
    ['what stands instead is escaped', '8859/15', '＆', 'CHARSET_UNMAPPABLE ZZZ-1', 'ZZZ|\\T\\', 1],
  ])('%s', (_name, charset, value, refused, replaced, n) => {
    expect(line(value, { charset })).toBe(refused)
    expect(line(value, { charset, unmappable: 'replace' })).toBe(replaced)
    const written = writeMessage([MSH, segment('ZZZ', { 1: value })], { charset, unmappable: 'replace' })
    expect(written.ok && written.replaced).toBe(n)
  })

  test('the place is told with its number', () => {
    const written = writeMessage([MSH, segment('OBX', { 5: 'a' }), segment('OBX', { 5: '🙂' })], { charset: 'ASCII' })
    expect(written).toEqual({ ok: false, code: 'CHARSET_UNMAPPABLE', at: 'OBX(2)-5' })
  })
})

test.each<[name: string, write: () => unknown, error: RegExp]>([
  ['no MSH', () => writeMessage([segment('PID', { 1: 'x' })], UTF8), /begins with MSH/],
  ['MSH-2', () => writeMessage([segment('MSH', { 2: 'x' })], UTF8), /come from the delimiters/],
  ['a name that is none', () => writeMessage([MSH, segment('PI\r', { 1: 'x' })], UTF8), /no segment name/],
  ['field 0', () => writeMessage([MSH, segment('PID', { 0: 'x' })], UTF8), /no field/],
  [
    'a delimiter that is not there',
    () =>
      writeMessage([MSH, segment('PID', { 3: { repeat: ['a', 'b'] } })], {
        ...UTF8,
        delimiters: { ...OTHER, repetition: null },
      }),
    /lack one/,
  ],
  [
    'a value that needs an escape there is none for',
    () => writeMessage([MSH, segment('PID', { 3: 'a#b' })], { ...UTF8, delimiters: { ...OTHER, escape: null } }),
    /escape character/,
  ],
])('a slip is a fault: %s', (_name, write, error) => {
  expect(write).toThrow(error)
})

test('whatever is written is read again, by our reader', () => {
  const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 3 }), (values) => {
      const repeat = values.map(([a, b]) => ['', [a, b]])
      const written = writeMessage([MSH, segment('PID', { 3: { repeat } })], UTF8)
      if (!written.ok) return values.flat().every((one) => one.isWellFormed()) === false
      const message = messageFrom(written.bytes)
      values.forEach(([a, b], i) => {
        expect(message.text(`PID-3(${i + 1}).2.1`)).toBe(a)
        expect(message.text(`PID-3(${i + 1}).2.2`)).toBe(b)
      })
      return message.segments('PID') === 1
    }),
    { numRuns: 200 },
  )
})

test('and by hl7-standard', () => {
  const HL7 = createRequire(import.meta.url)('hl7-standard') as new (
    text: string,
    options: object,
  ) => { transform(): void; get(field: string): unknown }
  const written = writeMessage([MSH, segment('PID', { 5: ['MARTIN (FICTIF)', 'Zoé'], 11: [['12', 'rue']] })], UTF8)
  const read = new HL7(written.ok ? written.bytes.toString('utf8') : '', { lineEndings: '\r' })
  read.transform()
  expect([read.get('PID.5.1'), read.get('PID.5.2'), read.get('MSH.18')]).toEqual([
    'MARTIN (FICTIF)',
    'Zoé',
    'UNICODE UTF-8',
  ])
})
