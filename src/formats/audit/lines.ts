import { type ExportHead, type ExportStart, readLine } from './exported.ts'
import type { TreeHead } from './head.ts'
import { leafHash } from './tree.ts'

/** Values of one size, one behind the other in one buffer. */
export class Fixed {
  readonly #size: number
  #bytes: Buffer
  count = 0

  constructor(size: number) {
    this.#size = size
    this.#bytes = Buffer.alloc(1_024 * size)
  }

  /** Takes whole values; what is left over of the last one is not taken. */
  push(values: Uint8Array): void {
    const count = Math.floor(values.length / this.#size)
    const end = (this.count + count) * this.#size
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(end, 2 * this.#bytes.length))
      this.#bytes.copy(larger)
      this.#bytes = larger
    }
    this.#bytes.set(values.subarray(0, count * this.#size), this.count * this.#size)
    this.count += count
  }

  at(i: number): Buffer {
    return this.#bytes.subarray(i * this.#size, (i + 1) * this.#size)
  }

  text(i: number): string {
    return this.at(i).toString('latin1')
  }
}

/** An export as it was read. */
export interface Lines {
  readonly start: ExportStart | null
  /** The events that stand there. `times`: as each says of itself (ms since 1970), or null. */
  readonly events: {
    readonly count: number
    readonly hashes: Fixed
    readonly times: readonly (number | null)[]
    /** The line that an event stands in, from 1. */
    lineOf(place: number): number
  }
  /** What was signed. `follow`: the lines of proofs follow each other without a gap. */
  readonly proofs: {
    readonly count: number
    readonly hashes: Fixed
    readonly signatures: Fixed
    readonly times: readonly number[]
    readonly follow: boolean
  }
  readonly heads: readonly {
    readonly passerelle: ExportHead['passerelle']
    readonly head: TreeHead
    readonly line: number
  }[]
}

/** A line that is longer is cut here, and so is no event that was signed. */
const MAX_LINE_BYTES = 4 * 1024 ** 2
const LF = 10
const OWN = Buffer.from('{"passerelle":')

/** Reads an export. Whatever is no line of ours is an event, signed or not. `progress` is told of bytes read. */
export async function readLines(chunks: AsyncIterable<Uint8Array>, progress: (bytes: number) => void): Promise<Lines> {
  const reading = new Reading()
  let held: Buffer[] = []
  let heldBytes = 0
  let bytes = 0
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    bytes += rest.length
    for (let end = rest.indexOf(LF); end >= 0; end = rest.indexOf(LF)) {
      reading.line(held.length === 0 ? rest.subarray(0, end) : Buffer.concat([...held, rest.subarray(0, end)]))
      rest = rest.subarray(end + 1)
      ;[held, heldBytes] = [[], 0]
    }
    if (rest.length > 0 && heldBytes < MAX_LINE_BYTES) held.push(Buffer.from(rest))
    heldBytes += rest.length
    progress(bytes)
  }
  if (held.length > 0) reading.line(Buffer.concat(held))
  return reading
}

class Reading implements Lines {
  start: ExportStart | null = null
  readonly #hashes = new Fixed(32)
  readonly #times: (number | null)[] = []
  readonly #proven = { hashes: new Fixed(32), signatures: new Fixed(64), times: [] as number[], follow: true }
  readonly heads: { passerelle: ExportHead['passerelle']; head: TreeHead; line: number }[] = []
  /** Lines that are no events, from 1. */
  readonly #others: number[] = []
  #line = 0

  line(bytes: Buffer): void {
    this.#line += 1
    const ours = bytes.subarray(0, OWN.length).equals(OWN) ? readLine(bytes.toString()) : null
    if (ours === null) {
      this.#hashes.push(leafHash(bytes))
      this.#times.push(timeOf(bytes))
      return
    }
    this.#others.push(this.#line)
    if (ours.passerelle === 'audit-export') this.start ??= ours
    else if (ours.passerelle === 'proofs') {
      const { hashes, signatures, times } = this.#proven
      if (ours.first !== (this.start?.first ?? 1) + times.length) this.#proven.follow = false
      const list = [Buffer.from(ours.hashes, 'base64'), Buffer.from(ours.signatures, 'base64')] as const
      const count = ours.times.length
      if (list[0].length !== 32 * count || list[1].length !== 64 * count) this.#proven.follow = false
      hashes.push(Buffer.concat([list[0], Buffer.alloc(32 * count)]).subarray(0, 32 * count))
      signatures.push(Buffer.concat([list[1], Buffer.alloc(64 * count)]).subarray(0, 64 * count))
      for (const at of ours.times) times.push(at)
    } else {
      const { passerelle, ...head } = ours
      this.heads.push({ passerelle, head, line: this.#line })
    }
  }

  get events(): Lines['events'] {
    const others = this.#others
    return {
      count: this.#times.length,
      hashes: this.#hashes,
      times: this.#times,
      lineOf(place) {
        let line = place + 1
        for (const other of others) {
          if (other > line) break
          line += 1
        }
        return line
      },
    }
  }

  get proofs(): Lines['proofs'] {
    return { count: this.#proven.times.length, ...this.#proven }
  }
}

/** When an event says that it was recorded, without reading all of it. */
function timeOf(bytes: Buffer): number | null {
  const found = /"recorded":"([^"]{10,40})"/.exec(bytes.toString('latin1', 0, 160))
  const atMs = found === null ? Number.NaN : Date.parse(found[1]!)
  return Number.isNaN(atMs) ? null : atMs
}
