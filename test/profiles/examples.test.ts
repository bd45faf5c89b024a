import { expect, test } from 'vitest'
import { CANONICAL } from '../../profiles/fhir/build/fsh.ts'
import { parseStrict } from '../../src/formats/fhir/read-json.ts'
import { committed, read } from './committed.ts'

const examples = [...committed('examples')]

interface Resource {
  readonly resourceType: string
  readonly meta: { readonly profile: readonly string[]; readonly security: readonly { readonly code: string }[] }
  readonly entry?: readonly { readonly fullUrl: string; readonly resource: { readonly resourceType: string } }[]
}
const parsed = (text: string) => JSON.parse(text) as Resource

/** Every value under a name, anywhere. */
function under(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => [...(key === name ? [one] : []), ...under(one, name)])
}

test('each profile has an example', () => {
  const claimed = new Set(examples.flatMap(([, text]) => parsed(text).meta.profile))
  const profiles = read('compiled', 'profiles.json').map(({ url }) => url)
  expect(profiles.filter((url) => !claimed.has(url))).toEqual([])
})

test.each(examples)('%s is FHIR JSON that the door reads, marked as a test', (_name, text) => {
  expect(parseStrict(Buffer.from(text)).ok).toBe(true)
  const { meta } = parsed(text)
  expect(meta.profile[0]).toContain(`${CANONICAL}/StructureDefinition/`)
  expect(meta.security.map(({ code }) => code)).toEqual(['HTEST'])
})

test.each(examples)('%s is about invented people', (_name, text) => {
  const families = under(parsed(text), 'family')
  expect(families.filter((family) => !/ \(FICTIF\)$/.test(String(family)))).toEqual([])
  for (const [ins] of text.matchAll(/"[12]\d{14}"/g)) {
    // Order number 000 is never given, so that no living person has the number.
    expect(ins).toMatch(/^"[12]\d{9}000\d{2}"$/)
    expect(Number(ins.slice(14, 16))).toBe(97 - (Number(ins.slice(1, 14)) % 97))
  }
  expect(text).not.toMatch(/1\.2\.250\.1\.213\.1\.4\.[89]"/)
})

test.each(examples)('%s names only entries that it has', (_name, text) => {
  const resource = parsed(text)
  const urls = new Set(resource.entry?.map(({ fullUrl }) => fullUrl))
  const references = under(resource, 'reference').filter((one) => String(one).startsWith('urn:uuid:'))
  expect(references.filter((one) => !urls.has(String(one)))).toEqual([])
})

test('the stroke request is eight resources', () => {
  const { entry } = parsed(committed('examples').get('stroke-transaction.json') ?? '{}')
  expect(entry?.map(({ resource }) => resource.resourceType)).toEqual([
    'Patient',
    'Encounter',
    'ServiceRequest',
    'Observation',
    'ImagingStudy',
    'Endpoint',
    'Organization',
    'PractitionerRole',
  ])
})
