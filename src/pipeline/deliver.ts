import { codeOf, type ErrorCode } from '../core/errors.ts'
import type { FhirAsk } from '../core/fhir.ts'
import type { Journal, QueueEntry } from '../core/journal.ts'
import type { Body, Finding, Lane } from '../core/message.ts'
import type { Consignment, Sender } from '../core/ports.ts'
import type { Result } from './decide.ts'

/** What our own work made of a message, and what it noticed. */
export interface Prepared {
  readonly body: Body
  readonly findings: readonly Finding[]
  /** FHIR: what is asked of the destination; null for HL7 v2. */
  readonly ask: FhirAsk | null
  /** What sort of message it now is. */
  readonly kind: string
}

/** This message can never be worked on. */
export type RefusedWork = Extract<Result, { readonly kind: 'refused' }>
/** The work itself. */
export type Work = (body: Body) => Promise<Prepared | RefusedWork>

/**
 * Our own work on a message before it leaves (edit, transform); null: it goes as it came. The work runs under a durable
 * mark, so that a message that kills the process twice is found and set aside. */
export type Prepare = (entry: QueueEntry) => Promise<Work | null>

/** Codes that blame this side: five of them in a row poison the delivery. */
const OUR_OWN: ReadonlySet<ErrorCode> = new Set(['BODY_DAMAGED', 'NOT_FOUND', 'PROCESSING_FAILED', 'INTERNAL'])
/** The store could not say what the message is: the message is not to blame, and is not poisoned by it. */
const STORE_LATER: readonly ErrorCode[] = ['STORE_UNREACHABLE', 'STORE_UNSAFE', 'STORE_FULL', 'QUERY_TIMEOUT']

/** What one attempt needs. `prepare` null: the bytes go as they came. */
export interface DeliverParts {
  readonly journal: Pick<Journal, 'body' | 'processing'>
  readonly sender: Sender
  readonly prepare: Prepare | null
  /** Goes with the consignment. */
  readonly mayBegin: NonNullable<Consignment['mayBegin']>
}

/** The main path, outward half: one attempt of a delivery that is durably marked `sending`. Never rejects. */
export async function deliver(
  entry: QueueEntry,
  lane: Lane,
  { journal, sender, prepare, mayBegin }: DeliverParts,
  signal: AbortSignal,
): Promise<Result> {
  try {
    const kept = await journal.body(entry.messageId)
    const work = prepare === null ? null : await prepare(entry)
    const prepared = work === null ? asItCame(entry, kept) : await underMark(journal, entry, () => work(kept))
    if ('code' in prepared) return prepared
    const { id: deliveryId, messageId, destination } = entry
    const { body, findings, ask, kind } = prepared
    const again = entry.attempts > 1 || entry.isReplay
    const outcome = await sender.send(
      { deliveryId, messageId, destination, lane, kind, ask, body, mayBegin, again },
      signal,
    )
    // A sender that could not read what it was given says `retry`: but it is we who failed.
    if (outcome.kind === 'retry' && OUR_OWN.has(outcome.code)) return { kind: 'failed', code: outcome.code }
    return findings.length === 0 ? outcome : { ...outcome, findings }
  } catch (fault) {
    const code = codeOf(fault)
    if (STORE_LATER.includes(code)) return { kind: 'retry', code }
    // Which edit it was: the code alone would send people to look for the fault in what came.
    return { kind: 'failed', code, ...(code === 'EDIT_FAILED' ? { answer: (fault as Error).message } : {}) }
  }
}

function asItCame({ ask, kind }: QueueEntry, body: Body): Prepared {
  return { body, findings: [], ask: ask === null ? null : (JSON.parse(ask) as FhirAsk), kind }
}

async function underMark<T>(
  journal: Pick<Journal, 'processing'>,
  entry: QueueEntry,
  work: () => Promise<T>,
): Promise<T> {
  await journal.processing(entry.id, true)
  try {
    return await work()
  } finally {
    await journal.processing(entry.id, false)
  }
}
