import { expect, test } from 'vitest'
import { toHl7 } from '../../../src/formats/bridge/bridge.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'
import { CONTEXT, resourceIn } from './conversions.ts'

const patient = (value: string): JsonObject => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:oid:1.2.3', value }],
  name: [{ family: 'ESSAI (FICTIF)' }],
})
const bundle = (...resources: JsonObject[]): JsonObject => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [patient('111'), patient('222'), ...resources].map((resource, i) => ({ fullUrl: `urn:uuid:${i}`, resource })),
})
const to = (n: number): JsonObject => ({ reference: `urn:uuid:${n}` })
const [MINE, ANOTHER] = [to(0), to(1)]
const observation = (subject: JsonObject | undefined, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '882-1' }] },
  ...(subject === undefined ? {} : { subject }),
  valueString: 'O',
  ...more,
})
const order = (more: JsonObject = {}): JsonObject => ({
  resourceType: 'ServiceRequest',
  status: 'active',
  identifier: [{ system: 'urn:oid:1.2.3', value: 'D1' }],
  code: { text: 'avis' },
  subject: MINE,
  ...more,
})
const study = (subject: JsonObject): JsonObject => ({
  resourceType: 'ImagingStudy',
  status: 'available',
  identifier: [{ system: 'urn:dicom:uid', value: 'urn:oid:1.2.3.4' }],
  subject,
})
const report = (...result: JsonObject[]): JsonObject => ({
  resourceType: 'DiagnosticReport',
  status: 'final',
  code: { text: 'bilan' },
  subject: MINE,
  result,
})

/** An example of tele-radiology with an Observation more. */
function beside(name: string, subject: JsonObject): JsonObject {
  const example = resourceIn(name)
  const entries = [patient('222'), observation(subject)].map((resource, i) => ({
    fullUrl: `urn:uuid:${i + 1}`,
    resource,
  }))
  return { ...example, entry: [...(example['entry'] as JsonObject[]), ...entries] }
}

/** A request that contains its patient and an Observation. */
function contained(subject: JsonObject): JsonObject {
  return bundle(
    order({
      contained: [{ ...patient('333'), id: 'p' }, observation(subject, { id: 'o' })],
      subject: { reference: '#p' },
      supportingInfo: [{ reference: '#o' }],
    }),
  )
}

const REFUSED = 'CONVERSION_FAILED Observation.subject'
test.each<[name: string, resource: JsonObject, outcome: string]>([
  ['beside a lone request', bundle(order(), observation(ANOTHER)), REFUSED],
  ['of a request that names it', bundle(order({ supportingInfo: [to(3)] }), observation(ANOTHER)), REFUSED],
  ['of one request of two', bundle(order(), order(), observation(ANOTHER, { basedOn: [to(2)] })), REFUSED],
  ['of a request of tele-radiology', beside('teleradiology-request.json', ANOTHER), REFUSED],
  ['beside images', beside('teleradiology-4-complement.fhir.json', ANOTHER), REFUSED],
  ['of a report', bundle(report(to(3)), observation(ANOTHER)), REFUSED],
  [
    'of a panel of a report',
    bundle(report(to(3)), observation(MINE, { hasMember: [to(4)] }), observation(ANOTHER)),
    REFUSED,
  ],
  ['that is nowhere', bundle(order(), observation({ reference: 'Patient/elsewhere' })), REFUSED],
  [
    'known by another number',
    bundle(order(), observation({ identifier: { system: 'urn:oid:1.2.3', value: '222' } })),
    REFUSED,
  ],
  ['whose images they are', bundle(order(), study(ANOTHER)), 'CONVERSION_FAILED ImagingStudy.subject'],
  ['contained in the request', contained(ANOTHER), REFUSED],
  ['this patient', bundle(order(), observation(MINE)), 'converted'],
  ['this patient, both contained in the request', contained({ reference: '#p' }), 'converted'],
  [
    'this patient by number',
    bundle(order(), observation({ identifier: { system: 'urn:oid:1.2.3', value: '111' } })),
    'converted',
  ],
  ['this patient who stands there twice', bundle(order(), observation(to(4)), patient('111')), 'converted'],
  ['nobody', bundle(report(to(3)), observation(undefined)), 'converted'],
  ['a mere name', bundle(order(), observation({ display: 'ESSAI (FICTIF)' })), 'converted'],
])('an observation is not told of another patient: %s', (_name, resource, outcome) => {
  const made = toHl7(resource, CONTEXT)
  expect(made.ok ? 'converted' : `${made.code} ${made.at}`).toBe(outcome)
})
