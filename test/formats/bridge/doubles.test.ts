/** Entries that bear one name, in one message or in a later one: none is lost unseen, and a change arrives. */
import { describe, expect, test } from 'vitest'
import { toFhir } from '../../../src/formats/bridge/bridge.ts'
import type { Conversion } from '../../../src/formats/bridge/conversion.ts'
import { type JsonObject, object, objects } from '../../../src/formats/fhir/json.ts'
import { CONTEXT, messageOfText } from './conversions.ts'

const header = (kind: string, profile = ''): string =>
  `MSH|^~\\&|SIL|CH-HAUT-ANJOU^539990028^M|DPI|CHU-ANGERS^490000031^M|20261123113000+0100||${kind}|X1|T|2.5|||||FRA|UNICODE UTF-8|||${profile}`
const PID =
  'PID|||300103^^^CH-HAUT-ANJOU&539990028&M^PI||BESNARD (FICTIF)^ODETTE^ODETTE^^^^L||19480105|F||||||||||||||||||||||||PROV'
const embedded = (text: string): string => Buffer.from(text).toString('base64')
const document = (n: number, code: string, text: string): string =>
  `OBX|${n}|ED|${code}^Document^LN||^TEXT^XML^Base64^${embedded(text)}||||||F`
const converted = (...lines: string[]): Conversion<{ resource: JsonObject }> =>
  toFhir(messageOfText(`${lines.join('\n')}\n`), CONTEXT)

interface Entry {
  readonly fullUrl: string
  readonly url: string
  readonly resource: JsonObject
}

function entriesOf(made: Conversion<{ resource: JsonObject }>, type: string): Entry[] {
  if (!made.ok) throw new Error(`${made.code} ${made.at}`)
  return objects(made.made.resource['entry'])
    .map((one) => ({
      fullUrl: String(one['fullUrl']),
      url: String(object(one['request'])?.['url']),
      resource: object(one['resource'])!,
    }))
    .filter(({ resource }) => resource['resourceType'] === type)
}

const textsOf = (made: Conversion<{ resource: JsonObject }>): string[] =>
  entriesOf(made, 'DocumentReference').map(({ resource }) =>
    Buffer.from(String(object(objects(resource['content'])[0]?.['attachment'])?.['data']), 'base64').toString(),
  )
const identifiersOf = (entries: readonly Entry[]): unknown[] => entries.map(({ resource }) => resource['identifier'])

const ORU_CDA = [header('ORU^R01^ORU_R01', '2.1^CISIS_CDA_HL7_V2'), PID, 'ORC|NW|EX-78|L26-78']
const OBR_CDA = 'OBR|1|EX-78|L26-78|11502-2^CR^LN|||20261123100000+0100'
const MDM = [header('MDM^T02^MDM_T02'), 'EVN||20261123113000', PID, 'PV1||N']
const TXA = 'TXA|1|CR|AP|20261123||||||||1.2.3.4|||||AU'

describe('documents of one message', () => {
  test.each<[name: string, one: string[], two: string[]]>([
    [
      'of one order and one type',
      [...ORU_CDA, OBR_CDA, document(1, '11502-2', 'N1')],
      [...ORU_CDA, OBR_CDA, document(1, '11502-2', 'N1'), document(2, '11502-2', 'N3')],
    ],
    [
      'under one TXA',
      [...MDM, TXA, document(1, '11490-0', 'N1')],
      [...MDM, TXA, document(1, '11490-0', 'N1'), document(2, '18748-4', 'N3')],
    ],
  ])('%s: each has a name, the first the one that it has alone', (_name, one, two) => {
    const [alone] = entriesOf(converted(...one), 'DocumentReference')
    const both = entriesOf(converted(...two), 'DocumentReference')
    expect(textsOf(converted(...two))).toEqual(['N1', 'N3'])
    expect(both[0]?.resource['identifier']).toEqual(alone?.resource['identifier'])
    expect(both[1]?.resource['identifier']).not.toEqual(alone?.resource['identifier'])
    expect(identifiersOf(entriesOf(converted(...two), 'DocumentReference'))).toEqual(identifiersOf(both))
  })

  test('what replaces the second replaces what was the second', () => {
    const at = (event: string, txa: string) =>
      entriesOf(
        converted(
          header(`MDM^${event}^MDM_T02`),
          'EVN||20261123113000',
          PID,
          'PV1||N',
          txa,
          ...[1, 2].map((n) => document(n, '11490-0', `N${n}`)),
        ),
        'DocumentReference',
      )
    const before = at('T02', TXA)
    const after = at('T10', 'TXA|1|CR|AP|20261123||||||||1.2.3.5|1.2.3.4||||AU')
    expect(
      after.map(({ resource }) => [object(objects(resource['relatesTo'])[0]?.['target'])?.['identifier']]),
    ).toEqual(identifiersOf(before))
  })
})

const ORU = [header('ORU^R01^ORU_R01'), PID]
const panel = (n: number, code: string): string => `OBR|${n}|P1|ACC77|${code}|||20261123080000||||||||||||||||||F`
const GLUCOSE = (value: string): string => `OBX|1|NM|2345-7^Glucose^LN||${value}|g/L||N|||F`
const FASTING = [panel(1, 'GLYJ^Glycémie à jeun^L'), GLUCOSE('0.9')]
const LATER = [panel(2, 'GLY2^Glycémie H2^L'), GLUCOSE('3.4')]

describe('reports of one accession number', () => {
  test('each OBR is a report, with its own results, and keeps the number', () => {
    const made = converted(...ORU, ...FASTING, ...LATER)
    const reports = entriesOf(made, 'DiagnosticReport')
    const results = entriesOf(made, 'Observation')
    expect(results.map(({ resource }) => object(resource['valueQuantity'])?.['value'])).toEqual([0.9, 3.4])
    expect(reports.map(({ resource }) => objects(resource['result']).map(({ reference }) => reference))).toEqual(
      results.map(({ fullUrl }) => [fullUrl]),
    )
    expect(reports.map(({ resource }) => objects(resource['identifier']).map(({ value }) => value))).toEqual([
      ['ACC77', 'P1'],
      ['ACC77', 'P1'],
    ])
    expect(reports.map(({ url }) => url.replace(/^.*&/, ''))).toEqual([
      'code=urn%3Apasserelle%3Acoding-system%3AL|GLYJ',
      'code=urn%3Apasserelle%3Acoding-system%3AL|GLY2',
    ])
  })

  test('in one message or in two, each has the same name', () => {
    const together = converted(...ORU, ...FASTING, ...LATER)
    const apart = [FASTING, LATER].map((lines) => converted(...ORU, ...lines))
    for (const type of ['DiagnosticReport', 'Observation']) {
      expect(apart.flatMap((one) => entriesOf(one, type)).map(({ url }) => url)).toEqual(
        entriesOf(together, type).map(({ url }) => url),
      )
    }
  })

  test('two of one number and code cannot be told apart: refused; the very same twice is one', () => {
    expect(converted(...ORU, ...FASTING, ...FASTING.with(1, GLUCOSE('1.1')))).toEqual({
      ok: false,
      code: 'CONVERSION_FAILED',
      at: 'Observation.identifier',
    })
    expect(entriesOf(converted(...ORU, ...FASTING, ...FASTING), 'DiagnosticReport')).toHaveLength(1)
  })
})

const ORM = [header('ORM^O01^ORM_O01'), PID]
const order = (n: number, code: string): string[] => [
  'ORC|NW|D100',
  `OBR|${n}|D100||${code}`,
  `OBX|1|ST|1^Motif^L||${code[0]}||||||F`,
]

describe('orders of one number', () => {
  test('each is an order with its Task and what was observed, under the number and a name of its own', () => {
    const made = converted(...ORM, ...order(1, 'SCAN^Scanner^L'), ...order(2, 'ANGIO^Angioscanner^L'))
    expect(entriesOf(made, 'ServiceRequest')).toHaveLength(2)
    expect(entriesOf(made, 'Task')).toHaveLength(2)
    expect(entriesOf(made, 'Observation').map(({ resource }) => resource['valueString'])).toEqual(['S', 'A'])
    const numbers = entriesOf(made, 'ServiceRequest').map(
      ({ resource }) => objects(resource['identifier'])[1]?.['value'],
    )
    expect(numbers).toEqual(['D100', 'D100'])
  })

  test('an order alone goes by its number, and two that ask for the same in other words are refused', () => {
    const [alone] = entriesOf(converted(...ORM, ...order(1, 'SCAN^Scanner^L')), 'ServiceRequest')
    expect(objects(alone?.resource['identifier']).map(({ value }) => value)).toEqual(['D100'])
    expect(converted(...ORM, ...order(1, 'SCAN^Scanner^L'), ...order(2, 'SCAN^Scanner cérébral^L'))).toEqual({
      ok: false,
      code: 'CONVERSION_FAILED',
      at: 'ServiceRequest.identifier',
    })
  })

  test('of a professional who is told twice the fuller words stand', () => {
    const doctor = (given: string) =>
      `899900000017^MARTIN (FICTIF)^${given}^^^^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^RPPS`
    const made = converted(
      ...ORM,
      ...['D1', 'D2'].flatMap((number, i) => [
        `ORC|NW|${number}||||||||||${doctor(i === 0 ? 'Claire' : '')}`,
        `OBR|1|${number}||SCAN^Scanner^L`,
      ]),
    )
    const people = entriesOf(made, 'Practitioner').map(({ resource }) => objects(resource['name'])[0]?.['given'])
    expect(people).toEqual([['Claire']])
  })
})

test.each<[control: string, method: string]>([
  ['NW', 'POST'],
  ['XO', 'PUT'],
  ['SC', 'PUT'],
])('what was observed is written as its order is: ORC-1 %s', (control, method) => {
  const status = control === 'SC' ? '|||IP' : ''
  const lines = [`ORC|${control}|D100${status}`, 'OBR|1|D100||AVIS^Avis^L', 'OBX|1|NM|72089-6^NIHSS^LN||17||||||F']
  const made = converted(...ORM, ...lines)
  if (!made.ok) throw new Error(made.at)
  const methods = objects(made.made.resource['entry'])
    .filter((one) => ['ServiceRequest', 'Observation'].includes(String(object(one['resource'])?.['resourceType'])))
    .map((one) => object(one['request'])?.['method'])
  expect(methods).toEqual([method, method])
})
