import { verify, X509Certificate } from 'node:crypto'

/** Certificate revocation lists (RFC 5280 §5), as far as a door needs them: who signed, until when, who is on it. */

/** One list. Times ms since 1970. */
export interface RevocationList {
  readonly thisUpdateMs: number
  /** When the next should be there; null: it does not say. */
  readonly nextUpdateMs: number | null
  /** Serial numbers as `X509Certificate.serialNumber` writes them. */
  readonly revoked: ReadonlySet<string>
  /** Is it the list of this authority: issued in its name and signed by its key? */
  isOf(authority: X509Certificate): boolean
}

/** Hash by OID of the signature algorithm (RSA PKCS #1 v1.5 and ECDSA; RFC 4055, RFC 5758); null: part of the scheme. */
const SIGNATURES: Readonly<Record<string, string | null>> = {
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2b6570': null,
}

/** Every certificate of a PEM text, in order. @throws {Error} when one is malformed */
export function pemCertificates(text: string): X509Certificate[] {
  return (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  )
}

/** The lists of a PEM text, at least one. @throws {RangeError} when there is none or one is malformed */
export function readRevocationLists(text: string): RevocationList[] {
  const blocks = [...text.matchAll(/-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/g)]
  if (blocks.length === 0) throw new RangeError('no PEM revocation list')
  return blocks.map(([, base64]) => readList(Buffer.from(base64!, 'base64')))
}

/** Is a list past its next update, or not in force yet? */
export function isStale({ thisUpdateMs, nextUpdateMs }: RevocationList, nowMs: number): boolean {
  return thisUpdateMs > nowMs || (nextUpdateMs !== null && nextUpdateMs < nowMs)
}

function readList(der: Buffer): RevocationList {
  const [body, algorithm, signature] = inside(element(der, 0))
  if (body === undefined || algorithm === undefined || signature?.tag !== BIT_STRING) throw malformed()
  const fields = inside(body)
  if (fields[0]?.tag === INTEGER) fields.shift()
  const [, issuer, thisUpdate, ...rest] = fields
  if (issuer === undefined || thisUpdate === undefined) throw malformed()
  const nextUpdate = rest[0] !== undefined && isTime(rest[0]) ? rest.shift() : undefined
  const entries = rest[0]?.tag === SEQUENCE ? inside(rest[0]) : []
  const hash = SIGNATURES[inside(algorithm)[0]?.content.toString('hex') ?? '']
  return {
    thisUpdateMs: timeMs(thisUpdate),
    nextUpdateMs: nextUpdate === undefined ? null : timeMs(nextUpdate),
    revoked: new Set(entries.map((entry) => serialText(inside(entry)[0]!))),
    isOf(authority) {
      // The first byte of a bit string counts its unused bits: none here.
      const signed = signature.content.subarray(1)
      if (hash === undefined || !subjectOf(authority).equals(issuer.whole)) return false
      return verify(hash, body.whole, authority.publicKey, signed)
    },
  }
}

function serialText(integer: Element): string {
  const hex = integer.content.toString('hex').toUpperCase()
  return hex.replace(/^00(?=..)/, '')
}

/** The subject's own bytes: names are compared as they are encoded. */
function subjectOf(certificate: X509Certificate): Buffer {
  const fields = inside(inside(element(certificate.raw, 0))[0]!)
  return fields[fields[0]?.tag === VERSION ? 5 : 4]!.whole
}

interface Element {
  readonly tag: number
  readonly content: Buffer
  readonly whole: Buffer
}

const INTEGER = 0x02
const BIT_STRING = 0x03
const SEQUENCE = 0x30
const VERSION = 0xa0
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18

const malformed = () => new RangeError('malformed DER')

/** One element of DER (X.690 §8.1, definite lengths up to four bytes). */
function element(der: Buffer, at: number): Element {
  const first = der[at + 1]
  if (first === undefined) throw malformed()
  const wide = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || wide > 4 || at + 2 + wide > der.length) throw malformed()
  const length = wide === 0 ? first : der.readUIntBE(at + 2, wide)
  const from = at + 2 + wide
  if (from + length > der.length) throw malformed()
  return { tag: der[at]!, content: der.subarray(from, from + length), whole: der.subarray(at, from + length) }
}

function inside({ content }: Element): Element[] {
  const found: Element[] = []
  for (let at = 0; at < content.length; at += found.at(-1)!.whole.length) found.push(element(content, at))
  return found
}

function isTime({ tag }: Element): boolean {
  return tag === UTC_TIME || tag === GENERALIZED_TIME
}

/** RFC 5280 §5.1.2.4: `YYMMDDHHMMSSZ` (50 and later: 19YY), or `YYYYMMDDHHMMSSZ`. */
function timeMs({ tag, content }: Element): number {
  const text = content.toString('latin1')
  const year = tag === UTC_TIME ? (Number(text.slice(0, 2)) >= 50 ? '19' : '20') : ''
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(year + text)
  if (parts === null) throw malformed()
  const [y, mo, d, h, mi, s] = parts.slice(1).map(Number) as [number, number, number, number, number, number]
  return Date.UTC(y, mo - 1, d, h, mi, s)
}
