import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import { Inflating } from '../zip/inflating.ts'
import { isSecret, METHOD, readLocal, SIGNATURE } from '../zip/record.ts'

/** A file may grow so many times; text of a directory does some five times. */
const MOST_RATIO = 100
/** What may be in hand before the ratio counts (bytes). */
const RATIO_FROM = 1_048_576
const LONGEST_HEADER = 70_000

/** What is said of a file that cannot be taken. */
export interface PackedCodes {
  readonly file: ErrorCode
  readonly tooLarge: ErrorCode
}
const DIRECTORY_CODES: PackedCodes = { file: 'DIRECTORY_FILE', tooLarge: 'DIRECTORY_TOO_LARGE' }

/**
 * The text of a directory's file as it comes: the file itself, or the one file that its zip archive holds, unpacked in passing.
 * The central directory behind it is not read: nothing of it is used.
 * @throws {GatewayError} the code `tooLarge` above `maxBytes` or a ratio of 100, `file` for an archive that cannot be read */
export async function* unpacked(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  codes: PackedCodes = DIRECTORY_CODES,
): AsyncGenerator<Uint8Array> {
  const budget = budgetOf(maxBytes, codes.tooLarge)
  let head: Buffer = Buffer.alloc(0)
  let file: Unzipping | null = null
  let plain = false
  for await (const chunk of chunks) {
    budget.read(chunk.length)
    if (plain) {
      budget.made(chunk.length)
      yield chunk
      continue
    }
    if (file === null) {
      head = Buffer.concat([head, chunk])
      if (head.length < 4) continue
      if (head.readUInt32LE(0) !== SIGNATURE.local) {
        plain = true
        budget.made(head.length)
        yield head
        continue
      }
      const header = readLocal(head)
      if (header === null && head.length <= LONGEST_HEADER) continue
      if (header === null) throw new GatewayError(codes.file)
      file = new Unzipping(header, budget, codes.file)
      for (const made of await file.push(head.subarray(header.length))) yield made
      continue
    }
    for (const made of await file.push(chunk)) yield made
  }
  if (file !== null) for (const made of await file.end()) yield made
  else if (!plain && head.length >= 4) throw new GatewayError(codes.file)
  else if (!plain && head.length > 0) yield head
}

interface Budget {
  read(bytes: number): void
  made(bytes: number): void
}

function budgetOf(maxBytes: number, tooLarge: ErrorCode): Budget {
  let read = 0
  let made = 0
  return {
    read: (bytes) => void (read += bytes),
    made(bytes) {
      made += bytes
      if (made > maxBytes || made > Math.max(RATIO_FROM, read * MOST_RATIO)) throw new GatewayError(tooLarge)
    },
  }
}

/** The first file of an archive. What follows it is passed over. */
class Unzipping {
  readonly #budget: Budget
  readonly #broken: ErrorCode
  readonly #inflating: Inflating | null
  #made: Buffer[] = []
  /** Octets of a stored file that are still to come. */
  #left: number

  constructor(
    { flags, method, compressed }: NonNullable<ReturnType<typeof readLocal>>,
    budget: Budget,
    broken: ErrorCode,
  ) {
    this.#broken = broken
    const stored = method === METHOD.stored && compressed !== null
    if (isSecret(flags) || (!stored && method !== METHOD.deflated)) throw new GatewayError(this.#broken)
    this.#budget = budget
    this.#left = stored ? compressed : 0
    this.#inflating = stored
      ? null
      : new Inflating((slice) => {
          this.#made.push(slice)
          return true
        })
  }

  async push(octets: Uint8Array): Promise<readonly Buffer[]> {
    const own = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
    if (this.#inflating === null) {
      const piece = own.subarray(0, this.#left)
      this.#left -= piece.length
      this.#made.push(piece)
    } else await this.#inflating.push(own)
    if (this.#inflating?.broken) throw new GatewayError(this.#broken)
    const made = this.#made
    this.#made = []
    for (const piece of made) this.#budget.made(piece.length)
    return made
  }

  /** What was left. @throws {GatewayError} when it was cut short */
  async end(): Promise<readonly Buffer[]> {
    // That a file has ended is only seen when something follows it.
    const made = this.#inflating?.over === false ? await this.push(Buffer.alloc(1)) : []
    const whole = this.#inflating === null ? this.#left === 0 : this.#inflating.over
    this.#inflating?.close()
    if (!whole) throw new GatewayError(this.#broken)
    return made
  }
}
