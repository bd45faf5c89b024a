import type { ErrorCode } from '../core/errors.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Consignment } from '../core/ports.ts'

/** The question asked right before the first byte of a message leaves; absent: it always may. */
export type MayBegin = Consignment['mayBegin']

/** Was it time that ran out, rather than somebody's wish to stop? */
function timedOut(signal: AbortSignal): boolean {
  return signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError'
}

/** What an attempt aborted before a byte of the message had left has taught us. */
export function givenUp(signal: AbortSignal): Outcome {
  return { kind: 'retry', code: timedOut(signal) ? 'CONNECT_FAILED' : 'DRAINING' }
}

/** Why nothing more is waited for, when bytes had left before the abort. */
export function abandoned(signal: AbortSignal): ErrorCode {
  return timedOut(signal) ? 'ANSWER_TIMEOUT' : 'CONNECTION_CUT'
}

/** The destination is another node's by now, and no byte of the message has left. */
export function notOurs(): Outcome {
  return { kind: 'retry', code: 'LEASE_LOST' }
}
