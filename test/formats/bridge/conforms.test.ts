import { readdirSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { readyDefinitions } from '../../../src/app/fhir-definitions.ts'
import { toFhir } from '../../../src/formats/bridge/bridge.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'
import { type FhirDefinitions, type FhirIssue, validateResource } from '../../../src/formats/fhir/validate/validate.ts'
import { CONTEXT, jsonOf, messageIn, pathOf } from './conversions.ts'

let definitions: FhirDefinitions
beforeAll(async () => {
  const shipped = new URL('../../../profiles', import.meta.url).pathname
  definitions = await readyDefinitions([shipped])
})

/** What is made of an example, as the gateway sends it. */
function madeOf(name: string): JsonObject {
  const made = toFhir(messageIn(`${name}.hl7`), CONTEXT)
  if (!made.ok) throw new Error(made.at)
  return jsonOf(made.made.bytes)
}

/** What is wrong with it, as the validator finds. */
function issuesOf(name: string): readonly FhirIssue[] {
  const issues = validateResource(madeOf(name), definitions)
  // The French types of identifiers are not in the international set, which R4 asks of an assigner's.
  return issues.filter(({ rule }) => rule !== 'http://hl7.org/fhir/ValueSet/identifier-type')
}

/** Warnings that stay: codes of national documents, which the international sets that R4 prefers do not have. */
const NATIONAL: Readonly<Record<string, readonly string[]>> = {
  // MAJEUR is a code of the guide alone.
  'teleradiology-1-request': ['http://hl7.org/fhir/ValueSet/observation-interpretation'],
  // The labels are those of the national health record.
  'document-initial': ['http://hl7.org/fhir/ValueSet/security-labels'],
  'document-replace': ['http://hl7.org/fhir/ValueSet/security-labels'],
  'document-delete': ['http://hl7.org/fhir/ValueSet/security-labels'],
  'document-in-oru': ['http://hl7.org/fhir/ValueSet/security-labels'],
}
const EXAMPLES = readdirSync(pathOf(''))
  .filter((name) => name.endsWith('.fhir.json'))
  .map((name) => name.slice(0, -'.fhir.json'.length))

describe('what is made of HL7 v2 meets R4 and the profiles that it claims', () => {
  test.each(EXAMPLES)('%s: no error, and no warning but those of national codes', (name) => {
    const issues = issuesOf(name)
    expect(issues.filter(({ severity }) => severity !== 'warning')).toEqual([])
    expect(issues.map(({ rule }) => rule)).toEqual(NATIONAL[name] ?? [])
  })

  test('every name of a warning is an example', () => {
    expect(Object.keys(NATIONAL).filter((name) => !EXAMPLES.includes(name))).toEqual([])
  })

  test.each<[name: string, type: string, broken: (one: JsonObject) => void, rules: string[]]>([
    ['siu-s26', 'Appointment', (one) => void delete one['end'], ['app-2', 'app-3']],
    [
      'results-nihss',
      'Observation',
      (one) => Object.assign(one, { component: [{ code: one['code'], valueInteger: 1 }] }),
      ['obs-7'],
    ],
    [
      'adt-a47-ins-deleted',
      'Parameters',
      (one) => Object.assign(one, { parameter: [{ name: 'value', valueExtension: { url: 'a:b' } }] }),
      ['inv-1'],
    ],
  ])('%s, were it to break what R4 says of %s, would be found to', (name, type, broken, rules) => {
    const bundle = madeOf(name)
    const entries = bundle['entry'] as { resource: JsonObject }[]
    for (const { resource } of entries) if (resource['resourceType'] === type) broken(resource)
    const found = new Set(validateResource(bundle, definitions).map(({ rule }) => rule))
    expect(rules.filter((rule) => found.has(rule))).toEqual(rules)
  })
})
