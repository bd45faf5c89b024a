import { may, reachOf } from '../../../core/caller.ts'
import type { CaseViews } from '../../../core/cases.ts'
import type { DutyViews } from '../../../core/duty.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { ReportViews } from '../../../formats/report/report.ts'
import { patientOf, type TellAudit } from '../../viewer.ts'
import { shownOf } from '../cases/shown.ts'
import type { KnownVisit, RawRoute } from '../shell/pages.ts'
import { reportPage } from './report-page.ts'
import { summaryPage } from './summary.ts'

/** What the printed pages of a case read. */
export interface SummaryParts {
  readonly views: CaseViews
  readonly reports: ReportViews
  readonly duty: Pick<DutyViews, 'on'>
  readonly nowMs: () => number
}

/** The transfer summary and the closing report of a case, for those who see it whole; the audit keeps who opened them. */
export function summaryRoutes({ views, reports, duty, nowMs }: SummaryParts, about: TellAudit): RawRoute[] {
  const wholeOf = async (id: string, { caller }: KnownVisit) => {
    const line = await views.one(id, caller)
    if (line === null || line.extent !== 'whole') throw new GatewayError('CASE_NOT_FOUND')
    return line
  }
  return [
    {
      method: 'GET',
      path: '/dossiers/:id/synthese',
      permission: 'cases:clinical',
      async answer({ visit, request, params: { id = '' } }) {
        const known = visit as KnownVisit
        const { caller, config } = known
        const line = await wholeOf(id, known)
        about(request, { case: line.case.number, ...patientOf(line.case) })
        const atMs = nowMs()
        const happenings = await views.happenings(id, caller)
        const duties = may(caller, 'duty:read') ? await duty.on(atMs, reachOf(caller, 'duty:read')) : []
        const book = { duties, config }
        return summaryPage({ shown: shownOf(line, config, atMs), happenings, book, nowMs: atMs }, known)
      },
    },
    {
      method: 'GET',
      path: '/dossiers/:id/compte-rendu',
      permission: 'cases:clinical',
      async answer({ visit, request, params: { id = '' } }) {
        const known = visit as KnownVisit
        const line = await wholeOf(id, known)
        about(request, { case: line.case.number, ...patientOf(line.case) })
        const found = await reports.of(id, known.caller)
        if (found === null) throw new GatewayError('NOT_FOUND')
        return reportPage(found.report, found.made, id, known)
      },
    },
  ]
}
