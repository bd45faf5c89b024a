/** Patients, professionals and numbers to call, of FHIR resources as a case keeps them. */
import type { CasePatient, Participant } from '../../core/cases.ts'
import { resolve } from '../bridge/bundle.ts'
import { reliabilityOf } from '../fhir/identity-reliability.ts'
import { type JsonObject, list, object, objects, text } from '../fhir/json-value.ts'
import { authorityOf, PATIENT_ID } from '../fhir/patients.ts'
import { isInsIdentifier, nationalOfIdentifier, typeCodes } from '../identifiers/fhir-form.ts'
import { carriesIns } from '../identifiers/identity-status.ts'
import { followAll, type Linked, literalOf, referencesAt } from './fhir-links.ts'
import { type Marked, type PatientRead, type PersonRead, STATUSES, unmarked } from './hl7-patient.ts'
import { type CaseFacts, patientKeys } from './reading.ts'

/**
 * The patient of a resource: what its subject leads to, else what the reference itself says. Null: nothing is said. As in
 * HL7 v2, an INS of an identity that is not qualified is left out, and a billing number is none of the patient. */
export function patientOf(owner: JsonObject, linked: Linked, facts: CaseFacts): PatientRead | null {
  const reference = object(owner['subject']) ?? object(owner['for']) ?? object(owner['patient'])
  const found = ['subject', 'for', 'patient'].flatMap((element) => followAll(owner, element, linked))
  const patient = found.find((one) => one['resourceType'] === 'Patient') ?? null
  if (patient === null && reference === null) return null
  const { patient: read, marked } =
    patient === null ? readPerson(null, [object(reference!['identifier'])]) : personOf(patient)
  const family = read.family || (text(reference?.['display']) ?? '')
  const ids = keptId(reference, owner, linked)
  if (marked.length === 0 && ids.length === 0 && family === '') return null
  return { patient: { ...read, family }, keys: patientKeys([...marked, ...ids], facts) }
}

/** A Patient resource, with what each of its identifiers is; '' is a name that is not told. */
export function personOf(patient: JsonObject): PersonRead {
  return readPerson(patient, objects(patient['identifier']))
}

function readPerson(patient: JsonObject | null, named: readonly (JsonObject | null)[]): PersonRead {
  const reliability = patient === null ? null : reliabilityOf(patient)
  const qualified = reliability !== null && carriesIns(reliability)
  const marked = named.flatMap((one) => identifierOf(one, qualified))
  const read: CasePatient = {
    identifiers: marked.map(unmarked),
    ...nameOf(patient),
    birthDate: text(patient?.['birthDate']),
    sex: patient?.['gender'] === 'male' ? 'male' : patient?.['gender'] === 'female' ? 'female' : 'unknown',
    status: reliability === null ? 'provisional' : STATUSES[reliability.status],
  }
  return { patient: read, marked }
}

/** The id of a Patient that the gateway keeps. Ids inside a message are made for it alone: `#patient` is everybody. */
function keptId(reference: JsonObject | null, owner: JsonObject, { root }: Linked): Marked[] {
  const literal = literalOf(reference)
  if (reference === null || literal?.startsWith('Patient/') !== true || resolve(reference, owner, root) !== null)
    return []
  return [idOf(literal.slice('Patient/'.length))]
}

/** The id of a Patient on the gateway, as an identifier. */
export function idOf(id: string): Marked {
  return { authority: PATIENT_ID, value: id, type: null, ins: false }
}

function identifierOf(identifier: JsonObject | null, qualified: boolean): Marked[] {
  const value = text(identifier?.['value'])
  if (identifier === null || value === null) return []
  const types = typeCodes(identifier)
  const ins = isInsIdentifier(identifier)
  if (types.includes('NH') || (ins && !qualified)) return []
  return [{ authority: authorityOf(identifier['system']), value, type: ins ? 'INS' : (types[0] ?? null), ins }]
}

function nameOf(holder: JsonObject | null): { family: string; given: string } {
  const names = objects(holder?.['name'])
  const name = names.find(({ use }) => use === 'official') ?? names[0]
  const given = list(name?.['given']).find((one) => typeof one === 'string')
  return { family: text(name?.['family']) ?? text(name?.['text']) ?? '', given: text(given) ?? '' }
}

/** Who asks, and by which number they are called back. */
export interface AskerRead {
  readonly asker: Participant
  readonly callBack: string | null
}

/** The requester of a resource: a professional, in a role or not; an organization; or a name alone. */
export function askerOf(owner: JsonObject, linked: Linked, facts: CaseFacts, element = 'requester'): AskerRead {
  const [first = null] = followAll(owner, element, linked)
  const isRole = first?.['resourceType'] === 'PractitionerRole'
  const behind = isRole ? followIn(first, owner, linked) : []
  // A role may name its professional without leading to one.
  const reference = (isRole ? object(first['practitioner']) : null) ?? referencesAt(owner, element)[0] ?? null
  const all = [first, ...behind].filter((one) => one !== null)
  const person = all.find((one) => one['resourceType'] === 'Practitioner') ?? null
  const structure = all.find((one) => one['resourceType'] === 'Organization') ?? null
  const logical = object(reference?.['identifier'])
  const phone = all.map(phoneOf).find((one) => one !== null) ?? null
  const name = person === null ? '' : spoken(person)
  const said = name || (text(reference?.['display']) ?? text(structure?.['name']) ?? '')
  const asker: Participant = {
    name: said,
    rpps: rppsOf(person === null ? [logical] : objects(person['identifier'])),
    establishment: facts.site,
    role: said === '' || said === text(structure?.['name']) ? 'establishment' : 'requester',
    phone,
  }
  return { asker, callBack: phone }
}

/** What a role leads to: its own references, of which contained ones stand in the resource that contains the role. */
function followIn(role: JsonObject, owner: JsonObject, linked: Linked): JsonObject[] {
  const holder = { ...role, contained: owner['contained'] ?? [] }
  return ['practitioner', 'organization'].flatMap((element) => followAll(holder, element, linked))
}

/** The doctor who treats the patient at home: the first of Patient.generalPractitioner. */
export function treatingDoctorOf(owner: JsonObject, linked: Linked, facts: CaseFacts): Participant | null {
  const [patient] = followAll(owner, 'subject', linked)
  if (patient === undefined || patient['generalPractitioner'] === undefined) return null
  const holder = { ...patient, contained: owner['contained'] ?? [] }
  const { asker } = askerOf(holder, linked, facts, 'generalPractitioner')
  const mail =
    followAll(holder, 'generalPractitioner', linked)
      .map(mailOf)
      .find((one) => one !== null) ?? null
  return asker.name === '' ? null : { ...asker, establishment: null, mail }
}

function spoken(person: JsonObject): string {
  const { family, given } = nameOf(person)
  return [family, given].filter((one) => one !== '').join(' ')
}

function rppsOf(identifiers: readonly (JsonObject | null)[]): string | null {
  for (const identifier of identifiers) {
    const national = identifier === null ? null : nationalOfIdentifier(identifier)
    const digits = national === null || national.kind === 'ADELI' ? null : /^8?(\d{11})$/.exec(national.value)
    if ((national?.kind === 'RPPS' || national?.kind === 'IDNPS') && digits !== null) return digits[1]!
  }
  return null
}

function phoneOf(holder: JsonObject): string | null {
  const phone = objects(holder['telecom']).find(({ system }) => system === 'phone')
  return text(phone?.['value'])
}

function mailOf(holder: JsonObject): string | null {
  return text(objects(holder['telecom']).find(({ system }) => system === 'email')?.['value'])
}
