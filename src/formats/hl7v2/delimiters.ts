/** MSH-1 and MSH-2 (HL7 v2.5.1 §2.5.4): every message brings its own delimiters. */

/** Delimiters as byte values; null: the message declares none, and nothing is split or escaped by it. */
export interface Delimiters {
  readonly field: number
  readonly component: number
  readonly repetition: number | null
  readonly escape: number | null
  readonly subcomponent: number | null
  /** Fifth character of MSH-2, from version 2.7 on. */
  readonly truncation: number | null
}

/** The delimiters of nearly every message: `|^~\&`. */
export const USUAL_DELIMITERS: Delimiters = {
  field: 0x7c,
  component: 0x5e,
  repetition: 0x7e,
  escape: 0x5c,
  subcomponent: 0x26,
  truncation: null,
}
const USUAL_ENCODING = '^~\\&'

/** May this byte delimit? Printable ASCII that is neither a letter, a digit nor a space. */
export function mayDelimit(byte: number | undefined): byte is number {
  if (byte === undefined || byte <= 0x20 || byte >= 0x7f) return false
  const isDigit = byte >= 0x30 && byte <= 0x39
  const lower = byte | 0x20
  return !isDigit && !(lower >= 0x61 && lower <= 0x7a)
}

/**
 * The delimiters of an MSH-1 and an MSH-2 of 1 to 5 characters, all different; or the field that makes no sense. What
 * MSH-2 leaves out is not assumed: a message that declares no escape character has none (§2.5.4). */
export function readDelimiters(field: number | undefined, encoding: string): Delimiters | 'MSH-1' | 'MSH-2' {
  if (!mayDelimit(field)) return 'MSH-1'
  if (field === USUAL_DELIMITERS.field && encoding === USUAL_ENCODING) return USUAL_DELIMITERS
  if (encoding.length < 1 || encoding.length > 5) return 'MSH-2'
  const bytes = [field, ...Buffer.from(encoding, 'latin1')]
  if (!bytes.every(mayDelimit) || new Set(bytes).size !== bytes.length) return 'MSH-2'
  const [, component = 0, repetition = null, mark = null, subcomponent = null, truncation = null] = bytes
  return { field, component, repetition, escape: mark, subcomponent, truncation }
}
