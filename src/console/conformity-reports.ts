import { Readable } from 'node:stream'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { reachOf } from '../core/caller.ts'
import type { Config } from '../core/config.ts'
import { VERDICTS } from '../core/conformity.ts'
import type { ConformityReports, ReportForm } from '../core/conformity-reports.ts'
import type { ConformityViews } from '../core/conformity-views.ts'
import { GatewayError } from '../core/errors.ts'
import { among, type MemberViews } from './among.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { lookingAt } from './page/conformity/looking.ts'

/** What the API of reports is made of. */
export interface ConformityReportParts {
  readonly reports: ConformityReports
  readonly views: Pick<ConformityViews, 'frameworks'>
  readonly config: () => Config
  readonly programmes: MemberViews
}

const strict = { additionalProperties: false } as const
const word = Type.String({ minLength: 1, maxLength: 200 })
const ASK = {
  framework: Type.Optional(Type.String({ maxLength: 200, description: '`ci-sis@2026.1`; absent: the first in force' })),
  use: Type.Optional(Type.Union([Type.Literal('production'), Type.Literal('qualification')])),
  lang: Type.Optional(
    Type.Union([Type.Literal('fr'), Type.Literal('en')], { description: "Of its texts; absent: the region's" }),
  ),
}
const Ask = Type.Object(ASK, strict)
const Filter = Type.Object(
  {
    ...ASK,
    ...{ kind: Type.Optional(word), department: Type.Optional(word), programme: Type.Optional(word) },
    verdict: Type.Optional(Type.Union(VERDICTS.map((one) => Type.Literal(one)))),
    q: Type.Optional(Type.String({ maxLength: 100, description: 'In name, id or FINESS number' })),
  },
  strict,
)
const One = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
/** Each form, by the word that its addresses have for it. */
const FORMS = { 'test-report': 'TestReport', 'measure-report': 'MeasureReport' } as const satisfies Readonly<
  Record<string, ReportForm>
>

/** Measured conformity as FHIR: TestReport and MeasureReport of one establishment, and of all in a Bundle. */
export function conformityReportsPlugin(
  parts: ConformityReportParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    for (const word of Object.keys(FORMS) as (keyof typeof FORMS)[]) {
      oneRoute(server, parts, guards, word)
      allRoute(server, parts, guards, word)
    }
  }
}

async function howOf(
  { views, config }: ConformityReportParts,
  guards: Guards,
  request: Parameters<Guards['callerOf']>[0] & {
    readonly query: { framework?: string; use?: string; lang?: 'fr' | 'en' }
  },
  form: ReportForm,
) {
  const { framework, use, lang: language = config().region.locale } = request.query
  const looking = await lookingAt(views, config(), { framework: framework ?? null, use: use ?? null })
  if (looking === null) throw new GatewayError('NOT_FOUND')
  return { form, ask: looking.ask, reach: reachOf(guards.callerOf(request), 'conformity:read'), language }
}

function fhir(reply: FastifyReply, name: string, body: string | Readable): FastifyReply {
  return reply
    .header('content-type', 'application/fhir+json; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}.json"`)
    .send(body)
}

function oneRoute(server: Server, parts: ConformityReportParts, guards: Guards, word: keyof typeof FORMS): void {
  const onRequest = guards.may('conformity:read')
  const schema = { params: One, querystring: Ask }
  server.get(`/api/conformity/establishments/:id/${word}`, { onRequest, schema }, async (request, reply) => {
    const { id } = request.params
    const report = await parts.reports.one(id, await howOf(parts, guards, request, FORMS[word]))
    if (report === null) throw new GatewayError('NOT_FOUND')
    return fhir(reply, `${word}-${id}`, report)
  })
}

function allRoute(server: Server, parts: ConformityReportParts, guards: Guards, word: keyof typeof FORMS): void {
  const onRequest = guards.may('conformity:read')
  const schema = { querystring: Filter }
  server.get(`/api/conformity/${word}s`, { onRequest, schema }, async (request, reply) => {
    const { framework: _, use: __, lang: ___, programme, ...filter } = request.query
    const chosen = await among(guards.callerOf(request), parts.programmes, programme)
    const how = await howOf(parts, guards, request, FORMS[word])
    const reports = await parts.reports.all(how, { ...filter, ...chosen })
    if (reports === null) throw new GatewayError('NOT_FOUND')
    return fhir(reply, `${word}s`, Readable.from(reports, { objectMode: false }))
  })
}
