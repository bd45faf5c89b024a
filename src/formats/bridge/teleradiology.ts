/**
 * Tele-radiology (CI-SIS, CISIS_TLR_HL7_V2 1.0), flows 1 to 4, as ServiceRequest, Task and ImagingStudy. Flows 2 and 3
 * tell how a request stands: they write its Task and leave the request itself, of which they repeat only the number.
 */
import type { Finding } from '../../core/message.ts'
import { type JsonObject, objects } from '../fhir/json.ts'
import type { Header } from '../hl7v2/header.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Entry, ensured, type Loose, nameOf, referenceTo, resource, transaction, written } from './bundle.ts'
import { codeSystemOf, conceptOf, conceptWith } from './codes.ts'
import type { BridgeContext } from './context.ts'
import { type Conversion, lacking, type Unconvertible } from './conversion.ts'
import { attachmentOf, embeddedAt } from './embedded.ts'
import { entityAt, logical, untyped } from './entities.ts'
import { studyEntries } from './imaging.ts'
import { ObservationNames } from './observation-entries.ts'
import { noteTexts, type ObservationGroup, type OrderGroup, orderGroups, textsAt } from './order-groups.ts'
import { IMAGING, studyIn } from './orders.ts'
import { entriesOfAll, partyOf, professionalAt } from './participants.ts'
import { partOf, textAt } from './parts.ts'
import { PROFILES } from './profiles.ts'
import { type Requester, requesterOf } from './requester.ts'
import { isRefused, type Subject, subjectIn } from './subject.ts'
import { clinicalEntries, clinicalLosses, codedValues, regionsIn, valuesOf } from './teleradiology-observations.ts'
import { dateTimeOf } from './time.ts'

/** MSH-21 of the flows. */
export const TLR_PROFILE = 'CISIS_TLR_HL7_V2'
/** What a message of the flows is: OBR-4. */
export const TLR_PROCEDURE = codeSystemOf('TLR_OBR_PROCEDURE')!
/** Codes of OBX-3. */
export const TLR_OBSERVATION = codeSystemOf('TLR_OBSERVATION')!
/** OBR-4 of each flow. */
export const FLOWS = {
  request: 'TRANSMISSION_DEMANDE',
  cancel: 'ANNULATION_DEMANDE',
  answer: 'REPONSE_DEMANDE',
  complement: 'COMPLEMENT_POST_ACTE',
} as const

interface Flow {
  readonly message: Hl7Message
  readonly group: OrderGroup
  readonly placer: JsonObject
  readonly subject: Subject
  readonly context: BridgeContext
}

/** A message of the flows as a transaction; which flow it is, ORC-1 says, as the guide fixes it. */
export function teleradiologyToFhir(message: Hl7Message, _: Header, context: BridgeContext): Conversion<JsonObject> {
  const groups = orderGroups(message)
  if (groups === null) return lacking('OBX')
  const [group, another] = groups
  if (group === undefined || another !== undefined || group.orc === null) return lacking('ORC')
  const placer = entityAt(message, `${group.orc}-2`, 'PLAC', context)
  if (placer === null || nameOf({ identifier: [placer] }) === null) return lacking('ORC-2')
  const subject = subjectIn(message, context)
  if (isRefused(subject)) return subject
  const flow: Flow = { message, group, placer, subject, context }
  const made = entriesOf(flow, textAt(message, `${group.orc}-1`))
  if (isRefused(made)) return made
  const findings = [...subject.findings, ...made.findings]
  return transaction([...subject.entries, ...made.entries], context, findings)
}

interface Made {
  readonly entries: readonly Entry[]
  readonly findings: readonly Finding[]
}

function entriesOf(flow: Flow, control: string): Made | Unconvertible {
  switch (control) {
    case 'NW':
      return request(flow)
    case 'CA':
      return standing(flow, 'cancelled')
    case 'OK':
      return standing(flow, 'accepted')
    case 'OC':
      return standing(flow, 'rejected')
    // SC stands in the guide's own sample of flow 4.
    case 'SR':
    case 'SC':
      return complement(flow)
    default:
      return lacking('ORC-1')
  }
}

/** Flow 1: the request and its Task. */
function request(flow: Flow): Made | Unconvertible {
  const { message, group, placer, subject, context } = flow
  const { orc, obr } = group
  if (obr === null) return lacking('OBR')
  const requester = requesterOf(message, group, context)
  const center = partyOf(context.receiver)
  const radiologist = professionalAt(message, `${orc}-11`, context)
  const authored = dateTimeOf(textAt(message, `${orc}-9`), context.timeZone)
  const clinical = clinicalEntries(message, group, new ObservationNames(nameOf({ identifier: [placer] })!), {
    subject: subject.patient,
    encounter: subject.encounter,
    effective: authored,
    issued: null,
    category: undefined,
    context,
  })
  const { sites, contained } = regionsIn(message, group, subject.patient)
  const reason = textsAt(message, `${obr}-13`).join('\n')
  const order = ensured(
    resource('ServiceRequest', null, {
      contained: [...requester.contained, ...contained],
      identifier: [placer],
      status: 'active',
      intent: 'order',
      category: [conceptWith(IMAGING.system, IMAGING.code)],
      code: conceptOf(partOf(message, `${obr}-4`)),
      orderDetail: valuesOf(message, group, 'MODALITE_IMAGERIE').map((one) => modality(message, one)),
      subject: subject.patient,
      encounter: subject.encounter,
      occurrenceDateTime: authored,
      authoredOn: authored,
      requester: requester.reference,
      performer: [center.reference, radiologist?.reference],
      reasonCode: reason === '' ? [] : [{ text: reason }],
      supportingInfo: clinical.map(referenceTo),
      note: noteTexts(message, group.notes).map((said): Loose => ({ text: said })),
      bodySite: sites,
    }),
  )
  const task = ensured(taskOf(flow, 'requested', { requester, owner: center.reference, focus: referenceTo(order) }))
  return {
    entries: [...requester.entries, ...entriesOfAll([center, radiologist]), ...clinical, order, task],
    findings: clinicalLosses(message, group),
  }
}

/** Modality that is wished for; the comment below it as the text. */
function modality(message: Hl7Message, { obx, notes }: ObservationGroup): Loose {
  const concept = conceptOf(partOf(message, `${obx}-5`))
  const said = noteTexts(message, notes).join('\n')
  return said === '' ? concept : { ...concept, text: said }
}

/** Flows 2 and 3: how the request stands, why, and with an acceptance the protocol. */
function standing(flow: Flow, status: 'cancelled' | 'accepted' | 'rejected'): Made {
  const { message, group, context } = flow
  const isCancel = status === 'cancelled'
  const sender = requesterOf(message, group, context, isCancel ? 'requester' : 'owner')
  const center = partyOf(context.receiver)
  const task = taskOf(flow, status, {
    requester: isCancel ? sender : null,
    owner: isCancel ? center.reference : sender.reference,
    focus: logical('ServiceRequest', flow.placer)!,
    contained: sender.contained,
    reason: conceptOf(partOf(message, `${group.orc}-16`)),
    output: valuesOf(message, group, 'PROTOCOLE_IMAGERIE').map((one) => protocol(message, one)),
  })
  const people = [...sender.entries, ...(isCancel ? entriesOfAll([center]) : [])]
  return { entries: [...people, written(task)], findings: [] }
}

function protocol(message: Hl7Message, { obx }: ObservationGroup): Loose {
  const type = { coding: [{ system: TLR_OBSERVATION, code: 'PROTOCOLE_IMAGERIE' }] }
  const embedded = embeddedAt(message, obx)
  if (embedded !== null) return { type, valueAttachment: attachmentOf(embedded, null) }
  const said = textsAt(message, `${obx}-5`).join('\n')
  return said === '' ? undefined : { type, valueString: said }
}

interface TaskParts {
  readonly requester: Requester | null
  readonly owner: JsonObject | null
  readonly focus: JsonObject
  readonly contained?: readonly JsonObject[]
  readonly reason?: JsonObject | null
  readonly output?: readonly Loose[]
}

/** The Task of a request of tele-radiology: the same name in flows 1 to 3. */
function taskOf({ message, group, placer, subject, context }: Flow, status: string, parts: TaskParts): JsonObject {
  const at = dateTimeOf(textAt(message, `${group.orc}-9`), context.timeZone)
  const authored = at ?? dateTimeOf(textAt(message, 'MSH-7'), context.timeZone)
  return resource('Task', PROFILES.task, {
    contained: parts.contained ?? parts.requester?.contained,
    identifier: [untyped(placer)],
    basedOn: [parts.focus],
    status,
    statusReason: parts.reason,
    intent: 'order',
    code: conceptWith(TLR_PROCEDURE, FLOWS.request),
    focus: parts.focus,
    for: subject.patient,
    encounter: subject.encounter,
    authoredOn: authored,
    ...(status === 'requested' ? {} : { lastModified: authored }),
    requester: parts.requester?.reference,
    owner: parts.owner,
    output: parts.output,
  })
}

/** TQ1-6 of flow 4 counts days, whatever it calls them. */
function daysOf(duration: string): number | null {
  return /^[1-9]\d{0,4}$/.test(duration) ? Number(duration) : null
}

/** Flow 4: the images that were made, where they are seen, and what was given. */
function complement(flow: Flow): Made | Unconvertible {
  const { message, group, placer, subject, context } = flow
  const study = studyIn(message, group, context)
  if (study.uid === null) return lacking('IPC-3')
  const [wished] = valuesOf(message, group, 'MODALITE_IMAGERIE')
  const made = wished === undefined ? null : conceptOf(partOf(message, `${wished.obx}-5`))
  const started = group.timing === null ? '' : textAt(message, `${group.timing}-7`)
  const entries = studyEntries(
    { ...study, modality: study.modality ?? objects(made?.['coding'])[0] ?? null },
    {
      status: 'available',
      subject: subject.patient,
      encounter: subject.encounter,
      basedOn: logical('ServiceRequest', placer),
      started: dateTimeOf(started, context.timeZone),
      procedures: codedValues(message, group, 'CODE_ACTE_IMAGERIE'),
      keptDays: group.timing === null ? null : daysOf(textAt(message, `${group.timing}-6`)),
    },
  )
  const [imaging] = entries
  const shared = {
    subject: subject.patient,
    encounter: subject.encounter,
    effective: dateTimeOf(started, context.timeZone),
    issued: null,
    category: undefined,
    context,
  }
  const names = new ObservationNames(nameOf({ identifier: [placer] })!)
  const told = clinicalEntries(message, group, names, shared, imaging === undefined ? null : referenceTo(imaging))
  return { entries: [...entries, ...told], findings: [...study.findings, ...clinicalLosses(message, group)] }
}
