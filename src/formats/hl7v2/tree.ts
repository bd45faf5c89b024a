/** A message as people look at it: segments, fields and their parts, decoded; and two of them compared. Pure. */
import { decodeText } from './charset.ts'
import { unescapeText } from './escape.ts'
import type { Hl7Message } from './message.ts'
import { find, isHeader, type Range } from './segments.ts'

/** One field with something in it. */
export interface TreeField {
  readonly n: number
  /** `PID-3`, `OBX(2)-5`. */
  readonly at: string
  /** As written, decoded and not unescaped. */
  readonly raw: string
  /** Repetitions, their components, their subcomponents: decoded and unescaped. */
  readonly values: readonly (readonly (readonly string[])[])[]
}

/** One segment. `name` is '' where it has none that HL7 would allow. */
export interface TreeSegment {
  readonly name: string
  /** `PID`, or `OBX(2)` for another of its name. */
  readonly at: string
  readonly fields: readonly TreeField[]
}

/** Fields, and parts of a field, that are looked at: a hostile message could have millions. */
const MOST_PARTS = 1_000

/** The first `most` segments of a message. */
export function treeOf(message: Hl7Message, most = 2_000): readonly TreeSegment[] {
  const { segmentIndex } = message
  const seen = new Map<string, number>()
  return segmentIndex.starts.slice(0, most).map((start, i) => {
    const name = segmentIndex.nameOf(i)
    const occurrence = (seen.get(name) ?? 0) + 1
    seen.set(name, occurrence)
    const at = occurrence === 1 ? name : `${name}(${occurrence})`
    return { name, at, fields: fieldsOf(message, { start, end: segmentIndex.ends[i]! }, at) }
  })
}

function fieldsOf(message: Hl7Message, segment: Range, at: string): readonly TreeField[] {
  const { bytes, delimiters } = message
  const header = isHeader(bytes, segment.start)
  const fields: TreeField[] = []
  const add = (n: number, start: number, end: number): void => {
    if (end === start) return
    const raw = decodeText(bytes.subarray(start, end), message.charset)
    const whole = header && n <= 2
    fields.push({ n, at: `${at}-${n}`, raw, values: whole ? [[[raw]]] : partsOf(raw, message) })
  }
  // MSH counts its own separator as field 1, so that the next is number 2.
  if (header) add(1, segment.start + 3, segment.start + 4)
  let start = find(bytes, delimiters.field, segment.start, segment.end) + 1
  for (let n = header ? 2 : 1; start <= segment.end && n <= MOST_PARTS; n++) {
    const end = find(bytes, delimiters.field, start, segment.end)
    add(n, start, end)
    start = end + 1
  }
  return fields
}

function partsOf(raw: string, { delimiters, charset }: Hl7Message): TreeField['values'] {
  const cut = (text: string, by: number | null): string[] =>
    by === null ? [text] : text.split(String.fromCharCode(by), MOST_PARTS)
  return cut(raw, delimiters.repetition).map((repetition) =>
    cut(repetition, delimiters.component).map((component) =>
      cut(component, delimiters.subcomponent).map((one) => unescapeText(one, delimiters, charset)),
    ),
  )
}

/** One place where two contents differ. Null: it is not there. */
export interface Difference {
  readonly at: string
  readonly before: string | null
  readonly after: string | null
}

/** Fields by which two messages differ, in the order of the first, then what only the second has. */
export function differences(before: Hl7Message, after: Hl7Message): readonly Difference[] {
  return differencesOf(fieldTexts(before), fieldTexts(after))
}

function fieldTexts(message: Hl7Message): ReadonlyMap<string, string> {
  return new Map(treeOf(message).flatMap(({ fields }) => fields.map(({ at, raw }): [string, string] => [at, raw])))
}

/** Places whose texts differ, those of `before` first. */
export function differencesOf(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly Difference[] {
  const places = new Set([...before.keys(), ...after.keys()])
  return [...places].flatMap((at) => {
    const [one, other] = [before.get(at) ?? null, after.get(at) ?? null]
    return one === other ? [] : [{ at, before: one, after: other }]
  })
}
