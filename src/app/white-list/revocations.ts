/** Revocation lists of a lab's authorities (RFC 5280 §5), written with node-forge and signed by node:crypto. */
import { sign, X509Certificate } from 'node:crypto'
import forge from 'node-forge'

const { asn1 } = forge
const { Class, Type } = asn1
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11'
const CRL_NUMBER = '2.5.29.20'
/** Place of the subject in a certificate of version 3 (RFC 5280 §4.1). */
const SUBJECT = 5

/** An authority: its certificate and key (PEM). */
export interface RevokingAuthority {
  readonly pem: string
  readonly key: string
}

/**
 * A revocation list (PEM) of this authority with these serial numbers (hex, as `X509Certificate.serialNumber`), valid
 * between the two instants (ms since 1970); the first is also its number and when each was revoked. */
export function writeRevocationList(
  authority: RevokingAuthority,
  revoked: readonly string[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): string {
  const algorithm = sequence([primitive(Type.OID, asn1.oidToDer(SHA256_WITH_RSA).getBytes()), primitive(Type.NULL, '')])
  const entries = revoked.map((serial) => sequence([integer(serial), time(fromMs)]))
  const number = asn1.toDer(integer(Math.floor(fromMs / 1_000).toString(16))).getBytes()
  const extension = sequence([
    primitive(Type.OID, asn1.oidToDer(CRL_NUMBER).getBytes()),
    primitive(Type.OCTETSTRING, number),
  ])
  const body = sequence([
    integer('01'),
    algorithm,
    subjectOf(authority.pem),
    time(fromMs),
    time(toMs),
    // An empty list of entries is left out (RFC 5280 §5.1.2.6).
    ...(entries.length === 0 ? [] : [sequence(entries)]),
    asn1.create(Class.CONTEXT_SPECIFIC, 0 as forge.asn1.Type, true, [sequence([extension])]),
  ])
  const bytes = Buffer.from(asn1.toDer(body).getBytes(), 'latin1')
  const signature = sign('sha256', bytes, authority.key).toString('latin1')
  const whole = sequence([body, algorithm, primitive(Type.BITSTRING, `\0${signature}`)])
  return forge.pem.encode({ type: 'X509 CRL', body: asn1.toDer(whole).getBytes() })
}

/** The issuer's name as it stands in its certificate, byte for byte. */
function subjectOf(pem: string): forge.asn1.Asn1 {
  const certificate = asn1.fromDer(new X509Certificate(pem).raw.toString('latin1'))
  const fields = (certificate.value as forge.asn1.Asn1[])[0]!.value as forge.asn1.Asn1[]
  return fields[SUBJECT]!
}

function sequence(inside: forge.asn1.Asn1[]): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, inside)
}

function primitive(type: forge.asn1.Type, bytes: string): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, type, false, bytes)
}

/** A positive integer from hex: a first bit that is set would make it negative. */
function integer(hex: string): forge.asn1.Asn1 {
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  return primitive(Type.INTEGER, Buffer.from(/^[89a-f]/i.test(even) ? `00${even}` : even, 'hex').toString('latin1'))
}

function time(atMs: number): forge.asn1.Asn1 {
  return primitive(Type.UTCTIME, asn1.dateToUtcTime(new Date(atMs)) as unknown as string)
}
