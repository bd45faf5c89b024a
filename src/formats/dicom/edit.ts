import { type Element, itemsOf, textValue, writeElement, writeItem } from './elements.ts'
import { find } from './facts.ts'
import type { Head, Read } from './head.ts'
import { TAGS } from './tags.ts'

/** A change of a head: elements to write, in place of those there are, and tags to leave out. */
export interface HeadEdit {
  readonly set: ReadonlyMap<number, Buffer>
  readonly drop: readonly number[]
}

const PREAMBLE_BYTES = 128

/**
 * The bytes that go on in place of the head's `bytes`: each element as it came, save those that are set or dropped. The
 * preamble is zeroed, for it may hold a program (CVE-2019-11687). What follows the head goes on as it comes. */
export function editHead(head: Head, { set, drop }: HeadEdit): Buffer[] {
  const { bytes, dataStart } = head
  const pieces = [Buffer.alloc(PREAMBLE_BYTES), bytes.subarray(PREAMBLE_BYTES, dataStart)]
  const waiting = [...set].sort(([a], [b]) => a - b)
  const writeBelow = (tag: number): void => {
    while (waiting[0] !== undefined && waiting[0][0] < tag) pieces.push((waiting.shift() as [number, Buffer])[1])
  }
  for (const { tag, start, end } of head.elements) {
    writeBelow(tag)
    if (waiting[0]?.[0] === tag) pieces.push((waiting.shift() as [number, Buffer])[1])
    else if (!drop.includes(tag)) pieces.push(bytes.subarray(start, end))
  }
  writeBelow(Number.POSITIVE_INFINITY)
  pieces.push(bytes.subarray(head.end))
  return pieces
}

/** The element of a text, padded. */
export function textElement(head: Head, tag: number, vr: string, value: Buffer | string): Buffer {
  const bytes = typeof value === 'string' ? textValue(value) : padded(value)
  return writeElement(tag, vr, bytes, head.writing)
}

/** The element of Issuer of Patient ID Qualifiers: one item that names an ISO object identifier. */
export function qualifiersElement(head: Head, oid: string): Buffer {
  const item = writeItem([
    writeElement(TAGS.entityId, 'UT', textValue(oid), head.writing),
    writeElement(TAGS.entityIdType, 'CS', textValue('ISO'), head.writing),
  ])
  return writeElement(TAGS.qualifiers, 'SQ', item, head.writing)
}

/** Other Patient IDs with one more item, behind those there are; null: those cannot be read. */
export function otherIdsElement(head: Head, id: Buffer, issuer: string): Buffer | null {
  const item = writeItem([
    writeElement(TAGS.patientId, 'LO', padded(id), head.writing),
    writeElement(TAGS.issuer, 'LO', textValue(issuer), head.writing),
    writeElement(TAGS.idType, 'CS', textValue('TEXT'), head.writing),
  ])
  const before = find(head, TAGS.otherIds)
  const items = before === null ? Buffer.alloc(0) : itemBytes(head, before)
  return items === null ? null : writeElement(TAGS.otherIds, 'SQ', Buffer.concat([items, item]), head.writing)
}

/** The raw value of a text element, without its padding. */
export function rawText(head: Head, element: Element & { readonly end: number }): Buffer {
  let { end } = element
  while (end > element.valueStart && (head.bytes[end - 1] === 0x20 || head.bytes[end - 1] === 0)) end--
  return head.bytes.subarray(element.valueStart, end)
}

/** The items of a sequence as they stand, without the delimiter that ends one of undefined length. */
function itemBytes(head: Head, sequence: Read): Buffer | null {
  // Items of unknown representation are written otherwise than those that join them.
  if (sequence.vr === 'UN' && head.writing.explicit) return null
  if (itemsOf(head.bytes, sequence, sequence.end, head.writing) === null) return null
  return head.bytes.subarray(sequence.valueStart, sequence.length === null ? sequence.end - 8 : sequence.end)
}

function padded(value: Buffer): Buffer {
  return value.length % 2 === 0 ? value : Buffer.concat([value, Buffer.of(0x20)])
}
