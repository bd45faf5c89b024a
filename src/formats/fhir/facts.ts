/** What routing asks of a resource: its kinds, its profiles, the codes at a path, and whether it is a test. */
import { resourcesOf } from './bundle.ts'
import { isObject, JsonNumber, type JsonObject, type JsonValue, list, object, objects, text } from './json-value.ts'
import { isTestIns, patientIdentifiersOf } from './patients.ts'
import { referenceTargets } from './references.ts'

export { type FhirPatientIdentifier, patientIdentifiersOf } from './patients.ts'

/** Bundles whose entries travel together, and so are routed by their kinds too. */
const ROUTED_BY_ENTRIES: ReadonlySet<string> = new Set(['transaction', 'message'])
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
const PATH = /^[A-Z][A-Za-z]*(\.[a-z][A-Za-z0-9]*)+$/

/** `ServiceRequest`; `Bundle:transaction`, and for a transaction or message then the types of its entries, each once. */
export function kindsOf(resource: JsonObject): string[] {
  const type = text(resource['resourceType']) ?? ''
  if (type !== 'Bundle') return [type]
  const sort = text(resource['type']) ?? ''
  const kinds = new Set([`Bundle:${sort}`])
  if (ROUTED_BY_ENTRIES.has(sort)) {
    for (const one of resourcesOf(resource)) kinds.add(text(one['resourceType']) ?? '')
  }
  return [...kinds].filter((kind) => kind !== '')
}

/** Every meta.profile of the resource and, in a Bundle, of its entries; each once, without the version. */
export function profilesOf(resource: JsonObject): string[] {
  const all = [resource, ...resourcesOf(resource)].flatMap((one) => list(object(one['meta'])?.['profile']))
  return [...new Set(all.filter((one) => typeof one === 'string').map((one) => one.split('|', 1)[0]!))]
}

/** As much of what software says of itself is taken (characters). */
const SOFTWARE_LENGTH = 200

/** Software as it names itself; '': it does not. */
export interface Software {
  readonly name: string
  readonly version: string
}

/** The software that sends a message Bundle (MessageHeader.source); of anything else, nothing is known. */
export function softwareOf(resource: JsonObject): Software {
  const header = resource['type'] === 'message' ? resourcesOf(resource)[0] : undefined
  const source = header?.['resourceType'] === 'MessageHeader' ? object(header['source']) : null
  const said = (element: string): string => (text(source?.[element])?.trim() ?? '').slice(0, SOFTWARE_LENGTH)
  return { name: said('software') || said('name'), version: said('version') }
}

/**
 * Values at a path that starts with a type, such as `ServiceRequest.reasonCode`, in every resource of that type, each
 * once: of a CodeableConcept the codes, of a Coding its code, of an Identifier its value, of a Reference the reference,
 * the logical identifier and the identifiers of a resource that travels along, of a primitive its text. All elements of
 * arrays count. A choice is named in full: `Observation.valueCodeableConcept`. None when the path is no FHIR path. */
export function valuesAt(resource: JsonObject, path: string): string[] {
  if (!PATH.test(path)) return []
  const [type, ...names] = path.split('.')
  const found = new Set<string>()
  for (const one of resourcesOf(resource)) {
    if (one['resourceType'] !== type) continue
    for (const value of descend(one, names)) codesOf(value, one, resource, found)
  }
  return [...found]
}

function descend(resource: JsonObject, names: readonly string[]): JsonValue[] {
  let values: JsonValue[] = [resource]
  for (const name of names) {
    values = values.filter(isObject).flatMap((one) => one[name] ?? null)
  }
  return values
}

function codesOf(value: JsonValue, owner: JsonObject, root: JsonObject, found: Set<string>): void {
  const add = (one: JsonValue | undefined): void => {
    if (typeof one === 'string') found.add(one)
    else if (typeof one === 'number' || typeof one === 'boolean') found.add(String(one))
    else if (one instanceof JsonNumber) found.add(one.text)
  }
  add(value)
  if (!isObject(value)) return
  for (const coding of objects(value['coding'])) add(coding['code'])
  // Before `code`: that of a Quantity is its unit.
  if ('value' in value) add(value['value'])
  else add(value['code'])
  add(value['reference'])
  add(object(value['identifier'])?.['value'])
  for (const target of referenceTargets(value, owner, root)) {
    for (const identifier of objects(target['identifier'])) add(identifier['value'])
  }
}

/**
 * Is it a test? `HTEST` among the meta.security of the resource or of an entry, or an identifier of a patient under the
 * INS of test or demonstration (annex INS, ANS). */
export function isTest(resource: JsonObject): boolean {
  return [resource, ...resourcesOf(resource)].some(isMarked) || patientIdentifiersOf(resource).some(isTestIns)
}

/**
 * Does a test carry a patient's true INS, or does an entry that is marked as a test travel with one that has one? What
 * is refused for safety: neither destination would be the right one. */
export function mixesTestAndReal(resource: JsonObject): boolean {
  return isTest(resource) && patientIdentifiersOf(resource).some((one) => one.ins && !isTestIns(one))
}

function isMarked(resource: JsonObject): boolean {
  return objects(object(resource['meta'])?.['security']).some(
    ({ system, code }) => code === 'HTEST' && system === ACT_REASON,
  )
}
