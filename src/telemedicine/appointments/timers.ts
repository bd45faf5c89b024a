import { APPOINTMENT_FOLLOWER, type Appointment, type AppointmentWork } from '../../core/appointments.ts'
import type { Timer } from '../../core/journal.ts'

/** The reminders that a version of an appointment sets where it books time; whether they are still true is asked when they are due. Pure. */
export function remindersOf(one: Appointment, reminderMs: readonly number[]): Timer[] {
  if (one.status !== 'booked') return []
  const ahead = reminderMs.filter((ms) => one.startMs - ms > one.changedAtMs)
  return ahead.map((beforeMs) => {
    const work: AppointmentWork = { what: 'remind', appointment: one.id, startMs: one.startMs, beforeMs }
    return {
      id: `${APPOINTMENT_FOLLOWER}:${one.id}:${one.version}:${beforeMs}`,
      follower: APPOINTMENT_FOLLOWER,
      dueAtMs: one.startMs - beforeMs,
      payload: JSON.stringify(work),
    }
  })
}
