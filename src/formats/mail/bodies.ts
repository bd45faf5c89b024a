/** The bodies of the parts of a message, while it streams by. Pure. */
import { holdsParts, type MailPart, MIME_BUDGET, type MimeBudget, MimeScan, type MimeStructure } from './structure.ts'

/** Octets of one body, encoded as they came, in order. `last`: none of it follows. */
export interface BodyPiece {
  readonly part: MailPart
  readonly octets: Buffer
  readonly last: boolean
}

const NOTHING = Buffer.alloc(0)

/**
 * Gives the bodies of all parts that hold no others, of a message that is pushed in chunks of any size. It keeps what may
 * be a boundary and nothing else. Pieces look into the chunk: whoever keeps them copies them. */
export class BodyScan {
  readonly #scan: MimeScan
  /** The first part whose body is not over. */
  #next = 0
  /** Octets from here on were not given yet, and what of them was kept. */
  #at = 0
  #kept: Buffer = NOTHING

  constructor(budget: MimeBudget = MIME_BUDGET) {
    this.#scan = new MimeScan(budget)
  }

  /** What went beyond the budget so far; nothing is given after it. */
  get fault(): MimeStructure['fault'] {
    return this.#scan.fault
  }

  push(chunk: Uint8Array): readonly BodyPiece[] {
    if (this.#scan.fault !== null) return []
    this.#scan.push(chunk)
    if (this.#scan.fault !== null) return []
    const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const window = this.#kept.length === 0 ? octets : Buffer.concat([this.#kept, octets])
    const { decided, current } = this.#scan
    const pieces = this.#pieces(window, decided, current)
    this.#kept = Buffer.from(window.subarray(Math.max(0, decided - this.#at)))
    this.#at = Math.max(this.#at, decided)
    return pieces
  }

  /** The rest of the last body, and all that was found. Call it once, behind the last chunk. */
  end(): { readonly pieces: readonly BodyPiece[]; readonly structure: MimeStructure } {
    const structure = this.#scan.end()
    const pieces = structure.fault === null ? this.#pieces(this.#kept, structure.bytes, null) : []
    return { pieces, structure }
  }

  #pieces(window: Buffer, decided: number, current: MailPart | null): readonly BodyPiece[] {
    const { parts } = this.#scan
    const pieces: BodyPiece[] = []
    for (; this.#next < parts.length; this.#next += 1) {
      const part = parts[this.#next]!
      if (holdsParts(part)) continue
      const open = part === current
      const end = (open ? decided : part.bodyAt + part.length) - this.#at
      const begin = Math.max(part.bodyAt - this.#at, 0)
      if (end > begin || !open) pieces.push({ part, octets: window.subarray(begin, Math.max(begin, end)), last: !open })
      if (open) break
    }
    return pieces
  }
}
