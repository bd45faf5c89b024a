/** Identifiers of the patients a message is about: what deliveries may not overtake each other on. */
import { decodeBinary } from './charset.ts'
import { unescapeText } from './escape.ts'
import type { Hl7Message } from './message.ts'
import { fieldRange } from './segments.ts'

/** One identifier (CX). */
export interface PatientIdentifier {
  readonly place: 'PID-3' | 'MRG-1'
  readonly id: string
  /** Universal id of the authority (CX-4.2), else its namespace (CX-4.1), else ''. */
  readonly authority: string
  /** CX-5. */
  readonly type: string
  /** A national health identity (INS): by CX-5 or by its OID; a billing number (NH) never is. */
  readonly ins: boolean
  /** An INS that may travel: PID-32 says VALI, and neither DOUT nor FICT (PAM FR §6.6.15). */
  readonly qualified: boolean
}

/** INS-NIR, INS-NIA, and the NIR of test and demonstration (annex INS, ANS). */
const INS_OIDS: ReadonlySet<string> = new Set([
  '1.2.250.1.213.1.4.8',
  '1.2.250.1.213.1.4.9',
  '1.2.250.1.213.1.4.10',
  '1.2.250.1.213.1.4.11',
])

/**
 * Every repetition of every PID-3 and MRG-1, in the order of the message; the HL7 null and empty ones are left out. An
 * MRG counts by the PID-32 of the PID before it. */
export function patientIdentifiers(message: Hl7Message): PatientIdentifier[] {
  const { segmentIndex } = message
  const found: PatientIdentifier[] = []
  const merged = segmentIndex.named('MRG')
  let nextMerged = 0
  const patients = segmentIndex.named('PID')
  // An MRG may come before any PID in a broken message: it is read all the same, as not qualified.
  for (let i = -1; i < patients.length; i++) {
    const patient = i < 0 ? undefined : patients[i]!
    const reliable = patient !== undefined && isReliable(fieldText(message, patient, 32), message)
    if (patient !== undefined) read(message, patient, 3, 'PID-3', reliable, found)
    const limit = patients[i + 1] ?? Number.POSITIVE_INFINITY
    while (nextMerged < merged.length && merged[nextMerged]! < limit) {
      read(message, merged[nextMerged++]!, 1, 'MRG-1', reliable, found)
    }
  }
  return found
}

function fieldText(message: Hl7Message, segment: number, field: number): string {
  const range = { start: message.segmentIndex.starts[segment]!, end: message.segmentIndex.ends[segment]! }
  const { start, end } = fieldRange(message.bytes, range, message.delimiters.field, field)
  return start === end ? '' : message.bytes.toString('latin1', start, end)
}

function isReliable(field: string, message: Hl7Message): boolean {
  if (field === '') return false
  const { repetition, component } = message.delimiters
  const statuses = split(field, repetition).map((one) => split(one, component)[0])
  return statuses.includes('VALI') && !statuses.includes('DOUT') && !statuses.includes('FICT')
}

function read(
  message: Hl7Message,
  segment: number,
  field: number,
  place: PatientIdentifier['place'],
  reliable: boolean,
  found: PatientIdentifier[],
): void {
  const { delimiters, charset } = message
  const text = (binary: string | undefined): string =>
    binary === undefined || binary === '' || binary === '""'
      ? ''
      : unescapeText(decodeBinary(binary, charset), delimiters, charset)
  const all = fieldText(message, segment, field)
  if (all === '') return
  const separator = delimiters.repetition === null ? '\r' : String.fromCharCode(delimiters.repetition)
  // Repetitions are cut one by one: a list of a million empty ones would take a second.
  for (let start = 0, end = 0; start < all.length; start = end + 1) {
    end = all.indexOf(separator, start)
    if (end < 0) end = all.length
    if (end === start) continue
    const one = all.slice(start, end)
    const components = split(one, delimiters.component)
    const id = text(split(components[0]!, delimiters.subcomponent)[0])
    if (id === '') continue
    const authorities = split(components[3] ?? '', delimiters.subcomponent)
    const authority = text(authorities[1]) || text(authorities[0])
    const type = text(components[4])
    const ins = type !== 'NH' && (type === 'INS' || INS_OIDS.has(authority))
    found.push({ place, id, authority, type, ins, qualified: ins && reliable })
  }
}

function split(text: string, separator: number | null): string[] {
  return separator === null ? [text] : text.split(String.fromCharCode(separator))
}
