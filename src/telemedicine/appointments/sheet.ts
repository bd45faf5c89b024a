import type { Appointment } from '../../core/appointments.ts'
import type { Attachment } from '../../core/attachments.ts'
import { type Caller, reaches, reachOf } from '../../core/caller.ts'
import type { CaseSheet, CaseSheets, LinkState, SheetDocument } from '../../core/case-sheet.ts'
import type { CaseViews } from '../../core/cases.ts'
import type { Journal } from '../../core/journal.ts'
import type { CareService } from '../../core/services.ts'
import { consentTakenBack } from '../photos/reach.ts'
import { extentOf } from '../store/extent.ts'
import { type CareCase, careCaseOf } from './care-case.ts'
import { sideOf } from './reach.ts'
import { APPOINTMENT_COLUMNS, type AppointmentRow, appointmentOf } from './rows.ts'
import { whyNot } from './sessions.ts'

/** What sheets are read with. */
export interface SheetParts {
  readonly journal: Pick<Journal, 'look'>
  readonly views: Pick<CaseViews, 'one'>
  readonly services: () => ReadonlyMap<string, CareService>
  readonly nowMs: () => number
}

/** Sheets of cases, by the units and establishments that the caller reaches, whatever more they may see elsewhere. */
export function caseSheets({ journal, views, services, nowMs }: SheetParts): CaseSheets {
  return {
    async of(id, caller): Promise<CaseSheet | null> {
      const line = await views.one(id, caller)
      const care = line === null ? null : await careCaseOf(journal, id)
      if (line === null || care === null || line.extent === 'study') return null
      const { number, service, state, site, unit, test, drill, openedAtMs, closedAtMs, patient } = extentOf(
        line.case,
        'appointment',
      )
      const rows = await journal.look<AppointmentRow>({
        sql: `SELECT ${APPOINTMENT_COLUMNS} FROM appointment AS a WHERE a.care_case = ? ORDER BY a.start_ms, a.id`,
        parameters: [id],
      })
      const appointments = rows
        .map(appointmentOf)
        .filter((one) => sideOf(caller, 'appointments:read', one) !== null)
        .map((one) => ({ ...one, link: linkOf(one, care, nowMs(), services) }))
      return {
        ...{ id, number, service, state, site, unit, test, drill, openedAtMs, closedAtMs, patient, appointments },
        documents: await documentsOf(care, caller, journal),
      }
    },
  }
}

function linkOf(one: Appointment, care: CareCase, nowMs: number, services: SheetParts['services']): LinkState {
  if ((services().get(one.service)?.joinUrl ?? null) === null) return 'none'
  const error = whyNot(one, care, nowMs, { services })
  if (error === null) return 'open'
  if (error === 'CONSENT_MISSING') return 'consent'
  return error === 'TOO_EARLY' || one.status === 'proposed' ? 'early' : 'over'
}

/** What came with the case; once consent is taken back, at the site alone. */
async function documentsOf(care: CareCase, caller: Caller, { look }: SheetParts['journal']): Promise<SheetDocument[]> {
  const reach = reachOf(caller, 'appointments:read')
  if (consentTakenBack(care) && reach !== null && !reaches(reach, care.site)) return []
  const rows = await look<{ type: Attachment['type']; at_ms: number; establishment: string }>({
    sql: 'SELECT type, at_ms, establishment FROM attachment WHERE care_case = ? ORDER BY at_ms, id',
    parameters: [care.id],
  })
  const counts = { photo: 0, document: 0 }
  return rows.map(({ type, at_ms, establishment }) => {
    counts[type === 'application/pdf' ? 'document' : 'photo'] += 1
    const number = counts[type === 'application/pdf' ? 'document' : 'photo']
    return { type, number, atMs: Number(at_ms), establishment }
  })
}
