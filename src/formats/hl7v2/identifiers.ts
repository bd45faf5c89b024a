/** The patients a message is about: their identifiers, and how far each identity may be trusted. */
import { mayCarryIns } from '../identifiers/identity-status.ts'
import { isIns } from '../identifiers/ins.ts'
import { decodeBinary } from './charset.ts'
import { unescapeText } from './escape.ts'
import type { Hl7Message } from './message.ts'
import { fieldRange, type Range } from './segments.ts'

/** One identifier (CX) with the bytes of its repetition. */
export interface PatientIdentifier extends Range {
  readonly place: 'PID-2' | 'PID-3' | 'PID-4' | 'MRG-1'
  /** Of the field, from 1; empty ones count. */
  readonly repetition: number
  readonly id: string
  /** Universal id of the authority (CX-4.2), else its namespace (CX-4.1), else ''. */
  readonly authority: string
  /** CX-4.3. */
  readonly authorityType: string
  /** CX-5. */
  readonly type: string
  /** A national health identity (INS): by CX-5 or by its OID; a billing number (NH) never is. */
  readonly ins: boolean
  /** An INS that may travel: its identity is qualified. */
  readonly qualified: boolean
}

/** A field of identifiers, and where it stands. */
export interface IdentifierField extends Range {
  /** Only those that have a value; the HL7 null is none. */
  readonly identifiers: readonly PatientIdentifier[]
}

/** One PID, with the MRG and ZFD that follow it before the next. */
export interface PatientIdentity {
  /** PID segments counted from 1; 0: what stands before any PID in a broken message. */
  readonly occurrence: number
  /** Index of the PID among all segments, or null. */
  readonly segment: number | null
  /** PID-32, first component of each repetition. */
  readonly statuses: readonly string[]
  /** ZFD-4 is Y: the birth date was corrected. */
  readonly corrected: boolean
  readonly qualified: boolean
  /** PID-3. */
  readonly own: IdentifierField
  /** MRG-1 of each MRG. */
  readonly merged: readonly IdentifierField[]
  /** PID-2 and PID-4, where older versions have identifiers too: the INS among them. */
  readonly elsewhere: readonly IdentifierField[]
}

const NOTHING: IdentifierField = { start: 0, end: 0, identifiers: [] }

/** The patients in the order of the message; what belongs to no PID comes first, and only when there is something. */
export function patientIdentities(message: Hl7Message): PatientIdentity[] {
  const { segmentIndex } = message
  const patients = segmentIndex.named('PID')
  const merged = segmentIndex.named('MRG')
  const details = segmentIndex.named('ZFD')
  const identities: PatientIdentity[] = []
  let nextMerged = 0
  let nextDetail = 0
  // An MRG may come before any PID in a broken message: it is read all the same, as not qualified.
  for (let i = -1; i < patients.length; i++) {
    const patient = i < 0 ? null : patients[i]!
    const limit = patients[i + 1] ?? Number.POSITIVE_INFINITY
    let corrected = false
    for (; nextDetail < details.length && details[nextDetail]! < limit; nextDetail++) {
      if (patient !== null && fieldText(message, details[nextDetail]!, 4) === 'Y') corrected = true
    }
    const statuses = patient === null ? [] : statusesOf(fieldText(message, patient, 32), message)
    const qualified = mayCarryIns({ statuses, corrected })
    const fields: IdentifierField[] = []
    for (; nextMerged < merged.length && merged[nextMerged]! < limit; nextMerged++) {
      fields.push(readField(message, merged[nextMerged]!, 1, 'MRG-1', qualified))
    }
    if (patient === null && fields.length === 0) continue
    identities.push({
      occurrence: i + 1,
      segment: patient,
      statuses,
      corrected,
      qualified,
      own: patient === null ? NOTHING : readField(message, patient, 3, 'PID-3', qualified),
      merged: fields,
      elsewhere: patient === null ? [] : elsewhereOf(message, patient, qualified),
    })
  }
  return identities
}

/**
 * Every identifier of every PID-3 and MRG-1, in the order of the message: what deliveries may not overtake each other on.
 * The HL7 null and empty ones are left out. */
export function patientIdentifiers(message: Hl7Message): PatientIdentifier[] {
  return identifiersOf(patientIdentities(message))
}

/** The same of identities that were read. */
export function identifiersOf(identities: readonly PatientIdentity[]): PatientIdentifier[] {
  return identities.flatMap(({ own, merged }) => [...own.identifiers, ...merged.flatMap((one) => one.identifiers)])
}

/** A field as it stands, one byte per character; '' when it is absent. */
export function fieldText(message: Hl7Message, segment: number, field: number): string {
  const { start, end } = rangeOf(message, segment, field)
  return start === end ? '' : message.bytes.toString('latin1', start, end)
}

function rangeOf(message: Hl7Message, segment: number, field: number): Range {
  const range = { start: message.segmentIndex.starts[segment]!, end: message.segmentIndex.ends[segment]! }
  return fieldRange(message.bytes, range, message.delimiters.field, field)
}

function statusesOf(field: string, { delimiters }: Hl7Message): string[] {
  if (field === '') return []
  return split(field, delimiters.repetition).map((one) => split(one, delimiters.component)[0]!)
}

function elsewhereOf(message: Hl7Message, patient: number, qualified: boolean): IdentifierField[] {
  return ([2, 4] as const)
    .map((field) => readField(message, patient, field, `PID-${field}`, qualified))
    .filter(({ identifiers }) => identifiers.some((one) => one.ins))
}

function readField(
  message: Hl7Message,
  segment: number,
  field: number,
  place: PatientIdentifier['place'],
  reliable: boolean,
): IdentifierField {
  const { start: from, end: to } = rangeOf(message, segment, field)
  if (from === to) return NOTHING
  const identifiers: PatientIdentifier[] = []
  const all = message.bytes.toString('latin1', from, to)
  const { repetition } = message.delimiters
  const separator = repetition === null ? '\r' : String.fromCharCode(repetition)
  // Repetitions are cut one by one: a list of a million empty ones would take a second.
  for (let start = 0, end = 0, n = 1; start < all.length; start = end + 1, n++) {
    end = all.indexOf(separator, start)
    if (end < 0) end = all.length
    if (end === start) continue
    const read = readCx(message, all.slice(start, end))
    if (read === null) continue
    const qualified = read.ins && reliable
    identifiers.push({ ...read, place, repetition: n, start: from + start, end: from + end, qualified })
  }
  return { start: from, end: to, identifiers }
}

function readCx(
  { delimiters, charset }: Hl7Message,
  written: string,
): Pick<PatientIdentifier, 'id' | 'authority' | 'authorityType' | 'type' | 'ins'> | null {
  const text = (binary: string | undefined): string =>
    binary === undefined || binary === '' || binary === '""'
      ? ''
      : unescapeText(decodeBinary(binary, charset), delimiters, charset)
  const components = split(written, delimiters.component)
  const id = text(split(components[0]!, delimiters.subcomponent)[0])
  if (id === '') return null
  const authorities = split(components[3] ?? '', delimiters.subcomponent)
  const authority = text(authorities[1]) || text(authorities[0])
  const type = text(split(components[4] ?? '', delimiters.subcomponent)[0])
  return { id, authority, authorityType: text(authorities[2]), type, ins: isIns(authority, type) }
}

function split(text: string, separator: number | null): string[] {
  return separator === null ? [text] : text.split(String.fromCharCode(separator))
}
