/** Values of HL7 v2 in the text of XDS metadata (ITI TF-3 §4.2.3.1.7): written and cut with the usual delimiters. */
import { USUAL_DELIMITERS } from '../hl7v2/delimiters.ts'
import { escapeText, unescapeText } from '../hl7v2/escape.ts'

/** A component: its value, or its subcomponents. */
export type Piece = string | readonly string[]

/** Components as text, empty ones at the end left out. Line ends give way to spaces: the value stands in one line. */
export function hl7Text(components: readonly Piece[]): string {
  return joined(
    components.map((one) => (typeof one === 'string' ? escaped(one) : joined(one.map(escaped), '&'))),
    '^',
  )
}

/** `PID-5|LEROUX^SUZANNE`. */
export function fieldText(field: string, components: readonly Piece[]): string {
  return `${field}|${hl7Text(components)}`
}

/** A component, or a subcomponent, of a value; both count from 1. */
export function pieceOf(text: string, component: number, subcomponent = 1): string {
  const piece = text.split('^')[component - 1]?.split('&')[subcomponent - 1] ?? ''
  return unescapeText(piece, USUAL_DELIMITERS, 'UNICODE UTF-8')
}

/** The identifier in a CX. */
export function cxText(value: string, oid: string, type = ''): string {
  return hl7Text([value, '', '', ['', oid, 'ISO'], type])
}

function escaped(value: string): string {
  return escapeText(value.replace(/[\r\n]+/g, ' '), USUAL_DELIMITERS)
}

function joined(parts: readonly string[], separator: string): string {
  let length = parts.length
  while (length > 0 && parts[length - 1] === '') length--
  return parts.slice(0, length).join(separator)
}
