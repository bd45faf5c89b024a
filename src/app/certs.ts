import { generateKeyPair, X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import forge from 'node-forge'
import { parse } from 'yaml'

/**
 * The example PKI: a throw-away authority whose subject has the shape of IGC-Santé's, and certificates signed by it. Made
 * with node-forge, which cannot verify: nothing here decides whom to trust. Every name says EXEMPLE. */

const DAY_MS = 86_400_000
const COUNTRY = { shortName: 'C', value: 'FR' }
const CA_NAME = names('AC EXEMPLE ORGANISATIONS', 'EXEMPLE', 'EXEMPLE PASSERELLE')
const FOREIGN_CA_NAME = names('AC EXEMPLE ETRANGERE', 'EXEMPLE', 'EXEMPLE AUTRE REGION')

/** What `makeCertificates` wrote, as paths. Each certificate `X.pem` has its key in `X.key`, mode 0600. */
export interface MadeCertificates {
  readonly ca: string
  readonly gateway: string
  readonly clients: readonly string[]
  /** For tests: a certificate of the authority that is over. */
  readonly expired: string
  /** For tests: a certificate of another authority, which bears the same subject as the first client. */
  readonly foreign: string
}

/** Subject of an establishment's example certificate, as region.yaml writes it (RFC 4514). */
export function exampleSubject(id: string): string {
  return `CN=${id}.exemple.test,OU=${id},O=EXEMPLE,ST=Pays de la Loire,C=FR`
}

/** Issuer of every example certificate, as region.yaml writes it (RFC 4514). */
export const EXAMPLE_ISSUER = 'CN=AC EXEMPLE ORGANISATIONS,OU=EXEMPLE,O=EXEMPLE PASSERELLE,C=FR'

/**
 * Writes into `dir` (made when missing, 0700) an authority `ca`, the gateway's certificate `gateway` (localhost,
 * 127.0.0.1 and ::1), one client certificate per id, `expired` and `foreign`. The authority's key is forgotten. Files of
 * the same names are replaced. Valid for two years from the day before `nowMs`. */
export async function makeCertificates(
  dir: string,
  ids: readonly string[],
  nowMs: number = Date.now(),
): Promise<MadeCertificates> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const [ca, foreignCa] = await Promise.all([authority(CA_NAME, nowMs), authority(FOREIGN_CA_NAME, nowMs)])
  const write = async (name: string, made: Made): Promise<string> => {
    await writeFile(join(dir, `${name}.key`), made.key, { mode: 0o600 })
    await writeFile(join(dir, `${name}.pem`), made.pem)
    return join(dir, `${name}.pem`)
  }
  await writeFile(join(dir, 'ca.pem'), ca.pem)
  await writeFile(join(dir, 'foreign-ca.pem'), foreignCa.pem)
  const valid = { fromMs: nowMs - DAY_MS, toMs: nowMs + 730 * DAY_MS }
  const over = { fromMs: nowMs - 60 * DAY_MS, toMs: nowMs - 30 * DAY_MS }
  const first = ids[0] ?? 'exemple'
  const clients = await Promise.all(ids.map(async (id) => write(id, await leaf(client(id), ca, valid))))
  return {
    ca: join(dir, 'ca.pem'),
    gateway: await write('gateway', await leaf(GATEWAY, ca, valid)),
    clients,
    expired: await write('expired', await leaf(client(first), ca, over)),
    foreign: await write('foreign', await leaf(client(first), foreignCa, valid)),
  }
}

/**
 * Makes the example certificates that a region file's TLS doors name and that are not there, all in one step, so that two
 * starts at once agree. Returns the folder made, or null when nothing was missing or the names are not those of the
 * example PKI (`gateway.key`, `gateway.pem`, `ca.pem`). */
export async function makeMissingCertificates(regionFile: string, nowMs: number = Date.now()): Promise<string | null> {
  const region = await looselyRead(regionFile)
  const { mllps, https } = region?.entrances ?? {}
  const { key, cert, ca } = (mllps ?? https)?.tls ?? {}
  if (typeof key !== 'string' || typeof cert !== 'string' || typeof ca !== 'string') return null
  const here = dirname(resolve(regionFile))
  const folder = resolve(here, dirname(key))
  const named = [key, cert, ca].map((path) => resolve(here, path))
  const ours = ['gateway.key', 'gateway.pem', 'ca.pem'].map((name) => join(folder, name))
  if (named.join() !== ours.join() || named.some((file) => existsSync(file))) return null

  const ids = (region?.establishments ?? []).flatMap((one) => (/^[a-z0-9-]+$/.test(one?.id ?? '') ? [one!.id!] : []))
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
  const beside = await mkdtemp(`${folder}-`)
  try {
    await makeCertificates(beside, ids, nowMs)
    await rename(beside, folder)
    return folder
  } catch (fault) {
    await rm(beside, { recursive: true, force: true })
    // Another start made them meanwhile; theirs are as good.
    if (existsSync(join(folder, 'gateway.key'))) return null
    throw fault
  }
}

interface LooseRegion {
  readonly entrances?: Readonly<
    Record<'mllps' | 'https', { readonly tls?: Readonly<Record<string, unknown>> } | undefined>
  >
  readonly establishments?: readonly ({ readonly id?: string } | null)[]
}

/** Null when the file cannot be read: whoever reads it for good tells why. */
async function looselyRead(regionFile: string): Promise<LooseRegion | null> {
  try {
    return parse(await readFile(regionFile, 'utf8')) as LooseRegion | null
  } catch {
    return null
  }
}

interface Made {
  readonly key: string
  readonly pem: string
}
interface Authority extends Made {
  readonly name: forge.pki.CertificateField[]
}
interface Leaf {
  readonly name: forge.pki.CertificateField[]
  readonly altNames: readonly object[]
  readonly server: boolean
}

const GATEWAY: Leaf = {
  name: names('passerelle.exemple.test', 'passerelle', 'EXEMPLE', 'Pays de la Loire'),
  altNames: [
    { type: 2, value: 'localhost' },
    { type: 2, value: 'passerelle.exemple.test' },
    { type: 7, ip: '127.0.0.1' },
    { type: 7, ip: '::1' },
  ],
  server: true,
}

function client(id: string): Leaf {
  return {
    name: names(`${id}.exemple.test`, id, 'EXEMPLE', 'Pays de la Loire'),
    altNames: [{ type: 2, value: `${id}.exemple.test` }],
    server: false,
  }
}

/** Attributes in the order of IGC-Santé's subjects: C, ST, O, OU, CN. */
export function names(cn: string, ou: string, o: string, st?: string): forge.pki.CertificateField[] {
  const utf8 = forge.asn1.Type.UTF8 as unknown as forge.asn1.Class
  const field = (shortName: string, value: string) => ({ shortName, value, valueTagClass: utf8 })
  return [COUNTRY, ...(st ? [field('ST', st)] : []), field('O', o), field('OU', ou), field('CN', cn)]
}

async function authority(name: forge.pki.CertificateField[], nowMs: number): Promise<Authority> {
  const { privateKey, publicKey } = await keyPair()
  const pem = signed(publicKey, name, name, privateKey, { fromMs: nowMs - 90 * DAY_MS, toMs: nowMs + 730 * DAY_MS }, [
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ])
  return { name, key: privateKey, pem }
}

async function leaf(one: Leaf, ca: Authority, valid: { fromMs: number; toMs: number }): Promise<Made> {
  const { privateKey, publicKey } = await keyPair()
  const pem = signed(publicKey, one.name, ca.name, ca.key, valid, [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: one.server, clientAuth: true },
    { name: 'subjectAltName', altNames: one.altNames },
    { name: 'subjectKeyIdentifier' },
  ])
  return { key: privateKey, pem }
}

/** A certificate (PEM) over this public key, signed by the issuer's key (both PEM). */
export function signed(
  publicKey: string,
  subject: forge.pki.CertificateField[],
  issuer: forge.pki.CertificateField[],
  issuerKey: string,
  valid: { fromMs: number; toMs: number },
  extensions: object[],
): string {
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey)
  // A serial number is positive (RFC 5280 §4.1.2.2): the first bit stays clear.
  // The first byte is between 01 and 7F: positive, and no longer than it need be (X.690 §8.3.2).
  certificate.serialNumber = `4${forge.util.bytesToHex(forge.random.getBytesSync(15))}1`
  certificate.validity.notBefore = new Date(valid.fromMs)
  certificate.validity.notAfter = new Date(valid.toMs)
  certificate.setSubject(subject)
  certificate.setIssuer(issuer)
  certificate.setExtensions(extensions)
  certificate.sign(forge.pki.privateKeyFromPem(issuerKey), forge.md.sha256.create())
  const pem = forge.pki.certificateToPem(certificate)
  // Read back by the library that will be asked to trust it.
  return new X509Certificate(pem).toString()
}

/** A pair of keys (PEM). RSA because node-forge signs with nothing else; made by node:crypto, off this thread. */
export async function keyPair(): Promise<{ privateKey: string; publicKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
}
