import { Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { AuditChecks, AuditReports, AuditViews } from '../core/audit.ts'
import type { Config } from '../core/config.ts'
import { languageOf } from '../formats/http/language.ts'
import { Reason } from './acts.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { TIME, timeOf } from './messages.ts'
import { tellingTo, told } from './page/audit/telling.ts'

/** What the API of the audit's reports is made of. */
export interface AuditSearchParts {
  readonly audit: AuditViews
  readonly reports: AuditReports
  readonly checks: AuditChecks
  readonly config: () => Config
}

const Name = Type.String({ minLength: 1, maxLength: 200 })
const Names = Type.Array(Name, { maxItems: 50 })
/** Identifiers of one patient, as the API takes them. */
export const Patients = Type.Array(
  Type.String({ pattern: '^[^|]{0,199}\\|[^|]{1,199}$', description: '`authority|identifier`' }),
  { minItems: 1, maxItems: 20, description: 'Identifiers of one patient' },
)
const Search = Type.Object(
  {
    who: Type.Optional(Names),
    what: Type.Optional(Names),
    establishment: Type.Optional(Names),
    message: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    refused: Type.Optional(Type.Boolean({ description: 'Only what was refused or failed, or only what was not' })),
    patients: Type.Optional(Patients),
    since: Type.Optional(Type.String({ pattern: TIME })),
    until: Type.Optional(Type.String({ pattern: TIME })),
    below: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 ** 48, description: '`next` of the page before' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 50 })),
  },
  { additionalProperties: false },
)
const Report = Type.Object({ patients: Patients, reason: Reason }, { additionalProperties: false })
const IncidentBody = Type.Object(
  {
    since: Type.String({ pattern: TIME }),
    until: Type.String({ pattern: TIME }),
    establishments: Type.Optional(Names),
    actors: Type.Optional(Names),
    reason: Reason,
  },
  { additionalProperties: false },
)

/** Search, the report of a patient, the document of an incident and the check of the audit, for programs. */
export function auditSearchPlugin(
  parts: AuditSearchParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { audit, reports, checks, config } = parts
  const telling = (request: FastifyRequest) => {
    const language = languageOf(request.headers['accept-language'], undefined, config().region.locale)
    return tellingTo({ language, config: config() })
  }
  return (server, { guards }) => {
    describeRoutes(server)
    const onRequest = guards.may('audit:read')
    server.post('/api/audit/search', { onRequest, schema: { body: Search } }, async (request) => {
      const { since, until, patients, limit = 50, ...rest } = request.body
      const { events, next } = await audit.search({
        ...rest,
        limit,
        ...(patients === undefined ? {} : { patients: await audit.patients(patients) }),
        ...(since === undefined ? {} : { sinceMs: timeOf(since) }),
        ...(until === undefined ? {} : { untilMs: timeOf(until) }),
      })
      const speaking = telling(request)
      return { events: events.map((event) => told(event, speaking)), next }
    })
    server.post('/api/audit/report', { onRequest, schema: { body: Report } }, async (request) => {
      const names = await audit.patients(request.body.patients)
      const report = await reports.patient(names, guards.callerOf(request).who, request.body.reason)
      const speaking = telling(request)
      return { ...report, events: report.events.map((event) => told(event, speaking)) }
    })
    server.get('/api/audit/check', { onRequest }, async () => checks.state())
    server.post('/api/audit/check', { onRequest }, async () => checks.begin())
    const incident = { onRequest: guards.may('incident:export'), schema: { body: IncidentBody } }
    server.post('/api/incident/export', incident, async (request) => {
      const { since, until, establishments = [], actors = [], reason } = request.body
      const ask = { sinceMs: timeOf(since), untilMs: timeOf(until), establishments, actors }
      const found = await reports.incident(ask, guards.callerOf(request).who, reason)
      const speaking = telling(request)
      const { sinceMs, untilMs, ...of } = ask
      const timeline = found.timeline.map((event) => told(event, speaking))
      const span = { since: new Date(sinceMs).toISOString(), until: new Date(untilMs).toISOString() }
      return { ...found, ask: { ...span, ...of }, timeline }
    })
  }
}
