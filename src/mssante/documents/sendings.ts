import { GatewayError } from '../../core/errors.ts'
import type { DocumentToSend, UnreadDocuments } from '../../formats/documents/document.ts'
import { documentSteps } from '../../formats/documents/from-hl7.ts'
import { type ZamOriginal, zamOriginal } from '../../formats/documents/zam.ts'
import { readHeader } from '../../formats/hl7v2/header.ts'
import { type Hl7Message, readMessage } from '../../formats/hl7v2/message.ts'
import { type DocumentParts, inSlices, type noted, type Of, wholeBody } from './parts.ts'

type Code = Parameters<typeof noted>[1]

/** A message with its documents, read. */
export interface Read {
  readonly original: ZamOriginal
  readonly sendings: readonly DocumentToSend[]
  readonly unread: readonly UnreadDocuments[]
  /** What was found, each once. */
  readonly codes: readonly Code[]
}

/** What a message has to be sent. @throws {GatewayError} when its body or its form cannot be read */
export async function readSendings(of: Of, parts: DocumentParts): Promise<Read> {
  const message = await messageOf(of, parts)
  const header = readHeader(message)
  const { patientDomain } = parts.config().mail!.operator!
  const found = await inSlices(documentSteps(message, header, { patientDomain: patientDomain.toLowerCase() }))
  const original = zamOriginal(message)
  // A result of which nothing is to be sent is a result like any other, whatever is embedded in it.
  if (header.kind === 'ORU^R01' && found.sendings.length === 0 && !found.unread.some(isAsked)) {
    return { original, sendings: [], unread: [], codes: [] }
  }
  return { ...found, original, codes: [...new Set(found.findings.map(({ code }) => code))] }
}

/** What an acknowledgement of a message takes from it. @throws {GatewayError} when its body or its form cannot be read */
export async function originalOf(of: Of, parts: DocumentParts): Promise<ZamOriginal> {
  return zamOriginal(await messageOf(of, parts))
}

async function messageOf(of: Of, parts: DocumentParts): Promise<Hl7Message> {
  const bytes = await wholeBody(parts, of.id)
  const read = readMessage(bytes, parts.config().establishments.get(of.establishment)?.charset ?? 'UNICODE UTF-8')
  if (!read.ok) throw new GatewayError(read.code)
  return read.message
}

function isAsked({ instructions: { toDmp, toProfessionals, toPatient } }: UnreadDocuments): boolean {
  return toDmp || toProfessionals || toPatient
}
