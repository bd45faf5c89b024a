/** PID (with ZFD) against Patient: HL7 v2.5 §3.4.2 as PAM FR §6.6 restricts it, FrCore Patient. */
import type { Finding } from '../../core/message.ts'
import { RELIABILITY } from '../fhir/identity-reliability.ts'
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Repetition, type Segment, segment } from '../hl7v2/write.ts'
import { isInsIdentifier } from '../identifiers/fhir-form.ts'
import { resource } from './bundle.ts'
import { ceOf, conceptOf, tableSystem } from './codes.ts'
import { type BridgeContext, mapped } from './context.ts'
import type { Loss } from './conversion.ts'
import { fieldsOf, identifiersFrom, reliabilityElement, reliabilityIn, statusField, zfdOf } from './identity.ts'
import { cxOf, cxRepetition, type Part, partOf, partsOf, textAt } from './parts.ts'
import { addressOf, contactPointOf, humanNameOf, xadOf, xpnOf, xtnOf } from './people.ts'
import { claiming, isAddressed, isNamed, PROFILES } from './profiles.ts'
import { dateOf, dateTimeOf, tsOf } from './time.ts'

/** Extension of R4: where the patient was born. */
export const BIRTH_PLACE = 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace'
const MOTHERS_NAME = 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName'

const MARITAL_STATUS = 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus'
const SAME_STATUSES = ['D', 'M', 'S', 'W']
const GENDERS: Readonly<Record<string, string>> = { F: 'female', M: 'male', U: 'unknown', O: 'other' }
/** PAM FR knows F, M and U. */
const SEXES: Readonly<Record<string, string>> = { female: 'F', male: 'M', unknown: 'U', other: 'U' }

/** Places of PID and ZFD that are read. */
export const PID_READ: readonly string[] = [
  ...[3, 5, 6, 7, 8, 11, 13, 14, 16, 24, 25, 29, 30, 32].map((n) => `PID-${n}`),
  ...[4, 5, 6, 7].map((n) => `ZFD-${n}`),
]
/** Elements of Patient that are read. */
export const PATIENT_READ: readonly string[] = [
  ...['identifier', 'active', 'name', 'telecom', 'gender', 'birthDate', 'deceasedBoolean', 'deceasedDateTime'],
  ...['address', 'maritalStatus', 'multipleBirthBoolean', 'multipleBirthInteger', 'link'],
  ...[BIRTH_PLACE, MOTHERS_NAME, RELIABILITY].map((url) => `extension:${url}`),
].map((name) => `Patient.${name}`)

/** What is lost between PID and Patient. */
export const PATIENT_LOSSES: readonly Loss[] = [
  { from: 'hl7v2', at: 'PID-3', what: 'An empty CX-5 comes back as PI, an empty CX-4.1 as the id of the authority.' },
  { from: 'hl7v2', at: 'PID-3', what: 'CX-6 to CX-8 (who holds it, validity). INS-C and ADELI are never written.' },
  {
    from: 'hl7v2',
    at: 'PID-3',
    what: 'An identifier without CX-4 comes back under its sender, as does one under a name of its sender.',
  },
  {
    from: 'hl7v2',
    at: 'PID-3',
    what: 'A patient without any identifier but the billing number (NH), which a family shares, is not converted.',
  },
  { from: 'hl7v2', at: 'PID-5', what: 'XPN-6 and XPN-8 to XPN-14. An empty XPN-7 comes back as U.' },
  { from: 'hl7v2', at: 'PID-7', what: 'What follows the day; a month or day that is none (lunar dates).' },
  { from: 'hl7v2', at: 'PID-8', what: 'O comes back as U, which is what PAM FR knows.' },
  {
    from: 'hl7v2',
    at: 'PID-11',
    what: 'XAD-1.2 and 1.3, XAD-8, XAD-10 to 14; types that are not H, O, C, BA, M or BDL.',
  },
  {
    from: 'hl7v2',
    at: 'PID-13',
    what: 'Parts of a number come back as one in XTN-12; X.400 as Internet; codes of XTN-2 other than PRN, WPN and NET.',
  },
  { from: 'hl7v2', at: 'PID-14', what: 'Comes back in PID-13, as WPN.' },
  { from: 'hl7v2', at: 'PID-16', what: 'The name of the table comes back as HL70002.' },
  { from: 'hl7v2', at: 'PID-29', what: 'Without a date, PID-30 alone comes back.' },
  { from: 'hl7v2', at: 'PID-32', what: 'VIDE and an empty field come back as PROV.' },
  {
    from: 'fhir',
    at: 'Patient.identifier',
    what: 'period, and all but the first coding of type; those with use old, save in a merge.',
  },
  {
    from: 'fhir',
    at: 'Patient.name',
    what: 'Several given names come back as the first and a list; period; text beside parts; use old or temp comes back without use, anonymous as nickname, maiden as official.',
  },
  {
    from: 'fhir',
    at: 'Patient.telecom',
    what: 'period, rank; system sms, url and other come back as phone; use of an e-mail save work.',
  },
  {
    from: 'fhir',
    at: 'Patient.address',
    what: 'period, district, text beside parts; lines after the second are joined to it; use billing.',
  },
  { from: 'fhir', at: 'Patient.gender', what: 'other comes back as unknown.' },
]

/** Patient of the PID with this number; `findings`: an INS that was left out. */
export function patientOf(
  message: Hl7Message,
  context: BridgeContext,
  occurrence = 1,
): { patient: JsonObject; findings: Finding[] } {
  const pid = `PID(${occurrence})`
  const reliability = reliabilityIn(message, occurrence)
  const { identifiers, findings } = identifiersFrom(partsOf(message, `${pid}-3`).map(cxOf), reliability, context)
  const addresses = partsOf(message, `${pid}-11`)
  const born = addresses.find((part) => part(7) === 'BDL')
  const birthPlace = born === undefined ? null : addressOf(born)
  const mother = textAt(message, `${pid}-6`)
  const diedAt = dateTimeOf(textAt(message, `${pid}-29`), context.timeZone)
  const order = textAt(message, `${pid}-25`)
  const twin = textAt(message, `${pid}-24`)
  const patient = resource('Patient', null, {
    extension: [
      reliabilityElement(reliability),
      birthPlace === null ? null : { url: BIRTH_PLACE, valueAddress: birthPlace },
      mother === '' ? null : { url: MOTHERS_NAME, valueString: mother },
    ],
    identifier: identifiers,
    active: true,
    name: partsOf(message, `${pid}-5`).map(humanNameOf),
    telecom: [
      ...partsOf(message, `${pid}-13`).map((part) => contactPointOf(part)),
      ...partsOf(message, `${pid}-14`).map((part) => contactPointOf(part, true)),
    ],
    gender: mapped(context, 'gender', GENDERS, textAt(message, `${pid}-8`)),
    birthDate: dateOf(textAt(message, `${pid}-7`)),
    ...(diedAt !== null ? { deceasedDateTime: diedAt } : yesOrNo('deceasedBoolean', textAt(message, `${pid}-30`))),
    address: addresses.filter((part) => part !== born).map(addressOf),
    maritalStatus: maritalStatusOf(partOf(message, `${pid}-16`)),
    ...(/^[1-9]\d?$/.test(order) ? { multipleBirthInteger: Number(order) } : yesOrNo('multipleBirthBoolean', twin)),
  })
  return { patient: claimed(patient), findings }
}

/** The patient, claiming the profile that it meets. */
export function claimed(patient: JsonObject): JsonObject {
  if (!isNamed(patient) || !isAddressed(patient)) return patient
  return claiming(patient, hasTraits(patient) ? PROFILES.patientIns : PROFILES.patient)
}

/** Has the patient an INS and every trait that goes with one (RNIV, FrCore PatientINS)? */
function hasTraits(patient: JsonObject): boolean {
  const official = objects(patient['name']).find(({ use }) => use === 'official')
  const born = object(objects(patient['extension']).find(({ url }) => url === BIRTH_PLACE)?.['valueAddress'])
  return (
    objects(patient['identifier']).some(isInsIdentifier) &&
    official?.['family'] !== undefined &&
    official['given'] !== undefined &&
    official['extension'] !== undefined &&
    text(patient['birthDate'])?.length === 10 &&
    patient['gender'] !== undefined &&
    patient['gender'] !== 'other' &&
    born?.['extension'] !== undefined
  )
}

function yesOrNo(name: string, code: string): JsonObject {
  return code === 'Y' ? { [name]: true } : code === 'N' ? { [name]: false } : {}
}

/** PID of a Patient, and its ZFD, which says nothing where the resource does not; `account`: PID-18. */
export function pidOf(
  patient: JsonObject,
  context: BridgeContext,
  account?: Repetition,
): { pid: Segment; zfd: Segment; findings: Finding[] } {
  const { fields, reliability, findings } = fieldsOf(patient, context)
  const extensions = objects(patient['extension'])
  const born = object(extensions.find(({ url }) => url === BIRTH_PLACE)?.['valueAddress'])
  const mother = text(extensions.find(({ url }) => url === MOTHERS_NAME)?.['valueString'])
  const order = patient['multipleBirthInteger']
  const diedAt = text(patient['deceasedDateTime'])
  const addresses: Repetition[] = objects(patient['address']).map((one) => xadOf(one))
  if (born !== null) addresses.push(xadOf(born, 'BDL'))
  const pid = segment('PID', {
    3: { repeat: fields.map(cxRepetition) },
    5: { repeat: namesOf(patient).map((name) => xpnOf(name)) },
    6: mother === null ? '' : [mother, '', '', '', '', '', 'L'],
    7: tsOf(text(patient['birthDate'])),
    8: mapped(context, 'sex', SEXES, text(patient['gender'])),
    11: { repeat: addresses },
    13: { repeat: objects(patient['telecom']).map(xtnOf) },
    16: maritalStatusField(object(patient['maritalStatus'])),
    18: account,
    24: yesNoOf(typeof order === 'number' ? true : patient['multipleBirthBoolean']),
    25: typeof order === 'number' ? String(order) : '',
    29: tsOf(diedAt),
    30: yesNoOf(diedAt === null ? patient['deceasedBoolean'] : true),
    32: statusField(reliability),
  })
  return { pid, zfd: zfdOf(reliability), findings }
}

/** Names to write: the birth name first, none that is no longer valid. */
function namesOf(patient: JsonObject): JsonObject[] {
  const names = objects(patient['name']).filter(({ use }) => use !== 'old' && use !== 'temp')
  return [...names.filter(({ use }) => use === 'official'), ...names.filter(({ use }) => use !== 'official')]
}

/** PID-16: what both tables name alike stands under the address that R4 asks for. */
function maritalStatusOf(part: Part): JsonObject | null {
  const concept = conceptOf(part)
  const coding = objects(concept?.['coding']).map((one) =>
    SAME_STATUSES.includes(text(one['code']) ?? '') ? { ...one, system: MARITAL_STATUS } : one,
  )
  return concept === null || coding.length === 0 ? concept : { ...concept, coding }
}

function maritalStatusField(concept: JsonObject | null): Repetition {
  const coding = objects(concept?.['coding']).map((one) =>
    one['system'] === MARITAL_STATUS ? { ...one, system: tableSystem('0002') } : one,
  )
  return ceOf(concept === null ? null : { ...concept, coding })
}

function yesNoOf(value: unknown): string {
  return value === true ? 'Y' : value === false ? 'N' : ''
}
