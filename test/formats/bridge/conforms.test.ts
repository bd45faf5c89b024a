import { beforeAll, describe, expect, test } from 'vitest'
import { readyDefinitions } from '../../../src/app/fhir-definitions.ts'
import { toFhir } from '../../../src/formats/bridge/bridge.ts'
import { type FhirDefinitions, type FhirIssue, validateResource } from '../../../src/formats/fhir/validate/validate.ts'
import { CONTEXT, jsonOf, messageIn } from './conversions.ts'

let definitions: FhirDefinitions
beforeAll(async () => {
  const shipped = new URL('../../../profiles', import.meta.url).pathname
  definitions = await readyDefinitions([shipped])
})

/** What is wrong with what is made of an example, as the validator finds. */
function issuesOf(name: string): readonly FhirIssue[] {
  const made = toFhir(messageIn(`${name}.hl7`), CONTEXT)
  if (!made.ok) throw new Error(made.at)
  const issues = validateResource(jsonOf(made.made.bytes), definitions)
  // The French types of identifiers are not in the international set, which R4 asks of an assigner's.
  return issues.filter(({ rule }) => rule !== 'http://hl7.org/fhir/ValueSet/identifier-type')
}

describe('what is made of HL7 v2 meets the profiles that it claims', () => {
  test.each([
    'adt-a01',
    'adt-a03',
    'adt-a04',
    'adt-a05',
    'adt-a28',
    'adt-a31',
    'adt-a40',
    'adt-a47-changed',
    'adt-a47-ins-deleted',
    'siu-s12',
    'siu-s14',
    'siu-s15',
    'siu-s26',
    'ack-aa',
    'ack-ae',
  ])('%s', (name) => {
    expect(issuesOf(name)).toEqual([])
  })

  test.each<[name: string, warnings: string[]]>([
    ['stroke-order', []],
    ['stroke-order-omi', []],
    // MAJEUR is a code of the guide alone.
    ['teleradiology-1-request', ['http://hl7.org/fhir/ValueSet/observation-interpretation']],
    ['teleradiology-2-cancel', []],
    ['teleradiology-3-accepted', []],
    ['teleradiology-3-refused', []],
    ['teleradiology-4-complement', []],
    ['results-laboratory', []],
    ['results-corrected', []],
    ['results-nihss', []],
    // The labels are those of the national health record.
    ['document-initial', ['http://hl7.org/fhir/ValueSet/security-labels']],
    ['document-replace', ['http://hl7.org/fhir/ValueSet/security-labels']],
    ['document-delete', ['http://hl7.org/fhir/ValueSet/security-labels']],
    ['document-in-oru', ['http://hl7.org/fhir/ValueSet/security-labels']],
  ])('%s: no error, and no warning but those of national codes', (name, warnings) => {
    const issues = issuesOf(name)
    expect(issues.filter(({ severity }) => severity !== 'warning')).toEqual([])
    expect(issues.map(({ rule }) => rule)).toEqual(warnings)
  })
})
