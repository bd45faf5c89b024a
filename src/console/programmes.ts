import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { reachOf } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import type { NewEnrolment, ProgrammeLineProblem, ProgrammeViews } from '../core/programme-commands.ts'
import { ENROLMENT_STATES, MOST_CENTS, PAYMENT_PARTS, type Programme } from '../core/programmes.ts'
import { enrolmentsCsv, MOST_FILE_BYTES } from '../formats/programme-csv.ts'
import { Reason } from './acts.ts'
import { describeRoutes } from './api.ts'
import { actOf } from './conformity-acts.ts'
import type { Guards, Server } from './console.ts'
import { type ProgrammePageParts, programmeRoutes } from './page/programmes/routes.ts'
import { NO_SUMS } from './page/programmes/said.ts'
import { PROGRAMME_WORDS } from './page/programmes/words.ts'
import { type PageParts, servePages } from './page/shell/pages.ts'
import { refusedWith } from './problems.ts'
import { detailJson, enrolmentJson } from './programmes-json.ts'

/** What programmes are shown with. */
export interface ProgrammesParts extends PageParts, ProgrammePageParts {}

const strict = { additionalProperties: false } as const
const word = Type.String({ minLength: 1, maxLength: 128 })
const textOrNull = Type.Optional(Type.Union([Type.String({ maxLength: 200 }), Type.Null()]))
const day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
const cents = Type.Integer({ minimum: 1, maximum: MOST_CENTS, description: 'Whole cents of euro' })
const One = Type.Object({ programme: word })
const OneOf = Type.Object({ programme: word, id: word })
const Filter = Type.Object(
  {
    state: Type.Optional(Type.Union(ENROLMENT_STATES.map((state) => Type.Literal(state)))),
    department: Type.Optional(word),
    kind: Type.Optional(word),
  },
  strict,
)
const New = Type.Object(
  {
    reason: Reason,
    finess: word,
    name: textOrNull,
    kind: textOrNull,
    department: textOrNull,
    body: Type.Optional(
      Type.Object(
        { finess: textOrNull, name: textOrNull, count: Type.Optional(Type.Union([Type.Integer(), Type.Null()])) },
        { ...strict, description: 'Who runs it, and how many establishments it brings' },
      ),
    ),
    domains: Type.Array(word, { minItems: 1, maxItems: 50 }),
    project: textOrNull,
    depositedOn: Type.Optional(Type.Union([day, Type.Null()])),
    amountCents: Type.Optional(Type.Union([cents, Type.Null()])),
    source: Type.Optional(Type.String({ maxLength: 400 })),
    invented: Type.Optional(Type.Boolean()),
    confirm: Type.Optional(Type.Boolean({ description: 'What is said is not verified' })),
  },
  { ...strict, description: 'What the region knows of the establishment by its FINESS number may be absent' },
)
const Grant = Type.Object({ reason: Reason, amountCents: cents }, strict)
const Move = Type.Object(
  { reason: Reason, to: Type.Union(ENROLMENT_STATES.map((state) => Type.Literal(state))) },
  strict,
)
const Pay = Type.Object(
  {
    reason: Reason,
    part: Type.Union(PAYMENT_PARTS.map((part) => Type.Literal(part))),
    amountCents: cents,
    paidOn: day,
  },
  strict,
)
const whole = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 })
const Declare = Type.Object({ reason: Reason, target: word, numerator: whole, denominator: whole }, strict)
const File = Type.Object(
  {
    reason: Reason,
    csv: Type.String({ minLength: 1, maxLength: MOST_FILE_BYTES }),
    dryRun: Type.Optional(Type.Boolean()),
  },
  strict,
)

const READ = 'programmes:read'
const CHANGE = 'programmes:change'
const AT = '/api/conformity/programmes'

/** Programmes: their pages, and the same for programs as JSON and as files. */
export function programmesPlugin(
  parts: ProgrammesParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    servePages(server, guards, parts, programmeRoutes(parts))
    readRoutes(server, parts, guards)
    enrolRoutes(server, parts, guards)
    actRoutes(server, parts, guards)
  }
}

/** @throws {GatewayError} NOT_FOUND */
function programmeAt({ views }: ProgrammesParts, { programme }: Static<typeof One>): Programme {
  const found = views.programme(programme)
  if (found === null) throw new GatewayError('NOT_FOUND')
  return found
}

function readRoutes(server: Server, parts: ProgrammesParts, guards: Guards): void {
  const { views } = parts
  const onRequest = guards.may(READ)
  const reach = (request: FastifyRequest) => reachOf(guards.callerOf(request), READ)
  const summed = async (request: FastifyRequest, programmes: readonly Programme[]) => {
    const sums = await views.sums(reach(request))
    return programmes.map((one) => ({ ...one, sums: sums.get(one.id) ?? NO_SUMS }))
  }
  server.get(AT, { onRequest }, async (request) => ({
    currency: 'EUR',
    programmes: await summed(request, views.programmes()),
  }))
  server.get(`${AT}/:programme`, { onRequest, schema: { params: One } }, async (request) => {
    const [one] = await summed(request, [programmeAt(parts, request.params)])
    return { currency: 'EUR', ...one }
  })
  server.get(`${AT}/:programme/totals`, { onRequest, schema: { params: One } }, async (request) => {
    const { id } = programmeAt(parts, request.params)
    return { currency: 'EUR', programme: id, territories: await views.territories(id, reach(request)) }
  })
  const schema = { params: One, querystring: Filter }
  const listed = (request: FastifyRequest<{ Params: Static<typeof One>; Querystring: Static<typeof Filter> }>) =>
    views.enrolments(programmeAt(parts, request.params).id, request.query, reach(request))
  server.get(`${AT}/:programme/enrolments`, { onRequest, schema }, async (request) => ({
    currency: 'EUR',
    enrolments: (await listed(request)).map(enrolmentJson),
  }))
  server.get(`${AT}/:programme/enrolments.csv`, { onRequest, schema }, async (request, reply) =>
    reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${programmeAt(parts, request.params).id}.csv"`)
      .send(enrolmentsCsv(await listed(request))),
  )
  server.get(`${AT}/:programme/enrolments/:id`, { onRequest, schema: { params: OneOf } }, async (request) =>
    detailJson(await detailAt(views, request.params, reach(request))),
  )
}

/** @throws {GatewayError} NOT_FOUND */
async function detailAt(
  views: ProgrammeViews,
  { programme, id }: Static<typeof OneOf>,
  reach: Parameters<ProgrammeViews['one']>[1],
) {
  const found = await views.one(id, reach)
  if (found === null || found.enrolment.programme !== programme) throw new GatewayError('NOT_FOUND')
  return found
}

/** Both languages beside the word: whoever reads the answer may have no catalogue. */
const saidOf = <P extends Pick<ProgrammeLineProblem, 'fault' | 'field'>>(problem: P) => ({
  ...problem,
  said: { fr: PROGRAMME_WORDS.fr.faults[problem.fault], en: PROGRAMME_WORDS.en.faults[problem.fault] },
})

function enrolRoutes(server: Server, parts: ProgrammesParts, guards: Guards): void {
  const { commands } = parts
  const onRequest = guards.may(CHANGE)
  const path = `${AT}/:programme/enrolments`
  server.post(path, { onRequest, schema: { params: One, body: New } }, async (request, reply) => {
    const { reason, ...told } = request.body
    const { id } = programmeAt(parts, request.params)
    const done = await commands.enrol(newOf(told, id), actOf(guards.callerOf(request), reason, CHANGE))
    if (!done.ok) return refusedWith(request, reply, 'PROGRAMME_ENROLMENT', done.problems.map(saidOf))
    return enrolmentJson(done.enrolment)
  })
  const file = { onRequest, bodyLimit: 2 * MOST_FILE_BYTES, schema: { params: One, body: File } }
  server.post(`${path}/import`, file, async (request, reply) => {
    const { csv, dryRun = false, reason } = request.body
    const { id } = programmeAt(parts, request.params)
    const done = await commands.import(id, csv, dryRun, actOf(guards.callerOf(request), reason, CHANGE))
    if (done.problems.length > 0) return refusedWith(request, reply, 'PROGRAMME_FILE', done.problems.map(saidOf))
    return { created: done.created, dryRun }
  })
}

function newOf(told: Omit<Static<typeof New>, 'reason'>, programme: string): NewEnrolment {
  const { finess, name = null, kind = null, department = null, body = {}, domains, project = null } = told
  const { depositedOn = null, amountCents = null, source = '', invented = false, confirm = false } = told
  return {
    ...{ programme, finess, name, kind, department, domains, project, depositedOn, cents: amountCents },
    body: { finess: body.finess ?? null, name: body.name ?? null, count: body.count ?? null },
    ...{ source, invented, confirm },
  }
}

function actRoutes(server: Server, { views, commands }: ProgrammesParts, guards: Guards): void {
  const onRequest = guards.may(CHANGE)
  const one = `${AT}/:programme/enrolments/:id`
  /** The enrolment, if it is of that programme, and who acts. */
  const acting = async (request: FastifyRequest, params: Static<typeof OneOf>, reason: string) => {
    const act = actOf(guards.callerOf(request), reason, CHANGE)
    const { enrolment } = await detailAt(views, params, act.reach)
    return { id: enrolment.id, act }
  }
  server.post(`${one}/amount`, { onRequest, schema: { params: OneOf, body: Grant } }, async (request) => {
    const { id, act } = await acting(request, request.params, request.body.reason)
    return enrolmentJson(await commands.grant(id, request.body.amountCents, act))
  })
  server.post(`${one}/state`, { onRequest, schema: { params: OneOf, body: Move } }, async (request, reply) => {
    const { id, act } = await acting(request, request.params, request.body.reason)
    const moved = await commands.move(id, request.body.to, act)
    return moved.ok ? enrolmentJson(moved.enrolment) : notMoved(request, reply, moved.missing)
  })
  server.post(`${one}/payments`, { onRequest, schema: { params: OneOf, body: Pay } }, async (request) => {
    const { reason, amountCents, ...payment } = request.body
    const { id, act } = await acting(request, request.params, reason)
    return enrolmentJson(await commands.pay(id, { ...payment, cents: amountCents }, act))
  })
  server.post(`${one}/targets`, { onRequest, schema: { params: OneOf, body: Declare } }, async (request) => {
    const { reason, ...value } = request.body
    const { id, act } = await acting(request, request.params, reason)
    return enrolmentJson(await commands.declare(id, value, act))
  })
}

function notMoved(
  request: FastifyRequest,
  reply: FastifyReply,
  missing: readonly (keyof (typeof PROGRAMME_WORDS)['fr']['needs'])[],
): FastifyReply {
  const problems = missing.map((need) => ({
    need,
    said: { fr: PROGRAMME_WORDS.fr.needs[need], en: PROGRAMME_WORDS.en.needs[need] },
  }))
  return refusedWith(request, reply, 'PROGRAMME_MOVE', problems)
}
