import type { MailFacts, MailKind } from '../../core/mail.ts'
import { written } from '../../formats/mail/address.ts'
import {
  fromAddresses,
  HEADER_LIMITS,
  isAutomatic,
  type MailHeader,
  messageIdOf,
  readHeader,
  xMss,
} from '../../formats/mail/header.ts'

/** Keeps the header of a mail while it comes. */
export class HeadReader {
  /** A copy of the octets so far: a piece is its owner's again behind `push`. */
  #bytes: Buffer = Buffer.alloc(0)
  #header: MailHeader | null = null

  /** False: it is longer than is taken. */
  push(piece: Buffer): boolean {
    if (this.#header !== null) return this.#header.fault === null
    const most = Math.max(0, HEADER_LIMITS.maxBytes + 1 - this.#bytes.length)
    const some = piece.subarray(0, most)
    const bytes = this.#bytes.length === 0 ? some : Buffer.concat([this.#bytes, some])
    const end = bytes.subarray(0, 2).equals(EMPTY) ? 0 : bytes.indexOf('\r\n\r\n')
    this.#bytes = Buffer.from(end < 0 ? bytes : bytes.subarray(0, end + 4))
    if (end < 0 && bytes.length <= HEADER_LIMITS.maxBytes) return true
    this.#header = readHeader(this.#bytes)
    return this.#header.fault === null
  }

  /** What it says, once the mail is whole; null: there is no header that counts. `host`: our name in `Received`. */
  facts(host: string): MailFacts | null {
    const header = this.#header ?? readHeader(this.#bytes)
    if (header.fault !== null) return null
    const from = fromAddresses(header)
    if (!from.ok) return null
    const mark = `by ${host} `
    return {
      kind: kindOf(header),
      messageId: messageIdOf(header)?.slice(1, -1) ?? null,
      from: from.mailboxes.map(({ address }) => written(address)),
      hops: header.received,
      loops: header.all('received').filter(({ value }) => value.includes(mark)).length,
      automatic: isAutomatic(header),
      xMss: xMssFields(header),
    }
  }
}

const EMPTY = Buffer.from('\r\n')

function kindOf(header: MailHeader): MailKind {
  const type = (header.first('content-type')?.value ?? '').toLowerCase()
  if (/^multipart\/report\b.*\breport-type="?delivery-status\b/s.test(type)) return 'MAIL^DSN'
  if (/^multipart\/report\b.*\breport-type="?disposition-notification\b/s.test(type)) return 'MAIL^MDN'
  return /^(\[[^\]]*\] ?)?XDM\/1\.0\/DDM/.test(header.text('subject')) ? 'MAIL^XDM' : 'MAIL'
}

function xMssFields(header: MailHeader): Readonly<Record<string, string>> {
  const { codeCda, ...texts } = xMss(header)
  const all = { codeCda: codeCda?.join() ?? null, ...texts }
  return Object.fromEntries(Object.entries(all).filter((one): one is [string, string] => one[1] !== null))
}
