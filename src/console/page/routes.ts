import { readFileSync } from 'node:fs'
import { GatewayError } from '../../core/errors.ts'
import type { ConsoleParts, Guards, Server } from '../console.ts'
import { overviewBody } from './overview.ts'
import { answer } from './shell/pages.ts'
import { visitOf } from './shell/visit.ts'

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1 12V9a7 5 0 0 1 14 0v3h-2V9A5 3 0 0 0 3 9v3z" fill="#2c8580"/></svg>'

/** The page at `/` and its assets, for this machine only; it shows counts and no message. */
export function pageRoutes(server: Server, { views, config, version }: ConsoleParts, guards: Guards): void {
  const assets: readonly [name: string, type: string, text: string][] = [
    ['console.css', 'text/css', read('./shell/console.css')],
    ['console.js', 'text/javascript', read('./shell/console.js')],
    ['keys.js', 'text/javascript', read('./shell/keys.js')],
    ['icon.svg', 'image/svg+xml', ICON],
  ]
  for (const [name, type, text] of assets) {
    server.get(`/assets/${name}`, { onRequest: guards.open }, async (_request, reply) =>
      reply.header('content-type', `${type}; charset=utf-8`).header('cache-control', 'public, max-age=300').send(text),
    )
  }
  server.get('/', { onRequest: guards.local }, async (request, reply) => {
    // A key opens the API, not the page: that waits for sign-in.
    if (!guards.isLocal(request)) throw new GatewayError('FORBIDDEN')
    const visit = visitOf(request, reply, null, config())
    const { language } = visit
    const page = overviewBody({
      config: visit.config,
      status: await views.status(null),
      traffic: await views.traffic(null),
      language,
    })
    return answer(reply, page, visit, { config, version, demo: false })
  })
}
