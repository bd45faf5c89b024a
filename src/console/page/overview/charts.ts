import type { TrafficPoint } from '../../../core/overview.ts'
import { type Html, html } from '../html.ts'
import { headedTable } from '../table.ts'
import type { Formats } from './formats.ts'
import type { Words } from './words.ts'

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 180, 44, 22, 10]
const MINUTES = 5

interface Series {
  readonly name: string
  readonly kind: 'first' | 'second'
  readonly values: readonly (number | null)[]
}

/** Throughput and latency of the last 24 hours, as pictures with their figures beside them. */
export function charts(points: readonly TrafficPoint[], words: Words, text: Formats): Html {
  const sum = (figure: 'received' | 'delivered' | 'refused'): number => points.reduce((n, one) => n + one[figure], 0)
  if (sum('received') + sum('refused') + sum('delivered') === 0) {
    return html`<h2 id="charts-title">${words.charts}</h2><p class="empty">${words.noTraffic}</p>`
  }
  const last = points.findLast(({ p50Ms }) => p50Ms !== null)
  const throughput: Series[] = [
    { name: words.received, kind: 'first', values: points.map(({ received }) => received / MINUTES) },
    { name: words.delivered.toLowerCase(), kind: 'second', values: points.map(({ delivered }) => delivered / MINUTES) },
  ]
  const latency: Series[] = [
    { name: words.most, kind: 'first', values: points.map(({ p95Ms }) => p95Ms) },
    { name: words.half, kind: 'second', values: points.map(({ p50Ms }) => p50Ms) },
  ]
  const about = words.throughputAbout(
    text.number(sum('received')),
    text.number(sum('delivered')),
    text.number(sum('refused')),
  )
  const times = points.map(({ atMs }) => atMs)
  return html`<h2 id="charts-title">${words.charts}</h2>
<div class="charts">${chart('throughput', words.throughput, about, throughput, times, text)}${
    last === undefined
      ? null
      : chart(
          'latency',
          words.latency,
          words.latencyAbout(text.number(last.p50Ms ?? 0), text.number(last.p95Ms ?? 0)),
          latency,
          times,
          text,
        )
  }</div>
<details><summary>${words.figures}</summary>${hours(points, words, text)}</details>`
}

function chart(
  id: string,
  title: string,
  about: string,
  series: readonly Series[],
  times: readonly number[],
  text: Formats,
): Html {
  const top = roundUp(Math.max(...series.flatMap(({ values }) => values.map((value) => value ?? 0))))
  const x = (i: number): number => LEFT + (i * (WIDTH - LEFT)) / Math.max(1, times.length - 1)
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP)
  const hours = times.flatMap((atMs, i) => (atMs % (4 * 3_600_000) === 0 ? [{ atMs, at: x(i) }] : []))
  return html`<figure class="chart"><figcaption>${title} <span class="keys">${series.map(
    ({ name, kind }) =>
      html`<span><svg class="key" viewBox="0 0 20 8" aria-hidden="true" focusable="false"><path class="series-${kind}" d="M0 4H20"></path></svg>${name}</span>`,
  )}</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-about"><title id="${id}-title">${title}</title><desc id="${id}-about">${about}</desc>
${[0, 0.5, 1].map((part) => html`<path class="grid" d="M${LEFT} ${round(y(part * top))}H${WIDTH}"></path><text x="${LEFT - 6}" y="${round(y(part * top) + 4)}" class="value">${text.number(part * top)}</text>`)}
${hours.map(({ atMs, at }) => html`<text x="${round(at)}" y="${HEIGHT - 4}" class="time">${text.hour(atMs)}</text>`)}
${series.map(({ kind, values }) => html`<path class="series-${kind}" d="${line(values, x, y)}"></path>`)}
</svg><p class="quiet">${about}</p></figure>`
}

/** A line with a gap where nothing is known. */
function line(values: readonly (number | null)[], x: (i: number) => number, y: (value: number) => number): string {
  return values
    .map((value, i) => {
      if (value === null) return ''
      const begins = i === 0 || values[i - 1] === null
      // A point alone between gaps is a line of no length, which round ends show.
      return `${begins ? 'M' : 'L'}${round(x(i))} ${round(y(value))}${begins && (values[i + 1] ?? null) === null ? 'h0' : ''}`
    })
    .join('')
}

/** The next number that reads well: 1, 2 or 5 with zeros. */
function roundUp(most: number): number {
  const size = 10 ** Math.floor(Math.log10(Math.max(most, 1)))
  return [1, 2, 5, 10].map((n) => n * size).find((n) => n >= most) ?? most
}

function round(n: number): number {
  return Math.round(n * 10) / 10
}

function hours(points: readonly TrafficPoint[], words: Words, text: Formats): Html {
  const byHour = Map.groupBy(points, ({ atMs }) => atMs - (atMs % 3_600_000))
  const columns = [
    { name: words.hour },
    { name: words.cards.received, numeric: true },
    { name: words.delivered, numeric: true },
    { name: words.cards.refused, numeric: true },
    { name: `${words.most} (ms)`, numeric: true },
  ]
  const rows = [...byHour].reverse().map(([atMs, all]) => {
    const sum = (figure: 'received' | 'delivered' | 'refused') =>
      text.number(all.reduce((n, one) => n + one[figure], 0))
    const slowest = all.flatMap(({ p95Ms }) => p95Ms ?? [])
    return [
      html`${text.hour(atMs)}`,
      html`${sum('received')}`,
      html`${sum('delivered')}`,
      html`${sum('refused')}`,
      html`${slowest.length === 0 ? '–' : text.number(Math.max(...slowest))}`,
    ]
  })
  return headedTable('hours', words.figures, columns, rows, words.noTraffic)
}
