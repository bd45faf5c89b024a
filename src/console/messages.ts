import { Readable } from 'node:stream'
import { type Static, Type } from '@fastify/type-provider-typebox'
import { GatewayError } from '../core/errors.ts'
import type { Body } from '../core/message.ts'
import type { MessageFilter, Scope } from '../core/views.ts'
import type { Caller } from './caller.ts'
import type { ConsoleParts, Server } from './console.ts'
import type { Guards } from './guard.ts'

const SHARED = {
  controlId: Type.Optional(Type.String({ minLength: 1, maxLength: 199, description: 'MSH-10, exactly' })),
  from: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Establishment that sent it' })),
  kind: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9^_:-]{1,64}\\*?$', description: '`ADT^A01`, or `ADT^*` for all of a type' }),
  ),
  state: Type.Optional(Type.Union([Type.Literal('parked'), Type.Literal('inFlight'), Type.Literal('closed')])),
  since: Type.Optional(
    Type.String({
      // A query string turns an unescaped + into a space.
      pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,3})?)?(Z|[+ -]\\d\\d:\\d\\d)$',
      description: 'Received at or after: ISO 8601 with offset',
    }),
  ),
  after: Type.Optional(Type.String({ pattern: '^[0-9]{1,16}$', description: '`next` of the page before' })),
}
const Query = Type.Object(
  { ...SHARED, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })) },
  { additionalProperties: false },
)
const Search = Type.Object(
  {
    ...Query.properties,
    patient: Type.Optional(
      Type.String({ pattern: '^[^|]{0,199}\\|[^|]{1,199}$', description: '`authority|identifier` of a patient' }),
    ),
  },
  { additionalProperties: false },
)
const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })

function filterOf({ since, ...rest }: Static<typeof Search>): MessageFilter {
  if (since === undefined) return rest
  const sinceMs = Date.parse(since.replace(' ', '+'))
  if (Number.isNaN(sinceMs)) throw new GatewayError('BAD_REQUEST')
  return { ...rest, sinceMs }
}

function scopeOf(caller: Caller): Scope {
  return caller.role === 'admin' ? null : caller.establishment
}

/** Holds the last chunk back until the whole was checked, so that damaged content never arrives complete. */
async function* checked(body: Body): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | null = null
  for await (const chunk of body.open()) {
    if (held !== null) yield held
    held = chunk
  }
  if (held !== null) yield held
}

/** Lists, search, one message, its content, and the status. No patient identifier ever stands in a URL. */
export function messageRoutes(server: Server, { views, commands }: ConsoleParts, guards: Guards): void {
  const onRequest = guards.known
  server.get('/api/status', { onRequest: guards.admin }, async () => views.status())

  server.get('/api/messages', { onRequest, schema: { querystring: Query } }, async (request) =>
    views.messages(filterOf(request.query), scopeOf(guards.callerOf(request))),
  )
  server.post('/api/messages/search', { onRequest, schema: { body: Search } }, async (request) =>
    views.messages(filterOf(request.body), scopeOf(guards.callerOf(request))),
  )
  server.get('/api/messages/:id', { onRequest, schema: { params: Id } }, async (request) => {
    const message = await views.message(request.params.id, scopeOf(guards.callerOf(request)))
    if (message === null) throw new GatewayError('NOT_FOUND')
    return message
  })
  server.get('/api/messages/:id/body', { onRequest, schema: { params: Id } }, async (request, reply) => {
    const caller = guards.callerOf(request)
    if (caller.role !== 'establishment') throw new GatewayError('FORBIDDEN')
    const { id } = request.params
    const body = await views.body(id, caller.establishment)
    if (body === null) throw new GatewayError('NOT_FOUND')
    await commands.readBody(id, caller.who, 'API')
    return reply
      .header('content-type', 'application/hl7-v2')
      .header('content-disposition', 'attachment')
      .header('content-length', String(body.bytes))
      .send(Readable.from(checked(body), { objectMode: false }))
  })
}
