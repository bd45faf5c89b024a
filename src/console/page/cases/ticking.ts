import type { CaseClock, ShownWindow } from '../../../formats/clock/windows.ts'
import { CLOCK_WORDS } from '../../../formats/clock/words.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'

/** How pressing a clock looks: a word, a shape and a colour each. */
export type Pressing = 'verify' | 'unknown' | 'over' | 'near' | 'running' | 'none'

/** Less than this is left: it looks pressing (ms). */
export const NEAR_MS = 3_600_000

/** A phrase around a part of it that ticks: the part is taken where it stands last. */
export function around(phrase: string, part: string): readonly [before: string, after: string] {
  const at = phrase.lastIndexOf(part)
  return at < 0 ? [phrase, ''] : [phrase.slice(0, at), phrase.slice(at + part.length)]
}

/** What is left until then, in text that a script counts down by the server's time. */
export function leftUntil(endsMs: number, nowMs: number, language: Language): Html {
  return html`<span data-left="${endsMs}">${CLOCK_WORDS[language].span(Math.max(0, endsMs - nowMs))}</span>`
}

/** How long ago it was, inside a phrase made for it. */
export function since(atMs: number, nowMs: number, language: Language, phrase: (span: string) => string): Html {
  const span = CLOCK_WORDS[language].span(Math.max(0, nowMs - atMs))
  const [before, after] = around(phrase(span), span)
  return html`${before}<span data-since="${atMs}">${span}</span>${after}`
}

/** `4 h 30 dépassées depuis 12 min`, counted up. */
export function overText({ lengthMs, endsMs }: ShownWindow, nowMs: number, language: Language): Html {
  return since(endsMs, nowMs, language, () => CLOCK_WORDS[language].over(lengthMs, nowMs - endsMs))
}

/** The clock whose window ends first: what a line shows big. */
export function pressingClock(clocks: readonly CaseClock[]): CaseClock | null {
  const counted = clocks.filter(({ basis }) => basis !== 'answer')
  const all = counted.length > 0 ? counted : clocks
  const running = all.filter(({ main }) => main !== null)
  const [first] = running.toSorted((a, b) => a.main!.endsMs - b.main!.endsMs)
  return first ?? all.find(({ passed }) => passed !== null) ?? null
}
