/** Bindings (terminologies.html §4.1.5): a code outside a required value set is an error, outside an extensible one a warning. */
import { isObject, type JsonObject, type JsonValue, objects } from '../json-value.ts'
import type { FhirDefinitions } from './definitions.ts'
import type { Place, Run } from './run.ts'
import type { ElementDefinition } from './structure.ts'
import { unversioned } from './structure.ts'
import type { CodeTest, Membership } from './value-set.ts'

/** Looks at a value that is there. */
export type Check = (run: Run, value: JsonValue, place: Place) => void

/** The check of an element's binding for one of its types, or null when it asks nothing that can be checked here. */
export function bindingCheck(
  definition: ElementDefinition,
  type: string,
  profile: string,
  definitions: FhirDefinitions,
): Check | null {
  const { strength, valueSet } = definition.binding ?? {}
  if (valueSet === undefined || (strength !== 'required' && strength !== 'extensible')) return null
  const member = MEMBERS[type]
  if (member === undefined) return null
  const severity = strength === 'required' ? 'error' : 'warning'
  const detail = { severity, rule: unversioned(valueSet), profile } as const
  let test: CodeTest | null | undefined
  return (run, value, place) => {
    test ??= definitions.codeTest(valueSet)
    if (test === null || member(value, test, strength) !== 'out') return
    run.tell('code-invalid', place, detail)
  }
}

/** Tells of a value of this type whether its code is in a value set, or null when that cannot be told. */
export function bindingTest(
  type: string,
  valueSet: string,
  definitions: FhirDefinitions,
): ((value: JsonValue) => Membership) | null {
  const member = MEMBERS[type]
  const test = definitions.codeTest(valueSet)
  return member === undefined || test === null ? null : (value) => member(value, test, 'required')
}

type Member = (value: JsonValue, test: CodeTest, strength: 'required' | 'extensible') => Membership

const ofText: Member = (value, test) => (typeof value === 'string' ? test(null, value) : 'unknown')
const ofCoding: Member = (value, test, strength) => {
  if (!isObject(value)) return 'unknown'
  const { code, system } = value
  // An extensible binding is met by a text alone, a required one is not.
  if (typeof code !== 'string') return strength === 'required' && !hasExtension(value) ? 'out' : 'unknown'
  return test(typeof system === 'string' ? system : '', code)
}

const MEMBERS: Readonly<Record<string, Member>> = {
  code: ofText,
  string: ofText,
  uri: ofText,
  Coding: ofCoding,
  CodeableConcept: (value, test, strength) => {
    if (!isObject(value)) return 'unknown'
    const codings = objects(value['coding'])
    if (codings.length === 0) return strength === 'required' && !hasExtension(value) ? 'out' : 'unknown'
    const found = codings.map((coding) => ofCoding(coding, test, strength))
    return found.includes('in') ? 'in' : found.includes('unknown') ? 'unknown' : 'out'
  },
  Quantity: (value, test) => {
    if (!isObject(value)) return 'unknown'
    const { code, system } = value
    return typeof code === 'string' ? test(typeof system === 'string' ? system : '', code) : 'unknown'
  },
}

/** A code that is said to be unknown (data-absent-reason) is not missing. */
function hasExtension(value: JsonObject): boolean {
  return value['extension'] !== undefined
}
