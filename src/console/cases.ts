import { Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import {
  type Act,
  type Acted,
  CASE_STATES,
  type CaseCommands,
  type CaseQuery,
  type CaseRequest,
  type CaseViewer,
  type CaseViews,
  viewerOf,
} from '../core/cases.ts'
import { GatewayError } from '../core/errors.ts'
import type { Sendings } from '../core/sendings.ts'
import { SERVICE_KINDS } from '../core/services.ts'
import { NIHSS_TOTAL } from '../formats/bridge/nihss.ts'
import { nihssOf } from '../formats/case/nihss.ts'
import { Reason } from './acts.ts'
import { describeRoutes } from './api.ts'
import { ActBody, inside, outside, RequestBody } from './case-bodies.ts'
import type { Guards, Server } from './console.ts'
import { TIME, timeOf } from './messages.ts'
import { patientOf } from './viewer.ts'

/** What the API of cases is made of. */
export interface CasesParts {
  readonly commands: CaseCommands
  readonly views: CaseViews
  readonly sendings: Sendings
  readonly uuid: () => string
  readonly nowMs: () => number
}

const oneOf = (words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)))
const Name = Type.String({ minLength: 1, maxLength: 64 })
const Id = Type.Object({ id: Name })
const Query = Type.Object(
  {
    service: Type.Optional(Name),
    kind: Type.Optional(oneOf(SERVICE_KINDS)),
    state: Type.Optional(oneOf(CASE_STATES)),
    open: Type.Optional(Type.Boolean()),
    site: Type.Optional(Name),
    drill: Type.Optional(Type.Boolean()),
    since: Type.Optional(Type.String({ pattern: TIME })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    after: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: '`next` of the page before' })),
  },
  { additionalProperties: false },
)
const as = Type.Optional(
  Type.String({ minLength: 1, maxLength: 64, description: 'Establishment that one acts for; absent: the only one' }),
)
const ActOfCase = Type.Object(
  {
    act: ActBody,
    reason: Type.Optional(Reason),
    version: Type.Optional(Type.Integer({ minimum: 1, description: 'The one that was read; absent: whatever it is' })),
    at: Type.Optional(Type.String({ pattern: TIME, description: 'When it was so; absent: now' })),
    as,
  },
  { additionalProperties: false },
)
const Asked = Type.Object({ request: RequestBody, as }, { additionalProperties: false })

/** Cases for programs: lists, one, acts and requests, each as far as the caller takes part. */
export function casesPlugin(parts: CasesParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { commands, views, nowMs } = parts
  return (server, { guards }) => {
    describeRoutes(server)
    const reads = guards.may('cases:read')
    const acts = guards.may('cases:act')
    const viewer = (request: FastifyRequest, here: string | undefined): CaseViewer => {
      const found = viewerOf(guards.callerOf(request), here ?? null)
      if (found === null) throw new GatewayError('CASE_FORBIDDEN')
      return found
    }
    server.get('/api/cases', { onRequest: reads, schema: { querystring: Query } }, async (request) => {
      const { state, since, limit = 50, ...rest } = request.query
      const query = {
        ...rest,
        limit,
        ...(state === undefined ? {} : { states: [state] }),
        ...(since === undefined ? {} : { sinceMs: timeOf(since) }),
      } as CaseQuery
      const { lines, next } = await views.list(query, guards.callerOf(request))
      return { cases: lines.map(({ case: one, extent }) => ({ extent, ...(outside(one) as object) })), next }
    })
    server.get('/api/cases/:id', { onRequest: reads, schema: { params: Id } }, async (request) => {
      const caller = guards.callerOf(request)
      const line = await views.one(request.params.id, caller)
      if (line === null) throw new GatewayError('CASE_NOT_FOUND')
      guards.about(request, { case: line.case.number, ...patientOf(line.case) })
      const happenings = await views.happenings(request.params.id, caller)
      const sendings = await parts.sendings.of(request.params.id, caller)
      return {
        extent: line.extent,
        ...(outside(line.case) as object),
        happenings: outside(happenings),
        sendings: outside(sendings),
      }
    })
    server.post(
      '/api/cases/:id/acts',
      { onRequest: acts, schema: { params: Id, body: ActOfCase } },
      async (request) => {
        const { act, reason = null, version = null, at, as: here } = request.body
        const atMs = at === undefined ? null : timeOf(at)
        const doing = actOf(act as Given, nowMs())
        const done = await commands.act(request.params.id, doing, viewer(request, here), { version, atMs, why: reason })
        return seenOf(done, request, views, guards)
      },
    )
    server.post('/api/cases', { onRequest: acts, schema: { body: Asked } }, async (request, reply) => {
      const asking = viewer(request, request.body.as)
      const done = await commands.request(requestOf(request.body.request as Given, asking, parts), asking)
      const seen = await seenOf(done, request, views, guards)
      return reply.code(201).header('location', `/api/cases/${seen.id}`).send(seen)
    })
  }
}

/**
 * The case as the caller sees it once it is done, noted as a look; of one that they do not see, what it is called.
 * @throws {GatewayError} the code of why it was not done */
export async function seenOf(
  acted: Acted,
  request: FastifyRequest,
  views: Pick<CaseViews, 'one'>,
  guards: Guards,
): Promise<{ readonly id: string }> {
  if (!acted.ok) throw new GatewayError(acted.error)
  const { id, number } = acted.case
  const line = await views.one(id, guards.callerOf(request))
  if (line === null) return { id, ...{ number } }
  guards.about(request, { case: number, ...patientOf(line.case) })
  return outside(line.case) as { id: string }
}

type Given = Readonly<Record<string, unknown>>

function actOf(given: Given, nowMs: number): Act {
  const act = inside(given) as Given
  switch (given['what']) {
    case 'score': {
      const items = Object.entries(given['items'] as Record<string, number | null>)
      const total = given['total'] as number | null
      const nihss = nihssOf([...items, ...(total === null ? [] : [[NIHSS_TOTAL, total] as const])])
      // What is out of its range is left out there, and refused here.
      if (nihss === null || Object.keys(nihss.items).length < items.length) throw new GatewayError('CASE_ACT')
      return { what: 'score', nihss }
    }
    case 'reached':
      return { atMs: nowMs, ...act } as unknown as Act
    case 'biology':
    case 'report':
      return { message: null, ...act } as unknown as Act
    case 'separate':
      return { ...act, into: '' } as unknown as Act
    case 'hand-over':
      return { ...act, to: { role: 'expert', ...(act['to'] as object) } } as unknown as Act
    default:
      return act as unknown as Act
  }
}

function requestOf(given: Given, { participant }: CaseViewer, { uuid, nowMs }: CasesParts): CaseRequest {
  const told = inside(given) as Given & Partial<CaseRequest>
  const site = told.site ?? participant.establishment
  if (site === null || site === undefined) throw new GatewayError('CASE_FORBIDDEN')
  const doctor = told.treatingDoctor ?? null
  return {
    unit: null,
    placer: null,
    coded: [],
    times: {},
    answers: {},
    studies: [],
    attachments: [],
    consent: null,
    drill: false,
    late: false,
    ...(told as unknown as Pick<CaseRequest, 'service' | 'callBack' | 'reason'>),
    atMs: told.atMs ?? nowMs(),
    site,
    id: uuid(),
    via: 'form',
    message: null,
    asker: participant,
    patient: { status: 'provisional', ...(told.patient as object) } as CaseRequest['patient'],
    treatingDoctor: doctor === null ? null : { ...doctor, role: 'requester' },
    keys: [],
    test: false,
  }
}
