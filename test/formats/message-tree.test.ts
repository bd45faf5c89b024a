import { expect, test } from 'vitest'
import { parseStrict } from '../../src/formats/fhir/json.ts'
import { leavesOf } from '../../src/formats/fhir/leaves.ts'
import { maskedSegments } from '../../src/formats/hl7v2/masked.ts'
import { readMessage } from '../../src/formats/hl7v2/message.ts'
import { nameOf } from '../../src/formats/hl7v2/names.ts'
import { differences, differencesOf, treeOf } from '../../src/formats/hl7v2/tree.ts'
import { piecesOf } from '../../src/formats/hl7v2/visible.ts'
import { codeOrMasked, masked } from '../../src/formats/masked.ts'

function message(...segments: readonly string[]) {
  const read = readMessage(
    Buffer.from(`${['MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|T|2.5', ...segments].join('\r')}\r`, 'latin1'),
  )
  if (!read.ok) throw new Error(read.code)
  return read.message
}

test('a tree: segments by their places, fields that hold something, repetitions, components, subcomponents', () => {
  const tree = treeOf(message('PID|||1^^^A&1.2&ISO~2||D\\S\\E', 'OBX|1', 'OBX|2||x'))
  expect(tree.map(({ at }) => at)).toEqual(['MSH', 'PID', 'OBX', 'OBX(2)'])
  expect(tree[0]?.fields.slice(0, 3).map(({ at, raw }) => [at, raw])).toEqual([
    ['MSH-1', '|'],
    ['MSH-2', '^~\\&'],
    ['MSH-3', 'A'],
  ])
  expect(tree[1]?.fields).toEqual([
    { n: 3, at: 'PID-3', raw: '1^^^A&1.2&ISO~2', values: [[['1'], [''], [''], ['A', '1.2', 'ISO']], [['2']]] },
    { n: 5, at: 'PID-5', raw: 'D\\S\\E', values: [[['D^E']]] },
  ])
  expect(tree[3]?.fields.map(({ at }) => at)).toEqual(['OBX(2)-1', 'OBX(2)-3'])
})

test('a hostile number of fields and segments is cut, in linear time', () => {
  const [, wide] = treeOf(message(`OBX${'|x'.repeat(200_000)}`))
  expect(wide?.fields).toHaveLength(1_000)
  expect(treeOf(message(...Array.from({ length: 5_000 }, () => 'NTE|1')))).toHaveLength(2_000)
})

test.each<[name: string, before: string[], after: string[], found: [string, string | null, string | null][]]>([
  ['nothing', ['PID|||1'], ['PID|||1'], []],
  ['a field set', ['PID|||1'], ['PID|||2'], [['PID-3', '1', '2']]],
  [
    'a field emptied, one filled',
    ['PID|||1'],
    ['PID||||||||F'],
    [
      ['PID-3', '1', null],
      ['PID-8', null, 'F'],
    ],
  ],
  [
    'a segment dropped',
    ['PID|||1', 'ZXX|a|b'],
    ['PID|||1'],
    [
      ['ZXX-1', 'a', null],
      ['ZXX-2', 'b', null],
    ],
  ],
  ['the second of a name', ['OBX|1', 'OBX|2'], ['OBX|1', 'OBX|3'], [['OBX(2)-1', '2', '3']]],
])('what differs: %s', (_name, before, after, found) => {
  expect(differences(message(...before), message(...after)).map((one) => [one.at, one.before, one.after])).toEqual(
    found,
  )
})

test('resources differ by their paths, numbers as they were written', () => {
  const leaves = (json: string) => {
    const read = parseStrict(Buffer.from(json))
    if (!read.ok) throw new Error('not JSON')
    return leavesOf(read.value)
  }
  const before = leaves('{"a":{"b":[1.00,{"c":"x"}]},"gone":true}')
  const after = leaves('{"a":{"b":[1.0,{"c":"x"}]},"new":null}')
  expect(differencesOf(before, after)).toEqual([
    { at: 'a.b[0]', before: '1.00', after: '1.0' },
    { at: 'gone', before: 'true', after: null },
    { at: 'new', before: null, after: 'null' },
  ])
})

test.each<[text: string, shown: string]>([
  ['A\rB', 'A␍\nB'],
  ['A\r\nB', 'A␍␊\nB'],
  ['A\nB', 'A␊\nB'],
  ['\x0bA\x1c\r', '␋A␜␍\n'],
  ['a\u202eb\u200bc', 'aU+202EbU+200Bc'],
  ['a\\S\\b\\X0D\\c\\d', 'a[\\S\\]b[\\X0D\\]c\\d'],
  ['\u0000\u007f\u0085', '␀␡U+0085'],
])('every character of %j can be seen', (text, shown) => {
  const pieces = piecesOf(text, true)
  const written = pieces.map(
    ({ what, text: one, ends }) => `${what === 'escape' ? `[${one}]` : one}${ends ? '\n' : ''}`,
  )
  expect(written.join('')).toBe(shown)
})

test.each([
  ['', ''],
  ['""', '""'],
  ['279035121518989', '9{15}'],
  ['ÉLODIE', 'A{6}'],
  ['Jean-Paul', 'X{9}'],
])('%j without what it says: %s', (value, shown) => expect(masked(value)).toBe(shown))

test.each([
  ['ADT^A01', 'ADT^A01'],
  ['1.2.250.1.213.1.4.10', '1.2.250.1.213.1.4.10'],
  ['279035121518989', '9{15}'],
  ['JEAN MARTIN', 'X{11}'],
  ['x'.repeat(65), 'A{65}'],
])('%j where codes stand: %s', (value, shown) => expect(codeOrMasked(value)).toBe(shown))

test('only what is known to be code or technique is left of a message', () => {
  const shown = maskedSegments(
    message(
      'PID|||42^^^A&1.2&ISO^PI||DOE^JO^^^^^L',
      'OBX|1|CE|7-1^secret^LN|a b|secret',
      'OBX|2|CE|SECRET',
      'Z9A|secret',
      'bad|x',
    ),
  )
  expect(shown).toEqual([
    'MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|T|2.5',
    'PID|||9{2}^^^A&1.2&ISO^PI||A{3}^A{2}^^^^^L',
    'OBX|1|CE|7-1^A{6}^LN|X{3}|A{6}',
    'OBX|2|CE|A{6}',
    'Z9A|A{6}',
    'X{1}|A{1}',
  ])
})

test.each([
  ['PID-3', 'Identifiants du patient', 'Patient identifiers'],
  ['ZBE', 'Mouvement (PAM FR)', 'Movement (PAM FR)'],
  ['ZBE-9', 'Nature du mouvement', 'Nature of movement'],
  ['ZZZ-1', null, null],
])('%s is called %s', (place, fr, en) => {
  expect([nameOf(place, 'fr'), nameOf(place, 'en')]).toEqual([fr, en])
})
