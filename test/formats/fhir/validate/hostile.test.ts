import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { parseStrict } from '../../../../src/formats/fhir/read-json.ts'
import {
  type FhirDefinitions,
  VALIDATION_LIMITS,
  validateInSlices,
  validateResource,
} from '../../../../src/formats/fhir/validate/validate.ts'
import { at, definitions, profile, read } from './define.ts'

const r4 = definitions()
const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const bundle = (resources: object[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
})
const cut = (issues: ReturnType<typeof validateResource>): (string | null)[] =>
  issues.filter(({ code }) => code === 'too-costly').map(({ rule }) => rule)

/** Turns that others had while a resource was validated. */
async function turns(resource: object, known: FhirDefinitions): Promise<number> {
  let had = 0
  let going = true
  const others = (async () => {
    while (going) {
      await turn()
      had++
    }
  })()
  await validateInSlices(read(JSON.stringify(resource)), known)
  going = false
  await others
  return had
}

test('issues are told up to a limit, and then that there are more', () => {
  const wrong = { resourceType: 'Patient', name: many(5_000, () => ({ familly: 'x' })) }
  const issues = validateResource(read(wrong), r4)
  expect(issues).toHaveLength(VALIDATION_LIMITS.maxIssues + 1)
  expect(cut(issues)).toEqual(['issues'])
})

test('work is bounded by steps, whatever is repeated', () => {
  const large = bundle(many(200, () => ({ resourceType: 'Patient', name: many(20, () => ({ family: 'x' })) })))
  expect(cut(validateResource(read(large), r4, { limits: { maxSteps: 1_000 } }))).toEqual(['steps'])
  expect(cut(validateResource(read(large), r4))).toEqual([])
})

test('a resource that claims a thousand profiles is held against twenty', () => {
  const known = definitions(...many(30, (i) => profile(`p${i}`, 'Patient', [{ id: 'Patient.birthDate', min: 1 }])))
  const claiming = { resourceType: 'Patient', meta: { profile: many(1_000, (i) => at(`p${i % 30}`)) } }
  const issues = validateResource(read(claiming), known)
  expect(cut(issues)).toEqual(['profiles'])
  expect(issues.filter(({ code }) => code === 'required').map(({ expression }) => expression)).toEqual([
    'Patient.birthDate',
  ])
})

test('a rule does not look at more values than it may, and says so', () => {
  const rule = { key: 'many', severity: 'error', expression: 'component.select(code.text).isDistinct()' } as const
  const known = definitions(profile('own', 'Observation', [{ id: 'Observation', constraint: [rule] }]))
  const of = (count: number) =>
    read({
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      component: many(count, (i) => ({ code: { text: `${i}` } })),
    })
  expect(cut(validateResource(of(100), known, { asked: [at('own')] }))).toEqual([])
  expect(cut(validateResource(of(20_000), known, { asked: [at('own')] }))).toEqual(['many'])
})

test('rules together look at no more values than they may', () => {
  const rule = { key: 'wide', severity: 'error', expression: '%resource.component.count() > 0' } as const
  const known = definitions(profile('own', 'Observation', [{ id: 'Observation.component', constraint: [rule] }]))
  const resource = read({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    component: many(2_000, () => ({ code: { text: 'x' } })),
  })
  const issues = validateResource(resource, known, { asked: [at('own')], limits: { maxRuleValuesTogether: 50_000 } })
  expect(new Set(cut(issues))).toEqual(new Set(['wide', 'issues']))
})

test('references in a circle, each to a profile of the other, come to an end', () => {
  const known = definitions(
    profile('a', 'Patient', [{ id: 'Patient.link.other', type: [{ code: 'Reference', targetProfile: [at('b')] }] }]),
    profile('b', 'Patient', [{ id: 'Patient.link.other', type: [{ code: 'Reference', targetProfile: [at('a')] }] }]),
  )
  const urn = (i: number) => `urn:uuid:00000000-0000-4000-8000-00000000000${i}`
  const entry = (i: number, to: number) => ({
    fullUrl: urn(i),
    resource: { resourceType: 'Patient', link: [{ type: 'seealso', other: { reference: urn(to) } }] },
  })
  const circle = { resourceType: 'Bundle', type: 'collection', entry: [entry(1, 2), entry(2, 1)] }
  const profiles = new Map([['Patient', [at('a'), at('b')]]])
  expect(validateResource(read(circle), known, { profiles })).toEqual([])
})

test('a text of a megabyte that no expression should be tried on is looked at once', () => {
  const long = 'a'.repeat(1_000_000)
  const issues = validateResource(
    read({
      resourceType: 'Patient',
      text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${'<'.repeat(300_000)}` },
      photo: [{ contentType: long, data: `${'A'.repeat(1_000_000)}=` }],
      managingOrganization: { reference: `${'a/'.repeat(300_000)}Organization/1` },
    }),
    r4,
  )
  expect(issues.map(({ code, expression }) => `${code} ${expression}`)).toEqual([
    'invariant Patient.text.div',
    'invariant Patient.text.div',
    'code-invalid Patient.photo[0].contentType',
    'value Patient.photo[0].data',
  ])
})

test('what is as deep as the reader lets through is walked', () => {
  let inside: object = { url: 'b', valueCode: 'a' }
  for (let i = 0; i < 40; i++) inside = { url: 'b', extension: [inside] }
  const deep = { resourceType: 'Patient', extension: [{ ...inside, url: 'http://x.test/a' }] }
  expect(parseStrict(Buffer.from(JSON.stringify(deep))).ok).toBe(true)
  expect(validateResource(read(deep), r4)).toEqual([])
})

test.each([
  ['many entries', bundle(many(2_000, () => ({ resourceType: 'Patient', name: [{ family: 'x', given: ['y'] }] })))],
  ['one resource with a long list', { resourceType: 'Patient', name: many(20_000, () => ({ family: 'x' })) }],
  ['a long list of texts', { resourceType: 'Patient', name: [{ given: many(60_000, () => 'x') }] }],
])('others have their turn while %s are validated', async (_name, resource) => {
  expect(await turns(resource, r4)).toBeGreaterThanOrEqual(8)
})

test('in slices and at once the same is found', async () => {
  const resource = read(
    bundle(
      many(300, (i) => ({ resourceType: 'Patient', gender: i % 10 === 0 ? 'x' : 'male', link: [{ type: 'seealso' }] })),
    ),
  )
  const limits = { maxIssues: 1_000 }
  const expressions = (issues: ReturnType<typeof validateResource>) =>
    issues.map(({ expression }) => expression).toSorted()
  expect(expressions(await validateInSlices(resource, r4, { limits }))).toEqual(
    expressions(validateResource(resource, r4, { limits })),
  )
})

test('no text of a resource stands in an issue', () => {
  const canary = 'CANARI ZOE'
  const resource = read({
    resourceType: 'Patient',
    id: canary,
    gender: canary,
    birthDate: canary,
    [canary]: canary,
    name: [{ [canary]: canary, use: canary }],
    identifier: [{ system: canary, assigner: { reference: `Patient/${canary}` } }],
    extension: [{ url: canary, valueString: canary }],
    modifierExtension: [{ url: `urn:${canary}`, valueString: canary }],
    managingOrganization: { reference: `#${canary}` },
    contained: [{ resourceType: canary }],
  })
  const issues = validateResource(resource, r4)
  expect(issues.length).toBeGreaterThan(8)
  expect(JSON.stringify(issues)).not.toMatch(/CANARI|ZOE/)
})
