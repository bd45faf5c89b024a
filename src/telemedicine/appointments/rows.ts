import type { Appointment, AppointmentStatus, CancelReason, SessionRole, Slot } from '../../core/appointments.ts'
import type { SqlValue, Statement } from '../../core/journal.ts'

/** A row of `slot`. Whole numbers may come as text. */
export interface SlotRow extends Omit<Slot, 'startMs' | 'endMs'> {
  readonly start_ms: number
  readonly end_ms: number
}

/** A row of `appointment`. */
export interface AppointmentRow {
  readonly id: string
  readonly care_case: string
  readonly number: string
  readonly service: string
  readonly site: string
  readonly unit: string | null
  readonly centre: string
  readonly status: AppointmentStatus
  readonly slot: string | null
  readonly start_ms: number
  readonly end_ms: number
  readonly requester_at_ms: number | null
  readonly patient_at_ms: number | null
  readonly expert_at_ms: number | null
  readonly cancelled: CancelReason | null
  readonly filler: string | null
  readonly encounter: string | null
  readonly test: number
  readonly drill: number
  readonly version: number
  readonly changed_at_ms: number
}

/** Columns of a slot as it is read. */
export const SLOT_COLUMNS = 's.id, s.service, s.centre, s.start_ms, s.end_ms, s.state, s.source, s.appointment'
/** Columns of an appointment as it is read. */
export const APPOINTMENT_COLUMNS = `a.id, a.care_case, a.number, a.service, a.site, a.unit, a.centre, a.status, a.slot,
  a.start_ms, a.end_ms, a.requester_at_ms, a.patient_at_ms, a.expert_at_ms, a.cancelled, a.filler, a.encounter, a.test,
  a.drill, a.version, a.changed_at_ms`

const orNull = (value: number | null): number | null => (value === null ? null : Number(value))

/** The slot of a row. */
export function slotOf(row: SlotRow): Slot {
  const { id, service, centre, state, source, appointment } = row
  return { id, service, centre, startMs: Number(row.start_ms), endMs: Number(row.end_ms), state, source, appointment }
}

/** The appointment of a row. */
export function appointmentOf(row: AppointmentRow): Appointment {
  const { id, number, service, site, unit, centre, status, slot, cancelled } = row
  return {
    id,
    case: row.care_case,
    number,
    service,
    site,
    unit,
    centre,
    status,
    slot,
    startMs: Number(row.start_ms),
    endMs: Number(row.end_ms),
    waiting: {
      requester: orNull(row.requester_at_ms),
      patient: orNull(row.patient_at_ms),
      expert: orNull(row.expert_at_ms),
    },
    cancelled,
    test: Number(row.test) === 1,
    drill: Number(row.drill) === 1,
    version: Number(row.version),
    changedAtMs: Number(row.changed_at_ms),
  }
}

/** A new slot; nothing changes where the centre offers some of that time of the service already. */
export function offerRow(slot: Slot, schedule: string | null, atMs: number): Statement {
  const { id, service, centre, startMs, endMs, state, source } = slot
  return {
    sql: `INSERT INTO slot (id, service, centre, start_ms, end_ms, state, source, appointment, schedule, changed_at_ms)
      SELECT ?, ?, ?, ?, ?, ?, ?, NULL, ?, ? WHERE NOT EXISTS (SELECT 1 FROM slot AS o
        WHERE o.centre = ? AND o.service = ? AND o.state <> 'withdrawn' AND o.start_ms < ? AND o.end_ms > ?)`,
    parameters: [id, service, centre, startMs, endMs, state, source, schedule, atMs, centre, service, endMs, startMs],
    rows: 1,
  }
}

/** Takes a slot that is free: of any number at once, one alone does. */
export function takeRows(slot: string, appointment: string, atMs: number): Statement[] {
  return [
    {
      sql: `UPDATE slot SET state = 'busy', appointment = ?, changed_at_ms = ?
        WHERE id = ? AND state = 'free' AND start_ms > ?`,
      parameters: [appointment, atMs, slot, atMs],
      rows: 1,
    },
    ...versionRows(slot, atMs),
  ]
}

/** Gives a slot back that this appointment has; `state`: what it is then. */
export function giveBackRows(
  slot: string,
  { appointment, state }: { readonly appointment: string; readonly state: 'free' | 'withdrawn' },
  atMs: number,
): Statement[] {
  return [
    {
      sql: 'UPDATE slot SET state = ?, appointment = NULL, changed_at_ms = ? WHERE id = ? AND appointment = ?',
      parameters: [state, atMs, slot, appointment],
      rows: 1,
    },
    ...versionRows(slot, atMs),
  ]
}

/** Offers a free slot no longer. */
export function withdrawRows(slot: string, atMs: number): Statement[] {
  return [
    {
      sql: `UPDATE slot SET state = 'withdrawn', changed_at_ms = ? WHERE id = ? AND state = 'free'`,
      parameters: [atMs, slot],
      rows: 1,
    },
    ...versionRows(slot, atMs),
  ]
}

/** The free slots of a Schedule that is no longer in use. */
export function withdrawAllRows(schedule: string, centre: string, atMs: number): Statement[] {
  const which = `schedule = ? AND centre = ? AND state = 'free'`
  return [
    ...newVersionRows(`IN (SELECT id FROM slot WHERE ${which})`, [schedule, centre], atMs),
    {
      sql: `UPDATE slot SET state = 'withdrawn', changed_at_ms = ?, version = ${NEXT_VERSION} WHERE ${which}`,
      parameters: [atMs, schedule, centre],
    },
  ]
}

/** The next version of a slot, in the commit that changes it: also of its resource, whose content is still what was posted. */
export function versionRows(slot: string, atMs: number): Statement[] {
  return [
    ...newVersionRows('= ?', [slot], atMs),
    { sql: `UPDATE slot SET version = ${NEXT_VERSION} WHERE id = ?`, parameters: [slot] },
  ]
}

const NEXT_VERSION = `COALESCE((SELECT r.version FROM resource AS r WHERE r.type = 'Slot' AND r.id = slot.id), slot.version + 1)`

function newVersionRows(ids: string, named: readonly SqlValue[], atMs: number): Statement[] {
  const which = `type = 'Slot' AND id ${ids} AND deleted = 0`
  return [
    {
      sql: `UPDATE resource SET version = version + 1, updated_at_ms = ? WHERE ${which}`,
      parameters: [atMs, ...named],
    },
    {
      sql: `INSERT INTO resource_version (type, id, version, message, updated_at_ms)
        SELECT type, id, version, message, updated_at_ms FROM resource WHERE ${which}`,
      parameters: [...named],
    },
  ]
}

/** The version of a Slot that a message wrote, or that it has become since without another message. */
export const VERSION_SAID = `COALESCE((SELECT MAX(v.version) FROM resource_version AS v
  WHERE v.type = 'Slot' AND v.id = ? AND v.message = ?), 1)`

/** A new appointment: refused where its case has one that is open. */
export function makeRow(one: Appointment): Statement {
  const { id, number, service, site, unit, centre, status, slot, startMs, endMs, test, drill, version } = one
  const values: SqlValue[] = [id, one.case, number, service, site, unit, centre, status, slot, startMs, endMs]
  return {
    sql: `INSERT INTO appointment (id, care_case, number, service, site, unit, centre, status, slot, start_ms, end_ms,
        test, drill, version, changed_at_ms)
      SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM appointment AS o
        WHERE o.care_case = ? AND o.status IN ('proposed', 'booked', 'arrived'))`,
    parameters: [...values, test ? 1 : 0, drill ? 1 : 0, version, one.changedAtMs, one.case],
    rows: 1,
  }
}

const WAITING: Readonly<Record<SessionRole, string>> = {
  requester: 'requester_at_ms',
  patient: 'patient_at_ms',
  expert: 'expert_at_ms',
}

/** The next version of an appointment; refused when it is no longer the one before. */
export function changeRow(one: Appointment): Statement {
  const waiting = (['requester', 'patient', 'expert'] as const).map((role) => `${WAITING[role]} = ?`).join(', ')
  const { id, centre, status, slot, startMs, endMs, cancelled, version, changedAtMs } = one
  return {
    sql: `UPDATE appointment SET centre = ?, status = ?, slot = ?, start_ms = ?, end_ms = ?, ${waiting}, cancelled = ?,
      version = ?, changed_at_ms = ? WHERE id = ? AND version = ?`,
    parameters: [
      ...[centre, status, slot, startMs, endMs],
      ...[one.waiting.requester, one.waiting.patient, one.waiting.expert],
      ...[cancelled, version, changedAtMs, id, version - 1],
    ],
    rows: 1,
  }
}
