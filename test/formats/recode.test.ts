import { describe, expect, test } from 'vitest'
import type { Charset } from '../../src/formats/hl7v2/charset.ts'
import { recoded } from '../../src/formats/hl7v2/recode.ts'
import { bytesOf, messageFrom } from './messages.ts'

type Named = Exclude<Charset, 'unknown'>

const message = (charset: string, value: Buffer | string, end = '\r') =>
  messageFrom(
    Buffer.concat([
      bytesOf([`MSH|^~\\&|A|||||||C1|T|2.5${charset === '' ? '' : `||||||${charset}`}`], end),
      Buffer.from('OBX|1|TX|a||'),
      typeof value === 'string' ? Buffer.from(value, 'latin1') : value,
      bytesOf(['', 'NTE|1'], end),
    ]),
  )

const outcome = (charset: string, value: Buffer | string, to: Named, unmappable?: 'replace'): string => {
  const made = recoded(message(charset, value), to, unmappable)
  if (!made.ok) return `${made.code} ${made.at}`
  const [header, obx] = made.bytes.toString('latin1').split('\r')
  return `${header!.split('|')[17] ?? ''} ${obx!.slice(12)}${made.replaced === 0 ? '' : ` (${made.replaced})`}`
}

describe('a message in the character set of its receiver', () => {
  test.each<[name: string, charset: string, value: Buffer | string, to: Named, outcome: string, replaced?: string]>([
    ['17: the euro of Latin-9 arrives as UTF-8', '8859/15', '5 \xa4', 'UNICODE UTF-8', 'UNICODE UTF-8 5 \xe2\x82\xac'],
    ['without MSH-18 it is Latin-9', '', '5 \xa4', 'UNICODE UTF-8', 'UNICODE UTF-8 5 \xe2\x82\xac'],
    ['UTF-8 to Latin-9', 'UNICODE UTF-8', Buffer.from('é€'), '8859/15', '8859/15 \xe9\xa4'],
    ['repetitions of MSH-18 go', '8859/15~ASCII', '\xe9', 'UNICODE UTF-8', 'UNICODE UTF-8 \xc3\xa9'],
    ['another spelling of the same set stays', 'UTF-8', Buffer.from('é'), 'UNICODE UTF-8', 'UTF-8 \xc3\xa9'],
    ['ASCII says so too', '8859/15', 'a', 'UNICODE UTF-8', 'UNICODE UTF-8 a'],
    ['hexadecimal letters', '8859/15', 'a\\XE9\\b', 'UNICODE UTF-8', 'UNICODE UTF-8 a\xc3\xa9b'],
    ['hexadecimal euro', '8859/15', '\\X35A4\\', 'UNICODE UTF-8', 'UNICODE UTF-8 5\xe2\x82\xac'],
    ['hexadecimal controls stay', '8859/15', '\\X0D\\\xe9', 'UNICODE UTF-8', 'UNICODE UTF-8 \\X0D\\\xc3\xa9'],
    ['what only looks like one stays', '8859/15', '\\T\\XE9\\S\\', 'UNICODE UTF-8', 'UNICODE UTF-8 \\T\\XE9\\S\\'],
    ['an unknown set', 'KLINGON', 'a', 'UNICODE UTF-8', 'CHARSET_UNKNOWN MSH-18', 'CHARSET_UNKNOWN MSH-18'],
    [
      'bytes that contradict theirs',
      'UNICODE UTF-8',
      '\xe9',
      '8859/15',
      'CHARSET_CONTRADICTED MSH-18',
      '8859/15 \xe9 (1)',
    ],
    [
      'what the receiver lacks',
      'UNICODE UTF-8',
      Buffer.from('Zoé 🙂'),
      '8859/15',
      'CHARSET_UNMAPPABLE OBX(1)',
      '8859/15 Zo\xe9 ? (1)',
    ],
  ])('%s', (_name, charset, value, to, expected, replaced = expected) => {
    expect(outcome(charset, value, to)).toBe(expected)
    expect(outcome(charset, value, to, 'replace')).toBe(replaced)
  })

  test('in the set already: the same buffer', () => {
    const given = message('8859/15', '\xe9')
    const made = recoded(given, '8859/15')
    expect(made.ok && made.bytes).toBe(given.bytes)
  })

  test('ends of segments stay', () => {
    const made = recoded(message('8859/15', '\xe9', '\r\n'), 'UNICODE UTF-8')
    expect(made.ok && made.bytes.toString('latin1')).toBe(
      'MSH|^~\\&|A|||||||C1|T|2.5||||||UNICODE UTF-8\r\nOBX|1|TX|a||\xc3\xa9\r\nNTE|1\r\n',
    )
  })

  test('there and back the bytes are the same', () => {
    const given = message('8859/15', Buffer.from(Array.from({ length: 96 }, (_, i) => 0xa0 + i)))
    const there = recoded(given, 'UNICODE UTF-8')
    const back = recoded(messageFrom(there.ok ? there.bytes : Buffer.alloc(0)), '8859/15')
    expect(back.ok && back.bytes.equals(given.bytes)).toBe(true)
  })
})
