/** The trace fields that this server puts before a message (RFC 5321 §4.4). Pure. */
import { keptAddress, type MailAddress, written } from './address.ts'
import { mailDate } from './date.ts'
import { isPatientAddress } from './patient-address.ts'
import { folded, oneLine } from './write-header.ts'

/** How a message came. */
export interface TraceFacts {
  /** As EHLO or LHLO said. */
  readonly helo: string
  /** Address of the peer. */
  readonly ip: string
  /** Host name of this server. */
  readonly by: string
  readonly protocol: 'SMTP' | 'ESMTP' | 'LMTP'
  /** Protocol and cipher as TLS names them, and the peer's certificate; null: in clear. */
  readonly tls: { readonly version: string; readonly cipher: string; readonly subject: string | null } | null
  readonly authenticated: boolean
  /** MAIL said SMTPUTF8: letters beyond ASCII may stand in the field. */
  readonly utf8: boolean
  readonly id: string
  /** Of the envelope. Named only if there is one and it is no patient's. */
  readonly recipients: readonly MailAddress[]
  /** Null: none is known. */
  readonly patientDomain: string | null
  readonly atMs: number
  readonly timeZone: string
}

/** Characters of a word in a comment: lines stay foldable. */
const LONGEST_WORD = 60

/**
 * `Received: from … by … with ESMTPS id …; date` with its CRLF, folded at 78 columns. Nothing of what is given can end
 * the field; without SMTPUTF8 it is ASCII.
 * @throws {RangeError} if the time zone is unknown */
export function receivedHeader(facts: TraceFacts): Buffer {
  const [only, other] = facts.recipients
  const named = only !== undefined && other === undefined && mayName(only, facts) ? ` for <${written(only)}>` : ''
  const from = `from ${atom(facts.helo)} (${literal(facts.ip)})`
  const tls = facts.tls === null ? '' : ` ${tlsComment(facts.tls, facts.utf8)}`
  const by = `by ${atom(facts.by)} with ${withOf(facts)} id ${atom(facts.id)}${named}`
  const value = `${from}${tls} ${by}; ${mailDate(facts.atMs, facts.timeZone)}`
  return Buffer.from(folded('Received', value))
}

/**
 * `Return-Path: <sender>` with its CRLF, which stands first in a message that came to its mailbox: by it a reader knows whom
 * a receipt may go to unasked (RFC 8098 §2.1). `sender`: of the envelope, as it is kept; empty: the null sender. */
export function returnPathHeader(sender: string): Buffer {
  return Buffer.from(`Return-Path: <${sender === '' ? '' : written(keptAddress(sender))}>\r\n`)
}

function mayName(recipient: MailAddress, { patientDomain, utf8 }: TraceFacts): boolean {
  if (patientDomain !== null && isPatientAddress(recipient, patientDomain)) return false
  return utf8 || /^[\x20-\x7e]*$/.test(written(recipient))
}

/** Names of RFC 3848, and those of RFC 6531 §4.3. */
function withOf({ protocol, tls, authenticated, utf8 }: TraceFacts): string {
  if (protocol === 'SMTP') return protocol
  const name = utf8 ? `UTF8${protocol.replace(/^E/, '')}` : protocol
  return `${name}${tls === null ? '' : 'S'}${authenticated ? 'A' : ''}`
}

function tlsComment({ version, cipher, subject }: NonNullable<TraceFacts['tls']>, utf8: boolean): string {
  const peer = subject === null ? 'no client certificate' : `client ${comment(subject, utf8)}`
  return `(${comment(version, utf8)} with cipher ${comment(cipher, utf8)}, ${peer})`
}

/** What a comment may hold: parentheses and backslashes escaped, long words cut so that lines can be folded. */
function comment(text: string, utf8: boolean): string {
  const plain = utf8 ? oneLine(text) : ascii(oneLine(text))
  return plain
    .replace(/,(?=\S)/g, ', ')
    .replace(new RegExp(`[^ ]{${LONGEST_WORD}}(?=[^ ])`, 'gu'), '$& ')
    .slice(0, 600)
    .replace(/[()\\]/g, '\\$&')
    .trim()
}

/** Letters without their accents; what has none in ASCII becomes `?`. */
function ascii(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/gu, '?')
}

function literal(ip: string): string {
  const plain = ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/[^\da-f.:]/gi, '')
  return plain.includes(':') ? `[IPv6:${plain}]` : `[${plain || 'unknown'}]`
}

/** A domain, literal or id; of what does not look like one only what does. */
function atom(text: string): string {
  return text.replace(/[^\w.:[\]-]/g, '').slice(0, 255) || 'unknown'
}
