import type { CaseLine } from '../../../core/cases.ts'
import { CASE_WORDS } from '../../../formats/case/words.ts'
import { byUrgency } from '../../../formats/clock/windows.ts'
import { dayTimeText } from '../../../formats/clock/words.ts'
import { colon } from '../colon.ts'
import { type Html, html } from '../html.ts'
import { markShapes } from '../overview/mark.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { tabBar } from '../tabs.ts'
import { chips } from './chips.ts'
import { bigClock, pressingOf } from './clock.ts'
import { type PhoneBook, phoneLink, phonesOf } from './phones.ts'
import { ageBandOf, initialsOf, placeOf, ringOf, type ShownCase, seatOf, shownOf } from './shown.ts'
import { soundBar } from './sound-bar.ts'
import { since } from './ticking.ts'
import { CASE_PAGE_WORDS, TABS, type Tab } from './words.ts'

/** What the worklist is drawn from. */
export interface Worklist {
  readonly tab: Tab
  /** Name of a service, or empty: all. */
  readonly service: string
  readonly lines: readonly CaseLine[]
  /** How many exercises are open. */
  readonly drills: number
  readonly next: string | null
  readonly nowMs: number
  readonly book: PhoneBook
  /** Leads to the form of a service. */
  readonly requests: boolean
}

/** The scripts and styles of the pages of cases. */
export const CASE_ASSETS = { scripts: ['cases.js'], styles: ['marks.css', 'forms.css', 'cases.css'] }

/** The list: times to verify on top, then by what is left. Whole without script. Exercises stand apart. */
export function worklistPage(list: Worklist, visit: KnownVisit): PageBody {
  const { language, caller } = visit
  const words = CASE_PAGE_WORDS[language]
  const seat = seatOf(caller)
  const shown = list.lines.map((line) => shownOf(line, visit.config, list.nowMs))
  if (list.tab !== 'closed') shown.sort(byUrgency)
  const empty = list.tab === 'open' ? words.empty[seat] : list.tab === 'drill' ? words.emptyDrill : words.emptyClosed
  const body = html`${markShapes()}<p class="quiet">${words.lead[seat]}</p>
${soundBar(visit, list.nowMs)}
${tabs(list, visit)}
<div id="cases" data-fresh data-now="${list.nowMs}">${
    shown.length === 0
      ? html`<p class="empty">${empty}</p>${list.tab === 'open' ? asking(list, visit) : null}`
      : html`<ol class="worklist">${shown.map((one) => row(one, list, visit))}</ol>`
  }</div>
${list.next === null ? null : html`<p><a href="/dossiers?${queryOf(list, list.next)}">${words.more}</a></p>`}`
  return { title: list.tab === 'drill' ? `${words.tabs.drill} · ${words.title}` : words.title, body, ...CASE_ASSETS }
}

function queryOf({ tab, service }: Pick<Worklist, 'tab' | 'service'>, after?: string): string {
  const query = new URLSearchParams()
  if (tab !== 'open') query.set('vue', tab)
  if (service !== '') query.set('service', service)
  if (after !== undefined) query.set('suite', after)
  return query.toString()
}

function tabs(list: Worklist, { language, config }: KnownVisit): Html {
  const words = CASE_PAGE_WORDS[language]
  const services = [...(config.careServices?.values() ?? [])]
  const link = (tab: Tab) => {
    const query = queryOf({ tab, service: list.service })
    const count = tab === 'drill' && list.drills > 0 ? ` (${list.drills})` : ''
    const path = query === '' ? '/dossiers' : `/dossiers?${query}`
    return { path, name: `${words.tabs[tab]}${count}`, isHere: tab === list.tab }
  }
  const choice = html`<form class="line" method="get" action="/dossiers">${
    list.tab === 'open' ? null : html`<input type="hidden" name="vue" value="${list.tab}">`
  }<label for="f-service">${words.service}</label> <select id="f-service" name="service"><option value="">${words.allServices}</option>${services.map(
    ({ name, title }) =>
      html`<option value="${name}"${name === list.service ? html` selected` : null}>${title[language]}</option>`,
  )}</select> <button>${words.filter}</button></form>`
  return html`<div id="tabs" class="listbar">${tabBar(words.tabsName, TABS.map(link))}${
    services.length > 1 ? choice : null
  }</div>`
}

function asking({ requests }: Worklist, { config, language, caller }: KnownVisit): Html | null {
  if (!requests || seatOf(caller) === 'centre') return null
  const words = CASE_PAGE_WORDS[language]
  return html`<ul class="plain">${[...(config.careServices?.values() ?? [])].map(
    ({ name, title }) =>
      html`<li><a href="/demandes/${name}">${words.ask}${colon(language)}${title[language]}</a></li>`,
  )}</ul>`
}

/** The patient as a list shows them: initials, sex and ten years of age, never a name. */
export function personText(
  { case: { patient } }: ShownCase,
  nowMs: number,
  { language }: Pick<KnownVisit, 'language'>,
): string {
  const words = CASE_PAGE_WORDS[language]
  const band = ageBandOf(patient.birthDate, nowMs)
  const age = band === null ? words.ageUnknown : words.ageBand(...band)
  return [initialsOf(patient), words.sexes[patient.sex], age].join(' · ')
}

/** Words that stand before all of a case that is not real, or was written down afterwards. */
export function marksOf({ case: one }: ShownCase, { language }: Pick<KnownVisit, 'language'>): Html {
  const words = CASE_WORDS[language]
  return html`${one.drill ? html`<strong class="drill">${words.drill}</strong> ` : null}${
    one.test && !one.drill ? html`<span class="drill test">${words.test}</span> ` : null
  }${one.late ? html`<span class="drill test">${words.late}</span> ` : null}`
}

function row(shown: ShownCase, list: Worklist, visit: KnownVisit): Html {
  const { language, config, caller } = visit
  const { case: one } = shown
  const words = CASE_PAGE_WORDS[language]
  const said = CASE_WORDS[language]
  const { nowMs } = list
  const ring = ringOf(shown, caller)
  const [phone] = phonesOf(one, seatOf(caller), list.book)
  const held = one.studies.some((study) => study.held > 0)
  const isOver = one.closedAtMs !== null
  const zone = config.region.timeZone
  const when = html`${words.closedOn(dayTimeText(one.closedAtMs ?? 0, nowMs, zone, language))}`
  const service = shown.service?.title[language] ?? one.service
  const title = shown.line.extent === 'whole' ? personText(shown, nowMs, visit) : initialsOf(one.patient)
  return html`<li class="case case-${isOver ? 'none' : pressingOf(shown)}" data-row${ring === null ? null : html` data-rings="${ring}"`}>
<div class="clock">${isOver ? html`<p class="quiet">${when}</p>` : bigClock(shown, visit, nowMs)}</div>
<div class="subject"><h2>${marksOf(shown, visit)}<a id="l-${one.id}" href="/dossiers/${one.id}">${title}</a></h2>
<p><span class="number">${one.number}</span> · <strong>${placeOf(config, one.site)}</strong>${one.unit === null ? null : ` · ${one.unit}`} · ${service}${
    one.requests.length > 1 ? html` · <strong>${said.joined(one.requests.length)}</strong>` : null
  }</p>
${ring === null ? null : html`<p class="rings"><span aria-hidden="true">◉</span> ${words.ringing[seatOf(caller)]}</p>`}${held ? html`<p class="alarm">${said.identityToCheck}</p>` : null}${chips(one, said, shown.line.extent)}</div>
<div class="aside"><p class="standing">${
    isOver
      ? said.states[one.state]
      : since(one.stateAtMs, nowMs, language, (span) => words.stateSince(said.states[one.state], span))
  }</p>
<p class="owner">${one.owner === null ? html`<span class="quiet">${words.nobodyYet}</span>` : html`${placeOf(config, one.owner.establishment)} <span class="quiet">${one.owner.expert.name}</span>`}</p>
${phone === undefined ? null : html`<p class="call">${phoneLink(phone, language)}</p>`}</div>
</li>
`
}
