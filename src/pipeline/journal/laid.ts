import { hash } from 'node:crypto'

/** Up to this many bytes a body stands in its row; above, outside of it. */
export const INLINE_BYTES = 64 * 1024

/** Of what was refused so much stands in its row, wherever the rest is (bytes): its header says who made it, and whether it is a test. */
const HEAD_BYTES = 4 * 1024

/** A body on its way into a row: in it, or already on stable storage under a name. */
export interface Laid {
  readonly bytes: number
  readonly sha256: string
  readonly data: Uint8Array | null
  /** The embedded store: `bodies/2026-03-14/<id>` below its folder. PostgreSQL: the id of the chunks. */
  readonly file: string | null
}

/** A small body, hashed. */
export function layInline(bytes: Uint8Array): Laid {
  return { bytes: bytes.length, sha256: hash('sha256', bytes, 'hex'), data: bytes, file: null }
}

/** What the row of a refusal has of these bytes: all of them, or where they are outside of it, the first. */
export function refusedData(bytes: Uint8Array, { data }: Laid): Uint8Array {
  return data ?? bytes.subarray(0, HEAD_BYTES)
}
