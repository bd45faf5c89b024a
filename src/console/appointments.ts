import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import {
  type Appointed,
  type Appointment,
  type AppointmentCommands,
  type AppointmentViews,
  CANCEL_REASONS,
  SESSION_ROLES,
  SLOT_STATES,
  type Slot,
} from '../core/appointments.ts'
import { type ErrorCode, GatewayError } from '../core/errors.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { Id, TIME, timeOf } from './messages.ts'
import { callerAsViewer } from './viewer.ts'

/** What the API of appointments is made of. */
export interface AppointmentApiParts {
  readonly appointments: AppointmentCommands
  readonly views: AppointmentViews
}

const Time = Type.String({ pattern: TIME, description: 'ISO 8601 with offset' })
const Name = Type.String({ minLength: 1, maxLength: 64 })
const oneOf = <const T extends readonly string[]>(words: T) =>
  Type.Union(words.map((word) => Type.Literal(word as T[number])))
const strict = { additionalProperties: false }

const SlotsAsked = Type.Object(
  {
    service: Name,
    centre: Type.Optional(Name),
    from: Time,
    to: Time,
    state: Type.Optional(oneOf(SLOT_STATES)),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 200 })),
  },
  strict,
)
const Offered = Type.Object(
  {
    slots: Type.Array(Type.Object({ service: Name, centre: Name, start: Time, end: Time }, strict), {
      minItems: 1,
      maxItems: 500,
    }),
  },
  strict,
)
const Asked = Type.Object(
  {
    case: Type.Optional(Name),
    service: Type.Optional(Name),
    centre: Type.Optional(Name),
    site: Type.Optional(Name),
    from: Time,
    to: Time,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 200 })),
  },
  strict,
)
const Between = Type.Object({ from: Time, to: Time }, strict)
const Made = Type.Union([
  Type.Object({ case: Name, slot: Name }, strict),
  Type.Object({ case: Name, centre: Name, start: Time, end: Time }, strict),
])
const Role = Type.Object({ role: oneOf(SESSION_ROLES) }, strict)
const Moved = Type.Object({ slot: Name }, strict)
const Cancelled = Type.Object({ reason: oneOf(CANCEL_REASONS) }, strict)
const Token = Type.Object({ token: Type.String({ minLength: 1, maxLength: 4_096 }) }, strict)

const iso = (atMs: number): string => new Date(atMs).toISOString()
const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : iso(atMs))

/** A slot as the API shows it. */
export function slotJson({ startMs, endMs, ...slot }: Slot) {
  return { ...slot, start: iso(startMs), end: iso(endMs) }
}

/** An appointment as the API shows it: no clinical text, and nobody's name. */
export function appointmentJson({ startMs, endMs, changedAtMs, waiting, ...one }: Appointment) {
  const { requester, patient, expert } = waiting
  return {
    ...one,
    start: iso(startMs),
    end: iso(endMs),
    changedAt: iso(changedAtMs),
    waiting: { requester: isoOrNull(requester), patient: isoOrNull(patient), expert: isoOrNull(expert) },
  }
}

/** What was done, or its refusal. @throws {GatewayError} */
export function granted<T extends { readonly ok: boolean }>(
  said: T | { readonly ok: false; readonly error: ErrorCode },
): Extract<T, { ok: true }> {
  if (!said.ok) throw new GatewayError((said as { error: ErrorCode }).error)
  return said as Extract<T, { ok: true }>
}

/** Slots, appointments, links of sessions and their counts, as JSON. */
export function appointmentPlugin(
  parts: AppointmentApiParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    slotRoutes(server, parts, guards)
    appointmentRoutes(server, parts, guards)
    stepRoutes(server, parts, guards)
    sessionRoutes(server, parts, guards)
  }
}

function slotRoutes(server: Server, { appointments, views }: AppointmentApiParts, guards: Guards): void {
  const reads = guards.may('appointments:read')
  const acts = guards.may('appointments:act')
  server.get(
    '/api/slots',
    { onRequest: reads, schema: { querystring: SlotsAsked }, config: { look: null } },
    async (request) => {
      const { from, to, limit = 200, ...asked } = request.query
      const query = { ...asked, fromMs: timeOf(from), untilMs: timeOf(to), limit }
      return { slots: (await views.slots(query, guards.callerOf(request))).map(slotJson) }
    },
  )
  server.post('/api/slots', { onRequest: acts, schema: { body: Offered } }, async (request, reply) => {
    const slots = request.body.slots.map(({ start, end, ...one }) => ({
      ...one,
      startMs: timeOf(start),
      endMs: timeOf(end),
    }))
    const { slots: n } = granted(await appointments.publish(slots, callerAsViewer(guards.callerOf(request))))
    return reply.code(201).send({ slots: n })
  })
  server.post('/api/slots/:id/withdraw', { onRequest: acts, schema: { params: Id } }, async (request, reply) => {
    granted(await appointments.withdraw(request.params.id, callerAsViewer(guards.callerOf(request))))
    return reply.code(204).send()
  })
}

function appointmentRoutes(server: Server, { appointments, views }: AppointmentApiParts, guards: Guards): void {
  const reads = guards.may('appointments:read')
  server.get('/api/appointments', { onRequest: reads, schema: { querystring: Asked } }, async (request) => {
    const { from, to, limit = 200, ...asked } = request.query
    const query = { ...asked, fromMs: timeOf(from), untilMs: timeOf(to), limit }
    return { appointments: (await views.list(query, guards.callerOf(request))).map(appointmentJson) }
  })
  const counted = { onRequest: guards.may('measures:read'), schema: { querystring: Between } }
  server.get('/api/appointments/counts', counted, async (request) => {
    const { from, to } = request.query
    return { counts: await views.counts(timeOf(from), timeOf(to), guards.callerOf(request)) }
  })
  server.get('/api/appointments/:id', { onRequest: reads, schema: { params: Id } }, async (request) => {
    const found = await views.one(request.params.id, guards.callerOf(request))
    if (found === null) throw new GatewayError('NOT_FOUND')
    return appointmentJson(found)
  })
  const made = { onRequest: guards.may('appointments:act'), schema: { body: Made } }
  server.post('/api/appointments', made, async (request, reply) => {
    const viewer = callerAsViewer(guards.callerOf(request))
    const said = await makeOf(request.body, appointments, viewer)
    return reply.code(201).send(appointmentJson(granted(said).appointment))
  })
}

function makeOf(
  asked: Static<typeof Made>,
  appointments: AppointmentCommands,
  viewer: ReturnType<typeof callerAsViewer>,
): Promise<Appointed> {
  if ('slot' in asked) return appointments.book(asked, viewer)
  const { start, end, ...one } = asked
  return appointments.propose({ ...one, startMs: timeOf(start), endMs: timeOf(end) }, viewer)
}

function stepRoutes(server: Server, { appointments }: AppointmentApiParts, guards: Guards): void {
  const onRequest = guards.may('appointments:act')
  const at = (step: string): string => `/api/appointments/:id/${step}`
  const done = (said: Appointed, reply: FastifyReply) => reply.send(appointmentJson(granted(said).appointment))
  server.post(at('move'), { onRequest, schema: { params: Id, body: Moved } }, async (request, reply) => {
    const { params, body } = request
    return done(await appointments.move(params.id, body.slot, callerAsViewer(guards.callerOf(request))), reply)
  })
  server.post(at('arrive'), { onRequest, schema: { params: Id, body: Role } }, async (request, reply) => {
    const { params, body } = request
    return done(await appointments.arrive(params.id, body.role, callerAsViewer(guards.callerOf(request))), reply)
  })
  server.post(at('cancel'), { onRequest, schema: { params: Id, body: Cancelled } }, async (request, reply) => {
    const { params, body } = request
    return done(await appointments.cancel(params.id, body.reason, callerAsViewer(guards.callerOf(request))), reply)
  })
  server.post(at('fulfil'), { onRequest, schema: { params: Id } }, async (request, reply) =>
    done(await appointments.fulfil(request.params.id, callerAsViewer(guards.callerOf(request))), reply),
  )
  server.post(at('no-show'), { onRequest, schema: { params: Id } }, async (request, reply) =>
    done(await appointments.noShow(request.params.id, callerAsViewer(guards.callerOf(request))), reply),
  )
}

function sessionRoutes(server: Server, { appointments, views }: AppointmentApiParts, guards: Guards): void {
  const acts = { onRequest: guards.may('appointments:act'), schema: { params: Id, body: Role } }
  server.post('/api/appointments/:id/join', acts, async (request) => {
    const { params, body } = request
    const said = await appointments.join(params.id, body.role, callerAsViewer(guards.callerOf(request)))
    const { url, expiresAtMs } = granted(said)
    return { url, expiresAt: iso(expiresAtMs) }
  })
  // A token proves itself; who shows none that is good is told no more than that.
  const open = { onRequest: guards.visitor, schema: { body: Token } }
  server.post('/api/sessions/verify', open, async (request) => {
    const { token } = granted(await appointments.check(request.body.token))
    const { expiresAtMs, ...rest } = token
    return { ...rest, expiresAt: iso(expiresAtMs) }
  })
  server.get('/api/sessions/keys', { onRequest: guards.open }, async () => views.keys())
}
