import { Type } from '@fastify/type-provider-typebox'
import type { CaseViews } from '../core/cases.ts'
import type { Config } from '../core/config.ts'
import type { DutyViews } from '../core/duty.ts'
import type { MeasureViews } from '../core/measures.ts'
import { writeJson } from '../formats/fhir/json.ts'
import { measureReports } from '../formats/measures/report.ts'
import { bySiteAndMonth } from '../formats/measures/summary.ts'
import type { ReportViews } from '../formats/report/report.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { TIME, timeOf } from './messages.ts'
import { measurePages } from './page/measures/pages.ts'
import { serveAssets } from './page/shell/assets.ts'
import { servePages } from './page/shell/pages.ts'
import { summaryRoutes } from './page/summary/pages.ts'

/** What reports and measures are served with. */
export interface MeasureParts {
  readonly views: CaseViews
  readonly reports: ReportViews
  readonly measures: MeasureViews
  readonly duty: Pick<DutyViews, 'on'>
  readonly config: () => Config
  readonly nowMs: () => number
  readonly version: string
}

const Time = Type.String({ pattern: TIME, description: 'ISO 8601 with offset' })
const Asked = Type.Object(
  { from: Time, to: Time, service: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) },
  { additionalProperties: false },
)

/** The printed pages of a case, the page of measures with its files, and measures as FHIR MeasureReports. */
export function measuresPlugin(parts: MeasureParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { measures, config, nowMs, version } = parts
  return (server, { guards }) => {
    describeRoutes(server)
    const files = ['./page/summary/summary.css', './page/bars.css']
    serveAssets(server, guards, import.meta.url, files)
    servePages(
      server,
      guards,
      { config, version, demo: false },
      {
        pages: measurePages(measures, nowMs),
        raw: summaryRoutes(parts, (request, what) => guards.about(request, what)),
      },
    )
    const route = { onRequest: guards.may('measures:read'), schema: { querystring: Asked } }
    server.get('/api/measures', route, async (request, reply) => {
      const { from, to, service = null } = request.query
      const asked = { fromMs: timeOf(from), untilMs: timeOf(to), service }
      const found = await measures.list(asked, guards.callerOf(request))
      const { region, establishments } = config()
      const siteOf = (site: string) => {
        const one = establishments.get(site)
        return { name: one?.name ?? site, finess: one?.finess.ej ?? one?.finess.eg[0] ?? null }
      }
      const bundle = measureReports(bySiteAndMonth(found.measures, region.timeZone), siteOf, nowMs())
      return reply.header('content-type', 'application/fhir+json; charset=utf-8').send(writeJson(bundle))
    })
  }
}
