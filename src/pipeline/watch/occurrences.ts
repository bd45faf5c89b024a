import type { AlertKind, AlertParams, Severity } from '../../core/alerts.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { DeliveryId, MessageId } from '../../core/message.ts'
import { type Condition, establishmentOf } from './conditions.ts'

/** An event that tells people of something, as the watch reads it. */
export interface ToldEvent {
  readonly atMs: number
  readonly code: ErrorCode | null
  readonly message: MessageId | null
  readonly delivery: DeliveryId | null
  readonly detail: string | null
  /** Of the message, or of the destination that the event names. */
  readonly establishment: string | null
}

/** Something that happened once, at a time. `deliveries`: the alert is over when none of them is open any more. */
export interface Occurrence extends Condition {
  readonly atMs: number
  readonly deliveries: readonly DeliveryId[]
}

/** What happens and does not last is over when it has not come again for so long (ms). */
export const QUIET_MS = 86_400_000

type Told = readonly [kind: AlertKind, severity: Severity]

/** Which events are alerts by themselves. All others are noticed by what lasts: a queue, parked work, a certificate. */
const TOLD: Readonly<Partial<Record<ErrorCode, Told>>> = {
  ALERT_AFTER: ['urgent', 'urgent'],
  LATE_REFUSAL: ['late-refusal', 'important'],
  DUPLICATE_CONTROL_ID: ['late-refusal', 'info'],
  CLOCK_SKEW: ['clock', 'important'],
  STORE_DAMAGED: ['store', 'urgent'],
  AUDIT_BROKEN: ['store', 'urgent'],
  CASE_PATIENT: ['patient', 'urgent'],
  CASE_UNREAD: ['unread', 'urgent'],
  CASE_UNWRITTEN: ['untold', 'urgent'],
  CASE_SERVICE: ['unread', 'important'],
  CASE_FORBIDDEN: ['unread', 'important'],
  AGENDA_DIFFERS: ['unread', 'important'],
  APPOINTMENT_UNREAD: ['unread', 'info'],
  REVOCATION_STALE: ['certificate', 'important'],
  DOCUMENTS_FAILED: ['documents', 'important'],
}

/** Kinds of alerts that come from events. */
export const OCCURRING: readonly AlertKind[] = ['urgent', 'late-refusal', 'clock', 'store', 'patient', 'unread']

/** Codes of such alerts whose kind may last as well. */
export const OCCURRING_CODES: readonly ErrorCode[] = ['REVOCATION_STALE', 'DOCUMENTS_FAILED', 'CASE_UNWRITTEN']

/** Those that are about the cases that they name. */
const OF_CASES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['CASE_PATIENT', 'CASE_UNWRITTEN'])

/** The alert that an event is, or null. Pure. */
export function occurrenceOf({ atMs, code, delivery, detail, establishment }: ToldEvent): Occurrence | null {
  const told = code === null ? undefined : TOLD[code]
  if (code === null || told === undefined) return null
  const [kind, severity] = told
  const subject = subjectOf(code, detail, establishment)
  // What is about all of the region is nobody's own, whichever message it showed at first.
  const own = subject === establishment || OF_CASES.has(code)
  const whose = subject.includes('/') ? establishmentOf(subject) : own ? establishment : null
  const params: AlertParams = code === 'CLOCK_SKEW' && detail !== null ? { jump: detail } : {}
  return {
    cause: `${kind}:${code}:${subject}`,
    kind,
    severity,
    code,
    subject,
    establishment: whose,
    params,
    atMs,
    deliveries: kind === 'urgent' && delivery !== null ? [delivery] : [],
  }
}

function subjectOf(code: ErrorCode, detail: string | null, establishment: string | null): string {
  if (code === 'ALERT_AFTER' || code === 'LATE_REFUSAL') return detail ?? '*'
  if (OF_CASES.has(code)) return detail?.replaceAll('case:', '') ?? '*'
  if (code === 'REVOCATION_STALE') return detail?.split(' ', 1)[0] ?? '*'
  if (TOLD[code]?.[0] === 'unread') return establishment ?? '*'
  if (code === 'DUPLICATE_CONTROL_ID' || code === 'DOCUMENTS_FAILED') return establishment ?? '*'
  return code === 'AUDIT_BROKEN' ? 'audit' : '*'
}
