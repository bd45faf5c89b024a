/** A new message from values: escaped, delimited and encoded here, so that no value can break out of its field. */
import { GatewayError } from '../../core/errors.ts'
import { type Charset, encodeText } from './charset.ts'
import { type Delimiters, USUAL_DELIMITERS } from './delimiters.ts'
import { canEscape, escapeText } from './escape.ts'
import { fitText, type Unmappable } from './unmappable.ts'

/** The HL7 null, which says "delete" (HL7 v2.5.1 §2.5.3). The text `""` is not it, and is written escaped. */
export const HL7_NULL: unique symbol = Symbol('HL7 null')

/** One value; '', null and undefined leave the place empty. */
export type Value = string | typeof HL7_NULL | null | undefined
/** A component: its value, or its subcomponents in order. */
export type Component = Value | readonly Value[]
/** A repetition: its value, or its components in order. */
export type Repetition = Value | readonly Component[]
/** A field: one repetition, or several. */
export type Field = Repetition | { readonly repeat: readonly Repetition[] }
/** Fields by their number, as the standard counts them. */
export type Fields = Readonly<Record<number, Field>>
/** A segment of values. One that holds none is not written. */
export interface Segment {
  readonly name: string
  readonly fields: Fields
}

/** How a message is written. Absent: `|^~\&`, and `refuse`. */
export interface Writing {
  /** MSH-18 says it; `unknown` is none to write in. */
  readonly charset: Exclude<Charset, 'unknown'>
  readonly delimiters?: Delimiters
  readonly unmappable?: Unmappable
}

/** A message written, and how many characters gave way to others (`replace`); or the first field that could not be. */
export type Written =
  | { readonly ok: true; readonly bytes: Buffer; readonly replaced: number }
  | { readonly ok: false; readonly code: 'CHARSET_UNMAPPABLE'; readonly at: string }

const NAME = /^[A-Z][A-Z0-9]{2}$/
/** More fields than any segment has: a higher number is a slip of the mapping. */
const MOST_FIELDS = 200

/** A segment; see `Fields`. */
export function segment(name: string, fields: Fields): Segment {
  return { name, fields }
}

/**
 * The bytes of a message; segments end with CR, empty ends are cut, MSH-1 and MSH-2 come from the delimiters and MSH-18
 * from the character set.
 * @throws {RangeError} if the first segment is not MSH, a name or a field number is none, or the delimiters lack one that
 * the values need
 * @throws {GatewayError} FIELD_MALFORMED when the delimiters have no escape character and a value needs one */
export function writeMessage(segments: readonly Segment[], writing: Writing): Written {
  const { charset, delimiters = USUAL_DELIMITERS, unmappable = 'refuse' } = writing
  if (segments[0]?.name !== 'MSH') throw new RangeError('a message begins with MSH')
  const whole = segments.map((one) => segmentText(withCharset(one, charset), delimiters)).filter((one) => one !== null)
  const text = `${whole.join('\r')}\r`
  const encoded = encodeText(text, charset)
  if (encoded !== null) return { ok: true, bytes: encoded, replaced: 0 }
  if (unmappable === 'refuse') {
    return { ok: false, code: 'CHARSET_UNMAPPABLE', at: unmappablePlace(segments, delimiters, charset) }
  }
  const replacing = { replaced: 0 }
  const fitted = (value: string): string => {
    const nearest = fitText(value, charset)
    replacing.replaced += nearest.replaced
    return nearest.text
  }
  // Fitted before it is escaped: what stands instead may itself delimit.
  const again = segments.map((one) => segmentText(withCharset(one, charset), delimiters, fitted))
  const bytes = encodeText(`${again.filter((one) => one !== null).join('\r')}\r`, charset)!
  return { ok: true, bytes, replaced: replacing.replaced }
}

function withCharset(one: Segment, charset: Charset): Segment {
  return one.name === 'MSH' ? { ...one, fields: { ...one.fields, 18: charset } } : one
}

type Write = (value: string) => string
const AS_IT_IS: Write = (value) => value

/** A segment as text without its end, or null when it holds nothing. */
function segmentText({ name, fields }: Segment, delimiters: Delimiters, write: Write = AS_IT_IS): string | null {
  if (!NAME.test(name)) throw new RangeError(`${JSON.stringify(name)} is no segment name`)
  const isHeader = name === 'MSH'
  const texts: string[] = []
  for (const [key, field] of Object.entries(fields)) {
    const number = Number(key)
    if (!(number >= 1 && number <= MOST_FIELDS)) throw new RangeError(`${name}-${key} is no field`)
    if (isHeader && number <= 2) throw new RangeError('MSH-1 and MSH-2 come from the delimiters')
    texts[number - (isHeader ? 2 : 0)] = fieldText(field as Field, delimiters, write)
  }
  const separator = String.fromCharCode(delimiters.field)
  const rest = joined(Array.from(texts, (one) => one ?? '').slice(1), separator)
  if (isHeader) return `MSH${separator}${encodingOf(delimiters)}${separator}${rest}`
  return rest === '' ? null : `${name}${separator}${rest}`
}

/** MSH-2. */
function encodingOf({ component, repetition, escape: mark, subcomponent, truncation }: Delimiters): string {
  return String.fromCharCode(...[component, repetition, mark, subcomponent, truncation].filter((one) => one !== null))
}

function fieldText(field: Field, delimiters: Delimiters, write: Write): string {
  if (typeof field === 'object' && field !== null && 'repeat' in field) {
    const all = field.repeat.map((one) => repetitionText(one, delimiters, write))
    return joined(all, all.length < 2 ? '' : needed(delimiters.repetition))
  }
  return repetitionText(field, delimiters, write)
}

function repetitionText(repetition: Repetition, delimiters: Delimiters, write: Write): string {
  if (!isParts(repetition)) return valueText(repetition, delimiters, write)
  return joined(
    repetition.map((one) => componentText(one, delimiters, write)),
    String.fromCharCode(delimiters.component),
  )
}

function componentText(component: Component, delimiters: Delimiters, write: Write): string {
  if (!isParts(component)) return valueText(component, delimiters, write)
  const all = component.map((one) => valueText(one, delimiters, write))
  return joined(all, all.length < 2 ? '' : needed(delimiters.subcomponent))
}

function valueText(value: Value, delimiters: Delimiters, write: Write): string {
  if (value === HL7_NULL) return '""'
  if (value === null || value === undefined || value === '') return ''
  const fitted = write(value)
  if (!canEscape(fitted, delimiters)) throw new GatewayError('FIELD_MALFORMED', 'a value needs an escape character')
  const escaped = escapeText(fitted, delimiters)
  if (escaped !== '""') return escaped
  if (delimiters.escape === null) throw new GatewayError('FIELD_MALFORMED', 'a value needs an escape character')
  const mark = String.fromCharCode(delimiters.escape)
  return `${mark}X22${mark}${mark}X22${mark}`
}

/** Joined, empty ones at the end left out. */
function joined(parts: readonly string[], separator: string): string {
  let length = parts.length
  while (length > 0 && parts[length - 1] === '') length--
  return parts.slice(0, length).join(separator)
}

function needed(delimiter: number | null): string {
  if (delimiter === null) throw new RangeError('the delimiters lack one that the values need')
  return String.fromCharCode(delimiter)
}

function isParts<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}

/** The first field that the character set cannot hold. */
function unmappablePlace(segments: readonly Segment[], delimiters: Delimiters, charset: Charset): string {
  const seen = new Map<string, number>()
  for (const { name, fields } of segments) {
    const n = (seen.get(name) ?? 0) + 1
    seen.set(name, n)
    for (const [key, field] of Object.entries(fields)) {
      const text = fieldText(field as Field, delimiters, AS_IT_IS)
      if (encodeText(text, charset) === null) return `${n === 1 ? name : `${name}(${n})`}-${key}`
    }
  }
  return 'MSH'
}
