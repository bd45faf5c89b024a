import { Readable } from 'node:stream'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { reachOf } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import { announcedTo } from '../core/neighbours.ts'
import type { Clock } from '../core/ports.ts'
import type { ReplayRequest, ReplaySubject, TreatCommands } from '../core/treat.ts'
import { Reason } from './acts.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { Filter, filterOf, TIME, timeOf } from './messages.ts'
import type { DeskParts } from './page/desk.ts'
import { Exports } from './page/messages/export.ts'
import { messageForms, messagePages, searchRoute } from './page/messages/pages.ts'
import { serveAssets } from './page/shell/assets.ts'
import { announceAt, servePages } from './page/shell/pages.ts'
import { treatForms, treatPages } from './page/treat/pages.ts'

/** Between two looks at work under way (ms). */
const LOOK_MS = 250

const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
const Act = Type.Object({ reason: Reason }, { additionalProperties: false })
const To = Type.String({ minLength: 1, maxLength: 129, description: 'establishment/name' })
const Ask = Type.Object(
  {
    reason: Reason,
    to: To,
    message: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'One message; or `filter`' })),
    filter: Type.Optional(Type.Omit(Filter, ['patient'], { additionalProperties: false })),
  },
  { additionalProperties: false },
)
const Plan = Type.Object(
  {
    from: Type.String({ pattern: TIME, description: 'ISO 8601 with offset' }),
    until: Type.String({ pattern: TIME, description: 'ISO 8601 with offset' }),
    text: Type.String({ minLength: 1, maxLength: 300, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
    destinations: Type.Optional(Type.Array(To, { maxItems: 500 })),
    pause: Type.Optional(Type.Boolean({ default: false, description: 'Nothing is begun to them meanwhile' })),
  },
  { additionalProperties: false },
)

/** The pages of messages and of what is to be treated, with their part of the API. */
export function deskPlugin(desk: DeskParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    announceAt(guards, () => desk.planning.planned())
    replayRoutes(server, desk, guards)
    maintenanceRoutes(server, desk, guards)
    const exports = new Exports()
    serveAssets(server, guards, import.meta.url, ['./page/messages/messages.css', './page/messages/progress.js'])
    progressRoutes(server, desk, exports, guards)
    servePages(server, guards, desk, {
      pages: [...messagePages(desk), ...treatPages(desk)],
      forms: [...messageForms(desk, exports), ...treatForms(desk)],
      raw: [searchRoute(desk, (request, what) => guards.about(request, what))],
    })
  }
}

/** Replays to another destination: asked by one, decided by another. */
function replayRoutes(server: Server, { replays }: DeskParts, guards: Guards): void {
  const onRequest = guards.may('replay:elsewhere')
  server.get('/api/replays', { onRequest }, async () => ({ replays: await replays.all() }))
  server.get('/api/replays/:id', { onRequest, schema: { params: Id } }, async ({ params }) => {
    const request = await replays.one(params.id)
    if (request === null) throw new GatewayError('NOT_FOUND')
    return request
  })
  server.post('/api/replays', { onRequest, schema: { body: Ask } }, async (request) => {
    const { message, filter, to, reason } = request.body
    if ((message === undefined) === (filter === undefined)) throw new GatewayError('BAD_REQUEST')
    const subject: ReplaySubject = message === undefined ? { filter: filterOf(filter!) } : { message }
    return replays.ask(subject, to, reason, guards.callerOf(request).who)
  })
  for (const act of ['approve', 'refuse'] as const) {
    server.post(`/api/replays/:id/${act}`, { onRequest, schema: { params: Id, body: Act } }, async (request) =>
      replays[act](request.params.id, guards.callerOf(request).who, request.body.reason),
    )
  }
  server.post(
    '/api/replays/:id/continue',
    { onRequest, schema: { params: Id } },
    async (request): Promise<ReplayRequest> => replays.goOn(request.params.id, guards.callerOf(request).who),
  )
}

function maintenanceRoutes(server: Server, { planning, config }: DeskParts, guards: Guards): void {
  const onRequest = guards.may('destinations:act')
  server.get('/api/maintenance', { onRequest: guards.may('overview:read') }, async (request) => ({
    maintenance: announcedTo(planning.planned(), config(), reachOf(guards.callerOf(request), 'overview:read')),
  }))
  server.post('/api/maintenance', { onRequest, schema: { body: Plan } }, async (request) => {
    const { from, until, text, destinations = [], pause = false } = request.body
    const ask = { fromMs: timeOf(from), untilMs: timeOf(until), text, destinations, pause }
    return planning.plan(ask, guards.callerOf(request).who)
  })
  server.post('/api/maintenance/:id/end', { onRequest, schema: { params: Id, body: Act } }, async (request) => {
    await planning.end(request.params.id, guards.callerOf(request).who, request.body.reason)
    return { maintenance: planning.planned() }
  })
}

/** How far an export or an act on many is, as server-sent events. */
function progressRoutes(server: Server, { many, clock }: DeskParts, exports: Exports, guards: Guards): void {
  server.get<{ Params: { ticket: string } }>(
    '/messages/export/:ticket',
    { onRequest: guards.may('messages:read') },
    async (request, reply) => {
      const { who } = guards.callerOf(request)
      closedWithPeer(request, reply)
      return reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .send(exports.stream(who, request.params.ticket))
    },
  )
  server.get<{ Params: { id: string } }>(
    '/a-traiter/travaux/:id/suivi',
    { onRequest: guards.may('deliveries:act') },
    async (request, reply) => {
      closedWithPeer(request, reply)
      return reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .send(Readable.from(workEvents(many, request.params.id, clock), { objectMode: false }))
    },
  )
}

/** The door waits for peers that only stopped sending; one that listened to what may never come is gone. */
function closedWithPeer({ raw: { socket } }: FastifyRequest, { raw }: FastifyReply): void {
  const close = () => void raw.destroy()
  socket.once('end', close)
  raw.once('close', () => void socket.off('end', close))
}

async function* workEvents(many: TreatCommands, id: string, clock: Clock): AsyncGenerator<string> {
  for (;;) {
    const work = many.work(id)
    yield `data: ${JSON.stringify({ done: work?.done ?? 0, over: work?.over ?? true })}\n\n`
    if (work === null || work.over) return
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve))
  }
}
