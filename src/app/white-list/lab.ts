/** A trust space on one's own machine: authorities, a signer of lists, operators, and a list that they sign. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { pki } from 'node-forge'
import type { ListRow } from '../../formats/whitelist/list.ts'
import { signList, writeList } from '../../formats/whitelist/sign.ts'
import { parseNodeName, writeDistinguishedName } from '../../formats/x509/distinguished-name.ts'
import { keyPair, names, signed } from '../certs.ts'
import { type RevokingAuthority, writeRevocationList } from './revocations.ts'

const DAY_MS = 86_400_000
/** Who signs the lists of a lab. */
export const LAB_SIGNER = {
  commonName: 'liste.exemple.test',
  email: 'liste@exemple.test',
  issuer: 'CN=AC EXEMPLE ESPACE DE CONFIANCE,OU=EXEMPLE,O=EXEMPLE PASSERELLE,C=FR',
} as const
const ROOT = names('AC RACINE EXEMPLE ESPACE DE CONFIANCE', 'EXEMPLE', 'EXEMPLE PASSERELLE')
const ISSUING = names('AC EXEMPLE ESPACE DE CONFIANCE', 'EXEMPLE', 'EXEMPLE PASSERELLE')
const CA_USE = { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true }

/** A row of a lab: `operator` names a certificate that is made; `subject` one that is not. */
export interface LabRow {
  readonly domain: string
  readonly operator?: string
  readonly subject?: string
  readonly description?: string
  readonly responsible?: string
  readonly support?: string
}

/** What was written, as paths. */
export interface PublishedLab {
  readonly list: string
  /** Revocation lists of both authorities, good for a week. */
  readonly crls: readonly string[]
  /** Both authorities: whom to trust for the list and for the publisher's TLS. */
  readonly ca: string
  readonly rows: number
  readonly signer: typeof LAB_SIGNER
  readonly operators: readonly { readonly name: string; readonly cert: string; readonly subject: string }[]
}

type Pair = RevokingAuthority
/** How long a revocation list of a lab counts, and how far the clocks of its peers may be behind (ms). */
const CRL_MS = 7 * DAY_MS
const CLOCKS_MS = 60_000

/** The files of a lab; what is there is used again, so that peers keep trusting it. */
class Folder {
  readonly #dir: string
  readonly #nowMs: number
  constructor(dir: string, nowMs: number) {
    this.#dir = dir
    this.#nowMs = nowMs
  }

  path(name: string): string {
    return join(this.#dir, name)
  }

  async pair(name: string, make: () => Promise<Pair>): Promise<Pair> {
    const [keyFile, certFile] = [this.path(`${name}.key`), this.path(`${name}.pem`)]
    if (existsSync(keyFile) && existsSync(certFile)) {
      return { key: await readFile(keyFile, 'utf8'), pem: await readFile(certFile, 'utf8') }
    }
    const made = await make()
    await writeFile(keyFile, made.key, { mode: 0o600 })
    await writeFile(certFile, made.pem)
    return made
  }

  /** Puts a file in its place in one step; its path. */
  async replace(name: string, text: string): Promise<string> {
    const path = this.path(name)
    await writeFile(`${path}.part`, text)
    await rename(`${path}.part`, path)
    return path
  }

  async issue(
    subject: pki.CertificateField[],
    issuer: pki.CertificateField[],
    issuerKey: string | null,
    extensions: object[],
  ): Promise<Pair> {
    const { privateKey, publicKey } = await keyPair()
    const valid = { fromMs: this.#nowMs - 30 * DAY_MS, toMs: this.#nowMs + 730 * DAY_MS }
    const all = [...extensions, { name: 'subjectKeyIdentifier' }]
    return { key: privateKey, pem: signed(publicKey, subject, issuer, issuerKey ?? privateKey, valid, all) }
  }
}

/**
 * Makes the authorities, signer, publisher and operators of a lab in `dir` (what is there stays), a signed list of these
 * rows as `list.xml`, and revocation lists, on which the certificates of the operators `revoked` stand; each put in its place
 * in one step. For trying out: the authorities' keys stay in the folder.
 * @throws {RangeError} when a row names neither an operator nor a subject */
export async function publishLab(
  dir: string,
  rows: readonly LabRow[],
  nowMs: number,
  revoked: readonly string[] = [],
): Promise<PublishedLab> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const folder = new Folder(dir, nowMs)
  const ca = { name: 'basicConstraints', cA: true, critical: true }
  const root = await folder.pair('root', () => folder.issue(ROOT, ROOT, null, [ca, CA_USE]))
  const issuing = await folder.pair('issuing', () =>
    folder.issue(ISSUING, ROOT, root.key, [{ ...ca, pathLenConstraint: 0 }, CA_USE]),
  )
  await writeFile(folder.path('ca.pem'), issuing.pem + root.pem)
  const leaf = (cn: string, extensions: object[]) => () =>
    folder.issue(names(cn, 'EXEMPLE', 'EXEMPLE', 'Pays de la Loire (44)'), ISSUING, issuing.key, [
      { name: 'basicConstraints', cA: false, critical: true },
      ...extensions,
    ])
  const named = [...new Set(rows.flatMap(({ operator }) => operator ?? []))]
  const [signer, , ...pairs] = await Promise.all([
    folder.pair('signer', leaf(LAB_SIGNER.commonName, SIGNING)),
    folder.pair('publisher', leaf('localhost', servingExtensions(['localhost']))),
    ...named.map((name) => folder.pair(`operator-${name}`, leaf(...operatorLeaf(name)))),
  ])
  const operators = new Map<string, string>()
  const serials: string[] = []
  for (const [i, name] of named.entries()) {
    const certificate = new X509Certificate(pairs[i]!.pem)
    operators.set(name, writeDistinguishedName(parseNodeName(certificate.subject)))
    if (revoked.includes(name)) serials.push(certificate.serialNumber)
  }
  const written = rows.map((row) => listRow(row, operators, nowMs))
  const text = signList(writeList(written, nowMs), {
    key: createPrivateKey(signer.key),
    certificate: new X509Certificate(signer.pem),
  })
  const times = { fromMs: nowMs - CLOCKS_MS, toMs: nowMs + CRL_MS }
  return {
    crls: [
      await folder.replace('root.crl', writeRevocationList(root, [], times)),
      await folder.replace('issuing.crl', writeRevocationList(issuing, serials, times)),
    ],
    list: await folder.replace('list.xml', text),
    ca: folder.path('ca.pem'),
    rows: rows.length,
    signer: LAB_SIGNER,
    operators: [...operators].map(([name, subject]) => ({ name, cert: folder.path(`operator-${name}.pem`), subject })),
  }
}

const SIGNING = [
  { name: 'keyUsage', digitalSignature: true, nonRepudiation: true, critical: true },
  { name: 'extKeyUsage', emailProtection: true },
  { name: 'subjectAltName', altNames: [{ type: 1, value: LAB_SIGNER.email }] },
]

/** Name and extensions of an operator's certificate. */
function operatorLeaf(name: string): [string, object[]] {
  const host = `${name}.exemple.test`
  return [host, servingExtensions([host, 'localhost'])]
}

function servingExtensions(hosts: readonly string[]): object[] {
  const altNames = [...hosts.map((value) => ({ type: 2, value })), { type: 7, ip: '127.0.0.1' }, { type: 7, ip: '::1' }]
  return [
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    { name: 'subjectAltName', altNames },
  ]
}

function listRow(row: LabRow, operators: ReadonlyMap<string, string>, nowMs: number): ListRow {
  const subject = row.subject ?? operators.get(row.operator ?? '')
  if (subject === undefined) throw new RangeError(`${row.domain}: a row names an operator or a subject`)
  return {
    domain: row.domain,
    description: row.description ?? 'EXEMPLE',
    subject,
    responsible: row.responsible ?? '',
    support: row.support ?? '',
    changed: new Date(nowMs).toISOString(),
  }
}
