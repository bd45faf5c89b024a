import type { ErrorCode } from '../../core/errors.ts'

/** Limits of a multipart/related body (RFC 2387, RFC 2046 §5.1). */
export interface MultipartLimits {
  readonly maxParts: number
  readonly maxHeaderBytes: number
}

/** What came: the head of a part, some bytes of it, its end; the end of all parts; or why it is no such body. */
export type MultipartEvent =
  | { readonly is: 'part'; readonly headers: ReadonlyMap<string, string> }
  | { readonly is: 'bytes'; readonly bytes: Buffer }
  | { readonly is: 'part-end' }
  | { readonly is: 'end' }
  | { readonly is: 'fault'; readonly code: ErrorCode }

/** The parts of instances: more than any study of a stroke, small heads. */
export const MULTIPART_LIMITS: MultipartLimits = { maxParts: 10_000, maxHeaderBytes: 8_192 }

/**
 * The boundary that a Content-Type names, with the media type of its parts; null: it is no multipart/related, or its
 * boundary is none (RFC 2046 §5.1.1). Names are read without regard to case. */
export function relatedType(contentType: string): { readonly boundary: string; readonly type: string | null } | null {
  const [media = '', ...rest] = contentType.split(/;(?=(?:[^"]*"[^"]*")*[^"]*$)/)
  if (media.trim().toLowerCase() !== 'multipart/related') return null
  const parameters = new Map(
    rest.map((one): [string, string] => {
      const [name = '', ...value] = one.split('=')
      return [
        name.trim().toLowerCase(),
        value
          .join('=')
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      ]
    }),
  )
  const boundary = parameters.get('boundary') ?? ''
  // Longer than the 70 of the RFC: Orthanc writes 73.
  if (!/^[0-9a-zA-Z'()+_,\-./:=? ]{0,199}[0-9a-zA-Z'()+_,\-./:=?]$/.test(boundary)) return null
  return { boundary, type: parameters.get('type')?.toLowerCase() ?? null }
}

/** Before the first boundary, in the head of a part, in its body, or behind the last boundary. */
type Place = 'preamble' | 'head' | 'body' | 'over'

/** Splits a multipart body as its bytes come, in any pieces; the bytes of parts are not copied. */
export class MultipartReader {
  readonly #delimiter: Buffer
  readonly #limits: MultipartLimits
  #place: Place = 'preamble'
  #rest: Buffer = Buffer.from('\r\n')
  #parts = 0
  /** Bytes still to be left out: the line end between a part's head and its bytes. */
  #lead = 0

  constructor(boundary: string, limits: MultipartLimits = MULTIPART_LIMITS) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
    this.#limits = limits
  }

  /** More bytes. After `end` or `fault` it tells nothing more. */
  push(chunk: Uint8Array): MultipartEvent[] {
    const events: MultipartEvent[] = []
    const came = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    let bytes = this.#rest.length === 0 ? came : Buffer.concat([this.#rest, came])
    while (this.#place !== 'over') {
      const next = this.#place === 'head' ? this.#head(bytes, events) : this.#body(bytes, events)
      if (next === null) break
      bytes = bytes.subarray(next)
    }
    if (this.#place === 'over') this.#rest = Buffer.alloc(0)
    return events
  }

  /** No more bytes come. */
  end(): MultipartEvent[] {
    return this.#place === 'over' ? [] : this.#fail('MULTIPART_MALFORMED', [])
  }

  /** Bytes up to the next boundary; null: it is not here yet. */
  #body(bytes: Buffer, events: MultipartEvent[]): number | null {
    const inPart = this.#place === 'body'
    const at = bytes.indexOf(this.#delimiter)
    const tell = (to: number): void => {
      if (inPart && to > this.#lead) events.push({ is: 'bytes', bytes: bytes.subarray(this.#lead, to) })
      this.#lead = Math.max(0, this.#lead - to)
    }
    const wait = (from: number): null => {
      tell(from)
      this.#rest = bytes.subarray(from)
      return null
    }
    if (at < 0) return wait(this.#beginning(bytes))
    const line = at + this.#delimiter.length
    if (bytes.length < line + 2) return wait(at)
    const last = bytes[line] === 0x2d && bytes[line + 1] === 0x2d
    const end = last ? line + 2 : afterPadding(bytes, line)
    if (end === 'more') return wait(at)
    if (end === 'other') return this.#failed('MULTIPART_MALFORMED', events)
    tell(at)
    if (inPart) events.push({ is: 'part-end' })
    if (last) {
      events.push({ is: 'end' })
      this.#place = 'over'
      return end
    }
    if (++this.#parts > this.#limits.maxParts) return this.#failed('MULTIPART_TOO_LONG', events)
    this.#place = 'head'
    this.#rest = Buffer.alloc(0)
    return end
  }

  #head(bytes: Buffer, events: MultipartEvent[]): number | null {
    const empty = bytes.length >= 2 && bytes[0] === 0x0d && bytes[1] === 0x0a
    const end = empty ? 0 : bytes.indexOf('\r\n\r\n')
    if (end > this.#limits.maxHeaderBytes || (end < 0 && bytes.length > this.#limits.maxHeaderBytes + 3))
      return this.#failed('MULTIPART_TOO_LONG', events)
    if (end < 0) {
      this.#rest = bytes
      return null
    }
    const lines = bytes.toString('latin1', 0, end).split('\r\n')
    const headers = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(':')
      if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
    }
    events.push({ is: 'part', headers })
    this.#place = 'body'
    this.#rest = Buffer.alloc(0)
    // The line end before a boundary belongs to the boundary: a part without bytes has it from the end of its head.
    this.#lead = 2
    return empty ? 0 : end + 2
  }

  /** Where a boundary may have begun at the end of these bytes; their length: nowhere. Pixels are rarely held back. */
  #beginning(bytes: Buffer): number {
    for (let at = Math.max(0, bytes.length - this.#delimiter.length + 1); at < bytes.length; at++) {
      at = bytes.indexOf(0x0d, at)
      if (at < 0) return bytes.length
      if (this.#delimiter.subarray(0, bytes.length - at).equals(bytes.subarray(at))) return at
    }
    return bytes.length
  }

  #failed(code: ErrorCode, events: MultipartEvent[]): null {
    this.#fail(code, events)
    return null
  }

  #fail(code: ErrorCode, events: MultipartEvent[]): MultipartEvent[] {
    this.#place = 'over'
    events.push({ is: 'fault', code })
    return events
  }
}

/** Behind the white space and line end that may follow a boundary; `other`: something else follows it. */
function afterPadding(bytes: Buffer, from: number): number | 'more' | 'other' {
  let at = from
  while (bytes[at] === 0x20 || bytes[at] === 0x09) at++
  if (bytes.length < at + 2) return 'more'
  return bytes[at] === 0x0d && bytes[at + 1] === 0x0a ? at + 2 : 'other'
}
