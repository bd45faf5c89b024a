/** What a folder of images may still take, for requests that run side by side. */
export class Room {
  readonly #maxBytes: number
  readonly #measure: () => Promise<number>
  #held = Number.POSITIVE_INFINITY
  /** What all requests have written since this was made. */
  #written = 0
  /** Of that, what is not in its file yet: no measure sees it. */
  #pending = 0

  /** `measure` gives the bytes of the folder, those of requests under way among them; nothing is taken before `look`. */
  constructor(maxBytes: number, measure: () => Promise<number>) {
    this.#maxBytes = maxBytes
    this.#measure = measure
  }

  /** Measures the folder anew: is there any room? A folder that cannot be read has none. */
  async look(): Promise<boolean> {
    const before = this.#written
    const pending = this.#pending
    const measured = await this.#measure().catch(() => Number.POSITIVE_INFINITY)
    // What is written meanwhile may be measured or not, and counts either way.
    this.#held = measured + pending + (this.#written - before)
    return this.#held < this.#maxBytes
  }

  /** Takes room for bytes about to be written; false: there is none. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.#maxBytes) return false
    this.#held += bytes
    this.#written += bytes
    this.#pending += bytes
    return true
  }

  /** Bytes that were taken are in their file, or will not come there any more. */
  wrote(bytes: number): void {
    this.#pending -= bytes
  }

  /** Bytes whose file is gone. */
  giveBack(bytes: number): void {
    this.#held -= bytes
  }
}
