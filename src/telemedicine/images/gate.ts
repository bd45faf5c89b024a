import type { CaseIdentifier, CasePatient } from '../../core/cases.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Compared, IdentityTrait, ImagePatient } from '../../core/images.ts'
import type { Issuers } from './domain.ts'
import { compareBirthDates, compareNames, dicomName, words } from './name.ts'

/** What the gate says of an instance. Only `ok` may leave; `which` names what differs, or what is not known. */
export type Judgement =
  | { readonly is: 'ok' }
  | { readonly is: 'mismatch'; readonly code: ErrorCode; readonly which: readonly IdentityTrait[] }
  | { readonly is: 'unknown'; readonly code: ErrorCode; readonly which: readonly IdentityTrait[] }

/** What an instance is judged by. `site`: the establishment whose archive it comes from. */
export interface Against {
  readonly patient: CasePatient
  readonly site: string
  readonly issuers: Issuers
}

type OfTrait = readonly [trait: IdentityTrait, compared: Compared]
/** Traits of the identifier, the name and the birth date, in this order. */
export type Traits = readonly [id: OfTrait, name: OfTrait, birthDate: OfTrait]

/** How each trait of whom an instance names compares with the patient of the case. Pure. */
export function traitsOf(image: ImagePatient, against: Against): Traits {
  const { patient } = against
  const id = compareIds(image, against)
  const name =
    image.name === null || image.unreadable === true
      ? 'absent'
      : compareNames(dicomName(image.name), { family: words(patient.family), given: words(patient.given) })
  const birthDate = compareBirthDates(image.birthDate, patient.birthDate)
  return [
    [id.trait, id.compared],
    ['name', name],
    ['birth-date', birthDate],
  ]
}

/**
 * Compares whom an instance names with the patient of the case. It is `ok` when the identifier is one of the patient's
 * in the same domain, no trait differs, and name or birth date is the same. The domain is told by Issuer of Patient ID, or
 * where that is absent by the site: equal numbers of two hospitals are two patients. Pure. */
export function judge(image: ImagePatient, against: Against): Judgement {
  const compared = traitsOf(image, against)
  const which = (said: Compared): IdentityTrait[] => compared.filter(([, one]) => one === said).map(([trait]) => trait)
  const differ = which('other')
  if (differ.length > 0) return { is: 'mismatch', code: 'IMAGES_OTHER_PATIENT', which: differ }
  const [[, id], [, name], [, birthDate]] = compared
  const proved = id === 'same' && (name === 'same' || birthDate === 'same')
  return proved ? { is: 'ok' } : { is: 'unknown', code: 'IMAGES_PATIENT_UNKNOWN', which: which('absent') }
}

interface IdCompared {
  readonly trait: 'patient-id' | 'issuer'
  readonly compared: Compared
}

function compareIds(image: ImagePatient, { patient, site, issuers }: Against): IdCompared {
  if (image.id === null) return { trait: 'patient-id', compared: 'absent' }
  const named = [image.issuer, image.issuerEntity].filter((name) => name !== null)
  const bySite = named.length === 0
  const establishments = new Set(
    bySite ? [site] : named.map((name) => issuers.establishmentOf(name)).filter((one) => one !== null),
  )
  // Issuer and qualifiers of two establishments are a contradiction, whatever the number.
  if (establishments.size > 1) return { trait: 'issuer', compared: 'other' }
  const [establishment = null] = establishments
  const sameIssuer = ({ authority, type }: CaseIdentifier): boolean => {
    if (named.some((name) => issuers.same(name, authority))) return true
    const of = issuers.establishmentOf(authority)
    if (of !== null) return of === establishment
    // An authority that nobody declares, of an identifier that is no national one: the asking site's own.
    return establishment === site && !isNational({ authority, type })
  }
  const candidates = patient.identifiers.filter(sameIssuer)
  if (candidates.some(({ value }) => value === image.id)) return { trait: 'patient-id', compared: 'same' }
  if (candidates.length > 0) return { trait: 'patient-id', compared: 'other' }
  if (establishment !== null && establishment !== site) return { trait: 'issuer', compared: 'other' }
  // The number is that of another hospital's patient.
  const elsewhere = patient.identifiers.some(({ value }) => value === image.id)
  if (elsewhere && establishment === site) return { trait: 'issuer', compared: 'other' }
  return { trait: establishment === null ? 'issuer' : 'patient-id', compared: 'absent' }
}

/** Is it the INS (NIR, NIA, test)? */
function isNational({ authority, type }: Pick<CaseIdentifier, 'authority' | 'type'>): boolean {
  return type?.startsWith('INS') === true || /(^|:)1\.2\.250\.1\.213\.1\.4\.\d+$/.test(authority)
}
