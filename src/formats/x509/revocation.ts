import { X509Certificate } from 'node:crypto'
import type { TlsFiles } from '../../core/config.ts'
import { pemCertificates, type RevocationList, readRevocationLists } from './revocation-list.ts'

/** A certificate as node:tls hands it over, with those above it as far as the peer sent them; the last is its own issuer. */
export interface PeerCertificate {
  readonly raw: Buffer
  readonly fingerprint256: string
  readonly issuerCertificate?: PeerCertificate
}

/** Authorities and their revocation lists. */
export type RevocationFiles = Pick<TlsFiles, 'ca' | 'crl' | 'crlStale'>

/** Why a chain is not accepted, in OpenSSL's words. */
export type RevocationFault = 'CERT_REVOKED' | 'UNABLE_TO_GET_CRL'

/** The lists for node:tls. Under `warn` there are none: OpenSSL would refuse whoever a stale one covers, so we look ourselves. */
export function crlOption({ crl, crlStale }: Pick<TlsFiles, 'crl' | 'crlStale'>): { crl?: string[] } {
  return crl.length > 0 && crlStale !== 'warn' ? { crl: [...crl] } : {}
}

/**
 * Under `crlStale: warn`, what the lists say of a chain that verified: every certificate below a root must be covered by
 * a list of its issuer, however old, and stand on none (RFC 5280 §6.3). Null: nothing against it, or OpenSSL looked. */
export function revocationFault(peer: PeerCertificate, files: RevocationFiles): RevocationFault | null {
  if (files.crlStale !== 'warn' || files.crl.length === 0) return null
  const { lists, authorities } = trustOf(files)
  const sent = chainOf(peer)
  for (const certificate of sent) {
    if (certificate.issuer === certificate.subject) continue
    const issuer = [...sent, ...authorities].find(
      (one) => certificate.checkIssued(one) && certificate.verify(one.publicKey),
    )
    const covering = issuer === undefined ? [] : lists.filter((list) => list.isOf(issuer))
    if (covering.length === 0) return 'UNABLE_TO_GET_CRL'
    if (covering.some(({ revoked }) => revoked.has(certificate.serialNumber))) return 'CERT_REVOKED'
  }
  return null
}

interface Trust {
  readonly lists: readonly RevocationList[]
  readonly authorities: readonly X509Certificate[]
}

const known = new WeakMap<RevocationFiles, Trust>()

function trustOf(files: RevocationFiles): Trust {
  const trust = known.get(files) ?? {
    lists: files.crl.flatMap(readRevocationLists),
    authorities: pemCertificates(files.ca),
  }
  known.set(files, trust)
  return trust
}

/** The certificates from the peer's own upward, as far as it sent them or they are known. */
function chainOf(peer: PeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = []
  const seen = new Set<string>()
  for (let one: PeerCertificate | undefined = peer; one?.raw !== undefined; one = one.issuerCertificate) {
    if (seen.has(one.fingerprint256)) break
    seen.add(one.fingerprint256)
    chain.push(new X509Certificate(one.raw))
  }
  return chain
}
