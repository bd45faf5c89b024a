import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import { MOST_OBSERVATIONS } from '../../../src/formats/bridge/order-groups.ts'
import { objects } from '../../../src/formats/fhir/json.ts'
import { readMessage } from '../../../src/formats/hl7v2/message.ts'
import { type Segment, segment, writeMessage } from '../../../src/formats/hl7v2/write.ts'
import { messageFrom } from '../messages.ts'
import { CONTEXT, jsonOf, messageIn } from './conversions.ts'

const RUNS = { numRuns: 120 }
const AUTHORITY = ['CH-HAUT-ANJOU', '539990028', 'M']
const word = fc
  .string({
    unit: fc.oneof(fc.constantFrom(...'|^~\\&"€éŒ '), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })),
    minLength: 1,
    maxLength: 8,
  })
  .filter((text) => text.trim() !== '' && text.isWellFormed() && !/["\r\n]/.test(text))
const code = fc.stringMatching(/^[1-9]\d{3}-\d$/)
const decimal = fc.stringMatching(/^(0|[1-9]\d{0,4})(\.\d{1,3})?$/)
const stamp = fc
  .date({ min: new Date('2001-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}+0000`)

/** OBX-2, OBX-5 and OBX-6 of the values that come back as they were. */
const value = fc.oneof(
  fc.tuple(decimal, word).map(([number, unit]) => ({ 2: 'NM', 5: number, 6: [unit, null, 'UCUM'] })),
  fc.tuple(fc.constantFrom('<', '>', '<=', '>='), decimal).map(([sign, number]) => ({ 2: 'SN', 5: [sign, number] })),
  fc.tuple(decimal, fc.constantFrom(':', '-'), decimal).map(([a, sign, b]) => ({ 2: 'SN', 5: [null, a, sign, b] })),
  fc.tuple(code, word).map(([one, said]) => ({ 2: 'CE', 5: [one, said, 'LN'] })),
  word.map((said) => ({ 2: 'ST', 5: said })),
  fc.tuple(word, word).map(([a, b]) => ({ 2: 'TX', 5: `${a}\n${b}` })),
  stamp.map((one) => ({ 2: 'TS', 5: one })),
  stamp.map((one) => ({ 2: 'DT', 5: one.slice(0, 8) })),
)
const observation = fc
  .record({
    code,
    said: word,
    value,
    status: fc.constantFrom('F', 'P', 'C', 'X'),
    at: stamp,
    flag: fc.constantFrom('H', 'LL', 'N'),
    note: fc.option(word),
  })
  .map(({ code: one, said, value: told, status, at, flag, note }): Segment[] => [
    segment('OBX', { 3: [one, said, 'LN'], ...told, 8: flag, 11: status, 14: at }),
    ...(note === null ? [] : [segment('NTE', { 1: '1', 3: note })]),
  ])

const patient = segment('PID', {
  3: ['P1', '', '', AUTHORITY, 'PI'],
  5: ['ESSAI (FICTIF)', 'ANNE', '', '', '', '', 'L'],
  7: '19600530',
  8: 'F',
  32: 'PROV',
})

function bytesOf(type: readonly string[], segments: readonly Segment[]): Buffer {
  const header = segment('MSH', {
    3: 'SIL',
    4: AUTHORITY,
    7: '20261123101500+0100',
    9: type,
    10: 'C1',
    11: 'T',
    12: '2.5',
  })
  const written = writeMessage([header, patient, ...segments], { charset: 'UNICODE UTF-8' })
  if (!written.ok) throw new Error(written.at)
  return written.bytes
}

function thereAndBack(bytes: Buffer): string[] {
  const there = toFhir(messageFrom(bytes), CONTEXT)
  if (!there.ok) throw new Error(`${there.code} ${there.at}`)
  const back = toHl7(jsonOf(there.made.bytes), CONTEXT)
  if (!back.ok) throw new Error(`${back.code} ${back.at}`)
  return back.made.bytes.toString('utf8').split('\r')
}

const only = (lines: readonly string[], names: string): string[] =>
  lines.filter((line) => names.includes(line.slice(0, 3)))

describe('there and back', () => {
  test('nothing of a result is lost but what the list says', () => {
    const numbered = fc
      .array(observation, { minLength: 1, maxLength: 5 })
      .map((all) =>
        all.flatMap((group, i) =>
          group.map((one) => (one.name === 'OBX' ? segment('OBX', { 1: `${i + 1}`, ...one.fields }) : one)),
        ),
      )
    fc.assert(
      fc.property(numbered, word, word, (observations, placer, filler) => {
        const numbers = { 2: [placer, ...AUTHORITY], 3: [filler, ...AUTHORITY] }
        const order = segment('OBR', {
          1: '1',
          ...numbers,
          4: ['11502-2', 'CR', 'LN'],
          7: '20261123103000+0100',
          25: 'F',
        })
        const given = bytesOf(
          ['ORU', 'R01', 'ORU_R01'],
          [segment('ORC', { 1: 'SC', ...numbers, 5: 'CM' }), order, ...observations],
        )
        expect(only(thereAndBack(given), 'ORC OBR OBX NTE')).toEqual(
          only(given.toString('utf8').split('\r'), 'ORC OBR OBX NTE'),
        )
      }),
      RUNS,
    )
  })

  test('nothing of an order is lost but what the list says', () => {
    const person = word.map((name) => [
      '99900000029',
      name,
      'Paul',
      '',
      '',
      'DR',
      '',
      '',
      ['ASIP-SANTE-PS', '1.2.250.1.71.4.2.1', 'ISO'],
      'D',
      '',
      '',
      'RPPS',
    ])
    fc.assert(
      fc.property(
        fc.record({
          placer: word,
          person,
          reason: word,
          at: stamp,
          said: word,
          control: fc.constantFrom('NW', 'CA', 'HD'),
        }),
        (one) => {
          const timing = [null, null, null, one.at, null, 'S']
          const numbers = { 2: [one.placer, ...AUTHORITY] }
          const structure = [
            'CH',
            '',
            '',
            '',
            '',
            ['ASIP-SANTE-ST', '1.2.250.1.71.4.2.2', 'ISO'],
            'FINEJ',
            '',
            '',
            '539990028',
          ]
          const given = bytesOf(
            ['ORM', 'O01', 'ORM_O01'],
            [
              segment('ORC', { 1: one.control, ...numbers, 7: timing, 9: one.at, 12: one.person, 21: structure }),
              segment('OBR', {
                1: '1',
                ...numbers,
                4: ['75496-0', one.said, 'LN'],
                13: one.reason,
                16: one.person,
                27: timing,
                31: ['I63.9', 'AVC', 'I10'],
              }),
              segment('NTE', { 1: '1', 3: one.said }),
            ],
          )
          expect(only(thereAndBack(given), 'ORC OBR NTE')).toEqual(
            only(given.toString('utf8').split('\r'), 'ORC OBR NTE'),
          )
        },
      ),
      RUNS,
    )
  })

  test('a document is moved byte for byte, whatever it holds, with its true size and hash', () => {
    const given = messageIn('document-initial.hl7')
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (content) => {
        const base64 = Buffer.from(content).toString('base64')
        const text = given.bytes.toString('utf8').replace(/\^Base64\^[^|]*/, () => `^Base64^${base64}`)
        const made = toFhir(messageFrom(Buffer.from(text)), CONTEXT)
        if (!made.ok) throw new Error(made.at)
        const document = objects(made.made.resource['entry'])
          .map(({ resource }) => resource)
          .at(-1) as { content: { attachment: object }[] }
        expect(document.content[0]?.attachment).toMatchObject({ data: base64, size: content.length })
        expect(thereAndBack(Buffer.from(text)).join('\r')).toContain(`^Base64^${base64}|`)
      }),
      { numRuns: 40 },
    )
  })
})

const GOLDEN = [
  'stroke-order',
  'teleradiology-1-request',
  'teleradiology-3-accepted',
  'teleradiology-4-complement',
  'results-laboratory',
  'document-initial',
]

describe('whatever comes', () => {
  test('a message broken at any place gives a result or a refusal, never a fault', () => {
    const wounds = fc.record({
      name: fc.constantFrom(...GOLDEN),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 0, max: 60 }),
      insert: fc.string({ unit: fc.constantFrom(...'|^~\\&\r"OBXRC1.é'), maxLength: 12 }),
    })
    fc.assert(
      fc.property(wounds, ({ name, at, length, insert }) => {
        const text = messageIn(`${name}.hl7`).bytes.toString('utf8')
        const start = Math.floor(at * text.length)
        const read = readMessage(Buffer.from(text.slice(0, start) + insert + text.slice(start + length)))
        if (!read.ok) return
        const made = toFhir(read.message, CONTEXT)
        if (made.ok) toHl7(made.made.resource, CONTEXT)
      }),
      { numRuns: 400 },
    )
  })

  test('other delimiters change nothing', () => {
    // A text that holds delimiters of either kind would be another text.
    for (const name of GOLDEN.filter((one) => one !== 'results-laboratory')) {
      const usual = messageIn(`${name}.hl7`)
      const other = usual.bytes.toString('utf8').replace(/[|^~\\&]/g, (one) => '#!%@$'['|^~\\&'.indexOf(one)]!)
      const [a, b] = [toFhir(usual, CONTEXT), toFhir(messageFrom(Buffer.from(other)), CONTEXT)]
      if (!a.ok || !b.ok) throw new Error(name)
      expect(b.made.resource).toEqual(a.made.resource)
    }
  })

  test.each<[name: string, lines: string, place: string]>([
    ['more observations than a report has', 'OBX|1|ST|1^^L||x||||||F\r'.repeat(MOST_OBSERVATIONS + 1), 'OBX'],
    ['two patients in one message', 'PID|||2^^^X&1.2.3&ISO^PI\r', 'PID(2)'],
  ])('%s: refused', (_, lines, at) => {
    const text = messageIn('results-corrected.hl7').bytes.toString('utf8') + lines
    expect(toFhir(messageFrom(Buffer.from(text)), CONTEXT)).toEqual({ ok: false, code: 'CONVERSION_FAILED', at })
  })

  test('a field of a million repetitions is cut', () => {
    const many = `OBX|9|CE|1^^L||${'A~'.repeat(1_000_000)}B|||${'H~'.repeat(1_000_000)}N|||F\rNTE|1||${'x~'.repeat(1_000_000)}y\r`
    const text = messageIn('results-corrected.hl7').bytes.toString('utf8') + many
    const made = toFhir(messageFrom(Buffer.from(text)), CONTEXT)
    if (!made.ok) throw new Error(made.at)
    expect(made.made.bytes.length).toBeLessThan(200_000)
  })
})
