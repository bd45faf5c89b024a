/**
 * Orders: ORM^O01 and OMI^O23 (HL7 v2.5 §4.4), a stroke request first of all, as ServiceRequest with its Task, what was
 * observed, and the images. Tele-radiology has its own mapping.
 */
import type { Finding } from '../../core/message.ts'
import { type JsonObject, text } from '../fhir/json.ts'
import type { Header } from '../hl7v2/header.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import {
  type Entry,
  ensured,
  fullUrlOf,
  type Loose,
  nameOf,
  referenceTo,
  resource,
  transaction,
  written,
} from './bundle.ts'
import { codeIn, conceptOf, conceptWith } from './codes.ts'
import { type BridgeContext, mapped } from './context.ts'
import { type Conversion, lacking, type Unconvertible } from './conversion.ts'
import { documentAt, isDocument, unreadDocuments } from './embedded.ts'
import { orderEntity, untyped } from './entities.ts'
import { accessionAt, modalityAt, type Study, studyEntries, studyNames, studyUid, VIEWER, viewerAt } from './imaging.ts'
import { ObservationNames, type OrderName, observationEntries } from './observation-entries.ts'
import type { Shared } from './observations.ts'
import { noteTexts, type ObservationGroup, type OrderGroup, orderGroups, textsAt } from './order-groups.ts'
import { type OrderStanding, standingOf } from './order-status.ts'
import { entriesOfAll, type Participant, partyOf } from './participants.ts'
import { partOf, partsOf, textAt } from './parts.ts'
import { PROFILES } from './profiles.ts'
import { type Requester, requesterOf } from './requester.ts'
import { stableId } from './stable-id.ts'
import { isRefused, type Subject, subjectIn } from './subject.ts'
import { dateTimeOf, instantOf } from './time.ts'
import { lossFindings } from './unread.ts'

/** SNOMED CT: imaging. */
export const IMAGING = { system: 'http://snomed.info/sct', code: '363679005' } as const
/** What a Task of an order asks for. */
export const FULFILL = { system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' } as const

/** Table 0485 (TQ1-9, TQ-6) and its older letters. */
const PRIORITIES: Readonly<Record<string, string>> = { S: 'stat', A: 'asap', R: 'routine', T: 'urgent', P: 'routine' }
/**
 * Reasons that make an order one of stroke (profiles/tables/stroke.csv): it is stat though it does not say so. `*` ends a
 * prefix. */
export const STROKE_REASONS: readonly string[] = [
  ...['I60*', 'I61*', 'I62*', 'I63*', 'I64*', 'G45*'],
  ...['230690007', '422504002', '274100004'],
]

/** Is a reason one of stroke? */
export function isStroke(code: string | null): boolean {
  if (code === null) return false
  return STROKE_REASONS.some((one) => (one.endsWith('*') ? code.startsWith(one.slice(0, -1)) : one === code))
}

/** ORM^O01 and OMI^O23 as a transaction. */
export function ordersToFhir(message: Hl7Message, _: Header, context: BridgeContext): Conversion<JsonObject> {
  const groups = orderGroups(message)
  if (groups === null) return lacking('OBX')
  if (groups.length === 0) return lacking('ORC')
  const subject = subjectIn(message, context)
  if (isRefused(subject)) return subject
  const entries: Entry[] = [...subject.entries]
  const findings: Finding[] = [...subject.findings]
  const names = groups.map((group) => orderName(message, group, context))
  const counts = new Map<string, number>()
  for (const name of names) {
    if (name === null) return lacking('ORC-2')
    const key = fullUrlOf('ServiceRequest', name)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  for (const [i, group] of groups.entries()) {
    const name = names[i]!
    const own = counts.get(fullUrlOf('ServiceRequest', name)) === 1 ? null : nameBeside(message, group, name)
    const made = orderEntries(message, group, subject, { name, own }, context)
    if (isRefused(made)) return made
    entries.push(...made.entries)
    findings.push(...made.findings)
  }
  return transaction(entries, context, findings)
}

interface Made {
  readonly entries: readonly Entry[]
  readonly findings: readonly Finding[]
}

/** What names an order: ORC-2, else ORC-3. */
function orderName(message: Hl7Message, { orc, obr }: OrderGroup, context: BridgeContext): OrderName | null {
  const both = ([2, 3] as const).map((field) => orderEntity(message, [orc, obr], field, context))
  return nameOf({ identifier: both.filter((one) => one !== null) })
}

/** What tells orders of one number from each other: what is asked for is in it. */
function nameBeside(message: Hl7Message, { obr }: OrderGroup, { system, value }: OrderName): OrderName {
  const asked = obr === null ? ['', ''] : [textAt(message, `${obr}-4`), textAt(message, `${obr}-4.3`)]
  return { system: 'urn:ietf:rfc3986', value: `urn:uuid:${stableId('ServiceRequest', system, value, ...asked)}` }
}

function orderEntries(
  message: Hl7Message,
  group: OrderGroup,
  subject: Subject,
  { name, own }: { readonly name: OrderName; readonly own: OrderName | null },
  context: BridgeContext,
): Made | Unconvertible {
  const orc = (field: number): string => (group.orc === null ? '' : textAt(message, `${group.orc}-${field}`))
  const placer = orderEntity(message, [group.orc, group.obr], 2, context)
  const filler = orderEntity(message, [group.orc, group.obr], 3, context)
  const standing = standingOf(orc(1), orc(5))
  if (standing === null) return lacking('ORC-1')
  const requester = requesterOf(message, group, context)
  const performer = partyOf(context.receiver)
  const observations = observationsOf(message, group, subject, new ObservationNames(own ?? name), standing, context)
  const study = studyIn(message, group, context)
  const request = requestOf(message, group, {
    identifiers: [own === null ? null : { ...own }, placer, filler, study.accession],
    standing,
    subject,
    requester,
    performer,
    supporting: [...observations.references, ...studyReference(study)],
    isImaging: study.uid !== null || group.ipc !== null,
    context,
  })
  const write = standing.isNew ? ensured : written
  const order = write(request)
  const task = taskOf(request, order, { standing, subject, requester, performer })
  const images = studyEntries(study, {
    status: 'registered',
    subject: subject.patient,
    encounter: subject.encounter,
    basedOn: referenceTo(order),
    started: null,
    procedures: [],
  })
  return {
    entries: [
      ...requester.entries,
      ...entriesOfAll([performer]),
      ...observations.entries,
      order,
      write(task),
      ...images,
    ],
    findings: [...observations.findings, ...study.findings],
  }
}

function observationsOf(
  message: Hl7Message,
  group: OrderGroup,
  subject: Subject,
  names: ObservationNames,
  { isNew }: OrderStanding,
  context: BridgeContext,
): Made & { readonly references: readonly JsonObject[] } {
  const shared: Shared = {
    subject: subject.patient,
    encounter: subject.encounter,
    effective: dateTimeOf(group.orc === null ? '' : textAt(message, `${group.orc}-9`), context.timeZone) ?? null,
    issued: null,
    category: undefined,
    context,
  }
  const clinical = group.observations.filter(({ obx }) => textAt(message, `${obx}-3`) !== VIEWER)
  const values = clinical.filter(({ obx }) => !isDocument(message, obx))
  const made = observationEntries(message, values, shared, names, isNew ? 'ensured' : 'written')
  const write = isNew ? ensured : written
  const documents = clinical
    .filter(({ obx }) => isDocument(message, obx))
    .map((one) => write(documentOf(message, one, shared, names.of(message, one))))
  return {
    entries: [...made.others, ...made.observations, ...documents],
    references: [...made.observations, ...documents].map(referenceTo),
    findings: lossFindings(
      unreadDocuments(
        message,
        clinical.map(({ obx }) => obx),
      ),
    ),
  }
}

/** A document that comes with an order, such as an ECG. */
function documentOf(
  message: Hl7Message,
  { obx }: ObservationGroup,
  { subject, encounter, effective, context }: Shared,
  name: JsonObject,
): JsonObject {
  return resource('DocumentReference', null, {
    identifier: [name],
    status: 'current',
    type: conceptOf(partOf(message, `${obx}-3`)),
    subject,
    date: instantOf(textAt(message, `${obx}-14`) || textAt(message, 'MSH-7'), context.timeZone),
    content: [{ attachment: documentAt(message, obx) }],
    context: { encounter: encounter === null ? [] : [encounter], period: { start: effective } },
  })
}

/** The study among what supports the request; it is an entry of the same Bundle. */
function studyReference(study: Study): JsonObject[] {
  const name = nameOf({ identifier: studyNames(study) })
  return name === null ? [] : [{ reference: fullUrlOf('ImagingStudy', name), type: 'ImagingStudy' }]
}

/** The study that an order names; a UID that is none is told, and never stops an order. */
export function studyIn(
  message: Hl7Message,
  group: OrderGroup,
  context: BridgeContext,
): Study & { readonly findings: readonly Finding[] } {
  const uid = studyUid(message, group)
  const viewer = group.observations.find(({ obx }) => textAt(message, `${obx}-3`) === VIEWER)
  const at = group.ipc === null ? 'ZDS-1' : 'IPC-3'
  return {
    uid: uid === 'wrong' ? null : uid,
    accession: accessionAt(message, group, context),
    modality: modalityAt(message, group),
    url: viewer === undefined ? null : viewerAt(message, viewer.obx),
    findings: uid === 'wrong' ? [{ code: 'CONVERSION_LOSS', class: 'form', at }] : [],
  }
}

interface RequestParts {
  readonly identifiers: readonly (JsonObject | null)[]
  readonly standing: OrderStanding
  readonly subject: Subject
  readonly requester: Requester
  readonly performer: Participant
  readonly supporting: readonly JsonObject[]
  readonly isImaging: boolean
  readonly context: BridgeContext
}

function requestOf(message: Hl7Message, group: OrderGroup, parts: RequestParts): JsonObject {
  const { orc, obr } = group
  const { context, subject, requester } = parts
  const { timeZone } = context
  const timing = timingOf(message, group)
  const authored = dateTimeOf(orc === null ? '' : textAt(message, `${orc}-9`), timeZone)
  const reasons = reasonsOf(message, obr)
  const urgent = reasons.some((one) => isStroke(codeIn(one)))
  return resource('ServiceRequest', urgent ? PROFILES.strokeRequest : null, {
    contained: requester.contained,
    identifier: parts.identifiers,
    status: parts.standing.request,
    intent: 'order',
    category: parts.isImaging ? [conceptWith(IMAGING.system, IMAGING.code)] : [],
    priority: mapped(context, 'priority', PRIORITIES, timing.priority) ?? (urgent ? 'stat' : null),
    code: (obr === null ? null : conceptOf(partOf(message, `${obr}-4`))) ?? { text: '?' },
    subject: subject.patient,
    encounter: subject.encounter,
    occurrenceDateTime: dateTimeOf(timing.start, timeZone) ?? authored,
    authoredOn: authored,
    requester: requester.reference,
    performer: [parts.performer.reference],
    reasonCode: reasons,
    supportingInfo: parts.supporting,
    note: noteTexts(message, group.notes).map((said): Loose => ({ text: said })),
  })
}

/** When and how urgently: TQ1, else the TQ of ORC-7 or OBR-27, else OBR-5 and OBR-6. */
function timingOf(message: Hl7Message, { orc, obr, timing }: OrderGroup): { start: string; priority: string } {
  const places = [
    timing === null ? null : [`${timing}-7`, `${timing}-9`],
    orc === null ? null : [`${orc}-7.4`, `${orc}-7.6`],
    obr === null ? null : [`${obr}-27.4`, `${obr}-27.6`],
    obr === null ? null : [`${obr}-6`, `${obr}-5`],
  ].filter((one) => one !== null)
  const first = (at: 0 | 1) => places.map((one) => textAt(message, one[at]!)).find((one) => one !== '') ?? ''
  return { start: first(0), priority: first(1) }
}

/** OBR-31 with the words of OBR-13 on the first. */
function reasonsOf(message: Hl7Message, obr: string | null): JsonObject[] {
  if (obr === null) return []
  const said = textsAt(message, `${obr}-13`).join('\n')
  const coded = partsOf(message, `${obr}-31`)
    .map(conceptOf)
    .filter((one) => one !== null)
  if (said === '') return coded
  const [first = {}, ...more] = coded
  return [{ ...first, text: said }, ...more]
}

/** What a Task is made of beside its order. */
export interface TaskParts {
  readonly standing: Pick<OrderStanding, 'task'>
  readonly subject: Subject
  readonly requester: Requester
  readonly performer: Participant
}

/** The Task that tells how far an order is; it goes by the order's own name. */
function taskOf(request: JsonObject, order: Entry, { standing, subject, requester, performer }: TaskParts): JsonObject {
  const [first] = request['identifier'] as JsonObject[]
  const authored = text(request['authoredOn'])
  return resource('Task', PROFILES.task, {
    contained: requester.contained,
    identifier: [untyped(first!)],
    basedOn: [referenceTo(order)],
    status: standing.task,
    intent: 'order',
    priority: request['priority'],
    code: conceptWith(FULFILL.system, FULFILL.code),
    focus: referenceTo(order),
    for: subject.patient,
    encounter: subject.encounter,
    authoredOn: authored,
    requester: requester.reference,
    owner: performer.reference,
  })
}
