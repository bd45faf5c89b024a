import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { reachOf } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import {
  CONTACT_ROLES,
  STRUCTURE_LEVELS,
  type Structure,
  type StructureAct,
  type StructureAsk,
  type StructureCommands,
  type StructureDone,
  type StructureSheet,
  type StructureViews,
} from '../core/structures.ts'
import { FINESS_PATTERN } from '../formats/identifiers/finess.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { fileOf, ImportQuery, importStateJson, takeFiles } from './import-files.ts'
import { refusedWith } from './problems.ts'
import { structuresCsv } from './structures-csv.ts'

/** What the API of the register is made of. */
export interface StructureApiParts {
  readonly views: StructureViews
  readonly commands: StructureCommands
}

/** A file of the region's own facts (bytes). */
export const FACTS_BYTES = 1_048_576
const strict = { additionalProperties: false } as const
const text = (description: string, maxLength = 200) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }))
const ASK = {
  q: text('Words in names, categories and communes, or a FINESS number'),
  name: text('In its name'),
  commune: text('Words of its commune'),
  postcode: text('Five digits', 5),
  kind: Type.Optional(Type.String({ pattern: '^[a-z-]{1,40}$', description: 'As region.yaml names it' })),
  department: text('Code', 3),
  level: Type.Optional(Type.Union(STRUCTURE_LEVELS.map((one) => Type.Literal(one)))),
  category: text('Code', 10),
  ght: text('The whole name'),
  body: text('Managing body, the whole name'),
  declared: Type.Optional(Type.Boolean({ description: 'In region.yaml, or not' })),
}
const Ask = Type.Object(ASK, strict)
const Search = Type.Object(
  {
    ...ASK,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    after: Type.Optional(Type.String({ maxLength: 20, description: '`next` of the page before' })),
  },
  strict,
)
const finess = Type.String({ pattern: FINESS_PATTERN })
const One = Type.Object({ finess })
const OneOf = Type.Object({ finess, id: Type.String({ minLength: 1, maxLength: 64 }) })
const reason = Type.String({ minLength: 1, maxLength: 500, description: 'Why: written beside the act' })
const orNull = (description?: string) =>
  Type.Optional(
    Type.Union([Type.String({ maxLength: 200 }), Type.Null()], description === undefined ? {} : { description }),
  )
const id = Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Absent: a new one' }))
const Belonging = Type.Object({ reason, ght: orNull('Null: none of its own'), body: orNull('Managing body') }, strict)
const Contact = Type.Object(
  {
    ...{ reason, id },
    role: Type.Union(CONTACT_ROLES.map((one) => Type.Literal(one))),
    name: Type.String({ minLength: 1, maxLength: 200, description: 'Of a function or person' }),
    ...{ phone: orNull(), mail: orNull() },
  },
  strict,
)
const Software = Type.Object(
  {
    ...{ reason, id },
    product: Type.String({ minLength: 1, maxLength: 200 }),
    ...{ editor: orNull(), version: orNull(), since: orNull('YYYY-MM-DD') },
  },
  strict,
)
const Reason = Type.Object({ reason }, strict)
const Facts = Type.Object(
  { reason, csv: Type.String({ maxLength: FACTS_BYTES }), dryRun: Type.Optional(Type.Boolean({ default: false })) },
  strict,
)

/** The register over the API: search, one, counts, imports, and what the region writes of structures. */
export function structuresPlugin(
  parts: StructureApiParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    takeFiles(server)
    readRoutes(server, parts.views, guards)
    fileRoutes(server, parts, guards)
    actRoutes(server, parts, guards)
  }
}

function readRoutes(server: Server, views: StructureViews, guards: Guards): void {
  const onRequest = guards.may('structures:read')
  server.get('/api/structures', { onRequest, schema: { querystring: Search } }, async (request) => {
    const { limit = 50, after = null, ...asked } = request.query
    const page = await views.search(askOf(asked), { limit, after })
    return { structures: page.structures.map(structureJson), next: page.next }
  })
  server.get('/api/structures.csv', { onRequest, schema: { querystring: Ask } }, async (request, reply) => {
    const pieces: string[] = []
    for await (const piece of structuresCsv(views, askOf(request.query))) pieces.push(piece)
    return reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="structures.csv"')
      .send(pieces.join(''))
  })
  server.get('/api/structures/state', { onRequest }, async () => importStateJson(await views.state()))
  server.get('/api/structures/counts', { onRequest }, () => views.counts())
  server.get('/api/structures/:finess', { onRequest, schema: { params: One } }, (request) =>
    sheetOf(views, request.params.finess),
  )
}

/** Who acts, why, and whose structures they may change. */
export function structureActOf(caller: ReturnType<Guards['callerOf']>, why: string): StructureAct {
  return { who: caller.who, why, reach: reachOf(caller, 'structures:act') }
}

function fileRoutes(server: Server, { views, commands }: StructureApiParts, guards: Guards): void {
  const onRequest = guards.may('structures:act')
  server.post('/api/structures/import', { onRequest, schema: { querystring: ImportQuery } }, async (request) => {
    const { name, reason: why = 'import' } = request.query
    const act = structureActOf(guards.callerOf(request), why)
    // The national file is everybody's.
    if (act.reach !== null) throw new GatewayError('FORBIDDEN')
    await commands.begin({ name, ...fileOf(request) }, act)
    return importStateJson(await views.state())
  })
  const facts = { onRequest, bodyLimit: 2 * FACTS_BYTES, schema: { body: Facts } }
  server.post('/api/structures/facts', facts, async (request) => {
    const { csv, dryRun = false, reason: why } = request.body
    return commands.facts(csv, dryRun, structureActOf(guards.callerOf(request), why))
  })
}

function actRoutes(server: Server, { views, commands }: StructureApiParts, guards: Guards): void {
  const onRequest = guards.may('structures:act')
  const actOf = (request: FastifyRequest, why: string) => structureActOf(guards.callerOf(request), why)
  /** The sheet as it is now, or every fault. */
  const answer = (request: FastifyRequest, reply: FastifyReply, number: string, done: StructureDone) =>
    done.ok ? sheetOf(views, number) : refusedWith(request, reply, 'STRUCTURE_FIELD', done.faults)
  const one = '/api/structures/:finess'
  const belonging = { onRequest, schema: { params: One, body: Belonging } }
  server.post(`${one}/belonging`, belonging, async (request, reply) => {
    const { reason: why, ght = null, body = null } = request.body
    const number = request.params.finess
    return answer(request, reply, number, await commands.belong(number, { ght, body }, actOf(request, why)))
  })
  server.post(`${one}/contacts`, { onRequest, schema: { params: One, body: Contact } }, async (request, reply) => {
    const { reason: why, id: own = null, role, name, phone = null, mail = null } = request.body
    const number = request.params.finess
    const done = await commands.contact(number, own, { role, name, phone, mail }, actOf(request, why))
    return answer(request, reply, number, done)
  })
  server.post(`${one}/software`, { onRequest, schema: { params: One, body: Software } }, async (request, reply) => {
    const { reason: why, id: own = null, product, editor = null, version = null, since = null } = request.body
    const number = request.params.finess
    const done = await commands.software(number, own, { product, editor, version, since }, actOf(request, why))
    return answer(request, reply, number, done)
  })
  const gone = { onRequest, schema: { params: OneOf, body: Reason } }
  server.post(`${one}/contacts/:id/remove`, gone, async (request) => {
    const { finess: number, id: own } = request.params
    await commands.remove('contact', number, own, actOf(request, request.body.reason))
    return sheetOf(views, number)
  })
  server.post(`${one}/software/:id/remove`, gone, async (request) => {
    const { finess: number, id: own } = request.params
    await commands.remove('software', number, own, actOf(request, request.body.reason))
    return sheetOf(views, number)
  })
}

function askOf({ q, kind, ...others }: Static<typeof Ask>): StructureAsk {
  const asked = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined))
  return {
    ...(asked as Omit<StructureAsk, 'words' | 'kind'>),
    ...(q !== undefined && { words: q }),
    ...(kind !== undefined && { kind: kind as NonNullable<StructureAsk['kind']> }),
  }
}

/** @throws {GatewayError} NOT_FOUND */
async function sheetOf(views: StructureViews, number: string) {
  const sheet = await views.sheet(number)
  if (sheet === null) throw new GatewayError('NOT_FOUND')
  return sheetJson(sheet)
}

function structureJson({ n: _, ...structure }: Structure) {
  return structure
}

function sheetJson({ structure, above, under, ...others }: StructureSheet) {
  return {
    structure: structureJson(structure),
    above: above === null ? null : structureJson(above),
    under: under.map(structureJson),
    ...others,
  }
}
