/** IHE_XDM.ZIP that goes out by mail (ITI-32, TF-2b §3.32). */
import { createHash } from 'node:crypto'
import { pieceOf } from './hl7-text.ts'
import { indexPage, readmeText, type XdmProducer } from './index-page.ts'
import { writeMetadata } from './metadata.ts'
import type { XdmEntry, XdmMetadata, XdmSubmission } from './package.ts'
import { writeZip, type ZipFile } from './zip-write.ts'

/** A document to be written: its file name, hash and size follow from the bytes and the place in the list. */
export interface DocumentToWrite {
  readonly entry: Omit<XdmEntry, 'uri' | 'hash' | 'size'>
  readonly bytes: Buffer
}

/** An archive to be written. `atMs`: date of its files, ms since 1970. */
export interface XdmToWrite {
  readonly submission: XdmSubmission
  readonly documents: readonly DocumentToWrite[]
  readonly producer: XdmProducer
  readonly atMs: number
}

const SUBSET = 'IHE_XDM/SUBSET01'
const MOST_DOCUMENTS = 190
const EXTENSIONS: Readonly<Record<string, string>> = {
  'text/xml': 'XML',
  'application/xml': 'XML',
  'application/hl7-cda+xml': 'XML',
  'application/pdf': 'PDF',
  'text/plain': 'TXT',
  'image/jpeg': 'JPG',
}

/** SHA-1 in hex and size, as a document entry says them (ITI TF-3 §4.2.3.2.11). */
export function measuredDocument(bytes: Buffer): { readonly hash: string; readonly size: number } {
  return { hash: createHash('sha1').update(bytes).digest('hex'), size: bytes.length }
}

/**
 * The archive: README.TXT, INDEX.HTM, METADATA.XML and DOC0001.XML onwards. The same input gives the same bytes.
 * @throws {RangeError} if there is no document, or there are more than an archive is read with */
export async function writeXdm({ submission, documents, producer, atMs }: XdmToWrite): Promise<Buffer> {
  if (documents.length === 0 || documents.length > MOST_DOCUMENTS) {
    throw new RangeError(`an archive has 1 to ${MOST_DOCUMENTS} documents`)
  }
  const entries = documents.map(
    ({ entry, bytes }, i): XdmEntry => ({ ...entry, uri: fileName(i + 1, entry.mimeType), ...measuredDocument(bytes) }),
  )
  const metadata: XdmMetadata = { submission, entries }
  const institution = pieceOf(submission.authors[0]?.institutions[0] ?? '', 1)
  const listed = entries.map(({ uri, title, mimeType }) => ({ path: `${SUBSET}/${uri}`, title, mimeType }))
  const files: ZipFile[] = [
    { name: 'README.TXT', bytes: readmeText(producer, institution) },
    { name: 'INDEX.HTM', bytes: indexPage(institution, listed) },
    { name: `${SUBSET}/METADATA.XML`, bytes: writeMetadata(metadata) },
    ...documents.map(({ bytes }, i) => ({ name: `${SUBSET}/${entries[i]!.uri}`, bytes })),
  ]
  return await writeZip(files, atMs)
}

function fileName(number: number, mimeType: string): string {
  const extension = Object.hasOwn(EXTENSIONS, mimeType) ? EXTENSIONS[mimeType]! : 'BIN'
  return `DOC${String(number).padStart(4, '0')}.${extension}`
}
