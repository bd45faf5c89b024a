/** The end of DATA (RFC 5321 §4.1.1.4) and its transparency (§4.5.2). Pure. */

const CR = 13
const LF = 10
/** What may be held back at the end of a chunk, because it may begin an end or a dot to be taken out. */
const AHEAD = Buffer.from('\r\n')

/** A piece of a mail, and what came behind its end; `rest` null: it has not ended. */
export interface Undotted {
  readonly pieces: readonly Buffer[]
  readonly rest: Buffer | null
}

/**
 * Reads one mail out of what follows DATA. Nothing ends it but CRLF, a dot and CRLF: whatever else other servers have
 * taken for an end stays content, so that nobody sees two mails where there is one. Of a line that begins with a dot the
 * dot goes. */
export class DotReader {
  // The mail begins as a line does; the line end before it is not part of it.
  #held: Buffer = AHEAD
  #skip = AHEAD.length

  push(chunk: Buffer): Undotted {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const pieces: Buffer[] = []
    const emit = (from: number, to: number): void => {
      const begin = from + Math.min(this.#skip, to - from)
      this.#skip -= begin - from
      if (begin < to) pieces.push(bytes.subarray(begin, to))
    }
    for (let at = 0; ; ) {
      const found = bytes.indexOf('\r\n.', at, 'latin1')
      if (found < 0) {
        const keep = bytes.at(-1) === CR ? 1 : bytes.at(-1) === LF && bytes.at(-2) === CR ? 2 : 0
        const held = Math.min(keep, bytes.length - at)
        emit(at, bytes.length - held)
        this.#held = bytes.subarray(bytes.length - held)
        return { pieces, rest: null }
      }
      const [next, last] = [bytes[found + 3], bytes[found + 4]]
      if (next === undefined || (next === CR && last === undefined)) {
        emit(at, found)
        this.#held = bytes.subarray(found)
        return { pieces, rest: null }
      }
      emit(at, found + 2)
      if (next === CR && last === LF) return { pieces, rest: bytes.subarray(found + 5) }
      at = found + 3
    }
  }
}
