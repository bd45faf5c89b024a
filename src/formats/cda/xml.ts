/** XML without a document type, read as its text comes: well-formed to the end, bounded in every direction. */
import { isQName, Namespaces, type XmlAttribute } from './namespaces.ts'
import { cutReference, hasForbidden, isSpace, nameEnd, resolved } from './xml-text.ts'

/** Why reading stopped. `doctype`: a document type, and so entities and outside files, which no CDA needs. */
export type XmlFault = 'doctype' | 'syntax' | 'limits'

/** How much is read. */
export interface XmlLimits {
  /** Elements inside each other. */
  readonly maxDepth: number
  /** Attributes of one element. */
  readonly maxAttributes: number
  /** Characters of a start tag with all its attributes, of an XML declaration, of what stands between `<` and `>`. */
  readonly maxTag: number
  /** Characters of a name. */
  readonly maxName: number
}

/** The limits unless told otherwise: some ten times what a CDA of CI-SIS has. */
export const XML_LIMITS: XmlLimits = { maxDepth: 256, maxAttributes: 128, maxTag: 32_768, maxName: 256 }

/** Is told of a document while it is read. Names are without prefix; `written` is the name as it stands in the tag. */
export interface XmlListener {
  /** True: the text behind a child is wanted as well, so that all text of the document is told. */
  readonly whole?: boolean
  /** An element begins. True: its own text, up to its first child, is wanted. `depth`: 1 for the root. */
  open(namespace: string, name: string, attributes: readonly XmlAttribute[], depth: number, written: string): boolean
  /** A comment or a processing instruction begins here; its content is not told. */
  aside?(kind: 'comment' | 'instruction'): void
  /** A piece of the text that was wanted. */
  text(piece: string): void
  close(depth: number): void
}

class Stop {
  readonly fault: XmlFault
  constructor(fault: XmlFault) {
    this.fault = fault
  }
}

const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]+"|'1\.[0-9]+')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>$/
const CDATA = '<![CDATA['
const NOT_SPACE = /[^ \t\r\n]/
const NONE: readonly XmlAttribute[] = []
/** What ends each kind of section; its content is passed over or told piece by piece, and never kept. */
const SECTION_END = { comment: '-->', cdata: ']]>', instruction: '?>' } as const
type Section = keyof typeof SECTION_END

/**
 * Reads a document fed piece by piece (XML 1.0 fifth edition, Namespaces third edition; version 1.1 is read as 1.0). Of
 * what was fed only the beginning of a tag or reference that is not whole is kept. After a fault nothing more is read. */
export class XmlReader {
  readonly #listener: XmlListener
  readonly #limits: XmlLimits
  readonly #namespaces = new Namespaces()
  /** Names as written of the elements that are open. */
  readonly #open: string[] = []
  #text = ''
  #at = 0
  #first = true
  #rooted = false
  #wanted = false
  #section: Section | null = null
  #fault: XmlFault | null = null

  constructor(listener: XmlListener, limits: Partial<XmlLimits> = {}) {
    this.#listener = listener
    this.#limits = { ...XML_LIMITS, ...limits }
  }

  /** Takes the next piece; the fault, or null so far. */
  feed(piece: string): XmlFault | null {
    return this.#guarded(() => {
      if (hasForbidden(piece)) throw new Stop('syntax')
      this.#text = this.#at < this.#text.length ? this.#text.slice(this.#at) + piece : piece
      this.#at = 0
      while (this.#at < this.#text.length && this.#step());
      // A slice of a large text would keep all of it.
      if (this.#text.length - this.#at > this.#limits.maxTag) throw new Stop('limits')
    })
  }

  /** Says that this was all; the fault, or null for a whole document. */
  end(): XmlFault | null {
    return this.#guarded(() => {
      const over = this.#text.slice(this.#at)
      if (NOT_SPACE.test(over) || this.#section !== null || !this.#rooted || this.#open.length > 0)
        throw new Stop('syntax')
    })
  }

  #guarded(work: () => void): XmlFault | null {
    if (this.#fault !== null) return this.#fault
    try {
      work()
    } catch (stop) {
      if (!(stop instanceof Stop)) throw stop
      this.#fault = stop.fault
    }
    return this.#fault
  }

  /** Reads the next thing; false when more text is needed. */
  #step(): boolean {
    if (this.#section !== null) return this.#pass(this.#section)
    return this.#text.charCodeAt(this.#at) === 0x3c ? this.#markup() : this.#characters()
  }

  #characters(): boolean {
    const text = this.#text
    const next = text.indexOf('<', this.#at)
    const to = next >= 0 ? next : this.#wholeUntil()
    if (to <= this.#at) return false
    const piece = text.slice(this.#at, to)
    this.#at = to
    if (this.#open.length === 0) {
      if (NOT_SPACE.test(piece)) throw new Stop('syntax')
      this.#first = false
      return true
    }
    if (piece.includes(']]>')) throw new Stop('syntax')
    const value = resolved(piece)
    if (value === null) throw new Stop('syntax')
    if (this.#wanted) this.#listener.text(value)
    return true
  }

  /** End of what may be taken as text before the next piece comes: no reference and no `]]>` is cut. */
  #wholeUntil(): number {
    const text = this.#text
    let to = cutReference(text)
    for (let brackets = 0; brackets < 2 && to > this.#at && text.charCodeAt(to - 1) === 0x5d; brackets++) to--
    return to
  }

  #markup(): boolean {
    const text = this.#text
    const from = this.#at
    const second = text.charCodeAt(from + 1)
    if (Number.isNaN(second)) return false
    const first = this.#first
    if (second === 0x21) return this.#exclamation()
    if (second === 0x3f) return this.#question(first)
    this.#first = false
    return second === 0x2f ? this.#endTag() : this.#startTag()
  }

  /** `<!--`, `<![CDATA[`; a document type is refused at its first letter. */
  #exclamation(): boolean {
    const text = this.#text
    const head = text.slice(this.#at, this.#at + CDATA.length)
    if (/^<!d/i.test(head)) throw new Stop('doctype')
    this.#first = false
    if (head.startsWith('<!--')) return this.#enter('comment', 4)
    if (head === CDATA && this.#open.length > 0) return this.#enter('cdata', CDATA.length)
    if (!'<!--'.startsWith(head) && !CDATA.startsWith(head)) throw new Stop('syntax')
    if (head === CDATA) throw new Stop('syntax')
    return false
  }

  /** The XML declaration, which only the very beginning may have, or a processing instruction. */
  #question(first: boolean): boolean {
    const text = this.#text
    const from = this.#at + 2
    const end = nameEnd(text, from, text.length)
    if (end - from > this.#limits.maxName) throw new Stop('limits')
    if (end === text.length) return false
    const target = text.slice(from, end)
    if (end === from || target.includes(':')) throw new Stop('syntax')
    if (target.toLowerCase() === 'xml') {
      const close = text.indexOf('?>', end)
      if (!first || target !== 'xml') throw new Stop('syntax')
      if (close < 0) return false
      if (!DECLARATION.test(text.slice(this.#at, close + 2))) throw new Stop('syntax')
      this.#at = close + 2
      this.#first = false
      return true
    }
    if (!isSpace(text.charCodeAt(end)) && text.charCodeAt(end) !== 0x3f) throw new Stop('syntax')
    if (text.charCodeAt(end) === 0x3f) {
      if (end + 1 === text.length) return false
      if (text.charCodeAt(end + 1) !== 0x3e) throw new Stop('syntax')
    }
    this.#first = false
    return this.#enter('instruction', end - this.#at)
  }

  #enter(section: Section, skipped: number): boolean {
    this.#section = section
    this.#at += skipped
    if (section !== 'cdata') this.#listener.aside?.(section)
    return true
  }

  /** Passes over a section up to its end, as far as there is text. */
  #pass(section: Section): boolean {
    const text = this.#text
    const ending = SECTION_END[section]
    // Two hyphens may not stand inside a comment: the first two found must end it.
    const found = text.indexOf(section === 'comment' ? '--' : ending, this.#at)
    if (found >= 0 && section === 'comment') {
      if (found + 2 >= text.length) return this.#keep(found, section)
      if (text.charCodeAt(found + 2) !== 0x3e) throw new Stop('syntax')
    }
    if (found < 0) return this.#keep(Math.max(this.#at, text.length - ending.length + 1), section)
    this.#tell(section, found)
    this.#at = found + ending.length
    this.#section = null
    return true
  }

  #keep(to: number, section: Section): boolean {
    this.#tell(section, to)
    this.#at = to
    return false
  }

  #tell(section: Section, to: number): void {
    if (section === 'cdata' && this.#wanted && to > this.#at) this.#listener.text(this.#text.slice(this.#at, to))
  }

  #endTag(): boolean {
    const text = this.#text
    const from = this.#at + 2
    const end = text.indexOf('>', from)
    if (end < 0) return false
    const name = this.#open.at(-1)
    if (name === undefined || !text.startsWith(name, from)) throw new Stop('syntax')
    for (let at = from + name.length; at < end; at++) if (!isSpace(text.charCodeAt(at))) throw new Stop('syntax')
    this.#at = end + 1
    this.#close()
    return true
  }

  #close(): void {
    const depth = this.#open.length
    this.#open.pop()
    this.#namespaces.close(depth)
    this.#wanted = this.#listener.whole === true
    this.#listener.close(depth)
  }

  #startTag(): boolean {
    const text = this.#text
    const { maxDepth, maxName } = this.#limits
    const end = tagEnd(text, this.#at + 1)
    if (end < 0) return false
    if (end - this.#at > this.#limits.maxTag) throw new Stop('limits')
    if (this.#open.length === 0 && this.#rooted) throw new Stop('syntax')
    const isEmpty = text.charCodeAt(end - 1) === 0x2f
    const to = isEmpty ? end - 1 : end
    const after = nameEnd(text, this.#at + 1, to)
    const name = text.slice(this.#at + 1, after)
    if (name.length > maxName || this.#open.length >= maxDepth) throw new Stop('limits')
    if (name === '' || !isQName(name)) throw new Stop('syntax')
    const attributes = this.#attributes(after, to)
    this.#open.push(name)
    this.#rooted = true
    this.#at = end + 1
    this.#begin(name, attributes)
    if (isEmpty) this.#close()
    return true
  }

  #begin(name: string, attributes: readonly XmlAttribute[]): void {
    const depth = this.#open.length
    const declared = this.#namespaces.open(attributes, depth)
    if (declared === null) throw new Stop('limits')
    const colon = name.indexOf(':')
    const namespace = this.#namespaces.of(colon < 0 ? '' : name.slice(0, colon))
    if (!declared || namespace === undefined || !this.#namespaces.sound(attributes)) throw new Stop('syntax')
    this.#wanted = this.#listener.open(namespace, colon < 0 ? name : name.slice(colon + 1), attributes, depth, name)
  }

  /** The attributes between the tag's name and its end. */
  #attributes(from: number, to: number): readonly XmlAttribute[] {
    const text = this.#text
    if (spacesEnd(text, from, to) === to) return NONE
    const attributes: XmlAttribute[] = []
    for (let at = from; ; ) {
      const start = spacesEnd(text, at, to)
      if (start === to) return attributes
      const end = nameEnd(text, start, to)
      const name = text.slice(start, end)
      const equals = spacesEnd(text, end, to)
      const open = spacesEnd(text, equals + 1, to)
      const quote = text.charCodeAt(open)
      if (start === at || name === '' || !isQName(name) || attributes.some((one) => one.name === name))
        throw new Stop('syntax')
      if (text.charCodeAt(equals) !== 0x3d || open >= to || (quote !== 0x22 && quote !== 0x27)) throw new Stop('syntax')
      const close = text.indexOf(quote === 0x22 ? '"' : "'", open + 1)
      if (close < 0 || close >= to) throw new Stop('syntax')
      const value = attributeValue(text.slice(open + 1, close))
      if (value === null) throw new Stop('syntax')
      if (name.length > this.#limits.maxName || attributes.length >= this.#limits.maxAttributes)
        throw new Stop('limits')
      attributes.push({ name, value })
      at = close + 1
    }
  }
}

function spacesEnd(text: string, from: number, to: number): number {
  let at = from
  while (at < to && isSpace(text.charCodeAt(at))) at++
  return at
}

/** Place of the `>` that ends a tag, outside of quotes; −1 when it has not come yet. */
function tagEnd(text: string, from: number): number {
  let quote = 0
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quote !== 0) {
      if (code === quote) quote = 0
    } else if (code === 0x3e) return at
    else if (code === 0x22 || code === 0x27) quote = code
    else if (code === 0x3c) throw new Stop('syntax')
  }
  return -1
}

/** The value as read (§3.3.3), or null where it may not stand so. */
function attributeValue(raw: string): string | null {
  if (raw.includes('<')) return null
  return resolved(/[\t\r\n]/.test(raw) ? raw.replace(/\r\n|[\t\r\n]/g, ' ') : raw)
}
