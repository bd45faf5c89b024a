/** Who may sign the list: a certificate of the configured authority with the configured name, valid when the list was made. */
import type { X509Certificate } from 'node:crypto'
import { parseDistinguishedName, parseNodeName } from '../x509/distinguished-name.ts'
import { isStale, type RevocationList } from '../x509/revocation-list.ts'
import type { SignerFault } from './fault.ts'

/** Whom a list is taken from. */
export interface ListTrust {
  /** The authority and those above it, up to one that is its own issuer. */
  readonly anchors: readonly X509Certificate[]
  /** Subject of the authority that issues the signer's certificate (RFC 4514). */
  readonly issuer: string
  /** CN of the signer. */
  readonly commonName: string
  /** Mail address that the certificate must bear; null: not looked at. */
  readonly email: string | null
  /** Absent: revocation is not looked at. */
  readonly revocation?: SignerRevocation
}

/** Revocation lists of the authorities (RFC 5280 §6.3): with one, each authority of the chain needs its own. */
export interface SignerRevocation {
  readonly lists: readonly RevocationList[]
  /** A list that is past its next update: take nothing on its word, or go by it as it is. */
  readonly stale: 'refuse' | 'warn'
}

/** What speaks against this certificate as the signer of a list made at `madeAtMs`; null: nothing. */
export function signerFault(
  signer: X509Certificate,
  trust: ListTrust,
  madeAtMs: number,
  nowMs: number,
): SignerFault | null {
  if (signer.ca) return 'subject'
  if (keyOf(signer.issuer) !== parseDistinguishedName(trust.issuer).key) return 'issuer'
  if (commonName(signer) !== trust.commonName) return 'subject'
  if (trust.email !== null && signer.checkEmail(trust.email, { subject: 'never' }) === undefined) return 'subject'
  if (!within(signer, madeAtMs)) return 'validity'
  const { asymmetricKeyType, asymmetricKeyDetails } = signer.publicKey
  if (asymmetricKeyType !== 'rsa' || (asymmetricKeyDetails?.modulusLength ?? 0) < 2_048) return 'key'
  return chainFault(signer, trust, madeAtMs, nowMs)
}

/** Upward until an anchor is its own issuer; each of them valid when the list was made, and now, and none revoked. */
function chainFault(
  signer: X509Certificate,
  { anchors, revocation }: ListTrust,
  madeAtMs: number,
  nowMs: number,
): SignerFault | null {
  let below = signer
  for (let depth = 0; depth < 8; depth++) {
    const above = anchors.find((one) => one.ca && below.checkIssued(one) && below.verify(one.publicKey))
    if (above === undefined) return 'chain'
    if (!within(above, madeAtMs) || !within(above, nowMs)) return 'authority-validity'
    const revoked = revocation === undefined ? null : revocationFault(below, above, revocation, nowMs)
    if (revoked !== null) return revoked
    if (above.checkIssued(above)) return null
    below = above
  }
  return 'chain'
}

/** What the lists of its issuer say of a certificate. Whoever is revoked now counts for no list, whenever that was made. */
function revocationFault(
  certificate: X509Certificate,
  issuer: X509Certificate,
  { lists, stale }: SignerRevocation,
  nowMs: number,
): SignerFault | null {
  const covering = lists.filter((list) => list.isOf(issuer))
  if (covering.length === 0) return 'crl-missing'
  if (covering.some(({ revoked }) => revoked.has(certificate.serialNumber))) return 'revoked'
  return stale === 'refuse' && covering.every((list) => isStale(list, nowMs)) ? 'crl-stale' : null
}

function within({ validFromDate, validToDate }: X509Certificate, atMs: number): boolean {
  return validFromDate.getTime() <= atMs && atMs <= validToDate.getTime()
}

function keyOf(name: string): string | null {
  try {
    return parseNodeName(name).key
  } catch {
    return null
  }
}

/** The only CN, or null. */
function commonName({ subject }: X509Certificate): string | null {
  try {
    const found = parseNodeName(subject)
      .rdns.flat()
      .filter((one) => one.startsWith('CN='))
    return found.length === 1 ? found[0]!.slice(3) : null
  } catch {
    return null
  }
}
