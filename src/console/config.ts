import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ConfigAsk, ConfigRefused } from '../core/operations.ts'
import { Reason } from './acts.ts'
import type { ConsoleParts, Guards, Server } from './console.ts'
import { refusedWith } from './problems.ts'

const Ask = {
  shared: Type.Optional(
    Type.String({
      minLength: 2,
      maxLength: 900_000,
      description: 'Canonical JSON of the shared part; absent: the region file',
    }),
  ),
  own: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 16_384 }))),
}
const How = { park: Type.Optional(Type.Boolean({ default: false })), reason: Reason }
const PlanBody = Type.Object(Ask, { additionalProperties: false })
const ApplyBody = Type.Object({ ...Ask, ...How }, { additionalProperties: false })
const RollbackBody = Type.Object(How, { additionalProperties: false })

function askOf({ shared, own }: Static<typeof PlanBody>): ConfigAsk {
  return { shared: shared ?? null, own: own ?? null }
}

/** A change that is refused tells what is in its way. */
function refused(fault: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(fault instanceof ConfigRefused)) throw fault
  return refusedWith(request, reply, fault.code, fault.plan.problems, { orphans: fault.plan.orphans })
}

/** What a change of the configuration would do, doing it, and going back. Without a body: what the region file says now. */
export function configRoutes(server: Server, { changes }: ConsoleParts, guards: Guards): void {
  const onRequest = guards.may('config:change')
  server.post(
    '/api/config/plan',
    { onRequest: guards.may('config:read'), schema: { body: PlanBody } },
    async ({ body }) => changes.plan(askOf(body)),
  )
  server.post('/api/config/apply', { onRequest, schema: { body: ApplyBody } }, async (request, reply) => {
    const { park = false, reason } = request.body
    const done = changes.apply(askOf(request.body), { park, reason }, guards.callerOf(request).who)
    return done.catch((fault: unknown) => refused(fault, request, reply))
  })
  server.post('/api/config/rollback', { onRequest, schema: { body: RollbackBody } }, async (request, reply) => {
    const { park = false, reason } = request.body
    const done = changes.rollback({ park, reason }, guards.callerOf(request).who)
    return done.catch((fault: unknown) => refused(fault, request, reply))
  })
}
