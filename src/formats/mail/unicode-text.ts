/** Letters beyond ASCII in fields that hold none (RFC 6533 §3). Pure. */
import { oneLine } from './write-header.ts'

/** Printable ASCII, with `\x{HEX}` for the rest (RFC 6533 §3). */
export function escaped(text: string): string {
  return oneLine(text).replace(
    /[^\x21-\x5b\x5d-\x7e]/gu,
    (sign) => `\\x{${sign.codePointAt(0)!.toString(16).toUpperCase()}}`,
  )
}

/** Undoes `escaped`. */
export function unescaped(text: string): string {
  return text.replace(/\\x\{([\dA-F]{1,6})\}/gi, (part, hex) => {
    const point = Number.parseInt(hex, 16)
    return point > 0x10ffff ? part : String.fromCodePoint(point)
  })
}
