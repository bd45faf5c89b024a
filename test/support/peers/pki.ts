import { generateKeyPairSync } from 'node:crypto'
import forge from 'node-forge'

/** A key and certificate, PEM. */
export interface Identity {
  readonly key: string
  readonly cert: string
  /** The subject as RFC 4514 writes it. */
  readonly subject: string
}

/** A throw-away certificate authority, made for one test run. */
export interface Authority extends Identity {
  /** Validity in days from now; `host`: a DNS name it also bears. `bits`: a key of its own, of that size. */
  issue(commonName: string, options?: Wish): Identity
  /** An authority below this one, with a key of its own. */
  below(name: string): Authority
  readonly name: string
}

/** How a certificate differs from the usual. */
export interface Wish {
  readonly fromDays?: number
  readonly toDays?: number
  readonly host?: string | null
  readonly bits?: number
  readonly hash?: 'sha1' | 'sha256'
}

const DAY_MS = 86_400_000
/** One key pair serves every certificate of a run: what is tested is names, dates and signatures. */
let shared: ReturnType<typeof makeKeys> | null = null
let serial = 1

function makeKeys(bits = 2048) {
  return generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

function keys() {
  shared ??= makeKeys()
  return shared
}

type Attributes = forge.pki.CertificateField[]

interface Wanted {
  readonly subject: Attributes
  readonly issuer: Attributes
  readonly publicKey: string
  readonly signer: string
  readonly fromMs: number
  readonly toMs: number
  readonly extensions: object[]
  readonly hash?: 'sha1' | 'sha256'
}

function certificate(wanted: Wanted): string {
  const made = forge.pki.createCertificate()
  made.publicKey = forge.pki.publicKeyFromPem(wanted.publicKey)
  made.serialNumber = (0x1000 + serial++).toString(16)
  made.validity.notBefore = new Date(wanted.fromMs)
  made.validity.notAfter = new Date(wanted.toMs)
  made.setSubject(wanted.subject)
  made.setIssuer(wanted.issuer)
  made.setExtensions(wanted.extensions)
  made.sign(forge.pki.privateKeyFromPem(wanted.signer), forge.md[wanted.hash ?? 'sha256'].create())
  return forge.pki.certificateToPem(made)
}

const ORGANISATION = 'REGION, ESSAI'

function named(commonName: string, organisation = ORGANISATION): Attributes {
  return [
    { shortName: 'C', value: 'FR' },
    { shortName: 'O', value: organisation },
    { shortName: 'CN', value: commonName },
  ]
}

const written = (commonName: string): string => `CN=${commonName},O=REGION\\, ESSAI,C=FR`

const AUTHORITY = [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', keyCertSign: true, cRLSign: true },
]

/** Makes an authority. Its own key differs from that of what it issues. */
export function authority(name: string, organisation = ORGANISATION): Authority {
  const own = makeKeys()
  const issuer = named(name, organisation)
  return authorityOf(name, issuer, own, certificate({ ...lasting(), ...signedBy(own.privateKey, issuer, issuer, own) }))
}

const lasting = () => ({ fromMs: Date.now() - 30 * DAY_MS, toMs: Date.now() + 30 * DAY_MS })
const signedBy = (signer: string, issuer: Attributes, subject: Attributes, { publicKey }: { publicKey: string }) => ({
  signer,
  issuer,
  subject,
  publicKey,
  extensions: AUTHORITY,
})

function authorityOf(
  name: string,
  issuer: Attributes,
  { privateKey }: ReturnType<typeof makeKeys>,
  cert: string,
): Authority {
  return {
    name,
    key: privateKey,
    cert,
    subject: written(name),
    below(other) {
      const keyPair = makeKeys()
      const subject = named(other)
      const theirs = certificate({ ...lasting(), ...signedBy(privateKey, issuer, subject, keyPair) })
      return authorityOf(other, subject, keyPair, theirs)
    },
    issue(commonName, { fromDays = -1, toDays = 10, host = null, bits, hash = 'sha256' } = {}) {
      const pair = bits === undefined ? keys() : makeKeys(bits)
      const nowMs = Date.now()
      const cert = certificate({
        subject: named(commonName),
        issuer,
        publicKey: pair.publicKey,
        signer: privateKey,
        fromMs: nowMs + fromDays * DAY_MS,
        toMs: nowMs + toDays * DAY_MS,
        extensions: host === null ? [] : [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
        hash,
      })
      return { key: pair.privateKey, cert, subject: written(commonName) }
    },
  }
}
