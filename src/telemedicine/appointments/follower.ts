import { APPOINTMENT_FOLLOWER, type Appointment, type AppointmentWork } from '../../core/appointments.ts'
import type { Case } from '../../core/cases.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Follower } from '../../core/follower.ts'
import type { Effect, Journal, Statement } from '../../core/journal.ts'
import type { Clock } from '../../core/ports.ts'
import { type Agenda, agendaMessage } from './agenda.ts'
import { careCaseOf } from './care-case.ts'
import { appointmentAt } from './commands.ts'
import { noted } from './unread.ts'

/** Rows of the notices that remind people of an appointment: to the site and the centre, without content. `of` null: erased. */
export type RemindRows = (appointment: Appointment, beforeMs: number, of: Case | null) => readonly Statement[]

/** What the follower works with. */
export interface AppointmentFollowerParts extends Agenda {
  readonly journal: Pick<Journal, 'look' | 'body'>
  readonly remind: RemindRows
  readonly clock: Clock
}

/** What follows behind the answer: reminders, and what centres' systems say of their agendas. */
export function appointmentFollower(parts: AppointmentFollowerParts): Follower {
  return {
    name: APPOINTMENT_FOLLOWER,
    reads: false,
    entries: async () => ({}),
    async timer({ payload }): Promise<Effect> {
      const work = JSON.parse(payload) as AppointmentWork
      if (work.what === 'remind') return reminded(work, parts)
      try {
        return await agendaMessage(work, parts)
      } catch (fault) {
        // A body that is gone or damaged stays so: other timers must not wait for it.
        if (!(fault instanceof GatewayError) || !['NOT_FOUND', 'BODY_DAMAGED'].includes(fault.code)) throw fault
        return { events: [noted(work.message, fault.code, parts)] }
      }
    },
  }
}

/** What was moved or ended since is not reminded of. */
async function reminded(
  due: Extract<AppointmentWork, { what: 'remind' }>,
  { journal, remind }: AppointmentFollowerParts,
): Promise<Effect> {
  const one = await appointmentAt(due.appointment, { journal })
  if (one === null || one.status !== 'booked' || one.startMs !== due.startMs) return {}
  if (due.version !== undefined && due.version !== one.version) return {}
  const care = await careCaseOf(journal, one.case)
  return care === null || !care.open ? {} : { rows: remind(one, due.beforeMs, care.state) }
}
