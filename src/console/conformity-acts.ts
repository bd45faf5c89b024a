import { Readable } from 'node:stream'
import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Caller, reachOf } from '../core/caller.ts'
import { frameworkName } from '../core/conformity.ts'
import {
  type ConformityAct,
  type ConformityCommands,
  EVIDENCE_BYTES,
  EVIDENCE_STATES,
  type Evidence,
  type EvidenceType,
  type EvidenceViews,
  type KeptOverride,
  type NewEvidence,
  SETTABLE,
  STATEMENT_LENGTH,
} from '../core/conformity-commands.ts'
import { GatewayError } from '../core/errors.ts'
import type { Permission } from '../core/roles.ts'
import { durationMs } from '../core/units.ts'
import { Reason } from './acts.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { evidenceOfForm } from './evidence-upload.ts'
import { Id } from './messages.ts'
import { SANDBOXED } from './page/shell/pages.ts'
import { refusedWith } from './problems.ts'

/** What the API of acts of conformity is made of. */
export interface ConformityActParts {
  readonly commands: ConformityCommands
  readonly views: EvidenceViews
}

/** Longest text of a framework (bytes). */
export const FRAMEWORK_BYTES = 1024 ** 2
/** A form around a document (bytes). */
export const FORM_BYTES = EVIDENCE_BYTES + 65_536

const strict = { additionalProperties: false } as const
const word = Type.String({ minLength: 1, maxLength: 128 })
const day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'The last day on which it counts' })
const use = Type.Union([Type.Literal('production'), Type.Literal('qualification')], { default: 'production' })
const ASKED = {
  establishment: word,
  framework: Type.String({ minLength: 1, maxLength: 128, description: 'id@version' }),
  requirement: word,
}
const Statement = Type.Object(
  { ...ASKED, statement: Type.String({ minLength: 1, maxLength: STATEMENT_LENGTH }) },
  { ...strict, description: 'Or multipart/form-data with the same fields, then `file` (and `sha256` before it)' },
)
const Query = Type.Object(
  {
    ...{ establishment: Type.Optional(word), framework: Type.Optional(word), requirement: Type.Optional(word) },
    state: Type.Optional(Type.Union(EVIDENCE_STATES.map((one) => Type.Literal(one)))),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    after: Type.Optional(Type.String({ maxLength: 64, description: '`next` of the page before' })),
  },
  strict,
)
const Lapsing = Type.Object(
  {
    within: Type.Optional(
      Type.String({
        pattern: '^[1-9][0-9]{0,3} d$',
        description: '`30 d`; absent: as long before as each requirement says',
      }),
    ),
  },
  strict,
)
const Held = Type.Object(
  { establishment: Type.Optional(word), framework: Type.Optional(word), requirement: Type.Optional(word) },
  strict,
)
const Review = Type.Object(
  { reason: Reason, accept: Type.Boolean(), until: Type.Optional(Type.Union([day, Type.Null()])) },
  strict,
)
const Act = Type.Object({ reason: Reason }, strict)
const Override = Type.Object(
  {
    reason: Reason,
    ...ASKED,
    use: Type.Optional(use),
    verdict: Type.Union(SETTABLE.map((one) => Type.Literal(one))),
    until: Type.Optional(Type.Union([day, Type.Null()], { description: 'Null or absent: until it is lifted' })),
  },
  strict,
)
const Lift = Type.Object({ reason: Reason, ...ASKED, use: Type.Optional(use) }, strict)
const Text = Type.Object(
  { yaml: Type.String({ minLength: 1, maxLength: FRAMEWORK_BYTES }), reason: Type.Optional(Reason) },
  { ...strict, description: '`reason` may be absent of a dry run alone' },
)
const Check = Type.Object({ check: Type.Optional(Type.Boolean({ description: 'True: nothing is published' })) }, strict)
const Name = Type.Object({ name: word })

/** Evidence, set verdicts and frameworks over the API: what people do for conformity, each act with its reason. */
export function conformityActsPlugin(
  parts: ConformityActParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    // As it comes: the route reads it, and holds none of it.
    server.addContentTypeParser('multipart/form-data', (_request, payload, done) => done(null, payload))
    evidenceRoutes(server, parts, guards)
    reviewRoutes(server, parts, guards)
    overrideRoutes(server, parts, guards)
    frameworkRoutes(server, parts, guards)
  }
}

function evidenceRoutes(server: Server, { commands, views }: ConformityActParts, guards: Guards): void {
  const onRequest = guards.may('conformity:file')
  const reach = (request: FastifyRequest) => reachOf(guards.callerOf(request), 'conformity:file')
  const json = { body: { content: { 'application/json': { schema: Statement } } } }
  server.post(
    '/api/conformity/evidence',
    { onRequest, bodyLimit: FORM_BYTES, schema: json },
    async (request, reply) => {
      const { who } = guards.callerOf(request)
      const keep = (evidence: NewEvidence) => commands.file(evidence, { who, reach: reach(request) })
      if ((request.headers['content-type'] ?? '').startsWith('multipart/')) {
        try {
          return evidenceJson(await evidenceOfForm(request, keep))
        } finally {
          // What still comes of the body is nobody's: the next request could not begin behind it.
          if (!request.raw.complete) reply.header('connection', 'close')
          request.raw.resume()
        }
      }
      const asked = request.body as Static<typeof Statement>
      return evidenceJson(await keep({ ...asked, document: null, sha256: null }))
    },
  )
  server.get('/api/conformity/evidence', { onRequest, schema: { querystring: Query } }, async (request) => {
    const { limit = 50, after, ...filter } = request.query
    const page = await views.list(filter, { limit, ...(after === undefined ? {} : { after }) }, reach(request))
    return { evidence: page.evidence.map(evidenceJson), next: page.next }
  })
  server.get('/api/conformity/evidence/lapsing', { onRequest, schema: { querystring: Lapsing } }, async (request) => {
    const { within } = request.query
    const found = await views.lapsing(reach(request), within === undefined ? undefined : durationMs(within))
    return { evidence: found.map(({ evidence, ...standing }) => ({ ...evidenceJson(evidence), ...standing })) }
  })
  server.get('/api/conformity/evidence/:id', { onRequest, schema: { params: Id } }, async (request) => {
    const found = await views.one(request.params.id, reach(request))
    if (found === null) throw new GatewayError('NOT_FOUND')
    return evidenceJson(found)
  })
  server.get('/api/conformity/evidence/:id/file', { onRequest, schema: { params: Id } }, async (request, reply) =>
    sendDocument(
      reply,
      await views.open(request.params.id, { who: guards.callerOf(request).who, reach: reach(request) }),
    ),
  )
}

const ENDINGS: Readonly<Record<EvidenceType, string>> = {
  ...{ 'application/pdf': 'pdf', 'image/png': 'png', 'image/jpeg': 'jpg' },
  ...{ 'text/plain': 'txt', 'application/xml': 'xml', 'application/zip': 'zip' },
}

/** Name under which the document of evidence is kept by whoever downloads it. Pure. */
export function fileNameOf(id: string, type: EvidenceType): string {
  return `preuve-${id}.${ENDINGS[type]}`
}

/** @throws {GatewayError} NOT_FOUND */
function sendDocument(reply: FastifyReply, found: Awaited<ReturnType<EvidenceViews['open']>>): FastifyReply {
  const document = found?.evidence.document ?? null
  if (found === null || document === null) throw new GatewayError('NOT_FOUND')
  return reply
    .headers(SANDBOXED)
    .header('content-type', document.type === 'text/plain' ? 'text/plain; charset=utf-8' : document.type)
    .header('content-length', String(document.bytes))
    .header('content-disposition', `attachment; filename="${fileNameOf(found.evidence.id, document.type)}"`)
    .send(Readable.from(found.bytes, { objectMode: false }))
}

/** Who acts, why, and within which reach. */
export function actOf(caller: Caller, why: string, permission: Permission): ConformityAct {
  return { who: caller.who, why, reach: reachOf(caller, permission) }
}

function reviewRoutes(server: Server, { commands }: ConformityActParts, guards: Guards): void {
  const one = '/api/conformity/evidence/:id'
  const review = { onRequest: guards.may('conformity:review'), schema: { params: Id, body: Review } }
  server.post(`${one}/review`, review, async (request) => {
    const { reason, accept, until = null } = request.body
    const act = actOf(guards.callerOf(request), reason, 'conformity:review')
    return evidenceJson(await commands.review(request.params.id, accept ? { accept, until } : { accept }, act))
  })
  const withdraw = { onRequest: guards.may('conformity:file'), schema: { params: Id, body: Act } }
  server.post(`${one}/withdraw`, withdraw, async (request) => {
    const act = actOf(guards.callerOf(request), request.body.reason, 'conformity:file')
    return evidenceJson(await commands.withdraw(request.params.id, act))
  })
}

function overrideRoutes(server: Server, { commands, views }: ConformityActParts, guards: Guards): void {
  const onRequest = guards.may('conformity:publish')
  const act = (request: FastifyRequest, why: string) => actOf(guards.callerOf(request), why, 'conformity:publish')
  server.get('/api/conformity/overrides', { onRequest, schema: { querystring: Held } }, async (request) => {
    const asked = Object.entries(request.query) as [keyof Static<typeof Held>, string][]
    const held = await views.overrides(reachOf(guards.callerOf(request), 'conformity:publish'))
    return { overrides: held.filter((one) => asked.every(([name, value]) => one[name] === value)).map(overrideJson) }
  })
  server.post('/api/conformity/overrides', { onRequest, schema: { body: Override } }, async (request) => {
    const { reason, use: of = 'production', until = null, ...set } = request.body
    return overrideJson(await commands.override({ ...set, use: of, until }, act(request, reason)))
  })
  server.post('/api/conformity/overrides/lift', { onRequest, schema: { body: Lift } }, async (request) => {
    const { reason, use: of = 'production', ...asked } = request.body
    await commands.lift({ ...asked, use: of }, act(request, reason))
    return { lifted: true }
  })
}

function frameworkRoutes(server: Server, { commands }: ConformityActParts, guards: Guards): void {
  const onRequest = guards.may('conformity:publish')
  const at = '/api/conformity/frameworks'
  const publish = { onRequest, bodyLimit: 2 * FRAMEWORK_BYTES, schema: { querystring: Check, body: Text } }
  server.post(at, publish, async (request, reply) => {
    const { yaml, reason } = request.body
    const { check = false } = request.query
    if (!check && reason === undefined) throw new GatewayError('BAD_REQUEST')
    const { who } = guards.callerOf(request)
    const done = check ? await commands.check(yaml) : await commands.publish(yaml, { who, why: reason ?? '' })
    if (!done.ok) return refusedWith(request, reply, 'FRAMEWORK_INVALID', done.problems)
    const requirements = done.framework.domains.reduce((sum, one) => sum + one.requirements.length, 0)
    return { name: frameworkName(done.framework), new: done.new, requirements }
  })
  server.post(`${at}/:name/withdraw`, { onRequest, schema: { params: Name, body: Act } }, async (request) => {
    const { who } = guards.callerOf(request)
    await commands.withdrawFramework(request.params.name, { who, why: request.body.reason })
    return { name: request.params.name, state: 'withdrawn' }
  })
}

const iso = (ms: number): string => new Date(ms).toISOString()

function evidenceJson({ filedAtMs, validUntilMs, reviewed, withdrawn, ...one }: Evidence) {
  const told = (act: Evidence['reviewed']) => (act === null ? null : { by: act.by, at: iso(act.atMs), why: act.why })
  return {
    ...one,
    filedAt: iso(filedAtMs),
    validUntil: validUntilMs === null ? null : iso(validUntilMs),
    reviewed: told(reviewed),
    withdrawn: told(withdrawn),
  }
}

function overrideJson({ atMs, untilMs, ...one }: KeptOverride) {
  return { ...one, at: iso(atMs), until: untilMs === null ? null : iso(untilMs) }
}
