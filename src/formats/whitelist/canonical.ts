/** Exclusive XML canonicalisation without comments (W3C, 18 July 2002), written while a document is read. */
import { createHash, type Hash } from 'node:crypto'
import type { XmlAttribute } from '../cda/namespaces.ts'
import { type XmlFault, type XmlLimits, type XmlListener, XmlReader } from '../cda/xml.ts'

/** Takes the canonical text as it comes. */
export type Sink = (piece: string) => void

/** Looks up what a prefix stands for here ('' for the default namespace and for "none"). */
export type InScope = (prefix: string) => string

const XML = 'http://www.w3.org/XML/1998/namespace'

/** What an element has rendered: prefix → namespace, over what those around it have. */
type Rendered = ReadonlyMap<string, string>
const NOTHING: Rendered = new Map()

/**
 * Writes elements and text in canonical form. Namespaces are written where they are first visibly used (§3), attributes by
 * namespace and name, everything as UTF-8 text without CDATA, comments or character references but those of §2.3 of C14N 1.0. */
export class CanonicalWriter {
  readonly #sink: Sink
  readonly #inScope: InScope
  readonly #open: { readonly name: string; readonly rendered: Rendered }[] = []

  constructor(sink: Sink, inScope: InScope) {
    this.#sink = sink
    this.#inScope = inScope
  }

  /** An element begins; `inScope` already knows what it declares. */
  open(name: string, attributes: readonly XmlAttribute[]): void {
    const before = this.#open.at(-1)?.rendered ?? NOTHING
    const own = attributes.length === 0 ? attributes : attributes.filter((one) => !isDeclaration(one.name))
    const fresh = this.#unrendered(name, own, before)
    let tag = `<${name}`
    for (const prefix of fresh.toSorted(byCodePoint)) {
      tag += ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${attributeText(this.#inScope(prefix))}"`
    }
    const sorted = own.length < 2 ? own : own.toSorted((a, b) => this.#byNamespace(a.name, b.name))
    for (const { name: written, value } of sorted) tag += ` ${written}="${attributeText(value)}"`
    this.#sink(`${tag}>`)
    this.#open.push({ name, rendered: fresh.length === 0 ? before : this.#with(before, fresh) })
  }

  /** Text, with its references resolved. */
  text(piece: string): void {
    this.#sink(/[&<>\r]/.test(piece) ? piece.replace(/[&<>\r]/g, (c) => TEXT[c]!) : piece)
  }

  /** The element that was opened last ends. */
  close(): void {
    this.#sink(`</${this.#open.pop()!.name}>`)
  }

  /** The prefixes used by this tag whose namespace no element around it has rendered. */
  #unrendered(name: string, attributes: readonly XmlAttribute[], before: Rendered): string[] {
    const fresh: string[] = []
    const look = (prefix: string): void => {
      const uri = this.#inScope(prefix)
      if (prefix === 'xml' || fresh.includes(prefix) || (before.get(prefix) ?? '') === uri) return
      fresh.push(prefix)
    }
    look(prefixOf(name))
    for (const attribute of attributes) if (attribute.name.includes(':')) look(prefixOf(attribute.name))
    return fresh
  }

  #with(before: Rendered, fresh: readonly string[]): Rendered {
    return new Map([...before, ...fresh.map((prefix) => [prefix, this.#inScope(prefix)] as const)])
  }

  #byNamespace(a: string, b: string): number {
    return (
      byCodePoint(this.#namespaceOf(a), this.#namespaceOf(b)) ||
      byCodePoint(a.slice(a.indexOf(':') + 1), b.slice(b.indexOf(':') + 1))
    )
  }

  #namespaceOf(attribute: string): string {
    const prefix = prefixOf(attribute)
    if (prefix === '') return ''
    return prefix === 'xml' ? XML : this.#inScope(prefix)
  }
}

const TEXT: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' }
const VALUE: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}

function attributeText(value: string): string {
  return /[&<"\t\n\r]/.test(value) ? value.replace(/[&<"\t\n\r]/g, (c) => VALUE[c]!) : value
}

function prefixOf(name: string): string {
  const colon = name.indexOf(':')
  return colon < 0 ? '' : name.slice(0, colon)
}

function isDeclaration(name: string): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:')
}

/** The order of UTF-8, which that of JavaScript's strings is not above U+FFFF. */
function byCodePoint(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** What prefixes stand for, element by element, as the canonical form has them: values as written. */
export class Declared {
  readonly #bound = new Map<string, string>()
  readonly #undo: { readonly depth: number; readonly prefix: string; readonly before: string }[] = []
  /** What a prefix stands for now. */
  readonly of: InScope = (prefix) => this.#bound.get(prefix) ?? ''

  /** Takes what an element at this depth declares. */
  open(attributes: readonly XmlAttribute[], depth: number): void {
    for (const { name, value } of attributes) {
      if (!isDeclaration(name)) continue
      const prefix = name.slice(6)
      this.#undo.push({ depth, prefix, before: this.of(prefix) })
      this.#bound.set(prefix, value)
    }
  }

  /** Forgets what the element at this depth declared. */
  close(depth: number): void {
    for (let last = this.#undo.at(-1); last?.depth === depth; last = this.#undo.at(-1)) {
      this.#bound.set(last.prefix, last.before)
      this.#undo.pop()
    }
  }
}

/** A digest of canonical text, fed in pieces large enough to be worth a call. */
export class CanonicalDigest {
  readonly #hash: Hash
  #waiting = ''
  readonly sink: Sink = (piece) => {
    this.#waiting += piece
    if (this.#waiting.length > 65_536) this.#flush()
  }

  constructor(algorithm: 'sha256' = 'sha256') {
    this.#hash = createHash(algorithm)
  }

  /** The digest; nothing may follow. */
  digest(): Buffer {
    this.#flush()
    return this.#hash.digest()
  }

  #flush(): void {
    this.#hash.update(this.#waiting, 'utf8')
    this.#waiting = ''
  }
}

/** Text with its line ends as XML reads them (XML 1.0 §2.11): a carriage return that stays was written as a reference. */
export function lineEnds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}

/** A whole document in canonical form, or why it has none. Processing instructions are refused: nothing that we sign has any. */
export function canonical(text: string, limits: Partial<XmlLimits> = {}): string | XmlFault | 'instruction' {
  let out = ''
  let instruction = false
  const declared = new Declared()
  const writer = new CanonicalWriter((piece) => {
    out += piece
  }, declared.of)
  const listener: XmlListener = {
    whole: true,
    open(_namespace, _name, attributes, depth, written) {
      declared.open(attributes, depth)
      writer.open(written, attributes)
      return true
    },
    text: (piece) => writer.text(piece),
    close(depth) {
      writer.close()
      declared.close(depth)
    },
    aside(kind) {
      if (kind === 'instruction') instruction = true
    },
  }
  const reader = new XmlReader(listener, limits)
  const fault = reader.feed(lineEnds(text)) ?? reader.end()
  if (fault !== null) return fault
  return instruction ? 'instruction' : out
}
