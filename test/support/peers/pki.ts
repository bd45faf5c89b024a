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
  /** Validity in days from now; `host`: a DNS name it also bears. */
  issue(commonName: string, options?: { fromDays?: number; toDays?: number; host?: string | null }): Identity
  readonly name: string
}

const DAY_MS = 86_400_000
/** One key pair serves every certificate of a run: what is tested is names, dates and signatures. */
let shared: ReturnType<typeof makeKeys> | null = null
let serial = 1

function makeKeys() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
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
  made.sign(forge.pki.privateKeyFromPem(wanted.signer), forge.md.sha256.create())
  return forge.pki.certificateToPem(made)
}

function named(commonName: string): Attributes {
  return [
    { shortName: 'C', value: 'FR' },
    { shortName: 'O', value: 'REGION, ESSAI' },
    { shortName: 'CN', value: commonName },
  ]
}

const written = (commonName: string): string => `CN=${commonName},O=REGION\\, ESSAI,C=FR`

/** Makes an authority. Its own key differs from that of what it issues. */
export function authority(name: string): Authority {
  const own = makeKeys()
  const nowMs = Date.now()
  const issuer = named(name)
  const extensions = [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true },
  ]
  const validity = { fromMs: nowMs - 30 * DAY_MS, toMs: nowMs + 30 * DAY_MS }
  const { publicKey, privateKey } = own
  return {
    name,
    key: privateKey,
    cert: certificate({ subject: issuer, issuer, publicKey, signer: privateKey, ...validity, extensions }),
    subject: written(name),
    issue(commonName, { fromDays = -1, toDays = 10, host = null } = {}) {
      const cert = certificate({
        subject: named(commonName),
        issuer,
        publicKey: keys().publicKey,
        signer: privateKey,
        fromMs: nowMs + fromDays * DAY_MS,
        toMs: nowMs + toDays * DAY_MS,
        extensions: host === null ? [] : [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
      })
      return { key: keys().privateKey, cert, subject: written(commonName) }
    },
  }
}
