/** Characters, names and references of XML 1.0 (fifth edition), as far as a document without a DTD has them. */

/** What no XML document may hold, whatever its encoding (§2.2); lone surrogates do not come out of a decoder. */
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/
/** Longest reference, `&#x0010FFFF;` and some zeros to spare. */
const MAX_REFERENCE = 20
const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const NAME_START = 1
const NAME_REST = 2
const ASCII = new Uint8Array(128)
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code)
  if (/[A-Za-z_:]/.test(character)) ASCII[code] = NAME_START | NAME_REST
  else if (/[\d.-]/.test(character)) ASCII[code] = NAME_REST
}
/** Where names may begin above ASCII, as first and last of each range, and what else may stand in them (§2.3). */
const HIGH_START = [
  ...[0xc0, 0xd6, 0xd8, 0xf6, 0xf8, 0x2ff, 0x370, 0x37d, 0x37f, 0x1fff, 0x200c, 0x200d, 0x2070, 0x218f, 0x2c00, 0x2fef],
  ...[0x3001, 0xd7ff, 0xf900, 0xfdcf, 0xfdf0, 0xfffd, 0x10000, 0xeffff],
]
const HIGH_REST = [0xb7, 0xb7, 0x300, 0x36f, 0x203f, 0x2040]

/** Is there a character that XML forbids? */
export function hasForbidden(text: string): boolean {
  return FORBIDDEN.test(text)
}

/** White space of XML: space, tab, line feed, carriage return. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

/** End of the name that begins at `from`, at most `to`; `from` itself where none begins (§2.3). */
export function nameEnd(text: string, from: number, to: number): number {
  let at = from
  while (at < to) {
    const code = text.charCodeAt(at)
    if (code < 128) {
      if ((ASCII[code]! & (at === from ? NAME_START : NAME_REST)) === 0) return at
      at += 1
    } else {
      const point = text.codePointAt(at)!
      if (!isWithin(HIGH_START, point) && (at === from || !isWithin(HIGH_REST, point))) return at
      at += point > 0xffff ? 2 : 1
    }
  }
  return at
}

function isWithin(ranges: readonly number[], point: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (point >= ranges[i]! && point <= ranges[i + 1]!) return true
  return false
}

/** Where a reference that is not whole yet begins in the last characters; the length when there is none. */
export function cutReference(text: string): number {
  const tail = Math.max(0, text.length - MAX_REFERENCE)
  const at = text.lastIndexOf('&')
  return at >= tail && text.indexOf(';', at) < 0 ? at : text.length
}

/**
 * The text with its references resolved, or null where one is none of the five predefined entities or names a character
 * that XML forbids: other entities would need a DTD (§4.1). */
export function resolved(text: string): string | null {
  let at = text.indexOf('&')
  if (at < 0) return text
  let out = ''
  let done = 0
  for (; at >= 0; at = text.indexOf('&', done)) {
    const end = text.indexOf(';', at)
    const character = end < 0 || end - at > MAX_REFERENCE ? null : referred(text.slice(at + 1, end))
    if (character === null) return null
    out += text.slice(done, at) + character
    done = end + 1
  }
  return out + text.slice(done)
}

function referred(name: string): string | null {
  if (!name.startsWith('#')) return Object.hasOwn(PREDEFINED, name) ? PREDEFINED[name]! : null
  const digits = /^#(?:(\d+)|x([0-9a-fA-F]+))$/.exec(name)
  if (digits === null) return null
  const code = digits[1] === undefined ? Number.parseInt(digits[2]!, 16) : Number(digits[1])
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return null
  const character = String.fromCodePoint(code)
  return hasForbidden(character) ? null : character
}
