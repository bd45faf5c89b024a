/** Does a mail say what is in it? Documents against their metadata, and headers against documents: a report as findings. */
import type { Finding } from '../../core/message.ts'
import type { CdaPatient } from '../cda/header.ts'
import { comparePatients, type MessagePatient, traitsComplete } from '../cda/patient.ts'
import { insAuthority, isIns, isTestInsOid } from '../identifiers/ins.ts'
import { pieceOf } from '../xdm/hl7-text.ts'
import type { XdmEntry, XdmPackage } from '../xdm/package.ts'
import { type CdaContent, cdaContentSteps } from './cda-content.ts'
import { atOnce } from './slices.ts'

/** Headers of a mail that speak of its content; null where a header is absent. */
export interface DocumentHeaders {
  /** X-MSS-CODECDA. */
  readonly codes: string | null
  /** X-MSS-INS. */
  readonly ins: string | null
}

/** A document of an archive, read. `content`: null for what is no CDA, or is not there. */
export interface ReceivedDocument {
  readonly entry: XdmEntry
  readonly bytes: Buffer | null
  readonly content: CdaContent | null
}

const XML_TYPES: ReadonlySet<string> = new Set(['text/xml', 'application/xml', 'application/hl7-cda+xml'])

/** The documents of an archive with what each says of itself; stops after each slice of work. */
export function* receivedSteps({
  documents,
}: Pick<XdmPackage, 'documents'>): Generator<undefined, readonly ReceivedDocument[]> {
  const received: ReceivedDocument[] = []
  for (const { entry, bytes } of documents) {
    const isXml = XML_TYPES.has(entry.mimeType.toLowerCase()) || entry.mimeType === ''
    const content = bytes !== null && isXml ? yield* cdaContentSteps(bytes) : null
    received.push({ entry, bytes, content })
  }
  return received
}

/** The same at once. */
export function receivedDocuments(of: Pick<XdmPackage, 'documents'>): readonly ReceivedDocument[] {
  return atOnce(receivedSteps(of))
}

/**
 * What disagrees. Another patient inside than the metadata say, or two patients, is `safety`: nothing of it is handed on.
 * All else is told and blocks nothing. */
export function consistencyFindings(
  received: readonly ReceivedDocument[],
  headers: DocumentHeaders,
): readonly Finding[] {
  const each = received.flatMap((one, i) => documentFindings(one, `DocumentEntry[${i}]`))
  const all = [...each, ...acrossFindings(received), ...headerFindings(received, headers)]
  // The grave ones decide.
  return [...all.filter((one) => one.class === 'safety'), ...all.filter((one) => one.class !== 'safety')]
}

function documentFindings({ entry, content }: ReceivedDocument, at: string): Finding[] {
  if (content === null) return []
  if (content.fault !== null) {
    return [{ code: 'CDA_UNREADABLE', class: 'contract', at, params: { fault: content.fault } }]
  }
  const { id, code, patients } = content.header
  const uniqueId = id === null ? '' : id.extension === '' ? id.root : `${id.root}^${id.extension}`
  const found: Finding[] = []
  if (patients.length > 1) found.push({ code: 'XDM_PATIENTS', class: 'safety', at, params: { count: patients.length } })
  const [patient] = patients
  if (patient === undefined) found.push({ code: 'CDA_PATIENT_UNPROVEN', class: 'contract', at: `${at}.patientId` })
  else found.push(...patientFindings(entry, patient, at))
  if (uniqueId !== '' && entry.uniqueId !== '' && uniqueId !== entry.uniqueId) {
    found.push({ code: 'CDA_ID_MISMATCH', class: 'contract', at: `${at}.uniqueId` })
  }
  if (code !== null && entry.typeCode !== null && code.code !== entry.typeCode.code) {
    found.push({ code: 'CDA_CODE_MISMATCH', class: 'form', at: `${at}.typeCode` })
  }
  return found
}

function patientFindings(entry: XdmEntry, patient: CdaPatient, at: string): Finding[] {
  const place = `${at}.patientId`
  switch (comparePatients(entryPatient(entry), patient)) {
    case 'other-ins':
      return [{ code: 'CDA_INS_MISMATCH', class: 'safety', at: place }]
    case 'other-id':
    case 'other-person':
      return [{ code: 'CDA_PATIENT_MISMATCH', class: 'safety', at: place }]
    case 'traits':
      return [{ code: 'CDA_TRAITS_DIFFER', class: 'contract', at: `${at}.sourcePatientInfo` }]
    case 'unproven':
      return [{ code: 'CDA_PATIENT_UNPROVEN', class: 'contract', at: place }]
    default:
      return []
  }
}

/** The patient of an entry, as one of a message is compared. */
export function entryPatient(entry: XdmEntry): MessagePatient {
  const ids = [entry.patientId, entry.sourcePatientId]
    .filter((one) => one !== '')
    .map((one) => {
      const oid = pieceOf(one, 4, 2)
      // In metadata the type of an INS is NH, which in HL7 v2 is the billing number.
      return { value: pieceOf(one, 1), oid, ins: isIns(oid, '') }
    })
  const info = (field: string): string[] =>
    entry.sourcePatientInfo.filter((one) => one.startsWith(`${field}|`)).map((one) => one.slice(field.length + 1))
  return {
    ids,
    hasIns: ids.some(({ ins }) => ins),
    families: info('PID-5').map((one) => pieceOf(one, 1)),
    birthTime: pieceOf(info('PID-7')[0] ?? '', 1),
    sex: pieceOf(info('PID-8')[0] ?? '', 1),
    isIns: (oid) => insAuthority(oid) !== null,
  }
}

/** Two documents that agree with their metadata may still be of two patients, where these name a local number alone. */
function acrossFindings(received: readonly ReceivedDocument[]): Finding[] {
  const ins = received.flatMap(({ content }) =>
    (content?.header.patients ?? []).flatMap(({ ids }) =>
      ids
        .filter(({ root }) => insAuthority(root) !== null)
        .map(({ root, extension }) => `${root} ${extension.slice(0, 13)}`),
    ),
  )
  const count = new Set(ins).size
  return count > 1 ? [{ code: 'XDM_PATIENTS', class: 'safety', params: { count } }] : []
}

function headerFindings(received: readonly ReceivedDocument[], { codes, ins }: DocumentHeaders): Finding[] {
  const inside = received.flatMap(({ content }) => (content?.header.code == null ? [] : [content.header.code.code]))
  const said = (codes ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  const found: Finding[] = []
  if (new Set(said).symmetricDifference(new Set(inside)).size > 0) {
    found.push({ code: 'MAIL_HEADER_DISAGREES', class: 'form', at: 'X-MSS-CODECDA' })
  }
  const qualified = insComplete(received)
  const expected = inside.length === 0 ? null : qualified
  if (expected === null ? ins !== null : ins === null || (ins.trim().toUpperCase() === 'O' && !expected)) {
    found.push({ code: 'MAIL_HEADER_DISAGREES', class: 'form', at: 'X-MSS-INS' })
  }
  return found
}

/** Is one of them about a patient of the INS of test or demonstration? Metadata and documents count alike. */
export function areTests(received: readonly ReceivedDocument[]): boolean {
  return received.some(({ entry, content }) => {
    const said = entryPatient(entry).ids.map(({ oid }) => oid)
    const inside = (content?.header.patients ?? []).flatMap(({ ids }) => ids.map(({ root }) => root))
    return [...said, ...inside].some(isTestInsOid)
  })
}

/** Has every CDA an INS with the four traits? That it is qualified only its sender can say. */
export function insComplete(received: readonly ReceivedDocument[]): boolean {
  const patients = received.flatMap(({ content }) => content?.header.patients ?? [])
  return (
    patients.length > 0 &&
    patients.every((one) => traitsComplete(one) && one.ids.some(({ root }) => insAuthority(root) !== null))
  )
}
