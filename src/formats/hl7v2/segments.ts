/** Where things are in the bytes: segments of a message, parts of a range. Offsets only; nothing is decoded here. */

const CR = 0x0d
const LF = 0x0a
/** Above this a native search beats a loop over bytes (bytes). */
const LONG_RANGE = 256

/** Half-open range of bytes. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** What ends segments: CR by the standard; LF and CR LF are tolerated with a finding. */
export type SegmentEnd = '\r' | '\r\n' | '\n'

/** The end of the first segment, and what ended it: that decides for the whole message. */
export function firstSegment(bytes: Buffer): { end: number; segmentEnd: SegmentEnd } {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === LF) return { end: i, segmentEnd: '\n' }
    if (bytes[i] === CR) return { end: i, segmentEnd: bytes[i + 1] === LF ? '\r\n' : '\r' }
  }
  return { end: bytes.length, segmentEnd: '\r' }
}

/** All segments in order, and which of them bear a name. Empty lines are no segments. */
export class SegmentIndex {
  readonly starts: number[] = []
  readonly ends: number[] = []
  /** True when some segment ends otherwise than the first. */
  readonly mixed: boolean
  readonly #bytes: Buffer
  readonly #field: number
  readonly #byName = new Map<number, number[]>()

  constructor(bytes: Buffer, field: number, segmentEnd: SegmentEnd) {
    this.#bytes = bytes
    this.#field = field
    let mixed = false
    const endByte = segmentEnd === '\n' ? LF : CR
    let next = indexOrEnd(bytes, endByte, 0)
    // A CR ends a segment whatever else does: as a byte it is never content (HL7 v2.5.1 §2.5.2).
    let cr = endByte === LF ? indexOrEnd(bytes, CR, 0) : bytes.length
    for (let start = 0; start < bytes.length; ) {
      if (next < start) next = indexOrEnd(bytes, endByte, start)
      if (cr < start) cr = indexOrEnd(bytes, CR, start)
      const limit = Math.min(next, cr)
      const lfAfterCr = bytes[limit] === CR && bytes[limit + 1] === LF
      if (limit < bytes.length && (bytes[limit] !== endByte || lfAfterCr !== (segmentEnd === '\r\n'))) mixed = true
      if (limit > start) this.#add(start, limit)
      start = limit + (lfAfterCr ? 2 : 1)
    }
    this.mixed = mixed
  }

  #add(start: number, end: number): void {
    const index = this.starts.push(start) - 1
    this.ends.push(end)
    const name = this.#nameAt(start, end)
    // Only true names are indexed: a hostile message could have millions of others.
    if (name === 0) return
    const same = this.#byName.get(name)
    if (same === undefined) this.#byName.set(name, [index])
    else same.push(index)
  }

  #nameAt(start: number, end: number): number {
    if (end - start !== 3 && this.#bytes[start + 3] !== this.#field) return 0
    const a = this.#bytes[start]!
    const b = this.#bytes[start + 1]!
    const c = this.#bytes[start + 2]!
    if (end - start < 3 || !isUpper(a) || !(isUpper(b) || isDigit(b)) || !(isUpper(c) || isDigit(c))) return 0
    return (a << 16) | (b << 8) | c
  }

  /** Indexes of the segments with this three-letter name, in order. */
  named(name: string): readonly number[] {
    return this.#byName.get(nameCode(name)) ?? []
  }

  /** The name of a segment (a capital, then two capitals or digits), or '' when it has none. */
  nameOf(index: number): string {
    const start = this.starts[index]!
    const code = this.#nameAt(start, this.ends[index]!)
    return code === 0 ? '' : nameText(code)
  }
}

/** Texts of names by their code: some 33,000 are possible. Making one anew costs more than all else about a segment. */
const names = new Map<number, string>()

function nameText(code: number): string {
  let text = names.get(code)
  if (text === undefined) {
    text = String.fromCharCode(code >> 16, (code >> 8) & 0xff, code & 0xff)
    names.set(code, text)
  }
  return text
}

function indexOrEnd(bytes: Buffer, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from)
  return found < 0 ? bytes.length : found
}

function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function nameCode(name: string): number {
  return (name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2)
}

/** Part `n` (from 1) of a range cut by `separator`, or how many separators are missing before it would begin. */
export function part(bytes: Buffer, range: Range, separator: number | null, n: number): Range & { missing: number } {
  let { start } = range
  if (separator === null)
    return n === 1 ? { ...range, missing: 0 } : { start: range.end, end: range.end, missing: n - 1 }
  for (let i = 1; ; i++) {
    const found = find(bytes, separator, start, range.end)
    if (i === n) return { start, end: found, missing: 0 }
    if (found === range.end) return { start: range.end, end: range.end, missing: n - i }
    start = found + 1
  }
}

/** How many parts a range has; an empty one has none. */
export function countParts(bytes: Buffer, range: Range, separator: number | null): number {
  if (range.end === range.start) return 0
  if (separator === null) return 1
  let count = 1
  for (let at = find(bytes, separator, range.start, range.end); at < range.end; count++) {
    at = find(bytes, separator, at + 1, range.end)
  }
  return count
}

/** Place of a byte in [start, end), or `end`. Never looks beyond: a search to the buffer's end would be quadratic. */
export function find(bytes: Buffer, byte: number, start: number, end: number): number {
  const near = Math.min(end, start + LONG_RANGE)
  for (let i = start; i < near; i++) {
    if (bytes[i] === byte) return i
  }
  if (near === end) return end
  const found = bytes.subarray(near, end).indexOf(byte)
  return found < 0 ? end : near + found
}

/**
 * Field `n` of a segment. MSH (and FHS, BHS) count their own separator as field 1, so everything is one place nearer.
 * Fields 1 and 2 of those are given as they stand. */
export function fieldRange(bytes: Buffer, segment: Range, separator: number, n: number): Range & { missing: number } {
  if (!isHeader(bytes, segment.start)) return part(bytes, segment, separator, n + 1)
  if (n === 1) return { start: segment.start + 3, end: segment.start + 4, missing: 0 }
  return part(bytes, segment, separator, n)
}

/** Does the segment begin with MSH, FHS or BHS? */
export function isHeader(bytes: Buffer, start: number): boolean {
  const first = bytes[start]
  if (bytes[start + 2] !== 0x48) return false
  return (
    (first === 0x4d && bytes[start + 1] === 0x53) || ((first === 0x46 || first === 0x42) && bytes[start + 1] === 0x48)
  )
}
