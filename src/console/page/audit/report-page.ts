import type { PatientReport } from '../../../core/audit.ts'
import { readEvent } from '../../../formats/audit/record.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { table } from '../table.ts'
import { whoText } from './sentence.ts'
import { tellingTo } from './telling.ts'

/** Who saw or did what about a patient, when and why: to be read, printed and given to the patient. */
export function reportPage(visit: KnownVisit, report: PatientReport, why: string, nowMs: number): PageBody {
  const telling = tellingTo(visit)
  const { words, text, tell } = telling
  const { names, events, more } = report
  const facts = events.map(({ line }) => readEvent(line))
  const people = [...Map.groupBy(facts, ({ who }) => who)].sort(([, a], [, b]) => b.length - a.length)
  const body = html`<p>${words.reportLead(text.number(events.length), text.moment(nowMs), whoText(visit.caller.who, telling))}</p>
<p class="quiet">${words.reportReason} : ${why}</p>
${
  events.length === 0
    ? html`<p>${words.reportNone}</p>`
    : html`${more ? html`<p class="alarm">${words.truncated(text.number(events.length))}</p>` : null}
${table(
  'people',
  words.people,
  [{ name: words.who }, { name: words.times, numeric: true }],
  people.map(([who, of]) => [html`${whoText(who, telling)}`, html`${text.number(of.length)}`]),
)}
<h2>${words.timeline}</h2>
<ol class="sentences">${events.map(
        ({ n }, i) => html`<li>${tell(facts[i]!)} <a href="/audit/${n}">${words.number} ${text.number(n)}</a></li>
`,
      )}</ol>
<p class="quiet">${words.pseudonyms} : ${names.map((one) => html`<code>${one}</code> `)}</p>
<p class="actions"><button type="button" data-print hidden>${words.print}</button></p>
${(['csv', 'json'] as const).map((format) => download(format, names, why, format === 'csv' ? words.asCsv : words.asJson))}`
}
<p><a href="/audit">${words.back}</a></p>`
  return { title: words.reportTitle, body, styles: ['audit.css'], scripts: ['audit.js'] }
}

/** The same as a file, asked for by the names in the audit: the identifier is not on the page. */
function download(format: 'csv' | 'json', names: readonly string[], why: string, label: string): Html {
  return html`<form method="post" action="/audit/patient/${format}" class="inline">
<input type="hidden" name="names" value="${names.join(' ')}"><input type="hidden" name="reason" value="${why}">
<button>${label}</button></form>`
}
