import { Type } from '@fastify/type-provider-typebox'
import type { AuditViews } from '../core/audit.ts'
import { GatewayError } from '../core/errors.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { TIME, timeOf } from './messages.ts'

const n = (description: string) => Type.Integer({ minimum: 0, maximum: 2 ** 48, description })
const N = n('Number of an event, from 1')
const Page = Type.Object(
  {
    since: Type.Optional(Type.String({ pattern: TIME, description: 'From then on: ISO 8601 with offset' })),
    until: Type.Optional(Type.String({ pattern: TIME, description: 'Up to then: ISO 8601 with offset' })),
    after: Type.Optional(n('`next` of the page before')),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 50 })),
  },
  { additionalProperties: false },
)
const Head = Type.Object(
  { size: Type.Optional(n('Of the first so many events; all when absent')) },
  { additionalProperties: false },
)
const Trees = Type.Object(
  { first: n('Size of the older tree'), second: n('Size of the newer one') },
  { additionalProperties: false },
)

/** The audit: its events, its tree as it is now, and proofs. For who runs the region; none of it holds content. */
export function auditPlugin(audit: AuditViews): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    const onRequest = guards.may('audit:read')
    server.get('/api/audit', { onRequest, schema: { querystring: Page } }, async ({ query }) => {
      const { since, until, after, limit = 50 } = query
      return audit.page({
        limit,
        ...(since === undefined ? {} : { sinceMs: timeOf(since) }),
        ...(until === undefined ? {} : { untilMs: timeOf(until) }),
        ...(after === undefined ? {} : { after }),
      })
    })
    server.get('/api/audit/head', { onRequest, schema: { querystring: Head } }, async ({ query }) =>
      audit.state(query.size),
    )
    server.get('/api/audit/consistency', { onRequest, schema: { querystring: Trees } }, async ({ query }) =>
      audit.consistency(query.first, query.second),
    )
    server.get('/api/audit/:n/proof', { onRequest, schema: { params: Type.Object({ n: N }) } }, async ({ params }) => {
      const proof = await audit.proof(params.n)
      if (proof === null) throw new GatewayError('NOT_FOUND')
      return proof
    })
  }
}
