import { expect, test } from 'vitest'
import { toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import { reliabilityOf } from '../../../src/formats/fhir/identity-reliability.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'
import { fhirpathPatch } from '../../../src/formats/fhir/patch.ts'
import { messageFrom } from '../messages.ts'
import { CONTEXT, linesOf, messageIn, messageOfText, pathOf, resourceIn } from './conversions.ts'

test.each(['patient', 'appointment', 'stay'])('%s.json', async (name) => {
  const made = toHl7(resourceIn(`${name}.json`), CONTEXT)
  if (!made.ok) throw new Error(`${made.code} ${made.at}`)
  await expect(linesOf(made.made.bytes)).toMatchFileSnapshot(pathOf(`${name}.hl7`))
})

const patient: JsonObject = {
  resourceType: 'Patient',
  identifier: [{ system: 'urn:oid:1.2.3', value: '1' }],
  name: [{ family: 'ESSAI (FICTIF)' }],
}
/** A patient after a patch. */
async function patchedBy(parameters: JsonObject, before: JsonObject): Promise<JsonObject> {
  const done = await fhirpathPatch(before, parameters)
  if (!done.ok) throw new Error(JSON.stringify(done))
  return done.resource
}

const bundle = (...resources: JsonObject[]): JsonObject => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: resources.map((resource, i) => ({ fullUrl: `urn:uuid:${i}`, resource })),
})
const stay = (more: JsonObject = {}): JsonObject => ({
  resourceType: 'Encounter',
  identifier: [{ system: 'urn:oid:1.2.3.4', value: 'S1' }],
  status: 'in-progress',
  class: { code: 'IMP' },
  subject: { reference: 'urn:uuid:0' },
  period: { start: '2026-11-23T09:40:00+01:00' },
  ...more,
})

test.each<[name: string, resource: JsonObject, outcome: string]>([
  ['what there is no mapping for', { resourceType: 'Basic' }, 'CONVERSION_NONE '],
  ['a batch', { ...bundle(patient), type: 'batch' }, 'CONVERSION_NONE '],
  ['a patient without identifier', { ...patient, identifier: [] }, 'CONVERSION_FAILED Patient.identifier'],
  ['two patients', bundle(patient, { ...patient, id: 'b' }), 'CONVERSION_FAILED Patient'],
  [
    'a request not to do something',
    bundle(patient, {
      resourceType: 'ServiceRequest',
      identifier: [{ system: 'urn:oid:1.2.3', value: 'D1' }],
      status: 'active',
      intent: 'order',
      doNotPerform: true,
      code: { text: 'Scanner injecté' },
      subject: { reference: 'urn:uuid:0' },
    }),
    'CONVERSION_FAILED ServiceRequest.doNotPerform',
  ],
  [
    'what an extension may turn around',
    bundle(patient, stay({ modifierExtension: [{ url: 'https://dpi.test/not', valueBoolean: true }] })),
    'CONVERSION_FAILED Encounter.modifierExtension',
  ],
  ['a stay whose patient is not there', bundle(stay()), 'CONVERSION_FAILED Encounter.subject'],
  ['a stay that is cancelled', bundle(patient, stay({ status: 'cancelled' })), 'CONVERSION_FAILED Encounter.status'],
  ['a stay of no known class', bundle(patient, stay({ class: { code: 'X' } })), 'CONVERSION_FAILED Encounter.class'],
  ['a stay without a beginning', bundle(patient, stay({ period: {} })), 'CONVERSION_FAILED Encounter.period.start'],
  [
    'a stay that ended at no time',
    bundle(patient, stay({ status: 'finished' })),
    'CONVERSION_FAILED Encounter.period.end',
  ],
  [
    'an outcome of nothing',
    { resourceType: 'OperationOutcome', issue: [] },
    'CONVERSION_FAILED MessageHeader.response.identifier',
  ],
])('%s is told', (_name, resource, outcome) => {
  const made = toHl7(resource, CONTEXT)
  expect(made.ok ? 'converted' : `${made.code} ${made.at}`).toBe(outcome)
})

test.each<[name: string, lines: string, outcome: string]>([
  ['a kind without mapping', 'BAR^P01|C1|T|2.5\n', 'CONVERSION_NONE MSH-9'],
  ['no identifier', 'ADT^A31|C1|T|2.5\nPID|||\n', 'CONVERSION_FAILED PID-3'],
  ['no visit number', 'ADT^A01|C1|T|2.5\nPID|||1^^^A&1.2&ISO^PI\nPV1||I\n', 'CONVERSION_FAILED PV1-19'],
  ['no class', 'ADT^A01|C1|T|2.5\nPID|||1^^^A&1.2&ISO^PI\nPV1|||||||||||||||||||V\n', 'CONVERSION_FAILED PV1-2'],
  ['no identity to merge', 'ADT^A40|C1|T|2.5\nPID|||1^^^A&1.2&ISO^PI\n', 'CONVERSION_FAILED MRG-1'],
  ['no identifier to change', 'ADT^A47|C1|T|2.5\nPID|||1^^^A&1.2&ISO^PI\nMRG|""\n', 'CONVERSION_FAILED MRG-1'],
  ['no time of an appointment', 'SIU^S12|C1|T|2.5\nSCH|1\nPID|||1^^^A&1.2&ISO^PI\n', 'CONVERSION_FAILED SCH-11'],
  [
    'no number of an appointment',
    'SIU^S12|C1|T|2.5\nSCH|||||||||||^^^202601010800\nPID|||1^^^A&1.2&ISO^PI\n',
    'CONVERSION_FAILED SCH-1',
  ],
  ['an answer to nothing', 'ACK|C1|T|2.5\nMSA|AA\n', 'CONVERSION_FAILED MSA-2'],
])('%s is told of HL7 v2', (_name, lines, outcome) => {
  const made = toFhir(messageOfText(`MSH|^~\\&|A|B|||1||${lines}`), CONTEXT)
  expect(made.ok ? 'converted' : `${made.code} ${made.at}`).toBe(outcome)
})

test('an INS of a patient who is not qualified does not leave', () => {
  const ins = { system: 'urn:oid:1.2.250.1.213.1.4.10', value: '254035313000022' }
  const made = toHl7({ ...patient, identifier: [ins, ...(patient['identifier'] as JsonObject[])] }, CONTEXT)
  if (!made.ok) throw new Error(made.at)
  expect(messageFrom(made.made.bytes).values('PID-3')).toEqual(['1'])
  expect(made.findings).toEqual([{ code: 'INS_STRIPPED', class: 'contract', at: 'Patient.identifier' }])
})

test('a change of identifier done twice changes nothing more, and touches nothing else', async () => {
  const other = { use: 'secondary', system: 'urn:oid:9.9', value: 'other' }
  const old = { use: 'usual', system: 'urn:oid:1.2.250.1.71.4.2.2.1539990028', value: "O'300&99" }
  const before = { ...patient, identifier: [other, old] }
  const made = toFhir(messageIn('adt-a47-changed.hl7'), CONTEXT)
  if (!made.ok) throw new Error(made.at)
  const [entry] = made.made.resource['entry'] as JsonObject[]
  const once = await patchedBy(entry!['resource'] as JsonObject, before)
  const twice = await patchedBy(entry!['resource'] as JsonObject, once)
  const said = (one: JsonObject): string[] =>
    (one['identifier'] as JsonObject[]).map(({ use, value }) => `${use} ${value}`)
  expect(said(once)).toEqual(['secondary other', 'usual 300101', "old O'300&99"])
  expect(twice).toEqual(once)
})

test('a deleted INS goes, and the status with it', async () => {
  const before = resourceIn('patient.json')
  const made = toFhir(messageIn('adt-a47-ins-deleted.hl7'), CONTEXT)
  if (!made.ok) throw new Error(made.at)
  const [entry] = made.made.resource['entry'] as JsonObject[]
  const after = await patchedBy(entry!['resource'] as JsonObject, before)
  expect((after['identifier'] as JsonObject[]).map(({ value }) => value)).toEqual(['A|12', 'A|11'])
  expect(reliabilityOf(after).status).toBe('PROV')
})

test("the region's tables go before the mapping's own", () => {
  const tables = new Map([['bridge-patient-class', new Map([['IMP', 'R']])]])
  const made = toHl7(bundle(patient, stay()), { ...CONTEXT, tables })
  expect(made.ok && messageFrom(made.made.bytes).text('PV1-2')).toBe('R')
})

test('what is not read is told, and characters by policy', () => {
  const rich = {
    ...patient,
    photo: [{ title: 'x' }],
    extension: [{ url: 'https://x.test/e' }],
    name: [{ family: 'ESSAI 🙂 (FICTIF)' }],
  }
  const writing = { charset: '8859/15', unmappable: 'replace' } as const
  const made = toHl7(rich, { ...CONTEXT, writing })
  expect(made.ok && made.findings.map(({ code, at, params }) => [code, at ?? params])).toEqual([
    ['CONVERSION_LOSS', 'Patient.photo'],
    ['CONVERSION_LOSS', 'Patient.extension'],
    ['CHARSET_REPLACED', { count: 1 }],
  ])
  expect(toHl7(rich, { ...CONTEXT, writing: { charset: '8859/15' } })).toEqual({
    ok: false,
    code: 'CHARSET_UNMAPPABLE',
    at: 'PID-5',
  })
})

test('tele-radiology leaves out what was observed in error, and tells it', () => {
  const example = resourceIn('teleradiology-request.json')
  const entries = example['entry'] as JsonObject[]
  const subject = { reference: entries[0]!['fullUrl']! }
  const creatinine = (value: number, status: string): JsonObject => ({
    resource: {
      resourceType: 'Observation',
      status,
      subject,
      code: { coding: [{ system: 'http://loinc.org', code: '14682-9', display: 'Créatinine' }] },
      valueQuantity: { value, unit: 'umol/L', system: 'http://unitsofmeasure.org', code: 'umol/L' },
    },
  })
  const entry = [...entries, creatinine(70, 'final'), creatinine(700, 'entered-in-error'), creatinine(7, 'cancelled')]
  const made = toHl7({ ...example, entry }, CONTEXT)
  if (!made.ok) throw new Error(`${made.code} ${made.at}`)
  const values = linesOf(made.made.bytes)
    .split('\n')
    .filter((line) => line.includes('14682-9'))
    .map((line) => line.split('|')[5])
  expect([values, made.findings.map(({ at }) => at)]).toEqual([['70'], expect.arrayContaining(['Observation.status'])])
})
