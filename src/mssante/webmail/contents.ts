import { GatewayError } from '../../core/errors.ts'
import type { MailDownload, MailFiles, MailPiece, MailPlace, OpenedMail } from '../../core/webmail.ts'
import { bareText, decodeCharset } from '../../formats/mail/header-text.ts'
import { htmlText } from '../../formats/mail/html-text.ts'
import { isText, type MailPart, MimeScan, type MimeStructure, textPartsOf } from '../../formats/mail/structure.ts'
import { decodeBody } from '../../formats/mail/transfer.ts'

/** Of a text so much is shown: octets as they were sent, and characters of what HTML says. */
const TEXT_BYTES = 262_144
/** Octets of HTML that are read for it: pictures may stand in it. */
const HTML_BYTES = 1_048_576
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

/** The text that a person reads, with what is to be known of it. A blank one gives way to HTML. */
export async function textOf(
  files: MailFiles,
  place: MailPlace,
  { parts }: MimeStructure,
): Promise<Pick<OpenedMail, 'text' | 'textNote'>> {
  for (const part of textPartsOf(parts)) {
    const shown = await partText(files, place, part)
    if (shown.text.trim() !== '') return shown
  }
  return { text: '', textNote: 'none' }
}

async function partText(
  files: MailFiles,
  place: MailPlace,
  part: MailPart,
): Promise<Pick<OpenedMail, 'text' | 'textNote'>> {
  const html = part.type === 'text/html'
  const { bytes, whole } = await partHead(files, place, part, html ? HTML_BYTES : TEXT_BYTES)
  const charset = part.parameters.get('charset') ?? ''
  const known = /^(?:us-ascii|ascii|)$/i.test(charset) ? bareText(bytes, whole) : decodeCharset(bytes, charset)
  const raw = known ?? bytes.toString('latin1')
  const text = (html ? htmlText(raw) : raw).replace(/\r\n?/g, '\n')
  const cut = !whole || (html && text.length > TEXT_BYTES)
  const note = known === null ? 'charset' : cut ? 'cut' : html ? 'from-html' : null
  return { text: html ? text.slice(0, TEXT_BYTES) : text, textNote: note }
}

/** The files that go with a mail. `more`: there are others. */
export function piecesOf({ parts, fault }: MimeStructure): {
  readonly pieces: readonly MailPiece[]
  readonly more: boolean
} {
  const all = piecesAmong(parts)
  return {
    pieces: all.slice(0, MOST_PIECES).map(pieceOf),
    more: fault !== null || all.length > MOST_PIECES,
  }
}

/** Those that stand for themselves: no containers, nothing in a message inside, not the text or another form of it. */
function piecesAmong(parts: readonly MailPart[]): readonly MailPart[] {
  const [text] = textPartsOf(parts)
  return parts.filter((part) => {
    if (part.type.startsWith('multipart/') || part === text) return false
    for (let at = part.parent; at !== null; at = parts[at]!.parent)
      if (parts[at]!.type.startsWith('message/')) return false
    const beside = part.parent !== null && part.parent === text?.parent
    return !(beside && parts[part.parent]!.type === 'multipart/alternative' && isText(part))
  })
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
  if (part === undefined || !piecesAmong(parts).includes(part)) throw new GatewayError('NOT_FOUND')
  const { name, type } = pieceOf(part)
  return { part, download: { name, type: toldType(type), body: partBytes(files, place, part) } }
}

/** The whole mail as it came, to be kept. */
export async function originalOf(files: MailFiles, place: MailPlace): Promise<MailDownload> {
  const { size } = await files.head(place, 0)
  return { name: 'courrier.eml', type: toldType('message/rfc822'), body: files.read(place, 0, size) }
}

/** The type as it is told to a browser. */
export function toldType(type: string): string {
  return TOLD.includes(type) ? type : 'application/octet-stream'
}
