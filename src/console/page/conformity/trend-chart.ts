import type { Matrix, Week } from '../../../core/conformity-views.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'
import { numberOf } from '../moment.ts'
import { headedTable } from '../table.ts'
import { PICTURE_WORDS } from './picture-words.ts'
import { percentOf } from './said.ts'
import { CONFORMITY_WORDS } from './words.ts'

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 180, 48, 22, 10]
/** Weeks from one written day to the next. */
const EVERY = 5

/** The share met over the weeks as a curve from 0 to 100 %, with its figures in a table; nothing where none is known. */
export function trendChart({ weeks }: Pick<Matrix, 'weeks'>, language: Language): Html | null {
  const [first, last] = [weeks[0], weeks.at(-1)]
  if (first === undefined || last === undefined || last.of === 0) return null
  const words = PICTURE_WORDS[language]
  const about = words.trendTells(percentOf(first, language), percentOf(last, language))
  const x = (i: number): number => LEFT + (i * (WIDTH - LEFT - 8)) / Math.max(1, weeks.length - 1)
  const y = (share: number): number => HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
  const days = weeks.flatMap(({ day }, i) =>
    (weeks.length - 1 - i) % EVERY === 0 ? [{ day, at: x(i), last: i === weeks.length - 1 }] : [],
  )
  return html`<figure class="chart"><figcaption id="trend">${words.trend}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="trend trend-about"><desc id="trend-about">${about}</desc>
${[0, 0.5, 1].map((share) => html`<path class="grid" d="M${LEFT} ${round(y(share))}H${WIDTH}"></path><text x="${LEFT - 6}" y="${round(y(share) + 4)}" class="value">${numberOf(100 * share, language)} %</text>`)}
${days.map((one) => html`<text x="${round(one.last ? WIDTH - 32 : one.at)}" y="${HEIGHT - 4}" class="time">${one.day.slice(8)}/${one.day.slice(5, 7)}</text>`)}
<path class="series-first" d="${curve(weeks, x, y)}"></path>
</svg><p class="quiet">${about}</p>
<details><summary>${words.figures}</summary>${figures(weeks, language)}</details></figure>`
}

/** With a gap where nothing was asked. */
function curve(weeks: readonly Week[], x: (i: number) => number, y: (share: number) => number): string {
  let open = false
  return weeks
    .map(({ met, of }, i) => {
      if (of <= 0) {
        open = false
        return ''
      }
      const verb = open ? 'L' : 'M'
      open = true
      return `${verb}${round(x(i))} ${round(y(Math.min(1, Math.max(0, met / of))))}`
    })
    .join('')
}

function round(n: number): number {
  return Math.round(n * 10) / 10
}

function figures(weeks: readonly Week[], language: Language): Html {
  const words = CONFORMITY_WORDS[language]
  const columns = [
    { name: PICTURE_WORDS[language].week },
    { name: words.cards.share, numeric: true },
    { name: words.met, numeric: true },
  ]
  const rows = weeks
    .toReversed()
    .map((week) => [
      html`<time datetime="${week.day}">${week.day}</time>`,
      percentOf(week, language),
      words.ofAll(numberOf(week.met, language), numberOf(week.of, language)),
    ])
  return headedTable('weeks', PICTURE_WORDS[language].trend, columns, rows, words.noRow)
}
