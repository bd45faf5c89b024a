/** From bytes to a list that is worth something: read, digest compared, signature verified, signer recognised. */
import { timingSafeEqual, verify, X509Certificate } from 'node:crypto'
import type { OddRow } from '../../core/white-list.ts'
import type { ListFault, SignerFault } from './fault.ts'
import { type KeyedRow, keyedRows, LIST_BUDGET, type ListBudget } from './list.ts'
import { readList } from './read.ts'
import { type ListTrust, signerFault } from './signer.ts'

/** A list whose signature holds and whose signer is the one expected. */
export interface VerifiedList {
  /** DateDeGeneration, ms since 1970. */
  readonly generatedAtMs: number
  readonly rows: readonly KeyedRow[]
  readonly findings: readonly OddRow[]
  readonly signer: { readonly subject: string; readonly serial: string; readonly validToMs: number }
}

/** What came of a verification. */
export type Verification =
  | { readonly ok: true; readonly list: VerifiedList }
  | { readonly ok: false; readonly fault: ListFault }

/** How a list is read and at what time. */
export interface VerifyOptions {
  readonly nowMs: number
  readonly budget?: ListBudget
  /** Told the characters read. */
  readonly progress?: (done: number, total: number) => void
}

/** Verifies a list (XML Signature core validation, fixed profile) against the signer that `trust` describes. Pure but for time. */
export function verifyList(bytes: Uint8Array, trust: ListTrust, options: VerifyOptions): Verification {
  const read = readList(bytes, options.budget ?? LIST_BUDGET, options.progress)
  if ('code' in read) return { ok: false, fault: read }
  const { digest, signature, signedInfo, generatedAtMs } = read
  const no = (code: ListFault['code'], at: ListFault['at'] = ''): Verification => ({ ok: false, fault: { code, at } })

  if (signature.digest.length !== digest.length || !timingSafeEqual(signature.digest, digest))
    return no('WHITELIST_TAMPERED')
  const found = signerOf(signature.certificates, trust, generatedAtMs, options.nowMs)
  if (typeof found === 'string') return no('WHITELIST_SIGNER', found)
  if (!verify('RSA-SHA256', Buffer.from(signedInfo), found.publicKey, signature.value)) {
    return no('WHITELIST_SIGNATURE_FORM', 'value')
  }
  const { rows, findings } = keyedRows(read.rows)
  const signer = { subject: found.subject, serial: found.serialNumber, validToMs: found.validToDate.getTime() }
  return { ok: true, list: { generatedAtMs, rows, findings, signer } }
}

/** The first of the certificates that may sign, or what speaks against the first one. */
function signerOf(
  sent: readonly Buffer[],
  trust: ListTrust,
  madeAtMs: number,
  nowMs: number,
): X509Certificate | SignerFault {
  let fault: SignerFault = 'no-certificate'
  for (const [index, der] of sent.entries()) {
    const read = certificate(der)
    const against = read === null ? 'unreadable' : signerFault(read, trust, madeAtMs, nowMs)
    if (read !== null && against === null) return read
    if (index === 0 && against !== null) fault = against
  }
  return fault
}

function certificate(der: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(der)
  } catch {
    return null
  }
}
