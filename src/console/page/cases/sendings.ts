import type { Sending, SendingStep } from '../../../core/sendings.ts'
import { dayTimeText } from '../../../formats/clock/words.ts'
import { type Html, html } from '../html.ts'
import type { Visit } from '../shell/visit.ts'
import { section } from './fields.ts'
import { placeOf } from './shown.ts'
import { CASE_PAGE_WORDS } from './words.ts'

const SIGNS: Readonly<Record<SendingStep['state'], string>> = { done: '✓', waits: '○', failed: '✕', untold: '–' }
const KINDS: Readonly<Record<SendingStep['state'], string>> = {
  done: 'done',
  waits: 'waits',
  failed: 'held',
  untold: 'waits',
}

/** What was sent and how far each came: delivered, seen, taken, each by a word and a shape of its own; never one tick for all. */
export function sendingsPanel(sendings: readonly Sending[], visit: Visit, nowMs: number): Html {
  const { sections, sendings: words } = CASE_PAGE_WORDS[visit.language]
  const { config, language } = visit
  const when = (ms: number) => dayTimeText(ms, nowMs, config.region.timeZone, language)
  const chip = ({ step, state, atMs }: SendingStep): Html => {
    const said = state === 'done' ? (atMs === null ? null : when(atMs)) : words.states[state]
    return html`<li class="chip chip-${KINDS[state]}"><span class="sign" aria-hidden="true">${SIGNS[state]}</span> ${words.steps[step]}${said === null ? null : html` <span class="quiet">${said}</span>`}</li>`
  }
  const item = ({ what, destination, establishment, atMs, steps }: Sending): Html =>
    html`<li><p class="sent-what"><strong>${words.sorts[what]}</strong> · ${placeOf(config, establishment)} <span class="quiet">${
      destination === null ? words.onScreen : destination
    }, ${when(atMs)}</span></p><ul class="chips">${steps.map(chip)}</ul></li>`
  const body =
    sendings.length === 0
      ? html`<p class="quiet">${words.none}</p>`
      : html`<ul class="sendings">${sendings.map(item)}</ul>`
  return section('sendings', sections.sendings, body)
}
