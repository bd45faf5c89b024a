import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { mayAnswer, reachOf } from '../core/caller.ts'
import type { Duty, DutyCommands, DutyEntry, DutyProblem, DutyViews, Hours, RotaHours } from '../core/duty.ts'
import { GatewayError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { TIME, timeOf } from './messages.ts'
import { refusedWith } from './problems.ts'

/** What the API of rotas is made of. */
export interface DutyApiParts {
  readonly duty: DutyViews
  readonly duties: DutyCommands
  readonly clock: Clock
}

const Id = Type.Object({ id: Type.String({ pattern: '^[0-9a-f-]{36}$' }) })
const time = Type.String({ pattern: TIME, description: 'ISO 8601 with offset' })
const name = Type.String({ maxLength: 64, pattern: '^[a-z0-9.-]*$' })
const Span = Type.Object(
  { from: time, until: time, service: Type.Optional(name), centre: Type.Optional(name) },
  { additionalProperties: false },
)
const Moment = Type.Object({ at: Type.Optional(time) }, { additionalProperties: false })
const orNull = <T extends ReturnType<typeof Type.String>>(schema: T) => Type.Union([schema, Type.Null()])
const Entry = Type.Object(
  {
    place: Type.Union([Type.Literal(0), Type.Literal(1), Type.Literal(2)]),
    person: Type.String({ minLength: 1, maxLength: 100 }),
    rpps: orNull(Type.String({ maxLength: 11 })),
    phone: Type.String({ minLength: 1, maxLength: 30 }),
    mobile: orNull(Type.String({ maxLength: 30 })),
    from: time,
    until: time,
  },
  { additionalProperties: false },
)
const Save = Type.Object(
  {
    service: name,
    centre: Type.String({ maxLength: 64, description: 'Establishment; empty: the coordination of the region' }),
    from: time,
    until: time,
    duties: Type.Array(Entry, { maxItems: 2_000 }),
  },
  { additionalProperties: false },
)
const Take = Type.Object(
  {
    sound: Type.Boolean({ description: 'The sound of the console was heard' }),
    sms: Type.Union([Type.Boolean(), Type.Null()], {
      description: 'The short message came; null: there is no such channel',
    }),
    voice: Type.Union([Type.Boolean(), Type.Null()]),
  },
  { additionalProperties: false },
)

/** Rotas over the API: what is needed and who has it, saving, the test at the start of a duty, taking it, what is open at its end. */
export function dutyPlugin(parts: DutyApiParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => dutyRoutes(server, parts, guards)
}

function dutyRoutes(server: Server, { duty, duties, clock }: DutyApiParts, guards: Guards): void {
  describeRoutes(server)
  const read = guards.may('duty:read')
  const change = guards.may('duty:change')
  const seen = (request: FastifyRequest) => reachOf(guards.callerOf(request), 'duty:read')
  const acts = (request: FastifyRequest) => {
    const caller = guards.callerOf(request)
    return [caller.who, reachOf(caller, 'duty:change')] as const
  }
  server.get('/api/duty', { onRequest: read, schema: { querystring: Span } }, async (request) => {
    const { from, until, ...rota } = request.query
    const rotas = await duty.rotas({ ...rota, fromMs: timeOf(from), untilMs: timeOf(until) }, seen(request))
    return { rotas: rotas.map(rotaJson) }
  })
  server.get('/api/duty/on', { onRequest: read, schema: { querystring: Moment } }, async (request) => {
    const { at } = request.query
    const atMs = at === undefined ? clock.nowMs() : timeOf(at)
    return { at: iso(atMs), duties: (await duty.on(atMs, seen(request))).map(dutyJson) }
  })
  server.get('/api/duty/:id', { onRequest: read, schema: { params: Id } }, async (request) => {
    const one = await duty.one(request.params.id, seen(request))
    if (one === null) throw new GatewayError('NOT_FOUND')
    return { duty: dutyJson(one.duty), notices: one.notices.map(noticeJson) }
  })
  // Numbers of cases are shown to who may see cases, and answers: whoever only asks has nothing to hand over.
  const cases = guards.may('cases:read')
  const told = { onRequest: cases, schema: { params: Id }, config: { look: null } }
  server.get('/api/duty/:id/open', told, async (request) => {
    const caller = guards.callerOf(request)
    const open = await duty.open(request.params.id, reachOf(caller, 'cases:read'))
    return { cases: mayAnswer(caller) ? open : [] }
  })
  server.put('/api/duty', { onRequest: change, schema: { body: Save } }, async (request, reply) => {
    const { service, centre, from, until } = request.body
    const save = { service, centre, fromMs: timeOf(from), untilMs: timeOf(until) }
    const saved = await duties.save({ ...save, duties: request.body.duties.map(entryOf) }, ...acts(request))
    return saved.ok ? { saved: true } : refused(request, reply, saved.problems)
  })
  server.post('/api/duty/:id/test', { onRequest: change, schema: { params: Id } }, async (request) => ({
    notices: (await duties.test(request.params.id, ...acts(request))).map(noticeJson),
  }))
  server.post('/api/duty/:id/take', { onRequest: change, schema: { params: Id, body: Take } }, async (request) =>
    dutyJson(await duties.take(request.params.id, request.body, ...acts(request))),
  )
}

function entryOf({ from, until, ...entry }: Static<typeof Entry>): DutyEntry {
  return { ...entry, fromMs: timeOf(from), untilMs: timeOf(until) }
}

const iso = (ms: number): string => new Date(ms).toISOString()
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms))
const hoursJson = ({ place, fromMs, untilMs }: Hours) => ({ place, from: iso(fromMs), until: iso(untilMs) })

function dutyJson({ fromMs, untilMs, takenAtMs, ...duty }: Duty) {
  return { ...duty, from: iso(fromMs), until: iso(untilMs), takenAt: isoOrNull(takenAtMs) }
}

function rotaJson({ duties, empty, ...rota }: RotaHours) {
  return { ...rota, duties: duties.map(dutyJson), empty: empty.map(hoursJson) }
}

function noticeJson({ madeAtMs, ...notice }: { readonly madeAtMs: number }) {
  return { ...notice, madeAt: iso(madeAtMs) }
}

/** The code of the first problem, and every one with its hours. */
function refused(request: FastifyRequest, reply: FastifyReply, problems: readonly DutyProblem[]): FastifyReply {
  const [first] = problems
  const code =
    first?.what === 'overlap' ? 'DUTY_OVERLAP' : first?.what === 'empty' ? 'DUTY_INCOMPLETE' : 'DUTY_MALFORMED'
  const told = problems.slice(0, 100).map((one) => {
    if (one.what === 'empty') return { what: one.what, ...hoursJson(one) }
    return one.what === 'overlap' ? { what: one.what, ...hoursJson(one), people: one.people } : one
  })
  return refusedWith(request, reply, code, told)
}
