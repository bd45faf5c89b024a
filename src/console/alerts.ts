import { Type } from '@fastify/type-provider-typebox'
import { ALERT_KINDS, ALERT_STATES, type AlertCommands, type AlertViews, SEVERITIES } from '../core/alerts.ts'
import { reachOf } from '../core/caller.ts'
import type { Config } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { TIME, timeOf } from './messages.ts'
import { alertForms, alertPages } from './page/alerts/pages.ts'
import { serveAssets } from './page/shell/assets.ts'
import { servePages } from './page/shell/pages.ts'

/** What the alerts are shown and acted on with. */
export interface AlertParts {
  readonly views: AlertViews
  readonly commands: AlertCommands
  readonly config: () => Config
  readonly clock: Clock
  readonly version: string
}

const oneOf = <T extends string>(words: readonly T[]) => Type.Union(words.map((word) => Type.Literal(word)))
const Id = Type.Object({ id: Type.String({ pattern: '^[0-9a-f-]{36}$' }) })
const reason = Type.String({ minLength: 1, maxLength: 500, description: 'Why: written beside the act' })
const List = Type.Object(
  {
    state: Type.Optional(oneOf(ALERT_STATES)),
    kind: Type.Optional(oneOf(ALERT_KINDS)),
    severity: Type.Optional(oneOf(SEVERITIES)),
    establishment: Type.Optional(Type.String({ maxLength: 64 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    after: Type.Optional(Type.String({ maxLength: 80, description: '`next` of the page before' })),
  },
  { additionalProperties: false },
)
const Acknowledge = Type.Object({ reason }, { additionalProperties: false })
const Snooze = Type.Object(
  { until: Type.String({ pattern: TIME, description: 'ISO 8601 with offset, at most 31 days ahead' }), reason },
  { additionalProperties: false },
)

/** Alerts: the API and the pages. Who sees an establishment alone sees its alerts alone. */
export function alertsPlugin(parts: AlertParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { views, commands, config, version } = parts
  return (server, { guards }) => {
    describeRoutes(server)
    const read = guards.may('alerts:read')
    const act = guards.may('alerts:act')
    server.get('/api/alerts', { onRequest: read, schema: { querystring: List } }, async (request) =>
      views.list(request.query, reachOf(guards.callerOf(request), 'alerts:read')),
    )
    server.get('/api/alerts/:id', { onRequest: read, schema: { params: Id } }, async (request) => {
      const alert = await views.one(request.params.id, reachOf(guards.callerOf(request), 'alerts:read'))
      if (alert === null) throw new GatewayError('NOT_FOUND')
      return alert
    })
    server.post(
      '/api/alerts/:id/acknowledge',
      { onRequest: act, schema: { params: Id, body: Acknowledge } },
      async (request) => {
        const { params, body } = request
        await commands.acknowledge(params.id, guards.callerOf(request).who, body.reason)
        return views.one(params.id, null)
      },
    )
    server.post('/api/alerts/:id/snooze', { onRequest: act, schema: { params: Id, body: Snooze } }, async (request) => {
      const { params, body } = request
      await commands.snooze(params.id, timeOf(body.until), guards.callerOf(request).who, body.reason)
      return views.one(params.id, null)
    })
    serveAssets(server, guards, import.meta.url, ['./page/overview/marks.css'])
    servePages(server, guards, { config, version, demo: false }, { pages: alertPages(parts), forms: alertForms(parts) })
  }
}
