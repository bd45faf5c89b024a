import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LAB_SIGNER, type LabRow, publishLab } from '../../src/app/white-list/lab.ts'
import type { ListRow } from '../../src/formats/whitelist/list.ts'
import { type ListSigner, signList, writeList } from '../../src/formats/whitelist/sign.ts'
import type { ListTrust } from '../../src/formats/whitelist/signer.ts'
import { pemCertificates } from '../../src/formats/x509/revocation-list.ts'

/** When the lists of a lab are made unless a test says otherwise. */
export const MADE_MS = Date.UTC(2026, 10, 20, 6)

/** A trust space with its signer, made once for a file of tests. */
export interface Lab {
  readonly dir: string
  readonly trust: ListTrust
  readonly signer: ListSigner
  /** Another leaf of the same authority: the publisher's server. */
  readonly other: ListSigner
  remove(): void
}

/** Makes the authorities, a signer and operators `op` and `a`. */
export async function makeLab(rows?: readonly LabRow[]): Promise<Lab> {
  const dir = mkdtempSync(join(tmpdir(), 'white-list-'))
  await publishLab(
    dir,
    rows ?? [
      { domain: 'op.mssante.test', operator: 'op' },
      { domain: 'a.mssante.test', operator: 'a' },
    ],
    MADE_MS,
  )
  return {
    dir,
    trust: {
      anchors: pemCertificates(readFileSync(join(dir, 'ca.pem'), 'utf8')),
      issuer: LAB_SIGNER.issuer,
      commonName: LAB_SIGNER.commonName,
      email: LAB_SIGNER.email,
    },
    signer: signerIn(dir, 'signer'),
    other: signerIn(dir, 'publisher'),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

/** The key and certificate of a name in a lab's folder. */
export function signerIn(dir: string, name: string): ListSigner {
  return {
    key: createPrivateKey(readFileSync(join(dir, `${name}.key`))),
    certificate: new X509Certificate(readFileSync(join(dir, `${name}.pem`))),
  }
}

/** Rows of invented operators: one certificate for twenty domains, as the published list has. */
export function manyRows(count: number, from = 0): ListRow[] {
  return Array.from({ length: count }, (_, n) => {
    const operator = Math.floor((n + from) / 22)
    return {
      domain: `etablissement-${n + from}.exemple.mssante.test`,
      description: `Établissement d'exemple n° ${n + from} (données inventées, aucune structure réelle)`,
      subject: `CN=smtp${operator}.exemple.test,OU=3${String(operator).padStart(14, '0')},O=OPÉRATEUR EXEMPLE ${operator},ST=Loire-Atlantique (44),C=FR`,
      responsible: `responsable-${operator}@exemple.test, 02 00 00 00 00, service informatique de l'opérateur d'exemple`,
      support: `support-${operator}@exemple.test, 02 00 00 00 01, du lundi au vendredi de 8 h à 18 h`,
      changed: new Date(MADE_MS - n * 60_000).toISOString(),
    }
  })
}

/** A signed list of these rows. */
export function signedList(lab: Pick<Lab, 'signer'>, rows: readonly ListRow[], atMs = MADE_MS): string {
  return signList(writeList(rows, atMs), lab.signer)
}
