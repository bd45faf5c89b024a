import type { Establishment } from '../../../core/config.ts'
import type { CareService } from '../../../core/services.ts'
import { CASE_WORDS } from '../../../formats/case/words.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { centreNames } from './asking.ts'
import { emergencyForm } from './emergency.ts'
import type { Shown } from './parts.ts'
import { type Step, stepForm } from './steps.ts'
import { REQUEST_WORDS } from './words.ts'

const STYLES = ['forms.css', 'requests.css']

/** Services that are open to the caller. */
export function indexPage(
  visit: KnownVisit,
  offered: readonly { readonly service: CareService; readonly sites: readonly Establishment[] }[],
): PageBody {
  const { language } = visit
  const words = REQUEST_WORDS[language]
  const kinds = CASE_WORDS[language].kinds
  if (offered.length === 0) return { title: words.title, body: html`<p>${words.none}</p>`, styles: STYLES }
  const body = html`<p>${words.lead}</p>
<ul class="offers">${offered.map(
    ({ service, sites }) =>
      html`<li><a class="offer ${service.kind}" href="/demandes/${service.name}"><strong>${service.title[language]}</strong> <span class="quiet">${kinds[service.kind]}${sites.length === 1 ? html` · ${sites[0]!.name}` : null}</span></a></li>`,
  )}</ul>`
  return { title: words.title, body, styles: STYLES }
}

/** For which site somebody asks who may ask for several. */
export function sitesPage(visit: KnownVisit, service: CareService, sites: readonly Establishment[]): PageBody {
  const words = REQUEST_WORDS[visit.language]
  const late = visit.query.has('a-posteriori') ? '&a-posteriori=1' : ''
  const body = html`<h2>${words.site}</h2><ul class="offers">${sites.map(
    ({ id, name }) =>
      html`<li><a class="offer" href="/demandes/${service.name}?site=${id}${late}"><strong>${name}</strong></a></li>`,
  )}</ul>`
  return { title: words.ask(service.title[visit.language]), body, styles: STYLES }
}

/** The form of a service for a site, as it stands. */
export function formPage(shown: Shown, step: Step, attachments: readonly string[]): PageBody {
  const { visit, words, service, site, told, fields } = shown
  const { language, config } = visit
  const isLate = fields.get('late') === 'yes'
  const isDrill = fields.get('drill') === 'yes'
  const title = (isLate ? words.lateTitle : words.ask)(service.title[language])
  const body = html`<p class="quiet">${words.askFor(site.name)} · ${centres(centreNames(service, site.id, config), words)}</p>
${isDrill ? html`<p class="exercise">${CASE_WORDS[language].drill}</p>` : null}
${isLate ? html`<p class="announced">${words.lateLead}</p>` : null}
${told === null ? null : html`<p class="alarm box" role="alert">${told}</p>`}
${service.kind === 'stroke' ? emergencyForm(shown) : stepForm(shown, step, attachments)}
<p class="quiet"><a href="${addressOf(service, site, !isLate)}">${isLate ? words.usualLink : words.lateLink}</a></p>`
  const drill = isDrill ? `${CASE_WORDS[language].drill} · ` : ''
  return { about: { site: site.id }, title: drill + title, body, styles: STYLES, scripts: ['requests.js'] }
}

/** A request that was sent, and whose files did not all go with it. `to`: its case. */
export function unattachedPage({ words, service, visit }: Shown, to: string): PageBody {
  const body = html`<p class="alarm box" role="alert">${words.unattached}</p><p><a class="button" href="${to}">${words.openCase}</a></p>`
  return { title: words.ask(service.title[visit.language]), body, styles: STYLES, address: to }
}

function centres(names: readonly string[], words: Shown['words']): Html {
  if (names.length === 0) return html`<strong class="alarm">${words.answeredByNobody}</strong>`
  return html`${words.answered(names.join(', '))}`
}

/** Where the form of a service is, for a site. */
export function addressOf({ name }: CareService, { id }: Establishment, isLate: boolean): string {
  return `/demandes/${name}?site=${id}${isLate ? '&a-posteriori=1' : ''}`
}
