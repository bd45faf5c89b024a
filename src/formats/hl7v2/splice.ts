/** Replacing values in a message by cutting its bytes: all others stay as they came. */
import { GatewayError } from '../../core/errors.ts'
import { encodeText } from './charset.ts'
import { canEscape, escapeText } from './escape.ts'
import type { Hl7Message } from './message.ts'
import { type Path, parsePath } from './path.ts'
import { fieldRange, part, type Range } from './segments.ts'

/** A place for a value. `added`: the separators that must stand before it; '' where the place is there already. */
export interface Place extends Range {
  readonly added: string
}

/** Bytes of the message that give way to others. */
export interface Cut extends Range {
  readonly bytes: Buffer
}

/**
 * The message with `value` (text, escaped and encoded here; '' empties, `""` is the HL7 null) at the path: `PID-3` is the
 * whole field, `PID-3(2)` one repetition, `PID-3.4` a component of the first. Separators that are missing before the place
 * are added. No other byte changes; with no path replaced the bytes are the same buffer.
 * @throws {RangeError} if the path is none, or is MSH-1 or MSH-2
 * @throws {GatewayError} FIELD_MISSING when there is no such segment, FIELD_MALFORMED when the message's character set or
 * delimiters cannot hold the value or the place */
export function replaceField(message: Hl7Message, path: string, value: string): Buffer {
  const parsed = parsePath(path)
  const segment = message.segmentIndex.named(parsed.segment)[(parsed.occurrence ?? 1) - 1]
  if (segment === undefined) throw new GatewayError('FIELD_MISSING', `there is no segment for ${path}`)
  const encoded = fieldText(message, value, path)
  const { repetition, component } = parsed
  const deeper = repetition !== null || component !== null
  const field = fieldPlace(message, segment, parsed, path)
  const place = deeper
    ? placeWithin(message, repetitionPlace(message, field, repetition ?? 1, path), parsed, path)
    : field
  return spliced(message.bytes, [{ ...place, bytes: Buffer.concat([Buffer.from(place.added, 'latin1'), encoded]) }])
}

/** The bytes with all cuts made, which are in order and do not overlap. */
export function spliced(bytes: Buffer, cuts: readonly Cut[]): Buffer {
  const pieces: Buffer[] = []
  let done = 0
  for (const cut of cuts) {
    pieces.push(bytes.subarray(done, cut.start), cut.bytes)
    done = cut.end
  }
  return Buffer.concat([...pieces, bytes.subarray(done)])
}

/**
 * Text as it stands in a field of the message.
 * @throws {GatewayError} FIELD_MALFORMED when its character set or delimiters cannot hold it; the text is not told */
export function fieldText({ delimiters, charset }: Hl7Message, value: string, path: string): Buffer {
  const encoded = canEscape(value, delimiters) ? encodeText(escapeText(value, delimiters), charset) : null
  if (encoded === null) throw new GatewayError('FIELD_MALFORMED', `the value does not fit the message at ${path}`)
  return encoded
}

/**
 * The whole field in a segment, by the segment's index.
 * @throws {RangeError} if it is MSH-1 or MSH-2, which hold the delimiters */
export function fieldPlace(message: Hl7Message, segment: number, { segment: name, field }: Path, path: string): Place {
  const { bytes, delimiters, segmentIndex } = message
  const isHeaderSegment = name === 'MSH' || name === 'FHS' || name === 'BHS'
  if (isHeaderSegment && field <= 2) throw new RangeError(`${path} holds the delimiters and cannot be replaced`)
  const range = { start: segmentIndex.starts[segment]!, end: segmentIndex.ends[segment]! }
  const { start, end, missing } = fieldRange(bytes, range, delimiters.field, field)
  return { start, end, added: separators(delimiters.field, missing, path) }
}

/** Repetition `n` of a field. @throws {GatewayError} FIELD_MALFORMED when the message has no delimiter for it */
export function repetitionPlace(message: Hl7Message, field: Place, n: number, path: string): Place {
  return descend(message, field, message.delimiters.repetition, n, path)
}

/**
 * What the path names inside a repetition: the component, or all of it.
 * @throws {GatewayError} FIELD_MALFORMED when the message has no delimiter for it */
export function placeWithin(
  message: Hl7Message,
  repetition: Place,
  { component, subcomponent }: Pick<Path, 'component' | 'subcomponent'>,
  path: string,
): Place {
  if (component === null) return repetition
  const whole = descend(message, repetition, message.delimiters.component, component, path)
  return subcomponent === null ? whole : descend(message, whole, message.delimiters.subcomponent, subcomponent, path)
}

function descend({ bytes }: Hl7Message, from: Place, separator: number | null, n: number, path: string): Place {
  const { start, end, missing } = part(bytes, from, separator, n)
  return { start, end, added: from.added + separators(separator, missing, path) }
}

function separators(separator: number | null, count: number, path: string): string {
  if (count === 0) return ''
  if (separator === null) throw new GatewayError('FIELD_MALFORMED', `the message has no delimiter for ${path}`)
  return String.fromCharCode(separator).repeat(count)
}
