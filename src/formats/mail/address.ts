/** Addresses of the envelope (RFC 5321 §4.1.2, RFC 6531 §3.3), as they are compared and written. Pure. */
import { asciiDomain } from '../whitelist/list.ts'

/** A mailbox. */
export interface MailAddress {
  /** Without quotes: `"jean dupont"@x.test` has the local part `jean dupont`. Its case is kept. */
  readonly local: string
  /** Lower-case ASCII; names of other letters in their `xn--` form. */
  readonly domain: string
}

/** Octets (RFC 5321 §4.5.3.1; a path of 256 counts its angle brackets). */
const LONGEST_LOCAL = 64
const LONGEST_PATH = 254
/** Characters of what is looked at: a quoted local part may be twice as long as what it says. */
const LONGEST_TEXT = 512

const ATOMS = /^[\w!#$&'*+/=?^`{|}~\u{80}-\u{10ffff}-]+(?:\.[\w!#$&'*+/=?^`{|}~\u{80}-\u{10ffff}-]+)*$/u
/** What some next hop would take for a route, or for the brackets around it; it is refused between quotes too. */
const ROUTE = /[@%!<>]/
/** Control and format characters, spaces but the one of ASCII, halves of pairs, and what is assigned to nobody. */
const UNSEEN = /(?! )[\p{C}\p{Z}]/u
const NOT_ASCII = /[^\x20-\x7e]/

/**
 * Reads the mailbox that stands between `<` and `>` of MAIL or RCPT. Null: it is none, or none that is taken here: the
 * null path, source routes, `a%b@c` and its kin and angle brackets (also between quotes), address literals, domains of one
 * label, control characters, a local part over 64 octets or a path over 254. Without `utf8` (SMTPUTF8) it must be ASCII. */
export function parsePath(text: string, { utf8 }: { readonly utf8: boolean }): MailAddress | null {
  if (text.length > LONGEST_TEXT || UNSEEN.test(text) || (!utf8 && NOT_ASCII.test(text))) return null
  const at = text.lastIndexOf('@')
  if (at < 1) return null
  const local = localPart(text.slice(0, at))
  if (local === null || ROUTE.test(local) || Buffer.byteLength(local) > LONGEST_LOCAL) return null
  const domain = mailDomain(text.slice(at + 1))
  if (domain === null) return null
  const address = { local, domain }
  return Buffer.byteLength(written(address)) > LONGEST_PATH ? null : address
}

/** An address that was read when it came, and is kept as text: its halves, whatever they are. `written` makes it harmless. */
export function keptAddress(address: string): MailAddress {
  const at = address.lastIndexOf('@')
  return (
    parsePath(address, { utf8: true }) ?? { local: address.slice(0, Math.max(at, 0)), domain: address.slice(at + 1) }
  )
}

/** A domain of mail in lower-case ASCII; null: a literal, a number, one label, a final dot, or no domain. */
export function mailDomain(text: string): string | null {
  if (/^\s|[\s.]$/.test(text)) return null
  const ascii = asciiDomain(text)
  return ascii === null || /\.\d+$/.test(ascii) ? null : ascii
}

/** The address as it stands between `<` and `>`: quoted only where it must be. Never holds a control character. */
export function written({ local, domain }: MailAddress): string {
  const plain = local.replace(/[\x00-\x1f\x7f]/g, '')
  const part = ATOMS.test(plain) ? plain : `"${plain.replace(/["\\]/g, '\\$&')}"`
  return `${part}@${domain.replace(/[\x00-\x20\x7f<>@]/g, '')}`
}

/** Are they one mailbox? Local parts are compared without regard to case, as mailboxes here are made. */
export function sameMailbox(a: MailAddress, b: MailAddress): boolean {
  return addressKey(a) === addressKey(b)
}

/** Equal for addresses of one mailbox only: for maps and indexes. */
export function addressKey({ local, domain }: MailAddress): string {
  return `${local.normalize('NFC').toLowerCase()}@${domain.toLowerCase()}`
}

/** A local part without its quotes; null: it is none. */
function localPart(text: string): string | null {
  if (!text.startsWith('"')) return ATOMS.test(text) ? text : null
  const inside = /^"((?:[^"\\]|\\.)+)"$/u.exec(text)?.[1]
  return inside?.replace(/\\(.)/gu, '$1') ?? null
}
