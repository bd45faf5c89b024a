import { reachOf } from '../../../core/caller.ts'
import {
  EVIDENCE_STATES,
  type Evidence,
  type EvidenceFilter,
  type EvidenceState,
  type EvidenceViews,
  keptDocument,
  type LapsingEvidence,
  MOST_LAPSING,
} from '../../../core/conformity-commands.ts'
import { type Html, html } from '../html.ts'
import { choice } from '../inputs.ts'
import { listing, moment } from '../listing.ts'
import { mark, markShapes, type Standing } from '../overview/mark.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { frame } from './acts-frame.ts'
import { establishmentsOf, lastDay, nameOf } from './acts-parts.ts'
import { CONFORMITY_ACT_WORDS } from './acts-words.ts'
import { BASE } from './parts.ts'

/** Where evidence is listed. */
export const EVIDENCE_PATH = `${BASE}/preuves`
/** Lines of a page. */
const PAGE = 50

/** How each state looks. */
export const STANDING_OF_STATE: Readonly<Record<EvidenceState, Standing>> = {
  filed: 'watch',
  accepted: 'sound',
  rejected: 'alarm',
  withdrawn: 'idle',
}

/** What waits for review, what lapses, and all of it. */
export async function evidenceListPage(visit: KnownVisit, views: EvidenceViews): Promise<PageBody> {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  const reach = reachOf(visit.caller, 'conformity:file')
  const filter = filterOf(visit.query)
  const after = visit.query.get('after')
  const [waiting, lapsing, page] = await Promise.all([
    views.list({ state: 'filed' }, { limit: PAGE }, reach),
    views.lapsing(reach),
    views.list(filter, { limit: PAGE, ...(after === null ? {} : { after: after.slice(0, 64) }) }, reach),
  ])
  const body = html`${markShapes()}<p>${words.evidenceLead}</p>
<p><a href="${EVIDENCE_PATH}/deposer">${words.toFile}</a></p>
${table(visit, 'waiting', words.waiting, waiting.evidence, words.waitingNone)}
${lapsingTable(visit, lapsing)}${lapsing.length < MOST_LAPSING ? null : html`<p class="quiet">${words.lapsingMost(MOST_LAPSING)}</p>`}
${filterForm(visit, filter)}
${table(visit, 'list', words.list, page.evidence, words.listNone)}
${page.next === null ? null : html`<p><a href="${EVIDENCE_PATH}?${nextQuery(filter, page.next)}">${words.more}</a></p>`}`
  return frame(visit, 'evidence', words.tabs.evidence, body)
}

function filterOf(query: URLSearchParams): EvidenceFilter {
  const state = EVIDENCE_STATES.find((one) => one === query.get('state'))
  const text = (name: string): string => (query.get(name) ?? '').trim().slice(0, 128)
  const named = (['establishment', 'framework', 'requirement'] as const).filter((name) => text(name) !== '')
  return {
    ...Object.fromEntries(named.map((name) => [name, text(name)])),
    ...(state === undefined ? {} : { state }),
  }
}

function nextQuery(filter: EvidenceFilter, after: string): string {
  return String(new URLSearchParams({ ...(filter as Readonly<Record<string, string>>), after }))
}

function filterForm(visit: KnownVisit, { establishment, state }: EvidenceFilter): Html {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  return html`<form class="line" method="get" action="${EVIDENCE_PATH}">${choice(
    { name: 'establishment', label: words.establishment, value: establishment ?? '' },
    [['', words.all], ...establishmentsOf(visit, 'conformity:file')],
  )}${choice({ name: 'state', label: words.state, value: state ?? '' }, [
    ['', words.all],
    ...EVIDENCE_STATES.map((one) => [one, words.states[one]] as const),
  ])}<button>${words.filter}</button></form>`
}

/** What evidence is about, in one cell. */
function aboutOf(visit: KnownVisit, { framework, requirement, id, establishment }: Evidence): readonly Html[] {
  return [
    html`<a href="${EVIDENCE_PATH}/${id}">${requirement}</a> <span class="quiet">${framework}</span>`,
    html`${nameOf(visit, establishment)}`,
  ]
}

/** The way to the document of evidence, where it is kept. */
function documentLink(one: Evidence): Html {
  const type = keptDocument(one)?.type.split('/')[1] ?? null
  return type === null ? html`–` : html`<a href="${EVIDENCE_PATH}/${one.id}/document">${type.toUpperCase()}</a>`
}

function table(
  visit: KnownVisit,
  id: 'waiting' | 'list',
  caption: string,
  evidence: readonly Evidence[],
  empty: string,
): Html {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  const { timeZone } = visit.config.region
  const isAll = id === 'list'
  const names = [words.requirement, words.establishment, words.document, words.filedBy, words.filedAt]
  if (isAll) names.push(words.state, words.validUntil)
  const rows = evidence.map((one) => ({
    cells: [
      ...aboutOf(visit, one),
      documentLink(one),
      html`${one.filedBy}`,
      moment(one.filedAtMs, visit.language, timeZone),
      ...(isAll
        ? [
            mark(STANDING_OF_STATE[one.state], words.states[one.state]),
            one.validUntilMs === null ? html`–` : lastDay(one.validUntilMs, visit),
          ]
        : []),
    ],
  }))
  return listing(
    id,
    caption,
    names.map((name) => ({ name })),
    rows,
    empty,
  )
}

function lapsingTable(visit: KnownVisit, lapsing: readonly LapsingEvidence[]): Html {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  const names = [words.requirement, words.establishment, words.state, words.validUntil]
  const rows = lapsing.map(({ evidence, lapsed, renewed }) => ({
    cells: [
      ...aboutOf(visit, evidence),
      html`${mark(lapsed ? 'alarm' : 'watch', lapsed ? words.lapsed : words.lapses)}${renewed ? html` <span class="quiet">${words.renewed}</span>` : null}`,
      evidence.validUntilMs === null ? html`–` : lastDay(evidence.validUntilMs, visit),
    ],
  }))
  return listing(
    'lapsing',
    words.lapsing,
    names.map((name) => ({ name })),
    rows,
    words.lapsingNone,
  )
}
