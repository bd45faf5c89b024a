import type {
  Appointment,
  AppointmentCount,
  AppointmentQuery,
  AppointmentStatus,
  AppointmentViews,
} from '../../core/appointments.ts'
import { type Caller, may, mayAnswer, type Reach, reachOf } from '../../core/caller.ts'
import type { Journal, SqlValue } from '../../core/journal.ts'
import { appointmentAt } from './commands.ts'
import { sideOf } from './reach.ts'
import { APPOINTMENT_COLUMNS, type AppointmentRow, appointmentOf, SLOT_COLUMNS, type SlotRow, slotOf } from './rows.ts'
import { publicKeys } from './token.ts'

/** What the views read. */
export interface AppointmentViewParts {
  readonly journal: Pick<Journal, 'look' | 'read' | 'secret'>
  readonly timeZone: () => string
  readonly watch: AppointmentViews['watch']
}

interface Condition {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

/** The views over a journal. */
export function appointmentViews({ journal, timeZone, watch }: AppointmentViewParts): AppointmentViews {
  return {
    async slots({ service, centre = null, fromMs, untilMs, state = null, limit }, caller) {
      if (!may(caller, 'appointments:read')) return []
      const asked: [string, SqlValue][] = [
        ['s.service = ?', service],
        ['s.start_ms >= ?', fromMs],
        ['s.start_ms < ?', untilMs],
        ...(centre === null ? [] : [['s.centre = ?', centre] as [string, SqlValue]]),
        ...(state === null ? [] : [['s.state = ?', state] as [string, SqlValue]]),
      ]
      const rows = await journal.read<SlotRow>({
        sql: `SELECT ${SLOT_COLUMNS} FROM slot AS s WHERE ${asked.map(([sql]) => sql).join(' AND ')}
          ORDER BY s.start_ms, s.id LIMIT ?`,
        parameters: [...asked.map(([, value]) => value), limit],
      })
      // Whose appointment a slot is, is not for everybody.
      return rows.map((row) => {
        const slot = slotOf(row)
        const own = sideOf(caller, 'appointments:read', { site: slot.centre, unit: null, centre: slot.centre })
        return own === null ? { ...slot, appointment: null } : slot
      })
    },
    async list(query, caller) {
      const seen = seenBy(caller)
      if (seen === null) return []
      const { sql, parameters } = all([seen, ...asked(query)])
      const rows = await journal.read<AppointmentRow>({
        sql: `SELECT ${APPOINTMENT_COLUMNS} FROM appointment AS a WHERE ${sql} ORDER BY a.start_ms, a.id LIMIT ?`,
        parameters: [...parameters, query.limit],
      })
      return rows.map(appointmentOf)
    },
    async one(id, caller) {
      const found = await appointmentAt(id, { journal })
      return found === null || sideOf(caller, 'appointments:read', found) === null ? null : found
    },
    async counts(fromMs, untilMs, caller) {
      const seen = seenBy(caller, 'measures:read')
      if (seen === null) return []
      const time: Condition = {
        sql: 'a.test = 0 AND a.drill = 0 AND a.start_ms >= ? AND a.start_ms < ?',
        parameters: [fromMs, untilMs],
      }
      const { sql, parameters } = all([seen, time])
      const rows = await journal.read<CountRow>({
        sql: `SELECT a.service, a.site, a.centre, a.status, a.start_ms FROM appointment AS a WHERE ${sql}`,
        parameters,
      })
      return countsOf(rows, timeZone())
    },
    keys: () => publicKeys(journal.secret),
    watch,
  }
}

interface CountRow {
  readonly service: string
  readonly site: string
  readonly centre: string
  readonly status: AppointmentStatus
  readonly start_ms: number
}

/** Appointments by month of the region, service, site, centre and status, in this order. Pure. */
export function countsOf(rows: readonly CountRow[], timeZone: string): AppointmentCount[] {
  const months = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit' })
  const counts = new Map<string, AppointmentCount>()
  for (const { service, site, centre, status, start_ms } of rows) {
    const month = months.format(Number(start_ms))
    const key = [month, service, site, centre, status].join('\x1f')
    const n = (counts.get(key)?.n ?? 0) + 1
    counts.set(key, { month, service, site, centre, status, n })
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count)
}

function all(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(' AND '),
    parameters: conditions.flatMap(({ parameters }) => parameters),
  }
}

function asked(query: AppointmentQuery): Condition[] {
  const wanted: Condition[] = [{ sql: 'a.start_ms >= ? AND a.start_ms < ?', parameters: [query.fromMs, query.untilMs] }]
  for (const [column, value] of [
    ['care_case', query.case],
    ['service', query.service],
    ['centre', query.centre],
    ['site', query.site],
  ] as const) {
    if (value !== undefined) wanted.push({ sql: `a.${column} = ?`, parameters: [value] })
  }
  return wanted
}

/** What of all appointments the caller may see; null: nothing. */
function seenBy(
  caller: Caller,
  permission: 'appointments:read' | 'measures:read' = 'appointments:read',
): Condition | null {
  const reach: Reach | null = reachOf(caller, permission)
  if (reach === null || reach.establishments === null) return { sql: '1 = 1', parameters: [] }
  const { establishments, units = null } = reach
  if (establishments.length === 0) return null
  const marks = establishments.map(() => '?').join(', ')
  const unit = units === null ? '' : ` AND (a.unit IS NULL OR a.unit IN (${units.map(() => '?').join(', ') || 'NULL'}))`
  const asking = { sql: `(a.site IN (${marks})${unit})`, parameters: [...establishments, ...(units ?? [])] }
  if (!mayAnswer(caller)) return asking
  return { sql: `${asking.sql} OR a.centre IN (${marks})`, parameters: [...asking.parameters, ...establishments] }
}

/** Tells listeners of appointments that changed on this node. */
export function announcer(): {
  readonly changed: (appointment: Appointment) => void
  readonly watch: AppointmentViews['watch']
} {
  const listeners = new Set<(appointment: Appointment) => void>()
  return {
    changed: (appointment) => {
      for (const listener of listeners) listener(appointment)
    },
    watch: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
