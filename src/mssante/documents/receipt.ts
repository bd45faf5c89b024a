import type { ErrorCode } from '../../core/errors.ts'
import type { Intake } from '../../core/journal.ts'
import { domainOf, type MailKind } from '../../core/mail.ts'
import { keptAddress } from '../../formats/mail/address.ts'
import { writeMail } from '../../formats/mail/compose.ts'
import { dispositionOf } from '../../formats/mail/header.ts'
import { koMailSubject, writeMdn } from '../../formats/mail/mdn.ts'
import type { DocumentParts } from './parts.ts'
import type { ReceivedMail } from './received.ts'

/** An original above this comes back as its header alone (bytes). */
const WHOLE_BYTES = 10 * 1024 * 1024

/** The receipt of an application that took the documents, where one was asked for (RFC 8098). */
export function integrated(mail: ReceivedMail, parts: DocumentParts): readonly Intake[] {
  return mayAnswer(mail) && wantsReceipt(mail) ? [receipt(mail, null, parts)] : []
}

/**
 * What the sender is told of documents that could not be taken (CI-SIS): a receipt with the error where one was asked for,
 * else an ordinary mail with the original inside. A program's mail, and a report, are never answered. */
export function notIntegrated(
  mail: ReceivedMail,
  code: ErrorCode,
  why: string,
  parts: DocumentParts,
): readonly Intake[] {
  if (!mayAnswer(mail)) return []
  if (wantsReceipt(mail)) return [receipt(mail, { code, label: why }, parts)]
  const { bytes, header } = mail
  const original = bytes.length > WHOLE_BYTES ? bytes.subarray(0, header.bodyAt) : bytes
  const made = names(mail, parts)
  const text = [
    'Bonjour,',
    '',
    `Les documents de votre message n'ont pas pu être intégrés : ${why} (${code})`,
    '',
    'Le message d’origine est joint.',
  ]
  const written = writeMail({
    from: { name: '', address: keptAddress(mail.mailing.mailbox) },
    to: [{ name: '', address: keptAddress(mail.sender) }],
    subject: koMailSubject(code, header.text('subject')),
    text: text.join('\n'),
    date: { atMs: made.atMs, timeZone: made.timeZone },
    messageId: `<${made.messageId}>`,
    inReplyTo: mail.messageId === null ? null : `<${mail.messageId}>`,
    headers: [['Auto-Submitted', 'auto-replied']],
    attachments: [{ name: 'original.eml', type: 'message/rfc822', bytes: original }],
  })
  return [back(written, 'MAIL', mail, made, parts)]
}

interface Names {
  readonly id: string
  readonly messageId: string
  readonly atMs: number
  readonly timeZone: string
}

function names({ mailing }: ReceivedMail, { ids, clock, config }: DocumentParts): Names {
  const id = ids.uuid()
  return {
    id,
    messageId: `${id}@${domainOf(mailing.mailbox)}`,
    atMs: clock.nowMs(),
    timeZone: config().region.timeZone,
  }
}

function receipt(mail: ReceivedMail, error: { code: string; label: string } | null, parts: DocumentParts): Intake {
  const { header, bytes, mailing, messageId } = mail
  const made = names(mail, parts)
  const own = keptAddress(mailing.mailbox)
  const written = writeMdn({
    from: own,
    to: keptAddress(mail.sender),
    messageId: `<${made.messageId}>`,
    atMs: made.atMs,
    timeZone: made.timeZone,
    product: `${parts.producer.name} ${parts.producer.version}`,
    automatic: true,
    disposition: 'processed',
    error,
    original: {
      messageId: `<${messageId ?? mail.id}>`,
      subject: header.text('subject'),
      recipient: own,
      finalRecipient: own,
      header: bytes.subarray(0, header.bodyAt),
    },
  })
  return back(written, 'MAIL^MDN', mail, made, parts)
}

/** An answer goes with the null sender, so that nothing is told about it again. */
function back(bytes: Buffer, kind: MailKind, mail: ReceivedMail, made: Names, parts: DocumentParts): Intake {
  return parts.mail({
    id: made.id,
    atMs: made.atMs,
    kind,
    bytes,
    envelope: { sender: '', returns: null, id: null, eightBit: true, utf8: false },
    recipient: { address: mail.sender, notify: ['never'], original: null },
    messageId: made.messageId,
    automatic: true,
    xMss: {},
    establishment: mail.mailing.establishment,
    test: mail.test,
    cause: mail.id,
    rows: [],
  })
}

function mayAnswer({ sender, automatic }: ReceivedMail): boolean {
  return sender !== '' && !automatic
}

/** A receipt goes to the sender of the envelope, or to nobody (RFC 8098 §2.1). */
function wantsReceipt({ header, sender, messageId }: ReceivedMail): boolean {
  const asked = dispositionOf(header)
  const [one] = asked
  const same = one !== undefined && `${one.address.local}@${one.address.domain}`.toLowerCase() === sender.toLowerCase()
  return messageId !== null && asked.length === 1 && same
}
