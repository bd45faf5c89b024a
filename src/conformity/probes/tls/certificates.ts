import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { FoundFault } from '../../../core/probes.ts'
import { pemCertificates } from '../../../formats/x509/revocation-list.ts'
import { nameOf } from '../connection.ts'
import { fault, said } from '../parts.ts'
import type { TlsSettings } from '../settings.ts'

const DAY_MS = 86_400_000

/** What chain and authorities are judged with. `ca`: PEM; empty: the public ones. */
export interface ChainParts {
  readonly host: string
  readonly ca: string
  readonly settings: TlsSettings
  readonly nowMs: number
}

/** The common name of a machine or authority, bounded. */
export function commonName(certificate: X509Certificate, of: 'subject' | 'issuer' = 'subject'): string {
  const name = certificate[of] ?? ''
  return said(/(?:^|\n)CN=([^\n]*)/.exec(name)?.[1]) ?? said(name) ?? '?'
}

/** Everything that certificates say against themselves: dates, keys, signatures, the host's name. Pure. */
export function certificateFaults(chain: readonly X509Certificate[], parts: ChainParts): FoundFault[] {
  const [own] = chain
  if (own === undefined) return []
  const each = chain.flatMap((one) => [...dateFaults(one, parts), ...strengthFaults(one, parts)])
  return [...each, ...expiryFaults(own, parts), ...nameFaults(own, parts.host)]
}

function dateFaults(one: X509Certificate, { nowMs }: ChainParts): FoundFault[] {
  const subject = commonName(one)
  if (one.validToDate.getTime() <= nowMs) return [fault('CERTIFICATE_EXPIRED', { subject, day: day(one.validToDate) })]
  if (one.validFromDate.getTime() > nowMs) return [fault('CERTIFICATE_EARLY', { subject, day: day(one.validFromDate) })]
  return []
}

function expiryFaults(own: X509Certificate, { settings: { daysLeft: days }, nowMs }: ChainParts): FoundFault[] {
  const endMs = own.validToDate.getTime()
  if (endMs <= nowMs || endMs - nowMs >= days * DAY_MS) return []
  return [fault('CERTIFICATE_EXPIRES', { subject: commonName(own), day: day(own.validToDate), days })]
}

function strengthFaults(one: X509Certificate, { settings }: ChainParts): FoundFault[] {
  const faults: FoundFault[] = []
  const subject = commonName(one)
  const { bits, least } = keySize(one, settings)
  if (bits < least) faults.push(fault('KEY_SMALL', { subject, bits, least }))
  const algorithm = one.signatureAlgorithm ?? ''
  // A root is trusted for itself, so that its own signature says nothing.
  if (/sha-?1\b|sha1|md5|md2/i.test(algorithm) && one.subject !== one.issuer) {
    faults.push(fault('SIGNATURE_WEAK', { subject, algorithm: said(algorithm) ?? '' }))
  }
  return faults
}

const CURVE_BITS: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521, secp224r1: 224 }

function keySize({ publicKey }: X509Certificate, { rsaBits, ecBits }: TlsSettings) {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {}
  if (modulusLength !== undefined) return { bits: modulusLength, least: rsaBits }
  if (namedCurve === undefined) return { bits: 256, least: 0 }
  return { bits: CURVE_BITS[namedCurve] ?? (Number(/\d{3}/.exec(namedCurve)?.[0]) || 0), least: ecBits }
}

/** Against the name that is declared. An address is compared with nothing, by senders neither. */
function nameFaults(own: X509Certificate, host: string): FoundFault[] {
  if (isIP(host) !== 0) return []
  return own.checkHost(host) === undefined ? [fault('HOST_OTHER', { host })] : []
}

/** What OpenSSL's word against a chain is called here. Words on dates are left to the certificates themselves. Pure. */
export function verdictFaults(
  verdict: string | null,
  chain: readonly X509Certificate[],
  parts: ChainParts,
): FoundFault[] {
  switch (verdict) {
    case null:
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
    case 'EE_KEY_TOO_SMALL':
    case 'CA_KEY_TOO_SMALL':
    case 'CA_MD_TOO_WEAK':
      return []
    case 'CERT_REVOKED':
      return [fault('CERTIFICATE_REVOKED')]
    case 'CRL_HAS_EXPIRED':
      return [fault('REVOCATION_STALE')]
    case 'UNABLE_TO_GET_CRL':
      return [fault('REVOCATION_UNKNOWN')]
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return [fault('CERTIFICATE_SELF_SIGNED')]
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'CERT_SIGNATURE_FAILURE':
      return [foreign(chain)]
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return [isGap(chain, parts.ca) ? fault('CHAIN_INCOMPLETE', { issuer: issuerOf(chain) }) : foreign(chain)]
    default:
      if (isSelfSigned(chain)) return [fault('CERTIFICATE_SELF_SIGNED')]
      return [fault('CHAIN_WRONG', { reason: nameOf(verdict) })]
  }
}

/** Others of OpenSSL's words come first where it is also unfit for a server. */
function isSelfSigned([own]: readonly X509Certificate[]): boolean {
  return own !== undefined && own.subject === own.issuer && own.verify(own.publicKey)
}

function foreign(chain: readonly X509Certificate[]): FoundFault {
  return fault('CHAIN_FOREIGN', { issuer: issuerOf(chain) })
}

function issuerOf(chain: readonly X509Certificate[]): string {
  const top = chain.at(-1)
  return top === undefined ? '?' : commonName(top, 'issuer')
}

/**
 * Is an authority between ours and what was sent left out? Its certificate would tell, and is not here: the missing issuer is
 * taken for one of ours when it bears the organisation of a declared authority, and is none of them. */
function isGap(chain: readonly X509Certificate[], ca: string): boolean {
  const top = chain.at(-1)
  if (top === undefined) return false
  const declared = pemCertificates(ca)
  if (declared.some(({ subject }) => subject === top.issuer)) return false
  const organisation = organisationOf(top.issuer)
  return declared.some(({ subject }) => organisationOf(subject) === organisation)
}

function organisationOf(name: string): string {
  return name
    .split('\n')
    .filter((rdn) => !rdn.startsWith('CN='))
    .join('\n')
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
