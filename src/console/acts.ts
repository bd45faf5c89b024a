import { Type } from '@fastify/type-provider-typebox'
import type { ConsoleParts, Server } from './console.ts'
import type { Guards } from './guard.ts'

// Shown later in terminals and pages: something readable, and no control characters.
const Reason = Type.String({
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
const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })

/** The acts of an operator: resend, close and skip a delivery, replay a message. Each needs a reason. */
export function actRoutes(server: Server, { commands }: ConsoleParts, guards: Guards): void {
  const onRequest = guards.admin
  for (const act of ['resend', 'close', 'skip'] as const) {
    server.post(`/api/deliveries/:id/${act}`, { onRequest, schema: { params: Id, body: Act } }, async (request) =>
      commands[act](request.params.id, guards.callerOf(request).who, request.body.reason),
    )
  }
  server.post('/api/messages/:id/replay', { onRequest, schema: { params: Id, body: Replay } }, async (request) => {
    const { to = null, dryRun = false, reason } = request.body
    return commands.replay(request.params.id, { to, dryRun, reason }, guards.callerOf(request).who)
  })
}
