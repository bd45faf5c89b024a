import { may, reachOf } from '../../../core/caller.ts'
import { neighboursOf } from '../../../core/neighbours.ts'
import type { SavedView } from '../../../core/saved-views.ts'
import {
  ENTRANCES,
  type MessageCodes,
  type MessageFilter,
  type MessagePage,
  type MessageSummary,
} from '../../../core/views.ts'
import { colon } from '../colon.ts'
import { type Html, type HtmlValue, html } from '../html.ts'
import { momentOf, numberOf, wallOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { table } from '../table.ts'
import { choice, codeChoices, hidden, input, stateText } from './pieces.ts'
import { addressOf, fromPlace, MESSAGE_STATES, queryOf } from './query.ts'
import { MESSAGE_WORDS, type MessageWords } from './words.ts'

/** What the list shows. */
export interface MessageList {
  readonly filter: MessageFilter
  readonly page: MessagePage
  readonly saved: readonly SavedView[]
  /** Those that occur: the choice offers no other. */
  readonly codes: MessageCodes
  /** Words of the box that mean nothing. */
  readonly rest?: readonly string[]
  /** Names an export, so that its progress can be told. */
  readonly ticket: string
  readonly exportMax: number
}

const KINDS = ['ADT^*', 'ORM^*', 'ORU^*', 'MDM^*', 'SIU^*', 'OMI^*', 'ACK', 'Bundle:transaction', 'ServiceRequest']

/** The page of messages: the box, the filters, what they find, and what can be done with it. */
export function listBody(list: MessageList, visit: KnownVisit): PageBody {
  const { language } = visit
  const words = MESSAGE_WORDS[language]
  const { filter, page, rest = [] } = list
  const body = html`${boxForm(words)}
${rest.length > 0 ? html`<p class="alarm" role="status">${words.notUnderstood(rest.join(' '))}</p>` : null}
${isOfPatient(filter) ? html`<p class="quiet">${words.ofPatient}</p>` : null}
${savedList(list, words)}
${filterForm(list, visit, words)}
${
  page.messages.length === 0
    ? html`<p><strong>${words.nothing}</strong></p><p class="quiet">${words.nothingHelp}</p>`
    : html`${results(page, visit, words)}${pager(list, words)}`
}
${exportForm(list, visit, words)}`
  return { title: words.title, body, styles: ['messages.css'], scripts: ['progress.js'] }
}

function isOfPatient({ patient, patients }: MessageFilter): boolean {
  return patient !== undefined || patients !== undefined
}

function boxForm(words: MessageWords): Html {
  return html`<form method="post" action="/messages/recherche" class="box" role="search">
<label for="q">${words.box}</label>
<input id="q" name="q" type="search" maxlength="500" aria-describedby="q-help" autocomplete="off" spellcheck="false" data-search>
<button>${words.find}</button>
<p id="q-help" class="quiet">${words.boxHelp}</p>
</form>`
}

/** Also of a patient: then it is sent by POST, and the patient goes along unseen. */
function filterForm({ filter, codes }: MessageList, visit: KnownVisit, words: MessageWords): Html {
  const { language, config, caller } = visit
  const { timeZone } = config.region
  const known = neighboursOf(config, reachOf(caller, 'messages:read'))
  const any: readonly [string, string] = ['', words.any]
  const establishments = [...config.establishments.values()]
    .filter(({ id }) => known.establishments?.has(id) ?? true)
    .map(({ id, name }): [string, string] => [id, name])
  const destinations = [...known.destinations].map((id): [string, string] => [id, id])
  const wall = (atMs: number | undefined) => (atMs === undefined ? '' : wallOf(atMs, timeZone))
  const patient = patientFields(filter)
  const used = queryOf(fromPlace(filter, null)) !== ''
  const open = used ? html` open` : null
  return html`<details class="filters"${open}><summary>${words.filters}</summary>
<form method="${patient.length > 0 ? 'post' : 'get'}" action="${patient.length > 0 ? '/messages/recherche' : '/messages'}" class="fields">
${hidden(patient)}${filter.controlId === undefined ? null : hidden({ controlId: filter.controlId })}
${choice('from', words.from, filter.from ?? '', [any, ...establishments])}
${choice('to', words.to, filter.to ?? '', [any, ...establishments, ...destinations])}
${input('kind', words.kind, filter.kind ?? '', { max: 64, list: 'kinds' })}
<datalist id="kinds">${KINDS.map((kind) => html`<option value="${kind}"></option>`)}</datalist>
${choice('state', words.state, filter.state ?? '', [any, ...MESSAGE_STATES.map((one): [string, string] => [one, words.states[one]])])}
${choice('finding', words.findingOf, filter.finding ?? '', [any, ...codeChoices(codes.findings, filter.finding, language)])}
${choice('code', words.errorOf, filter.code ?? '', [any, ...codeChoices(codes.errors, filter.code, language)])}
${choice('entrance', words.entrance, filter.entrance ?? '', [any, ...ENTRANCES.map((one): [string, string] => [one, words.entrances[one]])])}
${choice('test', words.test, filter.test === undefined ? '' : String(filter.test), [any, ['true', words.yes], ['false', words.no]])}
${input('since', words.since, wall(filter.sinceMs), { type: 'datetime-local' })}
${input('until', words.until, wall(filter.untilMs), { type: 'datetime-local' })}
${input('minBytes', words.minBytes, String(filter.minBytes ?? ''), { type: 'number' })}
${input('maxBytes', words.maxBytes, String(filter.maxBytes ?? ''), { type: 'number' })}
<p class="act"><button>${words.apply}</button> <a href="/messages">${words.clear}</a></p>
</form></details>`
}

function patientFields({ patient, patients = [] }: MessageFilter): readonly (readonly [string, string])[] {
  return [...(patient === undefined ? [] : [patient]), ...patients].map((one) => ['patient', one] as const)
}

/** A patient and the rest of the filter, as fields of a form. */
export function filterFields(filter: MessageFilter): readonly (readonly [string, string])[] {
  return [...patientFields(filter), ...new URLSearchParams(queryOf(filter))]
}

function savedList({ saved, filter }: MessageList, words: MessageWords): Html {
  const query = queryOf(fromPlace(filter, null))
  return html`<details class="saved"${saved.length > 0 ? html` open` : null}><summary>${words.saved}</summary>
<p class="quiet">${words.savedHelp}</p>
<ul>${saved.map(
    ({ name, query: kept }) => html`<li><a href="${addressOf('/messages', kept)}">${name}</a>
<form method="post" action="/messages/vues"><input type="hidden" name="remove" value="${name}"><button aria-label="${words.remove(name)}">${words.removeShort}</button></form></li>`,
  )}</ul>
${
  query === '' || isOfPatient(filter)
    ? null
    : html`<form method="post" action="/messages/vues" class="fields">${hidden({ query })}${input('name', words.saveAs, '', { max: 80, required: true })}<p class="act"><button>${words.save}</button></p></form>`
}</details>`
}

function results(page: MessagePage, visit: KnownVisit, words: MessageWords): Html {
  const columns = [
    { name: words.received },
    { name: words.from },
    { name: words.kind },
    { name: words.controlId },
    { name: words.state },
    { name: words.deliveries },
    { name: words.findings },
    { name: words.size, numeric: true },
  ]
  return table(
    'results',
    words.results,
    columns,
    page.messages.map((one) => resultRow(one, visit, words)),
  )
}

function resultRow(one: MessageSummary, visit: KnownVisit, words: MessageWords): readonly HtmlValue[] {
  const { language, config } = visit
  const sender = one.from === null ? words.unknownSender : (config.establishments.get(one.from)?.name ?? one.from)
  const state = words.states[one.state]
  return [
    html`<a href="/messages/${one.id}">${momentOf(one.receivedAt, visit)}</a>`,
    sender,
    one.kind,
    html`<span class="id">${one.controlId}</span>`,
    one.state === 'parked' ? html`<strong class="alarm">${state}</strong>` : state,
    one.deliveries.length === 0
      ? words.none
      : html`<ul class="plain">${one.deliveries.map(
          (delivery) => html`<li>${delivery.destination}${colon(language)}${stateText(delivery, visit)}</li>`,
        )}</ul>`,
    findingsText(one, words),
    numberOf(one.bytes, language),
  ]
}

function findingsText({ findings }: MessageSummary, words: MessageWords): HtmlValue {
  const classes = (['safety', 'contract', 'form'] as const).map((kind) => ({
    kind,
    n: findings.filter((one) => one.class === kind).length,
  }))
  const some = classes.filter(({ n }) => n > 0)
  return some.length === 0 ? words.none : some.map(({ kind, n }) => `${n} ${words.classes[kind]}`).join(', ')
}

function pager({ filter, page }: MessageList, words: MessageWords): Html {
  const patient = isOfPatient(filter)
  const link = (after: string | null, label: string): Html => {
    const next = fromPlace(filter, after)
    return patient
      ? html`<form method="post" action="/messages/recherche">${hidden(filterFields(next))}<button>${label}</button></form>`
      : html`<a href="${addressOf('/messages', queryOf(next))}">${label}</a>`
  }
  return html`<nav class="pager" aria-label="${words.results}">${filter.after === undefined ? null : link(null, words.newest)} ${
    page.next === null ? null : link(page.next, words.older)
  }</nav>`
}

function exportForm({ filter, ticket, exportMax }: MessageList, { caller, language }: KnownVisit, words: MessageWords) {
  const whole = fromPlace(filter, null)
  const fields = filterFields(whole)
  const replay = may(caller, 'deliveries:act')
    ? html`<form method="post" action="/a-traiter/renvoi" class="aside">${hidden(fields)}<button>${words.replayThese}</button></form>`
    : null
  return html`<section aria-labelledby="export"><h2 id="export">${words.export}</h2>
<p class="quiet">${words.exportHelp(numberOf(exportMax, language))}</p>
<form method="post" action="/messages/export" class="fields" data-progress="/messages/export/${ticket}" data-done="${words.exported}" data-over="${words.exportOver}">
${hidden(fields)}${hidden({ ticket })}
${choice('format', words.format, 'csv', [
  ['csv', words.csv],
  ['json', words.json],
])}
${input('limit', words.limit, String(exportMax), { type: 'number' })}
<p class="act"><button>${words.doExport}</button> <output aria-live="polite"></output></p>
</form>
${replay}</section>`
}
