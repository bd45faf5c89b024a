import { Type } from '@fastify/type-provider-typebox'
import { GatewayError } from '../core/errors.ts'
import type { NoticeReports } from '../core/notices.ts'
import type { Guards, Server } from './console.ts'

const Channel = Type.Object({ channel: Type.Union([Type.Literal('sms'), Type.Literal('voice')]) })
/** A report is small. */
const MOST_BYTES = 16_384

/**
 * `POST /notices/sms/report` and `/notices/voice/report`: where a provider tells what became of a short message or call, as
 * JSON or a form, with the key of its channel. Nothing of a case is in it or in its answer. */
export function noticeReportsPlugin(
  reports: NoticeReports,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    server.register(async (plain) => {
      const scope = plain as unknown as Server
      scope.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'string', bodyLimit: MOST_BYTES },
        (_request, text, done) => done(null, Object.fromEntries(new URLSearchParams(String(text)))),
      )
      scope.post(
        '/notices/:channel/report',
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
