import { readFileSync } from 'node:fs'
import { may, reachOf } from '../../core/caller.ts'
import type { ConsoleParts, Guards, Server } from '../console.ts'
import { overviewBody } from './overview.ts'
import { type PageRoute, servePages } from './shell/pages.ts'

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1 12V9a7 5 0 0 1 14 0v3h-2V9A5 3 0 0 0 3 9v3z" fill="#2c8580"/></svg>'

/** The page at `/`, and the assets of every page. */
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
  servePages(server, guards, { config, version, demo: false }, { pages: [overviewPage(views)] })
}

/** The page at `/`: counts, and no message. Who has no overview is led to the page on their session. */
function overviewPage(views: ConsoleParts['views']): PageRoute {
  return {
    path: '/',
    permission: 'session:own',
    async show({ caller, config, language }) {
      if (!may(caller, 'overview:read')) return { to: '/session' }
      return overviewBody({
        config,
        status: await views.status(reachOf(caller, 'overview:read')),
        traffic: await views.traffic(reachOf(caller, 'overview:read')),
        language,
      })
    },
  }
}
