import { may, reachOf } from '../../../core/caller.ts'
import {
  type Enrolment,
  type EnrolmentFilter,
  type EnrolmentProblem,
  MOST_ENROLMENTS,
  type ProgrammeViews,
} from '../../../core/programme-commands.ts'
import { ENROLMENT_STATES, type Programme } from '../../../core/programmes.ts'
import type { Typed } from '../conformity/acts-parts.ts'
import { UNTYPED } from '../conformity/acts-parts.ts'
import { select } from '../conformity/frame.ts'
import { type Html, html } from '../html.ts'
import { numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { headedTable, table } from '../table.ts'
import { enrolForm } from './enrol-form.ts'
import { frame } from './frame.ts'
import { type ImportShown, importForm } from './import-form.ts'
import { rulesOf } from './rules.ts'
import { BASE, confirmMark, enrolmentPath, inventedMark, leftOf, moneyOf, programmePath, stateMark } from './said.ts'
import { PROGRAMME_WORDS } from './words.ts'

/** What came of a form of the page. */
export interface OneShown {
  readonly typed: Typed
  readonly problems: readonly EnrolmentProblem[]
  readonly fault: string | null
  readonly imported: ImportShown | null
}

/** No form was sent. */
export const NOTHING_SENT: OneShown = { typed: UNTYPED, problems: [], fault: null, imported: null }

/** What an address asks for. */
export function filterOf(query: URLSearchParams): EnrolmentFilter {
  const state = ENROLMENT_STATES.find((one) => one === query.get('etat'))
  const [department, kind] = [query.get('departement') ?? '', query.get('type') ?? '']
  return {
    ...(state !== undefined && { state }),
    ...(department !== '' && { department }),
    ...(kind !== '' && { kind }),
  }
}

/** One programme: its rules, who is in it, totals by department. */
export async function onePage(
  visit: KnownVisit,
  views: ProgrammeViews,
  programme: Programme,
  shown: OneShown = NOTHING_SENT,
): Promise<PageBody> {
  const { language, caller } = visit
  const words = PROGRAMME_WORDS[language]
  const reach = reachOf(caller, 'programmes:read')
  const filter = filterOf(visit.query)
  const [enrolments, territories] = await Promise.all([
    views.enrolments(programme.id, filter, reach),
    views.territories(programme.id, reach),
  ])
  const mayChange = may(caller, 'programmes:change')
  const body = html`<p><a href="${BASE}">${words.all}</a></p>
${shown.fault === null ? null : html`<p class="alarm" role="alert">${shown.fault}</p>`}
${rulesOf(programme, visit)}
${territoryTable(territories, visit)}
${filters(
  programme,
  territories.map(({ department }) => department),
  filter,
  visit,
)}
${enrolmentTable(programme, enrolments, visit)}
<p><a href="/api/conformity/programmes/${encodeURIComponent(programme.id)}/enrolments.csv${queryOf(filter)}">${words.csv}</a></p>
${mayChange ? html`${enrolForm(programme, visit, shown)}${importForm(programme, visit, shown.imported)}` : null}`
  return frame(visit, programme.name[language], programmePath(programme), body)
}

function queryOf(filter: EnrolmentFilter): string {
  const query = new URLSearchParams(Object.entries(filter)).toString()
  return query === '' ? '' : `?${query}`
}

function territoryTable(
  territories: Awaited<ReturnType<ProgrammeViews['territories']>>,
  { language }: KnownVisit,
): Html | null {
  if (territories.length === 0) return null
  const words = PROGRAMME_WORDS[language]
  const columns = [
    { name: words.territory },
    ...[words.enrolments, words.engaged, words.paid, words.left].map((name) => ({ name, numeric: true })),
  ]
  const sum = (of: 'enrolments' | 'engaged' | 'paid'): number => territories.reduce((n, one) => n + one[of], 0)
  const together = { enrolments: sum('enrolments'), engaged: sum('engaged'), paid: sum('paid') }
  const line = (name: string, sums: typeof together) => [
    name,
    numberOf(sums.enrolments, language),
    ...[sums.engaged, sums.paid, leftOf(sums)].map((cents) => moneyOf(cents, language)),
  ]
  const rows = territories.map((one) => line(one.department, one))
  return headedTable('territories', words.territories, columns, [...rows, line(words.total, together)], '')
}

function filters(
  programme: Programme,
  departments: readonly string[],
  { state, department, kind }: EnrolmentFilter,
  visit: KnownVisit,
): Html {
  const words = PROGRAMME_WORDS[visit.language]
  const any = ['', words.any] as const
  return html`<form class="filters" method="get" action="${programmePath(programme)}">${select(
    'etat',
    words.state,
    state ?? '',
    [any, ...ENROLMENT_STATES.map((one) => [one, words.states[one]] as const)],
  )}${select('departement', words.territory, department ?? '', [any, ...departments.map((one) => [one, one] as const)])}${select(
    'type',
    words.kind,
    kind ?? '',
    [any, ...programme.kinds.map((one) => [one, words.kinds[one] ?? one] as const)],
  )}<button>${words.show}</button></form>`
}

function enrolmentTable({ domains }: Programme, enrolments: readonly Enrolment[], visit: KnownVisit): Html {
  const { language } = visit
  const words = PROGRAMME_WORDS[language]
  if (enrolments.length === 0) return html`<h2 id="list">${words.list}</h2><p class="empty">${words.listNone}</p>`
  const columns = [
    ...[words.establishment, words.state, words.territory, words.kind, words.domains].map((name) => ({ name })),
    ...[words.amount, words.paid].map((name) => ({ name, numeric: true })),
  ]
  const rows = enrolments.map((one) => [
    html`<a href="${enrolmentPath(one)}">${one.name}</a>${inventedMark(one.invented, language)}${confirmMark(one.confirm, language)}`,
    stateMark(one.state, language),
    one.department,
    words.kinds[one.kind] ?? one.kind,
    one.domains.map((id) => domains.find((domain) => domain.id === id)?.name[language] ?? id).join(', '),
    one.cents === null ? '–' : moneyOf(one.cents, language),
    moneyOf(one.paid.advance + one.paid['start-up'] + one.paid.use, language),
  ])
  return html`${table('list', `${words.list} (${numberOf(enrolments.length, language)})`, columns, rows)}${
    enrolments.length < MOST_ENROLMENTS
      ? null
      : html`<p class="quiet">${words.most(numberOf(MOST_ENROLMENTS, language))}</p>`
  }`
}
