import type { AckPolicyName } from '../core/config.ts'
import type { Outcome } from '../core/outcome.ts'
import type { ReceivedAnswer } from '../formats/hl7v2/answer.ts'

/** An hl7base receiver that answers AE this many times has refused the message. */
const ERRORS_BEFORE_REFUSED = 3

/** Did the far side take the message (HL7 v2.5.1 table 0008)? */
export function isPositive(code: string): boolean {
  return code === 'AA' || code === 'CA'
}

/**
 * What MSA-1 means (design, table of outcomes): the French guides and the base standard give AE and AR opposite meanings,
 * so the receiver's policy decides. Pure. A code of neither table is ANSWER_GARBAGE. */
export function verdict(received: ReceivedAnswer, policy: AckPolicyName): Outcome {
  const { code, errors } = received
  const answer = `MSA-1 ${code}${errors === '' ? '' : ` ${errors}`}`.slice(0, 200)
  if (isPositive(code)) return { kind: 'delivered', proof: `MSA-1 ${code}` }
  const error = code === 'AE' || code === 'CE'
  if (!error && code !== 'AR' && code !== 'CR') return { kind: 'unknown', code: 'ANSWER_GARBAGE' }
  if (error === (policy === 'ans')) return { kind: 'refused', code: 'ACK_REJECT', answer }
  const refusedAfter = error ? { refusedAfter: ERRORS_BEFORE_REFUSED } : {}
  return { kind: 'retry', code: 'ACK_ERROR', answer, ...refusedAfter }
}
