import type { ProgrammeSums } from '../../../core/programme-commands.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { moneyOf } from './said.ts'
import { PROGRAMME_WORDS } from './words.ts'

const [WIDTH, LEFT, RIGHT, STEP, HIGH] = [640, 210, 100, 30, 16]
/** Longest name beside a bar (characters). */
const NAME = 28

/**
 * What is engaged, and within it what is paid, as a bar for each name; the table on the page says the same in figures. What is paid is
 * filled, what is engaged is outlined: not the colour alone tells them apart. Nothing where nothing is engaged. */
export function moneyBars(
  bars: readonly { readonly name: string; readonly sums: ProgrammeSums }[],
  { language }: KnownVisit,
): Html | null {
  const words = PROGRAMME_WORDS[language]
  const shown = bars.filter(({ sums }) => sums.engaged > 0)
  if (shown.length === 0) return null
  const most = Math.max(...shown.map(({ sums }) => sums.engaged))
  const widthOf = (cents: number): number => Math.round((cents * (WIDTH - LEFT - RIGHT)) / most)
  const total = (of: (sums: ProgrammeSums) => number): string =>
    moneyOf(
      shown.reduce((sum, { sums }) => sum + of(sums), 0),
      language,
    )
  const about = words.barsAbout(
    total(({ engaged }) => engaged),
    total(({ paid }) => paid),
  )
  const drawn = shown.map(({ name, sums }, i) => {
    const y = i * STEP + 8
    const short = name.length > NAME ? `${name.slice(0, NAME - 1)}…` : name
    return html`<text x="${LEFT - 8}" y="${y + 12}" text-anchor="end">${short}</text><rect class="count s1" x="${LEFT}" y="${y}" width="${Math.max(2, widthOf(sums.engaged))}" height="${HIGH}"/><rect class="count" x="${LEFT}" y="${y}" width="${widthOf(sums.paid)}" height="${HIGH}"/><text x="${LEFT + widthOf(sums.engaged) + 6}" y="${y + 12}">${moneyOf(sums.engaged, language)}</text>`
  })
  return html`<h2 id="money">${words.bars}</h2><figure class="bars" tabindex="0" aria-labelledby="money"><figcaption><span><span class="key s1"></span> ${words.engaged}</span> <span><span class="key"></span> ${words.paid}</span></figcaption><svg viewBox="0 0 ${WIDTH} ${shown.length * STEP + 8}" role="img" aria-labelledby="money money-about"><desc id="money-about">${about}</desc>${drawn}</svg></figure>`
}
