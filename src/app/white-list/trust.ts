/** Whom a list is taken from, as region.yaml says. */
import type { WhiteListSettings } from '../../core/white-list.ts'
import type { ListTrust } from '../../formats/whitelist/signer.ts'
import { pemCertificates } from '../../formats/x509/revocation-list.ts'
import { compileConfig, readRegion } from '../config/index.ts'
import { revocationOf } from './revocation.ts'

/** The trust of these settings. @throws {Error} when the authorities are no certificates, or a revocation list is malformed */
export function trustOf({
  ca,
  signer,
  ...revocation
}: Pick<WhiteListSettings, 'ca' | 'signer' | 'crl' | 'crlStale'>): ListTrust {
  return { anchors: pemCertificates(ca), ...signer, ...revocationOf(revocation) }
}

/** The same of a region file; null when it is not sound or has no `mail.whiteList`. */
export async function regionTrust(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ListTrust | null> {
  const { shared, read } = await readRegion(path, env, { missingMaterial: 'warning' })
  const settings = shared === null ? null : compileConfig(shared, 0, read).mail?.whiteList
  return settings == null ? null : trustOf(settings)
}
