import type { ReplayCounts, ReplayRequest } from '../../../core/treat.ts'
import type { MessageFilter } from '../../../core/views.ts'
import { colon } from '../colon.ts'
import { type Html, type HtmlValue, html } from '../html.ts'
import { filterFields } from '../messages/list.ts'
import { choice, hidden, reasonField } from '../messages/pieces.ts'
import { addressOf, queryOf } from '../messages/query.ts'
import { momentOf, numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { table } from '../table.ts'
import { TREAT_WORDS, type TreatWords } from './words.ts'

/** Requests for replays elsewhere, newest first. */
export function requestTable(requests: readonly ReplayRequest[], visit: KnownVisit, words: TreatWords): Html {
  const columns = [
    { name: words.askedAt },
    { name: words.askedBy },
    { name: words.to },
    { name: words.messages, numeric: true },
    { name: words.state },
  ]
  const row = (one: ReplayRequest): readonly HtmlValue[] => [
    html`<a href="/a-traiter/demandes/${one.id}">${momentOf(one.askedAt, visit)}</a>`,
    one.askedBy,
    one.to,
    numberOf(one.counts.messages, visit.language),
    words.requestStates[one.state] ?? '',
  ]
  return table('requests', words.requests, columns, requests.map(row))
}

/** What a dry run counted. */
export function countsList(counts: ReplayCounts, { language }: KnownVisit, words: TreatWords): Html {
  const number = (n: number) => numberOf(n, language)
  const made = Object.entries(counts.deliveries)
  const skipped = counts.skipped
  return html`<dl class="facts"><dt>${words.messages}</dt><dd>${number(counts.messages)}</dd>
<dt>${words.newDeliveries}</dt><dd><ul class="plain">${made.map(([to, n]) => html`<li>${to}${colon(language)}${number(n)}</li>`)}</ul></dd>
<dt>${words.doubles}</dt><dd>${counts.doubles > 0 ? html`<strong class="alarm">${number(counts.doubles)}</strong>` : '0'}</dd>
${skipped.DESTINATION_GONE ? html`<dt>${words.skippedGone}</dt><dd>${number(skipped.DESTINATION_GONE)}</dd>` : null}
${skipped.PROCESSING_ID ? html`<dt>${words.skippedUse}</dt><dd>${number(skipped.PROCESSING_ID)}</dd>` : null}
${skipped.platform ? html`<dt>${words.skippedInside}</dt><dd>${number(skipped.platform)}</dd>` : null}</dl>
<p class="quiet">${words.order}</p>
${counts.whole ? null : html`<p class="alarm">${words.notWhole}</p>`}`
}

/** A replay being prepared: the messages chosen, where to, and what a dry run counted. */
export interface Preparing {
  readonly filter: MessageFilter
  readonly to: string
  readonly counts: ReplayCounts | null
}

/** The page on which a replay by filter is prepared: nothing goes before a dry run was seen. */
export function replayBody({ filter, to, counts }: Preparing, visit: KnownVisit): PageBody {
  const { config, language } = visit
  const words = TREAT_WORDS[language]
  const isPatient = filter.patient !== undefined || filter.patients !== undefined
  const destinations = [...config.destinations.keys()].map((id): [string, string] => [id, id])
  const query = queryOf(filter)
  const said = [
    query === '' ? null : [...new URLSearchParams(query).values()].join(' · '),
    isPatient ? words.ofPatient : null,
  ]
  const chosen = said.filter((one) => one !== null).join(' · ') || words.everything
  const fields = hidden(filterFields(filter))
  const blocked = to !== '' && isPatient
  const body = html`<p class="quiet">${words.replayLead}</p>
<p>${words.replayWhich}${colon(language)}<strong>${chosen}</strong> · <a href="${addressOf('/messages', query)}">${words.changeFilter}</a></p>
<form method="post" action="/a-traiter/renvoi" class="fields">${fields}${choice('where', words.to, to, [['', words.same], ...destinations])}
<p class="act"><button name="how" value="simulate">${words.simulate}</button></p></form>
${
  counts === null
    ? null
    : html`<section class="result" role="status" aria-labelledby="simulated"><h2 id="simulated">${words.simulated}</h2>${countsList(counts, visit, words)}
${blocked ? html`<p class="alarm">${words.noPatientElsewhere}</p>` : counts.whole && counts.messages > 0 ? doForm(fields, to, visit, words) : null}</section>`
}`
  return { title: words.replayTitle, body, styles: ['messages.css'] }
}

function doForm(fields: Html, to: string, { language }: KnownVisit, words: TreatWords): Html {
  const label = to === '' ? words.doReplay : words.askSecond
  return html`<form method="post" action="/a-traiter/renvoi" class="fields">${fields}${hidden({ where: to })}${reasonField(language)}
<p class="act"><button name="how" value="do">${label}</button></p></form>`
}

/** The page of one request: what it would do, who asked, and the decision. */
export function requestBody(request: ReplayRequest, visit: KnownVisit): PageBody {
  const { language, caller } = visit
  const words = TREAT_WORDS[language]
  const { subject } = request
  const what =
    'message' in subject
      ? html`<a href="/messages/${subject.message}">${words.oneMessage} ${subject.message}</a>`
      : html`<a href="${addressOf('/messages', queryOf(subject.filter))}">${[...new URLSearchParams(queryOf(subject.filter)).values()].join(' · ') || words.everything}</a>`
  const body = html`<dl class="facts"><dt>${words.state}</dt><dd><strong>${words.requestStates[request.state] ?? ''}</strong></dd>
<dt>${words.askedBy}</dt><dd>${request.askedBy}, ${momentOf(request.askedAt, visit)}</dd>
<dt>${words.reason}</dt><dd>${request.why}</dd>
<dt>${words.replayWhich}</dt><dd>${what}</dd>
<dt>${words.to}</dt><dd>${request.to}</dd>
${request.state === 'asked' ? html`<dt>${words.expires}</dt><dd>${momentOf(request.expiresAt, visit)}</dd>` : null}
${decision(request, visit, words)}</dl>
<h2>${words.simulated}</h2>${countsList(request.counts, visit, words)}
${decide(request, caller.who, visit, words)}
<p><a href="/a-traiter">${words.back}</a></p>`
  return { title: words.request, body, styles: ['messages.css'] }
}

function decision(request: ReplayRequest, visit: KnownVisit, words: TreatWords): Html | null {
  if (request.decidedBy === null || request.decidedAt === null) return null
  return html`<dt>${words.decidedBy}</dt><dd>${request.decidedBy}, ${momentOf(request.decidedAt, visit)} · « ${request.decidedWhy} »</dd>
<dt>${words.messages}</dt><dd>${words.gone(numberOf(request.done, visit.language))}</dd>`
}

function decide(request: ReplayRequest, who: string, { language }: KnownVisit, words: TreatWords): Html | null {
  const action = `/a-traiter/demandes/${request.id}`
  if (request.state === 'running') {
    return html`<form method="post" action="${action}"><button name="how" value="continue">${words.goOn}</button></form>`
  }
  if (request.state !== 'asked') return null
  const own = request.askedBy === who
  return html`<form method="post" action="${action}" class="fields">${own ? html`<p><strong>${words.ownRequest}</strong></p>` : null}${reasonField(language)}
<p class="act">${own ? null : html`<button name="how" value="approve">${words.approve}</button> `}<button name="how" value="refuse">${words.refuse}</button></p></form>`
}
