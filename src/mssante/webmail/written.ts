/** A mail that somebody typed, as it is to be sent, or what is wrong with it. Pure. */
import type { ErrorCode } from '../../core/errors.ts'
import type { Mailbox, MailRecipient } from '../../core/mail.ts'
import { type DraftProblem, MOST_FILES, type NewMail } from '../../core/webmail.ts'
import { safeFileName } from '../../formats/http/disposition.ts'
import { keptAddress, written } from '../../formats/mail/address.ts'
import { type NamedMailbox, readAddressList } from '../../formats/mail/address-list.ts'
import { type MailAttachment, writeMail } from '../../formats/mail/compose.ts'
import { LONGEST_SUBJECT, LONGEST_TEXT } from './drafts.ts'

/** Everything that is wrong with what was typed, or the people it names. */
export type ReadDraft =
  | { readonly problems: readonly DraftProblem[] }
  | { readonly to: readonly NamedMailbox[]; readonly cc: readonly NamedMailbox[] }

/** Reads what was typed. Recipients are whole addresses, apart by commas, semicolons or lines. */
export function readDraft(mail: NewMail, maxRecipients: number): ReadDraft {
  const problems: DraftProblem[] = []
  const wrong = (field: DraftProblem['field'], code: ErrorCode, address: string | null = null) =>
    void problems.push({ field, code, address })
  const [to, cc] = [listOf(mail.to), listOf(mail.cc)]
  for (const address of to.odd) wrong('to', 'MAIL_ADDRESS', address)
  for (const address of cc.odd) wrong('cc', 'MAIL_ADDRESS', address)
  if (to.people.length + cc.people.length === 0 && problems.length === 0) wrong('to', 'WEBMAIL_RECIPIENT')
  if (to.people.length + cc.people.length > maxRecipients) wrong('to', 'MAIL_TOO_MANY_RECIPIENTS')
  if (/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(mail.subject) || mail.subject.length > LONGEST_SUBJECT) {
    wrong('subject', 'WEBMAIL_SUBJECT')
  }
  if (mail.text.length > LONGEST_TEXT) wrong('text', 'MAIL_TOO_LARGE')
  if (mail.files.length > MOST_FILES) wrong('files', 'MAIL_TOO_LARGE')
  return problems.length > 0 ? { problems } : { to: to.people, cc: cc.people }
}

function listOf(typed: string): { readonly people: readonly NamedMailbox[]; readonly odd: readonly string[] } {
  const people: NamedMailbox[] = []
  const odd: string[] = []
  for (const one of typed.split(/[\n;]+/).flatMap(atCommas)) {
    const text = one.trim()
    if (text === '') continue
    const { mailboxes, whole, group } = readAddressList(text)
    if (whole && !group && mailboxes.length === 1) people.push(mailboxes[0]!)
    else odd.push(text.slice(0, 254))
  }
  return { people, odd }
}

/** Cut at the commas outside quotes. */
function atCommas(text: string): string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"]|")+/g) ?? []
}

/** What a mail is written with beside what was typed. */
export interface Letterhead {
  readonly box: Mailbox
  readonly date: { readonly atMs: number; readonly timeZone: string }
  readonly messageId: string
  /** Of what it answers. */
  readonly inReplyTo: string | null
  readonly references: readonly string[]
  /** X-MSS-NIL. */
  readonly softwareId: string | null
  /** What it passes on. */
  readonly forwarded: MailAttachment | null
}

/** The octets of the mail. @throws {GatewayError} BAD_REQUEST where `writeMail` does */
export function writtenMail(mail: NewMail, people: Extract<ReadDraft, { to: unknown }>, head: Letterhead): Buffer {
  const from = { name: shownName(head.box), address: keptAddress(head.box.address) }
  const headers: [string, string][] = []
  if (mail.receipt) headers.push(['Disposition-Notification-To', written(from.address)])
  if (head.softwareId !== null) headers.push(['X-MSS-NIL', head.softwareId])
  const files = mail.files.map(({ name, type, bytes }) => ({
    name: safeFileName(name),
    // What claims to be a message would go unencoded.
    type: type.startsWith('message/') || type.startsWith('multipart/') ? 'application/octet-stream' : type,
    bytes,
  }))
  return writeMail({
    from,
    ...people,
    subject: mail.subject,
    text: mail.text,
    date: head.date,
    messageId: head.messageId,
    inReplyTo: head.inReplyTo,
    references: head.references,
    headers,
    attachments: head.forwarded === null ? files : [head.forwarded, ...files],
  })
}

/** `Title_Given_FAMILY_Entity` as people write it. */
function shownName({ kind, name }: Mailbox): string {
  return (kind === 'PER' ? name.replaceAll('_', ' ') : name).replace(/\s+/g, ' ').trim()
}

/** Who it goes to, each once. */
export function recipientsOf(
  { to, cc }: Extract<ReadDraft, { to: unknown }>,
  notify: MailRecipient['notify'],
): readonly MailRecipient[] {
  const all = [...to, ...cc].map(({ address }) => written(address))
  return [...new Set(all)].map((address) => ({ address, notify, original: null }))
}
