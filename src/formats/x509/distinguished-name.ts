/** Distinguished names of certificates, as region.yaml writes them (RFC 4514) and as Node shows them, made comparable. */

/** One RDN: its attributes as `type=value`, sorted, for their order means nothing (X.501 §9.3). */
type Rdn = readonly string[]

/** A name in the certificate's own order: the most general RDN first. */
export interface DistinguishedName {
  readonly rdns: readonly Rdn[]
  /** Equal for equal names only. Values are compared exactly, types by meaning: `2.5.4.3`, `cn` and `CN` are one. */
  readonly key: string
}

/** Every spelling of an attribute type met in certificates, by lower-case name → one short name (RFC 4514 §3, OpenSSL). */
const TYPES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  commonname: 'CN',
  '2.5.4.4': 'SN',
  surname: 'SN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  countryname: 'C',
  '2.5.4.7': 'L',
  localityname: 'L',
  '2.5.4.8': 'ST',
  s: 'ST',
  stateorprovincename: 'ST',
  '2.5.4.9': 'STREET',
  streetaddress: 'STREET',
  '2.5.4.10': 'O',
  organizationname: 'O',
  '2.5.4.11': 'OU',
  organizationalunitname: 'OU',
  '2.5.4.12': 'TITLE',
  t: 'TITLE',
  '2.5.4.42': 'GN',
  givenname: 'GN',
  '2.5.4.97': 'ORGANIZATIONIDENTIFIER',
  '0.9.2342.19200300.100.1.1': 'UID',
  userid: 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  domaincomponent: 'DC',
  '1.2.840.113549.1.9.1': 'EMAILADDRESS',
  e: 'EMAILADDRESS',
  email: 'EMAILADDRESS',
}

/**
 * Reads a name written by RFC 4514: most specific RDN first, `,` between RDNs, `+` inside one, `\` before a special
 * character or two hex digits of a UTF-8 byte. Spaces around `,` `+` `=` are let pass, as RFC 2253 writers leave them.
 * @throws {RangeError} when the text is no such name, or gives a value as `#hex` */
export function parseDistinguishedName(text: string): DistinguishedName {
  return nameOf(split(text, ',').map(readRdn).reverse())
}

/**
 * Reads `subject` or `issuer` of Node's X509Certificate: one RDN per line in the certificate's order, ` + ` inside one,
 * values escaped as by RFC 4514.
 * @throws {RangeError} when the text has another form */
export function parseNodeName(text: string): DistinguishedName {
  return nameOf(text.split('\n').map(readRdn))
}

/** The name as RFC 4514 writes it: what an operator copies into `senders.certificates`. */
export function writeDistinguishedName(name: DistinguishedName): string {
  return [...name.rdns]
    .reverse()
    .map((rdn) => rdn.map(writeAttribute).join('+'))
    .join(',')
}

function nameOf(rdns: readonly Rdn[]): DistinguishedName {
  return { rdns, key: JSON.stringify(rdns) }
}

/** Cuts at each separator that no backslash escapes. */
function split(text: string, separator: string): string[] {
  const parts: string[] = []
  let from = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === separator) {
      parts.push(text.slice(from, at))
      from = at + 1
    }
  }
  return [...parts, text.slice(from)]
}

function readRdn(text: string): Rdn {
  return split(text, '+').map(readAttribute).sort()
}

function readAttribute(text: string): string {
  const equals = text.indexOf('=')
  const written = text.slice(0, equals).trim().toLowerCase()
  if (equals < 0 || !/^([a-z][a-z0-9-]*|\d+(\.\d+)+)$/.test(written)) {
    throw new RangeError(`${JSON.stringify(text)} is no TYPE=value of a distinguished name`)
  }
  return `${TYPES[written] ?? written.toUpperCase()}=${readValue(text.slice(equals + 1))}`
}

/** Spaces at the ends count only when escaped. */
function readValue(text: string): string {
  const written = text.trimStart()
  if (written.startsWith('#')) throw new RangeError('a value given as #hex is not read: write it as text')
  const bytes: Buffer[] = []
  let keep = 0
  let length = 0
  for (let at = 0; at < written.length; ) {
    const escaped = written[at] === '\\'
    const hex = escaped ? /^[0-9a-fA-F]{2}/.exec(written.slice(at + 1, at + 3)) : null
    const character = String.fromCodePoint(written.codePointAt(escaped ? at + 1 : at) ?? Number.NaN)
    const piece = hex ? Buffer.from(hex[0], 'hex') : Buffer.from(character)
    bytes.push(piece)
    length += piece.length
    if (escaped || character !== ' ') keep = length
    at += (escaped ? 1 : 0) + (hex ? 2 : character.length)
  }
  return Buffer.concat(bytes).subarray(0, keep).toString('utf8')
}

function writeAttribute(attribute: string): string {
  const equals = attribute.indexOf('=')
  const value = attribute
    .slice(equals + 1)
    .replace(/[\\",+;<>]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ')
    .replace(/[\u0000-\u001f\u007f]/g, (c) => `\\${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `${attribute.slice(0, equals)}=${value}`
}
