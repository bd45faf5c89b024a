import type { Outcome } from '../../core/outcome.ts'
import type { Answer } from './wire.ts'

/** The longest Retry-After obeyed (ms): a slip of the far side's clock must not keep a message back for days. */
export const MAX_RETRY_AFTER_MS = 3_600_000
const NOT_NOW: ReadonlySet<number> = new Set([408, 429, 503])
/** Our address, key or certificate there is wrong: the message is not to blame. */
const OUR_SETTINGS: ReadonlySet<number> = new Set([401, 403, 404])

/**
 * What a status that is no 2xx means (design, table of outcomes; RFC 9110 §15). `detail`: what the body said, in codes.
 * 3xx is never followed; 5xx other than 503 leave open whether the message was taken. */
export function statusOutcome(answer: Answer, nowMs: number, detail = ''): Outcome {
  const { status } = answer
  const said = `HTTP ${status}${detail === '' ? '' : ` ${detail}`}`.slice(0, 200)
  if (NOT_NOW.has(status)) {
    const wait = retryAfterMs(answer)
    return {
      kind: 'retry',
      code: 'DESTINATION_BUSY',
      answer: said,
      ...(wait === null ? {} : { notBeforeMs: nowMs + wait }),
    }
  }
  if (OUR_SETTINGS.has(status)) return { kind: 'retry', code: 'DESTINATION_REFUSES_US', answer: said, breaker: true }
  if (status >= 500) return { kind: 'unknown', code: 'DESTINATION_FAULT' }
  return { kind: 'refused', code: 'ACK_REJECT', answer: said }
}

/** May the body of an answer with this status still tell what became of the message? */
export function saysNothingFinal(status: number): boolean {
  return !NOT_NOW.has(status) && !OUR_SETTINGS.has(status)
}

/** Retry-After (RFC 9110 §10.2.3), seconds or a date, as a wait (ms). A date counts from the answer's own Date. */
function retryAfterMs({ headers }: Answer): number | null {
  const after = String(headers['retry-after'] ?? '').trim()
  if (/^\d{1,9}$/.test(after)) return Math.min(Number(after) * 1_000, MAX_RETRY_AFTER_MS)
  const then = Date.parse(after)
  const now = Date.parse(String(headers.date ?? ''))
  if (Number.isNaN(then) || Number.isNaN(now)) return null
  return Math.min(Math.max(0, then - now), MAX_RETRY_AFTER_MS)
}
