import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { reachOf } from '../core/caller.ts'
import type { MailMonth, MailMonthFilter, MailMonthViews } from '../core/mail-indicators.ts'
import { MAILBOX_KINDS } from '../core/mailboxes.ts'
import { monthAfter } from '../formats/clock/months.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'

const Month = (description: string) => Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$', description })
const word = Type.String({ minLength: 1, maxLength: 253 })
const Query = Type.Object(
  {
    from: Type.Optional(Month('First month; absent: eleven before the last')),
    to: Type.Optional(Month('Last month; absent: this one. At most 36 in all')),
    domain: Type.Optional(word),
    establishment: Type.Optional(word),
    type: Type.Optional(Type.Union(MAILBOX_KINDS.map((one) => Type.Literal(one)))),
  },
  { additionalProperties: false },
)

/** The monthly figures of secure mail over the API, as JSON and as a file. */
export function mailIndicatorsPlugin(
  views: MailMonthViews,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    const route = { onRequest: guards.may('mail:read'), schema: { querystring: Query } }
    const reach = (request: FastifyRequest) => reachOf(guards.callerOf(request), 'mail:read')
    server.get('/api/mail/indicators', route, async (request) => {
      const months = await views.list(filterOf(request.query, views.now()), reach(request))
      return { months: months.map(monthJson) }
    })
    server.get('/api/mail/indicators.csv', route, async (request, reply) => {
      const filter = filterOf(request.query, views.now())
      return reply
        .header('content-type', 'text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="mail-${filter.from}-${filter.to}.csv"`)
        .send(await views.csv(filter, reach(request)))
    })
  }
}

function filterOf({ from, to, type, ...same }: Static<typeof Query>, now: string): MailMonthFilter {
  const last = to ?? now
  return { from: from ?? monthAfter(last, -11), to: last, ...same, ...(type === undefined ? {} : { kind: type }) }
}

function monthJson({ kind, lastUseMs, ...month }: MailMonth) {
  return { ...month, type: kind, lastUse: lastUseMs === null ? null : new Date(lastUseMs).toISOString() }
}
