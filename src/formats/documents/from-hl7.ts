/** Documents to send out of MDM T02, T04, T10 and ORU^R01 (ANS, "Transmission de documents CDA-R2 en HL7v2", 2.1). */
import type { Finding } from '../../core/message.ts'
import { codeSystemOf } from '../bridge/codes.ts'
import { isMetadata } from '../bridge/document-metadata.ts'
import { embeddedAt } from '../bridge/embedded.ts'
import { type ObservationGroup, type OrderGroup, orderGroups } from '../bridge/order-groups.ts'
import { type Part, partOf, textAt } from '../bridge/parts.ts'
import { dateOf } from '../bridge/time.ts'
import type { CdaId } from '../cda/header.ts'
import { comparePatients, type Likeness, patientOf as pidOf, traitsComplete } from '../cda/patient.ts'
import type { Header } from '../hl7v2/header.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { insAuthority } from '../identifiers/ins.ts'
import { cdaContentSteps } from './cda-content.ts'
import type { DocumentPatient, DocumentToSend, Intent, SentDocument, UnreadDocuments } from './document.ts'
import { bodiesIn, instructionsIn, isNoReply } from './instructions.ts'
import { patientIn } from './patient-hl7.ts'
import {
  addressAt,
  everyone,
  MOST_RECIPIENTS,
  namesNobody,
  recipientPlaces,
  recipientsBeyond,
  recipientsIn,
  replyToIn,
  senderIn,
} from './recipients.ts'
import type { DocumentSettings } from './settings.ts'
import { atOnce } from './slices.ts'

/** What a message comes to. What is missing is told in findings; where nothing can be sent, `sendings` is empty. */
export interface DocumentsToSend {
  readonly sendings: readonly DocumentToSend[]
  /** What cannot be read, or is beyond the limits, and stays, with whom it was for. */
  readonly unread: readonly UnreadDocuments[]
  readonly findings: readonly Finding[]
}

const BY_TRIGGER: Readonly<Record<string, Intent>> = { T02: 'initial', T04: 'delete', T10: 'replace' }
/** W: what was sent was wrong, about another patient say (HL7 table 0085). */
const BY_STATUS: Readonly<Record<string, Intent>> = { F: 'initial', C: 'replace', D: 'delete', W: 'delete' }
const OTHERS: readonly Likeness[] = ['other-ins', 'other-id', 'other-person']
const LOINC = '2.16.840.1.113883.6.1'
const OID = 'urn:oid:'
/** Documents of one message; the guide has one or two. */
const MOST_DOCUMENTS = 20

type Settings = Pick<DocumentSettings, 'patientDomain'>

/**
 * Every group of documents of the message, in order; stops after each slice of work. Pure; never throws for what the
 * message holds. */
export function* documentSteps(
  message: Hl7Message,
  header: Header,
  settings: Settings,
): Generator<undefined, DocumentsToSend> {
  const patient = patientIn(message)
  if (patient === null) return nothing('SEGMENT_MISSING', 'PID')
  const groups = orderGroups(message) ?? []
  const carriers = groups.filter((one) => documentsOf(message, one).length > 0)
  // An MDM is about a document even where it holds none; an ORU without one is a result like any other.
  if (carriers.length === 0 && header.kind !== 'ORU^R01') carriers.push(...groups.slice(-1))
  if (carriers.length === 0) return nothing('FIELD_MISSING', 'OBX-5')
  const findings: Finding[] = []
  const sendings: DocumentToSend[] = []
  const unread: UnreadDocuments[] = []
  for (const group of carriers) {
    // Metadata and recipients of a group without its own are those of the message.
    const ownMetadata = group.observations.some((one) => isMetadata(message, one))
    const about = ownMetadata ? group.observations : groups.flatMap((one) => one.observations)
    for (const those of together(message, header, documentsOf(message, group))) {
      const carrier = { message, header, settings, patient, group, about, ...those }
      const { documents, code } = yield* documentsIn(carrier, findings)
      const asked = askedOf(carrier, findings)
      if (documents.length > 0) sendings.push(sendingOf(carrier, asked, documents, findings))
      if (code !== null) unread.push({ ...asked, recipients: everyone(asked), code })
      const beyond = recipientsBeyond(message, partiesOf(carrier), asked.recipients, settings)
      if (beyond.length > 0) unread.push({ ...asked, recipients: beyond, code: 'CARDINALITY' })
    }
  }
  return { sendings, unread, findings }
}

/** The same at once. */
export function documentsToSend(message: Hl7Message, header: Header, settings: Settings): DocumentsToSend {
  return atOnce(documentSteps(message, header, settings))
}

function nothing(code: 'SEGMENT_MISSING' | 'FIELD_MISSING', at: string): DocumentsToSend {
  return { sendings: [], unread: [], findings: [{ code, class: 'contract', at }] }
}

function documentsOf(message: Hl7Message, { observations }: OrderGroup): ObservationGroup[] {
  return observations.filter((one) => textAt(message, `${one.obx}-2`) === 'ED' && !isMetadata(message, one))
}

/** Documents that go together, and those whose participations name their recipients. */
interface Together {
  readonly inside: readonly ObservationGroup[]
  readonly named: readonly ObservationGroup[]
}

/**
 * Documents of one order that go together: all, unless their recipients differ, since nobody may get what is meant for
 * somebody else, or what is meant with them, since what was taken back must not go with what is new. One that names nobody
 * where others goes nowhere. */
function together(message: Hl7Message, header: Header, documents: readonly ObservationGroup[]): Together[] {
  if (documents.length === 0) return [{ inside: [], named: [] }]
  return ofSameRecipients(message, documents).flatMap((named) =>
    [...Map.groupBy(named, (one) => intentOf(message, header, one)).values()].map((inside) => ({ inside, named })),
  )
}

/** What is meant with a document: the event says it of all, else its own status (OBX-11). */
function intentOf(message: Hl7Message, { triggerEvent }: Header, one: ObservationGroup | undefined): Intent {
  const status = one === undefined ? '' : textAt(message, `${one.obx}-11`)
  return BY_TRIGGER[triggerEvent] ?? BY_STATUS[status] ?? 'initial'
}

function ofSameRecipients(message: Hl7Message, documents: readonly ObservationGroup[]): ObservationGroup[][] {
  const byRecipients = new Map<string, ObservationGroup[]>()
  for (const one of documents) {
    const addresses = recipientPlaces(message, one.participations).map((place) => addressAt(message, place) ?? place)
    const key = addresses.toSorted().join('\n')
    byRecipients.set(key, [...(byRecipients.get(key) ?? []), one])
  }
  const sets = [...byRecipients.keys()].filter((key) => key !== '').length
  return sets > 1 ? [...byRecipients.values()] : [[...documents]]
}

interface Carrier extends Together {
  readonly message: Hl7Message
  readonly header: Header
  readonly settings: Settings
  readonly patient: DocumentPatient
  readonly group: OrderGroup
  readonly about: readonly ObservationGroup[]
}

type Unread = UnreadDocuments['code']

/** The documents that can be read, and why others cannot. */
function* documentsIn(
  carrier: Carrier,
  findings: Finding[],
): Generator<undefined, { readonly documents: readonly SentDocument[]; readonly code: Unread | null }> {
  const { inside } = carrier
  if (inside.length === 0) {
    findings.push(missing('OBX-5'))
    return { documents: [], code: 'FIELD_MISSING' }
  }
  const documents: SentDocument[] = []
  const codes: Unread[] = []
  for (const one of inside.slice(0, MOST_DOCUMENTS)) {
    const read = yield* documentOf(carrier, one, findings)
    if (typeof read === 'string') codes.push(read)
    else documents.push(read)
  }
  if (inside.length > MOST_DOCUMENTS) codes.push('CARDINALITY')
  return { documents, code: codes[0] ?? null }
}

function sendingOf(
  { message, group }: Carrier,
  asked: Asked,
  documents: readonly SentDocument[],
  findings: Finding[],
): DocumentToSend {
  const first = documents[0]!
  const replaced = asked.intent === 'replace' ? replacedBy(message, group, first) : null
  if (asked.intent === 'replace' && replaced === null) findings.push(missing('TXA-13'))
  if (namesNobody(asked)) findings.push({ code: 'DOCUMENT_RECIPIENT_NONE', class: 'contract', at: 'PRT' })
  return { ...asked, documents, replaced, actDate: actDateOf(message, group, first) }
}

type Asked = Omit<DocumentToSend, 'documents' | 'replaced' | 'actDate'>

/** All of a sending that its documents do not say themselves. */
function askedOf(carrier: Carrier, findings: Finding[]): Asked {
  const { message, header, settings, patient, group, about, inside } = carrier
  const parties = partiesOf(carrier)
  const all = group.observations.flatMap((one) => one.participations)
  findings.push(...tooMany(message, inside.length, parties))
  const instructions = instructionsIn(message, about)
  const recipients = recipientsIn(message, parties, { patient, instructions, settings })
  const { bodies, findings: ofBodies } = bodiesIn(message, about)
  findings.push(...ofBodies)
  for (const { address, at } of recipients) if (address === null && at !== '') findings.push(missing(`${at}-15.4`))
  return {
    controlId: header.controlId,
    intent: intentOf(message, header, inside[0]),
    patient,
    sender: senderIn(message, [...parties, ...all]),
    recipients,
    replyTo: replyToIn(message, [...parties, ...all]),
    instructions,
    bodies,
    noReply: isNoReply(message, about),
    visitClass: textAt(message, 'PV1-2'),
    visitNumber: textAt(message, 'PV1-19'),
    sentDate: textAt(message, 'MSH-7').slice(0, 8),
  }
}

/** PRT of the documents; where the whole order has none, those of the message; all where there is no document. */
function partiesOf({ message, group, about, inside, named }: Carrier): string[] {
  if (inside.length === 0) return Array.from({ length: message.segments('PRT') }, (_, n) => `PRT(${n + 1})`)
  const own = named.flatMap((one) => one.participations)
  const someone = group.observations.some((one) => one.participations.length > 0)
  return own.length > 0 || someone ? own : about.flatMap((one) => one.participations)
}

/** What is beyond the limits is not sent, and told. */
function tooMany(message: Hl7Message, documents: number, parties: readonly string[]): Finding[] {
  const counts = {
    OBX: [documents, MOST_DOCUMENTS],
    PRT: [recipientPlaces(message, parties).length, MOST_RECIPIENTS],
  } as const
  return Object.entries(counts).flatMap(([at, [count, most]]): Finding[] =>
    count > most ? [{ code: 'CARDINALITY', class: 'contract', at, params: { count } }] : [],
  )
}

function missing(at: string): Finding {
  return { code: 'FIELD_MISSING', class: 'contract', at }
}

function* documentOf(
  carrier: Carrier,
  { obx }: ObservationGroup,
  findings: Finding[],
): Generator<undefined, SentDocument | Unread> {
  const { message, patient, group } = carrier
  const embedded = embeddedAt(message, obx)
  if (embedded === null) {
    findings.push({ code: 'FIELD_MALFORMED', class: 'contract', at: `${obx}-5` })
    return 'FIELD_MALFORMED'
  }
  const bytes = Buffer.from(embedded.base64, 'base64')
  const content = yield* cdaContentSteps(bytes)
  if (content.fault !== null) {
    findings.push({ code: 'CDA_UNREADABLE', class: 'contract', at: `${obx}-5`, params: { fault: content.fault } })
    return 'CDA_UNREADABLE'
  }
  const { header } = content
  const uniqueId = idText(header.id) ?? uniqueIdAt(message, group.txa === null ? null : `${group.txa}-12`)
  if (uniqueId === null) {
    findings.push(missing(group.txa === null ? `${obx}-5` : 'TXA-12'))
    return 'FIELD_MISSING'
  }
  const named = partOf(message, `${obx}-3`)
  const type = header.code ?? { code: '', codeSystem: '', displayName: '' }
  const like = header.patients.map((one) => comparePatients(pidOf(message, 'PID'), one))
  const [recordTarget] = header.patients
  const ids = header.patients.flatMap((one) => one.ids)
  return {
    at: obx,
    bytes,
    content,
    type: {
      code: type.code || named(1),
      system: type.codeSystem || systemOf(named(3)),
      display: type.displayName || named(2),
    },
    title: header.title || named(2) || type.displayName,
    uniqueId,
    otherPatient: like.length > 1 || like.some((one) => OTHERS.includes(one)),
    hasIns: ids.some(({ root }) => insAuthority(root) !== null),
    insComplete:
      like.length === 1 &&
      like[0] === 'same' &&
      recordTarget !== undefined &&
      traitsComplete(recordTarget) &&
      ids.some(({ root, extension }) => root === patient.ins?.oid && extension === patient.ins.value),
  }
}

/** OID of a coding system that HL7 v2 names by a word. */
function systemOf(name: string): string {
  if (name === 'LN') return LOINC
  const system = codeSystemOf(name) ?? ''
  return system.startsWith(OID) ? system.slice(OID.length) : name
}

function idText(id: CdaId | null): string | null {
  if (id === null) return null
  return id.extension === '' ? id.root : `${id.root}^${id.extension}`
}

/** TXA-12 and TXA-13: `ext^^OID^ISO`, or an OID alone. */
function uniqueIdAt(message: Hl7Message, path: string | null): string | null {
  if (path === null) return null
  const at: Part = partOf(message, path)
  const oid = at(3)
  if (at(1) === '') return null
  return oid === '' || oid === at(1) ? at(1) : `${oid}^${at(1)}`
}

/** TXA-13, else what the document itself says that it replaces. */
function replacedBy(message: Hl7Message, { txa }: OrderGroup, { content }: SentDocument): string | null {
  const named = uniqueIdAt(message, txa === null ? null : `${txa}-13`)
  const related = content.header.related.find(({ type }) => type === 'RPLC')
  return named ?? idText(related?.ids[0] ?? null)
}

/** The day of the act: as the document says, else OBR-7, else when the document was made. */
function actDateOf(message: Hl7Message, { obr, txa }: OrderGroup, { content }: SentDocument): string {
  const stamps = [
    content.serviceStart,
    obr === null ? '' : textAt(message, `${obr}-7`),
    content.header.effectiveTime,
    txa === null ? '' : textAt(message, `${txa}-4`),
  ]
  const found = stamps.map((one) => dateOf(one) ?? '').find((one) => one.length === 10)
  return (found ?? '').replaceAll('-', '')
}
