/** The structure of a message without its patient: for the maker of the software that wrote it. Pure. */
import { codeOrMasked, masked } from '../masked.ts'
import type { Hl7Message } from './message.ts'
import { isKept } from './names.ts'
import { type TreeField, type TreeSegment, treeOf } from './tree.ts'

/** Segments that are shown. */
const MOST = 500
/** Technical fields whose long numbers are their sense: time and number of the message. */
const NUMBERS = new Set(['MSH-7', 'MSH-10', 'MSA-2'])

/** Its segments, one text each, in which only fields that are known to hold codes or technique keep their values. */
export function maskedSegments(message: Hl7Message): readonly string[] {
  return treeOf(message, MOST).map(segmentText)
}

function segmentText({ name, fields }: TreeSegment): string {
  // A name that HL7 allows and nobody knows could be anything.
  const shown = /^[A-Z][A-Z0-9]{2}$/.test(name) ? name : masked(name || '?')
  const from = name === 'MSH' || name === 'FHS' || name === 'BHS' ? 2 : 1
  const last = fields.at(-1)?.n ?? 0
  const byNumber = new Map(fields.map((field) => [field.n, field]))
  const texts = Array.from({ length: Math.max(0, last - from + 1) }, (_, i) => {
    const field = byNumber.get(from + i)
    return field === undefined ? '' : fieldText(name, field)
  })
  return [shown, ...texts].join('|')
}

function fieldText(segment: string, { n, raw, values }: TreeField): string {
  if (segment === 'MSH' && n === 2) return raw.length <= 5 ? raw : masked(raw)
  const number = NUMBERS.has(`${segment}-${n}`)
  const shown = (part: string, i: number, all: readonly (readonly string[])[]): string => {
    // A code that names no system could be any word.
    const alone = i === 0 && !isKept(segment, n, 2) && !all[2]?.[0]
    if (!isKept(segment, n, i + 1) || alone) return masked(part)
    return number && /^[\w.+-]{1,64}$/.test(part) ? part : codeOrMasked(part, segment === 'MSH')
  }
  return values
    .map((components) =>
      components.map((parts, i) => parts.map((part) => shown(part, i, components)).join('&')).join('^'),
    )
    .join('~')
}
