import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { createGunzip } from 'node:zlib'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'

/** A gzip body may be this many times what came; more is a bomb. Below GZIP_FREE_BYTES nobody counts. */
const GZIP_RATIO = 100
const GZIP_FREE_BYTES = 65_536

/** A body on its way in. */
export interface Inflow {
  readonly bytes: number
  pause(): void
  resume(): void
  /** Ends it unread. */
  refuse(code: ErrorCode): void
  /** The whole body. @throws {GatewayError} FRAME_TOO_LONG, BAD_REQUEST (cut short, broken gzip), or the code it was refused with */
  readonly whole: Promise<Buffer>
}

/**
 * Takes a body in, through `gunzip` when it is one. At most `limitBytes`, as they are unpacked. `changed` is told of each
 * byte held, and of those given up when it fails. The stream itself is left open: an answer still goes out beside it. */
export function inflow(
  payload: IncomingMessage | Readable,
  gunzip: ReturnType<typeof createGunzip> | null,
  limitBytes: number,
  changed: (bytes: number) => void,
): Inflow {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const source = gunzip === null ? payload : payload.pipe(gunzip)
  const chunks: Buffer[] = []
  let received = 0
  let bytes = 0
  let over = false

  const count = (chunk: Buffer): void => void (received += chunk.length)
  const take = (chunk: Buffer): void => {
    chunks.push(chunk)
    bytes += chunk.length
    changed(chunk.length)
    const bomb = gunzip !== null && bytes > Math.max(GZIP_FREE_BYTES, GZIP_RATIO * received)
    if (bytes > limitBytes || bomb) refuse('FRAME_TOO_LONG')
  }
  const broken = (): void => refuse('BAD_REQUEST')
  const cut = (): void => {
    if (!payload.readableEnded) broken()
  }
  const release = (): void => {
    over = true
    source.off('data', take).off('end', end).off('error', broken)
    payload.off('data', count).off('close', cut).off('error', broken)
    // A stream that is given up may still tell of its fault.
    source.on('error', () => {})
    if (gunzip === null) return
    payload.unpipe(gunzip)
    gunzip.destroy()
  }
  const refuse = (code: ErrorCode): void => {
    if (over) return
    release()
    payload.pause()
    changed(-bytes)
    reject(new GatewayError(code))
  }
  const end = (): void => {
    release()
    resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes))
  }
  if (gunzip !== null) payload.on('data', count)
  payload.on('close', cut).on('error', broken)
  source.on('data', take).on('end', end).on('error', broken)
  return {
    get bytes() {
      return bytes
    },
    pause: () => void source.pause(),
    resume: () => void source.resume(),
    refuse,
    whole: promise,
  }
}
