/** Whom a message is about when it is about something else: the patient and the stay that travel along. */
import type { Finding } from '../../core/message.ts'
import { resourcesOf } from '../fhir/bundle.ts'
import { type JsonObject, type JsonValue, object, objects, text } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Segment, segment } from '../hl7v2/write.ts'
import { cxOfIdentifier } from '../identifiers/patient.ts'
import { type Entry, ensured, nameOf, referenceTo, resolve } from './bundle.ts'
import type { BridgeContext } from './context.ts'
import { type Loss, lacking, type Unconvertible } from './conversion.ts'
import { accountOf, ENCOUNTER_READ, encounterOf, PV1_READ, pv1Of } from './encounter.ts'
import { cxRepetition, textAt } from './parts.ts'
import { PATIENT_READ, PID_READ, patientOf, pidOf } from './patient.ts'

/** The patient of a message, and the stay when it can be told. */
export interface Subject {
  readonly patient: JsonObject
  readonly encounter: JsonObject | null
  readonly entries: readonly Entry[]
  readonly findings: readonly Finding[]
}

/** Places of PID and PV1 that are read here. */
export const SUBJECT_FIELDS: readonly string[] = [...PID_READ, ...PV1_READ]
/** Elements of Patient and Encounter that are read here. */
export const SUBJECT_ELEMENTS: readonly string[] = [...PATIENT_READ, ...ENCOUNTER_READ]

/** What is lost between PID, PV1 and what is made of them here. */
export const SUBJECT_LOSSES: readonly Loss[] = [
  { from: 'hl7v2', at: 'PID', what: 'What is lost of PID, PV1 and PV2 with movements.' },
  { from: 'fhir', at: 'Patient', what: 'What is lost of Patient and Encounter with movements.' },
  { from: 'hl7v2', at: 'PV1', what: 'A stay without PV1-19 or PV1-44, or of class N; PV1 comes back with class N.' },
]

/**
 * References to the patient and stay of a message. They are created where they are not known and else left as they are:
 * what they say is the business of ADT. A message about two patients is refused, lest one has the other's results. */
export function subjectIn(message: Hl7Message, context: BridgeContext): Subject | Unconvertible {
  if (message.segments('PID') > 1) return lacking('PID(2)')
  const { patient, findings } = patientOf(message, context)
  if (nameOf(patient) === null) return lacking('PID-3')
  const entry = ensured(patient)
  const about = referenceTo(entry)
  const status = textAt(message, 'PV1-45') === '' ? 'in-progress' : 'finished'
  const stay =
    message.segments('PV1') === 0
      ? null
      : encounterOf(message, context, { status, movedAt: '', serviceProvider: null }, about)
  // FrCore asks for a period: a stay without one is none to create.
  const made = stay === null || typeof stay === 'string' || stay['period'] === undefined ? null : ensured(stay)
  return {
    patient: about,
    encounter: made === null ? null : referenceTo(made),
    entries: made === null ? [entry] : [entry, made],
    findings,
  }
}

/** Was it refused? */
export function isRefused<T extends object>(one: T | Unconvertible): one is Unconvertible {
  return 'ok' in one && one.ok === false
}

/** PID (with ZFD where the identity says it) and PV1 with PV2. */
export interface SubjectSegments {
  readonly patient: JsonObject
  readonly pid: Segment
  readonly visit: readonly Segment[]
  readonly findings: readonly Finding[]
}

/**
 * PID and PV1 of what `owner` is about: its subject or patient, which must be there, and its encounter. PV1 stands
 * there always, with class N when no stay is known. */
export function subjectSegments(
  owner: JsonObject,
  root: JsonObject,
  context: BridgeContext,
): SubjectSegments | Unconvertible {
  const type = String(owner['resourceType'])
  const reference = object(owner['subject']) ?? object(owner['for'])
  const patient = reference === null ? null : resolve(reference, owner, root)
  if (patient?.['resourceType'] !== 'Patient') return lacking(`${type}.subject`)
  if (nameOf(patient) === null) return lacking('Patient.identifier')
  const about = object(owner['encounter']) ?? object((object(owner['context'])?.['encounter'] as JsonObject[])?.[0])
  const encounter = about === null ? null : resolve(about, owner, root)
  const known = encounter?.['resourceType'] === 'Encounter' ? encounter : null
  const { pid, findings } = pidOf(patient, context, known === null ? undefined : accountOf(known, context))
  return { patient, pid, visit: known === null ? [visitNamed(about)] : pv1Of(known, root, context), findings }
}

/** Is its subject this patient? A reference that leads nowhere may mean anybody. */
export function isAbout(one: JsonObject, patient: JsonObject, root: JsonObject): boolean {
  const reference = object(one['subject']) ?? {}
  const found = resolve(reference, ownerOf(one, root), root)
  if (found === patient) return true
  const name = nameOf(found ?? { identifier: [reference['identifier'] ?? null] })
  if (name === null || (found !== null && found['resourceType'] !== 'Patient')) return false
  return objects(patient['identifier']).some(({ system, value }) => system === name.system && value === name.value)
}

/** Refused when one of the Observations tells of another than the patient, lest one has the other's; one that says of nobody may go. */
export function ofAnother(
  observations: readonly JsonObject[],
  patient: JsonObject,
  root: JsonObject,
): Unconvertible | null {
  const says = (one: JsonObject): boolean => {
    const subject = object(one['subject'])
    return text(subject?.['reference']) !== null || object(subject?.['identifier']) !== null
  }
  const found = observations.some((one) => says(one) && !isAbout(one, patient, root))
  return found ? lacking('Observation.subject') : null
}

function visitNamed(about: JsonObject | null): Segment {
  const identifier = object(about?.['identifier'])
  const cx = identifier === null ? null : cxOfIdentifier(identifier)
  return segment('PV1', { 2: 'N', 19: cx === null ? null : cxRepetition(cx) })
}

const containers = new WeakMap<JsonObject, Map<JsonObject, JsonObject>>()
const types = new WeakMap<JsonObject, Map<JsonValue | undefined, JsonObject[]>>()
const pointers = new WeakMap<JsonObject, Map<JsonObject, Set<JsonObject>>>()

/** Whose contained resources it may name: those of what contains it, else its own. Kept as the entries of a Bundle are. */
export function ownerOf(one: JsonObject, root: JsonObject): JsonObject {
  let found = containers.get(root)
  if (found === undefined) {
    const all = resourcesOf(root).flatMap((owner) =>
      objects(owner['contained']).map((inner) => [inner, owner] as const),
    )
    found = new Map(all)
    containers.set(root, found)
  }
  return found.get(one) ?? one
}

/** The resources of a type that travel together. Kept: it is asked for each of many requests, and nothing changes it. */
export function ofType(root: JsonObject, type: string): readonly JsonObject[] {
  let found = types.get(root)
  if (found === undefined) {
    found = Map.groupBy(resourcesOf(root), (one) => one['resourceType'])
    types.set(root, found)
  }
  return found.get(type) ?? []
}

/** The Tasks and Observations that lead to a request by basedOn, a Task by focus too, in the order of the Bundle. Kept likewise. */
export function pointingAt(request: JsonObject, root: JsonObject): readonly JsonObject[] {
  let found = pointers.get(root)
  if (found === undefined) {
    found = new Map()
    pointers.set(root, found)
    for (const one of [...ofType(root, 'Task'), ...ofType(root, 'Observation')]) {
      const focus = one['resourceType'] === 'Task' ? object(one['focus']) : null
      for (const reference of [...(focus === null ? [] : [focus]), ...objects(one['basedOn'])]) {
        const target = resolve(reference, one, root)
        if (target === null) continue
        const there = found.get(target)
        if (there === undefined) found.set(target, new Set([one]))
        else there.add(one)
      }
    }
  }
  return [...(found.get(request) ?? [])]
}
