import type { Appointment, AppointmentCommands, JoinLink, TokenCheck } from '../../core/appointments.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { type CareCase, careCaseOf } from './care-case.ts'
import { type AppointmentParts, appointmentAt, eventOf } from './commands.ts'
import { sideOf } from './reach.ts'
import { personOf, readToken, signedToken } from './token.ts'

/** Before its beginning a session may be joined, and after its end: so long a link is good (ms). */
export const BEFORE_MS = 30 * 60_000
/** See `BEFORE_MS`. */
export const AFTER_MS = 60 * 60_000

/**
 * Links of sessions. A link is a token in the URL template of the service: it is good for one role of one appointment, and
 * no longer than that. */
export function sessions(parts: AppointmentParts): Pick<AppointmentCommands, 'join' | 'check'> {
  const { journal, clock, ids, services } = parts
  return {
    async join(id, role, viewer): Promise<JoinLink> {
      const one = await appointmentAt(id, parts)
      const side = one === null ? null : sideOf(viewer.caller, 'appointments:act', one)
      if (one === null || side === null) return { ok: false, error: 'NOT_FOUND' }
      if (side !== 'both' && side !== (role === 'expert' ? 'centre' : 'site')) return { ok: false, error: 'FORBIDDEN' }
      const template = services().get(one.service)?.joinUrl ?? null
      if (template === null) return { ok: false, error: 'SERVICE_UNKNOWN' }
      const nowMs = clock.nowMs()
      const error = whyNot(one, await careCaseOf(journal, one.case), nowMs, parts)
      if (error !== null) return { ok: false, error }
      const expiresAtMs = one.endMs + AFTER_MS
      const { name, rpps } = viewer.participant
      const person = personOf(journal.secret, id, role === 'patient' ? 'patient' : (rpps ?? name))
      const token = { appointment: id, case: one.case, role, person, expiresAtMs }
      const text = await signedToken(journal.secret, token, nowMs, ids.uuid())
      await journal.apply({ events: [eventOf(`session-link-${role}`, one.number, viewer, parts)] })
      return { ok: true, url: template.replaceAll('{token}', text), expiresAtMs }
    },
    async check(text): Promise<TokenCheck> {
      const nowMs = clock.nowMs()
      const token = await readToken(journal.secret, text, nowMs)
      if (token === null) return { ok: false, error: 'SESSION_TOKEN' }
      const one = await appointmentAt(token.appointment, parts)
      if (one === null || one.case !== token.case) return { ok: false, error: 'SESSION_TOKEN' }
      const error = whyNot(one, await careCaseOf(journal, one.case), nowMs, parts)
      return error === null ? { ok: true, token } : { ok: false, error }
    },
  }
}

/** Why the session may not be held now, or null. */
export function whyNot(
  one: Appointment,
  care: CareCase | null,
  nowMs: number,
  { services }: Pick<AppointmentParts, 'services'>,
): ErrorCode | null {
  if (one.status !== 'booked' && one.status !== 'arrived') return 'WRONG_STATE'
  if (nowMs < one.startMs - BEFORE_MS) return 'TOO_EARLY'
  if (nowMs > one.endMs + AFTER_MS) return 'WRONG_STATE'
  const needs = services().get(one.service)?.consent === 'required'
  const consent = care?.state?.consent ?? null
  // What was taken back is taken back, whatever the service asks for.
  if (consent === null ? needs : !consent.given && (needs || consent.refusedWhy === null)) return 'CONSENT_MISSING'
  return null
}
