import { type Act, type AllowedActs, PRECISIONS, TIME_SOURCES } from '../../../core/cases.ts'
import { TIME_NAMES } from '../../../core/services.ts'
import { CASE_WORDS } from '../../../formats/case/words.ts'
import { CLOCK_WORDS } from '../../../formats/clock/words.ts'
import { colon } from '../colon.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { choiceField, type Filled, lineField, section, textField, unseenField } from './fields.ts'
import { nihssFields } from './nihss.ts'
import type { ShownCase } from './shown.ts'
import { CASE_PAGE_WORDS } from './words.ts'

/** A form that was sent and could not be done: its fields stay filled. */
export interface Typed {
  readonly fields: URLSearchParams
}

/** What the forms of a case are drawn from. */
export interface Acting {
  readonly shown: ShownCase
  readonly allowed: AllowedActs
  readonly typed: Typed | null
  readonly visit: KnownVisit
}

/** Acts in the order in which they stand; the first of them that may be done stand open. */
const ORDER = [
  'accept',
  'read-advice',
  'advise',
  'images-sent',
  'decide',
  'reached',
  'refuse',
  'tell-time',
  'score',
  'biology',
  'invite',
  'consent',
  'hand-over',
  'report',
  'finish',
  'cancel',
] as const satisfies readonly Act['what'][]
type Shown = (typeof ORDER)[number]

/** Acts that need nothing but their button, or stand open because they are what is waited for. */
const OPEN: readonly Shown[] = ['accept', 'read-advice', 'advise', 'images-sent', 'decide']

/** The acts of the case that this person may do now, the awaited ones open. */
export function actForms(acting: Acting): Html {
  const { allowed, visit } = acting
  const words = CASE_PAGE_WORDS[visit.language]
  const may = ORDER.filter((what) => allowed.acts.has(what))
  const open = may.filter((what) => OPEN.includes(what))
  const others = may.filter((what) => !OPEN.includes(what))
  const body = html`${may.length === 0 ? html`<p class="quiet">${words.form.none}</p>` : null}<div class="awaited">${open.map((what) => actForm(what, acting, true))}</div>
${others.length === 0 ? null : html`<div class="others">${others.map((what) => foldedForm(what, acting))}</div>`}`
  return section('acts', words.sections.acts, body)
}

function foldedForm(what: Shown, acting: Acting): Html {
  const words = CASE_PAGE_WORDS[acting.visit.language]
  const isTyped = acting.typed?.fields.get('acte') === what
  const name = what === 'invite' ? CASE_WORDS[acting.visit.language].acts.invite : (words.buttons[what] ?? '')
  return html`<details id="d-${what}"${isTyped ? html` open` : null}><summary>${name}</summary>${
    what === 'invite'
      ? acting.allowed.ladders.map((ladder) => inviteForm(ladder, acting))
      : actForm(what, acting, false)
  }</details>`
}

/** A form of one act, with the version of the case that its reader saw. */
export function formOf(
  what: Act['what'],
  { shown: { case: one }, visit }: Pick<Acting, 'shown' | 'visit'>,
  inner: Html | null,
  { main = false, button }: { readonly main?: boolean; readonly button?: string } = {},
): Html {
  const words = CASE_PAGE_WORDS[visit.language]
  return html`<form class="act act-${what}" method="post" action="/dossiers/${one.id}/actes">${unseenField('acte', what)}${unseenField('version', String(one.version))}${inner}<button${
    main ? html` class="main"` : null
  }>${button ?? words.buttons[what] ?? ''}</button></form>`
}

function inviteForm(ladder: string, acting: Acting): Html {
  const { language } = acting.visit
  const title = acting.shown.service?.ladders.find(({ name }) => name === ladder)?.title[language] ?? ladder
  const button = `${CASE_PAGE_WORDS[language].buttons.invite}${colon(language)}${title}`
  return formOf('invite', acting, unseenField('of', ladder), { button })
}

/** The fields of an act, filled with what was typed. */
export function filledOf(what: string, { typed }: Pick<Acting, 'typed'>, id = `f-${what}`): Filled {
  const mine = typed?.fields.get('acte') === what ? typed.fields : null
  return { id, value: (name) => mine?.get(name) ?? '' }
}

function actForm(what: Shown, acting: Acting, main: boolean): Html {
  return formOf(what, acting, fieldsOf(what, acting), { main })
}

function fieldsOf(what: Shown, acting: Acting): Html | null {
  const { visit, shown } = acting
  const { language } = visit
  const words = CASE_PAGE_WORDS[language].form
  const filled = filledOf(what, acting)
  switch (what) {
    case 'refuse':
    case 'cancel':
      return lineField(filled, 'reason', words.reason, { required: true })
    case 'reached':
      return html`${lineField(filled, 'whom', words.whom, { required: true })}${lineField(filled, 'hour', words.hour, { hint: words.whenNow, short: true })}`
    case 'advise':
      return textField(filled, 'text', words.text, 5)
    case 'biology':
      return textField(filled, 'text', words.results)
    case 'decide':
      return html`${choiceField(filled, 'decision', words.decision, [
        ['', '…'],
        ...(shown.service?.decisions ?? []).map(({ id, name }) => [id, name[language]] as const),
      ])}${lineField(filled, 'text', words.note)}`
    case 'report':
      return html`${choiceField(
        filled,
        'type',
        CASE_WORDS[language].acts.report,
        (shown.service?.reports ?? []).map(({ id, name }) => [id, name[language]] as const),
      )}${textField(filled, 'text', words.text, 5)}`
    case 'hand-over':
      return html`${lineField(filled, 'to', words.to, { required: true })}${lineField(filled, 'phone', words.phone)}`
    case 'tell-time':
      return timeFields(acting, filled)
    case 'score':
      return nihssFields(filled, shown.case.nihss, language)
    case 'consent':
      return html`${lineField(filled, 'by', words.by, { required: true })}${choiceField(
        filled,
        'given',
        CASE_PAGE_WORDS[language].sections.consent,
        [
          ['yes', words.given],
          ['no', words.notGiven],
        ],
      )}${lineField(filled, 'why', words.why)}`
    default:
      return null
  }
}

function timeFields({ visit: { language } }: Acting, filled: Filled): Html {
  const words = CASE_PAGE_WORDS[language].form
  const said = CASE_WORDS[language]
  const clock = CLOCK_WORDS[language]
  return html`${choiceField(
    filled,
    'name',
    words.time,
    TIME_NAMES.map((name) => [name, said.times[name]] as const),
  )}<div class="row">${choiceField(filled, 'day', words.date, [
    ['today', clock.today],
    ['yesterday', clock.yesterday],
  ])}${lineField(filled, 'hour', words.hour, { short: true })}${choiceField(
    filled,
    'precision',
    words.precision,
    PRECISIONS.map((one) => [one, said.precisions[one]] as const),
  )}${choiceField(
    filled,
    'source',
    words.source,
    TIME_SOURCES.map((one) => [one, said.sources[one]] as const),
  )}</div><div><input type="checkbox" id="${filled.id}-unknown" name="unknown" value="1"><label for="${filled.id}-unknown">${words.unknownTime}</label></div>`
}
