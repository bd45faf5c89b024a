/** What an answer, and a mail that passes another on, begin with. Pure. */
import { mailboxKey } from '../../core/mail.ts'
import type { DraftFields, DraftSource } from '../../core/webmail.ts'
import { written } from '../../formats/mail/address.ts'
import { type NamedMailbox, readAddressList } from '../../formats/mail/address-list.ts'
import type { MailHeader } from '../../formats/mail/header.ts'
import { mailboxesText } from '../../formats/mail/item.ts'

/** Characters of the original that an answer quotes. */
const QUOTED = 20_000
/** Longest subject of a draft. */
export const LONGEST_SUBJECT = 500
/** Longest text. */
export const LONGEST_TEXT = 200_000

/** The fields of a draft. `text`: of the original, as it was read; `own`: the mailbox that writes. */
export function draftOf(mode: DraftSource['mode'], header: MailHeader, text: string, own: string): DraftFields {
  const subject = header.text('subject')
  if (mode === 'forward') return { to: '', cc: '', subject: prefixed('Tr', subject), text: '' }
  const from = listOf(header, 'from')
  const replyTo = listOf(header, 'reply-to')
  const isOwn = ({ address }: NamedMailbox): boolean => mailboxKey(written(address)) === own
  // An answer to what one wrote oneself goes where that went.
  const to = from.length > 0 && from.every(isOwn) ? listOf(header, 'to') : replyTo.length > 0 ? replyTo : from
  const told = new Set(to.map(({ address }) => mailboxKey(written(address))))
  const others = [...listOf(header, 'to'), ...listOf(header, 'cc')].filter(
    (one) => !isOwn(one) && !told.has(mailboxKey(written(one.address))),
  )
  return {
    to: addresses(to),
    cc: mode === 'reply-all' ? addresses(others) : '',
    subject: prefixed('Re', subject),
    text: `\n\n${mailboxesText(from)} :\n${quoted(text)}`,
  }
}

/** Its mailboxes, without the names that their writers gave them: what is typed is the address that it goes to. */
function addresses(people: readonly NamedMailbox[]): string {
  return [...new Set(people.map(({ address }) => written(address)))].join(', ')
}

function listOf(header: MailHeader, name: string): readonly NamedMailbox[] {
  return header.all(name).flatMap(({ value }) => readAddressList(value).mailboxes)
}

/** The prefix of XDM says that an archive goes with it, which is not so of an answer. */
function prefixed(word: string, subject: string): string {
  const plain = subject.replace(/XDM\/1\.0\/DDM\+?\s*/gi, '').trim()
  return (new RegExp(`^${word}\\s*:`, 'i').test(plain) ? plain : `${word}: ${plain}`).slice(0, LONGEST_SUBJECT)
}

function quoted(text: string): string {
  return text
    .slice(0, QUOTED)
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')
}
