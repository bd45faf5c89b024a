/** Finds every page of a door: each route that answers with one, reached as its links lead. */
import type { HostileWorld, Route } from './region.ts'

/** A page as somebody sees it. */
export interface Found {
  /** As the router has it. */
  readonly route: string
  /** Path and query. */
  readonly path: string
  readonly key: string
}

/** What a crawl came to. */
export interface Crawl {
  readonly pages: readonly Found[]
  /** Routes that answered somebody with something else than a page: path and type of content. */
  readonly others: readonly { readonly path: string; readonly type: string; readonly headers: Headers }[]
  /** Routes with a name in them (`/messages/:id`) that nothing led to. */
  readonly unreached: readonly string[]
  /** Links that no route answers. */
  readonly dead: readonly string[]
}

/** So many pages of a route with a name in it: each shows other data through the same template. */
const OF_ONE_ROUTE = 2

const FOR_PROGRAMS = /^\/(api|fhir|assets)\b/

/** Follows links from every address without a name in it: as the first caller, then as the others to what was not seen yet. `more`: paths that forms led to. */
export async function crawl(
  { world, routes }: HostileWorld,
  keys: readonly string[],
  more: readonly string[] = [],
): Promise<Crawl> {
  const patterns = [...new Set(routes.filter(({ method }) => method === 'GET').map(({ url }) => url))]
  const found = new Map<string, Found>()
  const others: { path: string; type: string; headers: Headers }[] = []
  const reached = new Set<string>()
  const dead = new Set<string>()
  const shown = (route: string): number => [...found.values()].filter((one) => one.route === route).length
  for (const key of keys) {
    // What programs call answers the first caller as it answers all.
    const plain = patterns.filter((url) => !/[:*]/.test(url) && (key === keys[0] || !FOR_PROGRAMS.test(url)))
    const queue = [...more.filter((path) => routeOf(path, patterns) !== null), ...plain]
    const seen = new Set(queue)
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const route = routeOf(path, patterns)
      const pathname = path.split('?')[0] as string
      if (route === null) {
        dead.add(path)
        continue
      }
      if (shown(route) >= (key === keys[0] && route.includes(':') ? OF_ONE_ROUTE : 1)) continue
      const answer = await fetch(world.url() + path, {
        headers: { authorization: `Bearer ${key}`, accept: 'text/html' },
        redirect: 'manual',
      })
      const type = answer.headers.get('content-type') ?? ''
      if (answer.status !== 200 || !type.startsWith('text/html')) {
        await answer.body?.cancel()
        reached.add(route)
        if (answer.status === 200) others.push({ path: pathname, type, headers: answer.headers })
        continue
      }
      reached.add(route)
      found.set(path, { route, path, key })
      for (const link of linksOf(await answer.text())) {
        if (seen.has(link)) continue
        seen.add(link)
        queue.push(link)
      }
    }
  }
  const unreached = patterns.filter((one) => isNamed(one) && !reached.has(one))
  return { pages: [...found.values()], others, unreached, dead: [...dead] }
}

/** Where a provider sends people back to, what the script of a page opens, and what the second form in a row leads to. */
const NOT_LINKED = [
  '/connexion/:provider/retour',
  '/messages/export/:ticket',
  '/a-traiter/travaux/:id/suivi',
  '/a-traiter/travaux/:id',
  '/a-traiter/demandes/:id',
]

/** A page of people with a name in its address, which a link or a form leads to. */
function isNamed(url: string): boolean {
  return url.includes(':') && !FOR_PROGRAMS.test(url) && !NOT_LINKED.includes(url)
}

/** The route that answers a path; null: none. */
export function routeOf(path: string, patterns: readonly string[]): string | null {
  const pathname = path.split('?')[0] as string
  if (patterns.includes(pathname)) return pathname
  return (
    patterns.find((pattern) =>
      new RegExp(
        `^${pattern
          .replaceAll(/[.$]/g, '\\$&')
          .replaceAll(/:[^/]+/g, '[^/]+')
          .replaceAll('*', '.*')}$`,
      ).test(pathname),
    ) ?? null
  )
}

/** Paths of this door that a page leads to; a change of language or display leads to the page itself. */
function linksOf(html: string): string[] {
  return [...html.matchAll(/<a\b[^>]*\shref="([^"]*)"/g)]
    .map(([, href]) => (href as string).replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"'))
    .filter((href) => href.startsWith('/') && !/[?&](lang|theme)=/.test(href))
    .map((href) => href.split('#')[0] as string)
}

/** Every address that a program or person may GET without a name in it. */
export function plainPaths(routes: readonly Route[]): string[] {
  return [...new Set(routes.filter(({ method, url }) => method === 'GET' && !/[:*]/.test(url)).map(({ url }) => url))]
}
