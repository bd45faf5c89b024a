/** An HL7 v2 message over its original bytes: nothing is copied or decoded before it is asked for. */
import type { ErrorCode } from '../../core/errors.ts'
import type { Finding } from '../../core/message.ts'
import { type Charset, charsetOf, decodeText } from './charset.ts'
import { type Delimiters, readDelimiters } from './delimiters.ts'
import { unescapeText } from './escape.ts'
import { findingsOf } from './findings.ts'
import { type Path, parsePath } from './path.ts'
import { countParts, fieldRange, firstSegment, part, type Range, type SegmentEnd, SegmentIndex } from './segments.ts'

const VT = 0x0b
const FS_CR = Buffer.from('\x1c\r', 'latin1')
/** MSH has 25 fields in version 2.7; what follows is never asked of the header. */
const HEADER_FIELDS = 26
/** The French default where neither MSH-18 nor the establishment says otherwise (PAM FR §6.1). */
export const DEFAULT_CHARSET = '8859/15'

/** A read message. Paths are those of `parsePath`; every method that takes one throws RangeError on nonsense. */
export interface Hl7Message {
  readonly bytes: Buffer
  readonly delimiters: Delimiters
  /** Of MSH-18, first repetition; when empty, the default given. */
  readonly charset: Charset
  readonly segmentEnd: SegmentEnd
  /** Fields of MSH as they stand, one byte per character: index 0 is `MSH`, index n−1 is MSH-n. At most 26. */
  readonly headerFields: readonly string[]
  /** Segments in order with their names and places. */
  readonly segmentIndex: SegmentIndex
  /**
   * Segment ends; a second MSH, and a patient behind a line feed (`safety`); an unknown or contradicted character set
   * (`safety` in PID-5, PID-9, MRG-7 and OBX-5). */
  findings(): readonly Finding[]
  /** How many segments bear this name. */
  segments(name: string): number
  /**
   * The value, decoded and unescaped; null when absent or empty, `""` for the HL7 null. What the path leaves out is the
   * first: `PID-3` is the identifier, as receivers of every version read it (HL7 v2.5.1 §2.8). */
  text(path: string): string | null
  /** The bytes of all that the path names, `PID-3` being the whole field; null when absent or empty. */
  raw(path: string): Buffer | null
  /** Repetitions of the field; 0 when absent or empty. */
  repetitions(path: string): number
  /** `text` of every repetition of every segment so named, as far as the path does not name one; empty ones left out. */
  values(path: string): string[]
  /** Is it the HL7 null `""`, which says "delete", and not merely empty? */
  isNull(path: string): boolean
}

class Message implements Hl7Message {
  readonly bytes: Buffer
  readonly delimiters: Delimiters
  readonly segmentEnd: SegmentEnd
  readonly headerFields: readonly string[]
  readonly charset: Charset
  #segmentIndex: SegmentIndex | undefined
  #findings: readonly Finding[] | undefined

  constructor(
    bytes: Buffer,
    delimiters: Delimiters,
    segmentEnd: SegmentEnd,
    headerFields: readonly string[],
    charset: Charset,
  ) {
    this.bytes = bytes
    this.delimiters = delimiters
    this.segmentEnd = segmentEnd
    this.headerFields = headerFields
    this.charset = charset
  }

  get segmentIndex(): SegmentIndex {
    this.#segmentIndex ??= new SegmentIndex(this.bytes, this.delimiters.field, this.segmentEnd)
    return this.#segmentIndex
  }

  findings(): readonly Finding[] {
    this.#findings ??= findingsOf(this)
    return this.#findings
  }

  segments(name: string): number {
    return name.length === 3 ? this.segmentIndex.named(name).length : 0
  }

  text(path: string): string | null {
    const parsed = parsePath(path)
    const field = this.#field(parsed)
    return field === null ? null : this.#leaf(parsed, field, parsed.repetition ?? 1)
  }

  raw(path: string): Buffer | null {
    const range = this.#range(parsePath(path))
    return range === null ? null : this.bytes.subarray(range.start, range.end)
  }

  repetitions(path: string): number {
    const parsed = parsePath(path)
    const field = this.#field(parsed)
    if (field === null) return 0
    return isDelimiterField(parsed) ? 1 : countParts(this.bytes, field, this.delimiters.repetition)
  }

  values(path: string): string[] {
    const parsed = parsePath(path)
    const all = this.segmentIndex.named(parsed.segment)
    const from = parsed.occurrence === null ? 0 : parsed.occurrence - 1
    const to = parsed.occurrence === null ? all.length : parsed.occurrence
    const values: string[] = []
    for (let i = from; i < to && i < all.length; i++) {
      const field = this.#fieldOf(all[i]!, parsed.field)
      for (const repetition of this.#repetitionsOf(parsed, field)) {
        const value = this.#text(parsed, this.#leafRange(parsed, repetition))
        if (value !== null) values.push(value)
      }
    }
    return values
  }

  isNull(path: string): boolean {
    const range = this.#range(parsePath(path))
    return (
      range !== null &&
      range.end - range.start === 2 &&
      this.bytes[range.start] === 0x22 &&
      this.bytes[range.start + 1] === 0x22
    )
  }

  /** The field of the first matching segment, or null when absent or empty. */
  #field(path: Path): Range | null {
    const segment = this.segmentIndex.named(path.segment)[(path.occurrence ?? 1) - 1]
    if (segment === undefined) return null
    const range = this.#fieldOf(segment, path.field)
    return range.end > range.start ? range : null
  }

  #fieldOf(segment: number, field: number): Range {
    const range = { start: this.segmentIndex.starts[segment]!, end: this.segmentIndex.ends[segment]! }
    return fieldRange(this.bytes, range, this.delimiters.field, field)
  }

  #repetitionsOf(path: Path, field: Range): Range[] {
    if (isDelimiterField(path)) return [field]
    if (path.repetition !== null) return [part(this.bytes, field, this.delimiters.repetition, path.repetition)]
    const repetitions: Range[] = []
    for (let rest = field; rest.start <= field.end; ) {
      const one = part(this.bytes, rest, this.delimiters.repetition, 1)
      repetitions.push(one)
      rest = { start: one.end + 1, end: field.end }
    }
    return repetitions
  }

  /** All that the path names, or null when absent or empty. */
  #range(path: Path): Range | null {
    let range = this.#field(path)
    if (range === null || isDelimiterField(path)) return range
    const { repetition, component, subcomponent } = path
    if (repetition !== null || component !== null)
      range = part(this.bytes, range, this.delimiters.repetition, repetition ?? 1)
    if (component !== null) range = part(this.bytes, range, this.delimiters.component, component)
    if (subcomponent !== null) range = part(this.bytes, range, this.delimiters.subcomponent, subcomponent)
    return range.end > range.start ? range : null
  }

  #leaf(path: Path, field: Range, repetition: number): string | null {
    if (isDelimiterField(path)) return this.bytes.toString('latin1', field.start, field.end)
    return this.#text(path, this.#leafRange(path, part(this.bytes, field, this.delimiters.repetition, repetition)))
  }

  #leafRange(path: Path, repetition: Range): Range {
    if (isDelimiterField(path)) return repetition
    const component = part(this.bytes, repetition, this.delimiters.component, path.component ?? 1)
    return part(this.bytes, component, this.delimiters.subcomponent, path.subcomponent ?? 1)
  }

  #text(path: Path, range: Range): string | null {
    if (range.end === range.start) return null
    const text = decodeText(this.bytes.subarray(range.start, range.end), this.charset)
    return isDelimiterField(path) ? text : unescapeText(text, this.delimiters, this.charset)
  }
}

/** MSH-1 and MSH-2 hold the delimiters themselves: they are not cut by them. */
function isDelimiterField(path: Path): boolean {
  return path.field <= 2 && (path.segment === 'MSH' || path.segment === 'FHS' || path.segment === 'BHS')
}

/**
 * Reads a message, or says why the bytes are none: `at` is `MSH`, `MSH-1` or `MSH-2`. Any bytes may come; never throws.
 * VT, and FS before CR, are refused: over MLLP the rest would arrive as a second message that nobody routed.
 * `defaultCharset` is the HL7 name assumed when MSH-18 is empty. */
export function readMessage(
  bytes: Buffer,
  defaultCharset: string = DEFAULT_CHARSET,
): { ok: true; message: Hl7Message } | { ok: false; code: ErrorCode; at: string } {
  if (bytes[0] !== 0x4d || bytes[1] !== 0x53 || bytes[2] !== 0x48) return { ok: false, code: 'NOT_HL7', at: 'MSH' }
  if (bytes.includes(VT) || bytes.includes(FS_CR)) return { ok: false, code: 'NOT_HL7', at: 'MSH' }
  const { end, segmentEnd } = firstSegment(bytes)
  const header = readHeaderFields(bytes, end)
  if (typeof header === 'string') return { ok: false, code: 'NOT_HL7', at: header }
  const { delimiters, fields } = header
  const charset = charsetOf(declaredCharset(fields, delimiters) || defaultCharset)
  return { ok: true, message: new Message(bytes, delimiters, segmentEnd, fields, charset) }
}

/** Cuts MSH, which ends at `end`; or names the field whose delimiters make no sense. */
export function readHeaderFields(
  bytes: Buffer,
  end: number,
): { delimiters: Delimiters; fields: readonly string[] } | 'MSH-1' | 'MSH-2' {
  const head = bytes.toString('latin1', 0, end)
  const fields = head.split(head[3] ?? '\0', HEADER_FIELDS)
  const delimiters = readDelimiters(end > 3 ? bytes[3] : undefined, fields[1] ?? '')
  return typeof delimiters === 'string' ? delimiters : { delimiters, fields }
}

/** MSH-18 as written, first repetition, component 1. */
export function declaredCharset(headerFields: readonly string[], delimiters: Delimiters): string {
  const field = headerFields[17] ?? ''
  const repetition =
    delimiters.repetition === null ? field : field.split(String.fromCharCode(delimiters.repetition), 1)[0]!
  const name = repetition.split(String.fromCharCode(delimiters.component), 1)[0]!.trim()
  return name === '""' ? '' : name
}
