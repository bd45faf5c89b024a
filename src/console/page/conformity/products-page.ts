import { reachOf } from '../../../core/caller.ts'
import type { Framework, InBoth } from '../../../core/conformity.ts'
import type { ConformityViews, ProductLine } from '../../../core/conformity-views.ts'
import { colon } from '../colon.ts'
import { type HtmlValue, html } from '../html.ts'
import { several } from '../listing.ts'
import { numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { headedTable } from '../table.ts'
import { findingShown } from './findings.ts'
import { apiQuery, choosing, frame, siteOf } from './frame.ts'
import { type Looking, lookingAt } from './looking.ts'
import { percentOf, verdictMark } from './said.ts'
import { CONFORMITY_WORDS, type ConformityWords } from './words.ts'

/** Lines of one page, and establishments of one line: the file has them all. */
const MOST_LINES = 100
const MOST_SITES = 12

/** By software product: one fault of one product is one line, wherever it runs. */
export async function productsPage(visit: KnownVisit, views: ConformityViews): Promise<PageBody> {
  const { query, config, caller, language } = visit
  const words = CONFORMITY_WORDS[language]
  const looking = await lookingAt(views, config, { framework: query.get('referentiel'), use: query.get('usage') })
  if (looking === null) return frame(visit, 'products', words.products, null, html``)
  const { products, lines } = await views.products(looking.ask, reachOf(caller, 'conformity:read'))
  const all = products.map(({ product, establishments, share }) => [
    product,
    numberOf(establishments, language),
    percentOf(share, language),
  ])
  const columns = [
    { name: words.product },
    { name: words.cards.establishments, numeric: true },
    { name: words.cards.share, numeric: true },
  ]
  const faultColumns = [words.product, words.requirement, words.sites, words.found].map((name) => ({ name }))
  const rows = lines.slice(0, MOST_LINES).map((line) => faultRow(line, looking, visit, words))
  const csv = apiQuery(looking.ask, { lang: language })
  const body = html`<p>${words.productsTells}</p>${choosing(visit, looking, null)}
${products.length === 0 ? html`<p class="empty">${words.noProducts}</p>` : html`${headedTable('faults', words.faults, faultColumns, rows, words.noFaults)}${lines.length > MOST_LINES ? html`<p>${words.moreLines(numberOf(MOST_LINES, language), numberOf(lines.length, language))}</p>` : null}${headedTable('products', words.products, columns, all, words.noProducts)}`}
<p><a href="/api/conformity/products.csv?${csv}">${words.csv}</a></p>`
  return frame(visit, 'products', words.products, looking, body)
}

function faultRow(
  { product, requirement, level, failing, met, found }: ProductLine,
  { ask, framework }: Looking,
  { language, config }: KnownVisit,
  words: ConformityWords,
): readonly HtmlValue[] {
  const text = textOf(framework, requirement)
  const sites = failing
    .slice(0, MOST_SITES)
    .map(
      ({ id, name, verdict, good, total }) =>
        html`<a href="${siteOf(id, ask, requirement)}">${name}</a> ${verdictMark(verdict, words)} ${words.measured(numberOf(good, language), numberOf(total, language))}`,
    )
  return [
    product,
    html`<strong>${requirement}</strong> ${text?.[language] ?? ''} <span class="quiet">${words.levels[level]}</span>`,
    html`${several(sites)}${failing.length > MOST_SITES ? html`<span class="quiet">+ ${failing.length - MOST_SITES} · </span>` : null}<span class="quiet">${words.metAt(numberOf(met, language))}</span>`,
    several(
      found.map(
        ({ finding, messages }) =>
          html`${findingShown(finding, config, language)}${colon(language)}${words.messages(numberOf(messages, language))}`,
      ),
    ),
  ]
}

function textOf({ domains }: Framework, requirement: string): InBoth | undefined {
  return domains.flatMap(({ requirements }) => requirements).find(({ id }) => id === requirement)?.text
}
