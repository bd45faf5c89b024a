import type { Language } from '../../formats/http/language.ts'
import { type Html, html } from './html.ts'
import { numberOf } from './moment.ts'

/** A month (`2026-11`) with a number for each series. */
export interface MonthBar {
  readonly month: string
  readonly counts: readonly number[]
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 180, 36, 22, 14]
/** Months that fit beside each other. */
const MOST = 24

/**
 * Months as bars with their numbers, under a heading; a table beside it says the same in figures. `series`: names, where there
 * are several; each has its own filling, not only its own colour. */
export function monthBars(
  { id, heading, about, series = [] }: MonthChart,
  months: readonly MonthBar[],
  language: Language,
): Html {
  const bars = months.slice(-MOST)
  const most = Math.max(1, ...bars.flatMap(({ counts }) => counts))
  const step = (WIDTH - LEFT) / Math.max(1, bars.length)
  const high = HEIGHT - TOP - BOTTOM
  const drawn = bars.map(({ month, counts }, i) => {
    const x = LEFT + i * step
    const width = (step * 0.7) / counts.length
    const each = counts.map((n, k) => {
      const height = Math.round((n * high) / most)
      const left = x + step * 0.15 + k * width
      return html`<rect class="count s${k}" x="${Math.round(left)}" y="${TOP + high - height}" width="${Math.max(2, Math.round(width) - (k > 0 ? 1 : 0))}" height="${height}"/><text x="${Math.round(left + width / 2)}" y="${TOP + high - height - 3}" text-anchor="middle">${numberOf(n, language)}</text>`
    })
    return html`${each}<text x="${Math.round(x + step / 2)}" y="${HEIGHT - 6}" text-anchor="middle">${month.slice(5)}/${month.slice(0, 4)}</text>`
  })
  const keys = series.map((name, k) => html`<span><span class="key s${k}"></span> ${name}</span> `)
  return html`<h2 id="${id}">${heading}</h2><figure class="bars" tabindex="0" aria-labelledby="${id}">${series.length === 0 ? null : html`<figcaption>${keys}</figcaption>`}<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id} ${id}-about"><desc id="${id}-about">${about}</desc>${drawn}</svg></figure>`
}

/** What a chart is called, and what it tells in one sentence. */
export interface MonthChart {
  readonly id: string
  readonly heading: string
  readonly about: string
  readonly series?: readonly string[]
}
