/** Lines of a message on the wire: what may not stand in them (RFC 5321 §2.3.8, RFC 5322 §2.1.1). Pure. */

/** What is wrong with the lines of a message; `ok`: nothing so far. */
export type LineVerdict = 'ok' | 'bare-cr' | 'bare-lf' | 'nul' | 'long-line'

/** Octets of a line without its CRLF. */
export interface LineLimits {
  readonly header: number
  readonly body: number
}

/** Headers as the standard has them; bodies with some indulgence. */
export const LINE_LIMITS: LineLimits = { header: 998, body: 2_000 }

const NUL = 0
const LF = 10
const CR = 13

/**
 * Watches the octets of one message, after dot-stuffing was undone, in chunks of any size. No line may hold NUL, CR or LF,
 * so that no next hop can see an end of data where this one saw none. The first thing that is wrong is the verdict from
 * then on. */
export class LineGuard {
  readonly #limits: LineLimits
  #verdict: LineVerdict = 'ok'
  #inHeader = true
  /** Octets of the line so far. */
  #length = 0
  #afterCr = false

  constructor(limits: LineLimits = LINE_LIMITS) {
    this.#limits = limits
  }

  /** The verdict on all octets so far. */
  push(chunk: Uint8Array): LineVerdict {
    if (this.#verdict !== 'ok' || chunk.length === 0) return this.#verdict
    const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    // A CR that ended the last chunk is judged first, so that lines can be taken whole.
    const judged = this.#afterCr ? 1 : 0
    this.#verdict = this.#look(octets.subarray(0, judged))
    if (this.#verdict === 'ok') this.#verdict = this.#look(octets.subarray(judged + this.#goodLines(octets, judged)))
    return this.#verdict
  }

  /** The verdict on the whole message: a CR at its very end has no LF. */
  end(): LineVerdict {
    if (this.#verdict === 'ok' && this.#afterCr) this.#verdict = 'bare-cr'
    return this.#verdict
  }

  /** Octets of the lines from `from` on that are as they should be. Hardly any octet is a control: four are looked at at once. */
  #goodLines(octets: Buffer, from: number): number {
    const aligned = from + (-(octets.byteOffset + from) & 3)
    const count = Math.max(0, (octets.length - aligned) >> 2)
    const words = new Int32Array(octets.buffer, count === 0 ? 0 : octets.byteOffset + aligned, count)
    let line = from
    let cr = -1
    const goesOn = (at: number): boolean => {
      const octet = octets[at]!
      if (octet > CR || (octet !== CR && octet !== LF && octet !== NUL)) return true
      if (octet === CR && cr < line) {
        cr = at
        return true
      }
      if (octet !== LF || cr < line || cr !== at - 1) return false
      const length = cr - line + this.#length
      if (length > (this.#inHeader ? this.#limits.header : this.#limits.body)) return false
      if (length === 0) this.#inHeader = false
      this.#length = 0
      line = at + 1
      return true
    }
    for (let at = from; at < Math.min(aligned, octets.length); at += 1) if (!goesOn(at)) return line - from
    for (let word = 0; word < count; word += 1) {
      const four = words[word]!
      // Is any of the four below 14? (A borrow can only come from one that is.)
      if (((four - 0x0e0e0e0e) & ~four & 0x80808080) === 0) continue
      for (let at = aligned + 4 * word, end = at + 4; at < end; at += 1) if (!goesOn(at)) return line - from
    }
    return line - from
  }

  /** Looks at each octet. */
  #look(chunk: Uint8Array): LineVerdict {
    const { length } = chunk
    // Where the line would have begun, had all of it come in this chunk.
    let start = -this.#length
    let limit = this.#inHeader ? this.#limits.header : this.#limits.body
    let afterCr = this.#afterCr
    for (let at = 0; at < length; at += 1) {
      const octet = chunk[at]!
      if (octet > CR && !afterCr) continue
      if (afterCr) {
        if (octet !== LF) return 'bare-cr'
        if (at - 1 === start && this.#inHeader) {
          this.#inHeader = false
          limit = this.#limits.body
        }
        start = at + 1
        afterCr = false
      } else if (at - start > limit) return 'long-line'
      else if (octet === CR) afterCr = true
      else if (octet === LF) return 'bare-lf'
      else if (octet === NUL) return 'nul'
    }
    this.#afterCr = afterCr
    this.#length = length - start
    return this.#length - (afterCr ? 1 : 0) > limit ? 'long-line' : 'ok'
  }
}
