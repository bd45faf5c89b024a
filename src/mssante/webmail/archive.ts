import { setImmediate } from 'node:timers/promises'
import { GatewayError } from '../../core/errors.ts'
import type { ArchiveDocument, ArchivePatient, MailArchive, MailDownload } from '../../core/webmail.ts'
import { type CdaContent, cdaContentSteps } from '../../formats/documents/cda-content.ts'
import { pieceOf } from '../../formats/xdm/hl7-text.ts'
import type { XdmPackage } from '../../formats/xdm/package.ts'
import { readXdm } from '../../formats/xdm/read.ts'
import type { ZipBudget } from '../../formats/xdm/zip-read.ts'
import { toldType } from './contents.ts'

/** Documents of an archive that are listed. */
const MOST_DOCUMENTS = 50

type Document = XdmPackage['documents'][number]

/** An archive as it is listed. It is opened within its budget and never unpacked to disk. */
export async function archiveOf(piece: number, bytes: Buffer, budget: ZipBudget): Promise<MailArchive> {
  const read = await readXdm(bytes, budget)
  const codes = [...new Set(read.findings.filter(({ class: of }) => of !== 'form').map(({ code }) => code))]
  if (!read.ok) return { piece, patient: null, documents: [], codes }
  const { documents } = read.package
  const listed: ArchiveDocument[] = []
  for (const [n, one] of documents.slice(0, MOST_DOCUMENTS).entries()) {
    const content = await contentOf(one)
    listed.push({
      n,
      title: content?.header.title || one.entry.title || one.entry.typeCode?.display || '',
      type: one.entry.mimeType,
      size: one.bytes?.length ?? null,
      name: one.entry.uri,
      pdf: content !== null && content.pdf !== null,
    })
  }
  return { piece, patient: patientOf(documents), documents: listed, codes }
}

/** A document of an archive, or the PDF that stands in it. @throws {GatewayError} NOT_FOUND */
export async function documentOf(bytes: Buffer, budget: ZipBudget, n: number, pdf: boolean): Promise<MailDownload> {
  const read = await readXdm(bytes, budget)
  const document = read.ok ? read.package.documents[n] : undefined
  if (document === undefined || document.bytes === null) throw new GatewayError('NOT_FOUND')
  const { uri, mimeType } = document.entry
  if (!pdf) return { name: uri, type: toldType(mimeType), body: once(document.bytes) }
  const content = await contentOf(document)
  if (content === null || content.pdf === null) throw new GatewayError('NOT_FOUND')
  return { name: `${uri.replace(/\.[^.]{1,5}$/, '')}.pdf`, type: 'application/pdf', body: once(content.pdf) }
}

async function* once(bytes: Buffer): AsyncIterable<Buffer> {
  yield bytes
}

/** What a CDA says; null: it is none. */
async function contentOf({ entry, bytes }: Document): Promise<CdaContent | null> {
  if (bytes === null || !/^(?:text|application)\/(?:[\w.-]+\+)?xml$/.test(entry.mimeType)) return null
  const steps = cdaContentSteps(bytes)
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
    await setImmediate()
  }
}

/** The patient whom METADATA.XML names. */
function patientOf(documents: readonly Document[]): ArchivePatient | null {
  const entry = documents[0]?.entry
  if (entry === undefined) return null
  const field = (name: string): string =>
    entry.sourcePatientInfo.find((one) => one.startsWith(`${name}|`))?.slice(name.length + 1) ?? ''
  const name = [1, 2].map((n) => pieceOf(field('PID-5').split('~')[0] ?? '', n)).join(' ')
  const [, year, month, day] = /^(\d{4})(\d\d)?(\d\d)?/.exec(pieceOf(field('PID-7'), 1)) ?? []
  const born = [year, month, day].filter((one) => one !== undefined).join('-')
  const identifier = pieceOf(entry.patientId || entry.sourcePatientId, 1)
  return name.trim() === '' && identifier === '' ? null : { name: name.trim(), born, identifier }
}
