import type { Case, CaseIdentifier, CasePatient, CaseRequest } from '../../core/cases.ts'
import type { IdentityChange } from '../../core/identity-change.ts'
import { isIns as isInsOf } from '../../formats/identifiers/ins.ts'
import { compareNames, type NameWords, words } from '../images/name.ts'

/** Types of a number that a site gives a patient, and not a visit or an account. */
const OWN: readonly (string | null)[] = [null, 'PI', 'MR']
/** Family name of somebody whose name nobody knows yet. */
const UNKNOWN = 'INCONNU'

/** Whom a message or request names, and where from. */
export type Named = Pick<CaseRequest, 'site' | 'patient'>

const bare = (authority: string): string => authority.replace(/^urn:oid:/, '')

/** Is it an INS? */
export function isIns({ authority, type }: Pick<CaseIdentifier, 'authority' | 'type'>): boolean {
  return isInsOf(bare(authority), type ?? '')
}

const same = (one: CaseIdentifier, other: CaseIdentifier): boolean =>
  one.value === other.value && bare(one.authority) === bare(other.authority)

function ownNumbers({ identifiers }: CasePatient): readonly CaseIdentifier[] {
  return identifiers.filter((one) => OWN.includes(one.type) && !isIns(one))
}

function sharesNumber(one: Named, other: Named): boolean {
  const others = ownNumbers(other.patient)
  return one.site === other.site && ownNumbers(one.patient).some((mine) => others.some((its) => same(mine, its)))
}

/** Nobody knows yet who it is: such an identity contradicts none. */
function isUnknown({ family, birthDate }: CasePatient): boolean {
  return birthDate === null || (words(family)[0] ?? UNKNOWN) === UNKNOWN
}

const nameOf = ({ family, given }: CasePatient): NameWords => ({ family: words(family), given: words(given) })

/**
 * Is it the patient of a request of the same site whose number was named? By an identifier, or where none is told in another
 * way by name and birth date: enough to take back what a number has found, never to join. Pure. */
export function isPatientOf({ patient }: Pick<CaseRequest, 'patient'>, named: CasePatient): boolean {
  if (patient.identifiers.some((its) => named.identifiers.some((one) => same(one, its)))) return true
  const isBirth = named.birthDate !== null && named.birthDate === patient.birthDate
  return isBirth && compareNames(nameOf(named), nameOf(patient)) === 'same'
}

const begins = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one)

function traitsDiffer(one: CasePatient, other: CasePatient): boolean {
  if (compareNames(nameOf(one), nameOf(other)) !== 'other') return false
  const sexes = one.sex !== 'unknown' && other.sex !== 'unknown' && one.sex !== other.sex
  return sexes || !begins(one.birthDate ?? '', other.birthDate ?? '')
}

/**
 * Are they two patients? Where both are known: numbers of one site and authority that differ, or another name together with
 * another birth date or sex. A name alone never says so, nor does anything once a number of the site is the same. Pure. */
export function contradict(one: Named, other: Named): boolean {
  if (isUnknown(one.patient) || isUnknown(other.patient) || sharesNumber(one, other)) return false
  const others = new Set(ownNumbers(other.patient).map(({ authority }) => bare(authority)))
  const numbers =
    one.site === other.site && ownNumbers(one.patient).some(({ authority }) => others.has(bare(authority)))
  return numbers || traitsDiffer(one.patient, other.patient)
}

/** Is the case of another patient, by what any of its requests says of theirs? Pure. */
export function isOfAnother({ requests }: Pick<Case, 'requests'>, named: Named): boolean {
  return !requests.some((one) => sharesNumber(one, named)) && requests.some((one) => contradict(one, named))
}

/** The requests and the patient of a case after what their site says anew of the identity. Pure. */
export function identified(
  { requests, patient }: Pick<Case, 'requests' | 'patient'>,
  change: IdentityChange,
): Pick<Case, 'requests' | 'patient'> {
  const concerns = ({ site, keys }: CaseRequest): boolean =>
    site === change.site && keys.some((key) => change.of.includes(key))
  const changed = requests.map((one) =>
    concerns(one) ? { ...one, patient: patientAfter(one.patient, change), keys: keysAfter(one.keys, change) } : one,
  )
  const [first] = requests
  return {
    requests: changed,
    patient: first !== undefined && concerns(first) ? patientAfter(patient, change) : patient,
  }
}

function patientAfter(patient: CasePatient, change: IdentityChange): CasePatient {
  const { comes, goes, withoutIns, traits, status } = change
  const among = (all: readonly CaseIdentifier[], one: CaseIdentifier): boolean => all.some((other) => same(one, other))
  const kept = patient.identifiers.filter(
    (one) => among(comes, one) || (!among(goes, one) && !(withoutIns && isIns(one))),
  )
  const fresh = comes.filter((one) => !among(kept, one))
  return { ...patient, ...traits, identifiers: [...kept, ...fresh], status: status ?? patient.status }
}

function keysAfter(keys: readonly string[], { keysCome, keysGo, withoutIns }: IdentityChange): readonly string[] {
  const kept = keys.filter(
    (key) => keysCome.includes(key) || (!keysGo.includes(key) && !(withoutIns && key.startsWith('INS:'))),
  )
  return [...new Set([...kept, ...keysCome])]
}
