import type { Way } from '../core/config.ts'
import { ERRORS, type ErrorCode } from '../core/errors.ts'
import type { Move, NewEvent, QueueEntry } from '../core/journal.ts'
import type { Finding, State } from '../core/message.ts'
import type { Outcome } from '../core/outcome.ts'
import { alertEvent } from './alerts.ts'
import { backoffMs } from './breaker.ts'
import { isAwaiting } from './visits.ts'

/** An attempt's outcome, or a failure of our own processing before anything was sent; and what that work noticed. */
export type Result = (Outcome | { readonly kind: 'failed'; readonly code: ErrorCode; readonly answer?: string }) & {
  readonly findings?: readonly Finding[]
}

/** Our own processing may fail this often before the delivery is set aside. */
export const POISON_AFTER = 5
/** Resends of an unknown outcome: the first at once, then this many, 30 s apart. */
export const UNKNOWN_RESENDS = 5
/** Wait before each resend of an unknown outcome but the first (ms). */
export const UNKNOWN_RESEND_MS = 30_000
const ANSWER_CHARACTERS = 200

/** When an attempt began and ended (ms), and chance for the spread of waits. */
export interface Tried {
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly random: number
  /** Nothing expires now, though its limit may have passed: then that is no reason to try again at once. Absent: it may. */
  readonly mayExpire?: boolean
}

interface Verdict {
  readonly to: State
  readonly held?: boolean
  readonly holds?: boolean
  readonly dueAtMs?: number
  readonly code: ErrorCode | null
}

const family = (code: ErrorCode | null): string | null =>
  code !== null && ERRORS[code].class === 'unknown' ? 'unknown' : code

/** `same`: how often in a row it came to this; `attempts`: all tries of the delivery so far. */
function verdict(result: Result, same: number, attempts: number, destination: Way, tried: Tried): Verdict {
  const now = tried.endedAtMs
  const isMail = destination.retry.stepsMs !== undefined
  // Of mail every try counts: a far side whose answers alternate is asked no more often than one that says the same.
  const waitedMs = (): number => now + backoffMs(isMail ? attempts : same, destination.retry, tried.random)
  const refused = (code: ErrorCode): Verdict => ({
    to: 'refused',
    held: true,
    holds: destination.onRefused === 'hold',
    code,
  })
  switch (result.kind) {
    case 'delivered':
      return { to: 'delivered', holds: false, code: null }
    case 'refused':
      return refused(result.code)
    case 'retry':
      if (result.refusedAfter !== undefined && same >= result.refusedAfter) return refused('ACK_REJECT')
      return {
        to: 'queued',
        dueAtMs: Math.max(waitedMs(), result.notBeforeMs ?? 0),
        code: result.code,
      }
    case 'unknown':
      // A mail has no number by which the far side would tell a repeat: every try may be one more copy, and its limit ends it.
      if (isMail) return { to: 'unknown', dueAtMs: waitedMs(), code: result.code }
      if (destination.onUnknown === 'hold' || same > UNKNOWN_RESENDS)
        return { to: 'unknown', held: true, code: result.code }
      return { to: 'unknown', dueAtMs: same === 1 ? now : now + UNKNOWN_RESEND_MS, code: result.code }
    case 'failed':
      if (same >= POISON_AFTER) return { to: 'poisoned', held: true, code: result.code }
      return { to: 'queued', dueAtMs: waitedMs(), code: result.code }
  }
}

/** The event that tells people of a delivery that now waits for one of them, or that our settings keep back. */
export function deliveryAlert(entry: QueueEntry, code: ErrorCode | null, atMs: number): NewEvent {
  return alertEvent(atMs, code, { message: entry.messageId, delivery: entry.id, detail: entry.destination })
}

/**
 * The change that an attempt's result makes to its delivery, by the design's table of outcomes. `entry` is the delivery
 * as marked `sending` (its `attempts` counts this one). Pure. */
export function decide(entry: QueueEntry, result: Result, destination: Way, tried: Tried): Move {
  const code = result.kind === 'delivered' ? null : result.code
  const sameCode = code === null ? 0 : family(code) === family(entry.lastCode) ? entry.sameCode + 1 : 1
  const v = verdict(result, sameCode, entry.attempts, destination, tried)
  const held = v.held ?? false
  const overdue = tried.mayExpire === false && entry.expiresAtMs <= tried.endedAtMs
  const answer = result.kind === 'delivered' ? result.proof : 'answer' in result ? (result.answer ?? null) : null
  return {
    deliveryId: entry.id,
    from: ['sending'],
    to: v.to,
    held,
    holds: v.holds ?? true,
    atMs: tried.endedAtMs,
    dueAtMs: Math.min(v.dueAtMs ?? tried.endedAtMs, overdue ? Number.POSITIVE_INFINITY : entry.expiresAtMs),
    code: v.code,
    sameCode,
    attempts: entry.attempts,
    attempt: {
      n: entry.attempts,
      startedAtMs: tried.startedAtMs,
      endedAtMs: tried.endedAtMs,
      outcome: result.kind === 'failed' ? 'retry' : result.kind,
      code,
      answer: answer === null ? null : answer.slice(0, ANSWER_CHARACTERS),
    },
    // Once, when the delivery is there or waits for a person: a retry notices the same again.
    findings: v.to === 'delivered' || v.to === 'refused' || held ? (result.findings ?? []) : [],
    events:
      held || (code === 'DESTINATION_REFUSES_US' && sameCode === 1)
        ? [deliveryAlert(entry, v.code, tried.endedAtMs)]
        : [],
  }
}

/** The change that takes a delivery whose limit has passed out of the queue. Pure. */
export function expire(entry: QueueEntry, nowMs: number): Move {
  return {
    deliveryId: entry.id,
    from: ['queued', 'unknown'],
    to: 'expired',
    held: true,
    holds: true,
    atMs: nowMs,
    dueAtMs: nowMs,
    code: 'DELIVERY_EXPIRED',
    sameCode: 0,
    attempts: entry.attempts,
    attempt: null,
    findings: [],
    events: [deliveryAlert(entry, 'DELIVERY_EXPIRED', nowMs)],
  }
}

/** The mark that must be durable before the first byte of an attempt leaves. Pure. */
export function begin(entry: QueueEntry, nowMs: number, overtakes: boolean): Move {
  const inVain = isAwaiting(entry)
  return {
    deliveryId: entry.id,
    from: ['queued', 'unknown'],
    to: 'sending',
    held: false,
    holds: true,
    atMs: nowMs,
    dueAtMs: nowMs,
    code: inVain ? null : entry.lastCode,
    sameCode: inVain ? 0 : entry.sameCode,
    attempts: entry.attempts + 1,
    attempt: null,
    findings: [
      ...(overtakes ? [{ code: 'ORDER_OVERTAKEN', class: 'contract', at: entry.destination } as const] : []),
      ...(inVain ? [{ code: 'ADMISSION_AWAITED', class: 'contract', at: entry.destination } as const] : []),
    ],
    events: [],
  }
}

/** The delivery as it stands once the move is recorded. Pure. */
export function moved(entry: QueueEntry, move: Move): QueueEntry {
  return {
    ...entry,
    state: move.to ?? entry.state,
    held: move.held,
    holds: move.holds,
    dueAtMs: move.dueAtMs,
    lastCode: move.code,
    sameCode: move.sameCode,
    attempts: move.attempts,
  }
}
