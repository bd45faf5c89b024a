import type { CaseViews } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { ReportViews } from '../../formats/report/report.ts'
import { reportOf, reportTypeOf } from '../../formats/report/report.ts'
import { REPORT_WORDS, reportWords } from '../../formats/report/words.ts'
import { structureOf } from '../exchange/parts.ts'
import { incidentsOf } from './incidents.ts'

/** Reads reports of cases that the caller sees whole: as made last, or what one would hold now. */
export function reportViews(parts: {
  readonly journal: Pick<Journal, 'look'>
  readonly config: () => Config
  readonly views: CaseViews
  readonly nowMs: () => number
}): ReportViews {
  const { journal, views } = parts
  return {
    async of(id, caller) {
      const line = await views.one(id, caller)
      if (line === null || line.extent !== 'whole') return null
      const config = parts.config()
      const service = config.careServices?.get(line.case.service)
      const happenings = await views.happenings(id, caller)
      const made = happenings.findLast(({ act }) => act.what === 'report')
      const act = made?.act.what === 'report' ? made.act : null
      const type = service === undefined ? null : reportTypeOf(service, act?.type ?? '')
      if (service === undefined || type === null) return null
      const atMs = made?.atMs ?? parts.nowMs()
      const report = reportOf({
        case: line.case,
        happenings,
        incidents: await incidentsOf(line.case, happenings, atMs, journal),
        service,
        structure: (establishment) => structureOf(establishment, config),
        words: reportWords(config.maps.get(REPORT_WORDS)),
        timeZone: config.region.timeZone,
        id: act?.message ?? id,
        type,
        by: made?.by ?? line.case.owner?.expert ?? line.case.requests[0]!.asker,
        text: act?.text ?? '',
        atMs,
      })
      return { report, made: made !== undefined }
    },
  }
}
