import { may } from '../../../core/caller.ts'
import type { DomainView, WhiteListChange, WhiteListState, WhiteListStatus } from '../../../core/white-list.ts'
import { type Html, html } from '../html.ts'
import { input } from '../inputs.ts'
import { facts, listing } from '../listing.ts'
import { lengthOf, momentOf, momentText, numberOf } from '../moment.ts'
import { mark, markShapes, type Standing } from '../overview/mark.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { reasonInput } from './field-inputs.ts'
import { BASE, frame, helpOf } from './frame.ts'
import { MAIL_WORDS } from './words.ts'

/** Where the white list is shown. */
export const WHITE_LIST_PATH = `${BASE}/liste-blanche`

/** What the page of the white list shows. */
export interface WhiteListShown {
  readonly status: WhiteListStatus
  /** Newest first. */
  readonly changes: readonly WhiteListChange[]
  /** The domain that was asked for; null: none was. */
  readonly domain: DomainView | null
  /** Why an act was not done, as a sentence; null: nothing was refused. */
  readonly fault: string | null
}

const STANDING_OF_LIST: Readonly<Record<WhiteListState, Standing>> = {
  none: 'alarm',
  fresh: 'sound',
  stale: 'idle',
  old: 'watch',
  closed: 'alarm',
}
/** Pairs of a change that are shown. */
const PAIRS = 50

/** The white list: how old it is, what it says of a domain, what changed, what waits, and what an administrator may do. */
export function whiteListPage(visit: KnownVisit, shown: WhiteListShown): PageBody {
  const { language } = visit
  const words = MAIL_WORDS[language].whiteList
  const { status, fault } = shown
  const body = html`${markShapes()}<p>${words.lead}</p>
${status.source === '' ? html`<p class="alarm">${words.absent}</p>` : null}
${fault === null ? null : html`<p class="alarm" role="alert">${fault}</p>`}
${stateFacts(visit, status)}
${waiting(visit, status)}
${oddRows(visit, status)}
${domainPart(visit, shown.domain)}
${changesPart(visit, shown.changes)}
${acts(visit, status)}`
  return frame(visit, 'whiteList', words.title, body)
}

function stateFacts(visit: KnownVisit, { state, code, source, current, extended, refused }: WhiteListStatus): Html {
  const { language } = visit
  const words = MAIL_WORDS[language].whiteList
  const number = (n: number): string => numberOf(n, language)
  const at = (iso: string): Html => momentOf(iso, visit)
  return html`${facts([
    [words.state, mark(STANDING_OF_LIST[state], words.states[state])],
    [words.age, current === null ? null : lengthOf(current.ageMs, language)],
    [words.source, source],
    [words.generatedAt, current && at(current.generatedAt)],
    [words.confirmedAt, current && at(current.confirmedAt)],
    [words.rows, current && number(current.rows)],
    [words.domains, current && number(current.domains)],
    [words.subjects, current && number(current.subjects)],
    [words.odd, current && number(current.odd)],
    [words.signer, current === null ? null : current.signer.replaceAll('\n', ', ')],
    [words.signerUntil, current && at(current.signerUntil)],
    ['SHA-256', current && html`<span class="quiet">${current.sha256}</span>`],
    [words.extension, extended && words.extended(momentText(extended.until, visit), extended.who, extended.why)],
    [
      words.refused,
      refused &&
        html`${helpOf(refused.code, language)} <span class="quiet">${[refused.code, refused.at].filter(Boolean).join(' · ')}, ${words.refusedTimes(momentText(refused.when, visit), refused.times)}</span>`,
    ],
  ])}${code === null ? null : html`<p>${helpOf(code, language)} <span class="quiet">${code}</span></p>`}`
}

function waiting(visit: KnownVisit, { waiting: list }: WhiteListStatus): Html | null {
  if (list === null) return null
  const { language, caller } = visit
  const words = MAIL_WORDS[language].whiteList
  const number = (n: number): string => numberOf(n, language)
  const told = words.waitingTells(
    ...([number(list.rows), number(list.added), number(list.removed), momentText(list.generatedAt, visit)] as const),
  )
  return html`<section aria-labelledby="waiting"><h2 id="waiting">${words.waiting}</h2><p>${told}</p>${
    may(caller, 'mail:act')
      ? html`<form method="post" action="${WHITE_LIST_PATH}/confirmer"><input type="hidden" name="sha256" value="${list.sha256}">${reasonInput('confirm-reason', language)}<p><button>${words.confirm}</button></p></form>`
      : null
  }</section>`
}

function oddRows({ language }: KnownVisit, { current }: WhiteListStatus): Html | null {
  if (current === null || current.oddRows.length === 0) return null
  const words = MAIL_WORDS[language].whiteList
  const number = (n: number): string => numberOf(n, language)
  const columns = [{ name: words.oddRow }, { name: words.oddName }, { name: words.oddWhy }]
  const rows = current.oddRows.map(({ row, what, name }) => ({
    cells: [html`${number(row)}`, html`${name}`, html`${words.oddities[what]}`],
  }))
  const others = current.odd - rows.length
  return html`<section aria-labelledby="odd"><h2 id="odd">${words.odd}</h2>${listing('odd-rows', words.odd, columns, rows, '')}${others > 0 ? html`<p>${words.others(number(others))}</p>` : null}</section>`
}

function domainPart({ language }: KnownVisit, view: DomainView | null): Html {
  const words = MAIL_WORDS[language].whiteList
  const columns = [
    { name: words.subject },
    { name: words.description },
    { name: words.responsible },
    { name: words.support },
    { name: words.changed },
  ]
  const rows = (view?.subjects ?? []).map((one) => ({
    cells: [one.subject, one.description, one.responsible, one.support, one.changed].map((text) => html`${text}`),
  }))
  return html`<section aria-labelledby="domain"><h2 id="domain">${words.domainTitle}</h2>
<form class="line" method="get" action="${WHITE_LIST_PATH}">${input({ name: 'domaine', label: words.domain, value: view?.domain ?? '', longest: 253, required: true })}<button>${words.domainAsk}</button></form>
${
  view === null
    ? null
    : html`<p role="status">${view.code === null ? words.mailGoes : html`${helpOf(view.code, language)} <span class="quiet">${view.code}</span>`}</p>${listing('subjects', view.domain, columns, rows, words.noSubject)}`
}</section>`
}

function changesPart(visit: KnownVisit, changes: readonly WhiteListChange[]): Html {
  const words = MAIL_WORDS[visit.language].whiteList
  const lines = changes.map((one) => html`<li>${changeLine(visit, one)}</li>`)
  return html`<section aria-labelledby="changes"><h2 id="changes">${words.changes}</h2>${lines.length === 0 ? html`<p class="quiet">${words.noChange}</p>` : html`<ul>${lines}</ul>`}</section>`
}

function changeLine(visit: KnownVisit, { when, who, why, rows, added, removed, moved, more }: WhiteListChange): Html {
  const words = MAIL_WORDS[visit.language].whiteList
  const number = (n: number): string => numberOf(n, visit.language)
  const head = html`${momentOf(when, visit)} ${words.takenBy(who === 'gateway' ? words.itself : who, why)} · ${number(rows)} ${words.rows}`
  const pairs = (told: string, list: WhiteListChange['added']) =>
    list.length === 0
      ? null
      : html`<p>${told}</p><ul>${list.slice(0, PAIRS).map(({ domain, subject }) => html`<li>${domain} · ${subject}</li>`)}${list.length > PAIRS ? html`<li>${words.others(number(list.length - PAIRS))}</li>` : null}</ul>`
  if (added.length + removed.length === 0) return more > 0 ? html`${head} · ${words.first}` : head
  return html`<details><summary>${head} · +${number(added.length)} −${number(removed.length)}</summary>${pairs(words.added(number(added.length)), added)}${pairs(words.removed(number(removed.length)), removed)}${
    moved.length === 0 ? null : html`<p>${words.moved(number(moved.length))} : ${moved.slice(0, PAIRS).join(', ')}</p>`
  }${more > 0 ? html`<p>${words.others(number(more))}</p>` : null}</details>`
}

function acts({ language, caller }: KnownVisit, { source, current }: WhiteListStatus): Html | null {
  if (source === '' || !may(caller, 'mail:act')) return null
  const words = MAIL_WORDS[language].whiteList
  const until = input({ name: 'until', label: words.until, type: 'datetime-local', required: true })
  return html`<section aria-labelledby="acts"><h2 id="acts">${words.acts}</h2>
<form method="post" action="${WHITE_LIST_PATH}/recuperer"><p><button>${words.fetch}</button></p></form>
${
  current === null
    ? null
    : html`<form method="post" action="${WHITE_LIST_PATH}/prolonger"><h3>${words.extend}</h3><p class="quiet">${words.extendTells}</p>${until}${reasonInput('extend-reason', language)}<p><button>${words.extend}</button></p></form>`
}</section>`
}
