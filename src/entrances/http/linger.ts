import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { Clock } from '../../core/ports.ts'

/** What is still read, and thrown away, of a request that was answered before its body came: bytes, ms. */
const LINGER_BYTES = 1_048_576
const LINGER_MS = 2_000

/** Is some of this request's body still to come? */
export function unread(request: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  return !request.complete && (coding !== undefined || Number(length ?? 0) > 0)
}

/**
 * An answer given before the body was read: the whole of it at once, then its end, after what still comes in was thrown
 * away for a while. Closing at once would make TCP reset the connection, and the answer could be lost with it. */
export function lingering(answer: string | Buffer, request: IncomingMessage, clock: Clock): Readable {
  async function* pieces(): AsyncGenerator<string | Buffer> {
    yield answer
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = clock.after(LINGER_MS, resolve)
    let thrown = 0
    request.on('data', (chunk: Buffer) => {
      thrown += chunk.length
      if (thrown <= LINGER_BYTES) return
      request.pause()
      resolve()
    })
    request.once('end', resolve).once('close', resolve).once('error', resolve)
    request.resume()
    await promise
    cancel()
  }
  return Readable.from(pieces(), { objectMode: false })
}
