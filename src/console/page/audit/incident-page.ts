import type { Incident } from '../../../core/audit.ts'
import { readEvent } from '../../../formats/audit/record.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { table } from '../table.ts'
import { choice, field, reasonField } from './parts.ts'
import { whoText } from './sentence.ts'
import { type Telling, tellingTo } from './telling.ts'

/** What time, which establishments and people. */
export function incidentForm(visit: KnownVisit): PageBody {
  const { words } = tellingTo(visit)
  const places = [...visit.config.establishments.values()]
  const body = html`<p>${words.incidentLead}</p>
<form method="post" action="/audit/incident" class="fields">
${field('since', words.since, { type: 'date', attributes: html`required` })}
${field('until', words.until, { type: 'date', attributes: html`required` })}
<fieldset class="wide"><legend>${words.establishments}</legend>${places.map(
    ({ id, name }) =>
      html`<label class="check"><input type="checkbox" name="establishment" value="${id}"> ${name}</label>`,
  )}</fieldset>
${field('actors', words.actors, { attributes: html`autocomplete="off"` })}
${choice('format', words.format, 'html', [
  ['html', words.asDocument],
  ['json', words.asJson],
])}
${reasonField(words.reason)}
<p class="field"><button>${words.makeIncident}</button></p>
</form>
<p><a href="/audit">${words.back}</a></p>`
  return { title: words.incident, body, styles: ['audit.css'] }
}

/** Facts, scope and timeline, under the headings of a declaration. */
export function incidentPage(visit: KnownVisit, incident: Incident, why: string, nowMs: number): PageBody {
  const telling = tellingTo(visit)
  const { words, text } = telling
  const { counts, ask, more } = incident
  const headings = visit.config.privacy?.incidentHeadings ?? []
  const named = (ids: readonly string[]) =>
    ids.map((id) => visit.config.establishments.get(id)?.name ?? id).join(', ') || words.all
  const body = html`<p>${words.reportLead(text.number(counts.events), text.moment(nowMs), whoText(visit.caller.who, telling))}</p>
<p class="quiet">${words.reportReason} : ${why}</p>
${more ? html`<p class="alarm">${words.suite}</p>` : null}
<section aria-labelledby="facts"><h2 id="facts">${words.facts}</h2>
<dl class="facts"><dt>${words.period}</dt><dd>${text.time(ask.sinceMs)} – ${text.time(ask.untilMs)}</dd>
<dt>${words.establishment}</dt><dd>${named(ask.establishments)}</dd>
<dt>${words.who}</dt><dd>${ask.actors.map((who) => whoText(who, telling)).join(', ') || words.all}</dd></dl></section>
<section aria-labelledby="scope"><h2 id="scope">${words.scope}</h2>
<dl class="cards">${Object.entries(counts).map(
    ([name, n]) => html`<div class="card"><dt>${words.counts[name] ?? name}</dt><dd>${text.number(n)}</dd></div>`,
  )}</dl>
${incident.establishments.length === 0 ? null : html`<p>${words.counts['establishments'] ?? ''} : ${named(incident.establishments)}</p>`}
${incident.patients.length === 0 ? null : html`<details><summary>${words.counts['patients'] ?? ''}</summary><p>${incident.patients.map((one) => html`<code>${one}</code> `)}</p></details>`}
${peopleTable(incident, telling)}${refusalTable(incident, telling, named)}</section>
<section aria-labelledby="timeline"><h2 id="timeline">${words.timeline}</h2>
<ol class="sentences">${incident.timeline.map(
    ({
      n,
      line,
    }) => html`<li>${telling.tell(readEvent(line))} <a href="/audit/${n}">${words.number} ${text.number(n)}</a></li>
`,
  )}</ol></section>
${
  headings.length === 0
    ? null
    : html`<section aria-labelledby="headings"><h2 id="headings">${words.headings}</h2>${headings.map(
        (one) => html`<h3>${one}</h3><p class="blank"></p>`,
      )}</section>`
}
<p class="actions"><button type="button" data-print hidden>${words.print}</button></p>
<p><a href="/audit/incident">${words.incident}</a></p>`
  return { title: words.incidentTitle, body, styles: ['audit.css'], scripts: ['audit.js'] }
}

function peopleTable({ people }: Incident, telling: Telling): Html | null {
  const { words, text } = telling
  if (people.length === 0) return null
  const rows = people.map(({ who, n }) => [html`${whoText(who, telling)}`, html`${text.number(n)}`])
  return table('people', words.people, [{ name: words.who }, { name: words.times, numeric: true }], rows)
}

function refusalTable({ refusals }: Incident, { words, text }: Telling, named: (ids: string[]) => string): Html | null {
  if (refusals.length === 0) return null
  const columns = [{ name: words.code }, { name: words.establishment }, { name: words.n, numeric: true }]
  const rows = refusals.map(({ code, establishment, n }) => [
    html`<code>${code}</code>`,
    html`${establishment === null ? words.unknownSender : named([establishment])}`,
    html`${text.number(n)}`,
  ])
  return table('refusals', words.refusals, columns, rows)
}
