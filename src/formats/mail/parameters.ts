/** Values with parameters: Content-Type, Content-Disposition (RFC 2045 §5.1, RFC 2183, RFC 2231). Pure. */
import { decodeCharset, shown } from './header-text.ts'

/** A value and its parameters. */
export interface Parameterized {
  /** Lower case. */
  readonly value: string
  /** By lower-case name; decoded. The first of a name counts. */
  readonly parameters: ReadonlyMap<string, string>
}

/** Parameters of one field, and characters that are looked at. */
const MOST = 100
const LONGEST = 8_192

/** Reads such a value, unfolded, as mail readers do: what is not understood is left out. */
export function readParameterized(text: string): Parameterized {
  const [head = '', ...rest] = pieces(text.slice(0, LONGEST))
  const parameters = new Map<string, string>()
  const segments = new Map<string, { charset: string; parts: Map<number, Segment> }>()
  for (const piece of rest.slice(0, MOST)) {
    const equals = piece.indexOf('=')
    if (equals < 1) continue
    const [, name = '', order, star] =
      /^([^*\s]+)(?:\*(\d{1,2}))?(\*)?$/.exec(piece.slice(0, equals).trim().toLowerCase()) ?? []
    if (name === '') continue
    const value = unquoted(piece.slice(equals + 1).trim())
    if (order === undefined && star === undefined) {
      if (!parameters.has(name)) parameters.set(name, value)
    } else {
      const found = segments.get(name) ?? { charset: '', parts: new Map() }
      found.parts.set(Number(order ?? 0), { text: value, encoded: star !== undefined })
      segments.set(name, found)
    }
  }
  // RFC 2231 wins over the form for old readers beside it.
  for (const [name, { parts }] of segments) parameters.set(name, joined(parts))
  return { value: head.trim().toLowerCase(), parameters }
}

/** A file name for people and for saving: decoded (RFC 2047 too), without folders or controls; null: none is left. */
export function fileNameOf(name: string | undefined): string | null {
  const last = shown(name ?? '')
    .split(/[/\\]/)
    .at(-1)!
    .trim()
  return last === '' || last === '.' || last === '..' ? null : [...last].slice(0, 255).join('')
}

interface Segment {
  readonly text: string
  readonly encoded: boolean
}

function joined(parts: ReadonlyMap<number, Segment>): string {
  let charset = 'utf-8'
  const octets: Buffer[] = []
  for (let i = 0; parts.has(i); i += 1) {
    let { text, encoded } = parts.get(i)!
    if (encoded && i === 0) {
      const [, name, rest] = /^([^']*)'[^']*'(.*)$/s.exec(text) ?? []
      charset = name || charset
      text = rest ?? text
    }
    octets.push(encoded ? percentOctets(text) : Buffer.from(text))
  }
  const all = Buffer.concat(octets)
  return decodeCharset(all, charset) ?? all.toString('latin1')
}

function percentOctets(text: string): Buffer {
  if (/[^\x00-\xff]/.test(text)) return Buffer.from(text)
  const latin = text.replace(/%([\dA-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(latin, 'latin1')
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.replace(/^"|"$/g, '').replace(/\\(.)/gs, '$1') : text
}

/** Cut at the semicolons that stand outside quotes; comments are taken out. */
function pieces(text: string): string[] {
  const found: string[] = []
  let piece = ''
  let quoted = false
  let depth = 0
  for (let i = 0; i < text.length; i += 1) {
    const sign = text[i]!
    if (sign === '\\' && (quoted || depth > 0)) {
      if (depth === 0) piece += text.slice(i, i + 2)
      i += 1
    } else if (depth > 0) depth += sign === '(' ? 1 : sign === ')' ? -1 : 0
    else if (sign === '(' && !quoted) depth = 1
    else if (sign === ';' && !quoted) {
      found.push(piece)
      piece = ''
    } else {
      if (sign === '"') quoted = !quoted
      piece += sign
    }
  }
  return [...found, piece]
}
