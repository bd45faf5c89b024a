import { createInflateRaw } from 'node:zlib'

/** What is made at a time. */
const SLICE = 65_536

/** Inflates one file (RFC 1951) that comes in chunks, and looks at what it makes slice by slice, so that it can stop. */
export class Inflating {
  readonly #zlib = createInflateRaw({ chunkSize: SLICE })
  #over = false
  #broken = false
  #wake = (): void => {}

  /** `take` is given what was inflated; false: it has seen enough. */
  constructor(take: (slice: Buffer) => boolean) {
    this.#zlib.on('data', (slice: Buffer) => {
      if (!take(slice)) this.close()
    })
    this.#zlib.on('end', () => this.#end(false))
    this.#zlib.on('error', () => this.#end(true))
    this.#zlib.on('close', () => this.#end(this.#broken))
  }

  /** The file has ended, cannot be read on, or `take` has seen enough. */
  get over(): boolean {
    return this.#over
  }

  /** What came is no such file. */
  get broken(): boolean {
    return this.#broken
  }

  /** How many of these octets belong to the file. */
  async push(octets: Buffer): Promise<number> {
    if (this.#over) return 0
    const before = this.#zlib.bytesWritten
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      this.#zlib.write(octets, () => resolve())
    })
    return this.#zlib.bytesWritten - before
  }

  /** Gives it up. Twice is harmless. */
  close(): void {
    this.#zlib.destroy()
    this.#end(this.#broken)
  }

  #end(broken: boolean): void {
    this.#over = true
    this.#broken = broken
    this.#wake()
  }
}
