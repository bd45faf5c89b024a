import type { Duty, DutyNotice, OpenCase } from '../../../core/duty.ts'
import { CASE_WORDS } from '../../../formats/case/words.ts'
import { type Html, html } from '../html.ts'
import { facts, moment } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { rotaTitle } from './grid.ts'
import { whenText } from './week.ts'
import { DUTY_WORDS } from './words.ts'

/** What the page of a duty shows. */
export interface DutyShown {
  readonly visit: KnownVisit
  readonly duty: Duty
  readonly notices: readonly DutyNotice[]
  /** Null: not for these eyes. */
  readonly open: readonly OpenCase[] | null
  /** Duties that may follow, at the same rota. */
  readonly next: readonly Duty[]
  /** May be changed by who looks, and now is its time. */
  readonly isTakeable: boolean
  readonly mayHandOver: boolean
  /** Channels that the region has. */
  readonly channels: { readonly sms: boolean; readonly voice: boolean }
  /** A sentence above; null: none. */
  readonly told: string | null
}

/** One duty: its tests, taking it, and what is handed over at its end. */
export function dutyPage(shown: DutyShown): PageBody {
  const { visit, duty, isTakeable, told, open } = shown
  const { language, config } = visit
  const words = DUTY_WORDS[language]
  const at = (ms: number) => moment(ms, language, config.region.timeZone)
  const taken = duty.takenAtMs === null ? null : takenText(duty, duty.takenAtMs, visit)
  const body = html`<p><a href="/garde">${words.back}</a></p>
${told === null ? null : html`<p class="box" role="status">${told}</p>`}
${facts([
  [words.title, rotaTitle(duty, visit)],
  [words.place, words.places[duty.place]],
  [words.from, at(duty.fromMs)],
  [words.until, at(duty.untilMs)],
  [words.phone, html`<a href="tel:${duty.phone}">${duty.phone}</a>`],
  [words.take, taken ?? words.notTaken],
])}
${isTakeable ? testPart(shown) : null}
${notices(shown)}
${isTakeable ? takePart(shown) : null}
${open === null ? null : handOverPart(shown, open)}`
  return { title: words.dutyOf(duty.person), body, styles: ['forms.css', 'duty.css'], scripts: ['duty.js'] }
}

function takenText({ heard, takenBy }: Duty, atMs: number, { language, config }: KnownVisit): string {
  const words = DUTY_WORDS[language]
  const parts = [
    heard?.sound === true ? words.heardSound : null,
    heard?.sms === true ? words.heardSms : null,
    heard?.voice === true ? words.heardVoice : null,
  ].filter((one) => one !== null)
  const text = words.taken(whenText(atMs, config.region.timeZone, language), takenBy ?? '')
  return parts.length === 0 ? text : `${text} (${parts.join(', ')})`
}

function testPart({ visit, duty, channels }: DutyShown): Html {
  const words = DUTY_WORDS[visit.language]
  const hasChannel = channels.sms || channels.voice
  return html`<h2>${words.testTitle}</h2><p>${words.testLead}</p>
<p id="sound" hidden><button type="button" id="sound-play" data-played="${words.soundPlayed}">${words.sound}</button> <span id="sound-state" aria-live="polite"></span></p>
${hasChannel ? html`<form method="post" action="/garde/${duty.id}/test"><button>${words.test}</button></form>` : html`<p class="quiet">${words.noChannel}</p>`}`
}

function notices({ visit, notices: sent }: DutyShown): Html | null {
  if (sent.length === 0) return null
  const { language, config } = visit
  const words = DUTY_WORDS[language]
  return html`<h2>${words.notices}</h2><ul>${sent.map(
    ({ channel, state, madeAtMs }) =>
      html`<li>${words.channels[channel]} · ${words.states[state]} · ${moment(madeAtMs, language, config.region.timeZone)}</li>`,
  )}</ul>`
}

function takePart({ visit, duty, channels }: DutyShown): Html {
  const words = DUTY_WORDS[visit.language]
  const box = (name: string, label: string) =>
    html`<label class="tick"><input type="checkbox" name="${name}" value="yes"> ${label}</label>`
  return html`<form class="take" method="post" action="/garde/${duty.id}/prise"><fieldset><legend>${words.heard}</legend>
${box('sound', words.heardSound)}${channels.sms ? box('sms', words.heardSms) : null}${channels.voice ? box('voice', words.heardVoice) : null}</fieldset>
<p><button class="main big">${duty.takenAtMs === null ? words.take : words.takeAgain}</button></p></form>`
}

function handOverPart({ visit, duty, next, mayHandOver }: DutyShown, open: readonly OpenCase[]): Html {
  const { language, config } = visit
  const words = DUTY_WORDS[language]
  const drill = CASE_WORDS[language].drill
  const title = html`<h2>${words.handOver}</h2>`
  if (open.length === 0) return html`${title}<p class="quiet">${words.handOverNone}</p>`
  const name = (one: OpenCase) => `${one.drill ? `${drill} · ` : ''}${one.number}`
  if (!mayHandOver) return html`${title}<ul>${open.map((one) => html`<li>${name(one)}</li>`)}</ul>`
  const to =
    next.length === 0
      ? html`<p class="alarm">${words.noNext}</p>`
      : html`<label for="to">${words.handTo}</label><select id="to" name="to">${next.map(
          (one) =>
            html`<option value="${one.id}">${one.person} · ${words.from} ${whenText(one.fromMs, config.region.timeZone, language)}</option>`,
        )}</select><p><button>${words.hand}</button></p>`
  return html`${title}<p>${words.handOverLead}</p><form method="post" action="/garde/${duty.id}/releve">${open.map(
    (one) =>
      html`<label class="tick"><input type="checkbox" name="case" value="${one.id}" checked> <a href="/dossiers/${one.id}">${name(one)}</a></label>`,
  )}${to}</form>`
}
