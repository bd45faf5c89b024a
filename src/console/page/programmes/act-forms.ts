import type { EnrolmentDetail } from '../../../core/programme-commands.ts'
import { PAYABLE_IN, PAYMENT_PARTS } from '../../../core/programmes.ts'
import { eurosText } from '../../../formats/money.ts'
import { colon } from '../colon.ts'
import { reasonInput } from '../conformity/acts-parts.ts'
import { type Html, html } from '../html.ts'
import { choice, hidden, input } from '../inputs.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { enrolmentPath, moneyOf } from './said.ts'
import { PROGRAMME_WORDS } from './words.ts'

/** What may be done with an enrolment as it stands: move it on, set its amount, note a payment, declare the value of a target. */
export function actForms(detail: EnrolmentDetail, visit: KnownVisit): Html {
  return html`${moveForms(detail, visit)}${grantForm(detail, visit)}${payForm(detail, visit)}${declareForm(detail, visit)}`
}

function moveForms({ enrolment, moves }: EnrolmentDetail, visit: KnownVisit): Html | null {
  const words = PROGRAMME_WORDS[visit.language]
  const ready = moves.filter(({ missing }) => missing.length === 0)
  if (ready.length === 0) return null
  return html`<h2 id="move">${words.move}</h2>${ready.map(
    ({ move }) =>
      html`<form method="post" action="${enrolmentPath(enrolment)}/etat">${hidden('to', move.to)}${reasonInput(`move-${move.to}`, visit)}<p><button>${words.moves(move.from, move.to)}</button>${move.second ? html` <span class="quiet">${words.movedBy}</span>` : null}</p></form>`,
  )}`
}

function grantForm({ enrolment }: EnrolmentDetail, visit: KnownVisit): Html | null {
  const words = PROGRAMME_WORDS[visit.language]
  const { state, paid, cents } = enrolment
  const isOpen = state === 'candidate' || state === 'selected'
  if (!isOpen || paid.advance + paid['start-up'] + paid.use > 0) return null
  return html`<h2 id="grant">${words.grantAct}</h2><form method="post" action="${enrolmentPath(enrolment)}/montant">${input({ name: 'amount', label: words.fields.amount, value: cents === null ? '' : eurosText(cents), required: true, longest: 20 })}${reasonInput('grant-reason', visit)}<p><button>${words.grantAct}</button></p></form>`
}

function payForm({ enrolment, parts }: EnrolmentDetail, visit: KnownVisit): Html {
  const { language } = visit
  const words = PROGRAMME_WORDS[language]
  const open = PAYMENT_PARTS.filter((part) => PAYABLE_IN[part].includes(enrolment.state))
    .map((part) => ({ part, left: (parts?.[part] ?? 0) - enrolment.paid[part] }))
    .filter(({ left }) => left > 0)
  if (open.length === 0) return html`<h2 id="pay">${words.pay}</h2><p class="quiet">${words.payNone}</p>`
  return html`<h2 id="pay">${words.pay}</h2><form method="post" action="${enrolmentPath(enrolment)}/versements">${choice(
    { name: 'part', label: words.part, required: true },
    open.map(({ part, left }) => [
      part,
      `${words.parts[part]} · ${words.left}${colon(language)}${moneyOf(left, language)}`,
    ]),
  )}${input({ name: 'paid', label: words.fields.amount, required: true, longest: 20 })}${input({ name: 'paidOn', label: words.paidOn, type: 'date', required: true })}${reasonInput('pay-reason', visit)}<p><button>${words.payAct}</button></p></form>`
}

function declareForm({ enrolment, targets }: EnrolmentDetail, visit: KnownVisit): Html | null {
  const { language } = visit
  const words = PROGRAMME_WORDS[language]
  const open = targets.filter(({ by }) => by !== 'counts')
  if (open.length === 0 || ['checked', 'settled', 'dropped'].includes(enrolment.state)) return null
  return html`<h2 id="declare">${words.declare}</h2><form method="post" action="${enrolmentPath(enrolment)}/cibles">${choice(
    { name: 'target', label: words.target, required: true },
    open.map(({ target }) => [target.id, target.name[language]]),
  )}${input({ name: 'numerator', label: words.numerator, mode: 'numeric', required: true, longest: 12 })}${input({ name: 'denominator', label: words.denominator, mode: 'numeric', required: true, longest: 12 })}${reasonInput('declare-reason', visit)}<p><button>${words.declareAct}</button></p></form>`
}
