import type { ErrorCode } from '../../core/errors.ts'
import { type Element, elementAt, endOf, tagAt, type Writing } from './elements.ts'
import { LAST_READ, TAGS } from './tags.ts'

/** Most that the head of an instance may take (bytes). */
export const MAX_HEAD_BYTES = 4 * 1024 ** 2
const PREAMBLE_BYTES = 128
const IMPLICIT = '1.2.840.10008.1.2'
/** Deflated (PS3.5 §A.5), also of JPIP, and big endian, retired. */
const UNREAD = new Set(['1.2.840.10008.1.2.1.99', '1.2.840.10008.1.2.4.95', '1.2.840.10008.1.2.2'])

/** An element of a head, with its end. */
export interface Read extends Element {
  readonly end: number
}

/** The head of a part 10 file (PS3.10 §7). */
export interface Head {
  /** Everything that was handed over; from `end` on it is passed through unread. */
  readonly bytes: Buffer
  readonly end: number
  /** Where the data set begins, behind preamble and file meta information. */
  readonly dataStart: number
  readonly transferSyntax: string
  readonly writing: Writing
  /** Elements of the data set, tags rising, to the last one looked at. */
  readonly elements: readonly Read[]
}

/** Where reading stands. */
export type HeadState = { readonly is: 'more' } | { readonly is: 'head'; readonly head: Head } | HeadFault

/** Why it is no head that may go on. */
export interface HeadFault {
  readonly is: 'fault'
  readonly code: ErrorCode
}

const MORE: HeadState = { is: 'more' }
const fault = (code: ErrorCode): HeadFault => ({ is: 'fault', code })

/**
 * Reads the head of an instance as its bytes come, in any pieces. It stops behind (0020,0013), holds at most
 * MAX_HEAD_BYTES, walks sequences without looking into them (depth 32), and refuses what is deflated or big endian, and
 * tags that do not rise: a second PatientID further down would otherwise be another patient's. */
export class HeadReader {
  readonly #maxBytes: number
  #bytes: Buffer = Buffer.alloc(0)
  #held = 0
  #at = 0
  #dataStart = 0
  #syntax: string | null = null
  #writing: Writing = { explicit: true }
  readonly #elements: Read[] = []

  constructor(maxBytes: number = MAX_HEAD_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** More bytes. After a head or a fault it is not called again. */
  push(chunk: Uint8Array): HeadState {
    this.#hold(chunk)
    const state = this.#read(this.#bytes.subarray(0, this.#held))
    return state.is === 'more' && this.#held > this.#maxBytes ? fault('DICOM_HEAD_TOO_LONG') : state
  }

  /** No more bytes come. */
  end(): Exclude<HeadState, { is: 'more' }> {
    const bytes = this.#bytes.subarray(0, this.#held)
    const state = this.#read(bytes)
    if (state.is !== 'more') return state
    const whole = this.#dataStart > 0 && this.#at === bytes.length && this.#elements.length > 0
    return whole ? { is: 'head', head: this.#head(bytes) } : fault('DICOM_MALFORMED')
  }

  #hold(chunk: Uint8Array): void {
    if (this.#held === 0) {
      this.#bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
      this.#held = chunk.length
      return
    }
    if (this.#held + chunk.length > this.#bytes.length) {
      const wider = Buffer.allocUnsafe(2 * (this.#held + chunk.length))
      this.#bytes.copy(wider, 0, 0, this.#held)
      this.#bytes = wider
    }
    this.#bytes.set(chunk, this.#held)
    this.#held += chunk.length
  }

  #head(bytes: Buffer): Head {
    return {
      bytes,
      end: this.#at,
      dataStart: this.#dataStart,
      transferSyntax: this.#syntax ?? '',
      writing: this.#writing,
      elements: this.#elements,
    }
  }

  #read(bytes: Buffer): HeadState {
    if (this.#dataStart === 0) {
      const state = this.#readMeta(bytes)
      if (state !== null) return state
    }
    for (;;) {
      const tag = tagAt(bytes, this.#at)
      if (tag === null) return MORE
      if (tag > LAST_READ) return { is: 'head', head: this.#head(bytes) }
      const read = this.#element(bytes, this.#writing)
      if ('is' in read) return read
      if (tag <= (this.#elements.at(-1)?.tag ?? 0)) return fault('DICOM_MALFORMED')
      this.#elements.push(read)
    }
  }

  /** Preamble and file meta information; null: the data set begins. */
  #readMeta(bytes: Buffer): HeadState | null {
    if (this.#at === 0) {
      if (bytes.length < PREAMBLE_BYTES + 4) return MORE
      if (bytes.toString('latin1', PREAMBLE_BYTES, PREAMBLE_BYTES + 4) !== 'DICM') return fault('DICOM_MALFORMED')
      this.#at = PREAMBLE_BYTES + 4
    }
    for (;;) {
      const tag = tagAt(bytes, this.#at)
      if (tag === null) return MORE
      if (tag >= 0x0003_0000) break
      if (tag < 0x0002_0000) return fault('DICOM_MALFORMED')
      const read = this.#element(bytes, { explicit: true })
      if ('is' in read) return read
      if (tag === TAGS.transferSyntax) this.#syntax = uidIn(bytes, read)
    }
    if (this.#syntax === null) return fault('DICOM_MALFORMED')
    if (UNREAD.has(this.#syntax)) return fault('DICOM_SYNTAX')
    this.#writing = { explicit: this.#syntax !== IMPLICIT }
    this.#dataStart = this.#at
    return null
  }

  #element(bytes: Buffer, writing: Writing): Read | HeadState {
    const element = elementAt(bytes, this.#at, writing)
    if (typeof element === 'string') return element === 'more' ? MORE : fault('DICOM_MALFORMED')
    const end = endOf(bytes, element, writing)
    if (typeof end === 'string') return end === 'more' ? MORE : fault('DICOM_MALFORMED')
    if (end > this.#maxBytes) return fault('DICOM_HEAD_TOO_LONG')
    if (end > bytes.length) return MORE
    this.#at = end
    return { ...element, end }
  }
}

/** A UID without its padding. */
function uidIn(bytes: Buffer, { valueStart, end }: Read): string {
  return bytes.toString('latin1', valueStart, end).replace(/[\0 ]+$/, '')
}
