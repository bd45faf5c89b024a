/** A message in another character set: the same text, other bytes, MSH-18 rewritten (HL7 v2.5.1 §2.15.9.18). */
import type { ErrorCode } from '../../core/errors.ts'
import { type Charset, charsetOf, contradicts, decodeText, encodeText } from './charset.ts'
import type { Delimiters } from './delimiters.ts'
import { escapeText, isSequence } from './escape.ts'
import { declaredCharset, type Hl7Message, readMessage } from './message.ts'
import { replaceField } from './splice.ts'
import { fitText, type Unmappable } from './unmappable.ts'

/** A message as another character set writes it; or why, and where, it cannot be. */
export type Recoded =
  | {
      readonly ok: true
      /** The same buffer when nothing had to change. */
      readonly bytes: Buffer
      /** Characters that gave way to others (`replace`), those of bytes that contradict MSH-18 among them. */
      readonly replaced: number
    }
  | {
      readonly ok: false
      readonly code: Extract<ErrorCode, 'CHARSET_UNKNOWN' | 'CHARSET_CONTRADICTED' | 'CHARSET_UNMAPPABLE'>
      readonly at: string
    }

const HIGH_HEX = /^X(?:[0-9A-Fa-f]{2})*[89A-Fa-f][0-9A-Fa-f](?:[0-9A-Fa-f]{2})*$/

/**
 * The message in the character set `to`. Hexadecimal escapes of letters (`\XE9\`) become the letters themselves, since
 * their bytes mean others in the new set. A message that has no MSH-18 and is in the set already stays as it came. */
export function recoded(
  message: Hl7Message,
  to: Exclude<Charset, 'unknown'>,
  unmappable: Unmappable = 'refuse',
): Recoded {
  const { bytes, charset, delimiters } = message
  if (charset === to) return { ok: true, bytes, replaced: 0 }
  if (charset === 'unknown') return { ok: false, code: 'CHARSET_UNKNOWN', at: 'MSH-18' }
  const wrong = contradicts(bytes, charset)
  if (wrong && unmappable === 'refuse') return { ok: false, code: 'CHARSET_CONTRADICTED', at: 'MSH-18' }
  // One wrong byte makes the whole read as Latin-1: segment by segment it does so where it stands only.
  const pieces = wrong ? segmentsOf(message) : [bytes]
  const out: Buffer[] = []
  let replaced = 0
  for (const piece of pieces) {
    const text = withoutHighHex(decodeText(piece, charset), delimiters, charset)
    const encoded = encodeText(text, to)
    if (contradicts(piece, charset)) replaced++
    if (encoded !== null) out.push(encoded)
    else if (unmappable === 'refuse')
      return { ok: false, code: 'CHARSET_UNMAPPABLE', at: unmappableSegment(message, to) }
    else {
      const fitted = fitText(text, to, (nearest) => escapeText(nearest, delimiters))
      replaced += fitted.replaced
      out.push(encodeText(fitted.text, to)!)
    }
  }
  return { ok: true, bytes: withDeclared(Buffer.concat(out), to), replaced }
}

/** The bytes with MSH-18 naming the set. */
function withDeclared(bytes: Buffer, to: Exclude<Charset, 'unknown'>): Buffer {
  const read = readMessage(bytes)
  // Delimiters and MSH are ASCII, which every set writes alike.
  if (!read.ok) throw new RangeError('a message in another character set is still a message')
  const { headerFields, delimiters } = read.message
  const declared = declaredCharset(headerFields, delimiters)
  return declared !== '' && charsetOf(declared) === to ? bytes : replaceField(read.message, 'MSH-18', to)
}

/** The bytes in pieces, each a segment with what ends it. */
function segmentsOf({ bytes, segmentIndex }: Hl7Message): Buffer[] {
  const { starts } = segmentIndex
  return starts.map((start, i) => bytes.subarray(i === 0 ? 0 : start, starts[i + 1] ?? bytes.length))
}

function unmappableSegment(message: Hl7Message, to: Charset): string {
  const { segmentIndex, charset, delimiters } = message
  const found = segmentsOf(message).findIndex(
    (piece) => encodeText(withoutHighHex(decodeText(piece, charset), delimiters, charset), to) === null,
  )
  const name = found < 0 ? '' : segmentIndex.nameOf(found)
  if (name === '') return 'MSH'
  return `${name}(${segmentIndex.named(name).indexOf(found) + 1})`
}

/** The text with every hexadecimal escape that has a byte above 0x7F written out; those that make no text stay. */
function withoutHighHex(text: string, delimiters: Delimiters, charset: Charset): string {
  if (delimiters.escape === null) return text
  const mark = String.fromCharCode(delimiters.escape)
  if (!text.includes(`${mark}X`)) return text
  let out = ''
  let done = 0
  let open = text.indexOf(mark)
  while (open >= 0) {
    const close = text.indexOf(mark, open + 1)
    if (close < 0) break
    if (!isSequence(text, open + 1, close)) {
      open = close
      continue
    }
    const letters = HIGH_HEX.test(text.slice(open + 1, close)) ? Buffer.from(text.slice(open + 2, close), 'hex') : null
    if (letters !== null && !contradicts(letters, charset)) {
      out += text.slice(done, open) + escapeText(decodeText(letters, charset), delimiters)
      done = close + 1
    }
    open = text.indexOf(mark, close + 1)
  }
  return out + text.slice(done)
}
