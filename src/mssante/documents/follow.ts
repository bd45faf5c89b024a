import { DOCUMENTS_FOLLOWER, type DocumentTimer, documentTimer } from '../../core/documents.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Follower } from '../../core/follower.ts'
import type { Effect } from '../../core/journal.ts'
import { answered, givenUp, tellsError } from './answers.ts'
import { legOf, legUnsent, sendingsOf, unsent } from './outgoing.ts'
import { type DocumentParts, noted } from './parts.ts'
import { received } from './received.ts'

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
    name: DOCUMENTS_FOLLOWER,
    reads: false,
    entries: () => Promise.resolve({}),
    async timer(timer) {
      const payload = JSON.parse(timer.payload) as DocumentTimer
      try {
        return await fired(payload, parts)
      } catch (fault) {
        const code = codeOf(fault)
        if (NOT_NOW.includes(code)) throw fault
        parts.log.error('documents.fault', { messageId: payload.id, code }, fault)
        parts.meter.count('alert_total', { code: 'DOCUMENTS_FAILED' })
        const event = noted(payload.id, 'DOCUMENTS_FAILED', parts.clock.nowMs(), code)
        return { ...(await told(payload, code, parts)), events: [{ ...event, what: 'alert' }] }
      }
    },
  }
}

/** What a fault has the sender told; nothing where not even that can be done, which the alert stands for. */
async function told(payload: DocumentTimer, fault: ErrorCode, parts: DocumentParts): Promise<Effect> {
  try {
    if (payload.what === 'message') return await unsent(payload, fault, parts)
    return payload.what === 'leg' ? await legUnsent(payload, fault, parts) : {}
  } catch (again) {
    if (NOT_NOW.includes(codeOf(again))) throw again
    return {}
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
    case 'given-up':
      return givenUp(payload.id, payload.code, parts)
    case 'received': {
      if (!(await tellsError(payload.id, parts))) return received(payload.id, parts)
      return { timers: [documentTimer({ what: 'answer', id: payload.id }, parts.clock.nowMs())] }
    }
  }
}
