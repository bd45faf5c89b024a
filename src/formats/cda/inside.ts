/** CDA documents inside an HL7 v2 message: where they stand in it. */
import type { Hl7Message } from '../hl7v2/message.ts'
import { countParts, fieldRange, part, type Range } from '../hl7v2/segments.ts'

/** A document in OBX-5 (ED), as base64 over the message's bytes. */
export interface InsideDocument {
  /** Index of its OBX among the segments of the message. */
  readonly segment: number
  /** `OBX(2)`, or `OBX` for the first. */
  readonly at: string
  readonly base64: Buffer
}

/** Base64 of `<ClinicalDocument` may stand anywhere behind a prologue: decoded and looked for so far (characters). */
const SNIFFED = 4096

/**
 * Every XML document that OBX segments of type ED carry in base64: by its name (ED-3, `XML`; CI-SIS, transmission of CDA
 * R2 in HL7 v2), or by its beginning where it has none; at most `most`. Linear in the message; a message without ED costs
 * next to nothing. */
export function documentsIn(message: Hl7Message, most = Number.POSITIVE_INFINITY): readonly InsideDocument[] {
  const { bytes, delimiters, segmentIndex } = message
  const found: InsideDocument[] = []
  const all = segmentIndex.named('OBX')
  for (let i = 0; i < all.length && found.length < most; i++) {
    const segment = all[i]!
    const range = { start: segmentIndex.starts[segment]!, end: segmentIndex.ends[segment]! }
    const type = fieldRange(bytes, range, delimiters.field, 2)
    if (type.end - type.start !== 2 || bytes[type.start] !== 0x45 || bytes[type.start + 1] !== 0x44) continue
    const field = fieldRange(bytes, range, delimiters.field, 5)
    const count = countParts(bytes, field, delimiters.repetition)
    for (let n = 1; n <= count && found.length < most; n++) {
      const base64 = documentOf(message, part(bytes, field, delimiters.repetition, n))
      if (base64 !== null) found.push({ segment, at: i === 0 ? 'OBX' : `OBX(${i + 1})`, base64 })
    }
  }
  return found
}

/** The base64 of an ED that is XML; null for anything else. */
function documentOf({ bytes, delimiters }: Hl7Message, field: Range): Buffer | null {
  const component = (n: number): Range => part(bytes, field, delimiters.component, n)
  const word = (n: number): string => {
    const { start, end } = component(n)
    return end - start > 32 ? '' : bytes.toString('latin1', start, end).toLowerCase()
  }
  if (word(4) !== 'base64') return null
  const { start, end } = component(5)
  if (start === end) return null
  const base64 = bytes.subarray(start, end)
  const subtype = word(3)
  if (subtype === 'xml' || subtype === 'x-hl7-cda-level-one') return base64
  const head = Buffer.from(base64.toString('latin1', 0, SNIFFED), 'base64').toString('latin1')
  return /^(\xef\xbb\xbf)?\s*</.test(head) && head.includes('ClinicalDocument') ? base64 : null
}

/** The last segment of a name before another one, by its number among its name (from 1); 0: there is none. */
export function lastBefore({ segmentIndex }: Hl7Message, name: string, segment: number): number {
  const all = segmentIndex.named(name)
  let low = 0
  for (let high = all.length; low < high; ) {
    const middle = (low + high) >> 1
    if (all[middle]! < segment) low = middle + 1
    else high = middle
  }
  return low
}
