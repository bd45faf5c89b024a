/**
 * Documents: MDM T02, T04 and T10, and ORU^R01 that carries a CDA (volet "Transmission de documents CDA-R2 en HL7v2"), as
 * DocumentReference. The document stands in attachment.data as it came, so that a repeat makes no second Binary.
 */
import type { Finding } from '../../core/message.ts'
import type { JsonObject } from '../fhir/json.ts'
import type { Header } from '../hl7v2/header.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Entry, ensured, type Loose, nameOf, resource, transaction, written } from './bundle.ts'
import { conceptOf } from './codes.ts'
import { type BridgeContext, mapped } from './context.ts'
import { type Conversion, lacking, type Unconvertible } from './conversion.ts'
import { isMetadata, readMetadata } from './document-metadata.ts'
import { recipientsOf, senderOf } from './document-people.ts'
import { attachmentOf, embeddedAt } from './embedded.ts'
import { entityAt, logical, orderEntity } from './entities.ts'
import { type ObservationGroup, type OrderGroup, orderGroups } from './order-groups.ts'
import { entriesOfAll, type Participant, partyOf, professionalAt } from './participants.ts'
import { partOf, textAt } from './parts.ts'
import { PROFILES } from './profiles.ts'
import { stableId } from './stable-id.ts'
import { isRefused, type Subject, subjectIn } from './subject.ts'
import { dateTimeOf, instantOf } from './time.ts'

/** MSH-21 of messages that carry a CDA. */
export const CDA_PROFILE = 'CISIS_CDA_HL7_V2'
/** Extension of a DocumentReference: who is to receive it by secure mail (MHD knows it on its submission set). */
export const RECIPIENT = 'https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-intendedRecipient'

/** What is meant: OBX-11 of the document, as the volet ties it to the trigger and to ORC-1. */
const INTENTS: Readonly<Record<string, Intent>> = { F: 'initial', C: 'replace', D: 'delete', P: 'initial' }
type Intent = 'initial' | 'replace' | 'delete'
const BY_TRIGGER: Readonly<Record<string, Intent>> = { T02: 'initial', T04: 'delete', T10: 'replace' }
/** TXA-17 (table 0271) and DocumentReference.docStatus. */
const COMPLETION: Readonly<Record<string, string>> = {
  AU: 'final',
  LA: 'final',
  DI: 'preliminary',
  DO: 'preliminary',
  IN: 'preliminary',
  IP: 'preliminary',
  PA: 'preliminary',
}

/** Is the ORU a carrier of documents and no result? */
export function carriesDocuments(_: Hl7Message, header: Header): boolean {
  return header.messageType === 'MDM' || header.profiles.includes(CDA_PROFILE)
}

/** Each document of the message as a DocumentReference. */
export function documentsToFhir(message: Hl7Message, header: Header, context: BridgeContext): Conversion<JsonObject> {
  const groups = orderGroups(message)
  if (groups === null) return lacking('OBX')
  const subject = subjectIn(message, context)
  if (isRefused(subject)) return subject
  const entries: Entry[] = [...subject.entries]
  const findings: Finding[] = [...subject.findings]
  const seen = new Map<string, number>()
  for (const group of groups) {
    // The ten metadata follow the documents that they are about.
    for (const one of group.observations.filter((observation) => isDocument(message, observation))) {
      const made = documentEntries({ message, header, group, subject, context, seen }, one)
      if (isRefused(made)) return made
      entries.push(...made)
    }
  }
  if (seen.size === 0) return lacking('OBX-5')
  return transaction(entries, context, findings)
}

/** TXA-2; a bare code is that of OBX-3 or OBR-4 with its system and name, where one of them has it. */
function typeAt(path: string, { message, group }: Carrier, one: ObservationGroup): JsonObject | null {
  const said = partOf(message, path)
  if (said(1) === '' || said(3) !== '') return conceptOf(said)
  const others = [`${one.obx}-3`, ...(group.obr === null ? [] : [`${group.obr}-4`])].map((at) => partOf(message, at))
  return conceptOf(others.find((part) => part(1) === said(1) && part(3) !== '') ?? said)
}

function isDocument(message: Hl7Message, one: ObservationGroup): boolean {
  return textAt(message, `${one.obx}-2`) === 'ED' && !isMetadata(message, one)
}

interface Carrier {
  readonly message: Hl7Message
  readonly header: Header
  readonly group: OrderGroup
  readonly subject: Subject
  readonly context: BridgeContext
  /** How many documents of the message bear each name. */
  readonly seen: Map<string, number>
}

function documentEntries(carrier: Carrier, one: ObservationGroup): readonly Entry[] | Unconvertible {
  const { message, header, group, subject, context } = carrier
  const embedded = embeddedAt(message, one.obx)
  if (embedded === null) return lacking(`${one.obx}-5`)
  const named = conceptOf(partOf(message, `${one.obx}-3`))
  const type = group.txa === null ? named : typeAt(`${group.txa}-2`, carrier, one)
  if (type === null && named === null) return lacking(`${one.obx}-3`)
  const intent = BY_TRIGGER[header.triggerEvent] ?? INTENTS[textAt(message, `${one.obx}-11`)] ?? 'initial'
  const names = namesOf(carrier, one)
  if (names === null) return lacking(group.txa === null ? 'OBR-2' : 'TXA-12')
  const parent = group.txa === null ? null : uniqueIdAt(message, `${group.txa}-13`, context)
  const replaced = parent === null ? null : nth(parent, names.position)
  if (intent === 'replace' && group.txa !== null && replaced === null) return lacking('TXA-13')
  const people = peopleOf(carrier, one)
  const metadata = readMetadata(message, group.observations)
  const recipients = recipientsOf(message, one, context)
  const title = textAt(message, `${one.obx}-3.2`) || textAt(message, `${one.obx}-3`)
  const made = resource('DocumentReference', PROFILES.documentReference, {
    contained: [...people.contained, ...recipients],
    extension: recipients.map(
      (person): Loose => ({
        url: RECIPIENT,
        valueReference: { reference: `#${String(person['id'])}` },
      }),
    ),
    masterIdentifier: names.master,
    identifier: names.identifiers,
    status: intent === 'delete' ? 'entered-in-error' : 'current',
    docStatus:
      group.txa === null ? null : mapped(context, 'doc-status', COMPLETION, textAt(message, `${group.txa}-17`)),
    type: type ?? named,
    // The volet says no class: the region's table, else the type's own words.
    category: [categoryOf(type ?? named!, context)],
    subject: subject.patient,
    date: momentOf(carrier),
    author: people.author === null ? [] : [people.author],
    authenticator: people.authenticator?.reference,
    custodian: people.custodian.reference,
    relatesTo: replaced === null ? [] : [{ code: 'replaces', target: logical('DocumentReference', replaced) }],
    securityLabel: metadata.labels,
    content: [{ attachment: attachmentOf(embedded, title) }],
    context: contextOf(carrier),
  })
  const tagged =
    metadata.tags.length === 0 ? made : { ...made, meta: { ...(made['meta'] as JsonObject), tag: [...metadata.tags] } }
  const write = intent === 'initial' ? ensured : written
  return [...entriesOfAll(people.participants), write(tagged)]
}

/** TXA-12 and TXA-13: an OID alone, or an extension under one (EI). */
function uniqueIdAt(message: Hl7Message, path: string, context: BridgeContext): JsonObject | null {
  const value = textAt(message, path)
  if (/^[0-2](\.(0|[1-9]\d*))+$/.test(value) && textAt(message, `${path}.3`) === '') {
    return { system: 'urn:ietf:rfc3986', value: `urn:oid:${value}` }
  }
  return entityAt(message, path, null, context)
}

interface Names {
  readonly master: JsonObject | null
  readonly identifiers: JsonObject[]
  /** Which of the message's documents of this name it is, from 1. */
  readonly position: number
}

/**
 * Names of a document. TXA-12 is its unique id; an ORU has none outside the CDA, so there the filler's number names it,
 * else the placer's, with its type: a replacement bears the same. From the second of a name on its position is added. */
function namesOf({ message, group, context, seen }: Carrier, { obx }: ObservationGroup): Names | null {
  const master = group.txa === null ? null : uniqueIdAt(message, `${group.txa}-12`, context)
  const first = master ?? numberedName(message, group, textAt(message, `${obx}-3`), context)
  if (first === null) return null
  const key = JSON.stringify(nameOf({ identifier: [first] }))
  const position = (seen.get(key) ?? 0) + 1
  seen.set(key, position)
  const name = nth(first, position)
  return { master: master === null ? null : name, identifiers: [name], position }
}

function numberedName(
  message: Hl7Message,
  { obr, orc }: OrderGroup,
  type: string,
  context: BridgeContext,
): JsonObject | null {
  const number = orderEntity(message, [obr, orc], 3, context) ?? orderEntity(message, [obr, orc], 2, context)
  const name = number === null ? null : nameOf({ identifier: [number] })
  return name === null ? null : oidName(name, type)
}

/** The name of the document at a position among those of one name: the first bears it as it is. */
function nth(first: JsonObject, position: number): JsonObject {
  const name = nameOf({ identifier: [first] })
  return position === 1 || name === null ? first : oidName(name, String(position))
}

function oidName({ system, value }: { system: string; value: string }, more: string): JsonObject {
  const id = stableId('DocumentReference', system, value, more)
  return { system: 'urn:ietf:rfc3986', value: `urn:oid:${oidOfUuid(id)}` }
}

/** The OID of a UUID (X.667 §7): the national record takes a document's id as OID alone. */
export function oidOfUuid(uuid: string): string {
  return `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`
}

interface People {
  readonly author: JsonObject | null
  readonly contained: readonly JsonObject[]
  readonly authenticator: Participant | null
  readonly custodian: Participant
  readonly participants: readonly (Participant | null)[]
}

/** Author (TXA-9, TXA-5, else who sends), authenticator (TXA-22, TXA-10) and the structure that keeps the document. */
function peopleOf({ message, group, context }: Carrier, one: ObservationGroup): People {
  const { txa } = group
  const first = (...fields: readonly number[]): Participant | null =>
    txa === null
      ? null
      : (fields.map((field) => professionalAt(message, `${txa}-${field}`, context)).find((found) => found !== null) ??
        null)
  const sender = senderOf(message, one, context)
  const author = first(9, 5) ?? sender.person
  const authenticator = first(22, 10)
  const custodian = sender.structure ?? partyOf(context.sender)
  // The profile wants the author inside; a document keeps the words of its time.
  const inside = author === null ? null : insideOf(author, custodian)
  return {
    author: inside === null ? custodian.reference : { reference: '#author' },
    contained: inside === null ? [] : [inside],
    authenticator,
    custodian,
    participants: [authenticator, custodian],
  }
}

function insideOf(author: Participant, custodian: Participant): JsonObject {
  if (author.entry === null) {
    return resource('PractitionerRole', null, {
      id: 'author',
      practitioner: author.reference,
      organization: custodian.reference,
    })
  }
  const { resourceType, ...rest } = author.entry.resource
  return { resourceType: resourceType!, id: 'author', ...rest }
}

function categoryOf(type: JsonObject, context: BridgeContext): Loose {
  const [coding] = (type['coding'] as JsonObject[] | undefined) ?? []
  const code = typeof coding?.['code'] === 'string' ? coding['code'] : null
  const own = mapped(context, 'document-category', {}, code)
  return { text: own ?? coding?.['display'] ?? type['text'] ?? code ?? '?' }
}

/** When the reference was made: TXA-6, TXA-4, else MSH-7. */
function momentOf({ message, group, context }: Carrier): string {
  const stamps = [
    ...(group.txa === null ? [] : [textAt(message, `${group.txa}-6`), textAt(message, `${group.txa}-4`)]),
    textAt(message, 'MSH-7'),
  ]
  const found = stamps.map((stamp) => instantOf(stamp, context.timeZone)).find((one) => one !== null)
  return found ?? new Date(context.atMs).toISOString()
}

function contextOf({ message, group, subject, context }: Carrier): Loose {
  const acts = [
    group.obr === null ? '' : textAt(message, `${group.obr}-7`),
    group.txa === null ? '' : textAt(message, `${group.txa}-4`),
    textAt(message, 'MSH-7'),
  ]
  const start = acts.map((stamp) => dateTimeOf(stamp, context.timeZone)).find((one) => one !== null)
  const orders = [
    orderEntity(message, [group.obr, group.orc], 2, context),
    orderEntity(message, [group.obr, group.orc], 3, context),
  ]
  return {
    encounter: subject.encounter === null ? [] : [subject.encounter],
    period: { start },
    sourcePatientInfo: subject.patient,
    related: orders.map((identifier) => (identifier === null ? null : { identifier })),
  }
}
