import { Type } from '@fastify/type-provider-typebox'
import type { WhiteListCommands, WhiteListViews } from '../core/white-list.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { TIME, timeOf } from './messages.ts'

/** What the white list is shown and acted on with. */
export interface WhiteListParts {
  readonly views: WhiteListViews
  readonly commands: WhiteListCommands
}

const reason = Type.String({ minLength: 1, maxLength: 500, description: 'Why: written beside the act' })
const Domain = Type.Object({ domain: Type.String({ minLength: 1, maxLength: 255 }) })
const Changes = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) },
  { additionalProperties: false },
)
const Confirm = Type.Object(
  { sha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Of the list that waits' }), reason },
  { additionalProperties: false },
)
const Extend = Type.Object(
  { until: Type.String({ pattern: TIME, description: 'ISO 8601 with offset, at most 7 days ahead' }), reason },
  { additionalProperties: false },
)

/** The white list over the API: what is in use, what changed, what it says of a domain, and the acts on it. */
export function whiteListPlugin(parts: WhiteListParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { views, commands } = parts
  return (server, { guards }) => {
    describeRoutes(server)
    const read = { onRequest: guards.may('mail:read') }
    const act = { onRequest: guards.may('mail:act') }
    server.get('/api/mail/whitelist', read, async () => views.status())
    server.get('/api/mail/whitelist/changes', { ...read, schema: { querystring: Changes } }, async (request) => ({
      changes: await views.changes(request.query.limit ?? 20),
    }))
    server.get('/api/mail/whitelist/domains/:domain', { ...read, schema: { params: Domain } }, async (request) =>
      views.domain(request.params.domain),
    )
    server.post('/api/mail/whitelist/fetch', act, async (request) => {
      await commands.fetch(guards.callerOf(request).who)
      return views.status()
    })
    server.post('/api/mail/whitelist/confirm', { ...act, schema: { body: Confirm } }, async (request) => {
      const { sha256, reason: why } = request.body
      await commands.confirm(sha256, guards.callerOf(request).who, why)
      return views.status()
    })
    server.post('/api/mail/whitelist/extend', { ...act, schema: { body: Extend } }, async (request) => {
      const { until, reason: why } = request.body
      await commands.extend(timeOf(until), guards.callerOf(request).who, why)
      return views.status()
    })
  }
}
