/** What a list of mails says of one, from its first octets. Pure. */
import { type MailAddress, written } from './address.ts'
import { type NamedMailbox, readAddressList } from './address-list.ts'
import { dispositionOf, messageIdOf, readHeader } from './header.ts'
import { MIME_BUDGET, MimeScan } from './structure.ts'

/** Octets of a mail that are looked at for a list. */
export const HEAD_BYTES = 65_536

/** What a list says of a mail. Texts are decoded, without controls, and cut. */
export interface ItemFacts {
  readonly from: string
  readonly to: string
  /** Without the prefix of XDM. */
  readonly subject: string
  /** With its angle brackets. */
  readonly messageId: string | null
  readonly inReplyTo: string | null
  readonly attachments: boolean
  readonly receiptAsked: boolean
  readonly kind: 'mail' | 'xdm' | 'receipt' | 'report'
}

const LONGEST = 300
/** `XDM/1.0/DDM+`, also behind `[Annule et remplace]`, which stays. */
const XDM = /^((?:\[[^\]]{0,60}\] ?)?)XDM\/1\.0\/DDM\+?\s*/i

/** Says what a list says. `head`: as much of the mail as there is, up to `HEAD_BYTES`. Never throws. */
export function itemFacts(head: Buffer): ItemFacts {
  const header = readHeader(head)
  const lists = (name: string): readonly NamedMailbox[] =>
    header.all(name).flatMap(({ value }) => readAddressList(value).mailboxes)
  const type = (header.first('content-type')?.value ?? '').toLowerCase()
  const subject = header.text('subject')
  const reported = /^multipart\/report\b.*\breport-type="?(delivery-status|disposition-notification)\b/s.exec(type)?.[1]
  const asks = dispositionOf(header)
  return {
    from: peopleText(lists('from')),
    to: peopleText([...lists('to'), ...lists('cc')]),
    subject: subject.replace(XDM, '$1').slice(0, LONGEST),
    messageId: messageIdOf(header),
    inReplyTo: header.first('in-reply-to')?.value.match(/<[^<>\s]{1,990}>/)?.[0] ?? null,
    attachments: reported === undefined && hasFiles(head),
    receiptAsked: asks.length === 1,
    kind: kindOf(reported, subject),
  }
}

/** Is the subject one of a mail with an archive (MSSanté, ECO.2.1.3)? */
function kindOf(reported: string | undefined, subject: string): ItemFacts['kind'] {
  if (reported !== undefined) return reported === 'delivery-status' ? 'report' : 'receipt'
  return XDM.test(subject) ? 'xdm' : 'mail'
}

/** Names where there are some, else addresses; a name that could be taken for an address stands before its own. */
export function peopleText(people: readonly NamedMailbox[]): string {
  return people
    .map(({ name, address }) => {
      if (name === '') return written(address)
      return SIGNS.test(name.normalize('NFKC')) ? named(name.slice(0, LONGEST_ODD_NAME), address) : name
    })
    .join(', ')
    .slice(0, LONGEST)
}

/** Every mailbox with its name, as it can be read again. */
export function mailboxesText(people: readonly NamedMailbox[]): string {
  return people.map(({ name, address }) => (name === '' ? written(address) : named(name, address))).join(', ')
}

/** What makes a name look like an address, or like two people. */
const SIGNS = /[@<>,;"]/
/** Of such a name, so that a list that is cut still shows the address. */
const LONGEST_ODD_NAME = 60

function named(name: string, address: MailAddress): string {
  const plain = SIGNS.test(name.normalize('NFKC')) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name
  return `${plain} <${written(address)}>`
}

/** Does a file go with it, as far as its beginning tells? */
function hasFiles(head: Buffer): boolean {
  const scan = new MimeScan(MIME_BUDGET)
  scan.push(head)
  return scan.end().parts.some(({ disposition, fileName, type }) => {
    return disposition === 'attachment' || fileName !== null || type === 'message/rfc822'
  })
}

/** Text for searching: small letters without accents, spaces single. */
export function searchable(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}@._-]+/gu, ' ')
    .trim()
}
