/** Identifiers of the patients that a resource is about: what deliveries may not overtake each other on. */
import { isInsIdentifier } from '../identifiers/fhir-form.ts'
import { carriesIns } from '../identifiers/identity-status.ts'
import { insAuthority, isTestInsOid } from '../identifiers/ins.ts'
import { reliabilityOf } from './identity-reliability.ts'
import { isObject, type JsonObject, type JsonValue, object, objects, text } from './json-value.ts'

/** One identifier, its authority written as HL7 v2 writes it, so that the keys of both doors join. */
export interface FhirPatientIdentifier {
  /** `1.2.250.1.213.1.4.8` for a system `urn:oid:…`, another system as it is, `Patient` for an id, '' when unknown. */
  readonly authority: string
  readonly id: string
  /** A national health identity (INS), by its OID; a billing number never is. */
  readonly ins: boolean
  /** An INS that may travel: the identity is qualified, and neither doubtful nor invented (FrCore identityReliability). */
  readonly qualified: boolean
}

/** Authority of `Patient/ID`: the id on the sender's own server. */
export const PATIENT_ID = 'Patient'

const OID = 'urn:oid:'
/** Elements that name the patient when the reference does not say what it refers to. */
const SUBJECTS: ReadonlySet<string> = new Set(['subject', 'patient', 'for', 'beneficiary'])
const PATIENT_REFERENCE = /(?:^|\/)Patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/
const CONDITIONAL = /^Patient\?(?:.*&)?identifier=([^&]*)/

/** The authority of an identifier's system, in the form of HL7 v2 (HD-2); '' when there is none. */
export function authorityOf(system: JsonValue | undefined): string {
  const given = text(system) ?? ''
  return given.startsWith(OID) ? given.slice(OID.length) : given
}

/** Is it an INS of test or demonstration? */
export function isTestIns(identifier: FhirPatientIdentifier): boolean {
  return identifier.ins && isTestInsOid(identifier.authority)
}

/**
 * Every identifier of every patient, each once: those of each Patient with its id, wherever it stands (root, contained,
 * entry); `Patient/ID` of each reference, an absolute one as it is; logical references, and conditional ones. A
 * reference inside a Bundle to `urn:uuid:…` adds nothing: what it refers to is there itself. */
export function patientIdentifiersOf(resource: JsonObject): FhirPatientIdentifier[] {
  const known = found.get(resource)
  if (known !== undefined) return known
  const identifiers = new Map<string, FhirPatientIdentifier>()
  const add = (one: FhirPatientIdentifier): void => {
    const key = JSON.stringify([one.authority, one.id])
    // The patient's own word about an identifier counts; that of a reference has no status.
    if (!identifiers.has(key) || one.qualified) identifiers.set(key, one)
  }
  const waiting: [value: JsonObject, name: string][] = [[resource, '']]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [value, name] = next
    if (value['resourceType'] === 'Patient') ofPatient(value, add)
    else if ('reference' in value || 'identifier' in value) ofReference(value, name, add)
    for (const [inner, one] of Object.entries(value)) {
      if (Array.isArray(one)) {
        for (const element of one) if (isObject(element)) waiting.push([element, inner])
      } else if (isObject(one)) waiting.push([one, inner])
    }
  }
  const all = [...identifiers.values()]
  found.set(resource, all)
  return all
}

/** Routing, keys and the test mark all ask; a resource is not changed after it was read. */
const found = new WeakMap<JsonObject, FhirPatientIdentifier[]>()

function ofPatient(patient: JsonObject, add: (one: FhirPatientIdentifier) => void): void {
  const reliable = carriesIns(reliabilityOf(patient))
  for (const identifier of objects(patient['identifier'])) ofIdentifier(identifier, reliable, add)
  const id = text(patient['id'])
  if (id !== null) add({ authority: PATIENT_ID, id, ins: false, qualified: false })
}

function ofIdentifier(identifier: JsonObject, reliable: boolean, add: (one: FhirPatientIdentifier) => void): void {
  const id = text(identifier['value'])
  if (id === null) return
  const authority = authorityOf(identifier['system'])
  const ins = isInsIdentifier(identifier)
  add({ authority, id, ins, qualified: ins && reliable })
}

function ofReference(value: JsonObject, name: string, add: (one: FhirPatientIdentifier) => void): void {
  const reference = text(value['reference'])
  const type = text(value['type'])
  const id = reference === null ? null : PATIENT_REFERENCE.exec(reference)
  if (reference !== null && id !== null) {
    add({ authority: PATIENT_ID, id: reference.includes(':') ? reference : id[1]!, ins: false, qualified: false })
  }
  const condition = reference === null ? null : CONDITIONAL.exec(reference)
  if (condition !== null) ofCondition(condition[1]!, add)
  const identifier = object(value['identifier'])
  if (identifier === null) return
  const isPatient =
    id !== null ||
    type === 'Patient' ||
    (type === null && reference === null && SUBJECTS.has(name)) ||
    insAuthority(authorityOf(identifier['system'])) !== null
  if (isPatient) ofIdentifier(identifier, false, add)
}

/** `Patient?identifier=system|value`: a reference that the receiver resolves. */
function ofCondition(token: string, add: (one: FhirPatientIdentifier) => void): void {
  let decoded: string
  try {
    decoded = decodeURIComponent(token)
  } catch {
    return
  }
  const bar = decoded.indexOf('|')
  ofIdentifier({ system: decoded.slice(0, Math.max(bar, 0)), value: decoded.slice(bar + 1) }, false, add)
}
