/** The patient of an HL7 v2 message, and what a case may be known by: PID, PV1 and who attends (HL7 v2.5.1 §3.4). */
import type { CaseIdentifier, CasePatient, Participant, ToldTime } from '../../core/cases.ts'
import { reliabilityIn } from '../bridge/identity.ts'
import { cxOf, type Part, partOf, partsOf, textAt } from '../bridge/parts.ts'
import { stableId } from '../bridge/stable-id.ts'
import { dateOf } from '../bridge/time.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Hl7Identifier, nationalOfXcn, PROFESSIONALS } from '../identifiers/hl7-form.ts'
import type { IdentityStatus } from '../identifiers/identity-status.ts'
import { isIns } from '../identifiers/ins.ts'
import { type CaseFacts, patientKeys, toldTime, visitKey } from './reading.ts'

/** Identity statuses of the national rules (RNIV), in the words of a case. */
export const STATUSES: Readonly<Record<IdentityStatus, CasePatient['status']>> = {
  PROV: 'provisional',
  RECUP: 'retrieved',
  VALI: 'validated',
  QUAL: 'qualified',
}

/** A patient, and its identifiers with what each of them is. */
export interface PersonRead {
  readonly patient: CasePatient
  readonly marked: readonly Marked[]
}

/** A patient and the keys of its identifiers and visits. */
export interface PatientRead {
  readonly patient: CasePatient
  readonly keys: readonly string[]
}

/** An identifier as a case keeps it. */
export type Marked = CaseIdentifier & { readonly ins: boolean }

/** The identifier alone. */
export function unmarked({ authority, value, type }: Marked): CaseIdentifier {
  return { authority, value, type }
}

/**
 * The patient of the first PID; null: it has neither name nor identifier. An INS of an identity that is not qualified is
 * left out, as it is from what goes on, and a billing number (NH) names who is insured, not the patient. */
export function patientIn(message: Hl7Message, facts: CaseFacts): PatientRead | null {
  const read = personIn(message)
  if (read === null) return null
  return { patient: read.patient, keys: [...patientKeys(read.marked, facts), ...visitKeys(message, facts)] }
}

/** The patient of the first PID as `patientIn` reads it, without keys; null: it has neither name nor identifier. */
export function personIn(message: Hl7Message): PersonRead | null {
  const { status } = reliabilityIn(message)
  const named = partsOf(message, 'PID-3').map(cxOf)
  const marked = named.flatMap((one) => identifierOf(one, status === 'QUAL'))
  const name = partsOf(message, 'PID-5').find((part) => part(7) === 'L') ?? partOf(message, 'PID-5')
  const family = name(1)
  if (marked.length === 0 && family === '') return null
  const sex = textAt(message, 'PID-8')
  const birth = textAt(message, 'PID-7')
  const patient: CasePatient = {
    identifiers: marked.map(unmarked),
    family,
    given: name(2),
    birthDate: dateOf(birth),
    sex: sex === 'M' ? 'male' : sex === 'F' ? 'female' : 'unknown',
    status: STATUSES[status],
  }
  return { patient, marked }
}

/** An identifier as a case keeps it; none: an empty one, a billing number, an INS that may not travel. */
export function identifierOf({ value, authority, type }: Hl7Identifier, qualified: boolean): Marked[] {
  const by = authority.id || authority.namespace
  const ins = isIns(by, type)
  if (value === '' || type === 'NH' || (ins && !qualified)) return []
  return [{ authority: by, value, type: type === '' ? null : type, ins }]
}

/** Numbers of the file and of the visit: PID-18 and PV1-19. */
function visitKeys(message: Hl7Message, facts: CaseFacts): string[] {
  return ['PID-18', 'PV1-19']
    .map((place) => cxOf(partOf(message, place)))
    .filter(({ value }) => value !== '')
    .map(({ value, authority }) => visitKey(authority.id || authority.namespace, value, facts))
}

/** The unit where the patient is: PV1-3.1. */
export function unitIn(message: Hl7Message): string | null {
  return textAt(message, 'PV1-3') || null
}

/** When the stay began: PV1-44. A bare date says of nobody when they arrived. */
export function arrivedIn(message: Hl7Message, facts: CaseFacts): ToldTime | null {
  const told = toldTime(textAt(message, 'PV1-44'), facts)
  return told === null || told.precision === 'day' ? null : { ...told, source: 'system' }
}

/** A professional of an XCN; null: nobody is named. */
export function professionalOf(part: Part, role: Participant['role'], facts: CaseFacts): Participant | null {
  const name = [part(2), part(3)].filter((one) => one !== '').join(' ')
  if (name === '' && part(1) === '') return null
  return { name, rpps: rppsOf(part), establishment: facts.site, role, phone: null }
}

/** RPPS number of an XCN, alone or behind the `8` of an IdNPS; null: none. */
function rppsOf(part: Part): string | null {
  const authority = { namespace: part(9, 1), id: part(9, 2), idType: part(9, 3) }
  const national = nationalOfXcn({ value: part(1), authority, type: part(13) })
  if (national === null && authority.id !== PROFESSIONALS.id) return null
  const digits = /^8?(\d{11})$/.exec(national?.value ?? part(1))
  return digits === null || national?.kind === 'ADELI' ? null : digits[1]!
}

/** The doctor who treats the patient at home: ROL with ODRP (PAM FR §6.6). */
export function treatingDoctorIn(message: Hl7Message, facts: CaseFacts): Participant | null {
  for (let n = 1; n <= Math.min(message.segments('ROL'), 20); n++) {
    if (textAt(message, `ROL(${n})-3`) !== 'ODRP') continue
    const doctor = professionalOf(partOf(message, `ROL(${n})-4`), 'requester', facts)
    if (doctor !== null) return { ...doctor, establishment: null, mail: textAt(message, `ROL(${n})-12.4`) || null }
  }
  return null
}

/** What every request has that comes in HL7 v2, whatever asks: where it is from, and what its message cannot tell. */
export function requestBase(message: Hl7Message, facts: CaseFacts) {
  return {
    id: stableId('CaseRequest', facts.service, facts.message),
    service: facts.service,
    via: 'hl7v2',
    message: facts.message,
    atMs: facts.receivedAtMs,
    site: facts.site,
    unit: unitIn(message),
    answers: {},
    attachments: [],
    consent: null,
    treatingDoctor: treatingDoctorIn(message, facts),
    test: facts.test,
    drill: false,
    late: false,
  } as const
}
