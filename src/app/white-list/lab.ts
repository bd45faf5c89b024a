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
  /** Both authorities: whom to trust for the list and for the publisher's TLS. */
  readonly ca: string
  readonly rows: number
  readonly signer: typeof LAB_SIGNER
  readonly operators: readonly { readonly name: string; readonly cert: string; readonly subject: string }[]
}

interface Pair {
  readonly key: string
  readonly pem: string
}

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
 * Makes the authorities, signer, publisher and operators of a lab in `dir` (what is there stays) and a signed list of these
 * rows as `list.xml`, put in its place in one step. For trying out: the authorities' keys stay in the folder.
 * @throws {RangeError} when a row names neither an operator nor a subject */
export async function publishLab(dir: string, rows: readonly LabRow[], nowMs: number): Promise<PublishedLab> {
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
  const signer = await folder.pair('signer', leaf(LAB_SIGNER.commonName, SIGNING))
  await folder.pair('publisher', leaf('localhost', servingExtensions(['localhost'])))

  const operators = new Map<string, string>()
  for (const name of new Set(rows.flatMap(({ operator }) => operator ?? []))) {
    const host = `${name}.exemple.test`
    const { pem } = await folder.pair(`operator-${name}`, leaf(host, servingExtensions([host, 'localhost'])))
    operators.set(name, writeDistinguishedName(parseNodeName(new X509Certificate(pem).subject)))
  }
  const written = rows.map((row) => listRow(row, operators, nowMs))
  const text = signList(writeList(written, nowMs), {
    key: createPrivateKey(signer.key),
    certificate: new X509Certificate(signer.pem),
  })
  await writeFile(folder.path('list.xml.part'), text)
  await rename(folder.path('list.xml.part'), folder.path('list.xml'))
  return {
    list: folder.path('list.xml'),
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
