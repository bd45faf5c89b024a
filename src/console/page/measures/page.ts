import type { CaseMeasure } from '../../../core/measures.ts'
import { COSTS, type CostSheet, costSheet, EXPECTED, expectedIn } from '../../../formats/measures/costs.ts'
import { bySiteAndMonth, type Share, type SiteMonth, summaryOf } from '../../../formats/measures/summary.ts'
import { placeOf } from '../cases/shown.ts'
import { type Html, html } from '../html.ts'
import { monthText, numberOf } from '../moment.ts'
import type { PageBody } from '../shell/shell.ts'
import type { Visit } from '../shell/visit.ts'
import { headedTable } from '../table.ts'
import { casesChart } from './chart.ts'
import type { Period } from './period.ts'
import { MEASURE_WORDS, type MeasureWords } from './words.ts'

/** The page of measures. Whole without script. */
export function measuresPage(
  { measures, more }: { readonly measures: readonly CaseMeasure[]; readonly more: boolean },
  period: Period,
  visit: Visit,
): PageBody {
  const words = MEASURE_WORDS[visit.language]
  const months = bySiteAndMonth(measures, visit.config.region.timeZone)
  const body = html`<p>${words.lead}</p>${filter(period, visit, words)}${more ? html`<p class="alarm">${words.more}</p>` : null}${
    measures.length === 0
      ? html`<p class="empty">${words.empty}</p>`
      : html`${casesChart(months, words, visit)}${intervals(measures, words, visit)}${siteMonths(months, words, visit)}${expected(
          measures,
          period,
          words,
          visit,
        )}`
  }${sheetPart(costSheet(ofStroke(measures, visit), visit.config.maps.get(COSTS), period.untilMs - period.fromMs), words, visit)}`
  return { title: words.title, body, styles: ['forms.css', 'bars.css'] }
}

/** Costs and expected numbers are told of strokes. */
function ofStroke(measures: readonly CaseMeasure[], _visit: Visit): readonly CaseMeasure[] {
  return measures.filter(({ kind }) => kind === 'stroke')
}

function filter({ from, until, service }: Period, { config, language }: Visit, words: MeasureWords): Html {
  const asked = new URLSearchParams({ du: from, au: until, service: service ?? '' }).toString()
  const services = [...(config.careServices?.values() ?? [])]
  return html`<form method="get" action="/mesures"><div class="row"><div><label for="m-du">${words.from}</label><input type="date" id="m-du" name="du" value="${from}"></div>
<div><label for="m-au">${words.until}</label><input type="date" id="m-au" name="au" value="${until}"></div>
<div><label for="m-service">${words.service}</label><select id="m-service" name="service"><option value="">${words.every}</option>${services.map(
    ({ name, title }) =>
      html`<option value="${name}"${name === service ? html` selected` : null}>${title[language]}</option>`,
  )}</select></div><button>${words.show}</button></div></form>
<p><a href="/mesures/mois.csv?${asked}">${words.csvMonths}</a> · <a href="/mesures/dossiers.csv?${asked}">${words.csvCases}</a></p>`
}

const minutes = (ms: number | null, { language }: Visit): string =>
  ms === null ? '—' : numberOf(Math.round(ms / 6_000) / 10, language)
const percent = ({ inside, of }: Share, { language }: Visit): string =>
  of === 0 ? '—' : `${numberOf(Math.round((inside * 1_000) / of) / 10, language)} % (${inside}/${of})`
const cell = (value: string | number): Html => html`${value}`

function intervals(measures: readonly CaseMeasure[], words: MeasureWords, visit: Visit): Html {
  const known = summaryOf(measures).intervals.filter(({ count }) => count > 0)
  const columns = [words.interval, words.count, words.median, words.p90]
  const rows = known.map(({ id, count, medianMs, p90Ms }) => [
    cell(words.names[id] ?? id),
    cell(numberOf(count, visit.language)),
    cell(minutes(medianMs, visit)),
    cell(minutes(p90Ms, visit)),
  ])
  return headedTable('m-intervals', words.intervals, numbered(columns), rows, words.empty)
}

function numbered(names: readonly string[], texts = 1): { readonly name: string; readonly numeric: boolean }[] {
  return names.map((name, i) => ({ name, numeric: i >= texts }))
}

function siteMonths(months: readonly SiteMonth[], words: MeasureWords, visit: Visit): Html {
  const { language, config } = visit
  const columns = [words.month, words.site, words.service, words.cases, words.cancelled, words.adviceMedian]
  const rows = months.map(({ month, site, service, summary }) => [
    ...[
      monthText(month, language),
      placeOf(config, site),
      config.careServices?.get(service)?.title[language] ?? service,
    ].map(cell),
    ...[numberOf(summary.cases, language), numberOf(summary.cancelled, language)].map(cell),
    cell(minutes(summary.intervals.find(({ id }) => id === 'request-advice')?.medianMs ?? null, visit)),
    cell(percent(summary.advice15, visit)),
    cell(percent(summary.needle270, visit)),
  ])
  return headedTable(
    'm-months',
    words.months,
    numbered([...columns, words.advice15, words.needle270], 3),
    rows,
    words.empty,
  )
}

function expected(
  measures: readonly CaseMeasure[],
  { fromMs, untilMs }: Period,
  words: MeasureWords,
  visit: Visit,
): Html {
  const { config, language } = visit
  const told = config.maps.get(EXPECTED)
  const seen = Map.groupBy(ofStroke(measures, visit), ({ site }) => site)
  const sites = [...new Set([...seen.keys(), ...(told?.keys() ?? [])])].filter((one) => config.establishments.has(one))
  const mine = visit.caller?.role === 'establishment' || seen.size < sites.length ? [...seen.keys()] : sites
  const rows = mine.sort().map((site) => {
    const number = expectedIn(site, told, untilMs - fromMs)
    return [
      cell(placeOf(config, site)),
      cell(number === null ? words.notTold : numberOf(Math.round(number), language)),
      cell(numberOf(seen.get(site)?.filter(({ state }) => state === 'done').length ?? 0, language)),
    ]
  })
  return headedTable('m-expected', words.sites, numbered([words.site, words.expected, words.seen]), rows, words.empty)
}

function sheetPart(sheet: CostSheet, words: MeasureWords, { language }: Visit): Html {
  const said = (value: number | null): Html =>
    cell(value === null ? words.notTold : numberOf(Math.round(value * 100) / 100, language))
  const rows = [
    ...sheet.parameters.map(({ name, value, source }) => [
      cell(words.parameters[name]),
      said(value),
      cell(source ?? ''),
    ]),
    ...Object.entries(words.sums).map(([name, label]) => [
      cell(label),
      said(sheet[name as keyof MeasureWords['sums']]),
      cell(''),
    ]),
  ]
  const columns = [{ name: words.figure }, { name: words.value, numeric: true }, { name: words.source }]
  return html`${headedTable('m-costs', words.sheet, columns, rows, words.empty)}<p class="quiet">${words.formula}</p>`
}
