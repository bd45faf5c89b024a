import type { CaseSheet, SheetDocument } from '../../../core/case-sheet.ts'
import { CASE_WORDS } from '../../../formats/case/words.ts'
import { whenText } from '../duty/week.ts'
import { type Html, html } from '../html.ts'
import { facts, several } from '../listing.ts'
import { dateText } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { CALENDAR_WORDS } from './words.ts'

/** The case of an appointment: who comes when, whether the session can be joined, what documents there are; no clinical text. */
export function appointmentCasePage(visit: KnownVisit, sheet: CaseSheet): PageBody {
  const { language, config } = visit
  const words = CALENDAR_WORDS[language]
  const said = CASE_WORDS[language]
  const zone = config.region.timeZone
  const place = (id: string): string => config.establishments.get(id)?.name ?? id
  const { patient } = sheet
  const drill = sheet.drill ? said.drill : null
  const body = html`<p><a href="/rendez-vous?service=${sheet.service}">${words.back}</a></p>
${drill === null ? null : html`<p class="exercise">${drill}</p>`}<p class="quiet">${words.noClinical}</p>
<h2>${words.patient}</h2>${facts([
    [words.name, html`<strong>${patient.family} ${patient.given}</strong>`],
    [words.birth, patient.birthDate === null ? '?' : dateText(patient.birthDate, language)],
    [words.identity, said.identity[patient.status]],
    [
      words.identifiers,
      several(
        patient.identifiers.map(
          ({ type, value, authority }) => html`${type ?? ''} ${value} <span class="quiet">${authority}</span>`,
        ),
      ),
    ],
  ])}
<h2>${words.case}</h2>${facts([
    [words.service, config.careServices?.get(sheet.service)?.title[language] ?? sheet.service],
    [words.status, said.states[sheet.state]],
    [words.site, sheet.unit === null ? place(sheet.site) : `${place(sheet.site)}, ${sheet.unit}`],
    [words.asked, whenText(sheet.openedAtMs, zone, language)],
    ...(sheet.closedAtMs === null ? [] : [[words.closed, whenText(sheet.closedAtMs, zone, language)] as const]),
  ])}
<h2>${words.title}</h2>${
    sheet.appointments.length === 0
      ? html`<p class="quiet">${words.noAppointment}</p>`
      : html`<ul>${sheet.appointments.map(
          (one) =>
            html`<li><a href="/rendez-vous/${one.id}">${whenText(one.startMs, zone, language)} – ${whenText(one.endMs, zone, language)}</a> · ${place(one.centre)} · <strong>${words.statuses[one.status]}</strong> · ${words.links[one.link]}</li>`,
        )}</ul>`
  }
<h2>${words.documents}</h2>${documentsPart(sheet.documents, visit, place)}`
  const title = words.one(sheet.number)
  return { title: drill === null ? title : `${drill} · ${title}`, body, styles: ['forms.css', 'calendar.css'] }
}

function documentsPart(documents: readonly SheetDocument[], visit: KnownVisit, place: (id: string) => string): Html {
  const words = CALENDAR_WORDS[visit.language]
  if (documents.length === 0) return html`<p class="quiet">${words.noDocument}</p>`
  const zone = visit.config.region.timeZone
  return html`<ul>${documents.map(
    ({ type, number, atMs, establishment }) =>
      html`<li>${type === 'application/pdf' ? words.document(number) : words.photo(number)} <span class="quiet">${place(establishment)}, ${whenText(atMs, zone, visit.language)}</span></li>`,
  )}</ul>`
}
