import { expect, test } from 'vitest'
import { toHl7 } from '../../../src/formats/bridge/bridge.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'
import { CONTEXT, linesOf } from './conversions.ts'

const to = (n: number): JsonObject => ({ reference: `urn:uuid:${n}` })
const loinc = (code: string): JsonObject => ({ coding: [{ system: 'http://loinc.org', code }] })
const patient: JsonObject = { resourceType: 'Patient', identifier: [{ system: 'urn:oid:1.2.3', value: '1' }] }
const bundle = (...resources: JsonObject[]): JsonObject => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [patient, ...resources].map((resource, i) => ({ fullUrl: `urn:uuid:${i}`, resource })),
})
const observation = (code: string, more: JsonObject): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: loinc(code),
  subject: to(0),
  ...more,
})
const report = (...result: JsonObject[]): JsonObject => ({
  resourceType: 'DiagnosticReport',
  status: 'final',
  code: { text: 'bilan' },
  subject: to(0),
  result,
})
const value = (of: number, unit: string): JsonObject => ({ valueQuantity: { value: of, unit } })
const pressure = (more: JsonObject): JsonObject =>
  observation('85354-9', { component: [{ code: loinc('8480-6'), ...value(230, 'mm[Hg]') }], ...more })
const flag = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'HH' }] }
const ratio = (numerator: JsonObject, denominator: JsonObject): JsonObject => ({
  valueRatio: { numerator, denominator },
})

/** OBR-4, and OBX-2 to OBX-8 with the NTE-3 below, of what was made. */
function told(resource: JsonObject): string[] {
  const made = toHl7(resource, CONTEXT)
  if (!made.ok) return [`${made.code} ${made.at}`]
  expect(made.findings.filter(({ at }) => at !== 'DiagnosticReport.contained')).toEqual([])
  return linesOf(made.made.bytes)
    .split('\n')
    .map((line) => line.split('|'))
    .flatMap(([name, ...fields]) => {
      if (name === 'OBR') return [`OBR ${fields[3]}`]
      if (name === 'NTE') return [`NTE ${fields[2]}`]
      return name === 'OBX' ? [fields.slice(1, 8).join('|').replace(/\|+$/, '')] : []
    })
}

test.each<[name: string, resource: JsonObject, lines: string[]]>([
  [
    'a result that no report lists',
    bundle(report(to(2)), observation('718-7', value(6.1, 'g/dL')), observation('2823-3', value(6.9, 'mmol/L'))),
    ['OBR ^bilan', 'NM|718-7^^LN||6.1|g/dL', 'OBR 2823-3^^LN', 'NM|2823-3^^LN||6.9|mmol/L'],
  ],
  [
    'a result that is a member only',
    bundle(report(to(2)), observation('24323-8', { hasMember: [to(3)] }), observation('2823-3', { valueInteger: 7 })),
    ['OBR ^bilan', '|24323-8^^LN', 'NM|2823-3^^LN||7'],
  ],
  [
    'results that the report contains',
    bundle({
      ...report({ reference: '#panel' }),
      contained: [
        { ...observation('24323-8', { hasMember: [{ reference: '#potassium' }] }), id: 'panel' },
        { ...observation('2823-3', { valueInteger: 7 }), id: 'potassium' },
      ],
    }),
    ['OBR ^bilan', '|24323-8^^LN', 'NM|2823-3^^LN||7'],
  ],
  [
    'a result that is elsewhere',
    bundle(report({ reference: 'Observation/elsewhere' })),
    ['CONVERSION_FAILED DiagnosticReport.result'],
  ],
  [
    'a member that is elsewhere',
    bundle(report(to(2)), observation('24323-8', { hasMember: [{ reference: 'Observation/elsewhere' }] })),
    ['CONVERSION_FAILED Observation.hasMember'],
  ],
  ['a panel', bundle(pressure({})), ['OBR 85354-9^^LN', 'NM|8480-6^^LN||230|mm[Hg]']],
  [
    'the note of a panel',
    bundle(pressure({ note: [{ text: 'patient agité' }] })),
    ['OBR 85354-9^^LN', '|85354-9^^LN', 'NTE patient agité', 'NM|8480-6^^LN||230|mm[Hg]'],
  ],
  [
    'the flag of a panel',
    bundle(pressure({ interpretation: [flag] })),
    ['OBR 85354-9^^LN', '|85354-9^^LN|||||HH', 'NM|8480-6^^LN||230|mm[Hg]'],
  ],
  [
    'why there is no value, in words',
    bundle(observation('2823-3', { dataAbsentReason: { text: 'hémolysé, à reprélever' } })),
    ['OBR 2823-3^^LN', 'ST|2823-3^^LN||hémolysé, à reprélever'],
  ],
  [
    'why a panel has no value',
    bundle(pressure({ dataAbsentReason: { text: 'brassard trop petit' } })),
    ['OBR 85354-9^^LN', 'ST|85354-9^^LN||brassard trop petit', 'NM|8480-6^^LN||230|mm[Hg]'],
  ],
  [
    'a titre',
    bundle(observation('5334-0', ratio({ value: 1 }, { value: 128 }))),
    ['OBR 5334-0^^LN', 'SN|5334-0^^LN||^1^:^128'],
  ],
  [
    'a titre that is less than another',
    bundle(observation('5334-0', ratio({ value: 1, comparator: '<' }, { value: 128 }))),
    ['OBR 5334-0^^LN', 'ST|5334-0^^LN||<1:128'],
  ],
  [
    'a titre beyond another',
    bundle(observation('5334-0', ratio({ value: 1 }, { value: 128, comparator: '>=' }))),
    ['OBR 5334-0^^LN', 'ST|5334-0^^LN||1:>=128'],
  ],
  [
    'a ratio of two units',
    bundle(observation('9318-7', ratio({ value: 5, unit: 'mg' }, { value: 100, unit: 'mL' }))),
    ['OBR 9318-7^^LN', 'ST|9318-7^^LN||5 mg:100 mL'],
  ],
  [
    'a value without a code',
    bundle(observation('5334-0', { valueCodeableConcept: { coding: [{ display: 'Positif' }] } })),
    ['OBR 5334-0^^LN', 'CE|5334-0^^LN||^Positif'],
  ],
  [
    'values of codes that are only named',
    bundle({
      ...observation('x', { component: [{ code: { coding: [{ display: 'B' }] }, valueInteger: 2 }], valueInteger: 1 }),
      code: { coding: [{ display: 'A' }] },
    }),
    ['OBR ^A', 'NM|^A||1', 'NM|^B||2'],
  ],
])('nothing of a result is dropped unseen: %s', (_name, resource, lines) => {
  expect(told(resource)).toEqual(lines)
})
