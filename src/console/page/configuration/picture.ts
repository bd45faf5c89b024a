import type { Config, RouteRule } from '../../../core/config.ts'
import { PLATFORM } from '../../../core/message.ts'
import { type Html, html } from '../html.ts'
import type { ConfigurationWords } from './words.ts'

/** Sizes of the picture, in its own units, which are pixels where there is room. */
const ROW = 52
const BOX = 40
const SIDE = 232
const MIDDLE = 320
const GAP = 100
const WIDTH = 2 * SIDE + MIDDLE + 2 * GAP
const MARGIN = 4
/** Letters that fit into a box. */
const SIDE_LETTERS = 28
const MIDDLE_LETTERS = 42

interface Node {
  readonly key: string
  readonly text: string
  readonly x: number
  readonly y: number
}

/** Any sender. */
const EVERYONE = '*'

/** Who sends, by which route, to whom: an SVG of three columns, in the colours of the page. Pure. */
export function routesPicture(routes: readonly RouteRule[], config: Config, words: ConfigurationWords): Html {
  const named = new Set(routes.flatMap(({ when }) => when.from ?? [EVERYONE]))
  const order = [EVERYONE, ...config.establishments.keys()]
  const from = order.filter((id) => named.has(id))
  const to = [...new Set(routes.flatMap((route) => route.to))]
  const height = Math.max(from.length, routes.length, to.length, 1) * ROW + 2 * MARGIN
  const nameOf = (id: string) => (id === EVERYONE ? words.everyone : (config.establishments.get(id)?.name ?? id))
  const senders = column(from, height, MARGIN, nameOf)
  const middle = column(
    routes.map((_, i) => String(i)),
    height,
    SIDE + GAP,
    (i) => routes[Number(i)]?.name ?? '',
  )
  const receivers = column(to, height, WIDTH - SIDE - MARGIN, (id) => (id === PLATFORM ? words.inside : id))
  const lines = routes.flatMap((route, i) => linesOf(route, middle[i], senders, receivers))
  const count = String(routes.length)
  return html`<div class="picture" tabindex="0" role="region" aria-label="${words.picture(count)}">
<svg class="routes" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="picture-title picture-text">
<title id="picture-title">${words.picture(count)}</title><desc id="picture-text">${words.pictureTells}</desc>
${lines}
${senders.map((node) => box(node, SIDE, SIDE_LETTERS))}
${middle.map((node, i) => routeBox(node, routes[i], words))}
${receivers.map((node) => box(node, SIDE, SIDE_LETTERS))}
</svg></div>`
}

function column(keys: readonly string[], height: number, x: number, text: (key: string) => string): Node[] {
  const step = (height - 2 * MARGIN) / Math.max(keys.length, 1)
  return keys.map((key, i) => ({ key, text: text(key), x, y: MARGIN + step * i + (step - BOX) / 2 }))
}

function linesOf(route: RouteRule, at: Node | undefined, senders: readonly Node[], receivers: readonly Node[]): Html[] {
  if (at === undefined) return []
  const find = (nodes: readonly Node[], keys: readonly string[]) => nodes.filter(({ key }) => keys.includes(key))
  return [
    ...find(senders, route.when.from ?? [EVERYONE]).map((one) => line(one.x + SIDE, one.y, at.x, at.y, route)),
    ...find(receivers, route.to).map((one) => line(at.x + MIDDLE, at.y, one.x, one.y, route)),
  ]
}

function line(x1: number, y1: number, x2: number, y2: number, { lane }: RouteRule): Html {
  const [a, b] = [y1 + BOX / 2, y2 + BOX / 2]
  const half = (x2 - x1) / 2
  const path = `M${x1} ${round(a)} C${x1 + half} ${round(a)} ${x2 - half} ${round(b)} ${x2} ${round(b)}`
  const drawn = html`<path class="way ${lane}" d="${path}"></path>`
  // Two lines and not only another colour.
  return lane === 'urgent' ? html`${drawn}<path class="way inner" d="${path}"></path>` : drawn
}

const round = (n: number): number => Math.round(n * 10) / 10

function box({ text, x, y }: Node, width: number, letters: number): Html {
  return html`<g><title>${text}</title><rect class="node" x="${x}" y="${round(y)}" width="${width}" height="${BOX}" rx="6"></rect><text x="${x + 10}" y="${round(y + BOX / 2 + 5)}">${cut(text, letters)}</text></g>
`
}

function routeBox({ text, x, y }: Node, route: RouteRule | undefined, words: ConfigurationWords): Html {
  if (route === undefined) return html``
  const notes = [
    (route.when.kinds ?? [words.anything]).join(', '),
    ...(route.lane === 'urgent' ? [words.lanes.urgent] : []),
    ...(route.transform === undefined ? [] : [words.toFormat[route.transform]]),
    ...(route.edit.length === 0 ? [] : [words.edits(String(route.edit.length))]),
  ].join(' · ')
  return html`<g><title>${text} · ${notes}</title><rect class="node route ${route.lane}" x="${x}" y="${round(y)}" width="${MIDDLE}" height="${BOX}" rx="6"></rect><text x="${x + 10}" y="${round(y + 17)}">${cut(text, MIDDLE_LETTERS)}</text><text class="note" x="${x + 10}" y="${round(y + 33)}">${cut(notes, MIDDLE_LETTERS + 6)}</text></g>
`
}

function cut(text: string, letters: number): string {
  const all = [...text]
  return all.length <= letters ? text : `${all.slice(0, letters - 1).join('')}…`
}
