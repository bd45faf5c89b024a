import type { CareReport, ReportSection } from '../../../formats/report/report.ts'
import { type Html, html } from '../html.ts'
import { dateText } from '../moment.ts'
import type { PageBody } from '../shell/shell.ts'
import type { Visit } from '../shell/visit.ts'
import { drillMark } from './summary.ts'
import { SUMMARY_WORDS } from './words.ts'

/** The closing report as a page to print, in the document's own words. `made` false: what one would hold now. */
export function reportPage(report: CareReport, made: boolean, id: string, visit: Visit): PageBody {
  const words = SUMMARY_WORDS[visit.language]
  const { patient } = report
  const person = [patient.family, patient.given, patient.birthDate && dateText(patient.birthDate, 'fr')].filter(
    (one) => one !== null && one !== '',
  )
  const body = html`<div class="transfer"><p class="back"><a href="/dossiers/${id}">${words.back}</a></p>${drillMark(report, visit)}${
    made ? null : html`<p class="alarm">${words.draft}</p>`
  }<article lang="fr"><p><strong>${report.title}</strong></p><p>${person.join(' ')}</p><p>${report.custodian.name}</p>
${report.sections.map(sectionOf)}</article></div>`
  return { title: `${words.report} ${report.number}`, body, styles: ['summary.css'] }
}

function sectionOf({ id, title, rows, paragraphs }: ReportSection): Html {
  const table =
    rows.length === 0
      ? null
      : html`<table aria-labelledby="t-${id}"><tbody>${rows.map(
          ([name, said]) => html`<tr><th scope="row">${name}</th><td>${said}</td></tr>`,
        )}</tbody></table>`
  return html`<section><h2 id="t-${id}">${title}</h2>${table}${paragraphs.map((one) => html`<p>${one}</p>`)}</section>`
}
