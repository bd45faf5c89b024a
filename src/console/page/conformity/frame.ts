import type { Use } from '../../../core/config.ts'
import { frameworkName } from '../../../core/conformity.ts'
import type { ConformityAsk } from '../../../core/conformity-views.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import type { Looking } from './looking.ts'
import { BASE, type ConformityPart, partsBar } from './parts.ts'
import { confirmMark } from './said.ts'
import { CONFORMITY_WORDS } from './words.ts'

const USES: readonly Use[] = ['production', 'qualification']

/** What an address keeps of what is looked at. */
export function queryOf({ framework, use }: ConformityAsk, more: Readonly<Record<string, string>> = {}): string {
  return new URLSearchParams({ referentiel: framework, usage: use, ...more }).toString()
}

/** The same for the API, in the language of the person. */
export function apiQuery({ framework, use }: ConformityAsk, more: Readonly<Record<string, string>>): string {
  return new URLSearchParams({ framework, use, ...more }).toString()
}

/** The page of an establishment, at a requirement where one is named. */
export function siteOf(id: string, ask: ConformityAsk, requirement?: string): string {
  const place = requirement === undefined ? '' : `#${placeOf(requirement)}`
  return `${BASE}/etablissements/${encodeURIComponent(id)}?${queryOf(ask)}${place}`
}

/** The place of a requirement on the page of an establishment. */
export function placeOf(requirement: string): string {
  return `r-${requirement.replaceAll(/[^\w.-]/g, '-')}`
}

/** A page of conformity, with the ways to the others. `looking` null: no framework is in force. `here` null: none of them. */
export function frame(
  visit: KnownVisit,
  here: ConformityPart | null,
  title: string,
  looking: Looking | null,
  body: Html,
): PageBody {
  const words = CONFORMITY_WORDS[visit.language]
  const asked = looking === null ? '' : `?${queryOf(looking.ask)}`
  return {
    title,
    body: html`${partsBar(visit, here, asked)}
${looking === null ? html`<p class="empty"><strong>${words.empty}</strong> ${words.emptyTells}</p>` : body}
<p class="quiet">${words.statement}</p>`,
    styles: ['forms.css', 'marks.css', 'conformity.css'],
  }
}

/** Which framework and use are looked at, said and to choose; `more`: what else the page asks. */
export function choosing(visit: KnownVisit, { ask, framework, frameworks }: Looking, more: Html | null): Html {
  const { language, path } = visit
  const words = CONFORMITY_WORDS[language]
  return html`<p class="use" role="note"><strong>${framework.name[language]} ${framework.version}</strong>${confirmMark(framework.confirm, words)} · ${words.useTells[ask.use]}</p>
<form class="filters" method="get" action="${path}">${select(
    'referentiel',
    words.framework,
    ask.framework,
    frameworks.map((one) => [frameworkName(one), `${one.name[language]} ${one.version}`]),
  )}${select(
    'usage',
    words.use,
    ask.use,
    USES.map((one) => [one, words.uses[one]]),
  )}${more}<button>${words.show}</button></form>`
}

/** A choice of a filter. */
export function select(
  name: string,
  label: string,
  value: string,
  choices: readonly (readonly [value: string, label: string])[],
): Html {
  return html`<div><label for="f-${name}">${label}</label><select id="f-${name}" name="${name}">${choices.map(
    ([one, text]) => html`<option value="${one}"${one === value ? html` selected` : null}>${text}</option>`,
  )}</select></div>`
}
