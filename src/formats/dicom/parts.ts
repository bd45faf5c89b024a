import { GatewayError } from '../../core/errors.ts'
import { MULTIPART_LIMITS, type MultipartEvent, type MultipartLimits, MultipartReader } from './multipart.ts'

/** One part on its way. Its bytes are read before the next part is asked for; what is left of them is thrown away then. */
export interface Part {
  readonly headers: ReadonlyMap<string, string>
  readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * The parts of a multipart body, one after the other, read no faster than they are wanted.
 * @throws {GatewayError} MULTIPART_MALFORMED (also where it breaks off), MULTIPART_TOO_LONG */
export async function* partsOf(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
  limits: MultipartLimits = MULTIPART_LIMITS,
): AsyncGenerator<Part> {
  const reader = new MultipartReader(boundary, limits)
  const iterator = source[Symbol.asyncIterator]()
  let events: MultipartEvent[] = []
  let ended = false
  const next = async (): Promise<MultipartEvent> => {
    for (;;) {
      const event = events.shift()
      if (event?.is === 'fault') throw new GatewayError(event.code)
      if (event !== undefined) return event
      if (ended) throw new GatewayError('MULTIPART_MALFORMED')
      const { done, value } = await iterator.next()
      ended = done === true
      events = ended ? reader.end() : reader.push(value)
    }
  }
  async function* bytesOf(part: { over: boolean }): AsyncGenerator<Uint8Array> {
    while (!part.over) {
      const event = await next()
      if (event.is === 'bytes') yield event.bytes
      else part.over = true
    }
  }
  try {
    for (;;) {
      const event = await next()
      if (event.is === 'end') break
      if (event.is !== 'part') continue
      const part = { over: false }
      yield { headers: event.headers, bytes: { [Symbol.asyncIterator]: () => bytesOf(part) } }
      for await (const left of bytesOf(part)) void left
    }
    // What stands behind the last boundary is of nobody's concern, but the connection is only free behind it.
    while (!ended) ended = (await iterator.next()).done === true
  } finally {
    if (!ended) await iterator.return?.()
  }
}

/** A body of instances, each asked for when the bytes of the one before are out. */
export async function* instancesBody(
  boundary: string,
  instances: AsyncIterable<{ readonly bytes: AsyncIterable<Uint8Array> }>,
): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of instances) {
    yield Buffer.from(`\r\n--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`, 'latin1')
    yield* bytes
  }
  yield Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1')
}
