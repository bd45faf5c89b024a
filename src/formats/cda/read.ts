/** A CDA R2, in base64 or as it is, read in slices: decoded as far as the reader is, and never whole. */
import { type CdaHeader, HeaderListener } from './header.ts'
import { type XmlFault, type XmlLimits, XmlReader } from './xml.ts'

/** Why a document cannot be read to its end. `root`: it is XML, but no ClinicalDocument. */
export type CdaFault = XmlFault | 'base64' | 'encoding' | 'root'

/** What was read: the header as far as it went. */
export interface CdaReading {
  readonly fault: CdaFault | null
  readonly header: CdaHeader
}

/** Read at a time (bytes as they stand); four characters of base64 are three bytes. */
const PIECE = 65_536
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
/** As much as may stand before the encoding's name (bytes). */
const DECLARATION_BYTES = 512
/** Encodings that are read, with the name that the decoder knows them by; CI-SIS asks for UTF-8. */
const DECODERS: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  'us-ascii': 'utf-8',
  'iso-8859-15': 'iso-8859-15',
  'iso-8859-1': 'windows-1252',
  'windows-1252': 'windows-1252',
}

/** Reads one document; call `run` until it is over. Any bytes may come; never throws. */
export class CdaReader {
  readonly #bytes: Buffer
  readonly #inBase64: boolean
  readonly #listener: HeaderListener
  readonly #xml: XmlReader
  #decoder: TextDecoder | null = null
  #at = 0
  #fault: CdaFault | null = null

  /** The bytes are looked at where they stand; `limits` are those of the XML. A `listener` of one's own hears more. */
  constructor(
    bytes: Buffer,
    form: 'base64' | 'xml' = 'base64',
    limits: Partial<XmlLimits> = {},
    listener: HeaderListener = new HeaderListener(),
  ) {
    this.#bytes = bytes
    this.#listener = listener
    this.#inBase64 = form === 'base64'
    this.#xml = new XmlReader(this.#listener, limits)
  }

  /** Reads on for about so many bytes as they stand; true once there is nothing left to read. */
  run(budget: number): boolean {
    const until = this.#at + budget
    while (this.#fault === null && this.#at < this.#bytes.length && this.#at < until) this.#fault = this.#piece()
    if (this.#fault !== null) return true
    if (this.#at < this.#bytes.length) return false
    this.#fault = this.#end()
    return true
  }

  /** What was read so far. */
  reading(): CdaReading {
    return { fault: this.#fault, header: this.#listener.header }
  }

  #piece(): CdaFault | null {
    const to = Math.min(this.#at + PIECE, this.#bytes.length)
    const from = this.#at
    if (!this.#inBase64) {
      this.#at = to
      return this.#feed(this.#bytes.subarray(from, to))
    }
    const text = this.#bytes.toString('latin1', from, to)
    const last = to === this.#bytes.length
    if (!BASE64.test(text) || (last ? text.length % 4 === 1 : text.endsWith('='))) return 'base64'
    this.#at = to
    return this.#feed(Buffer.from(text, 'base64'))
  }

  #feed(bytes: Buffer): CdaFault | null {
    this.#decoder ??= xmlDecoder(bytes)
    if (this.#decoder === null) return 'encoding'
    const text = decoded(this.#decoder, bytes)
    if (text === null) return 'encoding'
    return this.#xml.feed(text) ?? (this.#listener.isClinical === false ? 'root' : null)
  }

  #end(): CdaFault | null {
    const text = this.#decoder === null ? '' : decoded(this.#decoder, null)
    if (text === null) return 'encoding'
    return this.#xml.feed(text) ?? this.#xml.end()
  }
}

/** The next text, or what is left at the end (null); null where the bytes are not of the encoding. */
function decoded(decoder: TextDecoder, bytes: Buffer | null): string | null {
  try {
    return bytes === null ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch {
    return null
  }
}

/** The decoder for a document by its first bytes (XML §4.3.3, annex F); null for an encoding that is not read. */
export function xmlDecoder(bytes: Buffer): TextDecoder | null {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const head = bytes.toString('latin1', marked ? 3 : 0, DECLARATION_BYTES)
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)["']/.exec(head)?.[1]?.toLowerCase() ?? 'utf-8'
  const name = Object.hasOwn(DECODERS, declared) ? DECODERS[declared]! : null
  if (name === null || (marked && name !== 'utf-8')) return null
  return new TextDecoder(name, { fatal: true })
}
