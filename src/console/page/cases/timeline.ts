import type { Act, Happening } from '../../../core/cases.ts'
import { CASE_WORDS, writtenText } from '../../../formats/case/words.ts'
import { CLOCK_WORDS, dayTimeText } from '../../../formats/clock/words.ts'
import { colon } from '../colon.ts'
import { type Html, html } from '../html.ts'
import type { Visit } from '../shell/visit.ts'
import { personOf, placeOf, type ShownCase } from './shown.ts'
import { CASE_PAGE_WORDS } from './words.ts'

/** A time and another of the same happening count as one within this (ms). */
const SAME_MS = 60_000

/** How far images are is told by the hundred: of those in a row about one study the last is shown. Pure. */
export function withoutSteps(all: readonly Happening[]): readonly Happening[] {
  return all.filter(({ act }, i) => {
    const next = all[i + 1]?.act
    return !(act.what === 'images' && next?.what === 'images' && next.uid === act.uid && next.held === act.held)
  })
}

/** What happened, the newest on top: when it was so, when it was written down, who, and what. */
export function timeline(shown: ShownCase, all: readonly Happening[], visit: Visit, nowMs: number): Html {
  const page = CASE_PAGE_WORDS[visit.language]
  return html`<section id="s-timeline" data-fresh aria-labelledby="t-timeline"><h2 id="t-timeline">${page.sections.timeline}</h2>
<ol class="happenings" reversed>${withoutSteps(all)
    .toReversed()
    .map(
      (one) => html`<li class="did-${one.act.what}">${happeningLine(one, shown, visit, nowMs)}</li>
`,
    )}</ol></section>`
}

/** One happening: time, what, who, and what is said of it. */
export function happeningLine(one: Happening, shown: ShownCase, visit: Visit, nowMs: number): Html {
  const { language, config } = visit
  const words = CASE_WORDS[language]
  const page = CASE_PAGE_WORDS[language].timeline
  const when = (ms: number) => dayTimeText(ms, nowMs, config.region.timeZone, language)
  const { atMs, recordedAtMs, by, act } = one
  const recorded =
    Math.abs(recordedAtMs - atMs) < SAME_MS
      ? null
      : html` <span class="quiet">${page.recorded(when(recordedAtMs))}</span>`
  const place = placeOf(config, by.establishment)
  const who = by.role === 'gateway' ? page.gateway : [by.name, place].filter((text) => text !== '').join(', ')
  const detail = detailOf(act, shown, visit, when)
  return html`<time datetime="${new Date(atMs).toISOString()}">${when(atMs)}</time>${recorded} <strong>${words.acts[act.what]}</strong> <span class="quiet">${page.by} ${who}</span>${
    detail === null ? null : html`<div class="said">${detail}</div>`
  }`
}

type When = (ms: number) => string

function detailOf(
  act: Act,
  { case: one, service }: ShownCase,
  { language, config }: Visit,
  when: When,
): Html | string | null {
  const words = CASE_WORDS[language]
  const page = CASE_PAGE_WORDS[language]
  const line = page.timeline
  switch (act.what) {
    case 'request':
      return `${placeOf(config, act.request.site)}, ${words.vias[act.request.via]}`
    case 'refuse':
    case 'cancel':
      return act.reason
    case 'reached':
      return line.reachedBy(act.whom, when(act.atMs))
    case 'tell-time':
      return act.time === null
        ? line.noTime(words.times[act.name])
        : `${line.newTime(words.times[act.name], when(act.time.atMs))} (${words.precisions[act.time.precision]}, ${words.sources[act.time.source]})`
    case 'score':
      return act.nihss.total === null ? null : page.nihss.of42(act.nihss.total)
    case 'images':
      return `${words.imagesOf(act.received, act.expected)}${act.held > 0 ? `, ${words.imagesHeld}` : ''}`
    case 'study':
      return (
        [act.study.modality, act.study.accession, act.reason === undefined ? null : line.identity(act.reason)]
          .filter((text) => text !== null)
          .join(' ') || null
      )
    case 'confirm-identity':
      return line.identity(act.reason)
    case 'invite':
      return line.invited(service?.ladders.find(({ name }) => name === act.ladder)?.title[language] ?? act.ladder)
    case 'decide':
      return `${decisionName(act.decision, service, language)}${act.text === '' ? '' : ` : ${act.text}`}`
    case 'write':
      return html`<div class="text-said">${writtenText(act, language)}</div>`
    case 'identity':
      return act.change.traits === null ? null : personOf(act.change.traits, language)
    case 'advise':
    case 'biology':
      return html`<div class="text-said">${act.text}</div>`
    case 'consent':
      return act.consent.given
        ? page.exchanges.consentGiven(act.consent.by)
        : page.exchanges.consentNot(act.consent.by, act.consent.refusedWhy ?? '')
    case 'hand-over':
      return line.handedTo(act.to.name)
    case 'report':
      return service?.reports.find(({ id }) => id === act.type)?.name[language] ?? null
    case 'appointment':
      return `${page.exchanges.statuses[act.status]}${colon(language)}${when(act.startMs)} ${page.exchanges.with(placeOf(config, act.centre))}`
    case 'rung':
      return [page.ladder.rung(act.rung + 1), placeOf(config, act.centre)].filter((text) => text !== '').join(' · ')
    case 'late':
      return `${words.delays[act.delay]}${colon(language)}${line.toldTo([...new Set(act.notices.map(({ told }) => words.told[told]))].join(', '), act.step + 1)}`
    case 'clock':
      return line.clockSet(CLOCK_WORDS[language].span(act.byMs))
    case 'separate':
      return one.number
    default:
      return null
  }
}

/** A decision as the service names it; one that it no longer has keeps its id. */
export function decisionName(id: string, service: ShownCase['service'], language: Visit['language']): string {
  return service?.decisions.find((one) => one.id === id)?.name[language] ?? id
}
