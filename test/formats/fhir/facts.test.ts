import { expect, test } from 'vitest'
import {
  isTest,
  kindsOf,
  mixesTestAndReal,
  patientIdentifiersOf,
  profilesOf,
  valuesAt,
} from '../../../src/formats/fhir/facts.ts'
import { INS_TEST, PATIENT, REQUEST, reliability, resourceOf, STATUS, TRANSACTION } from './examples.ts'

const HTEST = { meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] } }
const bundle = (type: string, ...resources: object[]): object => ({
  resourceType: 'Bundle',
  type,
  entry: resources.map((resource) => ({ resource })),
})

test.each<[resource: object, kinds: string[]]>([
  [REQUEST, ['ServiceRequest']],
  [TRANSACTION, ['Bundle:transaction', 'Patient', 'ServiceRequest']],
  [
    bundle('message', { resourceType: 'MessageHeader' }, REQUEST, REQUEST),
    ['Bundle:message', 'MessageHeader', 'ServiceRequest'],
  ],
  [bundle('batch', REQUEST), ['Bundle:batch']],
  [bundle('document', REQUEST), ['Bundle:document']],
  [{ resourceType: 'Bundle' }, ['Bundle:']],
])('kinds: %j', (resource, kinds) => {
  expect(kindsOf(resourceOf(resource))).toEqual(kinds)
})

test('profiles without their versions, of the entries too', () => {
  expect(profilesOf(resourceOf(REQUEST))).toEqual(['https://example.test/StructureDefinition/stroke'])
  expect(profilesOf(resourceOf({ ...TRANSACTION, meta: { profile: ['https://example.test/b'] } }))).toEqual([
    'https://example.test/b',
    'https://example.test/StructureDefinition/stroke',
  ])
  expect(profilesOf(resourceOf(PATIENT))).toEqual([])
})

const organization = {
  resourceType: 'Organization',
  id: 'unv',
  identifier: [{ system: 'https://finess.esante.gouv.fr', value: '490000999' }],
}
test.each<[path: string, resource: object, values: string[]]>([
  ['ServiceRequest.reasonCode', REQUEST, ['I63.9', '230690007']],
  ['ServiceRequest.reasonCode.coding', REQUEST, ['I63.9', '230690007']],
  ['ServiceRequest.reasonCode.coding.system', REQUEST, ['http://hl7.org/fhir/sid/icd-10']],
  ['ServiceRequest.reasonCode.text', REQUEST, ['Déficit brutal']],
  ['ServiceRequest.category', REQUEST, ['409063005']],
  ['ServiceRequest.status', REQUEST, ['active']],
  ['ServiceRequest.identifier', REQUEST, ['AVC-1']],
  ['ServiceRequest.performer', REQUEST, ['490000031', 'Organization/unv']],
  ['ServiceRequest.subject.reference', REQUEST, ['Patient/300101']],
  [
    'ServiceRequest.subject',
    { ...REQUEST, subject: { reference: '#p' }, contained: [{ ...PATIENT, id: 'p' }] },
    ['#p', '254035313000022', '300101'],
  ],
  [
    'ServiceRequest.performer',
    bundle('transaction', REQUEST, organization),
    ['490000031', 'Organization/unv', '490000999'],
  ],
  [
    'ServiceRequest.subject',
    TRANSACTION,
    ['urn:uuid:0b7a2f3c-0000-4000-8000-000000000002', '254035313000022', '300101'],
  ],
  ['Patient.identifier', TRANSACTION, ['254035313000022', '300101']],
  ['Patient.identifier', REQUEST, []],
  ['ServiceRequest.nothing', REQUEST, []],
  ['ServiceRequest.__proto__', REQUEST, []],
  ['ServiceRequest', REQUEST, []],
  ['OBR-31', REQUEST, []],
  ['', REQUEST, []],
  ['Observation.valueQuantity', { resourceType: 'Observation', valueQuantity: { value: 12, code: 'mg' } }, ['12']],
  ['Observation.valueBoolean', { resourceType: 'Observation', valueBoolean: false }, ['false']],
  ['Task.focus', { resourceType: 'Task', focus: { reference: 'urn:uuid:1' } }, ['urn:uuid:1']],
])('values at %s of %j', (path, resource, values) => {
  expect(valuesAt(resourceOf(resource), path)).toEqual(values)
})

const ins = (oid: string, more: object = {}): object => ({
  resourceType: 'Patient',
  identifier: [{ system: `urn:oid:1.2.250.1.213.1.4.${oid}`, value: '1', ...more }],
})
const logical = (system: string): object => ({ ...REQUEST, subject: { identifier: { system, value: '1' } } })

test.each<[name: string, resource: object, test: boolean, mixes: boolean]>([
  ['no sign of it', REQUEST, false, false],
  ['HTEST', { ...REQUEST, ...HTEST }, true, false],
  ['HTEST of another system', { ...REQUEST, meta: { security: [{ system: 'x', code: 'HTEST' }] } }, false, false],
  ['HTEST on a Bundle', { ...bundle('batch', REQUEST), ...HTEST }, true, false],
  ['HTEST on an entry', bundle('transaction', REQUEST, { ...PATIENT, ...HTEST }), true, false],
  ['the INS of test', ins('10'), true, false],
  ['the INS of demonstration', ins('11'), true, false],
  ['a true INS', ins('8'), false, false],
  ['a temporary INS', ins('9'), false, false],
  ['an old INS-C of test', ins('6'), false, false],
  ['an INS of test in a reference', logical(INS_TEST), true, false],
  ['a transaction with one', TRANSACTION, true, false],
  ['HTEST over a true INS', { ...ins('8'), ...HTEST }, true, true],
  ['a test that travels with a true one', bundle('transaction', ins('8'), ins('10')), true, true],
  ['a billing number over HTEST', { ...ins('8', { type: { coding: [{ code: 'NH' }] } }), ...HTEST }, true, false],
])('test or real: %s', (_name, resource, isOne, mixes) => {
  expect(isTest(resourceOf(resource))).toBe(isOne)
  expect(mixesTestAndReal(resourceOf(resource))).toBe(mixes)
})

/** `authority|id`, with what is known of an INS. */
function identifiers(resource: object): string[] {
  return patientIdentifiersOf(resourceOf(resource))
    .map((one) => `${one.authority}|${one.id}${one.ins ? ' INS' : ''}${one.qualified ? ' qualified' : ''}`)
    .sort()
}

test.each<[name: string, resource: object, expected: string[]]>([
  [
    'its own, the OID as HL7 v2 writes it',
    PATIENT,
    ['1.2.250.1.213.1.4.10|254035313000022 INS', 'https://ch-exemple.test/ipp|300101'],
  ],
  ['its id', { ...PATIENT, id: 'x', identifier: undefined }, ['Patient|x']],
  ['a relative reference', REQUEST, ['Patient|300101']],
  ['one with a version', { ...REQUEST, subject: { reference: 'Patient/1/_history/2' } }, ['Patient|1']],
  [
    'an absolute one, as it is',
    { ...REQUEST, subject: { reference: 'https://ch.test/fhir/Patient/1' } },
    ['Patient|https://ch.test/fhir/Patient/1'],
  ],
  ['a logical one', logical(INS_TEST), ['1.2.250.1.213.1.4.10|1 INS']],
  ['a logical one of a hospital', logical('urn:oid:1.2.3'), ['1.2.3|1']],
  [
    'one that says its type',
    { resourceType: 'Basic', author: { type: 'Patient', identifier: { value: '1' } } },
    ['|1'],
  ],
  [
    'not of a practitioner',
    { ...REQUEST, subject: { type: 'Practitioner', identifier: { system: 'urn:oid:1.2.3', value: '1' } } },
    [],
  ],
  ['not of a group', { ...REQUEST, subject: { reference: 'Group/1', identifier: { value: '1' } } }, []],
  [
    'not of a requester',
    { ...REQUEST, subject: undefined, requester: { identifier: { system: 'urn:oid:1.2.3', value: '1' } } },
    [],
  ],
  [
    'an INS wherever it stands',
    { ...REQUEST, subject: undefined, supportingInfo: [{ identifier: { system: INS_TEST, value: '1' } }] },
    ['1.2.250.1.213.1.4.10|1 INS'],
  ],
  [
    'a conditional one',
    { ...REQUEST, subject: { reference: `Patient?identifier=${INS_TEST}%7C9` } },
    ['1.2.250.1.213.1.4.10|9 INS'],
  ],
  ['one that cannot be decoded', { ...REQUEST, subject: { reference: 'Patient?identifier=%zz' } }, []],
  [
    'a merge',
    { ...PATIENT, identifier: undefined, link: [{ type: 'replaces', other: { reference: 'Patient/old' } }] },
    ['Patient|old'],
  ],
  [
    'a contained one',
    { ...REQUEST, subject: { reference: '#p' }, contained: [{ ...PATIENT, id: 'p' }] },
    ['1.2.250.1.213.1.4.10|254035313000022 INS', 'Patient|p', 'https://ch-exemple.test/ipp|300101'],
  ],
  ['a transaction', TRANSACTION, ['1.2.250.1.213.1.4.10|254035313000022 INS', 'https://ch-exemple.test/ipp|300101']],
  ['a billing number', ins('8', { type: { coding: [{ code: 'NH' }] } }), ['1.2.250.1.213.1.4.8|1']],
  ['nothing of a patient', { resourceType: 'Organization', identifier: [{ value: '1' }] }, []],
  ['no value', { resourceType: 'Patient', identifier: [{ system: 'urn:oid:1.2' }] }, []],
])('identifiers of patients: %s', (_name, resource, expected) => {
  expect(identifiers(resource)).toEqual(expected)
})

const NEW_STATUS = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status'
test.each<[name: string, extensions: object[], qualified: boolean]>([
  ['no extension', [], false],
  ['VALI of the published files', [reliability(['identityStatus', 'VALI', STATUS])], true],
  ['VALI of the newer files', [reliability(['identityStatus', 'VALI', NEW_STATUS])], false],
  [
    'VALI beside a part of the newer files',
    [reliability(['identityStatus', 'VALI', STATUS], ['methodCollection', 'INSI'])],
    false,
  ],
  ['VALI without a system', [reliability(['identityStatus', 'VALI'])], false],
  ['QUAL', [reliability(['identityStatus', 'QUAL', NEW_STATUS])], true],
  ['QUAL beside how it was collected', [reliability(['identityStatus', 'QUAL'], ['methodCollection', 'INSI'])], true],
  ['PROV', [reliability(['identityStatus', 'PROV', STATUS])], false],
  ['VALI and DOUT', [reliability(['identityStatus', 'VALI', STATUS], ['comment', 'DOUT'])], false],
  ['QUAL and FICT', [reliability(['identityStatus', 'QUAL'], ['comment', 'FICT'])], false],
  [
    'VALI in one, DOUT in another',
    [reliability(['identityStatus', 'VALI', STATUS]), reliability(['identityStatus', 'DOUT', STATUS])],
    false,
  ],
  ['VALI and a note', [reliability(['identityStatus', 'VALI', STATUS], ['comment', 'HOMA'])], true],
  ['QUAL in a comment', [reliability(['comment', 'QUAL'])], false],
  [
    'another extension',
    [{ url: 'https://example.test/x', extension: [{ url: 'identityStatus', valueCoding: { code: 'QUAL' } }] }],
    false,
  ],
])('an INS is qualified: %s', (_name, extension, qualified) => {
  const patient = { ...PATIENT, ...(extension.length === 0 ? {} : { extension }) }
  const found = patientIdentifiersOf(resourceOf(patient))
  expect(found.map((one) => one.qualified)).toEqual([qualified, false])
  // The word of the patient counts, and not that of a reference to the same number.
  const both = bundle('transaction', logicalOf(patient), patient)
  expect(patientIdentifiersOf(resourceOf(both)).filter((one) => one.ins && one.qualified).length).toBe(
    qualified ? 1 : 0,
  )
})

function logicalOf({ identifier }: { identifier: object[] }): object {
  return { ...REQUEST, subject: { identifier: identifier[0] } }
}

test('a Bundle whose entries share one fullUrl is asked in time as it is long', () => {
  const entry = Array.from({ length: 4000 }, (_, i) => ({
    fullUrl: 'urn:uuid:1',
    resource: { resourceType: 'Task', id: `t${i}`, focus: { reference: `Task/t${i}` } },
  }))
  const many = resourceOf({ resourceType: 'Bundle', type: 'collection', entry })
  const began = performance.now()
  for (let rule = 0; rule < 20; rule++) expect(valuesAt(many, 'Task.focus').length).toBe(4000)
  expect(performance.now() - began).toBeLessThan(5000)
})
