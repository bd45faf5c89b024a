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
import { momentText, numberOf } from '../moment.ts'
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
  const [received, sent] = [total(found, 'received'), total(found, 'sent')].map((n) => numberOf(n, language))
  const about = words.chartAbout(received ?? '', sent ?? '', months.length)
  const chart = { id: 'i-chart', heading: words.chart, about, series: [words.received, words.sent] }
  const rows = months.toReversed().map(([month, some]) => {
    const running = some.some(({ final }) => !final)
    return [
      html`${month}${running ? html` <span class="quiet">(${words.running})</span>` : null}`,
      ...figures(some, visit),
    ]
  })
  const [last = ''] = months.at(-1) ?? []
  return html`${monthBars(chart, bars, language)}${headedTable('i-months', words.months, columns([words.month], words), rows, words.none)}${groups(
    found.filter(({ month }) => month === last),
    last,
    visit,
    words,
  )}${codes(found, visit, words)}${xMss(found, visit, words)}`
}

function columns(first: readonly string[], words: IndicatorWords) {
  const { boxes, suspended, created, closed, used, lastUse, received, sent, relayed, volume, refused, failed } = words
  const names = [boxes, suspended, created, closed, used, lastUse, received, sent, relayed, volume, refused, failed]
  return [...first.map((name) => ({ name })), ...names.map((name) => ({ name, numeric: true }))]
}

/** Sums over groups, in the order of the columns. */
function figures(some: readonly MailFigures[], visit: KnownVisit): readonly Html[] {
  const { language } = visit
  const sum = (of: (one: MailFigures) => number): string =>
    numberOf(
      some.reduce((all, one) => all + of(one), 0),
      language,
    )
  const lastMs = Math.max(0, ...some.map(({ lastUseMs }) => lastUseMs ?? 0))
  const bytes = some.reduce((all, one) => all + one.receivedBytes + one.sentBytes, 0)
  return [
    ...[sum(({ boxes }) => boxes), sum(({ suspended }) => suspended), sum(({ created }) => created)],
    ...[sum(({ closed }) => closed), sum(({ used }) => used)],
    lastMs === 0 ? '—' : momentText(new Date(lastMs).toISOString(), visit),
    ...[sum(({ received }) => received), sum(({ sent }) => sent), sum(({ relayed }) => relayed)],
    numberOf(Math.round((bytes * 10) / 1_048_576) / 10, language),
    ...[sum(({ refused }) => totalOf(refused)), sum(({ failed }) => totalOf(failed))],
  ].map((value) => html`${value}`)
}

function groups(some: readonly MailMonth[], month: string, visit: KnownVisit, words: IndicatorWords): Html {
  const { kinds, fields } = MAIL_WORDS[visit.language]
  const rows = some.map((one) => [
    html`${one.domain || words.noDomain}`,
    html`${one.kind === '' ? words.noKind : kinds[one.kind]}`,
    ...figures([one], visit),
  ])
  const heads = columns([fields.domain, fields.kind], words)
  return headedTable('i-groups', words.groups(month), heads, rows, words.none)
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
