/** A DocumentReference with its document as MDM T02, T04 or T10: a CDA in 2.6 with its metadata, anything else in 2.5. */
import type { Finding } from '../../core/message.ts'
import { type JsonObject, object, objects, text } from '../fhir/json.ts'
import { type Field, type Fields, type Repetition, type Segment, segment } from '../hl7v2/write.ts'
import { typeCodes } from '../identifiers/fhir-form.ts'
import { resolve } from './bundle.ts'
import { ceOf, codeIn } from './codes.ts'
import { type BridgeContext, mapped } from './context.ts'
import { type Conversion, type Hl7Draft, lacking } from './conversion.ts'
import { metadataOf, metadataSegments } from './document-metadata.ts'
import { insideAt, recipientSegments, senderSegment } from './document-people.ts'
import { CDA_PROFILE, oidOfUuid, RECIPIENT } from './documents.ts'
import { type Embedded, embeddedField, embeddedIn, isXml } from './embedded.ts'
import { entityField } from './entities.ts'
import { eventSegment } from './header.ts'
import { followed, professionalField } from './participants.ts'
import { isRefused, ofType, subjectSegments } from './subject.ts'
import { tsOf } from './time.ts'
import { lossFindings } from './unread.ts'

/** What is meant, with its trigger, OBX-11 and ORC-1. */
const INTENTS = {
  initial: { trigger: 'T02', result: 'F', order: 'NW' },
  replace: { trigger: 'T10', result: 'C', order: 'RO' },
  delete: { trigger: 'T04', result: 'D', order: 'CA' },
} as const
const UUID = /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** v3-Confidentiality: what every document is unless it is said. */
const UNRESTRICTED = 'N'
const COMPLETION: Readonly<Record<string, string>> = { final: 'AU', amended: 'AU', preliminary: 'IP' }

/** The one DocumentReference of the Bundle as a message. */
export function documentsToHl7(root: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  const [document, another] = ofType(root, 'DocumentReference')
  if (document === undefined || another !== undefined) return lacking('DocumentReference')
  const intent = intentOf(document)
  if (intent === null) return lacking('DocumentReference.status')
  // Told as a new one it would stand beside the one that it takes the place of.
  if (intent === 'initial' && replaces(document) !== null) return lacking('DocumentReference.relatesTo')
  const attachment = object(object(objects(document['content'])[0])?.['attachment'])
  const embedded = embeddedIn(attachment) ?? binaryOf(attachment, document, root)
  if (embedded === null) return lacking('DocumentReference.content.attachment')
  const type = object(document['type'])
  if (type === null) return lacking('DocumentReference.type')
  const name = uniqueIdField(object(document['masterIdentifier']) ?? objects(document['identifier'])[0] ?? null)
  if (name === null) return lacking('DocumentReference.masterIdentifier')
  const subject = subjectSegments(document, root, context)
  if (isRefused(subject)) return subject
  const isCda = isXml(embedded.contentType)
  const about: About = { document, root, type, name, attachment: attachment!, embedded, intent, isCda, context }
  const segments = [
    eventSegment(context, ''),
    subject.pid,
    ...subject.visit,
    ...orderSegments(about),
    transcription(about),
    ...contentSegments(about),
  ]
  const made: Hl7Draft = {
    type: ['MDM', INTENTS[intent].trigger, 'MDM_T02'],
    version: [isCda ? '2.6' : '2.5'],
    ...(isCda ? { profile: ['2.1', CDA_PROFILE] } : {}),
    segments,
  }
  const findings: readonly Finding[] = [...subject.findings, ...lossFindings(lostOf(about))]
  return { ok: true, made, findings }
}

interface About {
  readonly document: JsonObject
  readonly root: JsonObject
  readonly type: JsonObject
  readonly name: Repetition
  readonly attachment: JsonObject
  readonly embedded: Embedded
  readonly intent: keyof typeof INTENTS
  readonly isCda: boolean
  readonly context: BridgeContext
}

/** A superseded document is told by the one that replaces it. */
function intentOf(document: JsonObject): keyof typeof INTENTS | null {
  const status = text(document['status'])
  if (status === 'entered-in-error') return 'delete'
  if (status !== 'current') return null
  return replacedBy(document) === null ? 'initial' : 'replace'
}

/** The document that this one replaces, by name. */
function replacedBy(document: JsonObject): JsonObject | null {
  return object(replaces(document)?.['identifier'])
}

function replaces(document: JsonObject): JsonObject | null {
  const relation = objects(document['relatesTo']).find(({ code }) => code === 'replaces')
  return object(relation?.['target'])
}

/** What of a document has no place in the message: what stands behind its first content, and whom it is kept from or meant for. */
function lostOf({ document, isCda }: About): string[] {
  const extensions = objects(document['extension']).filter(({ url }) => url === RECIPIENT)
  // Without a CDA the message is none of the volet, and has no metadata.
  const labels = objects(document['securityLabel']).filter(
    (one) => codeIn(one) !== UNRESTRICTED && (!isCda || metadataOf({ securityLabel: [one] }, []).size === 0),
  )
  return [
    ...(objects(document['content']).length > 1 ? ['DocumentReference.content'] : []),
    ...(labels.length > 0 ? ['DocumentReference.securityLabel'] : []),
    ...(!isCda && extensions.length > 0 ? ['DocumentReference.extension'] : []),
  ]
}

/** The Binary that the attachment's url means, in the same Bundle. */
function binaryOf(attachment: JsonObject | null, document: JsonObject, root: JsonObject): Embedded | null {
  const url = text(attachment?.['url'])
  const binary = url === null ? null : resolve({ reference: url }, document, root)
  const base64 = text(binary?.['data'])
  if (binary?.['resourceType'] !== 'Binary' || base64 === null) return null
  const contentType = text(attachment?.['contentType']) ?? text(binary['contentType']) ?? 'application/octet-stream'
  return { contentType, base64 }
}

/** TXA-12: an OID stands alone, which the national record wants. */
function uniqueIdField(identifier: JsonObject | null): Repetition {
  const value = text(identifier?.['value'])
  if (identifier === null || value === null) return null
  if (value.startsWith('urn:oid:')) return value.slice('urn:oid:'.length)
  return UUID.test(value) ? oidOfUuid(value.slice('urn:uuid:'.length)) : entityField(identifier)
}

function orderSegments({ document, type, intent, isCda }: About): Segment[] {
  const related = objects(object(document['context'])?.['related'])
    .map((one) => object(one['identifier']))
    .filter((one) => one !== null)
  const named = (code: string) => related.find((one) => typeCodes(one).includes(code)) ?? null
  const names: Fields = { 2: entityField(named('PLAC')), 3: entityField(named('FILL')) }
  const start = text(object(object(document['context'])?.['period'])?.['start'])
  const order = segment('ORC', { 1: INTENTS[intent].order, ...names })
  const what = segment('OBR', { 1: '1', ...names, 4: ceOf(type), 7: tsOf(start) })
  // MDM_T02 of 2.5 has neither; they came with 2.6.
  return isCda ? [order, what] : []
}

function transcription({ document, root, type, name, intent, isCda, context }: About): Segment {
  const who = authorOf(document, root)
  const authenticator = followed(object(document['authenticator']), document, root).professional
  const replaced = intent === 'replace' ? uniqueIdField(replacedBy(document)) : null
  const date = text(document['date'])
  return segment('TXA', {
    1: '1',
    2: ceOf(type),
    3: isCda ? 'TEXT' : 'AP',
    4: tsOf(date),
    5: professionalField(who.professional),
    12: name,
    13: replaced,
    17: mapped(context, 'document-completion', COMPLETION, text(document['docStatus'])) ?? 'AU',
    22: professionalField(authenticator),
  })
}

function authorOf(document: JsonObject, root: JsonObject): ReturnType<typeof followed> {
  const authors = objects(document['author']).map((reference) => followed(reference, document, root))
  return (
    authors.find(({ professional }) => professional !== null) ?? authors[0] ?? { professional: null, structure: null }
  )
}

function contentSegments(about: About): Segment[] {
  const { document, root, type, attachment, embedded, intent, isCda, context } = about
  const result = INTENTS[intent].result
  const content: Field = embeddedField(embedded, 'text')
  const obx = segment('OBX', { 1: '1', 2: 'ED', 3: withTitle(type, text(attachment['title'])), 5: content, 11: result })
  if (!isCda) return [obx]
  const who = authorOf(document, root)
  const custodian = followed(object(document['custodian']), document, root).structure
  const yes = metadataOf(document, objects(object(document['meta'])?.['tag']))
  const recipients = objects(document['extension'])
    .filter(({ url }) => url === RECIPIENT)
    .map((one) => insideAt(document, object(one['valueReference'])))
    .filter((one) => one !== null)
  const patient = resolve(object(document['subject']) ?? {}, document, root)
  return [
    obx,
    senderSegment(who.professional, custodian ?? who.structure),
    ...recipientSegments(recipients, yes.has('DESTMSSANTEPAT'), patient, context),
    ...metadataSegments(yes, 'CWE', 2),
  ]
}

/** OBX-3 is the type; its words are the document's title where it has one. */
function withTitle(type: JsonObject, title: string | null): Repetition {
  const [coding, ...more] = objects(type['coding'])
  if (coding === undefined || title === null) return ceOf(type)
  return ceOf({ ...type, coding: [{ ...coding, display: title }, ...more] })
}
