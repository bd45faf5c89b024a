/** Facts of conformity as people read them. */
import type { Judgement, Judging, Requirement, Verdict } from '../../../core/conformity.ts'
import type { Share } from '../../../core/conformity-views.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'
import { lengthOf, numberOf } from '../moment.ts'
import { CONFORMITY_WORDS, type ConformityWords } from './words.ts'

/** A verdict as a shape and a word; what it means, when pointed at. */
export function verdictMark(verdict: Verdict, words: ConformityWords): Html {
  return html`<span class="v v-${verdict}" title="${words.verdictTells[verdict]}">${words.verdicts[verdict]}</span>`
}

/** That a fact is not verified. Nothing where it is. */
export function confirmMark(confirm: boolean, words: ConformityWords): Html | null {
  return confirm ? html` <span class="confirm" title="${words.confirmTells}">${words.confirm}</span>` : null
}

/** Why a verdict is what it is. */
export function whyText({ why, good, total }: Pick<Judgement, 'why' | 'good' | 'total'>, language: Language): string {
  const [g, t, bad] = [good, total, total - good].map((n) => numberOf(n, language))
  return CONFORMITY_WORDS[language].whys[why]({ good: g!, total: t!, bad: bad! })
}

/** What a requirement asks for, and by what it is judged. */
export function askedText({ judging }: Pick<Requirement, 'judging'>, language: Language): string {
  const words = CONFORMITY_WORDS[language]
  if (judging.by !== 'traffic')
    return words.by[judging.by](numberOf('validDays' in judging ? judging.validDays : 0, language))
  const { measure, windowDays, minimum } = judging.rule
  const least = measure.what === 'presence' ? null : numberOf(minimum, language)
  const window = words.window(numberOf(windowDays, language), least)
  return `${words.expected[measure.what](...wanted(judging, language))}, ${window}.`
}

function wanted({ rule: { measure } }: Extract<Judging, { by: 'traffic' }>, language: Language): [string, string] {
  if (measure.what === 'presence') {
    return [CONFORMITY_WORDS[language].messages(numberOf(measure.messages, language)), '']
  }
  if (measure.what === 'absence') return ['', '']
  const share = numberOf(Math.round(measure.atLeast * 10_000) / 100, language)
  return [share, measure.what === 'answered' && measure.withinMs !== null ? lengthOf(measure.withinMs, language) : '']
}

/** `62 %`; of nothing, a dash. */
export function percentOf({ met, of }: Share, language: Language): string {
  return of === 0 ? '–' : `${numberOf(Math.round((100 * met) / of), language)} %`
}

/** What became of a share, in points; null: nothing can be said. */
export function differenceOf(now: Share, before: Share | null): number | null {
  if (before === null || now.of === 0 || before.of === 0) return null
  return Math.round((100 * now.met) / now.of) - Math.round((100 * before.met) / before.of)
}

/** `+4 points in 30 days`. Null: nothing can be said. */
export function differenceText(now: Share, before: Share | null, language: Language): string | null {
  const words = CONFORMITY_WORDS[language]
  const points = differenceOf(now, before)
  if (points === null) return null
  return points === 0
    ? words.steady
    : words.points(`${points > 0 ? '+' : '−'}${numberOf(Math.abs(points), language)}`, Math.abs(points) === 1)
}
