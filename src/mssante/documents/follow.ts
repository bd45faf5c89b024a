import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Effect, Entry, Follower, Timer } from '../../core/journal.ts'
import { PLATFORM } from '../../core/message.ts'
import { answered } from './answers.ts'
import { legOf, sendingsOf } from './outgoing.ts'
import { DOCUMENTS, type DocumentParts, type DocumentTimer, documentTimer, mailingOf, noted } from './parts.ts'
import { received } from './received.ts'

/** Messages that carry documents (ANS, CDA_HL7_V2). */
const CARRIERS: ReadonlySet<string> = new Set(['MDM^T02', 'MDM^T04', 'MDM^T10', 'ORU^R01'])
/** What the store will take later: then the timer stays, and fires again. */
const NOT_NOW: readonly ErrorCode[] = [
  'STORE_FULL',
  'STORE_FAILED',
  'STORE_UNREACHABLE',
  'STORE_UNSAFE',
  'QUERY_TIMEOUT',
]

/**
 * Documents by mail, behind the answer: messages with documents for the platform become mails, one for each recipient;
 * reports and receipts of those become acknowledgements; documents that come to an application's mailbox are handed on.
 * Each step is a timer, so that no crash does it twice or not at all, and no more than one mail is held at a time. */
export function documentsByMail(parts: DocumentParts): Follower {
  return {
    name: DOCUMENTS,
    reads: true,
    entries: (entries) => sorted(entries, parts),
    async timer(timer) {
      const payload = JSON.parse(timer.payload) as DocumentTimer
      try {
        return await fired(payload, parts)
      } catch (fault) {
        const code = codeOf(fault)
        if (NOT_NOW.includes(code)) throw fault
        parts.log.error('documents.fault', { messageId: payload.id, code }, fault)
        return { events: [noted(payload.id, 'PROCESSING_FAILED', parts.clock.nowMs())] }
      }
    },
  }
}

async function fired(payload: DocumentTimer, parts: DocumentParts): Promise<Effect> {
  switch (payload.what) {
    case 'message':
      return sendingsOf(payload, parts)
    case 'leg':
      return legOf(payload, parts)
    case 'answer':
      return answered(payload.id, parts)
    case 'received':
      return received(payload.id, parts)
  }
}

async function sorted(entries: readonly Entry[], parts: DocumentParts): Promise<Effect> {
  const documents = parts.config().mail?.operator?.documents
  if (documents === undefined || documents.size === 0) return {}
  const timers: Timer[] = []
  for (const entry of entries) {
    const due = await dueOf(entry, parts)
    if (due !== null) timers.push(documentTimer(due, parts.clock.nowMs()))
  }
  return { timers }
}

async function dueOf({ id, kind, establishment, test }: Entry, parts: DocumentParts): Promise<DocumentTimer | null> {
  if (kind === 'MAIL^DSN' || kind === 'MAIL^MDN') return { what: 'answer', id }
  if (kind === 'MAIL' || kind === 'MAIL^XDM') return { what: 'received', id }
  if (!CARRIERS.has(kind) || establishment === null || mailingOf(parts.config(), establishment) === null) return null
  const deliveries = await parts.journal.deliveriesOf(id)
  const inside = deliveries.some(({ destination }) => destination === PLATFORM)
  return inside ? { what: 'message', id, establishment, test } : null
}
