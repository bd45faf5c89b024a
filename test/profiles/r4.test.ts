import { expect, test } from 'vitest'
import { r4Files } from '../../profiles/fhir/build/r4.ts'
import { resourceTypes } from '../../src/formats/fhir/resource-types.ts'
import { committed, type Definition, differences, type Listed, read } from './committed.ts'

const FILES = ['types.json', 'resources.json', 'extensions.json']
const elements = FILES.flatMap((name) => read('r4', name)).flatMap(({ snapshot }) => snapshot.element)

test('the R4 definitions are those that npm run profiles makes', () => {
  expect(differences(committed('r4'), r4Files())).toEqual([])
})

test('they stay small: 3 MiB for all', () => {
  const bytes = [...committed('r4').values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  expect(bytes).toBeGreaterThan(0)
  expect(bytes).toBeLessThan(3 * 1024 * 1024)
})

test('every resource type and every data type is defined', () => {
  const resources = read('r4', 'resources.json').map(({ type }) => type)
  expect(resources).toEqual(expect.arrayContaining([...resourceTypes(), 'Resource', 'DomainResource']))
  const types = new Set(read('r4', 'types.json').map(({ type }) => type))
  const used = elements
    .flatMap(({ type }) => (type as { code: string }[] | undefined) ?? [])
    .map(({ code }) => code)
    .filter((code) => !code.startsWith('http://hl7.org/fhirpath/') && !resources.includes(code))
  expect([...new Set(used)].filter((code) => !types.has(code))).toEqual([])
})

test.each(['r4', 'compiled'])(
  'a line of %s holds one definition, so that one can be read without the others',
  (folder) => {
    for (const text of committed(folder).values()) {
      const [first, ...rest] = text.trimEnd().split('\n')
      expect(first).toBe('[')
      expect(rest.pop()).toBe(']')
      const urls = rest.map((line) => (JSON.parse(line.replace(/,$/, '')) as Definition).url)
      expect(urls).toEqual([...urls].sort())
      expect(new Set(urls).size).toBe(urls.length)
    }
  },
)

/** Sets that no list can hold offline: their definition is of another release, or lives in a registry. */
const OPEN = [
  'http://hl7.org/fhir/ValueSet/characteristic-combination',
  'http://hl7.org/fhir/ValueSet/subscription-notification-type',
  'http://loinc.org/vs/LL379-9',
]

test('the set of every required binding is listed, save those that no list can hold', () => {
  const listed = new Set(read('r4', 'valuesets.json').map(({ url }) => url))
  const required = elements
    .flatMap(({ binding }) => (binding === undefined ? [] : [binding as { strength: string; valueSet: string }]))
    .filter(({ strength }) => strength === 'required')
    .map(({ valueSet }) => valueSet.replace(/\|.*/, ''))
  expect([...new Set(required)].filter((url) => !listed.has(url)).sort()).toEqual(OPEN)
})

test.each([
  ['administrative-gender', 'http://hl7.org/fhir/administrative-gender', ['male', 'female', 'other', 'unknown']],
  ['bundle-type', 'http://hl7.org/fhir/bundle-type', expect.arrayContaining(['transaction', 'message'])],
  ['mimetypes', 'urn:ietf:bcp:13', undefined],
])('the set %s is listed as it is defined', (name, system, codes) => {
  const set = read<Listed>('r4', 'valuesets.json').find(({ url }) => url === `http://hl7.org/fhir/ValueSet/${name}`)
  const include = set?.compose.include.find((one) => one.system === system)
  expect(include?.concept?.map(({ code }) => code)).toEqual(codes)
})

test('what people read is gone, what the validator reads is there', () => {
  const keys = new Set(elements.flatMap((element) => Object.keys(element)))
  expect(
    [...keys].filter((key) => /^(definition|comment|short|mapping|requirements|example|alias)$/.test(key)),
  ).toEqual([])
  expect([...keys]).toEqual(expect.arrayContaining(['path', 'min', 'max', 'type', 'constraint', 'binding', 'slicing']))
})
