import { GatewayError } from '../../core/errors.ts'
import type { MailDownload, MailFiles, MailPiece, MailPlace, OpenedMail } from '../../core/webmail.ts'
import { decodeCharset } from '../../formats/mail/header-text.ts'
import { htmlText } from '../../formats/mail/html-text.ts'
import { type MailPart, MimeScan, type MimeStructure, textPartOf } from '../../formats/mail/structure.ts'
import { decodeBody } from '../../formats/mail/transfer.ts'

/** Octets of a text that are shown, decoded. */
const TEXT_BYTES = 262_144
/** Files that are listed. */
const MOST_PIECES = 200

/** Finds the parts of a mail, of which no more than a piece is held at a time. */
export async function structureOf(files: MailFiles, place: MailPlace): Promise<MimeStructure> {
  const scan = new MimeScan()
  for await (const piece of files.read(place, 0, Number.POSITIVE_INFINITY)) scan.push(piece)
  return scan.end()
}

/** The decoded octets of a part, in pieces. */
export async function* partBytes(files: MailFiles, place: MailPlace, part: MailPart): AsyncIterable<Buffer> {
  const decoder = decodeBody(part.encoding)
  for await (const piece of files.read(place, part.bodyAt, part.bodyAt + part.length)) {
    const octets = decoder.push(piece)
    if (octets.length > 0) yield octets
  }
  const rest = decoder.end()
  if (rest.length > 0) yield rest
}

/** The first octets of a part; `whole`: these are all. */
export async function partHead(
  files: MailFiles,
  place: MailPlace,
  part: MailPart,
  most: number,
): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
  const pieces: Buffer[] = []
  let read = 0
  for await (const piece of partBytes(files, place, part)) {
    pieces.push(piece)
    read += piece.length
    if (read > most) return { bytes: Buffer.concat(pieces).subarray(0, most), whole: false }
  }
  return { bytes: Buffer.concat(pieces), whole: true }
}

/** The text that a person reads, with what is to be known of it. */
export async function textOf(
  files: MailFiles,
  place: MailPlace,
  { parts }: MimeStructure,
): Promise<Pick<OpenedMail, 'text' | 'textNote'>> {
  const part = textPartOf(parts)
  if (part === null) return { text: '', textNote: 'none' }
  const { bytes, whole } = await partHead(files, place, part, TEXT_BYTES)
  const charset = part.parameters.get('charset') ?? 'utf-8'
  const known = decodeCharset(bytes, charset)
  const raw = known ?? bytes.toString('latin1')
  const html = part.type === 'text/html'
  const text = (html ? htmlText(raw) : raw).replace(/\r\n?/g, '\n')
  return { text, textNote: known === null ? 'charset' : whole ? (html ? 'from-html' : null) : 'cut' }
}

/** The files that go with a mail. `more`: there are others. */
export function piecesOf({ parts, fault }: MimeStructure): {
  readonly pieces: readonly MailPiece[]
  readonly more: boolean
} {
  const text = textPartOf(parts)
  const all = parts.filter((part) => part !== text && isPiece(part, parts))
  return {
    pieces: all.slice(0, MOST_PIECES).map(pieceOf),
    more: fault !== null || all.length > MOST_PIECES,
  }
}

/** Does it stand for itself: no container, not inside a message inside, no other form of the text? */
function isPiece(part: MailPart, parts: readonly MailPart[]): boolean {
  if (part.type.startsWith('multipart/')) return false
  for (let at = part.parent; at !== null; at = parts[at]!.parent)
    if (parts[at]!.type.startsWith('message/')) return false
  if (part.parent === null) return part.fileName !== null || !part.type.startsWith('text/')
  const around = parts[part.parent]!.type
  return !(around === 'multipart/alternative' && part.fileName === null && part.disposition !== 'attachment')
}

function pieceOf({ index, fileName, type, length }: MailPart): MailPiece {
  const ending = type === 'message/rfc822' ? '.eml' : ''
  const name = fileName ?? `piece-${index}${ending}`
  return { n: index, name, type, size: length, archive: isArchive(name, type) }
}

/** IHE_XDM.ZIP, in any case of letters. */
function isArchive(name: string, type: string): boolean {
  return /^ihe_xdm.*\.zip$/i.test(name) && !type.startsWith('text/')
}

/** Types that a browser may be told; of all others it learns nothing. None is ever shown by it. */
const TOLD = ['application/pdf', 'image/jpeg', 'image/png', 'application/zip', 'text/plain', 'application/dicom']

/** One of the files, to be kept. @throws {GatewayError} NOT_FOUND */
export function downloadOf(
  files: MailFiles,
  place: MailPlace,
  { parts }: MimeStructure,
  n: number,
): { readonly part: MailPart; readonly download: MailDownload } {
  const part = parts[n]
  if (part === undefined || !isPiece(part, parts)) throw new GatewayError('NOT_FOUND')
  const { name, type } = pieceOf(part)
  return { part, download: { name, type: toldType(type), body: partBytes(files, place, part) } }
}

/** The type as it is told to a browser. */
export function toldType(type: string): string {
  return TOLD.includes(type) ? type : 'application/octet-stream'
}
