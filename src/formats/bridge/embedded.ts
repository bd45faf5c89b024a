/**
 * Encapsulated data (ED, HL7 v2.5.1 §2.A.24) and Attachment. The base64 text is moved as it stands: what is decoded, in
 * slices, only feeds the size and the hash.
 */
import { createHash } from 'node:crypto'
import { type JsonObject, text } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import type { Field } from '../hl7v2/write.ts'
import { textAt } from './parts.ts'

/** A document as a field has it. */
export interface Embedded {
  readonly contentType: string
  /** Base64, byte for byte as received. */
  readonly base64: string
}

/** Characters decoded at a time; a multiple of four. */
const SLICE = 1 << 20
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const WHITE = /[\t\n\r ]/
const ALL_WHITE = /[\t\n\r ]+/g

/** ED-2 and ED-3 as a media type; CDA is written `text^XML` or `TEXT^XML`, and ED-1 may say `application` alone. */
function contentTypeOf(type: string | null, subtype: string | null): string {
  const [main, sub] = [(type ?? '').toLowerCase(), (subtype ?? '').toLowerCase()]
  if (main.includes('/')) return main
  if (sub.includes('/')) return sub
  switch (sub) {
    case 'xml':
    case 'x-hl7-cda-level-one':
      return 'text/xml'
    case 'pdf':
      return 'application/pdf'
    case 'jpeg':
    case 'jpg':
      return 'image/jpeg'
    case '':
      return main === 'text' ? 'text/plain' : 'application/octet-stream'
    default:
      return `${main === '' ? 'application' : main}/${sub}`
  }
}

/**
 * The document of an OBX-5 of type ED in base64, padded where its sender did not; null when it is none (another encoding, or no
 * base64 at all). */
export function embeddedAt(message: Hl7Message, obx: string): Embedded | null {
  const at = (component: number) => message.text(`${obx}-5.${component}`)
  if ((at(4) ?? '').toLowerCase() !== 'base64') return null
  const base64 = at(5)
  const whole = base64 === null ? '' : padded(base64)
  return isBase64(whole) ? { contentType: contentTypeOf(at(2), at(3)), base64: whole } : null
}

/** Base64 whose last quartet lacks only its padding, with it. */
function padded(base64: string): string {
  const length = WHITE.test(base64) ? base64.replace(ALL_WHITE, '').length : base64.length
  return base64.includes('=') || length % 4 < 2 ? base64 : base64 + '='.repeat(4 - (length % 4))
}

/** Is the OBX a document? It is no value of an Observation. */
export function isDocument(message: Hl7Message, obx: string): boolean {
  return message.text(`${obx}-2`) === 'ED' && embeddedAt(message, obx) !== null
}

/** The document of an OBX as an Attachment, under the words of OBX-3; null when it is none. */
export function documentAt(message: Hl7Message, obx: string): JsonObject | null {
  const embedded = embeddedAt(message, obx)
  const title = textAt(message, `${obx}-3.2`) || textAt(message, `${obx}-3`)
  return embedded === null ? null : attachmentOf(embedded, title === '' ? null : title)
}

/** Where a document stands that is none that can be read: what follows it has no content of it. */
export function unreadDocuments(message: Hl7Message, obxs: readonly string[]): string[] {
  return obxs
    .filter((obx) => message.text(`${obx}-2`) === 'ED' && textAt(message, `${obx}-5.5`) !== '')
    .filter((obx) => embeddedAt(message, obx) === null)
    .map((obx) => `${obx}-5`)
}

/** Whole quartets, white space aside. */
function isBase64(value: string): boolean {
  const bare = WHITE.test(value) ? value.replace(ALL_WHITE, '') : value
  return bare !== '' && bare.length % 4 === 0 && BASE64.test(bare)
}

/** Size in bytes and SHA-1 (Attachment.hash, base64) of what the text holds. */
export function measured(base64: string): { size: number; hash: string } {
  const bare = WHITE.test(base64) ? base64.replace(ALL_WHITE, '') : base64
  const hash = createHash('sha1')
  let size = 0
  for (let start = 0; start < bare.length; start += SLICE) {
    const bytes = Buffer.from(bare.slice(start, start + SLICE), 'base64')
    size += bytes.length
    hash.update(bytes)
  }
  return { size, hash: hash.digest('base64') }
}

/** A document as an Attachment with its data, size and hash. */
export function attachmentOf({ contentType, base64 }: Embedded, title: string | null): JsonObject {
  return {
    contentType,
    data: base64,
    ...measured(base64),
    ...(title === null ? {} : { title }),
  }
}

const XML_TYPES: ReadonlySet<string> = new Set(['text/xml', 'application/xml', 'application/hl7-cda+xml'])

/** Is it a CDA by its media type? */
export function isXml(contentType: string): boolean {
  return XML_TYPES.has(contentType.split(';', 1)[0]!.trim().toLowerCase())
}

/** OBX-5 of a document: `^text^XML^Base64^…` for a CDA (`TEXT` in an ORU), else by its media type. */
export function embeddedField({ contentType, base64 }: Embedded, text = 'text'): Field {
  if (isXml(contentType)) return [null, text, 'XML', 'Base64', base64]
  const [type = 'application', subtype = 'octet-stream'] = contentType.split(';', 1)[0]!.trim().split('/')
  return [null, type, subtype, 'Base64', base64]
}

/** The document in an Attachment, or null when it has no data. */
export function embeddedIn(attachment: JsonObject | null): Embedded | null {
  const base64 = text(attachment?.['data'])
  if (base64 === null) return null
  return { contentType: text(attachment?.['contentType']) ?? 'application/octet-stream', base64 }
}

/** A short text carried in base64 (UTF-8), decoded; null when it is none or is longer than a text should be. */
export function embeddedText(message: Hl7Message, obx: string): string | null {
  const embedded = embeddedAt(message, obx)
  if (embedded === null || embedded.base64.length > MOST_TEXT) return null
  const bytes = Buffer.from(embedded.base64, 'base64')
  return bytes.toString('utf8')
}

/** Longest text that `embeddedText` decodes (base64 characters). */
const MOST_TEXT = 16_384

/** A short text as ED. */
export function textField(said: string): Field {
  return [null, 'TEXT', null, 'Base64', Buffer.from(said, 'utf8').toString('base64')]
}
