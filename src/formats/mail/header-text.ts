/** Words of headers for people: encoded words (RFC 2047), and characters that should not be shown. Pure. */

/** Names of character sets that the decoder has no room for. Latin 1 is read as mail readers do: as windows-1252. */
const DECODERS: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'iso-8859-1': 'windows-1252',
  latin1: 'windows-1252',
  'windows-1252': 'windows-1252',
  cp1252: 'windows-1252',
  'iso-8859-15': 'iso-8859-15',
  latin9: 'iso-8859-15',
}

/** `=?charset*language?encoding?text?=`; each part ends where the next begins, so looking takes linear time. */
const WORD = /=\?([\w.:-]{1,40})(?:\*[\w-]{0,40})?\?([BQ])\?([^?\r\n]*)\?=/gi
/** Controls, and marks that turn the direction of what follows. */
const UNSEEN = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g

/**
 * Octets in a character set of the web (WHATWG Encoding); null: another, UTF-7 among them, which hides what it says from
 * whoever looks for signs. What is no character becomes U+FFFD. */
export function decodeCharset(octets: Uint8Array, charset: string): string | null {
  return decoderOf(charset)?.decode(octets) ?? null
}

function decoderOf(charset: string): TextDecoder | null {
  const name = charset.toLowerCase()
  try {
    return new TextDecoder(Object.hasOwn(DECODERS, name) ? DECODERS[name] : name)
  } catch {
    return null
  }
}

/** Octets of a header: UTF-8 where they are, else windows-1252. */
export function headerText(octets: Buffer): string {
  const text = octets.toString('utf8')
  return text.includes('\ufffd') ? new TextDecoder('windows-1252').decode(octets) : text
}

/** Octets of a text that names no character set, or ASCII: the same. `whole` false: a character may be cut at its end. */
export function bareText(octets: Uint8Array, whole: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets, { stream: !whole })
  } catch {
    return new TextDecoder('windows-1252').decode(octets)
  }
}

/** Decodes encoded words; one of a character set that is not known stays as it is. May hold any character: see `shown`. */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text
  const parts: { octets: Buffer | null; charset: string; text: string }[] = []
  let at = 0
  for (const found of text.matchAll(WORD)) {
    const [whole, charset = '', encoding = '', encoded = ''] = found
    const between = text.slice(at, found.index)
    const known = decoderOf(charset) !== null
    // Space between two encoded words is none (RFC 2047 §6.2).
    if (between !== '' && !(known && parts.at(-1)?.octets && /^\s+$/.test(between)))
      parts.push({ octets: null, charset: '', text: between })
    const octets = known ? wordOctets(encoding.toUpperCase(), encoded) : null
    parts.push({ octets, charset: charset.toLowerCase(), text: whole })
    at = found.index + whole.length
  }
  parts.push({ octets: null, charset: '', text: text.slice(at) })
  return joined(parts)
}

/** A header's text for people: encoded words decoded, controls and turns of direction taken out, spaces single. */
export function shown(text: string): string {
  return decodeWords(text)
    .replace(UNSEEN, (run) => (/[\s]/.test(run) ? ' ' : ''))
    .replace(/\s+/g, ' ')
    .trim()
}

/** Joins parts; neighbours of one character set are decoded together, for some senders cut characters in two. */
function joined(parts: readonly { octets: Buffer | null; charset: string; text: string }[]): string {
  let out = ''
  let run: Buffer[] = []
  let charset = ''
  const flush = (): void => {
    if (run.length > 0) out += decodeCharset(Buffer.concat(run), charset) ?? ''
    run = []
  }
  for (const part of parts) {
    if (part.octets === null || part.charset !== charset) flush()
    if (part.octets === null) out += part.text
    else {
      charset = part.charset
      run.push(part.octets)
    }
  }
  flush()
  return out
}

function wordOctets(encoding: string, text: string): Buffer {
  if (encoding === 'B') return Buffer.from(text, 'base64')
  const octets = text
    .replaceAll('_', ' ')
    .replace(/=([\dA-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(octets, 'latin1')
}
