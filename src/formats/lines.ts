/** Lines of a text that comes in chunks: no more than one line is kept between them. Pure. */

const NOTHING = Buffer.alloc(0)

/** Takes chunks of any size and gives whole lines without their ends; null: one that was longer than `longest` (bytes). */
export class Lines {
  readonly #longest: number
  #rest: Buffer = NOTHING
  /** The line that is being read is too long already. */
  #skipping = false

  constructor(longest: number) {
    this.#longest = longest
  }

  /** Lines that end in this chunk, which may be written over afterwards. */
  *push(chunk: Uint8Array): Generator<Buffer | null> {
    const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let from = 0
    for (let end = octets.indexOf(0x0a); end >= 0; end = octets.indexOf(0x0a, from)) {
      const own = octets.subarray(from, end)
      yield this.#whole(this.#rest.length === 0 ? own : Buffer.concat([this.#rest, own]))
      from = end + 1
    }
    const left = octets.subarray(from)
    if (this.#rest.length + left.length > this.#longest) this.#skipping = true
    this.#rest = this.#skipping ? NOTHING : Buffer.concat([this.#rest, left])
  }

  /** A last line without its end. */
  *end(): Generator<Buffer | null> {
    if (this.#rest.length > 0 || this.#skipping) yield this.#whole(this.#rest)
  }

  #whole(octets: Buffer): Buffer | null {
    const isLong = this.#skipping || octets.length > this.#longest
    this.#rest = NOTHING
    this.#skipping = false
    if (isLong) return null
    return octets.at(-1) === 0x0d ? octets.subarray(0, octets.length - 1) : octets
  }
}
