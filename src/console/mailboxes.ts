import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { reachOf } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import {
  MAILBOX_KINDS,
  MAILBOX_STATES,
  type MailboxAct,
  type MailboxCommands,
  type MailboxDetail,
  type MailboxDone,
  type MailboxLine,
  type MailboxViews,
} from '../core/mailboxes.ts'
import { Reason } from './acts.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { refusedWith } from './problems.ts'

/** What the API of mailboxes is made of. */
export interface MailboxApiParts {
  readonly views: MailboxViews
  readonly commands: MailboxCommands
}

/** Longest file of mailboxes (bytes). */
const FILE_BYTES = 1024 ** 2

const strict = { additionalProperties: false } as const
const orNull = (longest: number, description?: string) =>
  Type.Union([Type.String({ minLength: 1, maxLength: longest }), Type.Null()], {
    ...(description === undefined ? {} : { description }),
  })
const kind = Type.Union(MAILBOX_KINDS.map((one) => Type.Literal(one)))
const state = Type.Union(MAILBOX_STATES.map((one) => Type.Literal(one)))
const word = Type.String({ minLength: 1, maxLength: 253 })
const address = Type.String({ minLength: 3, maxLength: 254, description: 'Its own form: lower case' })

const FILTER = {
  domain: Type.Optional(word),
  establishment: Type.Optional(word),
  kind: Type.Optional(kind),
  state: Type.Optional(state),
  q: Type.Optional(
    Type.String({ maxLength: 100, description: 'Words in the address, name, service, description or owner' }),
  ),
}
const Filter = Type.Object(FILTER, strict)
const Query = Type.Object(
  {
    ...FILTER,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    after: Type.Optional(Type.String({ maxLength: 254, description: '`next` of the page before' })),
  },
  strict,
)
const One = Type.Object({ address })
const CHANGE = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  redList: Type.Optional(Type.Boolean({ description: 'Usable, and in no directory' })),
  quota: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], { description: 'Bytes' })),
  description: Type.Optional(orNull(500, 'ORG, APP, CAB')),
  service: Type.Optional(orNull(500, 'ORG, APP')),
  responsible: Type.Optional(orNull(500, 'ORG, APP: who answers for it')),
  owner: Type.Optional(orNull(60, 'CAB; PER at creation: RPPS or ADELI number, or IdNPS')),
  certificate: Type.Optional(orNull(1_000, 'APP: subject of the certificate that signs it in (RFC 4514)')),
}
const New = Type.Object(
  {
    reason: Reason,
    address,
    kind,
    ...CHANGE,
    name: Type.String({ minLength: 1, maxLength: 200, description: 'PER: `Title_Given_FAMILY_Entity`' }),
    establishment: Type.Optional(orNull(64, 'Absent: that of the domain')),
    entity: Type.Optional(orNull(9, 'FINESS of a geographic entity of the establishment')),
  },
  strict,
)
const Change = Type.Object({ reason: Reason, ...CHANGE }, strict)
const Act = Type.Object({ reason: Reason }, strict)
const Person = Type.Object(
  {
    reason: Reason,
    person: Type.String({ minLength: 1, maxLength: 60, description: 'RPPS or ADELI number, or IdNPS' }),
  },
  strict,
)
const File = Type.Object(
  {
    reason: Reason,
    csv: Type.String({ maxLength: FILE_BYTES }),
    dryRun: Type.Optional(Type.Boolean({ default: false })),
  },
  strict,
)

/** Mailboxes over the API: the list, one, a file in and out, and the acts on them, each with its reason. */
export function mailboxesPlugin(
  parts: MailboxApiParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    readRoutes(server, parts.views, guards)
    actRoutes(server, parts, guards)
  }
}

function readRoutes(server: Server, views: MailboxViews, guards: Guards): void {
  const read = { onRequest: guards.may('mail:read') }
  const reach = (request: FastifyRequest) => reachOf(guards.callerOf(request), 'mail:read')
  server.get('/api/mail/mailboxes', { ...read, schema: { querystring: Query } }, async (request) => {
    const { limit = 50, after, ...filter } = request.query
    const page = await views.list(filter, { limit, ...(after === undefined ? {} : { after }) }, reach(request))
    return { mailboxes: page.mailboxes.map(mailboxJson), next: page.next }
  })
  server.get('/api/mail/mailboxes.csv', { ...read, schema: { querystring: Filter } }, async (request, reply) => {
    const pieces: string[] = []
    for await (const piece of views.csv(request.query, reach(request))) pieces.push(piece)
    return reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="mailboxes.csv"')
      .send(pieces.join(''))
  })
  server.get('/api/mail/mailboxes/:address', { ...read, schema: { params: One } }, async (request) => {
    const found = await views.one(request.params.address, reach(request))
    if (found === null) throw new GatewayError('NOT_FOUND')
    return detailJson(found)
  })
}

function actRoutes(server: Server, { views, commands }: MailboxApiParts, guards: Guards): void {
  const onRequest = guards.may('mail:act')
  const actOf = (request: FastifyRequest, why: string): MailboxAct => {
    const caller = guards.callerOf(request)
    return { who: caller.who, why, reach: reachOf(caller, 'mail:act') }
  }
  /** The mailbox as it is now, or every problem. */
  const answer = async (request: FastifyRequest, reply: FastifyReply, done: MailboxDone, act: MailboxAct) => {
    if (!done.ok) return refusedWith(request, reply, done.problems[0]?.code ?? 'BAD_REQUEST', done.problems)
    const found = await views.one(done.mailbox.address, act.reach)
    if (found === null) throw new GatewayError('NOT_FOUND')
    return { ...detailJson(found), warnings: done.warnings }
  }
  server.post('/api/mail/mailboxes', { onRequest, schema: { body: New } }, async (request, reply) => {
    const { reason, ...box } = request.body
    const act = actOf(request, reason)
    return answer(request, reply, await commands.create(newOf(box), act), act)
  })
  const file = { onRequest, bodyLimit: 2 * FILE_BYTES, schema: { body: File } }
  server.post('/api/mail/mailboxes/import', file, async (request) => {
    const { csv, dryRun = false, reason } = request.body
    return commands.import(csv, dryRun, actOf(request, reason))
  })
  const one = `/api/mail/mailboxes/:address`
  server.post(`${one}/change`, { onRequest, schema: { params: One, body: Change } }, async (request, reply) => {
    const { reason, ...change } = request.body
    const act = actOf(request, reason)
    return answer(request, reply, await commands.change(request.params.address, change, act), act)
  })
  for (const to of ['suspend', 'resume', 'close'] as const) {
    server.post(`${one}/${to}`, { onRequest, schema: { params: One, body: Act } }, async (request, reply) => {
      const act = actOf(request, request.body.reason)
      const mailbox = await commands.move(request.params.address, to, act)
      return answer(request, reply, { ok: true, mailbox, warnings: [] }, act)
    })
  }
  for (const what of ['delegate', 'undelegate'] as const) {
    server.post(`${one}/${what}`, { onRequest, schema: { params: One, body: Person } }, async (request, reply) => {
      const { person, reason } = request.body
      const act = actOf(request, reason)
      return answer(request, reply, await commands[what](request.params.address, person, act), act)
    })
  }
}

function newOf(written: Omit<Static<typeof New>, 'reason'>) {
  const nothing = { establishment: null, entity: null, owner: null, responsible: null, service: null }
  return { ...nothing, description: null, redList: false, quota: null, certificate: null, ...written }
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

function mailboxJson({ createdAtMs, closedAtMs, usedAtMs, ...box }: MailboxLine) {
  return { ...box, createdAt: new Date(createdAtMs).toISOString(), closedAt: iso(closedAtMs), usedAt: iso(usedAtMs) }
}

function detailJson({ mailbox, delegates }: MailboxDetail) {
  return {
    mailbox: mailboxJson(mailbox),
    delegates: delegates.map(({ person, sinceMs }) => ({ person, since: new Date(sinceMs).toISOString() })),
  }
}
