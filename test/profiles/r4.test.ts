import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { r4Files } from '../../profiles/fhir/build/r4.ts'
import { resourceTypes } from '../../src/formats/fhir/resource-types.ts'

const folder = fileURLToPath(new URL('../../profiles/fhir/r4/', import.meta.url))
const committed = new Map(readdirSync(folder).map((name) => [name, readFileSync(`${folder}${name}`, 'utf8')]))

interface Definition {
  readonly url: string
  readonly type: string
  readonly kind: string
  readonly snapshot: { readonly element: readonly Record<string, unknown>[] }
}

function read(name: string): Definition[] {
  return JSON.parse(committed.get(name) ?? '[]') as Definition[]
}

test('the R4 definitions are those that npm run profiles makes', () => {
  const made = r4Files()
  expect([...committed.keys()].sort()).toEqual([...made.keys()].sort())
  const stale = [...made].filter(([name, text]) => committed.get(name) !== text).map(([name]) => name)
  expect(stale).toEqual([])
})

test('they stay small: 3 MiB for all', () => {
  const bytes = [...committed.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  expect(bytes).toBeLessThan(3 * 1024 * 1024)
})

test('every resource type and every data type is defined', () => {
  const resources = read('resources.json').map(({ type }) => type)
  expect(resources).toEqual(expect.arrayContaining([...resourceTypes(), 'Resource', 'DomainResource']))
  const types = new Set(read('types.json').map(({ type }) => type))
  const used = ['types.json', 'resources.json', 'extensions.json']
    .flatMap(read)
    .flatMap(({ snapshot }) => snapshot.element)
    .flatMap(({ type }) => (type as { code: string }[] | undefined) ?? [])
    .map(({ code }) => code)
    .filter((code) => !code.startsWith('http://hl7.org/fhirpath/') && !resources.includes(code))
  expect([...new Set(used)].filter((code) => !types.has(code))).toEqual([])
})

test('a line holds one definition, so that one can be read without the others', () => {
  for (const text of committed.values()) {
    const [first, ...rest] = text.trimEnd().split('\n')
    expect(first).toBe('[')
    expect(rest.pop()).toBe(']')
    const urls = rest.map((line) => (JSON.parse(line.replace(/,$/, '')) as Definition).url)
    expect(urls).toEqual([...urls].sort())
    expect(new Set(urls).size).toBe(urls.length)
  }
})

/** Sets that no list can hold offline: their codes live in a registry, or their definition is of another release. */
const OPEN = [
  'http://hl7.org/fhir/ValueSet/characteristic-combination',
  'http://hl7.org/fhir/ValueSet/subscription-notification-type',
  'http://loinc.org/vs/LL379-9',
]

test('the set of every required binding is listed, save those that no list can hold', () => {
  const listed = new Set(read('valuesets.json').map(({ url }) => url))
  const required = ['types.json', 'resources.json', 'extensions.json']
    .flatMap(read)
    .flatMap(({ snapshot }) => snapshot.element)
    .flatMap(({ binding }) => (binding === undefined ? [] : [binding as { strength: string; valueSet: string }]))
    .filter(({ strength }) => strength === 'required')
    .map(({ valueSet }) => valueSet.replace(/\|.*/, ''))
  expect([...new Set(required)].filter((url) => !listed.has(url)).sort()).toEqual(OPEN)
})
