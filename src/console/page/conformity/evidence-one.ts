import { may } from '../../../core/caller.ts'
import { type AskedFor, type Evidence, keptDocument } from '../../../core/conformity-commands.ts'
import { type Html, html } from '../html.ts'
import { input } from '../inputs.ts'
import { facts, moment } from '../listing.ts'
import { mark, markShapes } from '../overview/mark.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { frame } from './acts-frame.ts'
import { askedText, lastDay, nameOf, reasonInput, type Typed, told, UNTYPED } from './acts-parts.ts'
import { CONFORMITY_ACT_WORDS } from './acts-words.ts'
import { EVIDENCE_PATH, STANDING_OF_STATE } from './evidence-list.ts'

/** The form of the page that was refused: what was typed, and why. */
export interface OneSent {
  readonly form: 'review' | 'withdraw'
  readonly typed: Typed
  readonly fault: string
}

/** Evidence, and what asked for it; null: no framework in force does any more. */
export interface OneShown {
  readonly evidence: Evidence
  readonly asked: AskedFor | null
}

/** One piece of evidence: what it is, what became of it, and what may be done with it. */
export function evidenceOnePage(visit: KnownVisit, { evidence, asked }: OneShown, sent: OneSent | null): PageBody {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  const body = html`${markShapes()}<p><a href="${EVIDENCE_PATH}">${words.back}</a></p>
${told(sent?.fault ?? null)}
${factsOf(visit, evidence, asked)}
${reviewForm(visit, evidence, sent)}
${withdrawForm(visit, evidence, sent)}`
  const title = `${words.one} ${evidence.requirement}`
  return { ...frame(visit, 'evidence', title, body), address: `${EVIDENCE_PATH}/${evidence.id}` }
}

function factsOf(visit: KnownVisit, evidence: Evidence, asked: AskedFor | null): Html {
  const { language, config } = visit
  const words = CONFORMITY_ACT_WORDS[language]
  const at = (ms: number): Html => moment(ms, language, config.region.timeZone)
  const act = (one: Evidence['reviewed']): Html | null =>
    one === null ? null : html`${at(one.atMs)} ${words.actOf(one.by, one.why)}`
  return facts([
    [words.state, mark(STANDING_OF_STATE[evidence.state], words.states[evidence.state])],
    [words.establishment, nameOf(visit, evidence.establishment)],
    [
      words.framework,
      html`${asked?.framework.name[language] ?? null} <span class="quiet">${evidence.framework}</span>`,
    ],
    [
      words.requirement,
      html`${asked === null ? null : askedText(asked, visit)} <span class="quiet">${evidence.requirement}</span>`,
    ],
    [words.filedBy, evidence.filedBy],
    [words.filedAt, at(evidence.filedAtMs)],
    [words.validUntil, evidence.validUntilMs === null ? null : lastDay(evidence.validUntilMs, visit)],
    [words.statement, evidence.statement === '' ? null : html`<span class="written">${evidence.statement}</span>`],
    [words.document, documentOf(visit, evidence)],
    [words.reviewed, act(evidence.reviewed)],
    [words.withdrawn, act(evidence.withdrawn)],
  ])
}

function documentOf({ language }: KnownVisit, evidence: Evidence): Html | string | null {
  const words = CONFORMITY_ACT_WORDS[language]
  const { id, document } = evidence
  if (document === null) return null
  const hash = html` <span class="quiet">SHA-256 ${document.sha256}</span>`
  if (keptDocument(evidence) === null) return html`${words.documentGone}${hash}`
  const kib = Math.ceil(document.bytes / 1024).toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB')
  const size = `${kib} ${language === 'fr' ? 'Kio' : 'KiB'}`
  return html`<a href="${EVIDENCE_PATH}/${id}/document">${words.download(document.type, size)}</a>${hash}`
}

function reviewForm(visit: KnownVisit, evidence: Evidence, sent: OneSent | null): Html | null {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  if (evidence.state !== 'filed' || !may(visit.caller, 'conformity:review')) return null
  if (evidence.filedBy === visit.caller.who) return html`<p class="quiet">${words.reviewOwn}</p>`
  const typed = sent?.form === 'review' ? sent.typed : UNTYPED
  const until = input({
    ...{ name: 'until', label: words.until, help: words.untilHelp, value: typed['until'] ?? '', type: 'date' },
  })
  return html`<section aria-labelledby="review"><h2 id="review">${words.review}</h2>
<form method="post" action="${EVIDENCE_PATH}/${evidence.id}/examiner">${until}${reasonInput('review-reason', visit, typed)}
<p><button class="main" name="act" value="accept">${words.accept}</button> <button name="act" value="reject">${words.reject}</button></p></form></section>`
}

function withdrawForm(visit: KnownVisit, evidence: Evidence, sent: OneSent | null): Html | null {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  if (evidence.state !== 'filed' && evidence.state !== 'accepted') return null
  const typed = sent?.form === 'withdraw' ? sent.typed : UNTYPED
  return html`<section aria-labelledby="withdraw"><h2 id="withdraw">${words.withdraw}</h2><p class="quiet">${words.withdrawTells}</p>
<form method="post" action="${EVIDENCE_PATH}/${evidence.id}/retirer">${reasonInput('withdraw-reason', visit, typed)}<p><button>${words.withdraw}</button></p></form></section>`
}
