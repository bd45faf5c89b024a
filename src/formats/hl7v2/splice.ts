/** Replacing one value in a message by cutting its bytes: all others stay as they came. */
import { GatewayError } from '../../core/errors.ts'
import { encodeText } from './charset.ts'
import { canEscape, escapeText } from './escape.ts'
import type { Hl7Message } from './message.ts'
import { parsePath } from './path.ts'
import { fieldRange, part } from './segments.ts'

/**
 * The message with `value` (text, escaped and encoded here; '' empties, `""` is the HL7 null) at the path: `PID-3` is the
 * whole field, `PID-3(2)` one repetition, `PID-3.4` a component of the first. Separators that are missing before the place
 * are added. No other byte changes; with no path replaced the bytes are the same buffer.
 * @throws {RangeError} if the path is none, or is MSH-1 or MSH-2
 * @throws {GatewayError} FIELD_MISSING when there is no such segment, FIELD_MALFORMED when the message's character set or
 * delimiters cannot hold the value or the place */
export function replaceField(message: Hl7Message, path: string, value: string): Buffer {
  const { bytes, delimiters, charset, segmentIndex } = message
  const parsed = parsePath(path)
  const isHeaderSegment = parsed.segment === 'MSH' || parsed.segment === 'FHS' || parsed.segment === 'BHS'
  if (isHeaderSegment && parsed.field <= 2) throw new RangeError(`${path} holds the delimiters and cannot be replaced`)
  const segment = segmentIndex.named(parsed.segment)[(parsed.occurrence ?? 1) - 1]
  if (segment === undefined) throw new GatewayError('FIELD_MISSING', `there is no segment for ${path}`)
  const encoded = canEscape(value, delimiters) ? encodeText(escapeText(value, delimiters), charset) : null
  if (encoded === null) throw new GatewayError('FIELD_MALFORMED', `the value does not fit the message at ${path}`)

  const range = { start: segmentIndex.starts[segment]!, end: segmentIndex.ends[segment]! }
  let place = fieldRange(bytes, range, delimiters.field, parsed.field)
  let added = separators(delimiters.field, place.missing, path)
  const descend = (separator: number | null, n: number) => {
    place = part(bytes, place, separator, n)
    added += separators(separator, place.missing, path)
  }
  if (parsed.repetition !== null || parsed.component !== null) descend(delimiters.repetition, parsed.repetition ?? 1)
  if (parsed.component !== null) descend(delimiters.component, parsed.component)
  if (parsed.subcomponent !== null) descend(delimiters.subcomponent, parsed.subcomponent)
  const before = bytes.subarray(0, place.start)
  return Buffer.concat([before, Buffer.from(added, 'latin1'), encoded, bytes.subarray(place.end)])
}

function separators(separator: number | null, count: number, path: string): string {
  if (count === 0) return ''
  if (separator === null) throw new GatewayError('FIELD_MALFORMED', `the message has no delimiter for ${path}`)
  return String.fromCharCode(separator).repeat(count)
}
