import fhirR4 from 'fhirpath/fhir-context/r4'
import { expect, test } from 'vitest'
import { JsonNumber } from '../../../src/formats/fhir/json.ts'
import { isId, isResourceType, readResource, readResourceAsync } from '../../../src/formats/fhir/resource.ts'
import { resourceTypes } from '../../../src/formats/fhir/resource-types.ts'
import { PATIENT, REQUEST, TRANSACTION } from './examples.ts'

const bytes = (plain: unknown): Buffer => Buffer.from(JSON.stringify(plain))
/** `code expression` of each problem, in alphabetical order. */
const problems = (plain: unknown): string[] =>
  readResource(Buffer.isBuffer(plain) ? plain : bytes(plain))
    .problems.map(({ code, expression }) => `${code} ${expression}`)
    .sort()

test('the types are those of R4, as the FHIRPath model has them', () => {
  const parents = fhirR4.type2Parent as unknown as Readonly<Record<string, string>>
  const concrete = Object.keys(parents).filter((type) => /^(Domain)?Resource$/.test(parents[type]!))
  expect([...resourceTypes()].sort()).toEqual(concrete.filter((type) => type !== 'DomainResource').sort())
  expect(['Patient', 'Resource', 'DomainResource', 'constructor', ''].map(isResourceType)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ])
})

test.each<[id: string, good: boolean]>([
  ['a', true],
  ['0190a5c8-7d2e-7b3a-8f10-1c2d3e4f5a6b', true],
  ['a.B-9', true],
  ['x'.repeat(64), true],
  ['x'.repeat(65), false],
  ['', false],
  ['a_b', false],
  ['a/b', false],
  ['é', false],
  ['a\n', false],
])('id %j: %s', (id, good) => {
  expect(isId(id)).toBe(good)
})

test.each([
  ['a patient', PATIENT],
  ['a request', REQUEST],
  ['a transaction', TRANSACTION],
  ['a resource with nothing', { resourceType: 'Basic' }],
  ['extensions of primitives', { resourceType: 'Patient', birthDate: '1950', _birthDate: { id: 'x' } }],
  ['nulls beside them', { resourceType: 'Patient', name: [{ given: [null, 'B'], _given: [{ id: 'x' }, null] }] }],
  ['contained resources', { ...REQUEST, contained: [{ resourceType: 'Patient', id: 'p' }] }],
  ['parameters', { resourceType: 'Parameters', parameter: [{ name: 'r', resource: PATIENT }] }],
  ['elements called resource', { resourceType: 'CapabilityStatement', rest: [{ resource: [{ type: 'Patient' }] }] }],
  ['an outcome that is none', { resourceType: 'AdverseEvent', outcome: { text: 'x' } }],
  [
    'a meta',
    {
      resourceType: 'Basic',
      meta: { versionId: '1', lastUpdated: '2026-11-23T10:00:00.123+01:00', tag: [{}, { code: 'a' }].slice(1) },
    },
  ],
  ['line ends in a text', { resourceType: 'Basic', code: { text: 'a\r\n\tb' } }],
])('a resource: %s', (_name, plain) => {
  const read = readResource(bytes(plain))
  expect(read).toMatchObject({ ok: true, type: plain.resourceType, problems: [] })
})

test.each<[plain: unknown, problems: string[]]>([
  [[], ['structure ']],
  ['x', ['structure ']],
  [null, ['structure ']],
  [{}, ['required %resource.resourceType', 'structure ']],
  [{ resourceType: 1 }, ['structure %resource.resourceType']],
  [{ resourceType: 'Patients' }, ['not-supported %resource.resourceType']],
  [{ resourceType: 'DomainResource' }, ['not-supported %resource.resourceType']],
  [{ resourceType: 'Patient', id: 'a b' }, ['value Patient.id']],
  [{ resourceType: 'Patient', id: 1 }, ['value Patient.id']],
  [{ resourceType: 'Patient', gender: '' }, ['value Patient.gender']],
  [{ resourceType: 'Patient', gender: ' \n' }, ['value Patient.gender']],
  [{ resourceType: 'Patient', gender: 'a\u0001' }, ['value Patient.gender']],
  [{ resourceType: 'Patient', identifier: [{ system: '' }] }, ['value Patient.identifier[0].system']],
  [{ resourceType: 'Patient', name: [] }, ['structure Patient.name']],
  [{ resourceType: 'Patient', name: [{}] }, ['structure Patient.name[0]']],
  [{ resourceType: 'Patient', name: [[{ family: 'x' }]] }, ['structure Patient.name[0]']],
  [{ resourceType: 'Patient', gender: null }, ['structure Patient.gender']],
  [{ resourceType: 'Patient', name: [{ given: [null, 'B'] }] }, ['structure Patient.name[0].given[0]']],
  [{ resourceType: 'Patient', name: [{ given: ['A'], _given: [null] }] }, []],
  [{ resourceType: 'Patient', name: [null] }, ['structure Patient.name[0]']],
  [{ resourceType: 'Patient', meta: [] }, ['structure Patient.meta', 'structure Patient.meta']],
  [{ resourceType: 'Patient', meta: { profile: 'x' } }, ['structure Patient.meta.profile']],
  [{ resourceType: 'Patient', meta: { profile: ['a b'] } }, ['value Patient.meta.profile']],
  [{ resourceType: 'Patient', meta: { security: [1] } }, ['structure Patient.meta.security']],
  [{ resourceType: 'Patient', meta: { lastUpdated: '2026' } }, ['value Patient.meta.lastUpdated']],
  [{ resourceType: 'Patient', extension: { url: 'x' } }, ['structure Patient.extension']],
  [{ resourceType: 'Patient', contained: { resourceType: 'Basic' } }, ['structure Patient.contained']],
  [{ resourceType: 'Patient', contained: [{ id: 'a' }] }, ['required Patient.contained[0].resourceType']],
  [
    { resourceType: 'Patient', contained: [{ resourceType: 'Basic', contained: [{ resourceType: 'Basic' }] }] },
    ['structure Patient.contained[0].contained[0]'],
  ],
  [
    { resourceType: 'Patient', managingOrganization: { resourceType: 'Organization' } },
    ['structure Patient.managingOrganization'],
  ],
  [Buffer.from('{"resourceType":"Patient","__proto__":{"a":1}}'), ['structure Patient']],
  [{ resourceType: 'Patient', 'na-me': 'x' }, ['structure Patient']],
  [Buffer.from('{"resourceType":"Patient","name":[{"family":"A","family":"B"}]}'), ['invalid Patient.name[0].family']],
  [Buffer.from('['.repeat(101)), ['too-long ']],
  [Buffer.from('<Patient/>'), ['invalid ']],
])('no resource: %j', (plain, expected) => {
  expect(problems(plain)).toEqual(expected)
})

const entry = { resource: REQUEST, request: { method: 'POST', url: 'ServiceRequest' } }
test.each<[bundle: object, problems: string[]]>([
  [{}, ['required Bundle.type']],
  [{ type: 'Collection' }, ['value Bundle.type']],
  [{ type: 'collection', entry: {} }, ['structure Bundle.entry', 'structure Bundle.entry']],
  [{ type: 'collection', entry: [{ resource: { id: 'a' } }] }, ['required Bundle.entry[0].resource.resourceType']],
  [
    { type: 'collection', entry: [{ resource: { resourceType: 'Nothing' } }] },
    ['not-supported Bundle.entry[0].resource.resourceType'],
  ],
  [{ type: 'collection', entry: [{ resource: { ...PATIENT, id: '_' } }] }, ['value Bundle.entry[0].resource.id']],
  [{ type: 'transaction', entry: [{ resource: REQUEST }] }, ['required Bundle.entry[0].request']],
  [
    { type: 'batch', entry: [{ ...entry, request: { url: 'ServiceRequest' } }] },
    ['required Bundle.entry[0].request.method'],
  ],
  [
    { type: 'batch', entry: [{ ...entry, request: { method: 'post', url: 'a' } }] },
    ['value Bundle.entry[0].request.method'],
  ],
  [{ type: 'batch', entry: [{ ...entry, request: { method: 'PUT' } }] }, ['required Bundle.entry[0].request.url']],
  [
    { type: 'batch', entry: [{ request: entry.request }] },
    ['required Bundle.entry[0].resource', 'value Bundle.entry[0].request.url'],
  ],
  [
    { type: 'batch', entry: [{ ...entry, request: { method: 'POST', url: 'Patient' } }] },
    ['value Bundle.entry[0].request.url'],
  ],
  [
    { type: 'batch', entry: [{ ...entry, request: { method: 'POST', url: 'ServiceRequest/1' } }] },
    ['value Bundle.entry[0].request.url'],
  ],
  [{ type: 'batch', entry: [{ ...entry, request: { method: 'POST', url: '$process-message' } }] }, []],
  [{ type: 'batch', entry: [{ request: { method: 'GET', url: 'Patient?_id=1' } }] }, []],
  [
    {
      type: 'transaction',
      entry: [
        { ...entry, fullUrl: 'urn:uuid:1' },
        { ...entry, fullUrl: 'urn:uuid:1' },
      ],
    },
    ['value Bundle.entry[1].fullUrl'],
  ],
  [{ type: 'message', entry: [{ resource: REQUEST }] }, ['required Bundle.entry[0].resource']],
  [{ type: 'message', entry: [{ resource: { resourceType: 'MessageHeader' } }, { resource: REQUEST }] }, []],
  [{ type: 'document' }, ['required Bundle.entry[0].resource']],
])('Bundle %j', (bundle, expected) => {
  expect(problems({ resourceType: 'Bundle', ...bundle })).toEqual(expected)
})

test('problems hold no value, and are not without end', () => {
  const given = Array.from({ length: 500 }, () => '')
  const read = readResource(bytes({ resourceType: 'Patient', name: [{ family: 'MARTIN (FICTIF)\u0000', given }] }))
  expect(read.problems.length).toBe(50)
  expect(JSON.stringify(read.problems)).not.toContain('MARTIN')
})

test('numbers keep their text', () => {
  const read = readResource(Buffer.from('{"resourceType":"Observation","valueQuantity":{"value":1.00}}'))
  const quantity = read.resource?.['valueQuantity'] as { value: JsonNumber }
  expect(quantity.value).toEqual(new JsonNumber('1.00'))
})

test('a value is judged like its bytes', () => {
  for (const plain of [PATIENT, TRANSACTION, { resourceType: 'Patient', name: [] }]) {
    expect(readResource(readResource(bytes(plain)).resource)).toEqual(readResource(bytes(plain)))
  }
})

test('a large Bundle is read in slices, with the same result as at once', async () => {
  const many = Array.from({ length: 8000 }, (_, i) => ({
    resource: { resourceType: 'Basic', id: `r${i}`, code: { text: i % 4000 === 3999 ? '' : 'Note '.repeat(100) } },
  }))
  const large = bytes({ resourceType: 'Bundle', type: 'collection', entry: many })
  let turns = 0
  const turn = (): void => {
    turns++
    pending = setImmediate(turn)
  }
  let pending = setImmediate(turn)
  const read = await readResourceAsync(large)
  clearImmediate(pending)
  expect(turns).toBeGreaterThan(large.length / 300_000)
  expect(read).toEqual(readResource(large))
  expect(read.problems.map(({ expression }) => expression).sort()).toEqual([
    'Bundle.entry[3999].resource.code.text',
    'Bundle.entry[7999].resource.code.text',
  ])
})
