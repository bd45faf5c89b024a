import { createHash } from 'node:crypto'
import { GatewayError } from '../core/errors.ts'

/**
 * The same bytes, the last chunk held back until the whole was compared with its hash (hex).
 * @throws {GatewayError} BODY_DAMAGED when it differs, or there is nothing */
export async function* checkedBytes(sha256: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const digest = createHash('sha256')
  let held: Uint8Array | null = null
  for await (const chunk of chunks) {
    if (held !== null) yield held
    digest.update(chunk)
    held = chunk
  }
  if (held === null || digest.digest('hex') !== sha256) throw new GatewayError('BODY_DAMAGED')
  yield held
}
