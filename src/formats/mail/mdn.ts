/** Message disposition notifications (RFC 8098): receipts, and the errors that the CI-SIS sends in their form. Pure. */
import { GatewayError } from '../../core/errors.ts'
import type { MailAddress } from './address.ts'
import { cleanText, TEXT_HEADER } from './compose.ts'
import { mailDate } from './date.ts'
import { type MailHeader, messageIdOf, readHeader, referencesOf } from './header.ts'
import { readReport } from './report-parts.ts'
import { addressOfField, addressText, readStatusFields, typedAddress } from './status-fields.ts'
import { MimeScan } from './structure.ts'
import { decoded, quotedPrintable } from './transfer.ts'
import { encodedText, folded, hasControls, mailboxText, oneLine, parameter } from './write-header.ts'
import { plainEncoding, wireLines, writeParts } from './write-multipart.ts'

/** What was done with a message. */
export type Disposition = 'displayed' | 'processed' | 'dispatched' | 'deleted'

/** A failure as the CI-SIS writes it behind the disposition: `processed/Error: code^label`. */
export interface MdnError {
  readonly code: string
  readonly label: string
}

/** A receipt to be written. */
export interface MdnToWrite {
  readonly from: MailAddress
  /** Who asked for it. */
  readonly to: MailAddress
  /** With its angle brackets. */
  readonly messageId: string
  readonly atMs: number
  readonly timeZone: string
  /** Name of this software. */
  readonly product: string
  /** Null: a person did it and let it be told. */
  readonly automatic: boolean
  readonly disposition: Disposition
  readonly error: MdnError | null
  /** The message: its Message-ID, its subject, where it was addressed and where it came to, and its header if that goes back. */
  readonly original: {
    readonly messageId: string
    readonly subject: string
    readonly recipient: MailAddress | null
    readonly finalRecipient: MailAddress
    readonly header: Buffer | null
  }
}

/** How the subject of an error begins, in the receipt and in the mail that stands for one (CI-SIS). */
export const KO_RECEIPT = '[KO Intégration système ! ]'

/** The subject of the ordinary mail that tells an error where no receipt was asked for (CI-SIS): a code, and the subject it is about. */
export function koMailSubject(code: string, subject: string): string {
  return `[KO Intégration système !][${oneLine(code)}] ${oneLine(subject)}`
}

const KO_SUBJECT = /^\s*\[KO int[ée]gration syst[èe]me ?! ?\]\s*(?:\[([^\]]*)\])?/i

/** Is this the header of a mail that tells an error, as far as its subject says? */
export function isKoMail(header: MailHeader): boolean {
  return KO_SUBJECT.test(header.text('subject').normalize('NFC'))
}

/** A mail that tells an error where no receipt was asked for, as it was read. */
export interface KoMail {
  /** Of one line; empty: none. */
  readonly code: string
  /** Message-IDs of what it may be about, with their angle brackets: of the message inside, then of those that it answers. */
  readonly about: readonly string[]
}

/** What a mail says of documents that could not be taken; null: it is no such mail. */
export function readKoMail(bytes: Buffer): KoMail | null {
  const header = readHeader(bytes)
  const said = KO_SUBJECT.exec(header.text('subject').normalize('NFC'))
  if (said === null) return null
  const scan = new MimeScan()
  scan.push(bytes)
  const { parts } = scan.end()
  const inside = parts.find(({ type, depth }) => depth > 0 && type === 'message/rfc822')
  const original =
    inside === undefined
      ? null
      : messageIdOf(readHeader(decoded(inside.encoding, bytes.subarray(inside.bodyAt, inside.bodyAt + inside.length))))
  const about = [...(original === null ? [] : [original]), ...referencesOf(header).toReversed()]
  return { code: oneLine(said[1] ?? '').slice(0, 60), about: [...new Set(about)] }
}

const SUBJECTS: Readonly<Record<Disposition, string>> = {
  displayed: 'Lu :',
  processed: 'Traité :',
  dispatched: 'Transmis :',
  deleted: 'Supprimé :',
}

const TEXTS: Readonly<Record<Disposition, readonly [french: string, english: string]>> = {
  displayed: [
    'Le message a été affiché. Ceci ne dit pas qu’il a été lu ou compris.',
    'The message was displayed. This is no proof that it was read or understood.',
  ],
  processed: [
    'Le message a été traité par un logiciel, sans avoir été affiché.',
    'The message was processed by software and not displayed.',
  ],
  dispatched: ['Le message a été transmis à un autre destinataire.', 'The message was sent on to another recipient.'],
  deleted: [
    'Le message a été supprimé, sans forcément avoir été lu.',
    'The message was deleted, perhaps without having been read.',
  ],
}
const FAILED = [
  'Le message n’a pas pu être intégré par le logiciel destinataire.',
  'The message could not be taken in by the recipient’s software.',
]

/**
 * The receipt. CRLF at every line break; the same facts give the same octets.
 * @throws {GatewayError} BAD_REQUEST where a control character stands in a subject, code, label, product or message id
 * @throws {RangeError} if the time zone is unknown */
export function writeMdn(mdn: MdnToWrite): Buffer {
  const { original, error } = mdn
  const given = [mdn.messageId, mdn.product, original.messageId, original.subject, error?.code, error?.label]
  if (given.some((text) => text !== undefined && hasControls(text))) throw new GatewayError('BAD_REQUEST')
  const words = error === null ? TEXTS[mdn.disposition] : FAILED
  const detail = error === null ? [] : [`${error.code} : ${error.label}`]
  const text = cleanText([...words, ...detail, ''].join('\n'))
  const parts = [
    { header: TEXT_HEADER, body: quotedPrintable(text) },
    { header: notificationHeader(error), body: notification(mdn) },
  ]
  if (original.header !== null) {
    const body = wireLines(original.header)
    const encoding = plainEncoding(body)
    const type = encoding === '7bit' ? 'text/rfc822-headers' : 'message/global-headers'
    parts.push({ header: `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n`, body })
  }
  const { boundary, body } = writeParts(parts)
  const start = error === null ? SUBJECTS[mdn.disposition] : KO_RECEIPT
  const header = [
    folded('From', mailboxText({ name: '', address: mdn.from })),
    folded('To', mailboxText({ name: '', address: mdn.to })),
    folded('Subject', encodedText(`${start} ${original.subject}`)),
    folded('Date', mailDate(mdn.atMs, mdn.timeZone)),
    folded('Message-ID', mdn.messageId),
    folded('In-Reply-To', original.messageId),
    folded('References', original.messageId),
    'Auto-Submitted: auto-replied\r\n',
    'MIME-Version: 1.0\r\n',
    folded('Content-Type', `multipart/report; report-type=disposition-notification${parameter('boundary', boundary)}`),
    `Content-Transfer-Encoding: ${plainEncoding(body)}\r\n\r\n`,
  ]
  return Buffer.concat([Buffer.from(header.join('')), body])
}

function notificationHeader(error: MdnError | null): string {
  const plain = error === null || /^[\x20-\x7e]*$/.test(error.label + error.code)
  return `Content-Type: message/disposition-notification\r\nContent-Transfer-Encoding: ${plain ? '7bit' : '8bit'}\r\n`
}

function notification({ product, original, automatic, disposition, error }: MdnToWrite): Buffer {
  const mode = automatic ? 'automatic-action/MDN-sent-automatically' : 'manual-action/MDN-sent-manually'
  const what = error === null ? disposition : `${disposition}/Error: ${error.code}^${error.label}`
  const fields = [
    folded('Reporting-UA', product),
    original.recipient === null ? '' : folded('Original-Recipient', typedAddress(original.recipient)),
    folded('Final-Recipient', typedAddress(original.finalRecipient)),
    folded('Original-Message-ID', original.messageId),
    folded('Disposition', `${mode}; ${what}`),
  ]
  return Buffer.from(fields.join(''))
}

/** A receipt as it was read. */
export interface MdnRead {
  readonly automatic: boolean
  /** In lower case; words that are not in the standard too. */
  readonly disposition: string
  /** Null: none. A modifier `error` without a code has an empty one; the standard's own field Error is its label. */
  readonly error: MdnError | null
  readonly originalMessageId: string | null
  /** Null: not an address that mail goes to. */
  readonly finalRecipient: MailAddress | null
  readonly originalRecipient: MailAddress | null
}

/** What a message says of the disposition of another; null: it is no receipt. */
export function readMdn(bytes: Buffer): MdnRead | null {
  const report = readReport(bytes, 'disposition-notification', /^message\/(?:global-)?disposition-notification$/)
  const [fields] = report === null ? [] : readStatusFields(report.status)
  const said = fields?.get('disposition')
  if (report === null || fields === undefined || said === undefined) return null
  const [, modes = '', type = '', modifier = ''] = /^([^;]*);\s*([\w-]+)\s*(?:\/\s*(.*))?$/s.exec(said) ?? []
  if (type === '') return null
  const id = fields.get('original-message-id') ?? (report.original && messageIdOf(readHeader(report.original)))
  return {
    automatic: /^\s*automatic-action/i.test(modes),
    disposition: type.toLowerCase(),
    error: errorOf(modifier, fields.get('error')),
    originalMessageId: id ?? null,
    finalRecipient: addressOfField(fields.get('final-recipient')),
    originalRecipient: addressOfField(fields.get('original-recipient')),
  }
}

/** `Error: code^label`, or `error` with the field Error beside it. */
function errorOf(modifier: string, field: string | undefined): MdnError | null {
  const [whole, text = ''] = /^(?:.*,\s*)?(?:error|failed|failure)\s*(?::\s*(.*))?$/is.exec(modifier) ?? []
  if (whole === undefined && field === undefined) return null
  const caret = text.indexOf('^')
  if (caret >= 0) return { code: text.slice(0, caret).trim(), label: text.slice(caret + 1).trim() }
  return { code: text.trim(), label: oneLine(field === undefined ? '' : addressText(field)) }
}
