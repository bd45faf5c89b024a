import type {} from '@fastify/swagger'
import { languageOf } from '../formats/http/language.ts'
import { ANSWERS, PROBLEM } from './answers.ts'
import type { ConsoleParts, Guards, Server } from './console.ts'
import { descriptionPage } from './page/description.ts'

/** Adds to each route of the API what it answers, for the description. Call it before the routes. */
export function describeRoutes(server: Server): void {
  server.addHook('onRoute', (route) => {
    const [summary, body] = ANSWERS[`${String(route.method)} ${route.url}`] ?? []
    const described = summary !== undefined || route.url.startsWith('/api/')
    route.schema = {
      ...route.schema,
      ...(described ? {} : { hide: true }),
      ...(summary === undefined ? {} : { summary }),
      tags: [route.url.startsWith('/api/') ? 'API' : 'Health'],
      response: {
        ...(body === undefined ? {} : { 200: body }),
        ...(route.url.startsWith('/api/') ? { default: PROBLEM } : {}),
      },
    }
  })
}

/** `/openapi.json`, the whole door as OpenAPI 3.1, and `/docs`, the same for people. Open to all: they hold no data. */
export function descriptionRoutes(server: Server, { config }: ConsoleParts, guards: Guards): void {
  const onRequest = guards.open
  server.get('/openapi.json', { onRequest }, async (_request, reply) => reply.send(server.swagger()))
  server.get<{ Querystring: { lang?: unknown } }>('/docs', { onRequest }, async (request, reply) => {
    const language = languageOf(request.headers['accept-language'], request.query.lang, config().region.locale)
    return reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-language', language)
      .header('vary', 'Accept-Language')
      .send(descriptionPage(server.swagger(), language).text)
  })
}
