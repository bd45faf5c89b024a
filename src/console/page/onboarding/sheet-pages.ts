import type { DoorNote } from '../../../core/configuration.ts'
import type { Onboarding, OnboardingSheet, OnboardingViews } from '../../../core/onboarding.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'
import { listing } from '../listing.ts'
import type { KnownVisit, Params } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { addressOf } from './list.ts'
import { seen } from './one.ts'
import { type Newcomer, sheetOf, sheetParts } from './sheet.ts'
import { SHEET_WORDS } from './sheet-words.ts'
import { ONBOARDING_WORDS } from './words.ts'

/** What the sheet and the block are made from. */
export interface SheetPageParts {
  readonly views: OnboardingViews
  readonly doors: () => readonly DoorNote[]
  readonly block: (sheet: OnboardingSheet) => string
}

/** The sheet for the editor, to be printed. */
export async function sheetPage(visit: KnownVisit, parts: SheetPageParts, params: Params): Promise<PageBody> {
  const { one, sheet } = await sheetFor(visit, parts, params)
  const { language } = visit
  const words = ONBOARDING_WORDS[language]
  const body = html`<p><a href="${addressOf(one)}">${words.back}</a></p>
${sheetBody(sheet, language)}`
  return { title: SHEET_WORDS[language].title(sheet.name, sheet.region), body, styles: ['forms.css'] }
}

/** The parts of a sheet as tables. */
export function sheetBody(sheet: OnboardingSheet, language: Language): Html {
  return html`${sheetParts(sheet, language).map(
    ({ title, columns, rows, notes }, i) => html`${listing(
      `part-${i}`,
      title,
      columns.map((name) => ({ name })),
      rows.map((row) => ({ cells: row.map((text) => html`${text}`) })),
      '–',
    )}${notes.map((note) => html`<p class="quiet">${note}</p>`)}
`,
  )}`
}

/** The block of region.yaml. */
export async function blockPage(visit: KnownVisit, parts: SheetPageParts, params: Params): Promise<PageBody> {
  const { one, sheet } = await sheetFor(visit, parts, params)
  const words = ONBOARDING_WORDS[visit.language]
  const body = html`<p><a href="${addressOf(one)}">${words.back}</a></p><p>${words.blockTells}</p>
<div class="text" tabindex="0" role="region" aria-label="${words.blockText}"><pre><code>${parts.block(sheet)}</code></pre></div>`
  return { title: `${words.block} · ${sheet.name}`, body, styles: ['forms.css'] }
}

async function sheetFor(visit: KnownVisit, { views, doors }: SheetPageParts, params: Params) {
  const { one, flow } = await seen(visit, views, params)
  const known = { config: visit.config, rules: views.rules, doors: doors() }
  return { one, sheet: sheetOf(one.establishment, [flow], known, gathered(one)) }
}

/** What the steps have brought together of an establishment that the region file does not have yet. */
function gathered({ name, steps }: Onboarding): Newcomer {
  const { values: numbers = {} } = steps.find(({ step }) => step === 'finess') ?? {}
  const certificates = steps.flatMap(({ facts: { issuer, subject } }) =>
    issuer === undefined || subject === undefined ? [] : [{ issuer, subject }],
  )
  const { host, port } = steps.find(({ step }) => step === 'network')?.values ?? {}
  const eg = (numbers['eg'] ?? '').split(/[\s,;]+/).filter(Boolean)
  return {
    name,
    finess: { ej: numbers['ej'] ?? null, eg },
    certificates,
    destinations:
      host === undefined || port === undefined ? [] : [{ name: 'dpi', type: 'mllp', address: `${host}:${port}` }],
  }
}
