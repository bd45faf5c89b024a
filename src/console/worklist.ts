import type { Config } from '../core/config.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { foundForm, foundRoute } from './page/cases/found.ts'
import type { LiveCases } from './page/cases/live.ts'
import { type CasePageParts, caseForms, caseRoute, worklistPages } from './page/cases/pages.ts'
import { serveAssets } from './page/shell/assets.ts'
import { servePages } from './page/shell/pages.ts'

/** What the worklist and the pages of cases are served with. */
export interface WorklistParts extends CasePageParts {
  readonly live: LiveCases
  readonly config: () => Config
  readonly version: string
}

/** The worklist, the page of a case with its forms, and what is told live. */
export function worklistPlugin(parts: WorklistParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { live, config, version } = parts
  return (server, { guards }) => {
    describeRoutes(server)
    serveAssets(
      server,
      guards,
      import.meta.url,
      ['cases.css', 'cases.js', 'remaining.js', 'sound.js'].map((name) => `./page/cases/${name}`),
    )
    servePages(
      server,
      guards,
      { config, version, demo: false },
      {
        pages: worklistPages(parts),
        forms: [...caseForms(parts), foundForm(parts)],
        raw: [caseRoute(parts), foundRoute(parts)],
      },
    )
    const route = {
      onRequest: guards.may('cases:read'),
      schema: { hide: true },
      exposeHeadRoute: false,
      config: { look: null },
    }
    server.get('/live/cases', route, async (request, reply) =>
      // Whatever stands between must not wait for more.
      reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('x-accel-buffering', 'no')
        .send(guards.whileKnown(request, live.join(guards.callerOf(request)))),
    )
  }
}
