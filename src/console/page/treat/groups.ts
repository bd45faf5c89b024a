import type {
  ManyWork,
  ParkedCause,
  ParkedDelivery,
  ParkedGroup,
  ParkedPage,
  ReplayRequest,
} from '../../../core/treat.ts'
import { type Html, type HtmlValue, html } from '../html.ts'
import { choice, codeLabel, codeOf, hidden, reasonField, stateText } from '../messages/pieces.ts'
import { addressOf } from '../messages/query.ts'
import { momentOf, numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { table } from '../table.ts'
import { requestTable } from './requests.ts'
import { TREAT_WORDS, type TreatWords } from './words.ts'

/** The page of what is to be treated: each cause once, with how many and since when. */
export function groupsBody(
  groups: readonly ParkedGroup[],
  requests: readonly ReplayRequest[],
  visit: KnownVisit,
): PageBody {
  const { language } = visit
  const words = TREAT_WORDS[language]
  const columns = [
    { name: words.cause },
    { name: words.destination },
    { name: words.count, numeric: true },
    { name: words.oldest },
    { name: words.examples },
  ]
  const row = (group: ParkedGroup): readonly HtmlValue[] => [
    html`<a href="${causeAddress(group)}">${group.code === null ? words.noCause : codeLabel(group.code, language)}</a>`,
    group.destination,
    html`<strong class="alarm">${numberOf(group.count, language)}</strong>`,
    momentOf(group.oldestAt, visit),
    html`<ul class="plain">${group.examples.map(({ id, kind }) => html`<li><a href="/messages/${id}">${kind}</a></li>`)}</ul>`,
  ]
  const body = html`<p class="quiet">${words.lead}</p>
${
  groups.length === 0
    ? html`<p class="sound"><strong>${words.nothing}</strong></p><p class="quiet">${words.nothingHelp}</p>`
    : table('groups', words.groups, columns, groups.map(row))
}
${requests.length === 0 ? null : requestTable(requests, visit, words)}
<nav aria-label="${words.pages}"><h2>${words.pages}</h2><ul class="plain">
<li><a href="/a-traiter/renvoi">${words.replay}</a></li>
<li><a href="/a-traiter/destinataires">${words.destinations}</a></li>
<li><a href="/a-traiter/maintenance">${words.maintenance}</a></li></ul></nav>`
  return { title: words.title, body, styles: ['messages.css'] }
}

/** Where a cause has its page. */
export function causeAddress({ code, destination }: ParkedCause): string {
  const query = new URLSearchParams({ to: destination, ...(code === null ? {} : { code }) })
  return addressOf('/a-traiter/cause', query.toString())
}

/** The page of one cause: its deliveries, and what may be done with some or all of them. */
export function causeBody(
  cause: ParkedCause,
  { page, count, after }: { readonly page: ParkedPage; readonly count: number; readonly after: string | null },
  visit: KnownVisit,
): PageBody {
  const { language } = visit
  const words = TREAT_WORDS[language]
  const title = words.causeTitle(cause.destination)
  const back = html`<p><a href="/a-traiter">${words.back}</a></p>`
  if (page.deliveries.length === 0) return { title, body: html`<p class="sound">${words.emptyCause}</p>${back}` }
  const columns = [
    { name: words.received },
    { name: words.choose },
    { name: words.from },
    { name: words.kind },
    { name: words.controlId },
    { name: words.state },
    { name: words.waits },
    { name: words.attempts, numeric: true },
  ]
  const rows = page.deliveries.map((one) => deliveryRow(one, cause, visit, words))
  const more = (place: string | null, label: string) => {
    const separator = causeAddress(cause).includes('?') ? '&' : '?'
    return html`<a href="${causeAddress(cause)}${place === null ? '' : `${separator}after=${place}`}">${label}</a>`
  }
  const body = html`<p>${cause.code === null ? words.noCause : codeOf(cause.code, language)}</p>
<form method="post" action="/a-traiter/cause">${hidden({ to: cause.destination, code: cause.code ?? '' })}
${table('parked', words.groups, columns, rows)}
<nav class="pager" aria-label="${words.groups}">${after === null ? null : more(null, words.first)} ${page.next === null ? null : more(page.next, words.older)}</nav>
<div class="fields">${choice('which', words.which, 'chosen', [
    ['chosen', words.chosen],
    ['all', words.all(numberOf(count, language))],
  ])}${choice('act', words.act, 'resend', [
    ['resend', words.resend],
    ['skip', words.skip],
    ['close', words.close],
  ])}${reasonField(language)}<p class="act"><button>${words.doIt}</button></p></div></form>${back}`
  return { title, body, styles: ['messages.css'] }
}

function deliveryRow(
  one: ParkedDelivery,
  { destination, code }: ParkedCause,
  visit: KnownVisit,
  words: TreatWords,
): readonly HtmlValue[] {
  const sender = one.from === null ? '' : (visit.config.establishments.get(one.from)?.name ?? one.from)
  const summary = { id: one.id, destination, state: one.state, attempts: one.attempts, lastError: code }
  return [
    html`<a href="/messages/${one.message}">${momentOf(one.receivedAt, visit)}</a>`,
    html`<input type="checkbox" name="delivery" value="${one.id}" aria-label="${words.chooseOne(one.controlId)}">`,
    sender,
    one.kind,
    html`<span class="id">${one.controlId}</span>`,
    stateText(summary, visit),
    one.holds ? words.yes : words.no,
    one.attempts,
  ]
}

/** How far an act on many is; null: this node does not know it. */
export function workBody(work: ManyWork | null, visit: KnownVisit): PageBody {
  const { language } = visit
  const words = TREAT_WORDS[language]
  const back = html`<p><a href="/a-traiter">${words.back}</a></p>`
  if (work === null) return { title: words.title, body: html`<p>${words.workGone}</p>${back}` }
  const { id, act, total, done, over } = work
  const name = { resend: words.resend, skip: words.skip, close: words.close, replay: words.doReplay }[act]
  const number = (n: number) => numberOf(n, language)
  const bar = html`<progress id="bar-work" max="${Math.max(1, total)}" value="${done}" aria-label="${words.work(name)}" data-progress="/a-traiter/travaux/${id}/suivi"></progress>`
  const body = html`${over ? html`<p class="sound" role="status">${words.workOver}</p>` : html`<p>${bar}</p>`}
<p id="told-work" aria-live="polite">${words.done(number(done), number(total))}</p>
${failures(work, language, words)}
${over ? null : html`<p><a href="/a-traiter/travaux/${id}">${words.refresh}</a></p>`}
${work.cause === null ? null : html`<p><a href="${causeAddress(work.cause)}">${words.causeTitle(work.cause.destination)}</a></p>`}${back}`
  return { title: words.work(name), body, styles: ['messages.css'], scripts: ['progress.js'] }
}

function failures({ failed }: ManyWork, language: 'fr' | 'en', words: TreatWords): Html | null {
  const some = Object.entries(failed)
  if (some.length === 0) return null
  return html`<h2>${words.notDone}</h2><ul>${some.map(([code, n]) => html`<li>${n} · ${codeLabel(code, language)}</li>`)}</ul>`
}
