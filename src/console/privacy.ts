import { Readable } from 'node:stream'
import { Type } from '@fastify/type-provider-typebox'
import type { Config } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { PrivacyCommands } from '../core/privacy.ts'
import { Reason } from './acts.ts'
import { describeRoutes } from './api.ts'
import { Patients } from './audit-search.ts'
import type { Guards, Server } from './console.ts'
import { reasonOf } from './page/fields.ts'
import { erasedPage, foundPage, planPage, privacyPage } from './page/privacy/pages.ts'
import { type FormRoute, servePages } from './page/shell/pages.ts'
import { followed, type Runs } from './runs.ts'

/** What the pages and the API of privacy are made of. */
export interface PrivacyPageParts {
  readonly privacy: PrivacyCommands
  readonly runs: Runs
  readonly config: () => Config
  readonly version: string
  readonly demo: boolean
}

const Ask = Type.Object({ patients: Patients, reason: Reason }, { additionalProperties: false })
const Erase = Type.Object(
  { patients: Patients, reason: Reason, mark: Type.String({ pattern: '^[\\w-]{43}$', description: 'Of the plan' }) },
  { additionalProperties: false },
)
const EXPORT_TYPE = 'application/x-ndjson'

/** Find, export and erase what is kept of a patient, and what is kept how long: pages and API. */
export function privacyPlugin(parts: PrivacyPageParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { privacy, config, version, demo } = parts
  return (server, { guards }) => {
    const page = {
      path: '/vie-privee',
      permission: 'privacy:read' as const,
      show: async (visit: Parameters<typeof privacyPage>[0]) => privacyPage(visit, await privacy.retention()),
    }
    servePages(server, guards, { config, version, demo }, { pages: [page], forms: forms(parts) })
    privacyRoutes(server, privacy, guards)
  }
}

function forms({ privacy, runs }: PrivacyPageParts): FormRoute[] {
  const said = (fields: URLSearchParams) => ({ identifiers: identifiersIn(fields), reason: reasonOf(fields) })
  return [
    {
      path: '/vie-privee/patient',
      permission: 'privacy:read',
      async act(visit, fields) {
        const asked = said(fields)
        return foundPage(visit, await privacy.find(asked.identifiers, visit.caller.who, asked.reason), asked)
      },
    },
    {
      path: '/vie-privee/export',
      permission: 'privacy:read',
      async act({ caller }, fields) {
        const { identifiers, reason } = said(fields)
        const run = runs.follow(fields.get('run'), caller.who)
        const how = { who: caller.who, why: reason, progress: run.progress }
        const body = followed(await privacy.export(identifiers, how), run)
        return { file: 'patient.ndjson', type: EXPORT_TYPE, body }
      },
    },
    {
      path: '/vie-privee/simulation',
      permission: 'privacy:erase',
      async act(visit, fields) {
        const asked = said(fields)
        return planPage(visit, await privacy.plan(asked.identifiers, visit.caller.who, asked.reason), asked)
      },
    },
    {
      path: '/vie-privee/effacement',
      permission: 'privacy:erase',
      async act(visit, fields) {
        const { identifiers, reason } = said(fields)
        if (fields.get('read') !== 'yes') throw new GatewayError('BAD_REQUEST')
        return erasedPage(visit, await privacy.erase(identifiers, fields.get('mark') ?? '', visit.caller.who, reason))
      },
    },
  ]
}

/** The identifiers that a form gives, one a line. @throws {GatewayError} BAD_REQUEST when there is none */
function identifiersIn(fields: URLSearchParams): readonly string[] {
  const lines = (fields.get('identifiers') ?? '').split('\n').map((line) => line.trim())
  const given = lines.filter((line) => line !== '')
  if (given.length === 0 || given.some((line) => line.length > 400)) throw new GatewayError('BAD_REQUEST')
  return given
}

function privacyRoutes(server: Server, privacy: PrivacyCommands, guards: Guards): void {
  describeRoutes(server)
  const onRequest = guards.may('privacy:read')
  const erase = guards.may('privacy:erase')
  server.post('/api/privacy/find', { onRequest, schema: { body: Ask } }, async (request) =>
    privacy.find(request.body.patients, guards.callerOf(request).who, request.body.reason),
  )
  server.post('/api/privacy/export', { onRequest, schema: { body: Ask } }, async (request, reply) => {
    const { patients, reason: why } = request.body
    const lines = await privacy.export(patients, { who: guards.callerOf(request).who, why })
    return reply
      .header('content-type', EXPORT_TYPE)
      .header('content-disposition', 'attachment; filename="patient.ndjson"')
      .send(Readable.from(lines, { objectMode: false }))
  })
  server.post('/api/privacy/erase/plan', { onRequest: erase, schema: { body: Ask } }, async (request) =>
    privacy.plan(request.body.patients, guards.callerOf(request).who, request.body.reason),
  )
  server.post('/api/privacy/erase', { onRequest: erase, schema: { body: Erase } }, async (request) => {
    const { patients, mark, reason } = request.body
    return privacy.erase(patients, mark, guards.callerOf(request).who, reason)
  })
  server.get('/api/privacy/retention', { onRequest }, async () => privacy.retention())
}
