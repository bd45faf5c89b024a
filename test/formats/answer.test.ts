import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AckPolicy } from '../../src/core/config.ts'
import { ERRORS, type ErrorCode } from '../../src/core/errors.ts'
import {
  type Acknowledgement,
  acknowledgement,
  ackPolicyName,
  answerSource,
  readAnswer,
  refusalCode,
} from '../../src/formats/hl7v2/answer.ts'
import { TABLE_0357 } from '../../src/formats/hl7v2/answer-code.ts'
import { readHeader } from '../../src/formats/hl7v2/header.ts'
import { readMessage } from '../../src/formats/hl7v2/message.ts'
import { hl7Timestamp } from '../../src/formats/hl7v2/timestamp.ts'
import { bytesOf, messageOf, STROKE } from './messages.ts'

const PARIS = 'Europe/Paris'
const accepted: Acknowledgement = {
  code: 'AA',
  controlId: 'R1',
  atMs: Date.UTC(2026, 6, 1, 10, 15, 2, 999),
  timeZone: PARIS,
}
const AT = '20260701121502+0200'

/** The answer to these bytes as Latin-1 lines. */
function answerTo(bytes: Buffer | string, answer: Acknowledgement = accepted): string[] | null {
  const source = answerSource(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  if (source === null) return null
  const lines = acknowledgement(source, answer).toString('latin1').split('\r')
  expect(lines.pop()).toBe('')
  return lines
}

test('a full header: sender and receiver swapped, 11, 12 and 18 copied, 15 and 16 empty', () => {
  expect(answerTo(bytesOf(STROKE))).toEqual([
    `MSH|^~\\&|PFR|440000289^EXPERT|DPI^1.2.3^ISO|530000371^1.2.250.1.71.4.2.2&x^M|${AT}||ACK^O01^ACK|R1|T|2.5^FRA^2.11||||||8859/15~ASCII`,
    'MSA|AA|C\\T\\1',
  ])
})

const cases: [name: string, bytes: string, lines: string[] | null][] = [
  ['no event', 'MSH|^~\\&|A|B|C|D|||ADT|7|P|2.3', [`MSH|^~\\&|C|D|A|B|${AT}||ACK|R1|P|2.3`, 'MSA|AA|7']],
  [
    'MSH-6 of two separators',
    'MSH|^~\\&|A|B|C|^^|||ADT^A01|7|P|2.5',
    [`MSH|^~\\&|C|^^|A|B|${AT}||ACK^A01^ACK|R1|P|2.5`, 'MSA|AA|7'],
  ],
  ['cut after MSH-2', 'MSH|^~\\&', [`MSH|^~\\&|||||${AT}||ACK|R1||`, 'MSA|AA|']],
  ['no control id', 'MSH|^~\\&|A|B|C|D|||ADT^A01', [`MSH|^~\\&|C|D|A|B|${AT}||ACK^A01^ACK|R1||`, 'MSA|AA|']],
  [
    'other delimiters',
    'MSH$%*@!$A$B$C$D$$$ADT%A01$7$T$2.5',
    [`MSH$%*@!$C$D$A$B$${AT}$$ACK%A01%ACK$R1$T$2.5`, 'MSA$AA$7'],
  ],
  [
    'delimited by +',
    'MSH+^~\\&+A+B+C+D+++ADT^A01+7+T+2.5',
    [`MSH+^~\\&+C+D+A+B+${AT.replace('+', '\\F\\')}++ACK^A01^ACK+R1+T+2.5`, 'MSA+AA+7'],
  ],
  [
    'one encoding character',
    'MSH|^|A|B|C|D|||ADT^A01|7|T|2.5',
    [`MSH|^|C|D|A|B|${AT}||ACK^A01^ACK|R1|T|2.5`, 'MSA|AA|7'],
  ],
  [
    'senseless MSH-2',
    'MSH|^^^^|A|B|C|D|||ADT^A01|7|T|2.5',
    [`MSH|^~\\&|C|D|A|B|${AT}||ACK^A01^ACK|R1|T|2.5`, 'MSA|AA|7'],
  ],
  ['empty MSH-2', 'MSH||A|B|C|D|||ADT^A01|7|T|2.5', [`MSH|^~\\&|C|D|A|B|${AT}||ACK^A01^ACK|R1|T|2.5`, 'MSA|AA|7']],
  [
    'line feeds',
    'MSH|^~\\&|A|B|C|D|||ADT^A01|7|T|2.5\nPID|1\n',
    [`MSH|^~\\&|C|D|A|B|${AT}||ACK^A01^ACK|R1|T|2.5`, 'MSA|AA|7'],
  ],
  [
    'bytes of any character set',
    'MSH|^~\\&|\xc3\xa9|\xe9|C|D|||ADT^A01|\xa47|T|2.5',
    [`MSH|^~\\&|C|D|\xc3\xa9|\xe9|${AT}||ACK^A01^ACK|R1|T|2.5`, 'MSA|AA|\xa47'],
  ],
  [
    'controls that would end the block',
    'MSH|^~\\&|A\x1c|B\x0b|C|D|||ADT^A01|7\x1c|T|2.5||||||8859/15\x1c',
    [`MSH|^~\\&|C|D|A|B|${AT}||ACK^A01^ACK|R1|T|2.5||||||8859/15`, 'MSA|AA|7'],
  ],
  [
    'a field too long for a value',
    `MSH|^~\\&|${'A'.repeat(1025)}|B|C|D|||ADT^A01|7|T|2.5`,
    [`MSH|^~\\&|C|D||B|${AT}||ACK^A01^ACK|R1|T|2.5`, 'MSA|AA|7'],
  ],
  ['nothing', '', null],
  ['no MSH', 'PID|1', null],
  ['MSH alone', 'MSH', null],
  ['MSH and a line end', 'MSH\r', null],
  ['a letter as separator', 'MSHA^~\\&A', null],
  ['senseless MSH-2 and a usual mark as separator', 'MSH^^^A^B', null],
  ['bytes of a TLS hello', '\x16\x03\x01\x02', null],
]
test.each(cases)('answer to %s', (_name, bytes, lines) => {
  expect(answerTo(bytes)).toEqual(lines)
})

describe('errors', () => {
  const error = (code: ErrorCode, at?: string, text = 'Help.') => ({
    ...accepted,
    code: 'AE' as const,
    error: { code, at, text },
  })
  const plain = 'MSH|^~\\&|A|B|C|D|||ADT^A01|7|T|2.5'

  test.each<[answer: Acknowledgement, err: string]>([
    [error('FIELD_MISSING', 'MSH-10'), 'ERR||MSH^1^10|101^Required field missing^HL70357|E|||Help.'],
    [error('FIELD_MALFORMED', 'PID-3(2).4.1'), 'ERR||PID^1^3^2^4^1|102^Data type error^HL70357|E|||Help.'],
    [error('NOT_HL7', 'MSH'), 'ERR||MSH^1|100^Segment sequence error^HL70357|E|||Help.'],
    [error('NO_ROUTE'), 'ERR|||207^Application internal error^HL70357|E|||Help.'],
    [error('NO_ROUTE', 'chu-nantes/dpi'), 'ERR|||207^Application internal error^HL70357|E|||Help.'],
    [
      error('DUPLICATE_CONTROL_ID', 'MSH-10', 'a|b\nc'),
      'ERR||MSH^1^10|205^Duplicate key identifier^HL70357|E|||a\\F\\b\\.br\\c',
    ],
    [
      error('NO_ROUTE', undefined, 'x'.repeat(300)),
      `ERR|||207^Application internal error^HL70357|E|||${'x'.repeat(250)}`,
    ],
  ])('%o', (answer, err) => {
    expect(answerTo(plain, answer)?.[2]).toBe(err)
  })

  test.each<[charset: string, written: string]>([
    ['8859/15', 'r\xe9gion \xa4'],
    ['8859/1', 'region ?'],
    ['UNICODE UTF-8', 'r\xc3\xa9gion \xe2\x82\xac'],
    ['ASCII', 'region ?'],
    ['8859/2', 'region ?'],
  ])('the sentence is written in the character set of the message: %s', (charset, written) => {
    const bytes = `${plain}||||||${charset}`
    expect(
      answerTo(bytes, error('NO_ROUTE', undefined, 'région €'))?.[2]
        ?.split('|')
        .at(-1),
    ).toBe(written)
  })

  test('without MSH-18 it is the default given', () => {
    const source = answerSource(Buffer.from(plain), 'UNICODE UTF-8')!
    expect(acknowledgement(source, error('NO_ROUTE', undefined, 'région')).toString('utf8')).toContain('région')
  })

  test('with other delimiters', () => {
    const lines = answerTo('MSH$%*@!$A$B$C$D$$$ADT%A01$7', error('FIELD_MISSING', 'PID-3.1', 'a%b'))
    expect(lines?.[2]).toBe('ERR$$PID%1%3%1%1$101%Required field missing%HL70357$E$$$a@S@b')
  })

  test('every code of the table has its words in table 0357', () => {
    const nameless = Object.values(ERRORS).filter(({ hl7 }) => TABLE_0357[hl7] === undefined)
    expect(nameless).toEqual([])
  })
})

test.each<[iso: string, zone: string, written: string]>([
  ['2026-01-15T10:00:00Z', PARIS, '20260115110000+0100'],
  ['2026-07-15T10:00:00Z', PARIS, '20260715120000+0200'],
  ['2026-03-29T00:59:59.999Z', PARIS, '20260329015959+0100'],
  ['2026-03-29T01:00:00Z', PARIS, '20260329030000+0200'],
  ['2026-10-25T00:59:59Z', PARIS, '20261025025959+0200'],
  ['2026-10-25T01:00:00Z', PARIS, '20261025020000+0100'],
  ['2025-12-31T23:30:00Z', PARIS, '20260101003000+0100'],
  ['2026-01-15T10:00:00Z', 'UTC', '20260115100000+0000'],
  ['2026-01-15T02:00:00Z', 'America/St_Johns', '20260114223000-0330'],
  ['2026-01-15T10:00:00Z', 'Asia/Kathmandu', '20260115154500+0545'],
  ['2026-01-15T10:00:00Z', 'Indian/Reunion', '20260115140000+0400'],
])('%s in %s is %s', (iso, zone, written) => {
  expect(hl7Timestamp(Date.parse(iso), zone)).toBe(written)
})

test('an unknown zone or an impossible instant is a fault', () => {
  expect(() => hl7Timestamp(0, 'Europe/Nowhere')).toThrow(RangeError)
  expect(() => hl7Timestamp(Number.NaN, PARIS)).toThrow(RangeError)
  expect(() => hl7Timestamp(Date.UTC(12_000, 0), PARIS)).toThrow(RangeError)
})

test.each<[code: ErrorCode, ans: string, hl7base: string]>([
  ['FIELD_MISSING', 'AE CE', 'AE CE'],
  ['UNKNOWN_SENDER', 'AE CE', 'AE CE'],
  ['NO_ROUTE', 'AE CE', 'AE CE'],
  ['PROCESSING_ID', 'AE CE', 'AE CE'],
  ['DUPLICATE_CONTROL_ID', 'AE CE', 'AE CE'],
  ['TYPE_UNSUPPORTED', 'AE CE', 'AR CR'],
  ['EVENT_UNSUPPORTED', 'AE CE', 'AR CR'],
  ['VERSION_UNSUPPORTED', 'AE CE', 'AR CR'],
  ['STORE_FULL', 'AR CR', 'AE CE'],
  ['DISK_LOW', 'AR CR', 'AE CE'],
  ['DRAINING', 'AR CR', 'AE CE'],
  ['SEGMENT_END', 'AE CE', 'AE CE'],
])('%s is refused with %s by ans, %s by hl7base', (code, ans, hl7base) => {
  const both = (policy: 'ans' | 'hl7base') => `${refusalCode(code, policy, false)} ${refusalCode(code, policy, true)}`
  expect([both('ans'), both('hl7base')]).toEqual([ans, hl7base])
})

test.each<[name: string, msh: string, policy: AckPolicy, chosen: string]>([
  ['the rest', 'ADT^A01|1|T|2.5', {}, 'hl7base'],
  ['PAM FR', 'ADT^A01|1|T|2.5^FRA^2.11', {}, 'ans'],
  ['documents', 'ORU^R01|1|T|2.5|||||||||2.1^CISIS_CDA_HL7_V2', {}, 'ans'],
  ['tele-radiology', 'ORU^R01|1|T|2.5.1|||||||||9^X~1.0^CISIS_TLR_HL7_V2', {}, 'ans'],
  ['ZAM', 'ZAM^Z02|1|T|2.6', {}, 'ans'],
  ['its default', 'ADT^A01|1|T|2.5^FRA', { default: 'hl7base' }, 'hl7base'],
  ['its kind before its default', 'ADT^A01|1|T|2.5', { default: 'hl7base', 'ADT^A01': 'ans' }, 'ans'],
  ['another kind', 'ADT^A02|1|T|2.5', { 'ADT^A01': 'ans' }, 'hl7base'],
  ['a kind named like nothing of ours', 'constructor|1|T|2.5', {}, 'hl7base'],
])('policy: %s', (_name, msh, policy, chosen) => {
  expect(ackPolicyName(readHeader(messageOf([`MSH|^~\\&|A|B|C|D|||${msh}`])), policy)).toBe(chosen)
})

const ACK = 'MSH|^~\\&|A|B|C|D|||ACK^A01^ACK|1|T|2.5'
test.each<[name: string, lines: string[], read: object | null]>([
  ['accepted', [ACK, 'MSA|AA|7'], { code: 'AA', controlId: '7', errors: '' }],
  ['an escaped control id', [ACK, 'MSA|CA|A\\T\\B'], { code: 'CA', controlId: 'A&B', errors: '' }],
  ['no MSA-2', [ACK, 'MSA|AA'], { code: 'AA', controlId: '', errors: '' }],
  [
    'errors of 2.5',
    [ACK, 'MSA|AE|7', 'ERR||PID^1^3|101^Required field missing^HL70357|E', 'ERR|||207|E'],
    { code: 'AE', controlId: '7', errors: '101 207' },
  ],
  [
    'errors of 2.3',
    [ACK, 'MSA|AE|7', 'ERR|PID^1^3^101&Required field missing'],
    { code: 'AE', controlId: '7', errors: '101' },
  ],
  [
    'free text is left out',
    [ACK, 'MSA|AE|7|MARTIN (FICTIF) unknown', 'ERR|||MARTIN (FICTIF)|E|||MARTIN', 'ERR|||261025313000150'],
    { code: 'AE', controlId: '7', errors: '' },
  ],
  ['a code nobody defined', [ACK, 'MSA|OK|7'], { code: 'OK', controlId: '7', errors: '' }],
  ['no MSA', [ACK], null],
  ['no MSA-1', [ACK, 'MSA||7'], null],
  ['no MSH', ['MSA|AA|7'], null],
])('reading an answer: %s', (_name, lines, read) => {
  expect(readAnswer(bytesOf(lines))).toEqual(read)
})

test('our own answers read back', () => {
  const source = answerSource(bytesOf(STROKE))!
  const error = { code: 'FIELD_MISSING', at: 'PID-3', text: 'Help.' } as const
  const read = readAnswer(acknowledgement(source, { ...accepted, code: 'AE', error }))
  expect(read).toEqual({ code: 'AE', controlId: 'C&1', errors: '101' })
})

test('whatever MSH-10 is, the answer names the message', () => {
  const id = fc.string({ unit: fc.constantFrom(...'aZ09&^~\\"-.é €FTX'), minLength: 1, maxLength: 12 })
  const delimiters = fc.constantFrom('|^~\\&', '|^~\\', '|^', '$%*@!')
  fc.assert(
    fc.property(id, delimiters, fc.constantFrom('UNICODE UTF-8', '8859/15', ''), (written, [bar, ...rest], charset) => {
      const fields = ['MSH', rest.join(''), 'A', 'B', 'C', 'D', '2026', '', `ADT${rest[0]}A01`, written, 'T', '2.5']
      const text = `${[...fields, '', '', '', '', '', charset].join(bar)}\rPID${bar}1\r`
      const bytes = Buffer.from(text, charset === 'UNICODE UTF-8' ? 'utf8' : 'latin1')
      const read = readMessage(bytes)
      fc.pre(read.ok)
      const answer = acknowledgement(answerSource(bytes)!, { code: 'AA', controlId: 'R', atMs: 0, timeZone: 'UTC' })
      expect(readAnswer(answer)?.controlId).toBe(read.ok && readHeader(read.message).controlId)
    }),
  )
})
