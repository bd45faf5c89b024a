import type { Appointment, AppointmentMessages } from '../../core/appointments.ts'
import { CLOSED_STATES } from '../../core/cases.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import type { CaseProjection } from '../projection.ts'
import { stepped } from './moves.ts'
import { APPOINTMENT_COLUMNS, type AppointmentRow, appointmentOf, changeRow, giveBackRows } from './rows.ts'

/**
 * What appointments and photos make of changes of cases: one that is over gives back the time of its appointment that has not
 * begun, one that its centre refuses after all has its appointment cancelled, and what was sent for a request goes to its case. */
export function appointmentProjection(journal: Pick<Journal, 'look'>, messages: AppointmentMessages): CaseProjection {
  return async ({ before, after, happenings, nowMs }) => {
    const rows: Statement[] = happenings.flatMap(({ act }) =>
      act.what === 'request' ? act.request.attachments.flatMap((id) => attachRows(id, after.id, act.request.site)) : [],
    )
    const ends = CLOSED_STATES.includes(after.state) && !(before !== null && CLOSED_STATES.includes(before.state))
    const isDeclined = before?.appointment?.status === 'booked' && after.appointment?.status === 'cancelled'
    const refuses = isDeclined && happenings.some(({ act }) => act.what === 'refuse')
    const ended =
      refuses || (ends && after.appointment !== null)
        ? await endedWith(after.id, refuses ? 'centre' : 'other', nowMs, journal)
        : null
    if (ended === null) return rows.length === 0 ? {} : { rows }
    return { rows: [...rows, ...ended.rows], arrivals: await messages(ended.appointment, after, null) }
  }
}

/** What was kept for this site goes along with its request, also when that becomes a case of its own. */
function attachRows(id: string, careCase: string, site: string): Statement[] {
  return [
    { sql: 'UPDATE attachment SET care_case = ? WHERE id = ? AND establishment = ?', parameters: [careCase, id, site] },
    {
      sql: 'UPDATE upload SET care_case = ? WHERE attachment = ? AND establishment = ?',
      parameters: [careCase, id, site],
    },
  ]
}

/** The appointment that has not begun, or that its centre declines whenever it is, cancelled; null: there is none. */
async function endedWith(
  careCase: string,
  reason: 'centre' | 'other',
  nowMs: number,
  journal: Pick<Journal, 'look'>,
): Promise<{ readonly appointment: Appointment; readonly rows: readonly Statement[] } | null> {
  const [row] = await journal.look<AppointmentRow>({
    sql: `SELECT ${APPOINTMENT_COLUMNS} FROM appointment AS a WHERE a.care_case = ? AND a.status IN ('proposed', 'booked')`,
    parameters: [careCase],
  })
  const one = row === undefined ? null : appointmentOf(row)
  const isAhead = one !== null && one.startMs > nowMs
  if (one === null || (reason === 'other' && !isAhead)) return null
  const next = stepped(one, { what: 'cancel', reason }, nowMs)
  if (!next.ok) return null
  const freed =
    one.slot === null || !isAhead ? [] : giveBackRows(one.slot, { appointment: one.id, state: 'free' }, nowMs)
  return { appointment: next.appointment, rows: [...freed, changeRow(next.appointment)] }
}
