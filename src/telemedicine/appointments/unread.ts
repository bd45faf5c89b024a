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

/** It was kept as a message, and changes nothing. */
export function unread({ message }: AgendaMessage, parts: { readonly clock: Clock }): Effect {
  return { events: [noted(message, 'APPOINTMENT_UNREAD', parts)] }
}
