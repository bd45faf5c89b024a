import type { Sending } from '../../../core/sendings.ts'
import { CASE_WORDS } from '../../../formats/case/words.ts'
import { type Html, html } from '../html.ts'
import { markShapes } from '../overview/mark.ts'
import type { PageBody } from '../shell/shell.ts'
import { actForms } from './act-forms.ts'
import { chips } from './chips.ts'
import { clockPanel } from './clock.ts'
import { ladderPanel, type NoticeStates } from './ladder.ts'
import { nihssPanel } from './nihss.ts'
import {
  advicePanel,
  appointmentPanel,
  attachmentsPanel,
  biologyPanel,
  consentPanel,
  decisionPanel,
  imagesPanel,
  messagesPanel,
  type Panelled,
  participantsPanel,
  patientPanel,
  requestsPanel,
  whenOf,
} from './panels.ts'
import { phoneLink, phonesOf } from './phones.ts'
import { sendingsPanel } from './sendings.ts'
import { initialsOf, placeOf, ringOf, seatOf } from './shown.ts'
import { soundBar } from './sound-bar.ts'
import { since } from './ticking.ts'
import { happeningLine, timeline } from './timeline.ts'
import { CASE_PAGE_WORDS } from './words.ts'
import { CASE_ASSETS, marksOf, personText } from './worklist.ts'

/** What the page of a case is drawn from. */
export interface CasePage extends Panelled {
  readonly notices: NoticeStates
  readonly sendings: readonly Sending[]
  /** Why what was sent was not done, in a sentence; null: nothing was sent, or it was done. */
  readonly fault: string | null
  /** Seq of the happening that its reader had seen, when more happened since and what was sent waits for them. */
  readonly seenVersion: number | null
}

/** The page of one case, as far as its reader sees it. Whole without script. */
export function casePage(page: CasePage): PageBody {
  const { shown, visit } = page
  const { extent } = shown.line
  const words = CASE_PAGE_WORDS[visit.language]
  const drill = shown.case.drill ? `${CASE_WORDS[visit.language].drill} ` : ''
  const body = html`${markShapes()}<p class="back"><a href="/dossiers">${words.back}</a></p>
${soundBar(visit, page.nowMs, { id: shown.case.id, isTyped: page.typed !== null })}
${faultPart(page)}${head(page)}
${extent === 'whole' ? whole(page) : extent === 'study' ? studies(page) : appointment(page)}`
  return { title: `${drill}${shown.case.number}`, body, ...CASE_ASSETS }
}

function faultPart({ fault, seenVersion, happenings, shown, visit, nowMs }: CasePage): Html | null {
  if (fault === null) return null
  const words = CASE_PAGE_WORDS[visit.language].form
  if (seenVersion === null) return html`<p class="alarm fault" role="alert">${fault} ${words.notDone}</p>`
  const changes = happenings.filter(({ seq }) => seq > seenVersion)
  return html`<div class="fault" role="alert"><p class="alarm">${fault}</p><ul>${changes.map(
    (one) => html`<li>${happeningLine(one, shown, visit, nowMs)}</li>`,
  )}</ul><p>${words.changedHelp}</p></div>`
}

/** What is in view whatever one looks for: who, where, how far, whom to call. */
function head(page: CasePage): Html {
  const { shown, visit, nowMs, book } = page
  const { language, config, caller } = visit
  const { case: one } = shown
  const words = CASE_PAGE_WORDS[language]
  const said = CASE_WORDS[language]
  const ring = ringOf(shown, caller)
  const [phone] = phonesOf(one, seatOf(caller), book)
  const { family, given } = one.patient
  const isWhole = shown.line.extent === 'whole'
  const [, ...about] = isWhole ? personText(shown, nowMs, visit).split(' · ') : []
  const person = isWhole ? [`${family} ${given}`, ...about].join(' · ') : initialsOf(one.patient)
  const state = since(one.stateAtMs, nowMs, language, (span) => words.stateSince(said.states[one.state], span))
  const owner =
    one.owner === null ? words.nobodyYet : `${placeOf(config, one.owner.establishment)} · ${one.owner.expert.name}`
  return html`<div id="s-head" class="head" data-fresh${ring === null ? null : html` data-rings="${ring}"`}>
<p class="person">${marksOf(shown, visit)}<strong>${person}</strong></p>
<p><strong>${placeOf(config, one.site)}</strong>${one.unit === null ? null : ` · ${one.unit}`} · ${shown.service?.title[language] ?? one.service} · ${state}</p>
${chips(one, said, shown.line.extent)}
<p class="owner">${owner}</p>${phone === undefined ? null : html`<p class="call">${phoneLink(phone, language)}</p>`}
${one.studies.some(({ held }) => held > 0) ? html`<p class="alarm">${said.identityToCheck}</p>` : null}
${page.linked.summary && shown.line.extent === 'whole' ? html`<p><a href="/dossiers/${one.id}/synthese">${words.summary}</a> · <a href="/dossiers/${one.id}/compte-rendu">${said.acts.report}</a></p>` : null}</div>`
}

function whole(page: CasePage): Html {
  const { shown, visit, happenings, notices, nowMs } = page
  const isStroke = shown.case.kind === 'stroke'
  return html`<div class="sheet"><div class="left">${clockPanel(shown, visit, nowMs)}${actForms(page)}${advicePanel(page)}${decisionPanel(page)}${messagesPanel(page)}</div>
<div class="right">${participantsPanel(page)}${requestsPanel(page)}${attachmentsPanel(page)}${patientPanel(page)}${imagesPanel(page)}${
    isStroke ? html`${nihssPanel(shown.case.nihss, visit.language)}${biologyPanel(page)}` : null
  }${appointmentPanel(page)}${consentPanel(page)}</div></div>
${ladderPanel(shown, happenings, notices, visit, nowMs)}
${sendingsPanel(page.sendings, visit, nowMs)}
${timeline(shown, happenings, visit, nowMs)}`
}

function studies(page: CasePage): Html {
  const words = CASE_PAGE_WORDS[page.visit.language]
  return html`<p>${words.imagingOnly}</p><div class="sheet"><div class="left">${imagesPanel(page)}${actForms(page)}</div><div class="right">${patientPanel(page)}${messagesPanel(page)}</div></div>
${timeline(page.shown, page.happenings, page.visit, page.nowMs)}`
}

function appointment(page: CasePage): Html {
  const words = CASE_PAGE_WORDS[page.visit.language]
  return html`<p>${words.appointmentOnly}</p>${appointmentPanel(page)}${patientPanel(page)}
<p class="quiet">${words.openedOn(whenOf(page, page.shown.case.openedAtMs))}</p>`
}
