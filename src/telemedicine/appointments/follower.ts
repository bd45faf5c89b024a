import type { Appointment } from '../../core/appointments.ts'
import type { Caller } from '../../core/caller.ts'
import type { Act, CaseCommands, Participant } from '../../core/cases.ts'
import type { Effect, Follower, Journal, Statement } from '../../core/journal.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { careCaseOf } from './care-case.ts'
import { appointmentAt } from './commands.ts'
import { APPOINTMENT, type Due } from './timers.ts'

/** Rows of the notices that remind people of an appointment: to the site and the centre, without content. */
export type RemindRows = (appointment: Appointment, beforeMs: number) => readonly Statement[]

/** What the follower works with. */
export interface AppointmentFollowerParts {
  readonly journal: Pick<Journal, 'look'>
  /** Null: there are no cases, and nothing follows for them. */
  readonly cases: Pick<CaseCommands, 'act'> | null
  readonly remind: RemindRows
  readonly clock: Clock
  readonly log: Log
}

/** Does what follows from appointments: their case is told of every version once, people are reminded. */
export function appointmentFollower(parts: AppointmentFollowerParts): Follower {
  return {
    name: APPOINTMENT,
    reads: false,
    entries: async () => ({}),
    async timer({ payload }): Promise<Effect> {
      const due = JSON.parse(payload) as Due
      if (due.what === 'remind') return reminded(due, parts)
      await tellCase(due.appointment, due.by, parts)
      return {}
    },
  }
}

/** What was moved or ended since is not reminded of. */
async function reminded(due: Extract<Due, { what: 'remind' }>, { journal, remind }: AppointmentFollowerParts) {
  const one = await appointmentAt(due.appointment, { journal })
  if (one === null || one.status !== 'booked' || one.startMs !== due.startMs) return {}
  return { rows: remind(one, due.beforeMs) }
}

/** Does the act of a version to its case; a case that has it already was told before a crash. */
async function tellCase(one: Appointment, by: Participant, { journal, cases, log }: AppointmentFollowerParts) {
  if (cases === null) return
  const care = await careCaseOf(journal, one.case)
  if (care === null || care.state === null) return
  const { status, startMs, endMs, centre } = one
  const act: Extract<Act, { what: 'appointment' }> = {
    what: 'appointment',
    ...{ appointment: one.id, status, startMs, endMs, centre },
  }
  const { what, ...now } = act
  const known = care.state.appointment
  if (known !== null && (Object.keys(now) as (keyof typeof now)[]).every((key) => known[key] === now[key])) return
  const said = await cases.act(one.case, act, { caller: GATEWAY, participant: by }, { atMs: one.changedAtMs })
  if (!said.ok) log.warn('appointment.untold', { code: said.error })
}

/** What was allowed when it was done is not asked again. */
const GATEWAY: Caller = {
  role: 'coordination',
  who: 'gateway',
  reach: { establishments: null, applications: null },
  content: false,
}
