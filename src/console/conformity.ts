import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { reachOf } from '../core/caller.ts'
import type { Config } from '../core/config.ts'
import { frameworkName, VERDICTS } from '../core/conformity.ts'
import type { ConformityViews, VerdictChange } from '../core/conformity-views.ts'
import { GatewayError } from '../core/errors.ts'
import type { Language } from '../formats/http/language.ts'
import { among } from './among.ts'
import { describeRoutes } from './api.ts'
import { changeJson, establishmentJson } from './conformity-json.ts'
import type { Guards, Server } from './console.ts'
import { TIME, timeOf } from './messages.ts'
import type { BesideEstablishment } from './page/conformity/establishment-page.ts'
import {
  changesCsv,
  establishmentCsv,
  frameworksCsv,
  matrixCsv,
  productsCsv,
  type Writing,
} from './page/conformity/files.ts'
import { type Looking, lookingAt, useAsked } from './page/conformity/looking.ts'
import { conformityPages } from './page/conformity/pages.ts'
import { serveAssets } from './page/shell/assets.ts'
import { type PageParts, servePages } from './page/shell/pages.ts'

/** What conformity is shown with. */
export interface ConformityParts extends PageParts, BesideEstablishment {
  readonly views: ConformityViews
  readonly nowMs: () => number
}

const strict = { additionalProperties: false } as const
const word = Type.String({ minLength: 1, maxLength: 200 })
const ASK = {
  framework: Type.Optional(Type.String({ maxLength: 200, description: '`ci-sis@2026.1`; absent: the first in force' })),
  use: Type.Optional(
    Type.Union([Type.Literal('production'), Type.Literal('qualification')], {
      description: 'Absent: qualification where the region has no destination in production',
    }),
  ),
}
const lang = Type.Optional(
  Type.Union([Type.Literal('fr'), Type.Literal('en')], { description: 'Absent: the words of the JSON' }),
)
const FILTER = {
  ...ASK,
  kind: Type.Optional(word),
  department: Type.Optional(word),
  programme: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'In this programme of funding; needs programmes:read' }),
  ),
  domain: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Columns are its requirements' })),
  verdict: Type.Optional(Type.Union(VERDICTS.map((one) => Type.Literal(one)))),
  q: Type.Optional(Type.String({ maxLength: 100, description: 'In name, id or FINESS number' })),
}
const BETWEEN = {
  ...ASK,
  from: Type.Optional(Type.String({ pattern: TIME, description: 'ISO 8601 with offset; absent: thirty days ago' })),
  to: Type.Optional(Type.String({ pattern: TIME, description: 'Before; absent: now' })),
  establishment: Type.Optional(word),
}
const PAGED = {
  ...BETWEEN,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  after: Type.Optional(Type.Integer({ minimum: 1, description: '`next` of the page before' })),
}
const Nothing = Type.Object({ lang }, strict)
const Ask = Type.Object(ASK, strict)
const AskFile = Type.Object({ ...ASK, lang }, strict)
const Filter = Type.Object(
  { ...FILTER, weeks: Type.Optional(Type.Boolean({ description: 'True: also the share met week by week' })) },
  strict,
)
const FilterFile = Type.Object({ ...FILTER, lang }, strict)
const Period = Type.Object(PAGED, strict)
const PeriodFile = Type.Object({ ...BETWEEN, lang }, strict)
const One = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })

const MONTH_MS = 30 * 86_400_000
/** Changes of a file: read by the thousand, and so many at most. */
const PAGE = 1_000
const MOST_LINES = 50_000

/** Conformity: its pages, and the same for programs as JSON and as files. */
export function conformityPlugin(
  parts: ConformityParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { views, nowMs } = parts
  return (server, { guards }) => {
    describeRoutes(server)
    serveAssets(server, guards, import.meta.url, ['./page/conformity/conformity.css'])
    servePages(server, guards, parts, { pages: conformityPages(views, parts, nowMs) })
    frameworkRoutes(server, parts, guards)
    matrixRoutes(server, parts, guards)
    establishmentRoutes(server, parts, guards)
    changeRoutes(server, parts, guards)
    productRoutes(server, parts, guards)
  }
}

const PERMISSION = 'conformity:read'

function reading(guards: Guards) {
  return {
    onRequest: guards.may(PERMISSION),
    reach: (request: FastifyRequest) => reachOf(guards.callerOf(request), PERMISSION),
  }
}

/** What is looked at. @throws {GatewayError} NOT_FOUND when there is none */
async function asked(
  { views, config }: ConformityParts,
  { framework, use }: { readonly framework?: string; readonly use?: string },
): Promise<Looking> {
  const looking = await lookingAt(views, config(), { framework: framework ?? null, use: use ?? null })
  if (looking === null) throw new GatewayError('NOT_FOUND')
  return looking
}

const writing = (config: () => Config, language: Language | undefined): Writing => ({
  language: language ?? null,
  config: config(),
})

function file(reply: FastifyReply, name: string, body: string): FastifyReply {
  return reply
    .header('content-type', 'text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .send(body)
}

/** Written here: the schema of the answer would be held against each of twelve thousand cells, which takes most of a second. */
function json(reply: FastifyReply, value: object): FastifyReply {
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(value))
}

function frameworkRoutes(server: Server, { views, config }: ConformityParts, guards: Guards): void {
  const { onRequest } = reading(guards)
  server.get('/api/conformity/frameworks', { onRequest }, async () => ({
    frameworks: (await views.frameworks()).map((one) => ({ framework: frameworkName(one), ...one })),
  }))
  const schema = { querystring: Nothing }
  server.get('/api/conformity/frameworks.csv', { onRequest, schema }, async (request, reply) =>
    file(reply, 'frameworks', frameworksCsv(await views.frameworks(), writing(config, request.query.lang))),
  )
}

function matrixRoutes(server: Server, parts: ConformityParts, guards: Guards): void {
  const { onRequest, reach } = reading(guards)
  const { views, config, programmes } = parts
  server.get('/api/conformity/matrix', { onRequest, schema: { querystring: Filter } }, async (request, reply) => {
    const { framework: _, use: __, programme, ...filter } = request.query
    const { ask } = await asked(parts, request.query)
    const chosen = await among(guards.callerOf(request), programmes, programme)
    return json(reply, await views.matrix(ask, { ...filter, ...chosen }, reach(request)))
  })
  const schema = { querystring: FilterFile }
  server.get('/api/conformity/matrix.csv', { onRequest, schema }, async (request, reply) => {
    const { framework: _, use: __, lang: language, programme, ...filter } = request.query
    const { ask } = await asked(parts, request.query)
    const chosen = await among(guards.callerOf(request), programmes, programme)
    const matrix = await views.matrix(ask, { ...filter, ...chosen }, reach(request))
    return file(reply, 'matrix', matrixCsv(matrix, writing(config, language)))
  })
}

function establishmentRoutes(server: Server, parts: ConformityParts, guards: Guards): void {
  const { onRequest, reach } = reading(guards)
  const { views, config } = parts
  const found = async (request: FastifyRequest, id: string, query: Parameters<typeof asked>[1]) => {
    const { ask } = await asked(parts, query)
    const one = await views.establishment(id, ask, reach(request))
    if (one === null) throw new GatewayError('NOT_FOUND')
    return one
  }
  const path = '/api/conformity/establishments/:id'
  server.get(path, { onRequest, schema: { params: One, querystring: Ask } }, async (request) =>
    establishmentJson(await found(request, request.params.id, request.query)),
  )
  const schema = { params: One, querystring: AskFile }
  server.get(`${path}/requirements.csv`, { onRequest, schema }, async (request, reply) => {
    const one = await found(request, request.params.id, request.query)
    return file(reply, 'requirements', establishmentCsv(one, writing(config, request.query.lang)))
  })
}

function changeRoutes(server: Server, parts: ConformityParts, guards: Guards): void {
  const { onRequest, reach } = reading(guards)
  const { views, config, nowMs } = parts
  const askOf = async (query: Static<typeof Period>) => {
    const { from, to, establishment, limit = 100, after, framework, use = null } = query
    const untilMs = to === undefined ? nowMs() : timeOf(to)
    return {
      // What was judged under a framework that is in force no more is told to who names it.
      ...(framework === undefined ? (await asked(parts, query)).ask : { framework, use: useAsked(use, config()) }),
      ...{ sinceMs: from === undefined ? untilMs - MONTH_MS : timeOf(from), untilMs, limit },
      ...(establishment !== undefined && { establishment }),
      ...(after !== undefined && { after }),
    }
  }
  server.get('/api/conformity/changes', { onRequest, schema: { querystring: Period } }, async (request) => {
    const { changes, next } = await views.changes(await askOf(request.query), reach(request))
    return { changes: changes.map(changeJson), next }
  })
  const schema = { querystring: PeriodFile }
  server.get('/api/conformity/changes.csv', { onRequest, schema }, async (request, reply) => {
    const { lang: language, ...query } = request.query
    const ask = { ...(await askOf(query)), limit: PAGE }
    const all: VerdictChange[] = []
    for (let after: number | null | undefined; after !== null && all.length < MOST_LINES; ) {
      const page = await views.changes({ ...ask, ...(after !== undefined && { after }) }, reach(request))
      all.push(...page.changes)
      after = page.next
    }
    return file(reply, 'changes', changesCsv(all, ask, writing(config, language)))
  })
}

function productRoutes(server: Server, parts: ConformityParts, guards: Guards): void {
  const { onRequest, reach } = reading(guards)
  const { views, config } = parts
  server.get('/api/conformity/products', { onRequest, schema: { querystring: Ask } }, async (request, reply) => {
    const { ask } = await asked(parts, request.query)
    return json(reply, { ...ask, ...(await views.products(ask, reach(request))) })
  })
  const schema = { querystring: AskFile }
  server.get('/api/conformity/products.csv', { onRequest, schema }, async (request, reply) => {
    const { ask } = await asked(parts, request.query)
    const products = await views.products(ask, reach(request))
    return file(reply, 'products', productsCsv(products, ask, writing(config, request.query.lang)))
  })
}
