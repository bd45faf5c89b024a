/** Text in which every character can be seen. Pure. */
import { isSequence } from './escape.ts'

/** A piece of a text: as it stands, a control character by its picture, or an escape sequence of HL7. */
export interface Piece {
  readonly what: 'text' | 'control' | 'escape'
  readonly text: string
  /** A control character that ends a line, so that what follows is shown on the next one. */
  readonly ends: boolean
}

/** Control characters, those that turn the direction of writing, and those of no width. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/
const NEXT = new RegExp(`${UNSEEN.source}|\\\\[^\\\\\\r\\n]{1,64}\\\\`, 'g')

/** The text in pieces; `escapes`: sequences of HL7 between backslashes are pieces of their own. */
export function piecesOf(text: string, escapes = false): readonly Piece[] {
  const pieces: Piece[] = []
  let done = 0
  const add = (what: Piece['what'], piece: string, ends = false): void => {
    if (piece !== '') pieces.push({ what, text: piece, ends })
  }
  for (const { 0: found, index } of text.matchAll(NEXT)) {
    const control = UNSEEN.test(found[0]!)
    if (!control && (!escapes || !isSequence(found, 1, found.length - 1))) continue
    add('text', text.slice(done, index))
    done = index + found.length
    if (!control) add('escape', found)
    else add('control', pictureOf(found), found === '\r' || (found === '\n' && text[index - 1] !== '\r'))
    // CR LF ends one line, after both.
    const last = pieces.at(-1)
    if (found === '\r' && text[done] === '\n' && last) pieces[pieces.length - 1] = { ...last, ends: false }
    if (found === '\n' && text[index - 1] === '\r') pieces[pieces.length - 1] = { ...pieces.at(-1)!, ends: true }
  }
  add('text', text.slice(done))
  return pieces
}

/** The picture of a character that has no form of its own: ␍ for CR, ␋ for VT, ␜ for FS, U+202E by its number. */
export function pictureOf(character: string): string {
  const code = character.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '␡'
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
