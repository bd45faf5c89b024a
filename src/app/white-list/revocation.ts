import type { WhiteListSettings } from '../../core/white-list.ts'
import type { ListTrust } from '../../formats/whitelist/signer.ts'
import { readRevocationLists } from '../../formats/x509/revocation-list.ts'

/** The revocation lists of these settings, where there are any. @throws {RangeError} when one is malformed */
export function revocationOf({
  crl,
  crlStale,
}: Pick<WhiteListSettings, 'crl' | 'crlStale'>): Pick<ListTrust, 'revocation'> {
  return crl.length === 0 ? {} : { revocation: { lists: crl.flatMap(readRevocationLists), stale: crlStale } }
}
