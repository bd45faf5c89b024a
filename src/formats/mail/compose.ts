/** Writing a message (RFC 5322, 2045 to 2047, 2231). Pure. */
import { GatewayError } from '../../core/errors.ts'
import type { NamedMailbox } from './address-list.ts'
import { mailDate } from './date.ts'
import { base64Lines, quotedPrintable } from './transfer.ts'
import { encodedText, folded, hasControls, mailboxText, parameter } from './write-header.ts'
import { type PartToWrite, plainEncoding, wireLines, writeParts } from './write-multipart.ts'

/** A file that goes with a message. */
export interface MailAttachment {
  readonly name: string
  /** `message/rfc822` goes as it is, with CRLF at its line breaks; all else in base64. */
  readonly type: string
  readonly bytes: Buffer
}

/** A message to be written. */
export interface MailDraft {
  readonly from: NamedMailbox
  readonly to: readonly NamedMailbox[]
  readonly cc?: readonly NamedMailbox[]
  readonly replyTo?: NamedMailbox | null
  readonly subject: string
  /** Line breaks of any kind. Controls other than tabs are taken out. */
  readonly text: string
  /** Instant (ms since 1970) and IANA zone of Date. */
  readonly date: { readonly atMs: number; readonly timeZone: string }
  /** With its angle brackets, as are those below. */
  readonly messageId: string
  readonly inReplyTo?: string | null
  readonly references?: readonly string[]
  /** More fields, in order: `X-MSS-NIL`, `Auto-Submitted`, `Disposition-Notification-To`. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly attachments?: readonly MailAttachment[]
}

/** Fields that are written from the draft, or would change what is sent. */
const OWN =
  /^(?:from|to|cc|bcc|sender|reply-to|subject|date|message-id|in-reply-to|references|mime-version|content-.*)$/i
const MESSAGE_ID = /^<[^<>\s\x00-\x1f\x7f]{1,990}>$/
const TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/

/**
 * The message, with CRLF at every line break and ASCII but for addresses and messages inside that hold more. The same
 * draft gives the same octets.
 * @throws {GatewayError} BAD_REQUEST where a control character stands in a field, a name or a subject, where a further
 * field is one of those written here or has no proper name, and for what is no message id or no type */
export function writeMail(draft: MailDraft): Buffer {
  const header = [...headerOf(draft)].join('')
  const text = { header: TEXT_HEADER, body: quotedPrintable(cleanText(draft.text)) }
  const attachments = (draft.attachments ?? []).map(attachmentPart)
  if (attachments.length === 0) {
    return Buffer.concat([Buffer.from(`${header}${text.header}\r\n`), text.body, Buffer.from('\r\n')])
  }
  const { boundary, body } = writeParts([text, ...attachments])
  const type = folded('Content-Type', `multipart/mixed${parameter('boundary', boundary)}`)
  return Buffer.concat([Buffer.from(`${header}${type}Content-Transfer-Encoding: ${plainEncoding(body)}\r\n\r\n`), body])
}

/** Fields of a part that is plain text in UTF-8, in quoted-printable. */
export const TEXT_HEADER = 'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n'

function* headerOf(draft: MailDraft): Generator<string> {
  const list = (mailboxes: readonly NamedMailbox[]): string => mailboxes.map(mailbox).join(', ')
  yield folded('From', mailbox(draft.from))
  if (draft.replyTo) yield folded('Reply-To', mailbox(draft.replyTo))
  yield draft.to.length > 0 ? folded('To', list(draft.to)) : folded('To', 'undisclosed-recipients:;')
  if (draft.cc !== undefined && draft.cc.length > 0) yield folded('Cc', list(draft.cc))
  yield folded('Subject', encodedText(clean(draft.subject)))
  yield folded('Date', mailDate(draft.date.atMs, draft.date.timeZone))
  yield folded('Message-ID', id(draft.messageId))
  if (draft.inReplyTo) yield folded('In-Reply-To', id(draft.inReplyTo))
  const references = draft.references ?? (draft.inReplyTo ? [draft.inReplyTo] : [])
  if (references.length > 0) yield folded('References', references.map(id).join(' '))
  for (const [name, value] of draft.headers ?? []) {
    if (OWN.test(name) || !/^[A-Za-z][A-Za-z\d-]{0,70}$/.test(name)) throw new GatewayError('BAD_REQUEST')
    yield folded(name, encodedText(clean(value)))
  }
  yield 'MIME-Version: 1.0\r\n'
}

function attachmentPart({ name, type, bytes }: MailAttachment): PartToWrite {
  if (!TYPE.test(type)) throw new GatewayError('BAD_REQUEST')
  const fileName = clean(name)
  const asItIs = type.toLowerCase() === 'message/rfc822'
  const body = asItIs ? wireLines(bytes) : base64Lines(bytes)
  const header = [
    folded('Content-Type', `${type}${parameter('name', fileName)}`),
    folded('Content-Disposition', `attachment${parameter('filename', fileName)}`),
    `Content-Transfer-Encoding: ${asItIs ? plainEncoding(body) : 'base64'}\r\n`,
  ].join('')
  return { header, body }
}

function mailbox(named: NamedMailbox): string {
  clean(`${named.name}${named.address.local}${named.address.domain}`)
  return mailboxText(named)
}

function clean(text: string): string {
  if (hasControls(text)) throw new GatewayError('BAD_REQUEST')
  return text
}

function id(text: string): string {
  if (!MESSAGE_ID.test(text)) throw new GatewayError('BAD_REQUEST')
  return text
}

/** A text without controls; its line breaks and tabs stay. */
export function cleanText(text: string): string {
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '').toWellFormed()
}
