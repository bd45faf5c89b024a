/** MLLP framing (HL7 Minimal Lower Layer Protocol, Release 1): VT, the message, FS, CR. */
import { GatewayError } from '../../core/errors.ts'

const VT = 0x0b
const FS = 0x1c
const CR = 0x0d
const LF = 0x0a
const FIRST_STORE_BYTES = 8192
const NOTHING = Buffer.alloc(0)

/** Feeds bytes, yields whole MLLP blocks, in one pass however the bytes arrive. */
export interface FrameScanner {
  /**
   * The blocks this chunk completes, without VT and FS CR, each safe to keep. The chunk must not be written to later.
   * A block that grows beyond the limit ends the scanner: blocks complete before it are still returned, and then every
   * call throws.
   * @throws {GatewayError} FRAME_TOO_LONG above `maxFrameBytes` (bytes), before the memory is taken */
  push(chunk: Buffer): Buffer[]
  /**
   * Bytes thrown away since the start: what came between blocks, and blocks abandoned by a start byte. Line ends after a
   * block are in `lineEndBytes` instead, or a long-lived peer that adds one to each message would meet the junk limit. */
  readonly junkBytes: number
  /** CR and LF directly after a block, at most two per block (count since the start). */
  readonly lineEndBytes: number
  /** True when a block has begun and not ended. */
  readonly inside: boolean
  /** Bytes of the block that has begun, held here. */
  readonly pendingBytes: number
}

class Scanner implements FrameScanner {
  junkBytes = 0
  lineEndBytes = 0
  inside = false
  readonly #maxFrameBytes: number
  /** The begun block, doubled when full: 1-byte writes cost one pass, and no list of a million chunks. */
  #store = NOTHING
  #stored = 0
  /** The last byte stored is FS: the block ends if CR is next, else FS is content. */
  #atFs = false
  /** Line-end bytes still forgiven after the last block. */
  #forgiven = 0
  #failed = false

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  get pendingBytes(): number {
    return this.#stored
  }

  push(chunk: Buffer): Buffer[] {
    if (this.#failed) throw new GatewayError('FRAME_TOO_LONG')
    const frames: Buffer[] = []
    let at = 0
    while (at < chunk.length) {
      at = this.inside ? this.#content(chunk, at, frames) : this.#between(chunk, at)
      if (!this.#failed) continue
      if (frames.length === 0) throw new GatewayError('FRAME_TOO_LONG')
      break
    }
    return frames
  }

  /** Skips to behind the next start byte; returns where to go on. */
  #between(chunk: Buffer, from: number): number {
    let at = from
    while (this.#forgiven > 0 && (chunk[at] === CR || chunk[at] === LF)) {
      this.#forgiven--
      this.lineEndBytes++
      at++
    }
    if (at === chunk.length) return at
    this.#forgiven = 0
    const start = chunk.indexOf(VT, at)
    this.junkBytes += (start < 0 ? chunk.length : start) - at
    if (start < 0) return chunk.length
    this.inside = true
    return start + 1
  }

  /** Reads content to the end of the block or of the chunk; returns where to go on. */
  #content(chunk: Buffer, from: number, frames: Buffer[]): number {
    if (this.#atFs && chunk[from] === CR) {
      this.#stored--
      this.#end(chunk, from, from, frames)
      return from + 1
    }
    this.#atFs = false
    // A lone FS is content; one at the very end of the chunk waits for what comes next.
    let fs = chunk.indexOf(FS, from)
    while (fs >= 0 && fs + 1 < chunk.length && chunk[fs + 1] !== CR) fs = chunk.indexOf(FS, fs + 1)
    const ends = fs >= 0 && fs + 1 < chunk.length
    const limit = ends ? fs : chunk.length
    const begin = this.#abandon(chunk, from, limit)
    if (ends) {
      this.#end(chunk, begin, limit, frames)
      return limit + 2
    }
    this.#atFs = fs >= 0
    this.#keep(chunk, begin, limit)
    return limit
  }

  /** A start byte in the content abandons what came before it; returns where the content now begins. */
  #abandon(chunk: Buffer, from: number, limit: number): number {
    // Backwards the search meets the start byte of this very block at the latest: no byte is looked at twice.
    const start = limit > from ? chunk.lastIndexOf(VT, limit - 1) : -1
    if (start < from) return from
    this.junkBytes += 1 + this.#stored + start - from
    this.#stored = 0
    if (this.#store.length > FIRST_STORE_BYTES) this.#store = NOTHING
    return start + 1
  }

  #end(chunk: Buffer, begin: number, limit: number, frames: Buffer[]): void {
    if (this.#stored + limit - begin > this.#maxFrameBytes) {
      this.#fail()
      return
    }
    if (this.#stored === 0) {
      frames.push(keepable(chunk.subarray(begin, limit)))
    } else {
      this.#keep(chunk, begin, limit)
      frames.push(this.#take())
    }
    this.#stored = 0
    this.inside = false
    this.#atFs = false
    this.#forgiven = 2
  }

  #keep(chunk: Buffer, begin: number, limit: number): void {
    const needed = this.#stored + limit - begin
    // An FS at the end may yet be the end of the block, and then it is no content.
    if (needed - (this.#atFs ? 1 : 0) > this.#maxFrameBytes) {
      this.#fail()
      return
    }
    if (needed > this.#store.length) {
      const doubled = Math.max(FIRST_STORE_BYTES, this.#store.length * 2)
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(doubled, this.#maxFrameBytes + 1)))
      this.#store.copy(grown, 0, 0, this.#stored)
      this.#store = grown
    }
    chunk.copy(this.#store, this.#stored, begin, limit)
    this.#stored = needed
  }

  /** Hands the stored block out. The first store serves again, so the usual message costs one copy and no memory. */
  #take(): Buffer {
    const block = this.#store.subarray(0, this.#stored)
    if (this.#store.length <= FIRST_STORE_BYTES) return Buffer.from(block)
    this.#store = NOTHING
    return keepable(block)
  }

  #fail(): void {
    this.#failed = true
    this.#store = NOTHING
    this.#stored = 0
  }
}

/** A frame that is a small part of its memory would keep all of it alive: copy that one. */
function keepable(frame: Buffer): Buffer {
  return frame.length * 4 < frame.buffer.byteLength ? Buffer.from(frame) : frame
}

/** A scanner for one connection; `maxFrameBytes` counts the content between VT and FS CR. */
export function frameScanner(options: { maxFrameBytes: number }): FrameScanner {
  return new Scanner(options.maxFrameBytes)
}

/** The block that carries `bytes`: VT, the bytes, FS, CR. */
export function frame(bytes: Uint8Array): Buffer {
  const block = Buffer.allocUnsafe(bytes.length + 3)
  block[0] = VT
  block.set(bytes, 1)
  block[bytes.length + 1] = FS
  block[bytes.length + 2] = CR
  return block
}
