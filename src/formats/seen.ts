import { hash } from 'node:crypto'

/** Places at the beginning, a power of two; they double when three quarters of them are taken. */
const FIRST = 1 << 16

/**
 * Texts that were seen, each as 64 bits of its SHA-256: half a million of them take 8 MB, where a Set of the texts took 70.
 * That two of them are taken for one happens once in some hundred million files. */
export class Seen {
  #high = new Uint32Array(FIRST)
  #low = new Uint32Array(FIRST)
  #count = 0

  /** Notes a text; false: it was there. */
  add(text: string): boolean {
    const bits = hash('sha256', text, 'buffer')
    // Nothing is marked by two zeros.
    const [high, low] = [bits.readUInt32LE(0) | 1, bits.readUInt32LE(4)]
    if (!this.#put(high >>> 0, low)) return false
    this.#count += 1
    if (this.#count * 4 > this.#high.length * 3) this.#grow()
    return true
  }

  #put(high: number, low: number): boolean {
    const mask = this.#high.length - 1
    for (let at = low & mask; ; at = (at + 1) & mask) {
      if (this.#high[at] === 0) {
        this.#high[at] = high
        this.#low[at] = low
        return true
      }
      if (this.#high[at] === high && this.#low[at] === low) return false
    }
  }

  #grow(): void {
    const [high, low] = [this.#high, this.#low]
    this.#high = new Uint32Array(high.length * 2)
    this.#low = new Uint32Array(low.length * 2)
    high.forEach((one, i) => {
      if (one !== 0) this.#put(one, low[i] ?? 0)
    })
  }
}
