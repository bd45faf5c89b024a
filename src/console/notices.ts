import { Type } from '@fastify/type-provider-typebox'
import type { CaseViews } from '../core/cases.ts'
import { GatewayError } from '../core/errors.ts'
import type { CareNotices, NoticeReports } from '../core/notices.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { patientOf } from './viewer.ts'

const Channel = Type.Object({ channel: Type.Union([Type.Literal('sms'), Type.Literal('voice')]) })
const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
/** A report is small. */
const MOST_BYTES = 16_384

/** What people were told of cases, and what providers report of it. */
export interface NoticeParts {
  readonly reports: NoticeReports
  readonly notices: CareNotices
  readonly cases: Pick<CaseViews, 'one'>
}

/**
 * `GET /api/cases/{id}/notices`, for whoever sees the whole case; `POST /telemedicine/reports/sms` and `…/voice`,
 * where a provider tells what became of a short message or call, as JSON or a form, with the key of its channel. */
export function noticesPlugin(parts: NoticeParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { reports, notices, cases } = parts
  return (server, { guards }) => {
    server.register(async (plain) => {
      const scope = plain as unknown as Server
      describeRoutes(scope)
      scope.get(
        '/api/cases/:id/notices',
        { onRequest: guards.may('cases:read'), schema: { params: Id } },
        async (request) => {
          const { id } = request.params
          const line = await cases.one(id, guards.callerOf(request))
          if (line === null || line.extent !== 'whole') throw new GatewayError('CASE_NOT_FOUND')
          guards.about(request, { case: line.case.number, ...patientOf(line.case) })
          const told = (await notices.of(id)).map(({ madeAtMs, doneAtMs, ...one }) => ({
            ...one,
            madeAt: new Date(madeAtMs).toISOString(),
            doneAt: doneAtMs === null ? null : new Date(doneAtMs).toISOString(),
          }))
          return { notices: told }
        },
      )
      scope.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'string', bodyLimit: MOST_BYTES },
        (_request, text, done) => done(null, Object.fromEntries(new URLSearchParams(String(text)))),
      )
      scope.post(
        '/telemedicine/reports/:channel',
        { onRequest: guards.open, bodyLimit: MOST_BYTES, schema: { params: Channel, hide: true } },
        async (request, reply) => {
          const [, key = null] = /^Bearer (\S{1,512})$/.exec(request.headers.authorization ?? '') ?? []
          const body: unknown = request.body
          if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new GatewayError('BAD_REQUEST')
          const taken = await reports.take(request.params.channel, key, body as Readonly<Record<string, unknown>>)
          if (taken === 'unauthorized') throw new GatewayError('UNAUTHORIZED')
          if (taken === 'unknown') throw new GatewayError('NOT_FOUND')
          return reply.code(204).send()
        },
      )
    })
  }
}
