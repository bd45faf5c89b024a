import { createHash } from 'node:crypto'
import { EVIDENCE_BYTES, type EvidenceType } from '../../core/conformity-commands.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Follower } from '../../core/follower.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import type { Clock } from '../../core/ports.ts'
import { DocumentKind } from '../../formats/document-kind.ts'
import { noParts, PART_BYTES, partRow } from './rows.ts'

/** The follower that sweeps documents which no evidence names. */
export const EVIDENCE_SWEEP = 'conformity-evidence'
/** What was begun and is named by nothing after that (ms) is swept. */
const SWEEP_MS = 3_600_000
/** Rows written in one commit: more would hold the writer up. */
const COMMIT_ROWS = 4

/** A document that is on stable storage, and named by nothing yet. */
export interface Received {
  readonly type: EvidenceType
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

/**
 * Writes a document as it comes. What cannot be kept leaves nothing behind; should the process end on the way, it is swept.
 * @throws {GatewayError} UPLOAD_TOO_LONG, EVIDENCE_EMPTY, EVIDENCE_TYPE; and what the document throws */
export async function receiveDocument(
  id: string,
  document: AsyncIterable<Uint8Array>,
  parts: { readonly journal: Pick<Journal, 'apply'>; readonly clock: Pick<Clock, 'nowMs'> },
): Promise<Received> {
  try {
    return await write(id, document, parts)
  } catch (fault) {
    await parts.journal.apply({ rows: [noParts(id, true)] })
    throw fault
  }
}

async function write(
  id: string,
  document: AsyncIterable<Uint8Array>,
  { journal, clock }: Parameters<typeof receiveDocument>[2],
): Promise<Received> {
  const [kind, digest] = [new DocumentKind(), createHash('sha256')]
  const sweep = {
    id: `${EVIDENCE_SWEEP}:${id}`,
    follower: EVIDENCE_SWEEP,
    dueAtMs: clock.nowMs() + SWEEP_MS,
    payload: id,
  }
  let [bytes, n] = [0, 0]
  let rows: Statement[] = []
  const flush = async (): Promise<void> => {
    await journal.apply({ rows, timers: n === rows.length ? [sweep] : [] })
    rows = []
  }
  for await (const part of inParts(document)) {
    bytes += part.length
    if (bytes > EVIDENCE_BYTES) throw new GatewayError('UPLOAD_TOO_LONG')
    kind.push(part)
    digest.update(part)
    rows.push(partRow(id, n++, part))
    if (rows.length === COMMIT_ROWS) await flush()
  }
  if (bytes === 0) throw new GatewayError('EVIDENCE_EMPTY')
  const type = kind.end()
  if (type === null) throw new GatewayError('EVIDENCE_TYPE')
  if (rows.length > 0) await flush()
  return { type, bytes, sha256: digest.digest('hex') }
}

/** The same bytes in pieces of one size, the last one shorter. */
async function* inParts(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = []
  let length = 0
  for await (const chunk of source) {
    held.push(chunk)
    length += chunk.length
    if (length < PART_BYTES) continue
    const all = Buffer.concat(held)
    const whole = all.length - (all.length % PART_BYTES)
    for (let at = 0; at < whole; at += PART_BYTES) yield all.subarray(at, at + PART_BYTES)
    held = [all.subarray(whole)]
    length = all.length - whole
  }
  if (length > 0) yield Buffer.concat(held)
}

/** Sweeps documents that no evidence names by then. */
export function evidenceSweep(): Follower {
  return {
    name: EVIDENCE_SWEEP,
    reads: false,
    entries: async () => ({}),
    timer: async ({ payload }) => ({ rows: [noParts(payload, true)] }),
  }
}
