import { may } from '../../../core/caller.ts'
import type { EnrolmentDetail, MilestoneStanding, TargetValue } from '../../../core/programme-commands.ts'
import { PAYMENT_PARTS } from '../../../core/programmes.ts'
import { colon } from '../colon.ts'
import { dayText } from '../conformity/acts-parts.ts'
import { placeOf } from '../conformity/frame.ts'
import { BASE as CONFORMITY } from '../conformity/parts.ts'
import { verdictMark } from '../conformity/said.ts'
import { CONFORMITY_WORDS } from '../conformity/words.ts'
import { type Html, html } from '../html.ts'
import { facts, moment, several } from '../listing.ts'
import { numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { headedTable } from '../table.ts'
import { actForms } from './act-forms.ts'
import { frame } from './frame.ts'
import {
  confirmMark,
  enrolmentPath,
  inventedMark,
  moneyOf,
  programmePath,
  shareText,
  stateMark,
  whoText,
} from './said.ts'
import { PROGRAMME_WORDS } from './words.ts'

/** One enrolment: where it stands, what comes next, money, targets, milestones, history. */
export function enrolmentPage(visit: KnownVisit, detail: EnrolmentDetail, fault: string | null): PageBody {
  const { language, caller } = visit
  const words = PROGRAMME_WORDS[language]
  const { enrolment, programme } = detail
  const body = html`<p><a href="${programmePath(programme)}">${words.back}${colon(language)}${programme.name[language]}</a></p>
${fault === null ? null : html`<p class="alarm" role="alert" id="faults">${fault}</p>`}
${identity(detail, visit)}
<h2 id="next">${words.nextTitle}</h2><p>${words.next[enrolment.state]}</p>${missing(detail, visit)}
${amounts(detail, visit)}
${targets(detail, visit)}
${milestones(detail, visit)}
${may(caller, 'programmes:change') ? actForms(detail, visit) : null}
${history(detail, visit)}`
  return frame(visit, enrolment.name, enrolmentPath(enrolment), body)
}

function identity({ enrolment, programme }: EnrolmentDetail, visit: KnownVisit): Html {
  const { language, config } = visit
  const words = PROGRAMME_WORDS[language]
  const { body, establishment } = enrolment
  const named =
    (list: readonly { readonly id: string; readonly name: { readonly fr: string; readonly en: string } }[]) =>
    (id: string): string =>
      list.find((one) => one.id === id)?.name[language] ?? id
  const site =
    establishment === null
      ? enrolment.finess
      : html`${enrolment.finess} <a href="${CONFORMITY}/etablissements/${encodeURIComponent(establishment)}">${config.establishments.get(establishment)?.name ?? establishment}</a>`
  const run = [body.name, body.finess, body.count === null ? null : words.size(null, numberOf(body.count, language))]
  return html`<p>${stateMark(enrolment.state, language)} ${words.since} ${moment(enrolment.sinceMs, language, config.region.timeZone)}${inventedMark(enrolment.invented, language)}${confirmMark(enrolment.confirm, language)}</p>
${facts([
  [words.fields.finess, html`${site}`],
  [words.kind, words.kinds[enrolment.kind] ?? enrolment.kind],
  [words.territory, enrolment.department],
  [
    words.body,
    body.count === null && body.name === null && body.finess === null ? null : bodyText(run, visit, body.count),
  ],
  [words.domains, several(enrolment.domains.map(named(programme.domains)))],
  [words.project, enrolment.project === null ? null : named(programme.projects)(enrolment.project)],
  [words.track, enrolment.track === null ? null : named(programme.tracks)(enrolment.track)],
  [words.fields.depositedOn, enrolment.depositedOn === null ? null : dayText(enrolment.depositedOn, visit)],
  [words.source, enrolment.source],
])}`
}

function bodyText([name, finess]: readonly (string | null)[], { language }: KnownVisit, count: number | null): string {
  const words = PROGRAMME_WORDS[language]
  const many = count === null ? null : `${words.fields.bodyCount} : ${numberOf(count, language)}`
  return [name, finess, many].filter((one) => one != null).join(' · ')
}

/** What the first move that leads on still needs. */
function missing({ moves }: EnrolmentDetail, { language }: KnownVisit): Html | null {
  const words = PROGRAMME_WORDS[language]
  const lacking = moves[0]?.missing ?? []
  if (lacking.length === 0) return null
  return html`<p>${words.missing}</p><ul>${lacking.map((need) => html`<li>${words.needs[need]}</li>`)}</ul>`
}

function amounts({ enrolment, programme, parts, payments }: EnrolmentDetail, visit: KnownVisit): Html {
  const { language } = visit
  const words = PROGRAMME_WORDS[language]
  const money = (cents: number): string => moneyOf(cents, language)
  const columns = [
    { name: words.part },
    ...[words.share, words.amount, words.paid, words.left].map((name) => ({ name, numeric: true })),
  ]
  const shown = PAYMENT_PARTS.filter((part) => programme.shares[part] > 0)
  const rows = shown.map((part) => {
    const own = parts?.[part] ?? 0
    return [
      html`${words.parts[part]}${confirmMark(programme.sharesConfirm, language)}`,
      shareText(programme.shares[part], language),
      parts === null ? '–' : money(own),
      money(enrolment.paid[part]),
      parts === null ? '–' : money(Math.max(0, own - enrolment.paid[part])),
    ]
  })
  const paid = payments.map(({ part, cents, paidOn, who, why }) => [
    dayText(paidOn, visit),
    words.parts[part],
    money(cents),
    whoText(who, language),
    why,
  ])
  const paidColumns = [words.paidOn, words.part, words.amount, words.who, words.why].map((name, i) => ({
    name,
    numeric: i === 2,
  }))
  return html`${headedTable('amounts', words.amounts, columns, rows, '')}
<p>${words.granted} : ${enrolment.cents === null ? words.notGranted : money(enrolment.cents)}</p>
${headedTable('payments', words.payments, paidColumns, paid, words.paymentsNone)}`
}

function targets({ targets: values }: EnrolmentDetail, { language }: KnownVisit): Html | null {
  if (values.length === 0) return null
  const words = PROGRAMME_WORDS[language]
  const columns = [
    { name: words.target },
    ...[words.value, words.threshold].map((name) => ({ name, numeric: true })),
    { name: words.state },
    { name: words.source },
  ]
  const rows = values.map((value) => {
    const { target } = value
    return [
      html`${target.name[language]} <span class="quiet">${words.fraction(target.numerator[language], target.denominator[language])}</span>`,
      valueText(value, language),
      html`${shareText(target.threshold, language)}${confirmMark(target.confirm, language)}`,
      words.standing[value.met === null ? 'none' : value.met ? 'met' : 'unmet'],
      told(value, language),
    ]
  })
  return headedTable('targets', words.targets, columns, rows, '')
}

function valueText({ numerator, denominator, by }: TargetValue, language: KnownVisit['language']): string {
  if (by === null) return '–'
  return PROGRAMME_WORDS[language].fraction(numberOf(numerator, language), numberOf(denominator, language))
}

function told({ by, declared }: TargetValue, language: KnownVisit['language']): string {
  const words = PROGRAMME_WORDS[language]
  if (by === 'counts') return words.measured
  return declared === null ? '–' : words.declaredBy(whoText(declared.who, language), declared.why)
}

function milestones({ milestones: all, enrolment }: EnrolmentDetail, visit: KnownVisit): Html {
  const { language } = visit
  const words = PROGRAMME_WORDS[language]
  const columns = [words.milestone, words.state, words.requirements].map((name) => ({ name }))
  const rows = all.map((one) => [
    html`${one.milestone.name[language]}${confirmMark(one.milestone.confirm, language)} <span class="quiet">${words.before[one.milestone.before]}</span>`,
    words.reached[one.reached === null ? 'unknown' : one.reached ? 'yes' : 'no'],
    requirementsOf(one, enrolment.establishment, visit),
  ])
  const tells = enrolment.establishment === null ? html`<p class="quiet">${words.outside}</p>` : null
  return html`${headedTable('milestones', words.milestones, columns, rows, words.milestonesNone)}${
    all.length === 0 ? null : html`<p class="quiet">${words.milestonesTell}</p>${tells}`
  }`
}

function requirementsOf({ requirements }: MilestoneStanding, establishment: string | null, visit: KnownVisit): Html {
  const { language, config } = visit
  return html`<ul class="several">${requirements.map((one) => {
    const { framework, requirement, text, inForce, verdict, byPerson, sinceMs } = one
    const name =
      establishment === null || !inForce
        ? html`${requirement}`
        : html`<a href="${CONFORMITY}/etablissements/${encodeURIComponent(establishment)}?referentiel=${encodeURIComponent(framework)}#${placeOf(requirement)}">${requirement}</a>`
    const since =
      sinceMs === null
        ? null
        : html` ${PROGRAMME_WORDS[language].since} ${moment(sinceMs, language, config.region.timeZone)}`
    const set = byPerson ? html` <span class="quiet">${PROGRAMME_WORDS[language].byPerson}</span>` : null
    return html`<li>${verdictMark(verdict, CONFORMITY_WORDS[language])}${since}${set} ${name} <span class="quiet">${framework}</span>${text === null ? null : html` ${text[language]}`}</li>`
  })}</ul>`
}

function history({ steps }: EnrolmentDetail, visit: KnownVisit): Html {
  const { language, config } = visit
  const words = PROGRAMME_WORDS[language]
  const columns = [words.when, words.what, words.who, words.why].map((name) => ({ name }))
  const rows = steps.map(({ from, to, who, why, atMs }) => [
    moment(atMs, language, config.region.timeZone),
    from === null ? `${words.made} : ${words.states[to]}` : `${words.states[from]} → ${words.states[to]}`,
    whoText(who, language),
    why,
  ])
  return headedTable('history', words.timeline, columns, rows, '')
}
