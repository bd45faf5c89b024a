/** Facts of programmes as people read them. */
import type { Enrolment, ProgrammeSums } from '../../../core/programme-commands.ts'
import type { DepositDays, EnrolmentState, Programme } from '../../../core/programmes.ts'
import type { Language } from '../../../formats/http/language.ts'
import { eurosText } from '../../../formats/money.ts'
import { colon } from '../colon.ts'
import { dayText } from '../conformity/acts-parts.ts'
import { BASE as CONFORMITY } from '../conformity/parts.ts'
import { type Html, html } from '../html.ts'
import { numberOf } from '../moment.ts'
import { mark, type Standing } from '../overview/mark.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { PROGRAMME_WORDS } from './words.ts'

/** Where the pages of programmes begin. */
export const BASE = `${CONFORMITY}/programmes`

/** The page of a programme. */
export function programmePath({ id }: Pick<Programme, 'id'>): string {
  return `${BASE}/${encodeURIComponent(id)}`
}

/** The page of an enrolment. */
export function enrolmentPath({ id, programme }: Pick<Enrolment, 'id' | 'programme'>): string {
  return `${BASE}/${encodeURIComponent(programme)}/dossiers/${encodeURIComponent(id)}`
}

const FORMATS: Readonly<Record<Language, Intl.NumberFormat>> = {
  fr: new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR' }),
  en: new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' }),
}

/** `828 526,26 €`. Written from the cents as text: no fraction on the way. */
export function moneyOf(cents: number, language: Language): string {
  return FORMATS[language].format(eurosText(cents, '.') as `${number}`)
}

/** `60 %` of basis points. */
export function shareText(basisPoints: number, language: Language): string {
  return `${numberOf(basisPoints / 100, language)} %`
}

/** That a fact is not verified; nothing where it is. */
export function confirmMark(confirm: boolean, language: Language): Html | null {
  const words = PROGRAMME_WORDS[language]
  return confirm ? html` <span class="confirm" title="${words.confirmTells}">${words.confirm}</span>` : null
}

/** That an enrolment is invented; nothing where it is not. */
export function inventedMark(invented: boolean, language: Language): Html | null {
  const words = PROGRAMME_WORDS[language]
  return invented ? html` <span class="confirm" title="${words.inventedTells}">${words.invented}</span>` : null
}

const LOOKS: Readonly<Record<EnrolmentState, Standing>> = {
  candidate: 'idle',
  selected: 'sound',
  started: 'sound',
  'target-met': 'watch',
  checked: 'sound',
  settled: 'sound',
  dropped: 'paused',
}

/** A state as a shape and a word. */
export function stateMark(state: EnrolmentState, language: Language): Html {
  return mark(LOOKS[state], PROGRAMME_WORDS[language].states[state])
}

/** The days of a programme, with the mark where they are not verified. */
export function periodText({ period: { from, to, confirm } }: Programme, visit: KnownVisit): Html {
  const words = PROGRAMME_WORDS[visit.language]
  return html`${words.periodOf(dayText(from, visit), to && dayText(to, visit))}${confirmMark(confirm, visit.language)}`
}

/** Days on which one may apply; a dash where nothing is said. */
export function depositText(deposit: DepositDays | null, visit: KnownVisit): string {
  if (deposit === null) return '–'
  const { from, to } = deposit
  return PROGRAMME_WORDS[visit.language].depositOf(from && dayText(from, visit), to && dayText(to, visit))
}

/** What is set aside, each with whose it is; of the region's own also what is not engaged yet, where `sums` are given. */
export function envelopeText({ envelopes }: Programme, language: Language, sums: ProgrammeSums | null = null): Html {
  const words = PROGRAMME_WORDS[language]
  if (envelopes.length === 0) return html`<span class="quiet">${words.noEnvelope}</span>`
  return html`${envelopes.map(({ cents, scope, source, confirm }) => {
    const free =
      scope === 'national' || sums === null
        ? null
        : html`<br><span class="quiet">${words.free}${colon(language)}${moneyOf(Math.max(0, cents - sums.engaged), language)}</span>`
    return html`<span title="${source}">${moneyOf(cents, language)} <span class="quiet">${words.scopes[scope]}</span></span>${confirmMark(confirm, language)}${free} `
  })}`
}

/** What is still to be paid of what was promised. */
export function leftOf({ engaged, paid }: ProgrammeSums): number {
  return Math.max(0, engaged - paid)
}

/** No enrolment. */
export const NO_SUMS: ProgrammeSums = { enrolments: 0, engaged: 0, paid: 0 }

/** Who did something: the platform itself has no name. */
export function whoText(who: string, language: Language): string {
  return who === 'gateway' ? PROGRAMME_WORDS[language].platform : who
}
