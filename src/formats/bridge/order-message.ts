/** A ServiceRequest with what travels along, as ORM^O01 (HL7 v2.5 §4.4.1). */
import type { Finding } from '../../core/message.ts'
import { type JsonObject, object, objects, text } from '../fhir/json.ts'
import { type Field, type Fields, type Repetition, type Segment, segment } from '../hl7v2/write.ts'
import { resolve } from './bundle.ts'
import { ceOf } from './codes.ts'
import { type BridgeContext, mapped } from './context.ts'
import { type Conversion, type Hl7Draft, lacking, type Unconvertible } from './conversion.ts'
import { textField } from './embedded.ts'
import { entityField, entityOf, plainEntity } from './entities.ts'
import { type StudyRead, studyOf, VIEWER, viewerText } from './imaging.ts'
import type { Types } from './observation-value.ts'
import { ObservationWriter } from './observations.ts'
import { controlOf } from './order-status.ts'
import { type Followed, followed, partyResource, professionalField, structureField } from './participants.ts'
import { xtnOf } from './people.ts'
import { isAbout, isRefused, ofAnother, ofType, ownerOf, pointingAt, subjectSegments } from './subject.ts'
import { tsOf } from './time.ts'

const PRIORITY_LETTERS: Readonly<Record<string, string>> = { stat: 'S', asap: 'A', urgent: 'T', routine: 'R' }
/** What 2.5 writes. */
const TYPES: Types = { coded: 'CE', moment: 'TS' }

/** Every ServiceRequest of the Bundle as an order of one message; they are about one patient. */
export function ordersToHl7(root: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  const requests = ofType(root, 'ServiceRequest')
  const [first] = requests
  if (first === undefined) return lacking('Task.focus')
  const subject = subjectSegments(first, root, context)
  if (isRefused(subject)) return subject
  const findings: Finding[] = [...subject.findings]
  const segments: Segment[] = [subject.pid, ...subject.visit]
  for (const [i, request] of requests.entries()) {
    if (!isAbout(request, subject.patient, root)) return lacking(`ServiceRequest[${i}].subject`)
    const made = orderSegments(request, subject.patient, root, i + 1, requests.length === 1, context)
    if (isRefused(made)) return made
    segments.push(...made)
  }
  return { ok: true, made: { type: ['ORM', 'O01', 'ORM_O01'], version: ['2.5'], segments }, findings }
}

/** The Task of a request: by focus or basedOn, or the only one beside the only request. */
export function taskOf(request: JsonObject, root: JsonObject, alone: boolean): JsonObject | null {
  const tasks = ofType(root, 'Task')
  const pointing = pointingAt(request, root).find((one) => one['resourceType'] === 'Task')
  return pointing ?? (alone && tasks.length === 1 ? tasks[0]! : null)
}

function orderSegments(
  request: JsonObject,
  patient: JsonObject,
  root: JsonObject,
  number: number,
  alone: boolean,
  context: BridgeContext,
): readonly Segment[] | Unconvertible {
  const control = controlOf(request, taskOf(request, root, alone))
  if (control === null) return lacking('ServiceRequest.status')
  const placer = placerOf(request)
  if (placer === null) return lacking('ServiceRequest.identifier')
  const code = object(request['code'])
  if (code === null) return lacking('ServiceRequest.code')
  const asked = requesterFields(request, root, context)
  const names: Fields = { 2: placer, 3: entityField(entityOf(request, 'FILL')) }
  const timing = timingField(request, context)
  const study = alone ? studyOf(root, request) : null
  if (study !== null && !isAbout(study.resource, patient, root)) return lacking('ImagingStudy.subject')
  const observations = observationsOf(request, root, alone)
  const another = ofAnother(observations, patient, root)
  if (another !== null) return another
  const reasons = objects(request['reasonCode'])
  const writer = new ObservationWriter(TYPES, context)
  writer.notes(objects(request['note']).flatMap((note) => text(note['text']) ?? []))
  for (const one of observations) {
    writer.observation(one, performerOf(one, root))
  }
  if (study?.url != null)
    writer.add({ 2: 'ED', 3: [VIEWER, null, 'TLR_OBSERVATION'], 5: viewerField(study.url), 11: 'F' })
  return [
    segment('ORC', {
      1: control[0],
      ...names,
      5: control[1],
      7: timing,
      9: tsOf(text(request['authoredOn'])),
      12: asked.person,
      14: asked.telecom,
      21: asked.structure,
    }),
    segment('OBR', {
      1: String(number),
      ...names,
      4: ceOf(code),
      13: reasons.map((one) => text(one['text'])).find((one) => one !== null),
      16: asked.person,
      18: accessionField(study, request),
      27: timing,
      31: { repeat: reasons.filter((one) => objects(one['coding']).length > 0).map(withoutText) },
    }),
    ...writer.segments,
    ...(study?.uid == null ? [] : [segment('ZDS', { 1: [study.uid, '100', 'Application', 'DICOM'] })]),
  ]
}

/** The viewer's address as an OBX carries it. */
export function viewerField(url: string): Field {
  return textField(viewerText(url))
}

/** ORC-2: the placer's number, or the first that says no type; null without any. */
export function placerOf(resource: JsonObject): Repetition {
  return entityField(entityOf(resource, 'PLAC') ?? plainEntity(resource) ?? objects(resource['identifier'])[0])
}

function withoutText(concept: JsonObject): Repetition {
  const { text: _, ...coded } = concept
  return ceOf(coded)
}

/** Number of the request's images; as text alone, as OBR-18 (ST) has it. */
function accessionField(study: StudyRead | null, request: JsonObject): string | null {
  const accession = study?.accession ?? entityOf(request, 'ACSN')
  return text(accession?.['value'])
}

/** TQ of ORC-7 and OBR-27: start and priority (HL7 v2.5 §4.3); ORM knows no TQ1. */
function timingField(request: JsonObject, context: BridgeContext): Repetition {
  const start = text(request['occurrenceDateTime']) ?? text(object(request['occurrencePeriod'])?.['start'])
  const priority = mapped(context, 'order-priority', PRIORITY_LETTERS, text(request['priority']))
  return [null, null, null, tsOf(start), null, priority]
}

/** Who asks, in fields: XCN, XON and the ways to call back. */
export interface RequesterFields {
  readonly person: Repetition
  readonly structure: Repetition
  readonly telecom: Field
}

/** The fields of `requester`; a structure that is not told is the sender. */
export function requesterFields(owner: JsonObject, root: JsonObject, context: BridgeContext): RequesterFields {
  const reference = object(owner['requester'])
  const who: Followed = followed(reference, owner, root)
  const role = reference === null ? null : resolve(reference, owner, root)
  const telecom = objects(role?.['telecom'])
  return {
    person: professionalField(who.professional),
    structure: structureField(who.structure ?? partyResource(context.sender)),
    telecom: { repeat: telecom.map(xtnOf) },
  }
}

/** Observations of a request: those it names, then those that name it; beside a lone request all others too. */
export function observationsOf(request: JsonObject, root: JsonObject, alone: boolean): JsonObject[] {
  const named = objects(request['supportingInfo'])
    .map((reference) => resolve(reference, request, root))
    .filter((one) => one?.['resourceType'] === 'Observation')
    .map((one) => one!)
  const others = alone
    ? ofType(root, 'Observation')
    : pointingAt(request, root).filter((one) => one['resourceType'] === 'Observation')
  return [...new Set([...named, ...others])]
}

/** The professional who made an observation; null when none is told. */
export function performerOf(observation: JsonObject, root: JsonObject): JsonObject | null {
  const [performer] = objects(observation['performer'])
  return performer === undefined ? null : followed(performer, ownerOf(observation, root), root).professional
}
