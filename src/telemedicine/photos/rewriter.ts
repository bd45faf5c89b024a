import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { AttachmentLimits } from '../../core/attachments.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import { readPhoto } from '../../formats/image/photo.ts'

/** What the process is asked. */
export interface Ask {
  readonly bytes: Uint8Array
  readonly type: 'image/jpeg' | 'image/png'
  readonly pixels: number
  readonly side: number
  readonly memoryBytes: number
}
/** What it says. `bytes` null: the photo cannot be decoded. */
export type Told = { readonly ready: true } | { readonly bytes: Uint8Array | null }

/** A photo as it is kept, or why there is none. */
export type Rewritten =
  | { readonly ok: true; readonly bytes: Buffer; readonly width: number; readonly height: number }
  | { readonly ok: false; readonly error: ErrorCode }

/** Writes photos anew. */
export interface Rewriter {
  /**
   * The picture upright, in sRGB, no larger than `limits.side`, with no metadata: or why not. A photo of more pixels than
   * `limits.pixels` is refused by its header; the decoding is in a process of its own, ended after `limits.workMs`, or when
   * its memory grows beyond what so many pixels need. One at a time. */
  rewrite(bytes: Uint8Array, type: 'image/jpeg' | 'image/png', limits: AttachmentLimits): Promise<Rewritten>
  /** Ends the process. Twice is harmless. */
  close(): void
}

const PROGRAM = fileURLToPath(new URL('./rewrite-process.ts', import.meta.url))
/** The process itself, without a photo. */
const OWN_BYTES = 192 * 1024 * 1024
/** Of one pixel: as it is read, turned and written, at 16 bits for four channels. */
const PIXEL_BYTES = 16
/** A process that has nothing to do ends (ms). */
const IDLE_MS = 30_000
/** Its start, on a machine that has other work (ms). */
const START_MS = 20_000

/** The rewriter; the process begins with the first photo. */
export function rewriter(clock: Clock): Rewriter {
  let worker: Promise<ChildProcess | null> | null = null
  let turn: Promise<unknown> = Promise.resolve()
  let closed = false
  let cancelIdle = (): void => {}
  const end = (): void => {
    const ending = worker
    worker = null
    void ending?.then((child) => child?.kill('SIGKILL'))
  }
  const one = async (bytes: Uint8Array, type: Ask['type'], limits: AttachmentLimits): Promise<Rewritten> => {
    const facts = readPhoto(bytes)
    if (facts === null) return { ok: false, error: 'PHOTO_UNREADABLE' }
    if (facts.type !== type) return { ok: false, error: 'ATTACHMENT_TYPE' }
    const { pixels, side } = limits
    if (facts.width * facts.height > pixels) return { ok: false, error: 'PHOTO_TOO_LARGE' }
    cancelIdle()
    worker ??= started(clock)
    const child = await worker
    if (child === null || closed) {
      worker = null
      return { ok: false, error: 'PHOTOS_UNAVAILABLE' }
    }
    const memoryBytes = OWN_BYTES + bytes.length + facts.width * facts.height * PIXEL_BYTES
    const made = await asked(child, { bytes, type, pixels, side, memoryBytes }, limits.workMs, clock)
    if (made === 'gone') end()
    else cancelIdle = clock.after(IDLE_MS, end)
    if (made === 'gone' || made === null) return { ok: false, error: 'PHOTO_UNREADABLE' }
    const kept = Buffer.from(made.buffer, made.byteOffset, made.byteLength)
    const written = readPhoto(kept)
    // Believed only as far as it is seen.
    if (written === null || written.type !== type || written.extras.length > 0)
      return { ok: false, error: 'PHOTO_UNREADABLE' }
    if (kept.length > limits.bytes) return { ok: false, error: 'PHOTO_TOO_LARGE' }
    return { ok: true, bytes: kept, width: written.width, height: written.height }
  }
  return {
    rewrite(bytes, type, limits) {
      const mine = turn.then(() => one(bytes, type, limits))
      turn = mine.catch(() => {})
      return mine
    },
    close() {
      closed = true
      cancelIdle()
      end()
    },
  }
}

/** The process, once it can work; null: it cannot, here. It sees no environment, writes no file and opens no connection. */
function started(clock: Clock): Promise<ChildProcess | null> {
  return new Promise((resolve) => {
    const child = fork(PROGRAM, [], {
      serialization: 'advanced',
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: ['--max-old-space-size=128', '--permission', '--allow-addons', '--allow-fs-read=*', '--no-warnings'],
    })
    const cancel = clock.after(START_MS, () => child.kill('SIGKILL'))
    const said = (able: boolean): void => {
      cancel()
      resolve(able ? child : null)
    }
    child.once('message', () => said(true))
    child.once('error', () => said(false))
    child.once('exit', () => said(false))
    // A gateway that ends does not wait for it.
    child.unref()
    child.channel?.unref()
  })
}

/** What the process makes of it; `gone`: it took too long, or too much, and has ended. */
function asked(child: ChildProcess, ask: Ask, workMs: number, clock: Clock): Promise<Uint8Array | null | 'gone'> {
  return new Promise((resolve) => {
    child.channel?.ref()
    const settle = (made: Uint8Array | null | 'gone'): void => {
      cancel()
      child.off('message', told)
      child.off('exit', gone)
      child.channel?.unref()
      resolve(made)
    }
    const told = (message: unknown): void => settle((message as { bytes: Uint8Array | null }).bytes)
    const gone = (): void => settle('gone')
    const cancel = clock.after(workMs, () => child.kill('SIGKILL'))
    child.once('message', told)
    child.once('exit', gone)
    child.send(ask, (fault) => {
      if (fault !== null) child.kill('SIGKILL')
    })
    if (child.exitCode !== null || child.signalCode !== null) gone()
  })
}
