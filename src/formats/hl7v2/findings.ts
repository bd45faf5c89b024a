/** What is noticed about the form of a message's bytes: segment ends and character set. */
import { isAscii } from 'node:buffer'
import type { Finding, FindingClass } from '../../core/message.ts'
import { contradicts } from './charset.ts'
import type { Hl7Message } from './message.ts'
import { isHeader, part, type Range } from './segments.ts'

/** Names and results: read wrongly, they are taken for another patient's or another value. */
const SAFETY_PLACES = new Set(['PID-5', 'PID-9', 'MRG-7', 'OBX-5'])
const LAST_SAFETY_FIELD = 9
/** Segments that say whose message it is. */
const PATIENTS = new Set(['PID', 'MRG', 'MSH'])
const CR = 0x0d
const LF = 0x0a
/** Places told per class; one is enough to act, a hundred thousand would be a load. */
const MAX_PLACES = 20

/** The findings of a message, each place once; parameters hold counts, never text. Linear in the bytes. */
export function findingsOf(message: Hl7Message): readonly Finding[] {
  const findings: Finding[] = []
  if (message.segmentEnd !== '\r' || message.segmentIndex.mixed) findings.push({ code: 'SEGMENT_END', class: 'form' })
  // Of two messages in one only the first would be routed and answered, and its identity looked at.
  if (message.segments('MSH') > 1) findings.push({ code: 'FIELD_MALFORMED', class: 'safety', at: 'MSH(2)' })
  const hidden = hiddenPatient(message)
  if (hidden !== null) findings.push({ code: 'FIELD_MALFORMED', class: 'safety', at: hidden })
  if (message.charset === 'unknown') findings.push({ code: 'CHARSET_UNKNOWN', class: 'contract', at: 'MSH-18' })
  else if (!isAscii(message.bytes)) findings.push(...contradictions(message))
  return findings
}

/**
 * The segment inside which a line feed begins what other readers take for another patient or message; null: none does. A
 * line feed alone ends no segment here (CR does), at many receivers it does. */
function hiddenPatient({ bytes, delimiters, segmentEnd, segmentIndex }: Hl7Message): string | null {
  if (segmentEnd === '\n') return null
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] === CR || bytes[at + 4] !== delimiters.field) continue
    if (!PATIENTS.has(bytes.toString('latin1', at + 1, at + 4))) continue
    const segment = segmentIndex.starts.findLastIndex((start) => start <= at)
    const name = segment < 0 ? '' : segmentIndex.nameOf(segment)
    if (name === '') return 'MSH'
    const occurrence = segmentIndex.named(name).indexOf(segment) + 1
    return occurrence === 1 ? name : `${name}(${occurrence})`
  }
  return null
}

function contradictions(message: Hl7Message): Finding[] {
  const { bytes, charset, segmentIndex } = message
  if (!contradicts(bytes, charset)) return []
  const found: Record<FindingClass, Finding[]> = { form: [], contract: [], safety: [] }
  const seen = new Map<string, number>()
  for (let i = 0; i < segmentIndex.starts.length; i++) {
    const range = { start: segmentIndex.starts[i]!, end: segmentIndex.ends[i]! }
    const name = segmentIndex.nameOf(i)
    const occurrence = (seen.get(name) ?? 0) + 1
    seen.set(name, occurrence)
    if (found.safety.length >= MAX_PLACES) break
    if (!contradicts(bytes.subarray(range.start, range.end), charset)) continue
    for (const field of contradictedFields(message, range)) {
      if (field > LAST_SAFETY_FIELD && found.contract.length >= MAX_PLACES) break
      const kind: FindingClass = SAFETY_PLACES.has(`${name}-${field}`) ? 'safety' : 'contract'
      const at = name !== '' && field > 0 ? placeOf(name, occurrence, field) : 'MSH-18'
      if (found[kind].length < MAX_PLACES) found[kind].push({ code: 'CHARSET_CONTRADICTED', class: kind, at })
    }
  }
  return [...found.safety, ...found.contract]
}

function placeOf(name: string, occurrence: number, field: number): string {
  return occurrence === 1 ? `${name}-${field}` : `${name}(${occurrence})-${field}`
}

/** Numbers of the fields that contradict the character set, as they are asked for; 0 is the segment's name. */
function* contradictedFields(message: Hl7Message, segment: Range): Generator<number> {
  const { bytes, charset, delimiters } = message
  const first = isHeader(bytes, segment.start) ? 1 : 0
  let start = segment.start
  for (let n = first; start <= segment.end; n++) {
    const field = part(bytes, { start, end: segment.end }, delimiters.field, 1)
    if (contradicts(bytes.subarray(field.start, field.end), charset)) yield n
    start = field.end + 1
  }
}
