import type { CasePatient } from '../../../core/cases.ts'
import type { Compared, HeldIdentity, IdentityTrait, ImagePatient } from '../../../core/images.ts'
import { type Html, type HtmlValue, html } from '../html.ts'
import { several } from '../listing.ts'
import { dateText } from '../moment.ts'
import type { Visit } from '../shell/visit.ts'
import { CASE_PAGE_WORDS } from './words.ts'

const SIGNS: Readonly<Record<Compared, string>> = { same: '=', other: '≠', absent: '?' }

/** How two traits compare: a shape, and the word for it. */
export function comparedText(compared: Compared, word: string): Html {
  return html`<span class="sign" aria-hidden="true">${SIGNS[compared]}</span> <strong>${word}</strong>`
}

/**
 * Both identities side by side, each trait with a shape and a word that says whether it is the same, another, or not told:
 * what a person compares before they confirm that images are the patient's. */
export function identitiesPart(
  uid: string,
  patient: CasePatient,
  identities: readonly HeldIdentity[],
  visit: Visit,
): Html | null {
  const mine = identities.filter((one) => one.uid === uid && !one.confirmed)
  if (mine.length === 0) return null
  const { compared: words } = CASE_PAGE_WORDS[visit.language]
  const row = (image: ImagePatient, trait: IdentityTrait, compared: Compared): Html =>
    html`<tr class="compared-${compared}"><th scope="row">${words.traits[trait]}</th><td>${ofCase(trait, patient, visit) ?? words.untold}</td><td>${ofImage(trait, image, visit) ?? words.untold}</td><td>${comparedText(compared, words.states[compared])}</td></tr>`
  return html`${mine.map(
    ({ image, traits }) =>
      html`<table class="compared"><caption>${words.caption}</caption><thead><tr><th scope="col">${words.trait}</th><th scope="col">${words.ofCase}</th><th scope="col">${words.ofImages}</th><th scope="col">${words.result}</th></tr></thead><tbody>${traits.map(
        ([trait, compared]) => row(image, trait, compared),
      )}</tbody></table>`,
  )}`
}

function ofCase(
  trait: IdentityTrait,
  { identifiers, family, given, birthDate }: CasePatient,
  { language }: Visit,
): HtmlValue {
  switch (trait) {
    case 'name':
      return `${family} ${given}`.trim() || null
    case 'birth-date':
      return birthDate && dateText(birthDate, language)
    default:
      return identifiers.length === 0
        ? null
        : several(identifiers.map(({ value, authority }) => html`${value} <span class="quiet">${authority}</span>`))
  }
}

function ofImage(
  trait: IdentityTrait,
  { id, issuer, issuerEntity, name, birthDate }: ImagePatient,
  { language }: Visit,
): HtmlValue {
  switch (trait) {
    case 'name':
      return name === null ? null : (name.split('=')[0] ?? '').replaceAll('^', ' ').trim() || null
    case 'birth-date':
      return birthDate && dateText(birthDate.replace(/^(\d{4})\.?(\d{2})\.?(\d{2})$/, '$1-$2-$3'), language)
    default:
      return id === null ? null : html`${id} <span class="quiet">${issuer ?? issuerEntity ?? ''}</span>`
  }
}
