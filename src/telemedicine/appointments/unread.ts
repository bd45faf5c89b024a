import type { AppointmentWork } from '../../core/appointments.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Effect, NewEvent } from '../../core/journal.ts'
import type { Clock } from '../../core/ports.ts'

/** A message of an agenda. */
export type AgendaMessage = Extract<AppointmentWork, { what: 'message' }>

/** What could not be used, on the timeline of its message. */
export function noted(message: string, code: ErrorCode, { clock }: { readonly clock: Clock }): NewEvent {
  return {
    atMs: clock.nowMs(),
    who: 'gateway',
    what: 'agenda',
    why: null,
    code,
    message,
    delivery: null,
    detail: null,
  }
}

/** It was kept as a message, and changes nothing; people are told where it was meant for the platform. */
export function unread({ message, meant }: AgendaMessage, parts: { readonly clock: Clock }): Effect {
  const event = noted(message, 'APPOINTMENT_UNREAD', parts)
  return { events: [meant === true ? { ...event, what: 'alert' } : event] }
}

/** What is said of a case of ours was not done: why, and the alert, since both agendas differ now. */
export function undone(
  message: string,
  code: ErrorCode,
  { number }: { readonly number: string },
  parts: { readonly clock: Clock },
): Effect {
  const differs: NewEvent = { ...noted(message, 'AGENDA_DIFFERS', parts), what: 'alert', detail: `case:${number}` }
  return { events: [noted(message, code, parts), differs] }
}
