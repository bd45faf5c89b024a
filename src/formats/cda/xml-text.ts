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
const HIGH_START =
  /[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\u{10000}-\u{effff}]/u
const HIGH_REST = /[\u00b7\u0300-\u036f\u203f\u2040]/u

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
      const character = String.fromCodePoint(text.codePointAt(at)!)
      if (!HIGH_START.test(character) && (at === from || !HIGH_REST.test(character))) return at
      at += character.length
    }
  }
  return at
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
