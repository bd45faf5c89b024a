import { type Static, Type } from '@fastify/type-provider-typebox'
import { reachOf } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import { ENTRANCES, type MessageFilter } from '../core/views.ts'
import type { ConsoleParts, Guards, Server } from './console.ts'

/** Pattern of a time in a query, where an unescaped + has become a space. */
export const TIME = '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,3})?)?(Z|[+ -]\\d\\d:\\d\\d)$'
const CODE = '^[A-Z0-9_]{1,64}$'

const SHARED = {
  controlId: Type.Optional(Type.String({ minLength: 1, maxLength: 199, description: 'MSH-10, exactly' })),
  from: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Establishment that sent it' })),
  kind: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9^_:-]{1,64}\\*?$', description: '`ADT^A01`, or `ADT^*` for all of a type' }),
  ),
  state: Type.Optional(Type.Union([Type.Literal('parked'), Type.Literal('inFlight'), Type.Literal('closed')])),
  to: Type.Optional(
    Type.String({ minLength: 1, maxLength: 129, description: 'Destination, or establishment, with a delivery to it' }),
  ),
  finding: Type.Optional(Type.String({ pattern: CODE, description: 'Code of a finding' })),
  code: Type.Optional(Type.String({ pattern: CODE, description: 'Last error of a delivery' })),
  minBytes: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 40, description: 'At least this large' })),
  maxBytes: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 40, description: 'At most this large' })),
  entrance: Type.Optional(Type.Union(ENTRANCES.map((name) => Type.Literal(name)))),
  test: Type.Optional(Type.Boolean({ description: 'Marked as a test, or not' })),
  since: Type.Optional(Type.String({ pattern: TIME, description: 'Received at or after: ISO 8601 with offset' })),
  until: Type.Optional(Type.String({ pattern: TIME, description: 'Received at or before: ISO 8601 with offset' })),
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
/** Which messages, in the body of a request; without what pages a list. */
export const Filter = Type.Omit(Search, ['after', 'limit'], { additionalProperties: false })
/** The id of a message or delivery in an address. */
export const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })

/** A time of a query, ms since 1970. @throws {GatewayError} BAD_REQUEST */
export function timeOf(text: string): number {
  const atMs = Date.parse(text.replace(' ', '+'))
  if (Number.isNaN(atMs)) throw new GatewayError('BAD_REQUEST')
  return atMs
}

/** The filter of a request, its times read. @throws {GatewayError} BAD_REQUEST */
export function filterOf({ since, until, ...rest }: Static<typeof Search>): MessageFilter {
  return {
    ...rest,
    ...(since === undefined ? {} : { sinceMs: timeOf(since) }),
    ...(until === undefined ? {} : { untilMs: timeOf(until) }),
  }
}

/** Lists, search, one message, and the status. No patient identifier ever stands in a URL. */
export function messageRoutes(server: Server, { views }: ConsoleParts, guards: Guards): void {
  const onRequest = guards.may('messages:read')
  server.get('/api/status', { onRequest: guards.may('overview:read') }, async (request) =>
    views.status(reachOf(guards.callerOf(request), 'overview:read')),
  )

  server.get('/api/messages', { onRequest, schema: { querystring: Query } }, async (request) =>
    views.messages(filterOf(request.query), reachOf(guards.callerOf(request), 'messages:read')),
  )
  server.post('/api/messages/search', { onRequest, schema: { body: Search } }, async (request) => {
    const { patient } = request.body
    if (patient !== undefined) guards.about(request, { patients: [patient] })
    return views.messages(filterOf(request.body), reachOf(guards.callerOf(request), 'messages:read'))
  })
  server.get('/api/messages/:id', { onRequest, schema: { params: Id } }, async (request) => {
    const message = await views.message(request.params.id, reachOf(guards.callerOf(request), 'messages:read'))
    if (message === null) throw new GatewayError('NOT_FOUND')
    return message
  })
}
