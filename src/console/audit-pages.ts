import type { AuditChecks, AuditReports, AuditViews } from '../core/audit.ts'
import type { Config } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import type { Guards, Server } from './console.ts'
import { eventPage } from './page/audit/event-page.ts'
import { incidentForm, incidentPage } from './page/audit/incident-page.ts'
import { dayStart } from './page/audit/parts.ts'
import { reportPage } from './page/audit/report-page.ts'
import { askOf, searchPage } from './page/audit/search-page.ts'
import { csvOf, tellingTo, told } from './page/audit/telling.ts'
import { reasonOf } from './page/fields.ts'
import { serveAssets } from './page/shell/assets.ts'
import { type FormRoute, type KnownVisit, type PageParts, type PageRoute, servePages } from './page/shell/pages.ts'
import { followed, type Runs } from './runs.ts'

/** What the pages of the audit are made of. */
export interface AuditPageParts {
  readonly audit: AuditViews
  readonly reports: AuditReports
  readonly checks: AuditChecks
  /** The whole audit as a file, in pieces; `progress` counts events. */
  readonly exported: (progress: (done: number, total: number) => void) => AsyncIterable<string>
  readonly runs: Runs
  readonly config: () => Config
  readonly clock: Pick<Clock, 'nowMs'>
  readonly version: string
  readonly demo: boolean
}

const DAY_MS = 86_400_000

/** The pages of the audit: search, one event with its proof, the report of a patient, the document of an incident. */
export function auditPages(parts: AuditPageParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  const around: PageParts = { config: parts.config, version: parts.version, demo: parts.demo }
  return (server, { guards }) => {
    serveAssets(server, guards, import.meta.url, ['./page/audit/audit.css', './page/audit/audit.js'])
    servePages(server, guards, around, { pages: shown(parts), forms: [...reports(parts), ...incidents(parts)] })
  }
}

function shown({ audit, checks, runs, exported, clock }: AuditPageParts): PageRoute[] {
  const permission = 'audit:read'
  return [
    {
      path: '/audit',
      permission,
      show: async (visit) => searchPage(visit, await audit.search(askOf(visit)), await audit.state(), checks.state()),
    },
    {
      path: '/audit/export',
      permission,
      async show({ query, caller }) {
        const run = runs.follow(query.get('run'), caller.who)
        const day = new Date(clock.nowMs()).toISOString().slice(0, 10)
        const body = followed(exported(run.progress), run)
        return { file: `audit-${day}.ndjson`, type: 'application/x-ndjson', body }
      },
    },
    {
      path: '/audit/:n',
      permission,
      async show(visit, { n = '' }) {
        const number = /^\d{1,15}$/.test(n) ? Number(n) : 0
        const [event, proof] = await Promise.all([audit.event(number), audit.proof(number)])
        if (event === null || proof === null) throw new GatewayError('NOT_FOUND')
        return eventPage(visit, event, proof, (await audit.state()).publicKey)
      },
    },
    { path: '/audit/incident', permission: 'incident:export', show: async (visit) => incidentForm(visit) },
  ]
}

function reports({ audit, reports: make, checks, clock }: AuditPageParts): FormRoute[] {
  const permission = 'audit:read'
  const file = (format: 'csv' | 'json'): FormRoute => ({
    path: `/audit/patient/${format}`,
    permission,
    async act(visit, fields) {
      const names = (fields.get('names') ?? '').split(' ').filter((one) => /^[\w-]{8,64}$/.test(one))
      const report = await make.patient(names, visit.caller.who, reasonOf(fields))
      const events = report.events.map((event) => told(event, tellingTo(visit)))
      return format === 'csv'
        ? { file: 'acces-patient.csv', type: 'text/csv; charset=utf-8', body: csvOf(events) }
        : { file: 'acces-patient.json', type: 'application/json', body: JSON.stringify({ ...report, events }) }
    },
  })
  return [
    {
      path: '/audit/verification',
      permission,
      async act() {
        checks.begin()
        return { to: '/audit' }
      },
    },
    {
      path: '/audit/patient',
      permission,
      async act(visit, fields) {
        const why = reasonOf(fields)
        const names = await audit.patients([identifierIn(fields)])
        const report = await make.patient(names, visit.caller.who, why)
        return reportPage(visit, report, why, clock.nowMs())
      },
    },
    file('csv'),
    file('json'),
  ]
}

/** The identifier that a form gives, `authority|identifier`. @throws {GatewayError} BAD_REQUEST when there is none */
function identifierIn(fields: URLSearchParams): string {
  const [authority, identifier] = ['authority', 'identifier'].map((name) => (fields.get(name) ?? '').trim())
  if (!identifier || identifier.length > 199 || (authority ?? '').includes('|')) throw new GatewayError('BAD_REQUEST')
  return `${authority}|${identifier.replaceAll(/\s/g, '')}`
}

function incidents({ reports: make, clock }: AuditPageParts): FormRoute[] {
  return [
    {
      path: '/audit/incident',
      permission: 'incident:export',
      async act(visit, fields) {
        const why = reasonOf(fields)
        const incident = await make.incident(incidentAsk(visit, fields), visit.caller.who, why)
        if (fields.get('format') !== 'json') return incidentPage(visit, incident, why, clock.nowMs())
        const timeline = incident.timeline.map((event) => told(event, tellingTo(visit)))
        return { file: 'incident.json', type: 'application/json', body: JSON.stringify({ ...incident, timeline }) }
      },
    },
  ]
}

function incidentAsk({ config }: KnownVisit, fields: URLSearchParams) {
  const { timeZone } = config.region
  const sinceMs = dayStart(fields.get('since'), timeZone)
  const untilMs = dayStart(fields.get('until'), timeZone)
  if (sinceMs === null || untilMs === null) throw new GatewayError('BAD_REQUEST')
  const actors = (fields.get('actors') ?? '').split(',').map((one) => one.trim())
  return {
    sinceMs,
    // The day after begins 23 to 25 hours later.
    untilMs: dayStart(new Date(untilMs + 1.5 * DAY_MS).toISOString().slice(0, 10), timeZone)! - 1,
    establishments: fields.getAll('establishment').filter((id) => config.establishments.has(id)),
    actors: actors.filter((one) => one !== ''),
  }
}
