import type { SiteMonth } from '../../../formats/measures/summary.ts'
import { type Html, html } from '../html.ts'
import { numberOf } from '../moment.ts'
import type { Visit } from '../shell/visit.ts'
import type { MeasureWords } from './words.ts'

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 180, 36, 22, 14]

/** Cases of each month as bars with their numbers; the tables beside it say the same in figures. */
export function casesChart(months: readonly SiteMonth[], words: MeasureWords, { language }: Visit): Html {
  const counts = new Map<string, number>()
  for (const { month, summary } of months) counts.set(month, (counts.get(month) ?? 0) + summary.cases)
  const bars = [...counts].sort(([a], [b]) => a.localeCompare(b)).slice(-24)
  const most = Math.max(1, ...bars.map(([, n]) => n))
  const step = (WIDTH - LEFT) / Math.max(1, bars.length)
  const high = HEIGHT - TOP - BOTTOM
  const total = bars.reduce((sum, [, n]) => sum + n, 0)
  return html`<h2 id="m-chart">${words.chart}</h2><figure class="bars"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="m-chart m-chart-about"><desc id="m-chart-about">${words.chartAbout(total, bars.length)}</desc>${bars.map(
    ([month, n], i) => {
      const height = Math.round((n * high) / most)
      const x = Math.round(LEFT + i * step)
      const middle = Math.round(x + step / 2)
      return html`<rect class="bar" x="${Math.round(x + step * 0.15)}" y="${TOP + high - height}" width="${Math.max(2, Math.round(step * 0.7))}" height="${height}"/><text x="${middle}" y="${TOP + high - height - 3}" text-anchor="middle">${numberOf(n, language)}</text><text x="${middle}" y="${HEIGHT - 6}" text-anchor="middle">${month.slice(2)}</text>`
    },
  )}</svg></figure>`
}
