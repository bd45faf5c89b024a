import { may, reachOf } from '../../core/caller.ts'
import type { ConsoleParts, Guards, Server } from '../console.ts'
import { overviewBody } from './overview.ts'
import { serveAssets } from './shell/assets.ts'
import { type PageRoute, servePages } from './shell/pages.ts'

/** The page at `/`, and the assets of every page. */
export function pageRoutes(server: Server, { views, config, version }: ConsoleParts, guards: Guards): void {
  const files = ['console.css', 'forms.css', 'console.js', 'keys.js', 'markup.js', 'icon.svg']
  serveAssets(
    server,
    guards,
    import.meta.url,
    files.map((name) => `./shell/${name}`),
  )
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
