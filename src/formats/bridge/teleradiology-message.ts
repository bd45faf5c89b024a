/** ServiceRequest, Task or ImagingStudy of tele-radiology as the message of its flow (HL7 v2.5.1, CISIS_TLR_HL7_V2 1.0). */
import type { Finding } from '../../core/message.ts'
import { type JsonObject, object, objects, text } from '../fhir/json.ts'
import { type Fields, type Repetition, type Segment, segment } from '../hl7v2/write.ts'
import { resolve } from './bundle.ts'
import { ceOf, codeIn } from './codes.ts'
import type { BridgeContext } from './context.ts'
import { type Conversion, type Hl7Draft, lacking } from './conversion.ts'
import { embeddedField, embeddedIn } from './embedded.ts'
import { entityField } from './entities.ts'
import { keptDaysOf, studyOf, VIEWER } from './imaging.ts'
import { type Types, valueFields } from './observation-value.ts'
import { ObservationWriter } from './observations.ts'
import {
  observationsOf,
  placerOf,
  type RequesterFields,
  requesterFields,
  taskOf,
  viewerField,
} from './order-message.ts'
import { followed, partyResource, professionalField, structureField } from './participants.ts'
import { isRefused, ofAnother, ofType, subjectSegments } from './subject.ts'
import { FLOWS, TLR_OBSERVATION, TLR_PROCEDURE, TLR_PROFILE } from './teleradiology.ts'
import { BODY_SITE } from './teleradiology-observations.ts'
import { tsOf } from './time.ts'
import { lossFindings } from './unread.ts'

const TYPES: Types = { coded: 'CE', moment: 'TS' }
const LOINC_OID = '2.16.840.1.113883.6.1'
const HISTORY = '11322-5'

/** Is it about tele-radiology? By the code of its request or Task; images alone are the complement of flow 4. */
export function isTeleradiology(root: JsonObject): boolean {
  const orders = [...ofType(root, 'ServiceRequest'), ...ofType(root, 'Task')]
  if (orders.length === 0) return ofType(root, 'ImagingStudy').length > 0
  return orders.some((one) => codeIn(object(one['code']), TLR_PROCEDURE) !== null)
}

/** The message of the flow that the resources stand for. */
export function teleradiologyToHl7(root: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  const [request] = ofType(root, 'ServiceRequest')
  const task = request === undefined ? (ofType(root, 'Task')[0] ?? null) : taskOf(request, root, true)
  if (request === undefined && task === null) return complement(root, context)
  switch (text(task?.['status']) ?? (text(request?.['status']) === 'revoked' ? 'cancelled' : 'requested')) {
    case 'requested':
      return request === undefined ? lacking('Task.focus') : requested(request, root, context)
    case 'cancelled':
      return standing(task ?? request!, root, context, 'CA')
    case 'accepted':
      return standing(task!, root, context, 'OK')
    case 'rejected':
      return standing(task!, root, context, 'OC')
    default:
      return lacking('Task.status')
  }
}

function draft(
  type: Hl7Draft['type'],
  segments: readonly Segment[],
): Pick<Hl7Draft, 'type' | 'version' | 'profile' | 'segments'> {
  return { type, version: ['2.5.1'], profile: ['1.0', TLR_PROFILE], segments }
}

function procedure(code: string): Repetition {
  return [code, null, 'TLR_OBR_PROCEDURE']
}

/** ORC-17. */
function organization(kind: 'STRUCTURE_IMAGERIE' | 'PLATEFORME_TLR'): Repetition {
  return [kind, null, 'TLR_TYPE_ORGANISATION']
}

/** Flow 1. */
function requested(request: JsonObject, root: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  const subject = subjectSegments(request, root, context)
  if (isRefused(subject)) return subject
  const { observations, findings } = standingOnes(observationsOf(request, root, true))
  const another = ofAnother(observations, subject.patient, root)
  if (another !== null) return another
  const placer = placerOf(request)
  if (placer === null) return lacking('ServiceRequest.identifier')
  const asked = requesterFields(request, root, context)
  const radiologist = objects(request['performer'])
    .map((reference) => followed(reference, request, root).professional)
    .find((one) => one !== null)
  const reason = objects(request['reasonCode']).map(
    (one) => text(one['text']) ?? text(objects(one['coding'])[0]?.['display']),
  )
  const writer = new ObservationWriter(TYPES, context, 'O')
  const notes = objects(request['note']).flatMap((note) => text(note['text']) ?? [])
  writer.notes(notes, ['FINALITE_EXAMEN', null, 'HL70364'])
  for (const modality of objects(request['orderDetail']).slice(0, 1)) addModality(writer, modality, 'O')
  addRegions(writer, request)
  addObservations(writer, observations, 'O')
  const segments = [
    subject.pid,
    ...subject.visit,
    segment('ORC', {
      1: 'NW',
      2: placer,
      9: tsOf(text(request['authoredOn'])),
      11: professionalField(radiologist ?? null),
      12: asked.person,
      14: asked.telecom,
      17: organization('STRUCTURE_IMAGERIE'),
      21: asked.structure,
    }),
    segment('OBR', {
      1: '1',
      2: placer,
      4: procedure(FLOWS.request),
      13: reason.find((one) => one !== null) ?? null,
      16: asked.person,
    }),
    ...writer.segments,
  ]
  const made = draft(['ORM', 'O01', 'ORM_O01'], segments)
  return { ok: true, made, findings: [...subject.findings, ...findings] }
}

/** Those that hold: the guide fixes OBX-11, which could not tell that one was taken back. */
function standingOnes(all: readonly JsonObject[]): { observations: JsonObject[]; findings: Finding[] } {
  const observations = all.filter(({ status }) => status !== 'entered-in-error' && status !== 'cancelled')
  return { observations, findings: lossFindings(observations.length < all.length ? ['Observation.status'] : []) }
}

/** Flows 2 (CA) and 3 (OK, OC). A request that is revoked without a Task is cancelled as a Task would be. */
function standing(
  holder: JsonObject,
  root: JsonObject,
  context: BridgeContext,
  control: 'CA' | 'OK' | 'OC',
): Conversion<Hl7Draft> {
  const subject = subjectSegments(holder, root, context)
  if (isRefused(subject)) return subject
  const placer = placerOf(holder)
  if (placer === null) return lacking(`${String(holder['resourceType'])}.identifier`)
  const isCancel = control === 'CA'
  const who: Pick<RequesterFields, 'person' | 'structure'> = isCancel
    ? requesterFields(holder, root, context)
    : ownerFields(holder, root, context)
  const writer = new ObservationWriter(TYPES, context, 'F')
  if (control === 'OK') addProtocols(writer, holder)
  const order = segment('ORC', {
    1: control,
    2: placer,
    9: tsOf(text(holder['lastModified']) ?? text(holder['authoredOn'])),
    12: who.person,
    16: ceOf(object(holder['statusReason'])),
    17: organization(isCancel ? 'STRUCTURE_IMAGERIE' : 'PLATEFORME_TLR'),
    21: who.structure,
  })
  const what = segment('OBR', {
    1: '1',
    2: placer,
    4: procedure(isCancel ? FLOWS.cancel : FLOWS.answer),
    16: who.person,
  })
  const type = isCancel ? (['ORM', 'O01', 'ORM_O01'] as const) : (['ORU', 'R01', 'ORU_R01'] as const)
  const segments = [subject.pid, ...subject.visit, order, what, ...writer.segments]
  return { ok: true, made: draft(type, segments), findings: subject.findings }
}

function ownerFields(
  task: JsonObject,
  root: JsonObject,
  { sender }: BridgeContext,
): Pick<RequesterFields, 'person' | 'structure'> {
  const who = followed(object(task['owner']), task, root)
  const structure = who.structure ?? partyResource(sender)
  return { person: professionalField(who.professional), structure: structureField(structure) }
}

function addProtocols(writer: ObservationWriter, task: JsonObject): void {
  const code = ['PROTOCOLE_IMAGERIE', null, 'TLR_OBSERVATION']
  for (const output of objects(task['output'])) {
    const embedded = embeddedIn(object(output['valueAttachment']))
    const said = text(output['valueString'])
    if (embedded !== null) writer.add({ 2: 'ED', 3: code, 5: embeddedField(embedded, 'TEXT'), 11: 'F' })
    else if (said !== null) writer.add({ 2: 'FT', 3: code, 5: said, 11: 'F' })
  }
}

/** Flow 4. */
function complement(root: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  const study = studyOf(root, root)
  if (study === null || study.uid === null) return lacking('ImagingStudy.identifier')
  const subject = subjectSegments(study.resource, root, context)
  if (isRefused(subject)) return subject
  const { observations, findings } = standingOnes(ofType(root, 'Observation'))
  const another = ofAnother(observations, subject.patient, root)
  if (another !== null) return another
  const [order] = objects(study.resource['basedOn'])
  const placer = entityField(object(order?.['identifier']))
  if (placer === null) return lacking('ImagingStudy.basedOn')
  if (study.url === null) return lacking('ImagingStudy.endpoint')
  const [act] = objects(study.resource['procedureCode'])
  if (act === undefined) return lacking('ImagingStudy.procedureCode')
  const days = keptDaysOf(study.endpoint)
  const writer = new ObservationWriter(TYPES, context, 'F')
  writer.add({ 2: 'ED', 3: [VIEWER, null, 'TLR_OBSERVATION'], 5: viewerField(study.url), 11: 'F' })
  writer.add({ 2: 'CE', 3: ['CODE_ACTE_IMAGERIE', null, 'TLR_OBSERVATION'], 5: ceOf(act), 11: 'F' })
  for (const modality of objects(study.resource['modality']).slice(0, 1))
    addModality(writer, { coding: [modality] }, 'F')
  addObservations(writer, observations, 'F')
  const code = codeIn(act)
  const procedureId: Repetition = code === null ? null : [code, null, LOINC_OID, 'ISO']
  const segments = [
    subject.pid,
    ...subject.visit,
    segment('ORC', { 1: 'SR', 2: placer }),
    segment('TQ1', { 1: '1', 6: days === null ? null : [String(days), 'd'], 7: tsOf(text(study.resource['started'])) }),
    segment('OBR', { 1: '1', 2: placer, 4: procedure(FLOWS.complement) }),
    ...writer.segments,
    segment('IPC', { 1: entityField(study.accession), 2: procedureId, 3: study.uid, 4: procedureId }),
  ]
  const made = draft(['OMI', 'O23', 'OMI_O23'], segments)
  return { ok: true, made, findings: [...subject.findings, ...findings] }
}

/** The text of a modality that says more than its name is a comment below it. */
function addModality(writer: ObservationWriter, concept: JsonObject, status: string): void {
  const { text: said, ...coded } = concept
  writer.add({ 2: 'CE', 3: ['MODALITE_IMAGERIE', null, 'TLR_OBSERVATION'], 5: ceOf(coded), 11: status })
  if (typeof said === 'string') writer.notes([said], ['MODALITE_IMAGERIE', null, 'HL70364'])
}

function addRegions(writer: ObservationWriter, request: JsonObject): void {
  const structures = objects(request['contained'])
  objects(request['bodySite']).forEach((site, i) => {
    const extension = objects(site['extension']).find(({ url }) => url === BODY_SITE)
    const reference = object(extension?.['valueReference'])
    const structure = reference === null ? null : resolve(reference, request, { contained: structures })
    const { extension: _, ...coded } = site
    ;[coded, ...objects(structure?.['locationQualifier'])].forEach((one, m) => {
      const number = `${i + 1}.${m + 1}`
      writer.add({ 2: 'CE', 3: ['REGION_ANATOMIQUE', null, 'TLR_OBSERVATION'], 4: number, 5: ceOf(one), 11: 'O' })
    })
  })
}

/** Observations with their components as `n.m`; a code of LOINC that stands once has no sub-id. */
function addObservations(writer: ObservationWriter, observations: readonly JsonObject[], status: string): void {
  const codes = observations.map((one) => JSON.stringify(objects(object(one['code'])?.['coding'])[0] ?? null))
  const seen = new Map<string, number>()
  observations.forEach((one, i) => {
    const code = codes[i]!
    const n = (seen.get(code) ?? 0) + 1
    seen.set(code, n)
    const components = objects(one['component'])
    const own = codeIn(object(one['code']), TLR_OBSERVATION) !== null
    const numbered = own || components.length > 0 || codes.filter((other) => other === code).length > 1
    const holders = [one, ...components].filter((holder) => valueFields(holder, TYPES).type !== null)
    holders.forEach((holder, m) => {
      const { type, value, unit } = valueFields(holder, TYPES)
      const fields: Fields = {
        2: codeIn(object(one['code']), 'http://loinc.org') === HISTORY || type === 'TX' ? 'FT' : type,
        3: ceOf(object(one['code'])),
        4: numbered ? `${n}.${m + 1}` : null,
        5: value,
        6: unit,
        8: m === 0 ? writer.flags(one) : null,
        11: status,
      }
      writer.add(fields)
    })
  })
}
