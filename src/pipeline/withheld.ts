import { createHash } from 'node:crypto'
import { GatewayError } from '../core/errors.ts'
import type { Body } from '../core/message.ts'

/** Bytes from `start` up to, and without, `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Ranges as the journal keeps them: `120-180 300-312`; null when there is none. */
export function writeRanges(ranges: readonly ByteRange[]): string | null {
  return ranges.length === 0 ? null : ranges.map(({ start, end }) => `${start}-${end}`).join(' ')
}

/**
 * The ranges of a body of so many bytes.
 * @throws {GatewayError} BODY_DAMAGED when they are none, are out of order, or do not fit the body */
export function readRanges(written: string, bytes: number): ByteRange[] {
  let done = 0
  return written.split(' ').map((one) => {
    const match = /^(\d{1,10})-(\d{1,10})$/.exec(one)
    const range = { start: Number(match?.[1]), end: Number(match?.[2]) }
    if (match === null || range.start < done || range.end <= range.start || range.end > bytes) {
      throw new GatewayError('BODY_DAMAGED')
    }
    done = range.end
    return range
  })
}

/** The bytes without what is withheld; the same buffer when nothing is. @throws {GatewayError} BODY_DAMAGED */
export function withoutWithheld(bytes: Buffer, written: string | null): Buffer {
  if (written === null) return bytes
  const kept: Buffer[] = []
  let done = 0
  for (const { start, end } of readRanges(written, bytes.length)) {
    kept.push(bytes.subarray(done, start))
    done = end
  }
  return Buffer.concat([...kept, bytes.subarray(done)])
}

/** All bytes of a body. @throws {GatewayError} BODY_DAMAGED */
export async function bytesOf(body: Body): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body.open()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A body in memory. */
export function bodyOver(bytes: Buffer): Body {
  return {
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    keyId: 0,
    async *open() {
      yield bytes
    },
  }
}
