/** Finds every page of a door: each route that answers with one, reached as its links lead. */
import type { HostileWorld, Route } from './region.ts'

/** A page as somebody sees it. */
export interface Found {
  /** As the router has it. */
  readonly route: string
  /** Path and query. */
  readonly path: string
  readonly key: string
  /** What its forms ask for: the names in them. Pages of a route that ask for the same have the same forms. */
  readonly asks: string
}

/** What a crawl came to. */
export interface Crawl {
  readonly pages: readonly Found[]
  /** Routes that answered somebody with something else than a page: path and type of content. */
  readonly others: readonly { readonly path: string; readonly type: string; readonly headers: Headers }[]
  /** Routes of people that answered nobody with a page, a file, a stream or a way elsewhere. */
  readonly unvisited: readonly string[]
  /** Links that no route answers. */
  readonly dead: readonly string[]
}

/** So many pages of a route with a name in it: each shows other data through the same template. */
const OF_ONE_ROUTE = 2

/** So many more pages of one route are asked for, in case they have other forms than those found. */
const MORE_ASKED = 4

const FOR_PROGRAMS = /^\/(api|fhir|dicomweb|assets)\b/

/**
 * Follows links from every address without a name in it: as the first caller, then as the others to what was not seen yet.
 * `led`: paths that forms led to. */
export async function crawl(
  { world, routes }: HostileWorld,
  keys: readonly string[],
  led: readonly string[] = [],
): Promise<Crawl> {
  const patterns = [...new Set(routes.filter(({ method }) => method === 'GET').map(({ url }) => url))]
  const found = new Map<string, Found>()
  const others: { path: string; type: string; headers: Headers }[] = []
  const visited = new Set<string>()
  const dead = new Set<string>()
  const shown = (route: string): Found[] => [...found.values()].filter((one) => one.route === route)
  const more = new Map<string, number>()
  for (const key of keys) {
    // What programs call answers the first caller as it answers all.
    const plain = patterns.filter((url) => !/[:*]/.test(url) && (key === keys[0] || !FOR_PROGRAMS.test(url)))
    const queue = [...led.filter((path) => routeOf(path, patterns) !== null), ...plain]
    const seen = new Set(queue)
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const route = routeOf(path, patterns)
      const pathname = path.split('?')[0] as string
      if (route === null) {
        dead.add(path)
        continue
      }
      const before = shown(route)
      const isMore = before.length >= (key === keys[0] && route.includes(':') ? OF_ONE_ROUTE : 1)
      if (isMore && (key !== keys[0] || (more.get(route) ?? 0) >= MORE_ASKED)) continue
      if (isMore) more.set(route, (more.get(route) ?? 0) + 1)
      const answer = await fetch(world.url() + path, {
        headers: { authorization: `Bearer ${key}`, accept: 'text/html' },
        redirect: 'manual',
      })
      const type = answer.headers.get('content-type') ?? ''
      // An address that only takes something says so.
      if (answer.status < 400 || answer.status === 405) visited.add(route)
      if (answer.status !== 200 || !type.startsWith('text/html') || isKept(answer.headers)) {
        await answer.body?.cancel()
        if (answer.status === 200) others.push({ path: pathname, type, headers: answer.headers })
        continue
      }
      const text = await answer.text()
      const asks = asked(text)
      if (isMore && before.some((one) => one.asks === asks)) continue
      found.set(path, { route, path, key, asks })
      for (const link of [...linksOf(text), ...under(pathname, route, patterns)]) {
        if (seen.has(link)) continue
        seen.add(link)
        queue.push(link)
      }
    }
  }
  const unvisited = patterns.filter(
    (one) => !FOR_PROGRAMS.test(one) && !NEEDS_FRAMEWORK.test(one) && !WAYS_IN.includes(one) && !visited.has(one),
  )
  return { pages: [...found.values()], others, unvisited, dead: [...dead] }
}

/** What answers only where a framework of conformity is in force, and none is in this region: looked at in test/conformity. */
const NEEDS_FRAMEWORK = /^\/public\/conformite|\/sondes$/

/** Ways into a session, by a provider that is there or a signed link: all that they answer leads on. */
const WAYS_IN = ['/connexion/:provider', '/connexion/:provider/retour', '/lancer']

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

/** Paths of this door that a page or its script leads to; a change of language or display leads to the page itself. */
function linksOf(html: string): string[] {
  return [...html.matchAll(/<a\b[^>]*\shref="([^"]*)"|\sdata-progress="([^"]*)"/g)]
    .map(([, href, stream]) => href ?? (stream as string))
    .map((href) => href.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"'))
    .filter((href) => href.startsWith('/') && !/[?&](lang|theme)=/.test(href))
    .map((href) => href.split('#')[0] as string)
}

/** Addresses right under that of a page, which its script opens. */
function under(pathname: string, route: string, patterns: readonly string[]): string[] {
  const below = patterns
    .filter((one) => route.includes(':') && one.startsWith(`${route}/`))
    .map((one) => one.slice(route.length))
  return below.filter((rest) => !/[:*]/.test(rest)).map((rest) => pathname + rest)
}

/** Names in the forms of a page, each once. */
function asked(text: string): string {
  const names = [...text.matchAll(/<(?:input|select|textarea|button|form)\b[^>]*?\s(?:name|action)="([^"]*)"/g)]
  return [...new Set(names.map(([, name = '']) => name.replace(/[0-9a-f-]{32,36}/, ':id')))].join(',')
}

/** Every address that a program or person may GET without a name in it. */
export function plainPaths(routes: readonly Route[]): string[] {
  return [...new Set(routes.filter(({ method, url }) => method === 'GET' && !/[:*]/.test(url)).map(({ url }) => url))]
}

/** Is it a file that a browser keeps, and shows nobody? */
function isKept(headers: Headers): boolean {
  return /^attachment/.test(headers.get('content-disposition') ?? '')
}
