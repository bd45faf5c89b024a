/** Identifiers and status of a patient: PID-3, PID-32 and ZFD against Patient.identifier and identityReliability. */
import type { Finding } from '../../core/message.ts'
import { reliabilityExtension, reliabilityOf } from '../fhir/identity-reliability.ts'
import { type JsonObject, object, objects } from '../fhir/json-value.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Segment, segment } from '../hl7v2/write.ts'
import { assignerOf, systemOf } from '../identifiers/authority.ts'
import { isInsIdentifier } from '../identifiers/fhir-form.ts'
import type { Hl7Identifier } from '../identifiers/hl7-form.ts'
import { carriesIns, pid32Of, type Reliability, reliabilityOfHl7 } from '../identifiers/identity-status.ts'
import { isIns } from '../identifiers/ins.ts'
import { cxOfIdentifier, identifierOfCx } from '../identifiers/patient.ts'
import { without } from './bundle.ts'
import type { BridgeContext, Party } from './context.ts'
import { asWrittenBy, wholeAuthority } from './entities.ts'
import { cxOf, eiOf, type Part, partsOf, textAt } from './parts.ts'
import { dateOf, tsOf } from './time.ts'

/** What is told when an INS is left out because the identity is not qualified. */
const WITHHELD: Finding = { code: 'INS_STRIPPED', class: 'contract', at: 'PID-3' }

/** How the identity of a message stands; `occurrence`: which PID. */
export function reliabilityIn(message: Hl7Message, occurrence = 1): Reliability {
  const pid = `PID(${occurrence})`
  const zfd = (field: number): string => zfdAt(message, occurrence, field)
  const identifiers = partsOf(message, `${pid}-3`).map(cxOf)
  return reliabilityOfHl7({
    statuses: message.values(`${pid}-32`),
    ins: identifiers.some(({ authority, type }) => isIns(authority.id, type)),
    corrected: zfd(4) === 'Y',
    method: zfd(5),
    askedAt: dateOf(zfd(6)) ?? '',
    proof: zfd(7),
  })
}

/** A field of the ZFD of a PID: the first before the next PID, '' without one. */
function zfdAt(message: Hl7Message, occurrence: number, field: number): string {
  const { segmentIndex } = message
  const patients = segmentIndex.named('PID')
  const [from, to] = [occurrence > 1 ? patients[occurrence - 1]! : -1, patients[occurrence] ?? Number.POSITIVE_INFINITY]
  const found = segmentIndex.named('ZFD').findIndex((at) => at > from && at < to)
  return found < 0 ? '' : textAt(message, `ZFD(${found + 1})-${field}`)
}

/** The extension for it. */
export function reliabilityElement(reliability: Reliability): JsonObject {
  return reliabilityExtension(reliability)
}

/**
 * Identifiers for FHIR of CX fields. One without an authority of its own belongs to the sender; an INS goes only with an
 * identity that is qualified. */
export function identifiersFrom(
  fields: readonly Hl7Identifier[],
  reliability: Reliability,
  { sender }: BridgeContext,
): { identifiers: JsonObject[]; findings: Finding[] } {
  const may = carriesIns(reliability)
  const given = fields.filter(({ value }) => value !== '')
  const kept = given.filter(({ authority, type }) => may || !isIns(authority.id, type))
  const identifiers = kept.map((one) => identifierOfCx(withAuthority(one, sender))).filter((one) => one !== null)
  return { identifiers, findings: kept.length < given.length ? [WITHHELD] : [] }
}

/**
 * The identifier with an authority that can be addressed: its own; the sender's where it names none, or the establishment by
 * any of its names; else the one of that name inside the sender, lest the laboratory's number 55 be the ward's. */
export function withAuthority(one: Hl7Identifier, sender: Party): Hl7Identifier {
  const { namespace } = one.authority
  const own = [sender.authority.namespace, ...(sender.names ?? [])].some((name) => isSameName(name, namespace))
  if (one.authority.id !== '' || !own) return { ...one, authority: wholeAuthority(one.authority, sender) }
  return { ...one, authority: { ...sender.authority, namespace: namespace || sender.authority.namespace } }
}

function isSameName(one: string, other: string): boolean {
  return one.toUpperCase() === other.toUpperCase()
}

/** Identifier of an EI (a number of an order, an appointment), under the sender's authority where it names none; null: empty. */
export function identifierOfEi(part: Part, { sender }: BridgeContext, type?: JsonObject): JsonObject | null {
  const ei = eiOf(part)
  if (ei.value === '') return null
  const { authority: given } = ei
  // Agendas write a name of theirs here as a rule, and are known by their establishment.
  const authority =
    given.id === '' ? { ...sender.authority, namespace: given.namespace || sender.authority.namespace } : given
  return object(
    without({ type, system: systemOf(authority), value: ei.value, assigner: assignerOf(authority) }) ?? null,
  )
}

/**
 * The CX as it is written between establishments: its authority named by name as well (IHE France N.3 asks for all of an
 * HD), and of the type given where the Identifier has none. */
export function completed(cx: Hl7Identifier, type: string, { sender }: BridgeContext): Hl7Identifier {
  const authority = asWrittenBy(cx.authority, sender)
  const name = authority.id === sender.authority.id ? sender.authority.namespace : authority.id
  return { ...cx, authority: { ...authority, namespace: authority.namespace || name }, type: cx.type || type }
}

/** CX fields of a Patient's identifiers, and how it stands; old ones are left out. */
export function fieldsOf(
  patient: JsonObject,
  context: BridgeContext,
): {
  fields: Hl7Identifier[]
  reliability: Reliability
  findings: Finding[]
} {
  const reliability = reliabilityOf(patient)
  const current = objects(patient['identifier']).filter(({ use }) => use !== 'old')
  const may = carriesIns(reliability)
  const kept = current.filter((one) => may || !isInsIdentifier(one))
  const findings = kept.length < current.length ? [{ ...WITHHELD, at: 'Patient.identifier' }] : []
  const fields = kept.map(cxOfIdentifier).filter((one) => one !== null)
  return { fields: fields.map((one) => completed(one, 'PI', context)), reliability, findings }
}

/** PID-32. */
export function statusField(reliability: Reliability): { repeat: string[] } {
  return { repeat: pid32Of(reliability) }
}

/** ZFD (PAM FR §6.17), as far as the resource says it. */
export function zfdOf({ method, askedAt, proof }: Reliability): Segment {
  return segment('ZFD', { 5: method, 6: tsOf(askedAt), 7: proof })
}
