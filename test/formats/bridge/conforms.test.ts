import { beforeAll, describe, expect, test } from 'vitest'
import { profileSource } from '../../../src/app/fhir-definitions.ts'
import { toFhir } from '../../../src/formats/bridge/bridge.ts'
import { FhirDefinitions, loadEngine, validateResource } from '../../../src/formats/fhir/validate/validate.ts'
import { CONTEXT, jsonOf, messageIn } from './conversions.ts'

let definitions: FhirDefinitions
beforeAll(async () => {
  const shipped = new URL('../../../profiles', import.meta.url).pathname
  definitions = new FhirDefinitions(profileSource([shipped]), await loadEngine())
})

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
    const made = toFhir(messageIn(`${name}.hl7`), CONTEXT)
    if (!made.ok) throw new Error(made.at)
    const issues = validateResource(jsonOf(made.made.bytes), definitions)
    // The French types of identifiers are not in the international set, which R4 asks of an assigner's.
    expect(issues.filter(({ rule }) => rule !== 'http://hl7.org/fhir/ValueSet/identifier-type')).toEqual([])
  })
})
