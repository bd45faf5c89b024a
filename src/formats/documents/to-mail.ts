/** One mail with documents for one recipient (MSSanté, ECO.2.1): subject, words, headers, archive and PDF. */
import type { MailAttachment } from '../mail/compose.ts'
import type { XdmProducer } from '../xdm/index-page.ts'
import { writeXdm } from '../xdm/write.ts'
import type { DocumentRecipient, DocumentToSend, SentDocument } from './document.ts'
import type { DocumentSettings } from './settings.ts'
import { entryOf, type Submitting, submissionOf } from './to-metadata.ts'

/** A mail to be written by whoever sends: text is plain and lines end with \n. Subject and text name the patient. */
export interface DocumentMail {
  readonly to: string
  readonly replyTo: string | null
  readonly subject: string
  readonly text: string
  /** X-MSS-*, in ASCII. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly attachments: readonly MailAttachment[]
  /** Ask for a delivery notice on success (RFC 3461 NOTIFY): a ZAM^Z02 hangs on it. */
  readonly wantsReceipt: boolean
  /** Disposition-Notification-To: a ZAM^Z03 hangs on it. */
  readonly wantsReadReceipt: boolean
  /** Unique id of the document that is replaced or removed: the mail that brought it is answered (In-Reply-To). */
  readonly follows: string | null
}

/** What a mail depends on beside the document. */
export interface Mailing extends Submitting {
  readonly producer: XdmProducer
}

/** Name of the archive (ITI-32). */
export const ARCHIVE_NAME = 'IHE_XDM.ZIP'
/** Characters of a label in a subject or of a part of a file's name. */
const MOST_LABEL = 60

/**
 * The mail. Whether it may go is decided before, by `mayGo`.
 * @throws {RangeError} for a recipient without an address */
export async function documentMail(
  sending: DocumentToSend,
  to: DocumentRecipient,
  mailing: Mailing,
): Promise<DocumentMail> {
  if (to.address === null) throw new RangeError('a mail needs an address')
  const { settings } = mailing
  const removed = sending.intent === 'delete'
  return {
    to: to.address,
    replyTo: sending.replyTo,
    subject: subjectOf(sending, settings),
    text: textOf(sending, to, settings),
    headers: headersOf(sending, to, settings),
    attachments: removed ? [] : await attachmentsOf(sending, to, mailing),
    wantsReceipt: sending.instructions.wantsReceipt,
    wantsReadReceipt: sending.instructions.wantsReadReceipt && !removed,
    follows: removed ? (sending.documents[0]?.uniqueId ?? null) : sending.replaced,
  }
}

async function attachmentsOf(
  sending: DocumentToSend,
  to: DocumentRecipient,
  mailing: Mailing,
): Promise<MailAttachment[]> {
  const archive = await writeXdm({
    submission: submissionOf(sending, to, mailing),
    documents: sending.documents.map((one) => entryOf(sending, one, mailing)),
    producer: mailing.producer,
    atMs: mailing.atMs,
  })
  const pdfs = sending.documents.flatMap((one): MailAttachment[] => {
    const { pdf } = one.content
    return pdf === null ? [] : [{ name: pdfName(sending, one, mailing.settings), type: 'application/pdf', bytes: pdf }]
  })
  return [{ name: ARCHIVE_NAME, type: 'application/zip', bytes: archive }, ...distinct(pdfs)]
}

/** Two files of one name would hide each other. */
function distinct(files: readonly MailAttachment[]): MailAttachment[] {
  const seen = new Map<string, number>()
  return files.map((file) => {
    const n = (seen.get(file.name) ?? 0) + 1
    seen.set(file.name, n)
    return n === 1 ? file : { ...file, name: file.name.replace(/\.pdf$/, `_${n}.pdf`) }
  })
}

/** Names by which subjects and files call the patient. */
function namesOf({ patient }: DocumentToSend, { name }: DocumentSettings): { family: string; given: string } {
  return name === 'used'
    ? { family: patient.usedFamily, given: patient.usedGiven }
    : { family: patient.birthFamily, given: patient.birthGiven }
}

const day = (date: string): string => date.replace(/^(\d{4})(\d\d)(\d\d)$/, '$3/$2/$1')
/** One line: what a header or a name can hold, without the ends of lines that would begin another header. */
const line = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()

function placesOf(sending: DocumentToSend, settings: DocumentSettings): Readonly<Record<string, string>> {
  const [document] = sending.documents
  return {
    ...namesOf(sending, settings),
    label: (document?.type.display || document?.title || '').slice(0, MOST_LABEL),
    title: document?.title ?? '',
    birth: day(sending.patient.birthDate),
    date: day(sending.actDate),
    institution: sending.sender.structure?.name || document?.content.authors[0]?.structureName || 'son émetteur',
  }
}

/** Places such as `{title}` filled; what is filled in is not looked at again. */
function filled(template: string, places: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(places, name) ? places[name]! : whole))
}

/** The subject, in one line. */
export function subjectOf(sending: DocumentToSend, settings: DocumentSettings): string {
  const { texts } = settings
  const places = placesOf(sending, settings)
  if (sending.intent === 'delete') return line(filled(texts.deletionSubject, places))
  const subject = line(filled(texts.subject, places))
  return sending.intent === 'replace' ? line(filled(texts.replacementSubject, { subject })) : subject
}

function textOf(sending: DocumentToSend, to: DocumentRecipient, settings: DocumentSettings): string {
  const { texts } = settings
  const isPatient = to.kind === 'patient'
  const said = isPatient ? sending.bodies.patient : sending.bodies.professional
  const usual = sending.intent === 'delete' ? texts.deletion : isPatient ? texts.patient : texts.professional
  const own = said === null || sending.intent === 'delete' ? filled(usual, placesOf(sending, settings)) : said
  const more = sending.intent === 'replace' ? `\n\n${texts.replacement}` : ''
  return `${own.trim()}${more}`
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[\0-\x08\x0b-\x1f\x7f]/g, '')
    .trim()
    .concat('\n')
}

/** X-MSS-* (MSSanté, Ref#2): codes and INS only where a CDA is inside. */
function headersOf(sending: DocumentToSend, to: DocumentRecipient, settings: DocumentSettings): [string, string][] {
  const ascii = (text: string): string => text.replace(/[^\x21-\x7e]/g, '')
  const codes = sending.documents.map((one) => ascii(one.type.code).replaceAll(',', '')).filter((one) => one !== '')
  const carries = sending.intent !== 'delete'
  const qualified = sending.patient.qualified && sending.documents.every((one) => one.insComplete)
  return [
    ...(carries && codes.length > 0 ? [['X-MSS-CODECDA', [...new Set(codes)].join(',')] as [string, string]] : []),
    ...(carries ? [['X-MSS-INS', qualified ? 'O' : 'N'] as [string, string]] : []),
    ...(settings.softwareId === null ? [] : [['X-MSS-NIL', settings.softwareId] as [string, string]]),
    ...(to.kind === 'patient' && sending.noReply ? [['X-MSS-MES', 'FIN'] as [string, string]] : []),
  ]
}

/** `<date de l'acte>_<type document>_<NOM>_<prenom>_<numéro de dossier>.pdf` (ECO.2.1.6), in ASCII. */
export function pdfName(sending: DocumentToSend, document: SentDocument, settings: DocumentSettings): string {
  const { family, given } = namesOf(sending, settings)
  const label = document.type.display || document.title
  const parts = [sending.actDate, label, family.toUpperCase(), given, sending.visitNumber].map(plain)
  return `${parts.filter((one) => one !== '').join('_')}.pdf`
}

/** Letters and digits without accents; all else gives way to hyphens. */
function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, MOST_LABEL)
    .replace(/^-+|-+$/g, '')
}
