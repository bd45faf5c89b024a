import type { Config, RouteRule, When } from '../../../core/config.ts'
import { PLATFORM } from '../../../core/message.ts'
import { type Html, html } from '../html.ts'
import { listing, several } from '../listing.ts'
import { pageOf, pager } from '../pager.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { frame } from './frame.ts'
import { routesPicture } from './picture.ts'
import { CONFIGURATION_WORDS, type ConfigurationWords } from './words.ts'

/** Routes that a picture can show so that somebody can follow its lines. */
const MOST_DRAWN = 60

/** What goes where: the picture and the table of all routes, or of one establishment's (`?etablissement=ID`), page by page. */
export function routesPage(visit: KnownVisit): PageBody {
  const { config, language, query } = visit
  const words = CONFIGURATION_WORDS[language]
  const wanted = query.get('etablissement') ?? ''
  const routes = wanted === '' ? config.routes : routesOf(wanted, config)
  const page = pageOf(routes, query)
  const options = [...config.establishments.values()].map(
    ({ id, name }) => html`<option value="${id}"${id === wanted ? html` selected` : null}>${name}</option>`,
  )
  const body = html`<form class="line" method="get" action="/configuration/routes">
<label for="only">${words.only}</label>
<select id="only" name="etablissement"><option value="">${words.everyone}</option>${options}</select>
<button>${words.show}</button></form>
${picturePart(routes, config, words)}
${routesTable(page.rows, config, words)}
${pager('/configuration/routes', query, page, language)}`
  return frame(visit, 'routes', words.tabs.routes, body)
}

function picturePart(routes: readonly RouteRule[], config: Config, words: ConfigurationWords): Html | null {
  if (routes.length === 0) return null
  if (routes.length > MOST_DRAWN) return html`<p class="quiet">${words.tooMany(String(MOST_DRAWN))}</p>`
  return html`<p class="quiet">${words.pictureTells}</p>${routesPicture(routes, config, words)}`
}

/** The routes by which an establishment may send or receive, in their order. Pure. */
export function routesOf(establishment: string, { routes }: Config): readonly RouteRule[] {
  return routes.filter(
    ({ when, to }) =>
      (when.from ?? [establishment]).includes(establishment) || to.some((id) => id.startsWith(`${establishment}/`)),
  )
}

/** The same as the picture, in words. */
export function routesTable(routes: readonly RouteRule[], config: Config, words: ConfigurationWords): Html {
  const nameOf = (id: string) => {
    const known = config.establishments.get(id)
    return known === undefined ? html`${id}` : html`<a href="/configuration/etablissements/${id}">${known.name}</a>`
  }
  const columns = [
    { name: words.route },
    { name: words.what },
    { name: words.from },
    { name: words.to },
    { name: words.lane },
    { name: words.work },
  ]
  const places = new Map(config.routes.map((route, i) => [route, i + 1]))
  const rows = routes.map((route) => ({
    id: `route-${places.get(route)}`,
    cells: [
      html`${route.name}`,
      several(conditionsOf(route.when, words)) ?? html`${words.anything}`,
      several(route.when.from?.map(nameOf) ?? [words.everyone]) ?? html``,
      several(route.to.map((id) => (id === PLATFORM ? words.inside : id))) ?? html``,
      route.lane === 'urgent'
        ? html`<strong class="alarm">${words.lanes.urgent}</strong>`
        : html`${words.lanes.normal}`,
      several([
        ...(route.transform === undefined ? [] : [words.toFormat[route.transform]]),
        ...(route.edit.length === 0 ? [] : [words.edits(String(route.edit.length))]),
      ]) ?? html`${words.asCame}`,
    ],
  }))
  return listing('routes', words.routes, columns, rows, words.noRoute)
}

function conditionsOf(when: When, { conditions }: ConfigurationWords): string[] {
  const told = (['receivers', 'performer', 'category', 'profile'] as const).flatMap((key) =>
    when[key] === undefined ? [] : [`${conditions[key]} ${when[key].join(', ')}`],
  )
  return [
    ...(when.kinds === undefined ? [] : [when.kinds.join(', ')]),
    ...(when.service === undefined ? [] : [`${conditions.service} ${when.service}`]),
    ...told,
    ...Object.entries(when.paths ?? {}).map(([path, values]) => `${path} = ${values.join(', ')}`),
  ]
}
