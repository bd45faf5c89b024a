/** What a document is, by its own bytes: nothing that a sender says of it is believed. Pure. */

/** Kinds that are told apart. */
export type DocumentType =
  | 'application/pdf'
  | 'image/png'
  | 'image/jpeg'
  | 'text/plain'
  | 'application/xml'
  | 'application/zip'

/** How files of each kind begin: ISO 32000, ISO/IEC 15948, ISO/IEC 10918-1, APPNOTE 4.3.7. */
const BEGINNINGS: readonly (readonly [type: DocumentType, beginning: Buffer])[] = [
  ['application/pdf', Buffer.from('%PDF-')],
  ['image/png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['image/jpeg', Buffer.from([0xff, 0xd8, 0xff])],
  ['application/zip', Buffer.from('PK\u0003\u0004')],
]
const LONGEST = Math.max(...BEGINNINGS.map(([, beginning]) => beginning.length))
/** No text has them. */
const CONTROLS = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/
const XML = /^\s*<(\?xml\s|!--|[A-Za-z_:])/
const HTML = /^\s*<(!doctype\s+html|html|head|body|script)\b/i
/** Characters of a text that say which it is. */
const HEAD = 256

/**
 * Reads a document as its bytes come. Text is UTF-8 to its last byte, without controls; XML is text that begins as XML does, and
 * no page of HTML. */
export class DocumentKind {
  #first = Buffer.alloc(0)
  #decoder: TextDecoder | null = new TextDecoder('utf-8', { fatal: true })
  #head = ''

  /** More of it. */
  push(chunk: Uint8Array): void {
    if (this.#first.length < LONGEST)
      this.#first = Buffer.concat([this.#first, chunk.subarray(0, LONGEST - this.#first.length)])
    this.#decode(chunk)
  }

  /** That was all of it; null: it is none of the kinds. */
  end(): DocumentType | null {
    const known = BEGINNINGS.find(([, beginning]) => this.#first.subarray(0, beginning.length).equals(beginning))
    if (known !== undefined) return known[0]
    this.#decode(null)
    if (this.#decoder === null || this.#first.length === 0 || HTML.test(this.#head)) return null
    return XML.test(this.#head) ? 'application/xml' : 'text/plain'
  }

  #decode(chunk: Uint8Array | null): void {
    if (this.#decoder === null) return
    try {
      const text = chunk === null ? this.#decoder.decode() : this.#decoder.decode(chunk, { stream: true })
      if (CONTROLS.test(text)) this.#decoder = null
      else if (this.#head.length < HEAD) this.#head += text.slice(0, HEAD - this.#head.length)
    } catch {
      this.#decoder = null
    }
  }
}
