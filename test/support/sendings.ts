/** Documents on their way to mailboxes, out of invented messages. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { DocumentToSend } from '../../src/formats/documents/document.ts'
import { type DocumentsToSend, documentsToSend } from '../../src/formats/documents/from-hl7.ts'
import { type DocumentSettings, readDocumentSettings } from '../../src/formats/documents/settings.ts'
import type { Mailing } from '../../src/formats/documents/to-mail.ts'
import { readHeader } from '../../src/formats/hl7v2/header.ts'
import { type Hl7Message, readMessage } from '../../src/formats/hl7v2/message.ts'
import { MADE_AT_MS } from './archives.ts'
import { cda, INS, mdm, message } from './documents.ts'

/** The file as it is shipped, parsed. */
export const shippedFile = (): unknown =>
  parse(readFileSync(new URL('../../profiles/documents/mail.yaml', import.meta.url), 'utf8'))

/** What the region says of itself as a mail operator. */
export const OPERATOR = { patientDomain: 'patient.test', softwareId: 'TEST000001' }
const SHIPPED = readDocumentSettings(shippedFile(), OPERATOR)

/** The settings that are shipped, with whatever differs. */
export function settings(parts: Partial<DocumentSettings> = {}): DocumentSettings {
  if (!SHIPPED.ok) throw new Error(`profiles/documents/mail.yaml: ${SHIPPED.at}`)
  return { ...SHIPPED.settings, ...parts }
}

/** What a mail depends on, with whatever differs. */
export function mailing(parts: Partial<Mailing> = {}): Mailing {
  return {
    settings: settings(),
    sourceId: '1.2.250.1.999.20',
    atMs: MADE_AT_MS,
    timeZone: 'Europe/Paris',
    producer: { name: 'Passerelle', version: '0', contact: 'exploitation@region.test' },
    ...parts,
  }
}

/** The message of these segments. */
export function messageOf(segments: readonly string[]): Hl7Message {
  const read = readMessage(Buffer.from(message(segments)))
  if (!read.ok) throw new Error(read.code)
  return read.message
}

/** What these segments have to be sent. */
export function sent(segments: readonly string[], of: DocumentSettings = settings()): DocumentsToSend {
  const read = messageOf(segments)
  return documentsToSend(read, readHeader(read), of)
}

/** The one group of documents that these segments have to be sent. */
export function sending(segments: readonly string[] = mdm(), of: DocumentSettings = settings()): DocumentToSend {
  const { sendings } = sent(segments, of)
  if (sendings.length !== 1) throw new Error(`${sendings.length} sendings`)
  return sendings[0]!
}

/** The segments with one text changed in those of a name; a change that changes nothing is a slip. */
export function changed(segments: readonly string[], name: string, from: string | RegExp, to: string): string[] {
  const made = segments.map((one) => (one.startsWith(name) ? one.replace(from, to) : one))
  if (made.join('\r') === segments.join('\r')) throw new Error(`nothing to change: ${name} ${from}`)
  return made
}

/** The segments with other values of metadata, by code. */
export function withMetadata(segments: readonly string[], values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).reduce<string[]>(
    (made, [code, value]) =>
      made.map((one) =>
        one.includes(`|${code}^`) ? one.replace(/\|\|[^|^]*\^\^expanded/, `||${value}^^expanded`) : one,
      ),
    [...segments],
  )
}

/** PRT of the patient's own box. */
export const PATIENT_BOX = `PRT||UC||RCT^Result Copies To^participation|${INS}^LEROUX (FICTIF)^SUZANNE^^^^^^&1.2.250.1.213.1.4.10&ISO^L^^^INS||||||||||^NET^X.400^${INS}@patient.test`

/** The segments with one more behind the first of a name. */
export function behind(segments: readonly string[], name: string, more: string): string[] {
  const at = segments.findIndex((one) => one.startsWith(name))
  return segments.toSpliced(at + 1, 0, more)
}

/** A PDF of no page. */
export const PDF = Buffer.from('%PDF-1.4\n% rien\n%%EOF\n')
/** A document of level 1. */
export const levelOne = (pdf: Buffer = PDF): string =>
  cda({
    body: `<nonXMLBody><text mediaType="application/pdf" representation="B64">\n${pdf.toString('base64').replace(/(.{20})/g, '$1\n')}\n</text></nonXMLBody>`,
  })
