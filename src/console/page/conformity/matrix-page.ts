import { may, reachOf } from '../../../core/caller.ts'
import { VERDICTS } from '../../../core/conformity.ts'
import type {
  Cell,
  ConformityViews,
  Matrix,
  MatrixColumn,
  MatrixFilter,
  MatrixRow,
} from '../../../core/conformity-views.ts'
import { among, type MemberViews } from '../../among.ts'
import { CONFIGURATION_WORDS } from '../configuration/words.ts'
import { type Html, html } from '../html.ts'
import { numberOf } from '../moment.ts'
import { baseMap } from '../overview/base-map.ts'
import { PROGRAMME_WORDS } from '../programmes/words.ts'
import { publicAddress } from '../public/conformity-page.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { headedTable } from '../table.ts'
import { apiQuery, choosing, frame, queryOf, select, siteOf } from './frame.ts'
import { type Looking, lookingAt } from './looking.ts'
import { BASE } from './parts.ts'
import { PICTURE_WORDS } from './picture-words.ts'
import { regionMap } from './region-map.ts'
import { confirmMark, differenceText, percentOf, verdictMark } from './said.ts'
import { territories } from './territories.ts'
import { trendChart } from './trend-chart.ts'
import { CONFORMITY_WORDS, type ConformityWords } from './words.ts'

/** What an address asks for. */
type PageFilter = Omit<MatrixFilter, 'weeks' | 'among'> & { readonly programme?: string }

/** Rows of one page: more of them nobody reads, and the filter is above. */
const MOST_ROWS = 300

/** The region: establishments × domains, how it changes, and who is closest to the goal. */
export async function matrixPage(
  visit: KnownVisit,
  views: ConformityViews,
  programmes: MemberViews,
): Promise<PageBody> {
  const { query, config, caller, language } = visit
  const words = CONFORMITY_WORDS[language]
  const looking = await lookingAt(views, config, { framework: query.get('referentiel'), use: query.get('usage') })
  if (looking === null) return frame(visit, 'matrix', words.title, null, html``)
  const filter = filterOf(query)
  const { programme, ...others } = filter
  const chosen = await among(caller, programmes, programme)
  const wanted = { ...others, ...chosen, weeks: true }
  const matrix = await views.matrix(looking.ask, wanted, reachOf(caller, 'conformity:read'))
  const { domain } = filter
  const back =
    domain === undefined ? null : html`<p><a href="${BASE}?${queryOf(looking.ask)}">${words.allDomains}</a></p>`
  const body = html`${choosing(visit, looking, filters(visit, looking, filter, matrix, programmes))}
${cards(matrix, visit, words)}${back}
${matrix.rows.length === 0 ? html`<p class="empty">${words.noRow}</p>` : table(matrix, filter, visit, words)}
${files(looking, filter, visit, words)}
${legend(words)}${trendChart(matrix, language)}${await map(matrix, visit)}${territories(matrix, visit)}${closest(matrix, looking, visit, words)}`
  const page = frame(visit, 'matrix', words.title, looking, body)
  return { ...page, styles: ['overview.css', ...(page.styles ?? [])] }
}

/** Only where there is something to draw is the base map loaded. */
async function map({ rows }: Matrix, visit: KnownVisit): Promise<Html | null> {
  return visit.config.region.departments === undefined ? null : regionMap(rows, await baseMap(), visit)
}

/** The matrix to take along; reports are of whole establishments, and not for who sees a part of them. */
function files(
  { ask }: Looking,
  filter: PageFilter,
  { caller, config, language }: KnownVisit,
  words: ConformityWords,
): Html {
  const isPublic = config.conformity?.public?.frameworks.includes(ask.framework) === true
  const { domain: _, ...which } = filter
  const report = (form: string): string => `/api/conformity/${form}?${apiQuery(ask, { ...which, lang: language })}`
  const whole = reachOf(caller, 'conformity:read')?.applications == null
  return html`<p><a href="/api/conformity/matrix.csv?${apiQuery(ask, { ...filter, lang: language })}">${words.csv}</a>${
    whole
      ? html` · <a href="${report('test-reports')}">TestReport (FHIR)</a> · <a href="${report('measure-reports')}">MeasureReport (FHIR)</a>`
      : null
  }${isPublic ? html` · <a href="${publicAddress(ask.framework, language)}">${PICTURE_WORDS[language].publicPage}</a>` : null}</p>`
}

/** Which rows and columns an address asks for. */
export function filterOf(query: URLSearchParams): PageFilter {
  const text = (name: string): string => (query.get(name) ?? '').trim().slice(0, 200)
  const [kind, department, domain, q] = [text('type'), text('territoire'), text('domaine'), text('q')]
  const programme = text('programme')
  const verdict = VERDICTS.find((one) => one === query.get('verdict'))
  return {
    ...(kind && { kind }),
    ...(department && { department }),
    ...(programme && { programme }),
    ...(domain && { domain }),
    ...(verdict && { verdict }),
    ...(q && { q }),
  }
}

function filters(
  { caller, language }: KnownVisit,
  { framework }: Looking,
  filter: PageFilter,
  matrix: Matrix,
  programmes: MemberViews,
): Html {
  const words = CONFORMITY_WORDS[language]
  const kinds: Readonly<Record<string, string>> = CONFIGURATION_WORDS[language].kinds
  const all = ['', words.all] as const
  return html`${select('type', words.kind, filter.kind ?? '', [
    all,
    ...matrix.kinds.map((one) => [one, kinds[one] ?? one] as const),
  ])}${select('territoire', words.territory, filter.department ?? '', [
    all,
    ...matrix.departments.map((one) => [one, one] as const),
  ])}${
    may(caller, 'programmes:read')
      ? select('programme', PROGRAMME_WORDS[language].programme, filter.programme ?? '', [
          all,
          ...programmes.programmes().map(({ id, name }) => [id, name[language]] as const),
        ])
      : null
  }${select('domaine', words.domain, filter.domain ?? '', [
    all,
    ...framework.domains.map(({ id, name }) => [id, name[language]] as const),
  ])}${select('verdict', words.verdict, filter.verdict ?? '', [
    all,
    ...VERDICTS.map((one) => [one, words.verdicts[one]] as const),
  ])}<div><label for="f-q">${words.text}</label><input id="f-q" name="q" type="search" maxlength="100" value="${filter.q ?? ''}" autocomplete="off" data-search></div>`
}

function cards({ rows, complete, trend }: Matrix, { language }: KnownVisit, words: ConformityWords): Html {
  const difference = differenceText(trend.now, trend.before, language)
  const ofAll = (met: number, of: number) => words.ofAll(numberOf(met, language), numberOf(of, language))
  return html`<dl class="cards"><div class="card"><dt>${words.cards.establishments}</dt><dd>${numberOf(rows.length, language)}</dd></div>
<div class="card"><dt>${words.cards.complete}</dt><dd>${ofAll(complete.met, complete.of)}</dd></div>
<div class="card"><dt>${words.cards.share}</dt><dd>${percentOf(trend.now, language)}${difference === null ? null : html` <span class="quiet">${difference}</span>`}</dd></div></dl>`
}

function table(matrix: Matrix, filter: PageFilter, visit: KnownVisit, words: ConformityWords): Html {
  const rows = matrix.rows.slice(0, MOST_ROWS)
  const { language } = visit
  const names = matrix.columns.map((one) => (one.level === null ? one.name[language] : one.id))
  // Of a single requirement its word says it all.
  const cell = cellMaker(names, filter.domain === undefined ? 1 : 2, words)
  const shown = numberOf(rows.length, language)
  return html`<h2 id="matrix">${words.matrix}</h2><p class="quiet">${words.matrixTells}</p>${
    rows.length < matrix.rows.length ? html`<p>${words.more(shown, numberOf(matrix.rows.length, language))}</p>` : null
  }
<div class="scroll" role="region" aria-labelledby="matrix" tabindex="0"><table class="matrix" role="table" aria-labelledby="matrix">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">${words.establishment}</th>${matrix.columns.map(
    (one) => html`<th role="columnheader" scope="col">${head(one, filter, matrix, visit, words)}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">${rows.map((row) => line(row, cell, matrix))}</tbody>
</table></div>`
}

function head(
  one: MatrixColumn,
  filter: PageFilter,
  matrix: Matrix,
  { language }: KnownVisit,
  words: ConformityWords,
): Html {
  const { now, before } = one.trend
  const difference = differenceText(now, before, language)
  const share = html`<span class="quiet">${percentOf(now, language)}${difference === null ? null : html` · ${difference}`}</span>`
  const confirm = confirmMark(one.confirm, words)
  if (one.level !== null) {
    return html`${one.id}${confirm}<br><span class="quiet">${one.name[language]} · ${words.levels[one.level]}</span><br>${share}`
  }
  const asked = {
    ...(filter.kind && { type: filter.kind }),
    ...(filter.department && { territoire: filter.department }),
    ...(filter.programme && { programme: filter.programme }),
    ...(filter.q && { q: filter.q }),
  }
  return html`<a href="${BASE}?${queryOf(matrix, { ...asked, domaine: one.id })}">${one.name[language]}</a>${confirm}<br>${share}`
}

/** Makes cells. Those of a great region are twelve thousand, and few of them are different: each is made once. */
function cellMaker(
  names: readonly string[],
  least: number,
  words: ConformityWords,
): (cell: Cell, column: number) => Html {
  const made = new Map<string, Html>()
  return ({ verdict, counts: { met, partly, unmet, lapsed, 'not-measured': open } }, i) => {
    const of = met + partly + unmet + lapsed + open
    const key = `${i} ${verdict} ${met} ${of}`
    let cell = made.get(key)
    if (cell === undefined) {
      cell = html`<td role="cell" class="c-${verdict}" data-label="${names[i] ?? ''}"><span><span class="v v-${verdict}">${words.verdicts[verdict]}</span>${of < least ? null : html` ${met}/${of}`}</span></td>`
      made.set(key, cell)
    }
    return cell
  }
}

function line(row: MatrixRow, cell: (cell: Cell, column: number) => Html, matrix: Matrix): Html {
  return html`<tr role="row" data-row><th role="rowheader" scope="row"><a href="${siteOf(row.id, matrix)}">${row.name}</a></th>${row.cells.map(cell)}</tr>
`
}

function legend(words: ConformityWords): Html {
  return html`<section aria-labelledby="legend"><h2 id="legend">${words.legend}</h2><ul class="legend">${VERDICTS.map(
    (one) => html`<li>${verdictMark(one, words)} : ${words.verdictTells[one]}</li>`,
  )}</ul></section>`
}

function closest(
  { closest: near, ...ask }: Matrix,
  { framework }: Looking,
  { language }: KnownVisit,
  words: ConformityWords,
): Html {
  const texts = new Map(framework.domains.flatMap(({ requirements }) => requirements).map((one) => [one.id, one.text]))
  const rows = near.map(({ id, name, share, missing }) => {
    const left = share.of - share.met
    return [
      html`<a href="${siteOf(id, ask)}">${name}</a>`,
      words.ofAll(numberOf(share.met, language), numberOf(share.of, language)),
      html`${missing.map((one) => html`<div><a href="${siteOf(id, ask, one)}">${one}</a> ${texts.get(one)?.[language] ?? ''}</div>`)}${left > missing.length ? html`<div>+ ${left - missing.length}</div>` : null}`,
    ]
  })
  const columns = [{ name: words.establishment }, { name: words.mandatoryMet }, { name: words.missing }]
  return html`${headedTable('closest', words.closest, columns, rows, words.noneClose)}<p class="quiet">${words.closestTells}</p>`
}
