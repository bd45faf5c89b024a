import { may } from '../../../core/caller.ts'
import type { FieldRule, Onboarding, ProbeStep, StepNote, StepRule } from '../../../core/onboarding.ts'
import { type Html, html } from '../html.ts'
import { facts, moment } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { addressOf } from './list.ts'
import type { OnboardingWords } from './words.ts'

/** What a step is shown with. `inside`: what stands between its facts and its form; `told`: why an act on it was not done. */
export interface StepShown {
  readonly visit: KnownVisit
  readonly words: OnboardingWords
  readonly inside: Html | null
  readonly told: Html | null
}

const NONE: Omit<StepNote, 'step'> = {
  state: 'open',
  owner: '',
  on: '',
  note: '',
  values: {},
  facts: {},
  who: '',
  atMs: 0,
}

/** One step: what it is, how it stands, what was written and seen, and the form for whoever may write. */
export function stepSection(rule: StepRule, one: Onboarding, shown: StepShown): Html {
  const { visit, words, inside, told } = shown
  const { language } = visit
  const note = one.steps.find(({ step }) => step === rule.id) ?? { step: rule.id, ...NONE }
  const live = rule.check === 'sign' && one.state === 'production'
  const state = live ? 'done' : note.state
  return html`<section class="step" id="${rule.id}" aria-labelledby="${rule.id}-title">
<h2 id="${rule.id}-title">${rule.name[language]} <span class="state ${state}">${words.step[state]}</span></h2>
${told}
<p class="quiet">${rule.help[language]}${rule.once ? ` (${words.forAll})` : ''}${rule.optional ? ` (${words.optional})` : ''}</p>
${written(rule, note, shown)}
${inside}
${rule.check === 'sign' ? null : forms(rule, note, one, shown)}
</section>
`
}

function written(rule: StepRule, note: StepNote, { visit, words }: StepShown): Html | null {
  if (note.atMs === 0) return null
  const { language, config } = visit
  const values = rule.fields.map(({ id, name, type, choices }) => {
    const value = type === 'date' ? day(note.values[id] ?? '', language) : (note.values[id] ?? '')
    return [name[language], choices[value]?.[language] ?? value] as const
  })
  return facts([
    [words.owner, note.owner],
    [words.on, note.on === '' ? null : html`<time datetime="${note.on}">${day(note.on, language)}</time>`],
    ...values,
    ...seenFacts(rule, note, visit, words),
    [words.note, note.note],
    [words.writtenBy, html`${note.who}, ${moment(note.atMs, language, config.region.timeZone)}`],
  ])
}

function day(iso: string, language: string): string {
  if (iso === '') return ''
  const at = new Date(`${iso}T12:00:00Z`)
  if (Number.isNaN(at.getTime())) return iso
  const format = { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' } as const
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', format).format(at)
}

type Pairs = readonly (readonly [string, Html | string | null])[]

function seenFacts({ check }: StepRule, { facts: seen }: StepNote, visit: KnownVisit, words: OnboardingWords): Pairs {
  if (check === 'finess') {
    const sentences: Readonly<Record<string, string>> = words.finess
    return Object.entries(seen).map(([number, fact]) => [number, sentences[fact] ?? fact] as const)
  }
  if (check === 'network' && seen['step'] !== undefined) {
    const at = Date.parse(seen['at'] ?? '')
    const when = Number.isNaN(at) ? null : moment(at, visit.language, visit.config.region.timeZone)
    return [[words.tested, html`${words.reached[seen['step'] as ProbeStep]} ${when}`]]
  }
  if (check !== 'certificate' || seen['until'] === undefined) return []
  return [
    [words.subject, seen['subject'] ?? ''],
    [words.issuer, seen['issuer'] ?? ''],
    [words.until, moment(Date.parse(seen['until']), visit.language, visit.config.region.timeZone)],
    [words.fingerprint, seen['fingerprint'] ?? ''],
    [words.declared, words.declaredTells[seen['declared'] === 'yes' ? 'yes' : 'no']],
  ]
}

function forms(rule: StepRule, note: StepNote, one: Onboarding, { visit, words }: StepShown): Html | null {
  const writable = one.state === 'to-connect' || one.state === 'qualifying'
  if (!writable || !may(visit.caller, 'onboarding:change')) return null
  const action = `${addressOf(one)}/etapes/${rule.id}`
  if (note.state === 'done') {
    return html`<form method="post" action="${action}"><p class="quiet">${words.reopenTells}</p><button name="act" value="reopen">${words.reopen}</button></form>`
  }
  const own = rule.fields.map((field) => fieldInput(rule.id, field, note, visit))
  const name = (id: string) => `${rule.id}-${id}`
  return html`<details${note.atMs === 0 ? null : html` open`}><summary>${words.write}</summary>
<form method="post" action="${action}">
${own}
<label for="${name('owner')}">${words.owner}</label><input id="${name('owner')}" name="owner" maxlength="200" value="${note.owner}" autocomplete="off">
<label for="${name('on')}">${words.on}</label><input id="${name('on')}" name="on" type="date" value="${note.on}">
<label for="${name('note')}">${words.note}</label><textarea id="${name('note')}" name="note" rows="2" maxlength="2000">
${note.note}</textarea>
<p><button name="act" value="save">${words.save}</button>${rule.check === 'network' ? html`<button name="act" value="test">${words.test}</button>` : null}<button class="main" name="act" value="finish">${words.finish}</button></p>
</form></details>`
}

function fieldInput(step: string, field: FieldRule, note: StepNote, { language }: KnownVisit): Html {
  const id = `${step}-value-${field.id}`
  const name = `value.${field.id}`
  const value = note.values[field.id] ?? ''
  const label = html`<label for="${id}">${field.name[language]}${field.required ? ' *' : ''}</label>`
  switch (field.type) {
    case 'certificate':
      return html`${label}<textarea id="${id}" name="${name}" rows="4" maxlength="20000" spellcheck="false"></textarea>`
    case 'choice':
      return html`${label}<select id="${id}" name="${name}">${Object.entries(field.choices).map(
        ([one, text]) =>
          html`<option value="${one}"${one === value ? html` selected` : null}>${text[language]}</option>`,
      )}</select>`
    case 'date':
      return html`${label}<input id="${id}" name="${name}" type="date" value="${value}">`
    case 'port':
      return html`${label}<input id="${id}" name="${name}" type="number" min="1" max="65535" value="${value}">`
    default:
      return html`${label}<input id="${id}" name="${name}" maxlength="500" value="${value}" autocomplete="off">`
  }
}
