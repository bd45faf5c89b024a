import type { MeasureViews } from '../../../core/measures.ts'
import { casesCsv, monthsCsv } from '../../../formats/measures/csv.ts'
import { bySiteAndMonth } from '../../../formats/measures/summary.ts'
import type { PageRoute } from '../shell/pages.ts'
import { measuresPage } from './page.ts'
import { periodOf } from './period.ts'

const TYPE = 'text/csv; charset=utf-8'

/** The page of measures, and its figures as files. */
export function measurePages(views: MeasureViews, nowMs: () => number): PageRoute[] {
  return [
    {
      path: '/mesures',
      permission: 'measures:read',
      async show(visit) {
        const period = periodOf(visit, nowMs())
        return measuresPage(await views.list(period, visit.caller), period, visit)
      },
    },
    {
      path: '/mesures/mois.csv',
      permission: 'measures:read',
      async show(visit) {
        const period = periodOf(visit, nowMs())
        const { measures } = await views.list(period, visit.caller)
        const months = bySiteAndMonth(measures, visit.config.region.timeZone)
        return { file: `mesures-${period.from}-${period.until}.csv`, type: TYPE, body: monthsCsv(months) }
      },
    },
    {
      path: '/mesures/dossiers.csv',
      permission: 'measures:read',
      async show(visit) {
        const period = periodOf(visit, nowMs())
        const { measures } = await views.list(period, visit.caller)
        const body = casesCsv(measures, visit.config.region.timeZone)
        return { file: `dossiers-${period.from}-${period.until}.csv`, type: TYPE, body }
      },
    },
  ]
}
