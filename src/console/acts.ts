import { Type } from '@fastify/type-provider-typebox'
import { type Caller, may } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
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

/**
 * Where a replay goes that is asked for over the API. Elsewhere than before, somebody who signed in needs a second person: a
 * request (`POST /api/replays`). A key of an operator does without: a script has nobody to ask, and who may do what was
 * decided when its key was put into region.yaml.
 * @throws {GatewayError} FORBIDDEN, SECOND_PERSON */
function mayGoElsewhere(caller: Caller): void {
  if (!may(caller, 'replay:elsewhere')) throw new GatewayError('FORBIDDEN')
  if (caller.role !== 'establishment' && caller.session !== undefined) throw new GatewayError('SECOND_PERSON')
}

/** The acts of an operator: on a delivery, on a message or many, on a destination. Each needs a reason. */
export function actRoutes(server: Server, { commands, destinations, elsewhere }: ConsoleParts, guards: Guards): void {
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
    // By filter nobody knows before where each of them has been.
    if (to !== null && !dryRun) mayGoElsewhere(guards.callerOf(request))
    return commands.replayMany({ filter: filterOf(filter), to, dryRun, after, reason }, guards.callerOf(request).who)
  })
  server.post('/api/messages/:id/replay', { onRequest, schema: { params: Id, body: Replay } }, async (request) => {
    const { to = null, dryRun = false, reason } = request.body
    if (to !== null && !dryRun && (await elsewhere(request.params.id, to))) mayGoElsewhere(guards.callerOf(request))
    return commands.replay(request.params.id, { to, dryRun, reason }, guards.callerOf(request).who)
  })
}
