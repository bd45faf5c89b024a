import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Edit } from '../../src/core/config.ts'
import { applyEdits } from '../../src/formats/hl7v2/edit.ts'
import { bytesOf } from './messages.ts'

const lines = [
  'MSH|^~\\&|A|B|||||ORU^R01|C1|T|2.5||||||8859/15',
  'PID|1||1^^^X&Y^PI~2^^^Z^INS||N\xe9^P',
  'PV1|1|I|URG^2&3^L',
  'OBX|1|TX|a^A^L||v|m',
  'ZXX|1',
  'OBX|2|TX|b^B^LN||w~b',
  'ZXX|2',
]
const maps = new Map([
  [
    'labo',
    new Map([
      ['a', 'AA'],
      ['b', 'BB'],
      ['x|y', 'z^t'],
    ]),
  ],
  [
    'units',
    new Map([
      ['URG', ''],
      ['I', 'Médecine'],
    ]),
  ],
])

/** The lines after the edits, each line's number first where it differs. */
function after(edits: readonly Edit[], given: readonly string[] = lines, end = '\r'): (string | null)[] {
  const { bytes } = applyEdits(bytesOf(given, end), edits, maps)
  return bytes.toString('latin1').split(end).slice(0, -1)
}

const withLines = (changed: Readonly<Record<number, string | null>>): string[] =>
  lines.flatMap((line, i) => {
    const now = changed[i] === undefined ? line : changed[i]
    return now === null ? [] : [now]
  })

test.each<[name: string, edit: Edit, changed: Record<number, string | null>, at: string[]]>([
  ['set a field', { set: 'MSH-5', to: 'DPI' }, { 0: 'MSH|^~\\&|A|B|DPI||||ORU^R01|C1|T|2.5||||||8859/15' }, ['MSH-5']],
  ['set a field beyond the end', { set: 'ZXX-3', to: 'q' }, { 4: 'ZXX|1||q', 6: 'ZXX|2||q' }, ['ZXX(1)-3', 'ZXX(2)-3']],
  [
    'set is text: delimiters are escaped',
    { set: 'PV1-2', to: 'a^b|€' },
    { 2: 'PV1|1|a\\S\\b\\F\\\xa4|URG^2&3^L' },
    ['PV1-2'],
  ],
  ['set the whole field', { set: 'PV1-3', to: 'U' }, { 2: 'PV1|1|I|U' }, ['PV1-3']],
  ['set a component', { set: 'PV1-3.1', to: 'U' }, { 2: 'PV1|1|I|U^2&3^L' }, ['PV1-3.1']],
  ['set a sub-component', { set: 'PV1-3.2.2', to: 'U' }, { 2: 'PV1|1|I|URG^2&U^L' }, ['PV1-3.2.2']],
  [
    'set a component of every repetition',
    { set: 'PID-3.5', to: 'PN' },
    { 1: 'PID|1||1^^^X&Y^PN~2^^^Z^PN||N\xe9^P' },
    ['PID-3.5', 'PID-3(2).5'],
  ],
  [
    'set a component of one repetition',
    { set: 'PID-3(2).5', to: 'PN' },
    { 1: 'PID|1||1^^^X&Y^PI~2^^^Z^PN||N\xe9^P' },
    ['PID-3(2).5'],
  ],
  ['set in one segment', { set: 'OBX(2)-6', to: 'g' }, { 5: 'OBX|2|TX|b^B^LN||w~b|g' }, ['OBX(2)-6']],
  ['set the HL7 null', { set: 'PV1-2', to: '""' }, { 2: 'PV1|1|""|URG^2&3^L' }, ['PV1-2']],
  ['set what it is already', { set: 'PV1-2', to: 'I' }, {}, []],
  ['empty what is not there', { set: 'PV1-9', to: '' }, {}, []],
  ['set where there is no segment', { set: 'NTE-3', to: 'q' }, {}, []],
  ['set where there is no such segment', { set: 'OBX(3)-3', to: 'q' }, {}, []],
  ['copy a field', { copy: 'PV1-3', to: 'PV1-6' }, { 2: 'PV1|1|I|URG^2&3^L|||URG^2&3^L' }, ['PV1-6']],
  [
    'copy a field with its repetitions',
    { copy: 'PID-3', to: 'PID-4' },
    { 1: 'PID|1||1^^^X&Y^PI~2^^^Z^INS|1^^^X&Y^PI~2^^^Z^INS|N\xe9^P' },
    ['PID-4'],
  ],
  ['copy a component into a field', { copy: 'PV1-3.2', to: 'PV1-6' }, { 2: 'PV1|1|I|URG^2&3^L|||2&3' }, ['PV1-6']],
  [
    'copy a field into a component: its first value',
    { copy: 'PV1-3', to: 'PV1-6.2' },
    { 2: 'PV1|1|I|URG^2&3^L|||^URG' },
    ['PV1-6.2'],
  ],
  ['copy from another segment', { copy: 'PID-5.1', to: 'PV1-9' }, { 2: 'PV1|1|I|URG^2&3^L||||||N\xe9' }, ['PV1-9']],
  [
    'copy inside the same segment',
    { copy: 'OBX-3.2', to: 'OBX-3.1' },
    { 3: 'OBX|1|TX|A^A^L||v|m', 5: 'OBX|2|TX|B^B^LN||w~b' },
    ['OBX(1)-3.1', 'OBX(2)-3.1'],
  ],
  ['copy of nothing', { copy: 'PV1-19', to: 'PV1-2' }, {}, []],
  [
    'map each segment',
    { map: 'OBX-3.1', table: 'labo' },
    { 3: 'OBX|1|TX|AA^A^L||v|m', 5: 'OBX|2|TX|BB^B^LN||w~b' },
    ['OBX(1)-3.1', 'OBX(2)-3.1'],
  ],
  [
    'map the value of a field, not its text',
    { map: 'OBX(1)-3', table: 'labo' },
    { 3: 'OBX|1|TX|AA^A^L||v|m' },
    ['OBX(1)-3'],
  ],
  ['map each repetition', { map: 'OBX(2)-5', table: 'labo' }, { 5: 'OBX|2|TX|b^B^LN||w~BB' }, ['OBX(2)-5(2)']],
  ['map to nothing', { map: 'PV1-3', table: 'units' }, { 2: 'PV1|1|I|^2&3^L' }, ['PV1-3']],
  ['map to accents', { map: 'PV1-2', table: 'units' }, { 2: 'PV1|1|M\xe9decine|URG^2&3^L' }, ['PV1-2']],
  ['drop a field', { drop: 'OBX-5' }, { 3: 'OBX|1|TX|a^A^L|||m', 5: 'OBX|2|TX|b^B^LN||' }, ['OBX(1)-5', 'OBX(2)-5']],
  ['drop a component', { drop: 'PV1-3.2' }, { 2: 'PV1|1|I|URG^^L' }, ['PV1-3.2']],
  ['drop the first repetition', { drop: 'PID-3(1)' }, { 1: 'PID|1||2^^^Z^INS||N\xe9^P' }, ['PID-3(1)']],
  ['drop the last repetition', { drop: 'PID-3(2)' }, { 1: 'PID|1||1^^^X&Y^PI||N\xe9^P' }, ['PID-3(2)']],
  ['drop what is not there', { drop: 'PV1-44' }, {}, []],
  ['drop a segment, every one', { drop: 'ZXX' }, { 4: null, 6: null }, ['ZXX(1)', 'ZXX(2)']],
  ['drop a segment that is not there', { drop: 'ZZZ' }, {}, []],
  [
    'when it holds',
    { set: 'PV1-2', to: 'E', when: { path: 'OBX-3.1', in: ['q', 'b'] } },
    { 2: 'PV1|1|E|URG^2&3^L' },
    ['PV1-2'],
  ],
  ['when it does not', { set: 'PV1-2', to: 'E', when: { path: 'OBX-3.1', in: ['q'] } }, {}, []],
  [
    'when on the same segment: of that very one',
    { map: 'OBX-3.1', table: 'labo', when: { path: 'OBX-3.3', in: ['L'] } },
    { 3: 'OBX|1|TX|AA^A^L||v|m' },
    ['OBX(1)-3.1'],
  ],
  [
    'when on a numbered one: of all',
    { drop: 'ZXX', when: { path: 'OBX(2)-3.1', in: ['b'] } },
    { 4: null, 6: null },
    ['ZXX(1)', 'ZXX(2)'],
  ],
])('%s', (_name, edit, changed, at) => {
  expect(after([edit])).toEqual(withLines(changed))
  expect(applyEdits(bytesOf(lines), [edit], maps).changed).toEqual(at)
})

test('edits are made one after the other', () => {
  const edits: Edit[] = [
    { set: 'PV1-3.1', to: 'a' },
    { map: 'PV1-3.1', table: 'labo' },
    { copy: 'PV1-3.1', to: 'PV1-2' },
  ]
  expect(after(edits)).toEqual(withLines({ 2: 'PV1|1|AA|AA^2&3^L' }))
})

test('no edit, or none that changes anything, gives the same buffer', () => {
  const bytes = bytesOf(lines)
  expect(applyEdits(bytes, [], maps).bytes).toBe(bytes)
  expect(applyEdits(bytes, [{ drop: 'ZZZ' }], maps).bytes).toBe(bytes)
})

test('values without a row stay, and are counted, not told', () => {
  const { bytes, findings } = applyEdits(bytesOf(lines), [{ map: 'OBX-3.2', table: 'labo' }], maps)
  expect(bytes).toEqual(bytesOf(lines))
  expect(findings).toEqual([{ code: 'MAP_MISSING', class: 'contract', at: 'OBX-3.2', params: { count: 2 } }])
})

test('a row is found by the text, and written as text', () => {
  const given = ['MSH|^~\\&|A', 'PV1|x\\F\\y']
  expect(after([{ map: 'PV1-1', table: 'labo' }], given)).toEqual(['MSH|^~\\&|A', 'PV1|z\\S\\t'])
})

test.each(['\r', '\n', '\r\n'])('segment ends %j stay, and go with their segment', (end) => {
  expect(after([{ drop: 'ZXX' }, { set: 'PV1-2', to: 'E' }], lines, end)).toEqual(
    withLines({ 2: 'PV1|1|E|URG^2&3^L', 4: null, 6: null }),
  )
})

test('the last segment may go though nothing ends it', () => {
  const bytes = Buffer.from('MSH|^~\\&|A\rPID|1\rZXX|2')
  expect(applyEdits(bytes, [{ drop: 'ZXX' }], maps).bytes.toString()).toBe('MSH|^~\\&|A\rPID|1\r')
})

describe('character sets', () => {
  test.each<[charset: string, encoding: BufferEncoding]>([
    ['UNICODE UTF-8', 'utf8'],
    ['8859/1', 'latin1'],
  ])('%s is kept', (charset, encoding) => {
    const given = Buffer.from(`MSH|^~\\&|A||||||||T|2.5||||||${charset}\rPID|Zoé\r`, encoding)
    const { bytes } = applyEdits(given, [{ set: 'PID-2', to: 'Léa' }], maps)
    expect(bytes.toString(encoding)).toBe(`MSH|^~\\&|A||||||||T|2.5||||||${charset}\rPID|Zoé|Léa\r`)
  })

  test('what it cannot hold is a failure that names the place', () => {
    expect(() => applyEdits(bytesOf(lines), [{ set: 'PV1-2', to: '漢' }], maps)).toThrow(
      expect.objectContaining({
        code: 'EDIT_FAILED',
        message: 'set PV1-2: the value does not fit the message at PV1-2',
      }),
    )
  })

  test('MSH-18 empty: the one given', () => {
    const given = Buffer.from('MSH|^~\\&|A\rPV1|\r')
    const edit: Edit = { set: 'PV1-1', to: 'é' }
    expect(applyEdits(given, [edit], maps, 'UNICODE UTF-8').bytes.toString('utf8')).toContain('PV1|é')
    expect(() => applyEdits(given, [edit], maps, 'ASCII')).toThrow(expect.objectContaining({ code: 'EDIT_FAILED' }))
  })

  test('MSH-18 is changed last, and not against the bytes', () => {
    const edits: Edit[] = [
      { set: 'MSH-18', to: 'UNICODE UTF-8' },
      { set: 'PV1-2', to: 'E' },
    ]
    expect(() => applyEdits(bytesOf(lines), edits, maps)).toThrow(expect.objectContaining({ code: 'EDIT_FAILED' }))
    const plain = bytesOf(lines.with(1, 'PID|1'))
    expect(applyEdits(plain, edits, maps).changed).toEqual(['PV1-2', 'MSH-18'])
  })
})

test.each<[name: string, edit: Edit, error: object]>([
  ['MSH-1', { set: 'MSH-1', to: '$' }, { name: 'RangeError' }],
  ['no path', { drop: 'zxx' }, { name: 'RangeError' }],
  ['no table', { map: 'PV1-2', table: 'none' }, { code: 'EDIT_FAILED' }],
])('refused: %s', (_name, edit, error) => {
  expect(() => applyEdits(bytesOf(lines), [edit], maps)).toThrow(expect.objectContaining(error))
})

test('bytes that are no message are refused', () => {
  expect(() => applyEdits(Buffer.from('PID|'), [], maps)).toThrow(expect.objectContaining({ code: 'NOT_HL7' }))
})

test('more places than a message has reason for are a failure, in little time', () => {
  const given = Buffer.from(`MSH|^~\\&|A\rPID|||${'~'.repeat(2_000_000)}\r`)
  expect(() => applyEdits(given, [{ set: 'PID-3.2', to: 'q' }], maps)).toThrow(
    expect.objectContaining({ code: 'EDIT_FAILED' }),
  )
})

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\\', '&', '^', '~', ' '), maxLength: 6 })
const segment = fc
  .tuple(fc.constantFrom('PID', 'OBX', 'NTE', 'ZXX'), fc.array(word, { maxLength: 6 }))
  .map(([name, fields]) => [name, ...fields].join('|'))
const anEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ set: fc.constantFrom('PID-3', 'OBX-3.1', 'OBX(2)-2', 'NTE-1(2)'), to: word }),
  fc.record({ copy: fc.constantFrom('PID-3', 'OBX-3.1'), to: fc.constantFrom('PID-5', 'OBX-4.2') }),
  fc.record({ map: fc.constantFrom('OBX-3.1', 'PID-2'), table: fc.constant('labo') }),
  fc.record({ drop: fc.constantFrom('ZXX', 'NTE', 'OBX-5', 'PID-3(2)') }),
)

test('whatever the edits, bytes outside the fields they name stay as they came', () => {
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 8 }), anEdit, (segments, edit) => {
      const given = [lines[0]!, ...segments]
      const path = 'set' in edit ? edit.set : 'copy' in edit ? edit.to : 'map' in edit ? edit.map : edit.drop
      const [name = '', field] = path.replace(/\(\d\)/g, '').split(/[-.]/)
      const kept = field === undefined ? given.filter((line) => !line.startsWith(name)) : given
      const now = after([edit], given)
      expect(now.length).toBe(kept.length)
      const masked = (line: string): string => {
        if (field === undefined || !line.startsWith(name)) return line
        const fields = line.split('|')
        while (fields.length <= Number(field)) fields.push('')
        return fields.with(Number(field), '?').join('|')
      }
      expect(now.map((line) => masked(line!))).toEqual(kept.map(masked))
    }),
    { numRuns: 1_000 },
  )
})
