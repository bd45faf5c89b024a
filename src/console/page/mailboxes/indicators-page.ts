import type { ErrorCode } from '../../../core/errors.ts'
import {
  type CodeCounts,
  type MailFigures,
  type MailMonth,
  type MailMonthFilter,
  OTHER_CODE,
  X_MSS_NAMES,
} from '../../../core/mail-indicators.ts'
import { MAILBOX_KINDS, type MailboxViews } from '../../../core/mailboxes.ts'
import { totalOf } from '../../../formats/mail/months-csv.ts'
import { monthBars } from '../bars.ts'
import { type Html, html } from '../html.ts'
import { momentText, monthText, numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { headedTable } from '../table.ts'
import { BASE, frame, helpOf } from './frame.ts'
import { INDICATOR_WORDS, type IndicatorWords } from './indicator-words.ts'
import { MAIL_WORDS } from './words.ts'

/** Where the months are. */
export const INDICATORS_PATH = `${BASE}/indicateurs`

/** What the page shows. `found` null: these months cannot be asked for. */
export interface ShownMonths {
  readonly filter: MailMonthFilter
  readonly found: readonly MailMonth[] | null
  readonly domains: ReturnType<MailboxViews['domains']>
  readonly most: number
}

/** The months of secure mail. Whole without script. */
export function indicatorsPage(visit: KnownVisit, shown: ShownMonths): PageBody {
  const words = INDICATOR_WORDS[visit.language]
  const { found, most } = shown
  const body = html`<p>${words.lead}</p>${filters(visit, shown, words)}${
    found === null
      ? html`<p class="alarm" role="alert">${words.span(most)}</p>`
      : html`<p><a href="${INDICATORS_PATH}.csv?${queryOf(shown.filter)}">${words.csv}</a></p>${
          found.length === 0 ? html`<p class="empty">${words.none}</p>` : tables(found, visit, words)
        }`
  }`
  const page = frame(visit, 'indicators', words.title, body)
  return { ...page, styles: [...(page.styles ?? []), 'bars.css'] }
}

function queryOf({ from, to, ...rest }: MailMonthFilter): string {
  return new URLSearchParams({ du: from, au: to, ...rest }).toString()
}

function filters(visit: KnownVisit, { filter, domains }: ShownMonths, words: IndicatorWords): Html {
  const { fields, kinds, all } = MAIL_WORDS[visit.language]
  const month = (name: string, label: string, value: string): Html =>
    html`<div><label for="i-${name}">${label}</label><input type="month" id="i-${name}" name="${name}" value="${value}" pattern="\d{4}-\d{2}" placeholder="2026-01"></div>`
  const select = (
    name: 'kind' | 'domain' | 'establishment',
    choices: readonly (readonly [value: string, label: string])[],
  ): Html =>
    html`<div><label for="i-${name}">${fields[name]}</label><select id="i-${name}" name="${name}"><option value="">${all}</option>${choices.map(
      ([value, label]) =>
        html`<option value="${value}"${filter[name] === value ? html` selected` : null}>${label}</option>`,
    )}</select></div>`
  const establishments = [...new Set(domains.map(({ establishment }) => establishment))]
  return html`<form class="filters" method="get" action="${INDICATORS_PATH}">${month('du', words.from, filter.from)}${month('au', words.to, filter.to)}${select(
    'domain',
    domains.map(({ name }) => [name, name]),
  )}${select(
    'establishment',
    establishments.map((id) => [id, visit.config.establishments.get(id)?.name ?? id]),
  )}${select(
    'kind',
    MAILBOX_KINDS.map((one) => [one, kinds[one]]),
  )}<button>${words.show}</button></form>`
}

function tables(found: readonly MailMonth[], visit: KnownVisit, words: IndicatorWords): Html {
  const { language } = visit
  const months = [...Map.groupBy(found, ({ month }) => month)]
  const total = (some: readonly MailFigures[], name: 'received' | 'sent'): number =>
    some.reduce((sum, one) => sum + one[name], 0)
  const bars = months.map(([month, some]) => ({ month, counts: [total(some, 'received'), total(some, 'sent')] }))
  const [received = '', sent = ''] = [total(found, 'received'), total(found, 'sent')].map((n) => numberOf(n, language))
  const about = words.chartAbout(received, sent, months.length)
  const chart = { id: 'i-chart', heading: words.chart, about, series: [words.received, words.sent] }
  const byMonth = months.toReversed().map(([month, some]): Line => {
    const running = some.some(({ final }) => !final)
    return {
      heads: [
        html`${monthText(month, language)}${running ? html` <span class="quiet">(${words.running})</span>` : null}`,
      ],
      some,
    }
  })
  const [last = ''] = months.at(-1) ?? []
  const lastText = last === '' ? '' : monthText(last, language)
  const byGroup = found
    .filter(({ month }) => month === last)
    .map((one): Line => ({ heads: groupOf(one, visit, words), some: [one] }))
  const ofGroup = [words.domain, words.kind]
  return html`${monthBars(chart, bars, language)}${[
    figures('i-months', words.months, MAIL_COLUMNS, [words.month], byMonth, visit),
    figures('i-boxes', words.boxMonths, BOX_COLUMNS, [words.month], byMonth, visit),
    figures('i-groups', words.groups(lastText), MAIL_COLUMNS, ofGroup, byGroup, visit),
    figures('i-box-groups', words.boxGroups(lastText), BOX_COLUMNS, ofGroup, byGroup, visit),
  ]}${codes(found, visit, words)}${xMss(found, visit, words)}`
}

function groupOf({ domain, kind }: MailMonth, { language }: KnownVisit, words: IndicatorWords): readonly Html[] {
  const type = kind === '' ? words.noKind : MAIL_WORDS[language].kinds[kind]
  return [html`${domain || words.noDomain}`, html`${type}`]
}

/** A line of figures: what it is of, and what they are summed over. */
interface Line {
  readonly heads: readonly Html[]
  readonly some: readonly MailFigures[]
}
type Column = readonly [
  name: Extract<keyof IndicatorWords, keyof MailFigures | 'lastUse' | 'volume'>,
  of: (one: MailFigures) => number,
]

const MAIL_COLUMNS: readonly Column[] = [
  ['received', ({ received }) => received],
  ['sent', ({ sent }) => sent],
  ['relayed', ({ relayed }) => relayed],
  ['volume', ({ receivedBytes, sentBytes }) => receivedBytes + sentBytes],
  ['refused', ({ refused }) => totalOf(refused)],
  ['failed', ({ failed }) => totalOf(failed)],
]
const BOX_COLUMNS: readonly Column[] = [
  ['boxes', ({ boxes }) => boxes],
  ['suspended', ({ suspended }) => suspended],
  ['created', ({ created }) => created],
  ['closed', ({ closed }) => closed],
  ['used', ({ used }) => used],
  ['lastUse', ({ lastUseMs }) => lastUseMs ?? 0],
]

function figures(
  id: string,
  heading: string,
  columns: readonly Column[],
  heads: readonly string[],
  lines: readonly Line[],
  visit: KnownVisit,
): Html {
  const words = INDICATOR_WORDS[visit.language]
  const names = [...heads.map((name) => ({ name })), ...columns.map(([name]) => ({ name: words[name], numeric: true }))]
  const rows = lines.map(({ heads: first, some }) => [
    ...first,
    ...columns.map(([name, of]) => html`${shown(name, some.map(of), visit)}`),
  ])
  return headedTable(id, heading, names, rows, words.none)
}

/** A figure over several groups: the last of times, else their sum. */
function shown(name: Column[0], values: readonly number[], visit: KnownVisit): string {
  if (name === 'lastUse') {
    const lastMs = Math.max(...values)
    return lastMs === 0 ? '—' : momentText(new Date(lastMs).toISOString(), visit)
  }
  const sum = values.reduce((all, value) => all + value, 0)
  return numberOf(name === 'volume' ? Math.round((sum * 100) / 1_048_576) / 100 : sum, visit.language)
}

function added(all: readonly CodeCounts[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const [code, n] of all.flatMap((one) => Object.entries(one))) sums.set(code, (sums.get(code) ?? 0) + n)
  return sums
}

function codes(found: readonly MailMonth[], { language }: KnownVisit, words: IndicatorWords): Html {
  const refused = added(found.map((one) => one.refused))
  const failed = added(found.map((one) => one.failed))
  const rows = [...new Set([...refused.keys(), ...failed.keys()])]
    .sort()
    .map((code) => [
      html`${code}`,
      html`${helpOf(code as ErrorCode, language) ?? ''}`,
      ...[refused, failed].map((sums) => html`${numberOf(sums.get(code) ?? 0, language)}`),
    ])
  const heads = [words.refused, words.failed].map((name) => ({ name, numeric: true }))
  return headedTable(
    'i-codes',
    words.codes,
    [{ name: words.code }, { name: words.meaning }, ...heads],
    rows,
    words.noCodes,
  )
}

function xMss(found: readonly MailMonth[], { language }: KnownVisit, words: IndicatorWords): Html {
  const rows = X_MSS_NAMES.flatMap((name) => {
    const received = added(found.map((one) => one.receivedXMss[name]))
    const sent = added(found.map((one) => one.sentXMss[name]))
    return [...new Set([...received.keys(), ...sent.keys()])]
      .sort()
      .map((value) => [
        html`${words.headers[name]}`,
        html`${value === OTHER_CODE ? words.other : value}`,
        ...[received, sent].map((sums) => html`${numberOf(sums.get(value) ?? 0, language)}`),
      ])
  })
  const heads = [words.received, words.sent].map((name) => ({ name, numeric: true }))
  return headedTable(
    'i-x-mss',
    words.xMss,
    [{ name: words.header }, { name: words.value }, ...heads],
    rows,
    words.noCodes,
  )
}
