import type { Appointment } from '../../core/appointments.ts'
import type { Participant } from '../../core/cases.ts'
import type { Timer } from '../../core/journal.ts'

/** The follower that does what follows from a change of an appointment. */
export const APPOINTMENT = 'appointment'

/** What a timer of it is for. */
export type Due =
  /** A version that was written: the case, its resources and its messages follow. `by`: who did it. */
  | { readonly what: 'changed'; readonly appointment: Appointment; readonly by: Participant }
  /** People are reminded, if the appointment still stands as it was. */
  | { readonly what: 'remind'; readonly appointment: string; readonly startMs: number; readonly beforeMs: number }

/**
 * The timers that a version of an appointment sets: what follows from it at once, and its reminders where it was booked. Their
 * ids sort by version. Pure. */
export function timersOf(one: Appointment, by: Participant, reminderMs: readonly number[]): Timer[] {
  const version = String(one.version).padStart(6, '0')
  const timer = (name: string, dueAtMs: number, due: Due): Timer => ({
    id: `${APPOINTMENT}:${one.id}:${version}:${name}`,
    follower: APPOINTMENT,
    dueAtMs,
    payload: JSON.stringify(due),
  })
  const changed = timer('changed', one.changedAtMs, { what: 'changed', appointment: one, by })
  if (one.status !== 'booked') return [changed]
  const ahead = reminderMs.filter((ms) => one.startMs - ms > one.changedAtMs)
  return [
    changed,
    ...ahead.map((beforeMs) =>
      timer(`remind-${beforeMs}`, one.startMs - beforeMs, {
        what: 'remind',
        appointment: one.id,
        startMs: one.startMs,
        beforeMs,
      }),
    ),
  ]
}
