import { expect, test } from 'vitest'
import { cutsOf } from '../../../src/formats/fhir/cut-json.ts'
import { identityIssues } from '../../../src/formats/fhir/identity-issues.ts'
import { expressionOf, identitiesOf, insOfQuery, type JsonPath } from '../../../src/formats/fhir/ins-places.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'
import { INS_TEST, jsonOf, PATIENT, REQUEST, reliability, resourceOf, TRANSACTION } from './examples.ts'

const QUAL = reliability(['identityStatus', 'QUAL'])
const UNKNOWN_PLACE = {
  url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
  valueAddress: {
    extension: [{ url: 'https://hl7.fr/ig/fhir/core/StructureDefinition/inseeCode', valueCoding: { code: '99999' } }],
  },
}
const named = (first: string, all: string) => ({
  ...{ use: 'official', family: 'LEROUX (FICTIF)', given: [first] },
  extension: [
    { url: 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-birth-list-given-name', valueString: all },
  ],
})
const ID = { system: INS_TEST, value: '254035313000022' }
const IPP = { system: 'https://ch-exemple.test/ipp', value: '300101' }
const person = { birthDate: '1954-03-12', gender: 'female' }
const qualified = { ...PATIENT, ...person, extension: [QUAL] }
const logical = { ...REQUEST, subject: { identifier: ID } }
const conditional = { ...REQUEST, subject: { reference: `Patient?identifier=${INS_TEST}%7C254035313000022` } }
const bundle = (...resources: object[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
})

/** Cuts what may not travel out of text, and gives both. */
function stripped(text: string): { left: string; value: unknown; gone: string[] } {
  const resource = jsonOf(text) as JsonObject
  const paths = identitiesOf(resource).ins.filter((one) => one.withheld)
  const bytes = Buffer.from(text)
  let left = bytes
  for (const { start, end } of cutsOf(
    bytes,
    resource,
    paths.map((one) => one.path),
  ).toReversed()) {
    left = Buffer.concat([left.subarray(0, start), left.subarray(end)])
  }
  const gone = paths.map((one) => expressionOf(resource, one.path))
  return { left: left.toString(), value: jsonOf(left), gone }
}

const cases: [name: string, resource: object, gone: string[], left: object][] = [
  [
    'of a patient without a status',
    PATIENT,
    ['Patient.identifier[0]'],
    { ...PATIENT, identifier: [PATIENT.identifier[1]] },
  ],
  ['not of a qualified patient', qualified, [], qualified],
  [
    'of a patient with no other number: the list goes too',
    { resourceType: 'Patient', identifier: [ID], active: true },
    ['Patient.identifier[0]'],
    { resourceType: 'Patient', active: true },
  ],
  ['not where it is all that a reference says, and nobody says that it may not', logical, [], logical],
  ['nor where a condition is all', conditional, [], conditional],
  [
    'where the reference leads to the patient without it',
    { ...REQUEST, subject: { reference: 'Patient/1', identifier: ID } },
    ['ServiceRequest.subject.identifier'],
    { ...REQUEST, subject: { reference: 'Patient/1' } },
  ],
  [
    'where a patient of the Bundle says that it may not: all of the reference goes',
    bundle(PATIENT, conditional),
    ['Bundle.entry[0].resource.identifier[0]', 'Bundle.entry[1].resource.subject.reference'],
    bundle({ ...PATIENT, identifier: [PATIENT.identifier[1]] }, { ...REQUEST, subject: undefined }),
  ],
  [
    'not what else such a reference says',
    bundle(PATIENT, { ...REQUEST, subject: { type: 'Patient', identifier: ID, display: 'X' } }),
    ['Bundle.entry[0].resource.identifier[0]', 'Bundle.entry[1].resource.subject.identifier'],
    bundle(
      { ...PATIENT, identifier: [PATIENT.identifier[1]] },
      { ...REQUEST, subject: { type: 'Patient', display: 'X' } },
    ),
  ],
  [
    'not where a qualified patient of the Bundle bears it',
    bundle(qualified, logical, conditional),
    [],
    bundle(qualified, logical, conditional),
  ],
  [
    'in entries of a Bundle',
    bundle(PATIENT, logical),
    ['Bundle.entry[0].resource.identifier[0]', 'Bundle.entry[1].resource.subject.identifier'],
    bundle({ ...PATIENT, identifier: [PATIENT.identifier[1]] }, { ...REQUEST, subject: undefined }),
  ],
  [
    'of a contained patient',
    { ...REQUEST, contained: [{ ...PATIENT, id: 'p' }], subject: { reference: '#p' } },
    ['ServiceRequest.contained[0].identifier[0]'],
    {
      ...REQUEST,
      contained: [{ ...PATIENT, id: 'p', identifier: [PATIENT.identifier[1]] }],
      subject: { reference: '#p' },
    },
  ],
  [
    'one of two references in a list',
    bundle(PATIENT, { ...REQUEST, supportingInfo: [{ identifier: ID }, { reference: 'Encounter/1' }] }),
    ['Bundle.entry[0].resource.identifier[0]', 'Bundle.entry[1].resource.supportingInfo[0].identifier'],
    bundle(
      { ...PATIENT, identifier: [PATIENT.identifier[1]] },
      { ...REQUEST, supportingInfo: [{ reference: 'Encounter/1' }] },
    ),
  ],
  [
    'of the person beside the patient',
    { resourceType: 'RelatedPerson', patient: { reference: 'Patient/1' }, identifier: [ID, IPP] },
    ['RelatedPerson.identifier[0]'],
    { resourceType: 'RelatedPerson', patient: { reference: 'Patient/1' }, identifier: [IPP] },
  ],
  [
    'a condition of an entry',
    {
      ...TRANSACTION,
      entry: [
        {
          request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${INS_TEST}|1` },
          resource: { resourceType: 'Patient' },
        },
      ],
    },
    ['Bundle.entry[0].request.ifNoneExist'],
    { ...TRANSACTION, entry: [{ request: { method: 'POST', url: 'Patient' }, resource: { resourceType: 'Patient' } }] },
  ],
  [
    'not a billing number',
    { resourceType: 'Patient', identifier: [{ ...ID, type: { coding: [{ code: 'NH' }] } }] },
    [],
    { resourceType: 'Patient', identifier: [{ ...ID, type: { coding: [{ code: 'NH' }] } }] },
  ],
  [
    'not another search of patients',
    { ...REQUEST, subject: { reference: 'Patient?identifier=urn:oid:1.2.3|1' } },
    [],
    { ...REQUEST, subject: { reference: 'Patient?identifier=urn:oid:1.2.3|1' } },
  ],
]

test.each(cases)('withheld: %s', (_, resource, gone, left) => {
  for (const space of [undefined, 2, '\t']) {
    const { value, gone: cut } = stripped(JSON.stringify(resource, null, space))
    expect(cut.toSorted()).toEqual(gone.toSorted())
    expect(value).toEqual(resourceOf(left))
  }
})

test('all other bytes stay as they came', () => {
  const text =
    '{ "resourceType":"Patient" ,"identifier" : [ {"system":"urn:oid:1.2.250.1.213.1.4.10","value":"1"} , {"value":"\\u00e9\\"{["}\n],\n"multipleBirthInteger":1.0e0 }'
  expect(stripped(text).left).toBe(
    '{ "resourceType":"Patient" ,"identifier" : [ {"value":"\\u00e9\\"{["}\n],\n"multipleBirthInteger":1.0e0 }',
  )
  const escaped =
    '{"resourceType":"Patient","id\\u0065ntifier":[{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"1"}],"id":"a"}'
  expect(stripped(escaped).left).toBe('{"resourceType":"Patient","id":"a"}')
})

test('an INS that the store proves may travel', () => {
  const known = { qualified: new Set(['1.2.250.1.213.1.4.10|254035313000022']), denied: new Set<string>() }
  expect(identitiesOf(resourceOf(logical), known).ins.map((one) => one.qualified)).toEqual([true])
  // Not of a patient who says of itself that it is not qualified.
  expect(identitiesOf(resourceOf(PATIENT), known).ins.map((one) => one.qualified)).toEqual([false])
})

test('a cut of everything is nobody’s wish', () => {
  const value = resourceOf({ a: 1 })
  expect(() => cutsOf(Buffer.from('{"a":1}'), value, [['a'] satisfies JsonPath])).toThrow(RangeError)
})

test.each([
  [`identifier=${INS_TEST}|1`, '1'],
  [`active=true&identifier=${INS_TEST}%7C2`, '2'],
  ['identifier=urn:oid:1.2.3|1', undefined],
  ['identifier=%zz', undefined],
  [null, undefined],
])('the INS of the condition %s', (query, id) => {
  expect(insOfQuery(query)?.id).toBe(id)
})

const two = { ...qualified, identifier: [ID, { ...ID, value: '260058815400233' }] }
const real = (value: string) => ({ ...qualified, identifier: [{ system: 'urn:oid:1.2.250.1.213.1.4.8', value }] })
const issues: [name: string, resource: object, issues: string[]][] = [
  ['a qualified patient', qualified, []],
  ['a patient without an INS', { resourceType: 'Patient', identifier: [IPP] }, []],
  ['one that is not qualified', PATIENT, ['contract INS_STRIPPED invariant Patient.identifier[0]']],
  [
    'a wrong key of a test',
    { ...qualified, identifier: [{ ...ID, value: '260058815400244' }] },
    ['form INS_KEY value Patient.identifier[0]'],
  ],
  ['a wrong key of a real person', real('260058815400244'), ['contract INS_KEY value Patient.identifier[0]']],
  ['a reference that nobody proves', logical, ['contract INS_UNPROVED invariant ServiceRequest.subject.identifier']],
  ['two of one authority', two, ['safety INS_AMBIGUOUS business-rule Patient.identifier']],
  [
    'no traits',
    { resourceType: 'Patient', extension: [QUAL], identifier: [ID] },
    [
      'contract INS_TRAITS required Patient.name',
      'contract INS_TRAITS required Patient.birthDate',
      'contract INS_TRAITS required Patient.gender',
    ],
  ],
  [
    'qualified and doubtful',
    { resourceType: 'Patient', extension: [reliability(['identityStatus', 'QUAL'], ['comment', 'DOUT'])] },
    ['contract STATUS_CONTRADICTED invariant Patient.extension'],
  ],
  [
    'provisional and doubtful',
    { resourceType: 'Patient', extension: [reliability(['identityStatus', 'PROV'], ['comment', 'DOUT'])] },
    [],
  ],
  [
    'doubtful and invented',
    {
      resourceType: 'Patient',
      extension: [reliability(['identityStatus', 'PROV'], ['comment', 'DOUT'], ['comment', 'FICT'])],
    },
    ['contract STATUS_CONTRADICTED invariant Patient.extension'],
  ],
  [
    'a document of somebody who is not qualified',
    bundle({ resourceType: 'Patient' }, { resourceType: 'DocumentReference' }),
    ['form INS_IN_DOCUMENT business-rule Bundle'],
  ],
  ['a document of a qualified patient', bundle(qualified, { resourceType: 'DocumentReference' }), []],
  [
    'two statuses of trust',
    { ...qualified, extension: [reliability(['identityStatus', 'QUAL'], ['identityStatus', 'PROV'])] },
    ['form CONTENT_DISAGREES business-rule Patient.extension'],
  ],
  [
    'INSi asked for an invented identity',
    {
      resourceType: 'Patient',
      extension: [reliability(['identityStatus', 'PROV'], ['comment', 'FICT'], ['methodCollection', 'INSI'])],
    },
    ['form VALUE_UNLISTED business-rule Patient.extension'],
  ],
  [
    'a first given name that is not the first of the list',
    { resourceType: 'Patient', name: [named('MARIE', 'SUZANNE MARIE')] },
    ['form CONTENT_DISAGREES business-rule Patient.name'],
  ],
  ['one that is, with a hyphen', { resourceType: 'Patient', name: [named('JEAN-PIERRE', 'JEAN PIERRE LUC')] }, []],
  [
    'an INS against sex and birth date',
    { ...qualified, gender: 'male', birthDate: '1955-03-12' },
    ['form CONTENT_DISAGREES business-rule Patient.gender'],
  ],
  [
    'an INS against the birth date',
    { ...qualified, birthDate: '1955-03-12' },
    ['form CONTENT_DISAGREES business-rule Patient.birthDate'],
  ],
  ['a place of birth that nobody knows', { ...qualified, extension: [QUAL, UNKNOWN_PLACE] }, []],
  [
    'a wrong FINESS',
    { ...REQUEST, performer: [{ identifier: { system: 'http://finess.esante.gouv.fr', value: '490000032' } }] },
    ['form IDENTIFIER_FAULT value ServiceRequest.performer[0].identifier'],
  ],
  [
    'a wrong RPPS',
    bundle({ resourceType: 'Practitioner', identifier: [{ system: 'https://rpps.esante.gouv.fr', value: '1' }] }),
    ['form IDENTIFIER_FAULT value Bundle.entry[0].resource.identifier[0]'],
  ],
]

test.each(issues)('noticed: %s', (_, plain, expected) => {
  const resource = resourceOf(plain)
  const found = identityIssues(resource, identitiesOf(resource))
  expect(found.map((one) => `${one.class} ${one.error} ${one.code} ${one.expression}`)).toEqual(expected)
  expect(JSON.stringify(found)).not.toMatch(/\d{8}/)
})
