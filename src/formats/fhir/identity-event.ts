/** What becomes of a Patient when an identity changes (IHE PAM FR §4.4; FHIR R4 patient.html, Patient.link). Pure. */
import type { IdentityEvent, StatusWithoutIns } from '../hl7v2/identity-event.ts'
import { isInsOf } from '../hl7v2/identity-event.ts'
import { hdOf, systemOf } from '../identifiers/authority.ts'
import { isInsIdentifier } from '../identifiers/fhir-form.ts'
import type { Hl7Identifier } from '../identifiers/hl7-form.ts'
import { identifierOfCx } from '../identifiers/patient.ts'
import { isObject, type JsonObject, type JsonValue, objects, text } from './json-value.ts'

const RELIABILITY = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability'
/** Statuses of the older files, which know nothing between provisional and qualified. */
const OLD_STATUS = /v2-0445$/
const INS_PROFILE = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins'
const PLAIN_PROFILE = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient'

/** The identifiers by which the Patients are found that an event is about. */
export function concerned(event: IdentityEvent): readonly Hl7Identifier[] {
  switch (event.what) {
    case 'merge':
      return event.merged
    case 'ins-removal':
      return event.of
    case 'nir':
      return [event.nia]
    default:
      return [event.from]
  }
}

/** Systems under which an identifier of HL7 v2 may stand in a resource. */
export function systemsOf({ authority }: Hl7Identifier): readonly string[] {
  const { id } = authority
  const own = systemOf(authority)
  return [...new Set([...(own === null ? [] : [own]), ...(id === '' ? [''] : [`urn:oid:${id}`, id])])]
}

/** Does the Patient bear this identifier, whichever its use? A billing number is no INS. */
export function bears(patient: JsonObject, identifier: Hl7Identifier): boolean {
  return objects(patient['identifier']).some((one) => isSame(one, identifier))
}

function isSame(one: JsonObject, { value, authority, type }: Hl7Identifier): boolean {
  if (text(one['value']) !== value) return false
  const known = hdOf(one)
  if (authority.id === '' ? known.id !== '' || known.namespace !== authority.namespace : known.id !== authority.id) {
    return false
  }
  return isInsIdentifier(one) === isInsOf({ value, authority, type })
}

/** Is it the Patient that goes on after a merge? Two Patients that are merged may well have the same INS. */
export function isKept(patient: JsonObject, kept: readonly Hl7Identifier[]): boolean {
  const local = kept.filter((one) => !isInsOf(one))
  return (local.length > 0 ? local : kept).some((one) => bears(patient, one))
}

/**
 * The Patient after the event, or null when it is as it was. `into`: of a merge, the id of the Patient that goes on where
 * that is kept. */
export function patientAfter(patient: JsonObject, event: IdentityEvent, into: string | null = null): JsonObject | null {
  if (!concerned(event).some((one) => bears(patient, one))) return null
  const after = made(patient, event, into)
  return JSON.stringify(after) === JSON.stringify(patient) ? null : after
}

function made(patient: JsonObject, event: IdentityEvent, into: string | null): JsonObject {
  switch (event.what) {
    case 'merge':
      return merged(patient, event, into)
    case 'change':
      return changed(patient, event.from, event.to)
    case 'removal':
      return withIdentifiers(patient, (all) => all.filter((one) => !isSame(one, event.from)))
    case 'ins-removal':
      return withoutIns(patient, event.status)
    case 'nir':
      return withNir(patient, event.nia, event.nir)
  }
}

function withIdentifiers(patient: JsonObject, change: (all: JsonObject[]) => JsonObject[]): JsonObject {
  const { identifier, ...rest } = patient
  const after = change(objects(identifier))
  return after.length === 0 ? rest : { ...rest, identifier: after }
}

const old = (one: JsonObject): JsonObject => ({ ...one, use: 'old' })

function merged(
  patient: JsonObject,
  event: Extract<IdentityEvent, { what: 'merge' }>,
  into: string | null,
): JsonObject {
  const isGone = (one: JsonObject): boolean => event.merged.some((gone) => isSame(one, gone))
  if (isKept(patient, event.kept)) {
    return withIdentifiers(patient, (all) => all.map((one) => (isGone(one) ? old(one) : one)))
  }
  const ended = withIdentifiers(patient, (all) =>
    all.map((one) => (isGone(one) || isInsIdentifier(one) ? old(one) : one)),
  )
  const other = into === null ? { identifier: identifierOfCx(event.kept[0]!) } : { reference: `Patient/${into}` }
  const links = objects(patient['link']).filter(({ type }) => type !== 'replaced-by')
  return { ...ended, active: false, link: [...links, { other, type: 'replaced-by' }] }
}

function changed(patient: JsonObject, from: Hl7Identifier, to: Hl7Identifier): JsonObject {
  return withIdentifiers(patient, (all) => {
    const already = all.some((one) => isSame(one, to))
    return all.flatMap((one) => {
      if (!isSame(one, from)) return [one]
      return already ? [] : [replaced(one, to)]
    })
  })
}

/** What else stood in the identifier (period, assigner) stays where the authority does. */
function replaced(one: JsonObject, to: Hl7Identifier): JsonObject {
  const fresh = identifierOfCx(to)
  if (fresh === null) return one
  return fresh['system'] === one['system'] ? { ...one, value: to.value } : fresh
}

function withoutIns(patient: JsonObject, status: StatusWithoutIns): JsonObject {
  const without = withIdentifiers(patient, (all) => all.filter((one) => !isInsIdentifier(one)))
  return plainProfile(mapExtensions(without, RELIABILITY, (one) => withStatus(one, status)))
}

function withNir(patient: JsonObject, nia: Hl7Identifier, nir: Hl7Identifier): JsonObject {
  return withIdentifiers(patient, (all) => {
    const both = all.map((one): JsonObject => {
      if (isSame(one, nia)) return { ...one, use: 'temp' }
      return isSame(one, nir) ? { ...one, use: 'official' } : one
    })
    const official = all.some((one) => isSame(one, nir)) ? null : identifierOfCx(nir)
    return official === null ? both : [official, ...both]
  })
}

function mapExtensions(holder: JsonObject, url: string, change: (one: JsonObject) => JsonObject): JsonObject {
  const { extension } = holder
  if (!Array.isArray(extension)) return holder
  return { ...holder, extension: extension.map((one) => (isObject(one) && one['url'] === url ? change(one) : one)) }
}

/** The status within the extension, in whichever form it is written. */
function withStatus(reliability: JsonObject, status: StatusWithoutIns): JsonObject {
  return mapExtensions(reliability, 'identityStatus', (part) => {
    const { valueCoding, valueCodeableConcept, valueCode, valueString } = part
    if (isObject(valueCoding)) return { ...part, valueCoding: coded(valueCoding, status) }
    if (isObject(valueCodeableConcept)) {
      const { text: _text, ...concept } = valueCodeableConcept
      const coding: JsonValue[] = objects(concept['coding']).map((one) => coded(one, status))
      return { ...part, valueCodeableConcept: { ...concept, coding } }
    }
    if (typeof valueCode === 'string') return { ...part, valueCode: status }
    return typeof valueString === 'string' ? { ...part, valueString: status } : part
  })
}

function coded(coding: JsonObject, status: StatusWithoutIns): JsonObject {
  const { display: _display, ...rest } = coding
  const isOld = OLD_STATUS.test(text(rest['system']) ?? '')
  // There VALI would be read as qualified.
  return { ...rest, code: isOld ? 'PROV' : status }
}

/** The profile of a qualified identity demands an INS. */
function plainProfile(patient: JsonObject): JsonObject {
  const { meta } = patient
  if (!isObject(meta) || !Array.isArray(meta['profile'])) return patient
  const profile = meta['profile'].map((one) => (one === INS_PROFILE ? PLAIN_PROFILE : one))
  return { ...patient, meta: { ...meta, profile } }
}
