import { Type } from '@fastify/type-provider-typebox'
import { reachOf } from '../core/caller.ts'
import type { Config } from '../core/config.ts'
import type { ConformityProbes, ConformityStatements } from '../core/conformity-asks.ts'
import type { ConformityViews } from '../core/conformity-views.ts'
import { GatewayError } from '../core/errors.ts'
import { faultSentence } from '../core/probe-faults.ts'
import type { ProbeStep } from '../core/probes.ts'
import { statementJson } from '../formats/conformity/check-file.ts'
import { statementPdf } from '../formats/conformity/statement-pdf.ts'
import { Reason } from './acts.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { lookingAt } from './page/conformity/looking.ts'
import { SANDBOXED } from './page/shell/pages.ts'

/** What the API of probes and statements is made of. */
export interface ConformityAskParts {
  readonly probes: ConformityProbes
  readonly statements: ConformityStatements
  readonly views: ConformityViews
  readonly config: () => Config
}

const One = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
const word = Type.String({ minLength: 1, maxLength: 200 })
const Asked = Type.Object(
  { framework: Type.Optional(word), requirement: Type.Optional(word), reason: Reason },
  { additionalProperties: false },
)
const Wanted = Type.Object(
  {
    framework: Type.Optional(word),
    use: Type.Optional(Type.Union([Type.Literal('production'), Type.Literal('qualification')])),
    format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('pdf')], { description: 'Absent: json' })),
    lang: Type.Optional(
      Type.Union([Type.Literal('fr'), Type.Literal('en')], { description: 'Of the pages; absent: French' }),
    ),
  },
  { additionalProperties: false },
)

/** Probes on demand, and statements as files. */
export function conformityAsksPlugin(
  parts: ConformityAskParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    probeRoute(server, parts, guards)
    statementRoutes(server, parts, guards)
  }
}

function probeRoute(server: Server, { probes, views, config }: ConformityAskParts, guards: Guards): void {
  server.post(
    '/api/conformity/establishments/:id/probe',
    { onRequest: guards.may('conformity:review'), schema: { params: One, body: Asked } },
    async (request) => {
      const { body, params } = request
      const looking = await lookingAt(views, config(), { framework: body.framework ?? null, use: null })
      if (looking === null) throw new GatewayError('NOT_FOUND')
      const steps = await probes.now({
        ...{ establishment: params.id, framework: looking.ask.framework, requirement: body.requirement ?? null },
        ...{ who: guards.callerOf(request).who, why: body.reason },
      })
      return { probes: steps.map(stepJson) }
    },
  )
}

function stepJson({ wanted, endpoint, result, because }: ProbeStep): object {
  const said =
    result?.faults.map((one) => ({ ...one, said: { fr: faultSentence(one, 'fr'), en: faultSentence(one, 'en') } })) ??
    []
  return {
    requirement: wanted.name,
    ...{ probe: wanted.kind, endpoint, because },
    outcome: result?.outcome ?? null,
    faults: said,
    facts: result?.facts ?? {},
    at: result === null ? null : new Date(result.atMs).toISOString(),
  }
}

function statementRoutes(server: Server, { statements, views, config }: ConformityAskParts, guards: Guards): void {
  const onRequest = guards.may('conformity:read')
  server.get('/api/conformity/key', { onRequest }, async () => ({ publicKey: await statements.publicKey() }))
  server.get(
    '/api/conformity/establishments/:id/statement',
    { onRequest, schema: { params: One, querystring: Wanted } },
    async (request, reply) => {
      const { format = 'json', lang = 'fr', framework, use } = request.query
      const looking = await lookingAt(views, config(), { framework: framework ?? null, use: use ?? null })
      const caller = guards.callerOf(request)
      const made =
        looking === null
          ? null
          : await statements.make(request.params.id, looking.ask, reachOf(caller, 'conformity:read'), caller.who)
      if (made === null) throw new GatewayError('NOT_FOUND')
      const name = `constat-${made.establishment.id}-${made.madeAt.slice(0, 10)}`
      const bytes = format === 'pdf' ? await statementPdf(made, lang) : statementJson(made)
      return reply
        .headers(SANDBOXED)
        .header('content-type', format === 'pdf' ? 'application/pdf' : 'application/json; charset=utf-8')
        .header('content-disposition', `attachment; filename="${name}.${format}"`)
        .send(bytes)
    },
  )
}
