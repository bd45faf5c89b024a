import type { Climb, Happening, Notice } from '../../../core/cases.ts'
import type { KeptNotice } from '../../../core/notices.ts'
import { CASE_WORDS } from '../../../formats/case/words.ts'
import { dayTimeText } from '../../../formats/clock/words.ts'
import { colon } from '../colon.ts'
import { type Html, html } from '../html.ts'
import type { Visit } from '../shell/visit.ts'
import { placeOf, type ShownCase } from './shown.ts'
import { CASE_PAGE_WORDS } from './words.ts'

/** What became of notices, by their ids. */
export type NoticeStates = ReadonlyMap<string, Pick<KeptNotice, 'state'>>

/** Who was alerted, on every ladder of the case: each rung, whom it told, by which channel, delivered or not. */
export function ladderPanel(
  shown: ShownCase,
  happenings: readonly Happening[],
  notices: NoticeStates,
  visit: Visit,
  nowMs: number,
): Html {
  const page = CASE_PAGE_WORDS[visit.language]
  const { climbs } = shown.case
  return html`<section id="s-ladder" data-fresh aria-labelledby="t-ladder"><h2 id="t-ladder">${page.sections.ladder}</h2>
${climbs.length === 0 ? html`<p class="quiet">${page.ladder.none}</p>` : climbs.map((climb) => climbPart(climb, shown, happenings, { notices, visit, nowMs }))}</section>`
}

interface Drawing {
  readonly notices: NoticeStates
  readonly visit: Visit
  readonly nowMs: number
}

function climbPart(climb: Climb, shown: ShownCase, happenings: readonly Happening[], drawing: Drawing): Html {
  const { language, config } = drawing.visit
  const page = CASE_PAGE_WORDS[language].ladder
  const when = (ms: number) => dayTimeText(ms, drawing.nowMs, config.region.timeZone, language)
  const title = shown.service?.ladders.find(({ name }) => name === climb.ladder)?.title[language] ?? climb.ladder
  const rungs = happenings.filter(({ act }) => act.what === 'rung' && act.ladder === climb.ladder)
  const state = climb.endedAtMs === null ? page.goesOn : page.stopped(when(climb.endedAtMs))
  return html`<div class="climb"><h3>${title}</h3>
<ol class="centres">${climb.centres.map((centre, place) => centreItem(climb, centre, place, drawing))}</ol>
<p class="${climb.endedAtMs === null ? 'goes' : 'quiet'}">${state}</p>
${rungs.length === 0 ? null : html`<ol class="rungs">${rungs.map((one) => rungItem(one, drawing, when))}</ol>`}</div>`
}

function centreItem({ at, refused, acceptedBy }: Climb, centre: string, place: number, { visit }: Drawing): Html {
  const page = CASE_PAGE_WORDS[visit.language].ladder
  const [kind, sign, word] =
    acceptedBy === centre
      ? ['done', '✓', page.accepted]
      : refused.includes(centre)
        ? ['held', '✕', page.refused]
        : place <= at
          ? ['now', '●', page.asked]
          : ['waits', '○', page.next]
  return html`<li class="chip chip-${kind}"><span class="sign" aria-hidden="true">${sign}</span> ${placeOf(visit.config, centre)}${colon(visit.language)}${word}</li>`
}

function rungItem({ act, atMs }: Happening, drawing: Drawing, when: (ms: number) => string): Html | null {
  if (act.what !== 'rung') return null
  const page = CASE_PAGE_WORDS[drawing.visit.language].ladder
  const told = Map.groupBy(
    act.notices,
    ({ told: whom, name, establishment }) => `${whom} ${name} ${establishment ?? ''}`,
  )
  return html`<li><time datetime="${new Date(atMs).toISOString()}">${when(atMs)}</time> <strong>${page.rung(act.rung + 1)}</strong>
<ul class="told">${[...told.values()].map((notices) => toldItem(notices, drawing))}</ul></li>`
}

function toldItem(notices: readonly Notice[], { notices: states, visit }: Drawing): Html {
  const words = CASE_WORDS[visit.language]
  const page = CASE_PAGE_WORDS[visit.language].ladder
  const first = notices[0]!
  const place = placeOf(visit.config, first.establishment)
  const name = [words.told[first.told], first.name === place ? '' : first.name, place].filter((text) => text !== '')
  return html`<li>${name.join(', ')}${colon(visit.language)}${notices.map(({ id, channel }, i) => {
    const state =
      channel === 'console'
        ? 'none'
        : (states.get(id)?.state ?? (hasChannel(channel, first, visit) ? undefined : 'unset'))
    const sign =
      state === 'failed' ? '✕' : state === 'unset' ? '–' : state === 'delivered' || state === 'none' ? '✓' : '…'
    const said = state === undefined ? null : html` <span class="quiet">${page.states[state]}</span>`
    return html`${i === 0 ? null : ', '}<span class="notice${state === 'failed' ? ' alarm' : ''}"><span aria-hidden="true">${sign}</span> ${words.channels[channel]}${said}</span>`
  })}</li>`
}

/** Has the region what this channel needs? A centre's own system is told by a delivery. */
function hasChannel(channel: Notice['channel'], { establishment }: Notice, { config }: Visit): boolean {
  const { sms = null, voice = null, webhooks = [] } = config.telemedicine ?? {}
  if (channel === 'sms') return sms !== null
  if (channel === 'voice') return voice !== null
  if (channel === 'webhook') return webhooks.length > 0
  return channel === 'console' || (config.establishments.get(establishment ?? '')?.casesTo ?? null) !== null
}
