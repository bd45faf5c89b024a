import type { TestResult } from '../../../core/operations.ts'
import type { Maintenance } from '../../../core/treat.ts'
import type { DestinationStatus, Status } from '../../../core/views.ts'
import { type Html, type HtmlValue, html } from '../html.ts'
import { choice, codeOf, hidden, input, reasonField } from '../messages/pieces.ts'
import { momentOf, numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { table } from '../table.ts'
import { TREAT_WORDS, type TreatWords } from './words.ts'

/** The page of destinations: what waits, what is paused and by whom, and the acts on them. */
export function destinationsBody(status: Status, tested: TestResult | null, visit: KnownVisit): PageBody {
  const { language } = visit
  const words = TREAT_WORDS[language]
  const shown = status.destinations.filter(({ id }) => visit.config.destinations.has(id))
  const columns = [
    { name: words.destination },
    { name: words.state },
    { name: words.open, numeric: true },
    { name: words.parked, numeric: true },
  ]
  const row = (one: DestinationStatus): readonly HtmlValue[] => [
    one.id,
    one.paused === undefined
      ? words.works
      : html`<strong class="alarm">${words.pausedSince}</strong> ${momentOf(one.paused.since, visit)} ${words.by} ${one.paused.who} · « ${one.paused.why} »`,
    numberOf(one.open, language),
    numberOf(one.parked, language),
  ]
  const body = html`<p class="quiet">${words.destinationsLead}</p>
${tested === null ? null : testResult(tested, language, words)}
<form method="post" action="/a-traiter/destinataires" class="fields">
${choice(
  'destination',
  words.destination,
  tested?.destination ?? '',
  shown.map(({ id, paused }): [string, string] => [
    id,
    paused === undefined ? id : `${id} · ${words.pausedSince.split(' ')[0]}`,
  ]),
)}${reasonField(language)}
<p class="act"><button name="act" value="pause">${words.pause}</button> <button name="act" value="resume">${words.resume}</button> <button name="act" value="test">${words.test}</button></p></form>
${table('destinations', words.destinationsTitle, columns, shown.map(row))}
<p><a href="/a-traiter">${words.back}</a></p>`
  return { title: words.destinationsTitle, body, styles: ['messages.css'] }
}

function testResult(
  { destination, ok, step, code, detail }: TestResult,
  language: 'fr' | 'en',
  words: TreatWords,
): Html {
  const told = ok
    ? html`<p class="sound">${words.reached}</p>`
    : html`<p class="alarm">${words.notReached} · ${words.steps[step] ?? ''}${code === null ? null : html` · ${codeOf(code, language)}`}${detail === null ? null : html` · <code>${detail}</code>`}</p>`
  return html`<section class="result" role="status" aria-labelledby="tested"><h2 id="tested">${words.tested(destination)}</h2>${told}</section>`
}

/** The page of planned maintenance: what is announced, and a form to announce more. */
export function maintenanceBody(planned: readonly Maintenance[], visit: KnownVisit): PageBody {
  const { language, config } = visit
  const words = TREAT_WORDS[language]
  const body = html`<p class="quiet">${words.maintenanceLead}</p>
${planned.length === 0 ? html`<p>${words.noMaintenance}</p>` : planned.map((one) => announced(one, visit, words))}
<form method="post" action="/a-traiter/maintenance" class="fields">
${input('from', words.begins, '', { type: 'datetime-local', required: true })}
${input('until', words.ends, '', { type: 'datetime-local', required: true })}
${input('text', words.text, '', { max: 300, required: true })}
<fieldset><legend>${words.whichDestinations}</legend>${[...config.destinations.keys()].map(
    (id) => html`<label class="tick"><input type="checkbox" name="destination" value="${id}"> ${id}</label>`,
  )}</fieldset>
<label class="tick"><input type="checkbox" name="pause" value="yes"> ${words.pauseThem}</label>
<p class="act"><button>${words.plan}</button></p></form>
<p><a href="/a-traiter">${words.back}</a></p>`
  return { title: words.maintenanceTitle, body, styles: ['messages.css'] }
}

function announced(
  { id, from, until, text, destinations, pause, who }: Maintenance,
  visit: KnownVisit,
  words: TreatWords,
): Html {
  return html`<article class="delivery" data-row><h2>${text}</h2>
<p>${momentOf(from, visit)} – ${momentOf(until, visit)} · ${words.by} ${who}</p>
${destinations.length === 0 ? null : html`<p>${destinations.join(', ')}${pause ? html` · <strong>${words.pauseThem}</strong>` : null}</p>`}
<form method="post" action="/a-traiter/maintenance" class="fields">${hidden({ end: id })}${reasonField(visit.language)}<p class="act"><button>${words.end}</button></p></form></article>`
}
