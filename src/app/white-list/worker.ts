/** The thread that verifies lists: seconds of work that no door may wait for. */
import { createHash, X509Certificate } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { gunzipSync, gzipSync } from 'node:zlib'
import { ODD_ROWS, type WhiteListSettings } from '../../core/white-list.ts'
import type { ListFault } from '../../formats/whitelist/fault.ts'
import { type KeyedRow, LIST_BUDGET } from '../../formats/whitelist/list.ts'
import { verifyList } from '../../formats/whitelist/verify.ts'
import type { KeptFacts } from '../../mssante/state.ts'
import { revocationOf } from './revocation.ts'

/** A list to verify. `known`: SHA-256 of the one in use, which needs no second look. */
export interface Verify {
  readonly data: Uint8Array
  readonly gzipped: boolean
  readonly anchors: readonly Uint8Array[]
  readonly revocation: Pick<WhiteListSettings, 'crl' | 'crlStale'>
  readonly signer: { readonly issuer: string; readonly commonName: string; readonly email: string | null }
  readonly maxBytes: number
  readonly nowMs: number
  readonly known: string | null
}

/** What is told: rows in slices, then the end of it. */
export type Told =
  | { readonly rows: readonly KeyedRow[] }
  | { readonly same: true }
  | { readonly fault: ListFault }
  | { readonly facts: KeptFacts; readonly gzipped: Uint8Array }

/** Rows that are handed over at a time: some 2 ms for whoever takes them. */
const SLICE = 250

const port = parentPort!
port.on('message', verify)

function tell(told: Told): void {
  port.postMessage(told)
}

function verify({ data, gzipped, anchors, revocation, signer, maxBytes, nowMs, known }: Verify): void {
  const bytes = gzipped ? gunzipSync(data, { maxOutputLength: maxBytes }) : data
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  // Its signer may have been revoked since.
  if (sha256 === known && revocation.crl.length === 0) {
    tell({ same: true })
    return
  }
  const trust = {
    anchors: anchors.map((one) => new X509Certificate(Buffer.from(one))),
    ...signer,
    ...revocationOf(revocation),
  }
  const result = verifyList(bytes, trust, { nowMs, budget: { ...LIST_BUDGET, maxBytes } })
  if (!result.ok) {
    tell({ fault: result.fault })
    return
  }
  if (sha256 === known) {
    tell({ same: true })
    return
  }
  const { rows, findings, generatedAtMs, signer: by } = result.list
  for (let at = 0; at < rows.length; at += SLICE) tell({ rows: rows.slice(at, at + SLICE) })
  const facts: KeptFacts = {
    sha256,
    generatedAtMs,
    rows: rows.length,
    domains: new Set(rows.map(({ ascii }) => ascii)).size,
    subjects: new Set(rows.map(({ subjectKey }) => subjectKey)).size,
    odd: findings.length,
    oddRows: findings.slice(0, ODD_ROWS),
    signer: by.subject.replaceAll('\n', ', '),
    signerUntilMs: by.validToMs,
  }
  tell({ facts, gzipped: gzipped ? data : gzipSync(bytes) })
}
