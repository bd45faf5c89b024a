import type { X509Certificate } from 'node:crypto'
import type { Config } from '../../core/config.ts'
import { parseDistinguishedName, parseNodeName, writeDistinguishedName } from '../../formats/x509/distinguished-name.ts'

/** Whose certificate it is, or which rule it broke and what it says of itself (for the log). */
export type Identity =
  | { readonly ok: true; readonly establishment: string }
  | {
      readonly ok: false
      readonly code: 'CERTIFICATE_EXPIRED' | 'CERTIFICATE_FOREIGN' | 'CERTIFICATE_UNMAPPED'
      readonly certificate: string
    }

const OUTSIDE_VALIDITY = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']
/** Derived from an immutable revision, and gone with it. */
const mapped = new WeakMap<Config, ReadonlyMap<string, string>>()

/**
 * Names the establishment that declares this certificate by issuer and subject, compared RDN by RDN. `fault` is what
 * node:tls found against the chain (OpenSSL's name of the rule), null when it verified; this function adds no trust. */
export function identify(certificate: X509Certificate | undefined, fault: string | null, config: Config): Identity {
  if (certificate === undefined) return { ok: false, code: 'CERTIFICATE_FOREIGN', certificate: 'none sent' }
  const said = describe(certificate)
  if (fault !== null) {
    const code = OUTSIDE_VALIDITY.includes(fault) ? 'CERTIFICATE_EXPIRED' : 'CERTIFICATE_FOREIGN'
    return { ok: false, code, certificate: `${said.text} (${fault})` }
  }
  const establishment = said.key === null ? undefined : names(config).get(said.key)
  if (establishment === undefined) return { ok: false, code: 'CERTIFICATE_UNMAPPED', certificate: said.text }
  return { ok: true, establishment }
}

function describe(certificate: X509Certificate): { key: string | null; text: string } {
  try {
    const [issuer, subject] = [parseNodeName(certificate.issuer), parseNodeName(certificate.subject)]
    const text = `subject ${writeDistinguishedName(subject)} issuer ${writeDistinguishedName(issuer)}`
    return { key: keyOf(issuer, subject), text: text.slice(0, 500) }
  } catch {
    return { key: null, text: 'unreadable name' }
  }
}

function keyOf(issuer: { readonly key: string }, subject: { readonly key: string }): string {
  return `${issuer.key} ${subject.key}`
}

function names(config: Config): ReadonlyMap<string, string> {
  const known = mapped.get(config)
  if (known !== undefined) return known
  const made = new Map<string, string>()
  for (const establishment of config.establishments.values()) {
    for (const { issuer, subject } of establishment.certificates) {
      made.set(keyOf(parseDistinguishedName(issuer), parseDistinguishedName(subject)), establishment.id)
    }
  }
  mapped.set(config, made)
  return made
}
