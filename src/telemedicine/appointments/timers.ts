import { APPOINTMENT_FOLLOWER, type Appointment, type AppointmentWork } from '../../core/appointments.ts'
import type { Timer } from '../../core/journal.ts'

/** The reminders that a version of an appointment sets where it books time; whether they are still true is asked when they are due. Pure. */
export function remindersOf(one: Appointment, reminderMs: readonly number[]): Timer[] {
  if (one.status !== 'booked') return []
  const { id: appointment, startMs, version } = one
  const ahead = reminderMs.filter((ms) => one.startMs - ms > one.changedAtMs)
  return ahead.map((beforeMs) => {
    const work: AppointmentWork = { what: 'remind', appointment, startMs, beforeMs, version }
    return {
      id: `${APPOINTMENT_FOLLOWER}:${appointment}:${version}:${beforeMs}`,
      follower: APPOINTMENT_FOLLOWER,
      dueAtMs: startMs - beforeMs,
      payload: JSON.stringify(work),
    }
  })
}
