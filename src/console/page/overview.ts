import type { Config, Establishment } from '../../core/config.ts'
import type { DestinationStatus, EstablishmentTraffic, Status } from '../../core/views.ts'
import type { Language } from '../../formats/http/language.ts'
import { type Html, html } from './html.ts'
import type { PageBody } from './shell/shell.ts'
import { WORDS, type Words } from './words.ts'

/** What the overview shows: counts, traffic and queues, and no message. */
export interface Overview {
  readonly config: Config
  readonly status: Status
  readonly traffic: ReadonlyMap<string, EstablishmentTraffic>
  readonly language: Language
}

interface Formats {
  number(n: number): string
  time(iso: string): string
  age(ms: number): string
}

function formats(language: Language, timeZone: string): Formats {
  const numbers = new Intl.NumberFormat(language)
  const times = new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    timeZone,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  return {
    number: (n) => numbers.format(n),
    time: (iso) => times.format(new Date(iso)),
    age(ms) {
      const steps: [number, string][] = [
        [86_400_000, language === 'fr' ? 'j' : 'd'],
        [3_600_000, 'h'],
        [60_000, 'min'],
        [1_000, 's'],
      ]
      const [size, unit] = steps.find(([step]) => ms >= step) ?? [1, 'ms']
      return `${Math.floor(ms / size)} ${unit}`
    },
  }
}

/** A bar of what waits (first) and what a person must handle (second), on a scale that all bars share. */
function bar(open: number, parked: number, scale: number): Html {
  const width = (n: number) => Math.round((100 * n) / scale)
  // A single one among thousands must still be seen.
  const waiting = open === 0 ? 0 : Math.max(2, width(open))
  const handled = parked === 0 ? 0 : Math.max(2, width(parked))
  return html`<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="rail" width="100" height="6"></rect><rect class="waiting" width="${waiting}" height="6"></rect><rect class="handle" x="${waiting}" width="${Math.min(handled, 100 - waiting)}" height="6"></rect></svg>`
}

interface Column {
  readonly name: string
  readonly numeric: boolean
}

/** A table whose roles are written out, because the narrow layout changes `display`, and with it what readers are told. */
function table(id: string, caption: string, columns: readonly Column[], rows: readonly (readonly Html[])[]): Html {
  const kind = (i: number) => (columns[i]?.numeric ? 'n' : 't')
  return html`<table role="table" aria-labelledby="${id}">
<caption id="${id}">${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(
    ({ name }, i) => html`<th role="columnheader" scope="col" class="${kind(i)}">${name}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (row) => html`<tr role="row">${row.map((cell, i) =>
      i === 0
        ? html`<th role="rowheader" scope="row">${cell}</th>`
        : html`<td role="cell" class="${kind(i)}" data-label="${columns[i]?.name ?? ''}"><span>${cell}</span></td>`,
    )}</tr>
`,
  )}</tbody>
</table>`
}

function handled(parked: number, text: Formats): Html {
  return parked === 0 ? html`0` : html`<strong class="alarm">${text.number(parked)}</strong>`
}

function counts({ status }: Overview, words: Words, text: Formats): Html {
  const card = (label: string, n: number, alarm = false) =>
    html`<div class="card"><dt>${label}</dt><dd class="${alarm && n > 0 ? 'alarm' : ''}">${text.number(n)}</dd></div>`
  return html`<section aria-labelledby="counts"><h2 id="counts">${words.counts}</h2>
<dl class="cards">${card(words.received, status.received)}${card(words.closed, status.closed)}${card(
    words.inFlight,
    status.inFlight,
  )}${card(words.parked, status.parked, true)}${card(words.refused, status.refused)}</dl>
${
  status.difference === 0
    ? html`<p class="sound">${words.balanced}</p>`
    : html`<p class="alarm">${words.unbalanced(text.number(status.difference))}</p>`
}</section>`
}

function trafficTable(overview: Overview, words: Words, text: Formats): Html {
  const { config, status, traffic } = overview
  const total = (id: string, figure: (d: DestinationStatus) => number) =>
    status.destinations.filter((d) => d.establishment === id).reduce((sum, d) => sum + figure(d), 0)
  const row = ({ id, name }: Establishment) => {
    const own = traffic.get(id)
    return [
      html`${name}`,
      html`${text.number(own?.received ?? 0)}`,
      html`${own?.lastReceivedAt ? text.time(own.lastReceivedAt) : words.never}`,
      html`${text.number(total(id, (d) => d.delivered))}`,
      html`${text.number(total(id, (d) => d.open))}`,
      handled(
        total(id, (d) => d.parked),
        text,
      ),
    ]
  }
  const columns = [
    { name: words.establishment, numeric: false },
    { name: words.sent, numeric: true },
    { name: words.lastSent, numeric: true },
    { name: words.delivered, numeric: true },
    { name: words.waiting, numeric: true },
    { name: words.toHandle, numeric: true },
  ]
  return table('traffic', words.traffic, columns, [...config.establishments.values()].map(row))
}

function queueTable({ status }: Overview, words: Words, text: Formats): Html {
  const scale = Math.max(10, ...status.destinations.map((d) => d.open + d.parked))
  const columns = [
    { name: words.destination, numeric: false },
    { name: words.waiting, numeric: true },
    { name: words.oldest, numeric: true },
    { name: words.toHandle, numeric: true },
    { name: words.delivered, numeric: true },
  ]
  const row = (d: DestinationStatus) => [
    html`${d.id}`,
    html`${text.number(d.open)}${bar(d.open, d.parked, scale)}`,
    html`${d.oldestOpenMs === null ? words.none : text.age(d.oldestOpenMs)}`,
    handled(d.parked, text),
    html`${text.number(d.delivered)}`,
  ]
  return table('queues', words.queues, columns, status.destinations.map(row))
}

function doorTable({ status }: Overview, words: Words, text: Formats): Html {
  const columns = [
    { name: words.door, numeric: false },
    { name: words.address, numeric: true },
    { name: words.connections, numeric: true },
  ]
  const rows = status.entrances.map((e) => [
    html`${e.name}`,
    html`${e.host}:${e.port}`,
    html`${text.number(e.connections)}`,
  ])
  return table('doors', words.doors, columns, rows)
}

/** What of the overview stands in the page: script only swaps `#live` every few seconds. */
export function overviewBody(overview: Overview): PageBody {
  const { config, status, language } = overview
  const words = WORDS[language]
  const text = formats(language, config.region.timeZone)
  const body = html`<p id="stale" class="alarm" role="status" data-text="${words.stale}"></p>
<div id="live">
<p class="quiet">${words.updated(text.time(status.at))} · ${words.node} ${status.node}</p>
${counts(overview, words, text)}
${trafficTable(overview, words, text)}
${queueTable(overview, words, text)}
${doorTable(overview, words, text)}
</div>`
  return { title: words.title, body }
}
