/** Pieces that the forms of all services share. */
import type { RegisteredPatient } from '../../../core/cases.ts'
import type { Establishment } from '../../../core/config.ts'
import type { CareService, FormField } from '../../../core/services.ts'
import type { LaunchContext } from '../../../core/sign-in.ts'
import { dayTimeText } from '../../../formats/clock/words.ts'
import { type Html, html } from '../html.ts'
import { choice, hidden, input, radios } from '../inputs.ts'
import { dateText } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { patientValue, type Wrong } from './read.ts'
import type { RequestWords } from './words.ts'

/** A form as somebody sees it: what was typed, and what is wrong with it. */
export interface Shown {
  readonly visit: KnownVisit
  readonly words: RequestWords
  readonly service: CareService
  readonly site: Establishment
  readonly sites: readonly Establishment[]
  readonly fields: URLSearchParams
  readonly wrong: ReadonlyMap<string, Wrong>
  /** A sentence above the form; null: none. */
  readonly told: string | null
  readonly registered: readonly RegisteredPatient[]
  /** What the patient record was opened on; null: it was not opened from one. */
  readonly launched: LaunchContext | null
  /** The number that the site gave last; null: none. */
  readonly remembered: string | null
  readonly nowMs: number
}

/** How far back the registered are offered, in hours. */
export const REGISTERED_HOURS = 24

/** What is wrong with a field, as a sentence; null: nothing. */
export function wrongText({ wrong, words }: Shown, name: string): string | null {
  const found = wrong.get(name)
  return found === undefined ? null : words.wrong[found]
}

/** A text field with what was typed. */
export function typed(
  shown: Shown,
  name: string,
  label: string,
  more: Partial<Parameters<typeof input>[0]> = {},
): Html {
  return input({ name, label, value: shown.fields.get(name) ?? '', wrong: wrongText(shown, name), ...more })
}

/** The patient: those registered lately first, then a name that is typed twice. */
export function patientPart(shown: Shown): Html {
  const { words, fields, registered, visit, nowMs, launched } = shown
  const zone = visit.config.region.timeZone
  const chosen = fields.get('patient')
  const opened = launched === null ? null : html`<p class="quiet">${words.fromRecord}</p>`
  if (registered.length === 0) return html`${opened}${hidden('patient', 'other')}${freeEntry(shown)}`
  const choices = registered.map((one) => {
    const { family, given, birthDate, status } = one.patient
    const when = words.registeredAt(dayTimeText(one.atMs, nowMs, zone, visit.language))
    const about = [birthDate === null ? null : words.born(dateText(birthDate, visit.language)), when]
      .filter((text) => text !== null)
      .join(' · ')
    const text = html`<strong>${family}</strong> ${given} <small>${about}${status === 'provisional' ? ` · ${words.provisional}` : ''}</small>`
    return [patientValue(one), text] as const
  })
  const isOther = chosen === 'other'
  const freeWrong = ['family', 'given', 'again', 'birth'].some((name) => shown.wrong.has(name))
  return html`${opened}${radios(
    { name: 'patient', label: words.registered(REGISTERED_HOURS), wrong: wrongText(shown, 'patient') },
    chosen,
    choices,
    true,
  )}
<details class="other"${isOther || freeWrong ? html` open` : null}><summary>${words.otherPatient}</summary>
<label class="radio"><input type="radio" name="patient" value="other"${isOther ? html` checked` : null}> <span>${words.otherPatient}</span></label>
${freeEntry(shown)}</details>`
}

function freeEntry(shown: Shown): Html {
  const { words, fields, registered } = shown
  const first = registered.length === 0
  return html`<div class="entry">${typed(shown, 'family', words.family, { longest: 100, required: first, autofocus: first })}${typed(
    shown,
    'given',
    words.given,
    { longest: 100, required: first },
  )}</div>
${typed(shown, 'again', words.again, { longest: 100, required: first, help: words.againHelp })}
<div class="entry">${typed(shown, 'birth', words.birth, { type: 'date' })}${choice(
    { name: 'sex', label: words.sex, value: fields.get('sex') ?? 'unknown' },
    Object.entries(words.sexes),
  )}${typed(shown, 'ipp', words.ipp, { longest: 50 })}</div>`
}

/** A field of the service's own form. */
export function ownField(field: FormField, shown: Shown): Html | null {
  const { words, visit } = shown
  const { id, type, required, choices } = field
  const name = `value.${id}`
  const label = field.name[visit.language]
  switch (type) {
    case 'photos':
    case 'documents':
      return null
    case 'choice': {
      const list = Object.entries(choices).map(([value, text]) => [value, text[visit.language]] as const)
      return choice({ name, label, value: shown.fields.get(name) ?? '', required, wrong: wrongText(shown, name) }, [
        ['', words.choose],
        ...list,
      ])
    }
    case 'yes-no':
      return choice({ name, label, value: shown.fields.get(name) ?? '', required, wrong: wrongText(shown, name) }, [
        ['', words.choose],
        ['yes', words.yes],
        ['no', words.no],
        ['unknown', words.notKnown],
      ])
    case 'long-text':
      return typed(shown, name, label, { required, rows: 3, longest: 4_000 })
    default:
      return typed(shown, name, label, {
        required,
        longest: 300,
        type: type === 'date' ? 'date' : 'text',
        ...(type === 'number' && { mode: 'numeric' as const }),
      })
  }
}

/** Consent and treating doctor. */
export function consentPart(shown: Shown): Html {
  const { words, fields, service } = shown
  const isRequired = service.consent === 'required'
  return html`<h2>${words.consent}${isRequired ? html` <span class="must">*</span>` : null}</h2><p class="help">${words.consentHelp}</p>
${radios(
  { name: 'consent', label: words.consent, wrong: wrongText(shown, 'consent'), quiet: true },
  fields.get('consent'),
  [
    ['given', words.consentGiven],
    ['not', words.consentNot],
  ],
)}
${typed(shown, 'consent-by', words.consentBy, { longest: 150 })}
${typed(shown, 'consent-why', words.consentWhy, { longest: 300 })}
<h2>${words.doctor}</h2>
<div class="entry">${typed(shown, 'doctor', words.doctor, { longest: 150 })}${typed(
    shown,
    'doctor-rpps',
    words.doctorRpps,
    {
      longest: 11,
      mode: 'numeric',
    },
  )}${typed(shown, 'doctor-phone', words.doctorPhone, { type: 'tel', longest: 30 })}${typed(
    shown,
    'doctor-mail',
    words.doctorMail,
    { longest: 150 },
  )}</div>`
}

/** The number to call back, as the site gave it last. */
export function phonePart(shown: Shown): Html {
  const { words, fields, remembered } = shown
  const value = fields.get('phone') ?? remembered ?? ''
  const help = remembered !== null && value === remembered ? words.phoneRemembered : null
  return typed(shown, 'phone', words.phone, { value, type: 'tel', longest: 30, required: true, help })
}

/** What is wrong, by its field, in the order of the form. */
export function wrongLines({ wrong, words, service, visit }: Shown): (readonly [string, string])[] {
  const names: Readonly<Record<string, string>> = {
    ...{ patient: words.patient, family: words.family, given: words.given, again: words.again, birth: words.birth },
    ...{ hour: words.when, reason: words.reason, phone: words.phone, asked: words.askedAt, consent: words.consent },
    ...{ 'consent-by': words.consentBy, 'doctor-rpps': words.doctorRpps, 'doctor-mail': words.doctorMail },
    ...Object.fromEntries(
      service.form.flatMap(({ id, name }) => [id, `value.${id}`].map((one) => [one, name[visit.language]])),
    ),
  }
  return [...wrong].map(([field, code]) => [field, `${names[field] ?? field} : ${words.wrong[code]}`] as const)
}
