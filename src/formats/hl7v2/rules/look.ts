/** Looking at a message for its rules: fields of a segment are found once, values decoded only where one is compared. */
import { decodeText } from '../charset.ts'
import { unescapeText } from '../escape.ts'
import type { Header } from '../header.ts'
import type { Hl7Message } from '../message.ts'
import { countParts, find, isHeader, part, type Range } from '../segments.ts'
import type { Place } from './place.ts'

/** Up to here a loop over a segment costs less than a call for each field (bytes). */
const SHORT_BYTES = 256
const NULL_BYTES = 2
const QUOTE = 0x22

/** Where the parts of a short segment end, until it is known how many there are: a list that grows is made thrice. */
const marks = new Int32Array(SHORT_BYTES + 2)

/** A message while its rules are looked at. Segments are named by their index in the message. */
export class Look {
  readonly message: Hl7Message
  readonly header: Header
  readonly #bytes: Buffer
  readonly #ends: (number[] | undefined)[] = []

  constructor(message: Hl7Message, header: Header) {
    this.message = message
    this.header = header
    this.#bytes = message.bytes
  }

  /** Indexes of the segments with a name. */
  named(segment: string): readonly number[] {
    return this.message.segmentIndex.named(segment)
  }

  /** The field of a segment, all its repetitions; null when empty, absent, or the HL7 null `""`. */
  field(segment: number, n: number): Range | null {
    const range = this.#field(segment, n)
    return range === null || this.isNull(range) ? null : range
  }

  /** Does the field have anything in it, `""` included? */
  isValued(segment: number, n: number): boolean {
    const ends = this.#ends[segment] ?? this.#cut(segment)
    if (n >= ends.length) return false
    return ends[n - 1]! + 1 < ends[n]! || this.#isSeparatorOfHeader(segment, n)
  }

  /** Does `field` find something? Most rules ask no more, and to say where it is would make an object each time. */
  isFilled(segment: number, n: number): boolean {
    if (!this.isValued(segment, n)) return false
    const ends = this.#ends[segment]!
    const start = ends[n - 1]! + 1
    return ends[n]! - start !== NULL_BYTES || this.#bytes[start] !== QUOTE || this.#bytes[start + 1] !== QUOTE
  }

  /** Numbers of the fields of a segment that have anything in them. */
  valued(segment: number): number[] {
    const count = (this.#ends[segment] ?? this.#cut(segment)).length
    return Array.from({ length: count }, (_, n) => n).filter((n) => n > 0 && this.isValued(segment, n))
  }

  /** Is it `""`? */
  isNull({ start, end }: Range): boolean {
    return end - start === NULL_BYTES && this.#bytes[start] === QUOTE && this.#bytes[start + 1] === QUOTE
  }

  #field(segment: number, n: number): Range | null {
    const ends = this.#ends[segment] ?? this.#cut(segment)
    if (n >= ends.length) return null
    const start = ends[n - 1]! + 1
    const end = ends[n]!
    if (start < end) return { start, end }
    return this.#isSeparatorOfHeader(segment, n) ? { start, end: start + 1 } : null
  }

  /** The separator of a header is its first field. */
  #isSeparatorOfHeader(segment: number, n: number): boolean {
    return n === 1 && isHeader(this.#bytes, this.message.segmentIndex.starts[segment]!)
  }

  /** Where each part of a segment ends: the name first, then its fields. MSH counts its own separator as a field. */
  #cut(segment: number): number[] {
    const { starts, ends: limits } = this.message.segmentIndex
    const from = starts[segment]!
    const limit = limits[segment]!
    const ends = limit - from <= SHORT_BYTES ? this.#cutShort(from, limit) : this.#cutLong(from, limit)
    this.#ends[segment] = ends
    return ends
  }

  #cutShort(from: number, limit: number): number[] {
    const separator = this.message.delimiters.field
    let count = 0
    if (isHeader(this.#bytes, from)) marks[count++] = from + 2
    for (let at = from; at < limit; at++) if (this.#bytes[at] === separator) marks[count++] = at
    marks[count++] = limit
    const ends = new Array<number>(count)
    for (let i = 0; i < count; i++) ends[i] = marks[i]!
    return ends
  }

  #cutLong(from: number, limit: number): number[] {
    const separator = this.message.delimiters.field
    const ends = isHeader(this.#bytes, from) ? [from + 2] : []
    for (let at = find(this.#bytes, separator, from, limit); at < limit; ) {
      ends.push(at)
      at = find(this.#bytes, separator, at + 1, limit)
    }
    ends.push(limit)
    return ends
  }

  /** How many repetitions a field has. */
  repetitions(field: Range): number {
    return countParts(this.#bytes, field, this.message.delimiters.repetition)
  }

  /** Repetition `n` (from 1) of a field. */
  repetition(field: Range, n: number): Range {
    return part(this.#bytes, field, this.message.delimiters.repetition, n)
  }

  /** What a place names inside a repetition: all of it, or the component or subcomponent. */
  inside(repetition: Range, { component, subcomponent }: Place): Range {
    if (component === null) return repetition
    const range = part(this.#bytes, repetition, this.message.delimiters.component, component)
    return subcomponent === null ? range : part(this.#bytes, range, this.message.delimiters.subcomponent, subcomponent)
  }

  /** The value at a place inside a repetition, the first of what the place leaves out, as ranges. */
  leaf(repetition: Range, { component, subcomponent }: Place): Range {
    const { component: byComponent, subcomponent: bySubcomponent } = this.message.delimiters
    const whole = component === null || component === 1
    const { start, end } = whole ? repetition : part(this.#bytes, repetition, byComponent, component)
    if (subcomponent !== null && subcomponent > 1) {
      const range = whole ? part(this.#bytes, repetition, byComponent, 1) : { start, end }
      return part(this.#bytes, range, bySubcomponent, subcomponent)
    }
    return { start, end: this.#firstEnd(start, end) }
  }

  /** The text of `leaf`. */
  leafText(repetition: Range, place: Place): string {
    if (isFirst(place)) return this.#text(repetition.start, this.#firstEnd(repetition.start, repetition.end))
    return this.text(this.leaf(repetition, place))
  }

  /** Where the first subcomponent of the first component ends. */
  #firstEnd(start: number, end: number): number {
    const { component, subcomponent } = this.message.delimiters
    let at = start
    while (at < end && this.#bytes[at] !== component && this.#bytes[at] !== subcomponent) at++
    return at
  }

  /** As it stands, one byte per character. */
  raw({ start, end }: Range): string {
    return latin1(this.#bytes, start, end)
  }

  /** Decoded and unescaped. */
  text({ start, end }: Range): string {
    return this.#text(start, end)
  }

  #text(start: number, end: number): string {
    const { delimiters, charset } = this.message
    let plain = true
    for (let i = start; i < end && plain; i++) plain = this.#bytes[i]! < 0x80 && this.#bytes[i] !== delimiters.escape
    if (plain) return latin1(this.#bytes, start, end)
    return unescapeText(decodeText(this.#bytes.subarray(start, end), charset), delimiters, charset)
  }

  /** Which of the segments of its name it is, from 1. */
  occurrence(segment: number): number {
    return countBelow(this.named(this.message.segmentIndex.nameOf(segment)), segment) + 1
  }

  /** The last segment of a name before another, as in a group; else the first of the message; −1: there is none. */
  near(name: string, before: number): number {
    const all = this.named(name)
    return all[countBelow(all, before) - 1] ?? all[0] ?? -1
  }

  /** Values of a field or part of it in one segment, by repetition; '' where one is empty. `repetition`: of this one alone. */
  values(segment: number, place: Place, repetition = place.repetition): string[] {
    const field = place.field === null ? null : this.field(segment, place.field)
    if (field === null) return []
    if (this.#isOfDelimiters(segment, place.field!)) return [this.raw(field)]
    if (repetition !== null) return [this.leafText(this.repetition(field, repetition), place)]
    const count = this.repetitions(field)
    if (count === 1) return [this.leafText(field, place)]
    return Array.from({ length: count }, (_, i) => this.leafText(this.repetition(field, i + 1), place))
  }

  /** Does one of `values` pass? Most conditions ask of one plain value, for which no list is made. */
  some(segment: number, place: Place, test: (value: string) => boolean, repetition = place.repetition): boolean {
    const n = place.field
    if (n === null || !this.isFilled(segment, n)) return false
    const ends = this.#ends[segment]!
    const start = ends[n - 1]! + 1
    const end = ends[n]!
    const plain = repetition === null && isFirst(place) && !this.#isOfDelimiters(segment, n)
    if (!plain || this.#mayRepeat(start, end)) return this.values(segment, place, repetition).some(test)
    return test(this.#text(start, this.#firstEnd(start, end)))
  }

  /** MSH-1 and MSH-2 hold the delimiters themselves. */
  #isOfDelimiters(segment: number, n: number): boolean {
    return n <= 2 && isHeader(this.#bytes, this.message.segmentIndex.starts[segment]!)
  }

  #mayRepeat(start: number, end: number): boolean {
    const { repetition } = this.message.delimiters
    if (end - start > SHORT_BYTES) return true
    for (let at = start; at < end; at++) if (this.#bytes[at] === repetition) return true
    return false
  }
}

/** Does the place name the first of what a repetition consists of? */
function isFirst({ component, subcomponent }: Place): boolean {
  return (component === null || component === 1) && (subcomponent === null || subcomponent === 1)
}

/** How many of the numbers, which rise, are below the limit. */
function countBelow(rising: readonly number[], limit: number): number {
  let low = 0
  for (let high = rising.length; low < high; ) {
    const middle = (low + high) >> 1
    if (rising[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}

/** Codes are short, and for them the call into the buffer costs more than the bytes. */
function latin1(bytes: Buffer, start: number, end: number): string {
  switch (end - start) {
    case 1:
      return String.fromCharCode(bytes[start]!)
    case 2:
      return String.fromCharCode(bytes[start]!, bytes[start + 1]!)
    case 3:
      return String.fromCharCode(bytes[start]!, bytes[start + 1]!, bytes[start + 2]!)
    default:
      return bytes.toString('latin1', start, end)
  }
}
