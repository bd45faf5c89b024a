import { afterEach, beforeEach, expect, test } from 'vitest'
import { at, definitions, profile } from '../formats/fhir/validate/define.ts'
import { type FhirDoor, openFhirDoor } from '../support/peers/fhir-door.ts'
import { LAVAL_KEY } from '../support/peers/web-door.ts'

const known = definitions(
  profile('born', 'Patient', [{ id: 'Patient.birthDate', min: 1 }]),
  profile('named', 'Patient', [{ id: 'Patient.name', min: 1 }]),
)
let door: FhirDoor
beforeEach(async () => {
  door = await openFhirDoor({
    validation: { definitions: async () => known, profiles: () => new Map([['Location', [at('place')]]]) },
  })
})
afterEach(() => door.entrance.close(0))

async function validate(resource: object, query = '', type = 'Patient') {
  const answer = await fetch(`${door.base}/${type}/$validate${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${LAVAL_KEY}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify(resource),
  })
  const { issue } = (await answer.json()) as {
    issue: { severity: string; code: string; expression?: string[]; diagnostics?: string }[]
  }
  const told = issue.map(({ severity, code, expression }) => [severity, code, expression?.[0] ?? ''].join(' ').trim())
  return { status: answer.status, told, issue }
}
const parameters = (resource: object, ...more: object[]) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'resource', resource }, ...more],
})
const plain = {
  resourceType: 'Patient',
  text: { status: 'empty', div: '<div xmlns="http://www.w3.org/1999/xhtml">-</div>' },
}

const CASES: readonly (readonly [string, object, string, number, readonly string[]])[] = [
  ['what conforms', plain, '', 200, ['information informational']],
  ['best practice, as a warning', { resourceType: 'Patient' }, '', 200, ['warning invariant Patient']],
  ['R4 itself', { ...plain, gender: 'M' }, '', 200, ['error code-invalid Patient.gender']],
  [
    'a profile that is claimed',
    { ...plain, meta: { profile: [at('born')] } },
    '',
    200,
    ['error required Patient.birthDate'],
  ],
  [
    'the profile of the query',
    plain,
    `?profile=${encodeURIComponent(at('born'))}`,
    200,
    ['error required Patient.birthDate'],
  ],
  [
    'the profile of Parameters',
    parameters(plain, { name: 'profile', valueUri: at('named') }),
    '',
    200,
    ['error required Patient.name'],
  ],
  ['a profile that is not loaded', plain, '?profile=https%3A%2F%2Fexample.test%2Fnone', 200, ['error not-found']],
  [
    'mode profile',
    parameters(plain, { name: 'mode', valueCode: 'profile' }, { name: 'profile', valueCanonical: at('born') }),
    '',
    200,
    ['error required Patient.birthDate'],
  ],
  ['mode profile without one', plain, '?mode=profile', 400, ['error invalid']],
  ['mode create', plain, '?mode=create', 200, ['information informational']],
  ['mode update without an id', plain, '?mode=update', 200, ['error required Patient.id']],
  ['mode update', { ...plain, id: 'a' }, '?mode=update', 200, ['information informational']],
  ['mode delete, which there is none of', plain, '?mode=delete', 400, ['error invalid']],
  ['a form that R4 does not know', { resourceType: 'Patient', name: [] }, '', 200, ['error structure Patient.name']],
]

test.each(CASES)('$validate: %s', async (_name, resource, query, status, expected) => {
  const said = await validate(resource, query)
  expect([said.status, said.told]).toEqual([status, expected])
})

test('$validate keeps nothing, and says which rule of which profile', async () => {
  const said = await validate({ ...plain, contact: [{ relationship: [{ text: 'x' }] }] })
  expect(said.issue[0]?.diagnostics).toBe('pat-1 · http://hl7.org/fhir/StructureDefinition/Patient')
  expect(door.arrivals).toEqual([])
})

test('the profiles that the region asks of a type apply', async () => {
  const said = await validate({ resourceType: 'Location', text: plain.text }, '', 'Location')
  expect(said.told).toEqual(['warning not-found Location'])
})

test('the CapabilityStatement names the profiles that are loaded, and no others', async () => {
  const answer = await fetch(`${door.base}/metadata`)
  const { rest } = (await answer.json()) as { rest: { resource: { type: string; supportedProfile?: string[] }[] }[] }
  const named = rest[0]!.resource.filter(({ supportedProfile }) => supportedProfile !== undefined)
  expect(named.map(({ type, supportedProfile }) => [type, supportedProfile])).toEqual([
    ['Patient', [at('born'), at('named')]],
  ])
})
