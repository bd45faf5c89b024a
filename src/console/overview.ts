import { may, reachOf } from '../core/caller.ts'
import type { Config } from '../core/config.ts'
import type { OnboardingViews } from '../core/onboarding.ts'
import type { OverviewViews } from '../core/overview.ts'
import { languageOf } from '../formats/http/language.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { baseMap } from './page/overview/base-map.ts'
import { LIST_PATHS, LISTS, type ListName } from './page/overview/list-note.ts'
import { listPage } from './page/overview/lists.ts'
import type { LiveOverview } from './page/overview/live.ts'
import { overviewPage } from './page/overview/page.ts'
import { serveAssets } from './page/shell/assets.ts'
import { type PageRoute, servePages } from './page/shell/pages.ts'
import { isAtCases, OVERVIEW } from './page/shell/shell.ts'

/** What the overview is shown with. */
export interface OverviewParts {
  readonly overview: OverviewViews
  readonly live: LiveOverview
  /** Onboardings by state. */
  readonly onboardings: OnboardingViews['counts']
  readonly config: () => Config
  readonly version: string
}

/** The page at `/`, and its live part: counts and states, and no message. */
export function overviewPlugin(parts: OverviewParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { live, config, version } = parts
  return (server, { guards }) => {
    describeRoutes(server)
    serveAssets(server, guards, import.meta.url, ['./page/overview/overview.css', './page/overview/overview.js'])
    servePages(
      server,
      guards,
      { config, version, demo: false },
      {
        pages: [front(parts), ...LISTS.map((part) => list(part, parts))],
      },
    )
    const onRequest = guards.may('overview:read')
    // A question for the head alone would look on without end.
    const route = { onRequest, schema: { hide: true }, exposeHeadRoute: false }
    server.get('/live/overview', route, async (request, reply) => {
      const { searchParams } = new URL(request.url, 'http://door.invalid')
      const language = languageOf(
        request.headers['accept-language'],
        searchParams.get('lang') ?? undefined,
        config().region.locale,
      )
      const last = request.headers['last-event-id']
      const stream = live.join(guards.callerOf(request), language, typeof last === 'string' ? last : undefined)
      // Whatever stands between must not wait for more.
      return reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('x-accel-buffering', 'no')
        .send(guards.whileKnown(request, stream))
    })
  }
}

/** All of one table of it. */
function list(part: ListName, { overview }: OverviewParts): PageRoute {
  return {
    path: LIST_PATHS[part],
    permission: 'overview:read',
    show: async (visit) => listPage(part, visit, await overview.picture()),
  }
}

/** Whose work is cases is led to those, unless they ask for the overview; who has none, to the page on their session. */
function front({ overview, onboardings }: OverviewParts): PageRoute {
  return {
    path: '/',
    permission: 'session:own',
    async show({ caller, config, language, query }) {
      if (isAtCases(caller) && !query.has(OVERVIEW) && (config.careServices?.size ?? 0) > 0) return { to: '/dossiers' }
      if (!may(caller, 'overview:read')) return { to: '/session' }
      const [picture, points, departments, states] = await Promise.all([
        overview.picture(),
        overview.traffic(),
        baseMap(),
        may(caller, 'onboarding:read') && reachOf(caller, 'onboarding:read') === null ? onboardings() : null,
      ])
      const certificates = overview.certificates()
      return overviewPage({
        picture,
        points,
        onboardings: states,
        certificates,
        departments,
        config,
        caller,
        language,
      })
    },
  }
}
