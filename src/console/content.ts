import { Readable } from 'node:stream'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { type Caller, reachOf } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import type { Body, MessageId } from '../core/message.ts'
import { Reason } from './acts.ts'
import type { ConsoleParts, Guards, Server } from './console.ts'
import { Id } from './messages.ts'

const Reveal = Type.Object({ reason: Reason }, { additionalProperties: false })

/** Holds the last chunk back until the whole was checked, so that damaged content never arrives complete. */
async function* checked(body: Body): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | null = null
  for await (const chunk of body.open()) {
    if (held !== null) yield held
    held = chunk
  }
  if (held !== null) yield held
}

/**
 * The content of a message: for an establishment's own key by GET, for whoever else may see it only on purpose, with a
 * reason. It leaves once it is committed who reads it, and why. */
export function contentRoutes(server: Server, { views, commands }: ConsoleParts, guards: Guards): void {
  const reveal = async (id: MessageId, caller: Caller, why: string, reply: FastifyReply): Promise<FastifyReply> => {
    const body = await views.body(id, reachOf(caller, 'content:read'))
    if (body === null) throw new GatewayError('NOT_FOUND')
    await commands.readBody(id, caller.who, why)
    return reply
      .header('content-type', 'application/hl7-v2')
      .header('content-disposition', 'attachment')
      .header('content-length', String(body.bytes))
      .send(Readable.from(checked(body), { objectMode: false }))
  }
  const own = { onRequest: guards.establishment, schema: { params: Id } }
  server.get('/api/messages/:id/body', own, async (request, reply) =>
    reveal(request.params.id, guards.callerOf(request), 'API', reply),
  )
  const asked = { onRequest: guards.may('content:read'), schema: { params: Id, body: Reveal } }
  server.post('/api/messages/:id/body', asked, async (request, reply) =>
    reveal(request.params.id, guards.callerOf(request), request.body.reason, reply),
  )
}
