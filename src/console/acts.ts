import { Type } from '@fastify/type-provider-typebox'
import type { ConsoleParts, Guards, Server } from './console.ts'
import { Filter, filterOf } from './messages.ts'

/** Why an act is done, as every act asks for it. */
export const Reason = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$',
  description: 'Why; kept with the act and shown on the timeline',
})
const Act = Type.Object({ reason: Reason }, { additionalProperties: false })
const Replay = Type.Object(
  {
    reason: Reason,
    to: Type.Optional(
      Type.String({ minLength: 1, maxLength: 129, description: 'establishment/name; all when absent' }),
    ),
    dryRun: Type.Optional(Type.Boolean({ default: false })),
  },
  { additionalProperties: false },
)
const ReplayMany = Type.Object(
  {
    reason: Reason,
    filter: Filter,
    to: Type.Optional(
      Type.String({ minLength: 1, maxLength: 129, description: 'establishment/name; all when absent' }),
    ),
    dryRun: Type.Optional(Type.Boolean({ default: false })),
    after: Type.Optional(Type.String({ pattern: '^\\d{1,15}\\.\\d{1,15}$', description: '`next` of the step before' })),
  },
  { additionalProperties: false },
)
const Place = Type.Object({
  establishment: Type.String({ minLength: 1, maxLength: 64 }),
  name: Type.String({ minLength: 1, maxLength: 64 }),
})
const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })

/** The acts of an operator: on a delivery, on a message or many, on a destination. Each needs a reason. */
export function actRoutes(server: Server, { commands, destinations }: ConsoleParts, guards: Guards): void {
  const onRequest = guards.may('deliveries:act')
  for (const act of ['resend', 'close', 'skip'] as const) {
    server.post(`/api/deliveries/:id/${act}`, { onRequest, schema: { params: Id, body: Act } }, async (request) =>
      commands[act](request.params.id, guards.callerOf(request).who, request.body.reason),
    )
  }
  for (const act of ['pause', 'resume', 'test'] as const) {
    const path = `/api/destinations/:establishment/:name/${act}`
    const here = { onRequest: guards.may('destinations:act'), schema: { params: Place, body: Act } }
    server.post(path, here, async (request) => {
      const { establishment, name } = request.params
      return destinations[act](`${establishment}/${name}`, guards.callerOf(request).who, request.body.reason)
    })
  }
  server.post('/api/messages/replay', { onRequest, schema: { body: ReplayMany } }, async (request) => {
    const { filter, to = null, dryRun = false, after = null, reason } = request.body
    return commands.replayMany({ filter: filterOf(filter), to, dryRun, after, reason }, guards.callerOf(request).who)
  })
  server.post('/api/messages/:id/replay', { onRequest, schema: { params: Id, body: Replay } }, async (request) => {
    const { to = null, dryRun = false, reason } = request.body
    return commands.replay(request.params.id, { to, dryRun, reason }, guards.callerOf(request).who)
  })
}
