import { readFileSync } from 'node:fs'
import { GatewayError } from '../../core/errors.ts'
import { languageOf } from '../../formats/http/language.ts'
import type { ConsoleParts, Guards, Server } from '../console.ts'
import { overviewPage } from './overview.ts'

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1 12V9a7 5 0 0 1 14 0v3h-2V9A5 3 0 0 0 3 9v3z" fill="#2c8580"/></svg>'

/** The page at `/` and its assets, for this machine only; it shows counts and no message. */
export function pageRoutes(server: Server, { views, config }: ConsoleParts, guards: Guards): void {
  const assets: readonly [name: string, type: string, text: string][] = [
    ['console.css', 'text/css', read('./console.css')],
    ['console.js', 'text/javascript', read('./console.js')],
    ['icon.svg', 'image/svg+xml', ICON],
  ]
  for (const [name, type, text] of assets) {
    server.get(`/assets/${name}`, async (_request, reply) =>
      reply.header('content-type', `${type}; charset=utf-8`).header('cache-control', 'public, max-age=300').send(text),
    )
  }
  server.get<{ Querystring: { lang?: unknown } }>('/', { onRequest: guards.local }, async (request, reply) => {
    // A key opens the API, not the page: that waits for sign-in.
    if (!guards.isLocal(request)) throw new GatewayError('FORBIDDEN')
    const current = config()
    const language = languageOf(request.headers['accept-language'], request.query.lang, current.region.locale)
    const page = overviewPage({
      config: current,
      status: await views.status(),
      traffic: await views.traffic(),
      language,
    })
    return reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-language', language)
      .header('vary', 'Accept-Language')
      .send(page.text)
  })
}
