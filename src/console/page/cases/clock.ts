import { TIME_NAMES } from '../../../core/services.ts'
import { CASE_WORDS } from '../../../formats/case/words.ts'
import { timeDoubt } from '../../../formats/clock/earliest.ts'
import type { CaseClock, ShownWindow } from '../../../formats/clock/windows.ts'
import { CLOCK_WORDS, dayTimeText } from '../../../formats/clock/words.ts'
import { colon } from '../colon.ts'
import { type Html, html } from '../html.ts'
import { mark, type Standing } from '../overview/mark.ts'
import type { Visit } from '../shell/visit.ts'
import type { ShownCase } from './shown.ts'
import { axisOf, spanBar } from './span-bar.ts'
import { around, leftUntil, NEAR_MS, overText, type Pressing, pressingClock, since } from './ticking.ts'
import { CASE_PAGE_WORDS } from './words.ts'

const STANDINGS: Readonly<Record<Pressing, Standing>> = {
  verify: 'alarm',
  unknown: 'alarm',
  over: 'alarm',
  near: 'watch',
  running: 'sound',
  none: 'idle',
}

/** How pressing a case is. Pure. */
export function pressingOf({ clocks: { toVerify, noTime, remainingMs } }: ShownCase): Pressing {
  if (toVerify.length > 0) return 'verify'
  if (noTime) return 'unknown'
  if (remainingMs === null) return 'none'
  return remainingMs <= 0 ? 'over' : remainingMs < NEAR_MS ? 'near' : 'running'
}

/** The big clock of a case: what is left in digits, of which window, and what has passed. */
export function bigClock(shown: ShownCase, visit: Visit, nowMs: number): Html {
  const { language } = visit
  const words = CASE_WORDS[language]
  const page = CASE_PAGE_WORDS[language]
  const pressing = pressingOf(shown)
  const { toVerify, clocks } = shown.clocks
  const sign = (text: string) => mark(STANDINGS[pressing], text)
  const answer = answerLine(shown, visit, nowMs)
  if (pressing === 'verify') {
    const names = toVerify.map((name) => words.times[name]).join(', ')
    return html`<p class="sign">${sign(words.toVerify)}</p><p class="big"><strong>?</strong></p><p>${names}</p>${answer}`
  }
  if (pressing === 'unknown')
    return html`<p class="sign">${sign(words.noTime)}</p><p class="big"><strong>?</strong></p>${answer}`
  const clock = pressingClock(clocks)
  if (clock === null) {
    const { openedAtMs } = shown.case
    return html`<p class="sign quiet">${since(openedAtMs, nowMs, language, page.waiting)}</p>`
  }
  const others = clocks.filter((one) => one !== clock && one.basis !== 'answer')
  return html`${bigLines(clock, { sign, shown, visit, nowMs })}${others.map((one) => otherLine(one, visit, nowMs))}${
    clock.basis === 'answer' ? null : answer
  }`
}

interface Drawing {
  readonly sign: (text: string) => Html
  readonly shown: ShownCase
  readonly visit: Visit
  readonly nowMs: number
}

function bigLines({ main, passed }: CaseClock, { sign, shown, visit, nowMs }: Drawing): Html {
  const { language } = visit
  const over = passed === null ? null : html`<p class="over">${overText(passed, nowMs, language)}</p>`
  if (main === null) {
    const span = passed === null ? '' : CLOCK_WORDS[language].span(nowMs - passed.endsMs)
    const text = passed === null ? '' : CLOCK_WORDS[language].over(passed.lengthMs, nowMs - passed.endsMs)
    const [before] = around(text, span)
    return html`<p class="sign">${sign(before)}</p><p class="big"><strong data-since="${passed?.endsMs ?? 0}">${span}</strong></p>`
  }
  return html`<p class="sign">${sign(CASE_PAGE_WORDS[language].left)}</p><p class="big"><strong data-ends="${main.endsMs}" data-said="${saidAloud(main, shown, visit)}">${CLOCK_WORDS[language].span(main.endsMs - nowMs)}</strong></p>
<p>${main.name[language]}</p>${over}`
}

/** What is said when a threshold passes, with `{left}` where the script puts what is left. */
function saidAloud({ name }: ShownWindow, { case: { number } }: ShownCase, { language }: Visit): string {
  const words = CLOCK_WORDS[language]
  const [before, after] = around(words.announced(number, name[language], 7_200_000), words.span(7_200_000))
  return `${before}{left}${after}`
}

function otherLine({ main, passed }: CaseClock, { language }: Visit, nowMs: number): Html | null {
  const over = passed === null || main === null ? null : html`<br>${overText(passed, nowMs, language)}`
  if (main !== null)
    return html`<p class="second">${main.name[language]}${colon(language)}<strong>${leftUntil(main.endsMs, nowMs, language)}</strong>${over}</p>`
  return passed === null
    ? null
    : html`<p class="second">${passed.name[language]}${colon(language)}${overText(passed, nowMs, language)}</p>`
}

function answerLine({ clocks: { clocks } }: ShownCase, visit: Visit, nowMs: number): Html | null {
  const answer = clocks.find(({ basis }) => basis === 'answer')
  return answer === undefined ? null : otherLine(answer, visit, nowMs)
}

/** The times that were told, each with its source, how exact it is, and whether it is to be verified; and every window. */
export function clockPanel(shown: ShownCase, visit: Visit, nowMs: number): Html {
  const { language, config } = visit
  const page = CASE_PAGE_WORDS[language]
  const clocks = shown.clocks.clocks
  const axis = axisOf(clocks.flatMap(({ windows }) => windows))
  return html`<section id="s-clock" data-fresh aria-labelledby="t-clock"><h2 id="t-clock">${page.sections.clock}</h2>
<div class="panel clock-${pressingOf(shown)}"><div class="clock">${bigClock(shown, visit, nowMs)}</div>
<div><h3>${page.clock.told}</h3>${toldTimes(shown, visit, nowMs)}</div>
${
  clocks.length === 0
    ? null
    : html`<div><h3>${page.clock.windows}</h3>${axis === null ? null : html`<p class="quiet">${page.clock.bars}</p>`}${clocks.map(
        (
          clock,
        ) => html`${clock.basis === 'unknown' ? html`<p class="quiet">${CLOCK_WORDS[language].secondClock}</p>` : null}
<ul class="windows">${clock.windows.map((one) => html`<li>${windowLine(one, visit, { nowMs, timeZone: config.region.timeZone })}${axis === null ? null : spanBar(one, axis, nowMs)}</li>`)}</ul>`,
      )}</div>`
}</div></section>`
}

const ALWAYS: readonly string[] = ['last-seen-well', 'onset', 'discovery']

function toldTimes({ case: one, service }: ShownCase, { language, config }: Visit, nowMs: number): Html {
  const words = CASE_WORDS[language]
  const page = CASE_PAGE_WORDS[language].clock
  const said = CLOCK_WORDS[language]
  const names = TIME_NAMES.filter(
    (name) => one.times[name] !== undefined || (one.kind === 'stroke' && ALWAYS.includes(name)),
  )
  return html`<dl class="facts">${names.map((name) => {
    const time = one.times[name]
    if (time === undefined) return html`<div><dt>${words.times[name]}</dt><dd class="quiet">${page.notTold}</dd></div>`
    const doubt = service === null ? null : timeDoubt(time, { nowMs, oldMs: service.oldMs, late: one.late })
    const about = `${words.precisions[time.precision]}, ${words.sources[time.source]}`
    return html`<div><dt>${words.times[name]}</dt><dd><strong>${dayTimeText(time.atMs, nowMs, config.region.timeZone, language)}</strong>, ${said.ago(nowMs - time.atMs)} <span class="quiet">${about}</span>${
      doubt === null ? null : html` <strong class="alarm">${said[doubt]}</strong>`
    }</dd></div>`
  })}</dl>`
}

function windowLine(
  one: ShownWindow,
  { language }: Visit,
  { nowMs, timeZone }: { readonly nowMs: number; readonly timeZone: string },
): Html {
  const page = CASE_PAGE_WORDS[language].clock
  const said = CLOCK_WORDS[language]
  const from = one.from === 'requested' ? page.requested : CASE_WORDS[language].times[one.from]
  const state = (): Html => {
    switch (one.state) {
      case 'running': {
        const span = said.span(one.endsMs - nowMs)
        const [before, after] = around(said.left(one.endsMs - nowMs), span)
        return html`${mark(one.endsMs - nowMs < NEAR_MS ? 'watch' : 'sound', '')}${before}<strong>${leftUntil(one.endsMs, nowMs, language)}</strong>${after} <span class="quiet">${page.ends(dayTimeText(one.endsMs, nowMs, timeZone, language))}</span>`
      }
      case 'over':
        return html`${mark('alarm', '')}<strong>${overText(one, nowMs, language)}</strong>`
      case 'met':
        return html`${mark('sound', said.met)}`
      case 'switched-off':
        return html`<span class="quiet">${said.switchedOff}</span>`
      case 'unverified':
        return html`${mark('alarm', page.unverified)}`
    }
  }
  return html`<span class="name">${one.name[language]}</span> <span>${state()} <span class="quiet">${page.since(from)}</span></span>`
}
