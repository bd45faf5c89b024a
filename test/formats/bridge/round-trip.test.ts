import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAPPINGS, toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import { hdComponent } from '../../../src/formats/bridge/parts.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'
import { parsePath } from '../../../src/formats/hl7v2/path.ts'
import { HL7_NULL, type Repetition, type Segment, segment, writeMessage } from '../../../src/formats/hl7v2/write.ts'
import { messageFrom } from '../messages.ts'
import { CONTEXT, jsonOf } from './conversions.ts'

const RUNS = { numRuns: 60 }
const AUTHORITY = { namespace: 'CH-HAUT-ANJOU', id: '539990028', idType: 'M' }
/** Any text of one line that is more than blanks; delimiters, accents, emoji. */
const word = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...'|^~\\&"\r\n<>€éŒ🙂 '),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
    minLength: 1,
    maxLength: 8,
  })
  .filter((text) => text.trim() !== '' && text.isWellFormed() && text !== '""')
const digits = fc.stringMatching(/^[1-9]\d{3,7}$/)
const date = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2026-01-01'), noInvalidDate: true })
  .map((d) => d.toISOString().slice(0, 10).replaceAll('-', ''))

const name = (type: string): fc.Arbitrary<Repetition> =>
  fc.tuple(word, word, word).map(([family, given, list]) => [family, given, list, '', '', '', type])
const address: fc.Arbitrary<Repetition> = fc
  .tuple(word, word, word, digits, fc.constantFrom('H', 'O', 'C', 'BA'))
  .map(([line, more, city, code, type]) => [line, more, city, '', code, 'FRA', type])
const phone: fc.Arbitrary<Repetition> = fc
  .tuple(digits, fc.constantFrom(['PRN', 'PH'], ['PRN', 'CP'], ['WPN', 'PH'], ['PRN', 'FX']))
  .map(([number, [code, equipment]]) => ['', code, equipment, '', '', '', '', '', '', '', '', number])
const mail: fc.Arbitrary<Repetition> = word.map((at) => ['', 'NET', 'Internet', at])

/** A PID without anything that the written list says is lost. */
const pid: fc.Arbitrary<Segment> = fc
  .record({
    id: word,
    names: fc.tuple(name('L'), fc.array(name('D'), { maxLength: 1 })),
    birth: date,
    sex: fc.constantFrom('F', 'M', 'U'),
    addresses: fc.array(address, { maxLength: 2 }),
    reach: fc.array(fc.oneof(phone, mail), { maxLength: 3 }),
    status: fc.constantFrom(['VALI'], ['PROV'], ['PROV', 'DOUT'], ['VALI', 'HOMD']),
    dead: fc.option(date),
  })
  .map(({ id, names: [official, usual], birth, sex, addresses, reach, status, dead }) =>
    segment('PID', {
      3: [id, '', '', hdComponent(AUTHORITY), 'PI'],
      5: { repeat: [official, ...usual] },
      7: birth,
      8: sex,
      11: { repeat: addresses },
      13: { repeat: reach },
      29: dead,
      30: dead === null ? '' : 'Y',
      32: { repeat: status },
    }),
  )

const header = (event: string, structure: string): Segment =>
  segment('MSH', {
    3: 'GAM',
    4: hdParts(),
    9: ['ADT', event, structure],
    10: 'C1',
    11: 'T',
    12: ['2.5', 'FRA', '2.11'],
  })
const hdParts = (): string[] => [AUTHORITY.namespace, AUTHORITY.id, AUTHORITY.idType]

/** Bytes of segments in UTF-8. */
function bytesOf(segments: readonly Segment[]): Buffer {
  const written = writeMessage(segments, { charset: 'UNICODE UTF-8' })
  if (!written.ok) throw new Error(written.at)
  return written.bytes
}

function there(bytes: Buffer): JsonObject {
  const made = toFhir(messageFrom(bytes), CONTEXT)
  if (!made.ok) throw new Error(`${made.code} ${made.at}`)
  return jsonOf(made.made.bytes)
}

function back(resource: JsonObject): Buffer {
  const made = toHl7(resource, CONTEXT)
  if (!made.ok) throw new Error(`${made.code} ${made.at}`)
  return made.made.bytes
}

const lineOf = (bytes: Buffer, name: string): string | undefined =>
  bytes
    .toString('utf8')
    .split('\r')
    .find((line) => line.startsWith(`${name}|`))

describe('there and back', () => {
  test('nothing of a patient is lost but what the list says', () => {
    fc.assert(
      fc.property(pid, (one) => {
        const given = bytesOf([header('A31', 'ADT_A05'), one, segment('PV1', { 2: 'N' })])
        expect(lineOf(back(there(given)), 'PID')).toBe(lineOf(given, 'PID'))
      }),
      RUNS,
    )
  })

  test('nothing of a stay is lost but what the list says', () => {
    const stay = fc
      .record({
        letter: fc.constantFrom('I', 'E', 'O', 'R', 'V'),
        visit: word,
        place: fc.tuple(word, word, word),
        doctor: word,
        unit: digits,
        hour: fc.integer({ min: 0, max: 23 }),
      })
      .map(({ letter, visit, place, doctor, unit, hour }) => {
        const at = `20261123${String(hour).padStart(2, '0')}4000+0100`
        const xon: Repetition = [doctor, '', '', '', '', hdComponent(AUTHORITY), 'UF', '', '', unit]
        return [
          segment('PV1', {
            2: letter,
            3: [...place, hdComponent(AUTHORITY)],
            7: [
              '10001850758',
              doctor,
              'Paul',
              '',
              '',
              '',
              '',
              '',
              ['ASIP-SANTE-PS', '1.2.250.1.71.4.2.1', 'ISO'],
              'D',
              '',
              '',
              'RPPS',
            ],
            19: [visit, '', '', hdComponent(AUTHORITY), 'VN'],
            44: at,
          }),
          segment('ZBE', { 1: ['M', ...hdParts()], 2: at, 4: 'INSERT', 5: 'N', 7: xon, 8: xon, 9: 'HMS' }),
        ]
      })
    fc.assert(
      fc.property(pid, stay, (one, segments) => {
        const letter = segments[0]?.fields[2]
        const event = letter === 'I' || letter === 'R' ? 'A01' : 'A04'
        const account: Repetition = ['D|1', '', '', hdComponent(AUTHORITY), 'AN']
        const given = bytesOf([
          header(event, 'ADT_A01'),
          { ...one, fields: { ...one.fields, 18: account } },
          ...segments,
        ])
        const returned = back(there(given))
        expect(lineOf(returned, 'PV1')).toBe(lineOf(given, 'PV1'))
        expect(lineOf(returned, 'PID')).toBe(lineOf(given, 'PID'))
        expect(messageFrom(returned).text('MSH-9.2')).toBe(event)
        const zbe = (bytes: Buffer): string => lineOf(bytes, 'ZBE')!.replace(/^ZBE\|[^|]*/, '')
        expect(zbe(returned)).toBe(zbe(given))
      }),
      RUNS,
    )
  })

  test('nothing of a changed identifier is lost but what the list says', () => {
    const name = (value: string, oid: string): Repetition => [
      value,
      '',
      '',
      hdComponent({ namespace: oid, id: oid, idType: 'ISO' }),
      'PI',
    ]
    const change = fc
      .record({ from: word, to: fc.option(word), oid: fc.constantFrom('1.2.3', '1.2.250.1.71.4.2.2.1539990028.1') })
      .filter(({ from, to }) => from !== to)
    fc.assert(
      fc.property(change, pid, ({ from, to, oid }, one) => {
        const deleted: Repetition = [HL7_NULL, ...(name('', oid) as readonly string[]).slice(1)]
        const given = bytesOf([
          header('A47', 'ADT_A30'),
          { ...one, fields: { ...one.fields, 3: to === null ? deleted : name(to, oid) } },
          segment('MRG', { 1: name(from, oid) }),
        ])
        const returned = back(there(given))
        expect(lineOf(returned, 'MRG')).toBe(lineOf(given, 'MRG'))
        expect(messageFrom(returned).raw('PID-3')).toEqual(messageFrom(given).raw('PID-3'))
        expect(messageFrom(returned).text('MSH-9.2')).toBe('A47')
      }),
      RUNS,
    )
  })

  test('what was lost once is not lost further: the second time all is the same', () => {
    const anything = fc.array(
      fc.tuple(fc.integer({ min: 3, max: 35 }), fc.array(fc.array(word, { maxLength: 9 }), { maxLength: 2 })),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(pid, anything, (one, fields) => {
        const wild = fields.map(([n, repeat]) => [n, { repeat }])
        const given = bytesOf([
          header('A31', 'ADT_A05'),
          { ...one, fields: { ...Object.fromEntries(wild), ...pick(one, [3, 7]) } },
        ])
        const made = toFhir(messageFrom(given), CONTEXT)
        if (!made.ok) return
        const once = back(made.made.resource)
        expect(back(there(once)).toString('utf8')).toBe(once.toString('utf8'))
      }),
      RUNS,
    )
  })
})

function pick({ fields }: Segment, numbers: readonly number[]): Segment['fields'] {
  return Object.fromEntries(numbers.map((n) => [n, fields[n]]))
}

test('the same message gives the same ids, and another patient others', () => {
  const patient = (id: string): Segment =>
    segment('PID', { 3: [id, '', '', hdComponent(AUTHORITY), 'PI'], 5: ['X', 'Y', '', '', '', '', 'L'] })
  const urls = (id: string, key: string): unknown => {
    const made = toFhir(messageFrom(bytesOf([header('A31', 'ADT_A05'), patient(id)])), { ...CONTEXT, key })
    return made.ok ? (made.made.resource['entry'] as JsonObject[]).map((entry) => entry['fullUrl']) : made
  }
  expect(urls('1', 'a')).toEqual(urls('1', 'b'))
  expect(urls('1', 'a')).not.toEqual(urls('2', 'a'))
})

test.each(MAPPINGS.map((one) => [one.name, one] as const))('the losses of %s name places', (_name, { losses }) => {
  for (const { from, at, what } of losses) {
    if (from === 'hl7v2') expect(() => (at.includes('-') ? parsePath(at) : at)).not.toThrow()
    else expect(at).toMatch(/^[A-Z][A-Za-z]+(\.[a-z][A-Za-z]*)?$/)
    expect(what).toMatch(/\.$/)
  }
})
