/** Clinical content that has no place of its own in FHIR: carried some other way, or told as lost. */
import { describe, expect, test } from 'vitest'
import { toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import { resourcesOf } from '../../../src/formats/fhir/bundle.ts'
import { type JsonObject, object, objects } from '../../../src/formats/fhir/json.ts'
import { messageFrom } from '../messages.ts'
import { CONTEXT, jsonOf, linesOf, messageIn, messageOfText } from './conversions.ts'

const MSH = (kind: string) =>
  `MSH|^~\\&|SIL|CH-HAUT-ANJOU^539990028^M|DPI|CHU-ANGERS^490000031^M|20261123113000+0100||${kind}|X1|T|2.5|||||FRA|UNICODE UTF-8`
const PID =
  'PID|||300103^^^CH-HAUT-ANJOU&539990028&M^PI||BESNARD (FICTIF)^ODETTE^ODETTE^^^^L||19480105|F||||||||||||||||||||||||PROV'
const PDF = Buffer.from('%PDF-1.4 x').toString('base64')

function converted(kind: string, ...lines: string[]) {
  const made = toFhir(messageOfText(`${[MSH(kind), PID, ...lines].join('\n')}\n`), CONTEXT)
  if (!made.ok) throw new Error(`${made.code} ${made.at}`)
  const ofType = (type: string): JsonObject[] =>
    resourcesOf(made.made.resource).filter(({ resourceType }) => resourceType === type)
  return { ofType, bytes: made.made.bytes, lost: made.findings.map(({ code, at }) => `${code} ${at}`) }
}

const result = (type: string, value: string) =>
  converted(
    'ORU^R01^ORU_R01',
    'OBR|1|P1|ACC77|CR^Compte rendu^L|||||||||||||||||||||F',
    `OBX|1|${type}|X^Titre^L||${value}||||||F`,
  )
const order = (...lines: string[]) => converted('ORM^O01^ORM_O01', ...lines)
const dataOf = (attachment: unknown) => object(attachment as JsonObject)?.['data']

describe('a document in a result', () => {
  test.each<[name: string, value: string, forms: unknown[], lost: string[]]>([
    ['base64', `^application^pdf^Base64^${PDF}`, [PDF], []],
    ['base64 without padding', `^application^pdf^Base64^${PDF.replace(/=+$/, '')}`, [PDF], []],
    ['base64 cut short', '^application^pdf^Base64^JVBER', [], ['CONVERSION_LOSS OBX(1)-5']],
    ['text as it is', '^text^plain^A^Conclusion', [], ['CONVERSION_LOSS OBX(1)-5']],
    ['no encoding', `^application^pdf^^${PDF}`, [], ['CONVERSION_LOSS OBX(1)-5']],
    ['nothing', '', [], []],
  ])('%s', (_name, value, forms, lost) => {
    const made = result('ED', value)
    const [report] = made.ofType('DiagnosticReport')
    expect(objects(report?.['presentedForm']).map(dataOf)).toEqual(forms)
    expect(made.lost).toEqual(lost)
  })
})

test('a document in an order supports it, and is no answer to it', () => {
  const made = order(
    'ORC|CA|D100',
    'OBR|1|D100||AVIS^Avis^L',
    `OBX|1|ED|ECG^ECG^L||^application^pdf^Base64^${PDF}||||||F`,
  )
  const [document] = made.ofType('DocumentReference')
  const [request] = made.ofType('ServiceRequest')
  expect(made.lost).toEqual([])
  expect(objects(document?.['content']).map(({ attachment }) => dataOf(attachment))).toEqual([PDF])
  expect(objects(request?.['supportingInfo']).map(({ type }) => type)).toEqual(['DocumentReference'])
  expect(made.ofType('Observation')).toEqual([])
  const back = toHl7(jsonOf(made.bytes), CONTEXT)
  expect(back.ok && linesOf(back.made.bytes).match(/ORC\|\w+/)?.[0]).toBe('ORC|CA')
})

test('a document of an order that cannot be read is told', () => {
  const made = order(
    'ORC|NW|D100',
    'OBR|1|D100||AVIS^Avis^L',
    'OBX|1|ED|ECG^ECG^L||^text^plain^A^Rythme sinusal||||||F',
  )
  expect(made.lost).toEqual(['CONVERSION_LOSS OBX(1)-5'])
})

test('a document among the observations of tele-radiology is told', () => {
  const given = messageIn('teleradiology-1-request.hl7').bytes.toString('utf8')
  const line = `OBX|99|ED|ECG^ECG^L||^application^pdf^Base64^${PDF}||||||F\r`
  const made = toFhir(messageFrom(Buffer.from(given + line)), CONTEXT)
  const n = given.split('\rOBX|').length
  expect(made.ok && made.findings.map(({ code, at }) => `${code} ${at}`)).toEqual([`CONVERSION_LOSS OBX(${n})-5`])
})

describe('values', () => {
  test.each<[name: string, type: string, value: string, words: string]>([
    ['a pointer', 'RP', 'https://pacs.test/x^DPI^TEXT^PDF', 'https://pacs.test/x DPI TEXT PDF'],
    ['several titers', 'SN', '>^100~<^5', '> 100\n< 5'],
    ['several numbers', 'NM', '1~2', '1\n2'],
    ['several days', 'DT', '20261101~20261102', '20261101\n20261102'],
    ['several moments', 'TS', '202611011200~202611021200', '202611011200\n202611021200'],
    ['several times', 'TM', '0800~1200', '0800\n1200'],
  ])('%s are one text', (_name, type, value, words) => {
    expect(result(type, value).ofType('Observation')[0]?.['valueString']).toBe(words)
  })

  test.each<[name: string, type: string, value: string, unit: string, words: string]>([
    ['a bound', 'ST', '<5', 'mg/L', '<5 mg/L'],
    ['a number with a comma', 'NM', '3,5', 'mmol/L^^UCUM', '3,5 mmol/L'],
    ['several numbers', 'NM', '1~2', 'g', '1 g\n2 g'],
    ['a number and a sign', 'SN', '^1^+', 'g/L', '1 + g/L'],
    ['the name of the unit', 'ST', '<5', 'mg^milligramme', '<5 milligramme'],
    ['a unit that the text says', 'ST', '140 mmol/l', 'mmol/L', '140 mmol/l'],
    ['no unit', 'ST', 'positif', '', 'positif'],
  ])('that are text have their unit behind: %s', (_name, type, value, unit, words) => {
    const made = converted(
      'ORU^R01^ORU_R01',
      'OBR|1|P1|ACC77|CR^Compte rendu^L|||||||||||||||||||||F',
      `OBX|1|${type}|X^Titre^L||${value}|${unit}|||||F`,
    )
    expect(made.ofType('Observation')[0]?.['valueString']).toBe(words)
  })

  test('several formatted codes are values of one code', () => {
    const [one] = result('CF', 'A^un^L~B^deux^L').ofType('Observation')
    const values = objects(one?.['component']).map(({ valueCodeableConcept }) => valueCodeableConcept)
    expect(values).toMatchObject([{ coding: [{ code: 'A' }] }, { coding: [{ code: 'B' }] }])
  })
})

describe('an appointment', () => {
  const moved = (status: string, comment = '') =>
    converted(
      'SIU^S14^SIU_S12',
      `SCH|R1|F1|||||G^Groupe^L|||60|^^^20261201100000||||||||||||||${status}`,
      `NTE|1||${comment}`,
      'RGS|1',
      'AIS|1||G^Groupe^L',
    ).ofType('Appointment')[0]

  test.each([
    ['CANCELLED', 'cancelled'],
    ['Cancelled', 'cancelled'],
    ['DC', 'cancelled'],
    ['NOSHOW', 'noshow'],
    ['DELETED', 'entered-in-error'],
    ['BOOKED', 'booked'],
    ['', 'booked'],
  ])('of SCH-25 %j is %s', (code, status) => {
    expect(moved(code)?.['status']).toBe(status)
  })

  test('a comment is whole, whatever was left unescaped', () => {
    expect(moved('', 'Apporter bilan & ordonnance^venir à jeun~à 8 h')?.['comment']).toBe(
      'Apporter bilan & ordonnance^venir à jeun\nà 8 h',
    )
  })
})
