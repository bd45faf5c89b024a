/** Pieces up to so many octets are kept as they are: most mails are no longer. */
const SMALL_BYTES = 64 * 1024
/** Octets of a slab: what is looked at and written at once. */
export const SLAB_BYTES = 512 * 1024
/** Slabs that are kept for the mails to come. */
const MOST_SPARE = 32

const spare: Buffer[] = []

/**
 * The octets of one mail, which a network brings 16 KiB at a time, in few large pieces. Long mails go through slabs that are
 * used again: buffers that are used once and thrown away have V8 mark the whole heap for every few megabytes. */
export class Gather {
  #pieces: Buffer[] = []
  #bytes = 0
  #slab: Buffer | null = null

  /** Nothing more fits in before `out`. */
  get full(): boolean {
    return this.#slab !== null && this.#bytes === SLAB_BYTES
  }

  /** Takes in as much of a piece as fits, and says how much. A small piece is kept as it is. */
  add(piece: Buffer): number {
    if (this.#slab === null) {
      if (this.#bytes + piece.length <= SMALL_BYTES) {
        this.#pieces.push(piece)
        this.#bytes += piece.length
        return piece.length
      }
      this.#slab = spare.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES)
      let at = 0
      for (const one of this.#pieces) at += one.copy(this.#slab, at)
      this.#pieces = []
    }
    const copied = piece.copy(this.#slab, this.#bytes)
    this.#bytes += copied
    return copied
  }

  /** What was taken in since the last time. It is as it was until the next `add` or `end`. */
  out(): Buffer {
    const { length } = this.#pieces
    const out =
      this.#slab?.subarray(0, this.#bytes) ??
      (length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces, this.#bytes))
    this.#pieces = []
    this.#bytes = 0
    return out
  }

  /** Nothing more comes, and nobody looks at what was given any more. May be called again. */
  end(): void {
    if (this.#slab !== null && spare.length < MOST_SPARE) spare.push(this.#slab)
    this.#slab = null
    this.#pieces = []
    this.#bytes = 0
  }
}
