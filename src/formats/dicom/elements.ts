/** How a data set is written (PS3.5 §7.1). Both are little endian. */
export interface Writing {
  readonly explicit: boolean
}

/** One element of a data set: where it stands in the bytes. `length` null: undefined, ended by its delimiter. */
export interface Element {
  readonly tag: number
  /** Empty: the writing does not tell it. */
  readonly vr: string
  readonly start: number
  readonly valueStart: number
  readonly length: number | null
}

/** Why the bytes are no data set, or not one that is read here. */
export type ElementFault = 'more' | 'malformed' | 'too-deep'

const ITEM = 0xfffe_e000
const ITEM_END = 0xfffe_e00d
const SEQUENCE_END = 0xfffe_e0dd
const UNDEFINED = 0xffff_ffff
/** Value representations with two reserved bytes and a length of four (PS3.5 §7.1.2). */
const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'])
const SHORT = new Set('AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' '))
/** Sequences inside sequences. */
const MAX_DEPTH = 32

/** The tag at a place; null: it is not here yet. */
export function tagAt(bytes: Buffer, at: number): number | null {
  return bytes.length < at + 4 ? null : bytes.readUInt16LE(at) * 0x1_0000 + bytes.readUInt16LE(at + 2)
}

/** The head of an element: its tag, value representation and length. Delimiters and items have no representation. */
export function elementAt(bytes: Buffer, at: number, { explicit }: Writing): Element | ElementFault {
  const tag = tagAt(bytes, at)
  if (tag === null || bytes.length < at + 8) return 'more'
  const implied = !explicit || tag === ITEM || tag === ITEM_END || tag === SEQUENCE_END
  if (implied) return placed(tag, '', at, at + 8, bytes.readUInt32LE(at + 4))
  const vr = bytes.toString('latin1', at + 4, at + 6)
  if (SHORT.has(vr)) return placed(tag, vr, at, at + 8, bytes.readUInt16LE(at + 6))
  if (!LONG.has(vr)) return 'malformed'
  return bytes.length < at + 12 ? 'more' : placed(tag, vr, at, at + 12, bytes.readUInt32LE(at + 8))
}

function placed(tag: number, vr: string, start: number, valueStart: number, length: number): Element {
  return { tag, vr, start, valueStart, length: length === UNDEFINED ? null : length }
}

/** Where an element ends; its items are walked only where its length is not told. */
export function endOf(bytes: Buffer, element: Element, writing: Writing): number | ElementFault {
  if (element.length !== null) return element.valueStart + element.length
  // A value of unknown representation and undefined length is a sequence in implicit writing (PS3.5 §6.2.2).
  return sequenceEnd(bytes, element.valueStart, element.vr === 'UN' ? { explicit: false } : writing, 1)
}

function sequenceEnd(bytes: Buffer, from: number, writing: Writing, depth: number): number | ElementFault {
  if (depth > MAX_DEPTH) return 'too-deep'
  let at = from
  for (;;) {
    const item = elementAt(bytes, at, writing)
    if (typeof item === 'string') return item
    if (item.tag === SEQUENCE_END) return item.valueStart
    if (item.tag !== ITEM) return 'malformed'
    const end = item.length === null ? itemEnd(bytes, item.valueStart, writing, depth) : item.valueStart + item.length
    if (typeof end === 'string') return end
    at = end
  }
}

function itemEnd(bytes: Buffer, from: number, writing: Writing, depth: number): number | ElementFault {
  let at = from
  for (;;) {
    const element = elementAt(bytes, at, writing)
    if (typeof element === 'string') return element
    if (element.tag === ITEM_END) return element.valueStart
    const nested = element.vr === 'UN' ? { explicit: false } : writing
    const end =
      element.length === null
        ? sequenceEnd(bytes, element.valueStart, nested, depth + 1)
        : element.valueStart + element.length
    if (typeof end === 'string') return end
    at = end
  }
}

/** The elements of each item of a sequence that is here to its end; null: they cannot be read. */
export function itemsOf(bytes: Buffer, sequence: Element, end: number, writing: Writing): Element[][] | null {
  const inside = sequence.vr === 'UN' ? { explicit: false } : writing
  const items: Element[][] = []
  let at = sequence.valueStart
  while (at < end) {
    const item = elementAt(bytes, at, inside)
    if (typeof item === 'string') return null
    if (item.tag === SEQUENCE_END) break
    if (item.tag !== ITEM) return null
    const itemStop = item.length === null ? itemEnd(bytes, item.valueStart, inside, 1) : item.valueStart + item.length
    if (typeof itemStop === 'string' || itemStop > end) return null
    const elements = elementsIn(bytes, item.valueStart, itemStop, inside)
    if (elements === null) return null
    items.push(elements)
    at = itemStop
  }
  return items
}

function elementsIn(bytes: Buffer, from: number, to: number, writing: Writing): Element[] | null {
  const elements: Element[] = []
  let at = from
  while (at < to) {
    const element = elementAt(bytes, at, writing)
    if (typeof element === 'string') return null
    if (element.tag === ITEM_END) break
    const end = endOf(bytes, element, writing)
    if (typeof end === 'string' || end > to) return null
    elements.push(element)
    at = end
  }
  return elements
}

/** An element as bytes. The value is of even length already. */
export function writeElement(tag: number, vr: string, value: Buffer, { explicit }: Writing): Buffer {
  const long = LONG.has(vr)
  const head = Buffer.alloc(explicit && long ? 12 : 8)
  head.writeUInt16LE(Math.floor(tag / 0x1_0000), 0)
  head.writeUInt16LE(tag % 0x1_0000, 2)
  if (!explicit) head.writeUInt32LE(value.length, 4)
  else {
    head.write(vr, 4, 'latin1')
    if (long) head.writeUInt32LE(value.length, 8)
    else head.writeUInt16LE(value.length, 6)
  }
  return Buffer.concat([head, value])
}

/** An item of defined length. */
export function writeItem(elements: readonly Buffer[]): Buffer {
  const value = Buffer.concat(elements)
  const head = Buffer.alloc(8)
  head.writeUInt16LE(0xfffe, 0)
  head.writeUInt16LE(0xe000, 2)
  head.writeUInt32LE(value.length, 4)
  return Buffer.concat([head, value])
}

/** Text as a value, padded to an even length (PS3.5 §6.2). `pad`: 0 for UI, a space else. */
export function textValue(text: string, pad: number = 0x20): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.of(pad)])
}
