import { may } from '../../../core/caller.ts'
import { type Html, html } from '../html.ts'
import { headedTable } from '../table.ts'
import type { BoardFlow, BoardQueue, BoardRow } from './board.ts'
import { mark } from './mark.ts'
import type { Drawn } from './page.ts'

/** A piece of the page that is live under a name. */
function live({ values, text }: Drawn, key: string): Html {
  const iso = values.times.get(key)
  if (iso !== undefined) return text.timeElement(iso, key)
  return html`<span data-live="${key}">${values.texts.get(key) ?? ''}</span>`
}

/** Leads to the messages of a query, for who may see them. */
function toMessages({ caller }: Drawn, query: Readonly<Record<string, string>>, inner: Html): Html {
  if (!may(caller, 'messages:read')) return inner
  return html`<a href="/messages?${new URLSearchParams(query).toString()}">${inner}</a>`
}

/** The board: an establishment a row, what it sends and what it takes. */
export function rowTable(drawn: Drawn, empty = drawn.words.noEstablishments): Html {
  const { shown, words } = drawn
  const columns = [
    { name: words.establishment },
    { name: words.sends },
    { name: words.last },
    { name: words.day, numeric: true },
    { name: words.takes },
  ]
  const row = ({ establishment: { id, name }, heard, sends, takes }: BoardRow) => [
    html`${name}`,
    html`${toMessages(drawn, { from: id }, mark(sends, words.standings[sends], `e:${id}`))}`,
    html`${live(drawn, `e:${id}:last`)}<br><span class="quiet">${
      heard?.usualMs == null ? words.notLearned : words.usual(drawn.text.duration(heard.usualMs))
    }</span>`,
    live(drawn, `e:${id}:day`),
    takes.length === 0
      ? html`<span class="quiet">${words.noDestinations}</span>`
      : html`<span class="chips">${takes.map(({ status, standing }) => {
          const short = status.id.slice(id.length + 1)
          return html`<span class="chip">${toMessages(drawn, { to: status.id }, html`${short}`)} ${mark(standing, words.standings[standing], `d:${status.id}`)}</span>`
        })}</span>`,
  ]
  return headedTable('board', words.board, columns, shown.rows.map(row), empty, drawn.note('rows'))
}

/** A bar of what waits (first) and what a person must handle (second), on a scale that all bars share. */
function bar(open: number, parked: number, scale: number): Html {
  const width = (n: number) => Math.round((100 * n) / scale)
  // A single one among thousands must still be seen.
  const waiting = open === 0 ? 0 : Math.max(2, width(open))
  const handled = parked === 0 ? 0 : Math.max(2, width(parked))
  return html`<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="rail" width="100" height="6"></rect><rect class="waiting" width="${waiting}" height="6"></rect><rect class="handle" x="${waiting}" width="${Math.min(handled, 100 - waiting)}" height="6"></rect></svg>`
}

/** The queue of each destination. */
export function queueTable(drawn: Drawn, empty = drawn.words.noFlows): Html {
  const { board, shown, words } = drawn
  const scale = Math.max(10, ...board.queues.map(({ status }) => status.open + status.parked))
  const columns = [
    { name: words.destination },
    { name: words.standing },
    { name: words.waiting, numeric: true },
    { name: words.oldest, numeric: true },
    { name: words.parked, numeric: true },
    { name: words.delivered, numeric: true },
  ]
  const row = ({ status, standing }: BoardQueue) => {
    const { id, open, parked, paused } = status
    return [
      toMessages(drawn, { to: id }, html`${id}`),
      html`${mark(standing, words.standings[standing], `d:${id}`)}${
        paused === undefined ? null : html`<br><span class="quiet">${words.paused(paused.who, paused.why)}</span>`
      }`,
      html`${live(drawn, `d:${id}:open`)}${bar(open, parked, scale)}`,
      live(drawn, `d:${id}:oldest`),
      toMessages(drawn, { to: id, state: 'parked' }, live(drawn, `d:${id}:parked`)),
      live(drawn, `d:${id}:delivered`),
    ]
  }
  return headedTable('queues', words.queues, columns, shown.queues.map(row), empty, drawn.note('queues'))
}

/** The routes, and how what goes by them is. */
export function flowTable(drawn: Drawn, empty = drawn.words.noFlows): Html {
  const { shown, words, config } = drawn
  const columns = [{ name: words.flow }, { name: words.from }, { name: words.to }, { name: words.standing }]
  const name = (id: string) => config.establishments.get(id)?.name ?? id
  const row = ({ route, from, to, standing }: BoardFlow) => [
    html`${route.name}${route.lane === 'urgent' ? html` <span class="quiet">${words.urgent}</span>` : null}`,
    html`${from === null ? words.anybody : from.map((id, i) => html`${i === 0 ? '' : ', '}${toMessages(drawn, { from: id }, html`${name(id)}`)}`)}`,
    html`${to.map((id, i) => html`${i === 0 ? '' : ', '}${id === 'platform' ? words.platform : toMessages(drawn, { to: id }, html`${id}`)}`)}`,
    mark(standing, words.standings[standing], `f:${route.name}`),
  ]
  return headedTable('flows', words.flows, columns, shown.flows.map(row), empty, drawn.note('flows'))
}
