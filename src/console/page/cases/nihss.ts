import type { Nihss } from '../../../core/cases.ts'
import { NIHSS_ITEMS } from '../../../formats/bridge/nihss.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'
import { type Filled, section } from './fields.ts'
import { CASE_PAGE_WORDS } from './words.ts'

/**
 * The items and the total to write; what the case has stands in them, save a total that the items make: it would stand against
 * the items once one of them is scored anew. */
export function nihssFields({ id, value }: Filled, nihss: Nihss | null, language: Language): Html {
  const words = CASE_PAGE_WORDS[language].nihss
  const field = (name: string, label: string, most: number, before: number | null): Html =>
    html`<div><label for="${id}-${name}">${label} <span class="quiet">0–${most}</span></label><input id="${id}-${name}" type="number" name="${name}" min="0" max="${most}" value="${value(name) || (before ?? '')}"></div>`
  const isMade = nihss !== null && !nihss.differs && Object.keys(NIHSS_ITEMS).every((code) => nihss.items[code] != null)
  return html`<p class="quiet">${words.help}</p><div class="scale">${Object.entries(NIHSS_ITEMS).map(([code, most]) =>
    field(`i-${code}`, words.items[code] ?? code, most, nihss?.items[code] ?? null),
  )}${field('total', words.total, 42, isMade ? null : (nihss?.total ?? null))}</div>`
}

/** The score with its items; a total that is not their sum says so. */
export function nihssPanel(nihss: Nihss | null, language: Language): Html {
  const page = CASE_PAGE_WORDS[language]
  const words = page.nihss
  if (nihss === null) return section('nihss', page.sections.nihss, html`<p class="quiet">${words.none}</p>`)
  const items = Object.keys(NIHSS_ITEMS).filter((code) => nihss.items[code] !== undefined)
  const body = html`<p>${nihss.total === null ? null : html`<strong class="score">${words.of42(nihss.total)}</strong>`}</p>
${nihss.differs ? html`<p class="alarm">${words.differs}</p>` : null}
${
  items.length === 0
    ? null
    : html`<dl class="items">${items.map(
        (code) =>
          html`<div><dt>${words.items[code] ?? code}</dt><dd>${nihss.items[code] ?? words.untestable}</dd></div>`,
      )}</dl>`
}`
  return section('nihss', page.sections.nihss, body)
}
