import type { Socket } from 'node:net'
import type { Clock } from '../../core/ports.ts'

/**
 * Why nothing more comes. `late`: too long a silence; `strange`: too long without having shown who it is; `bare`: a line
 * without CRLF, or with NUL; `long`: a line too long. */
export type WireEnd = 'gone' | 'late' | 'strange' | 'bare' | 'long' | 'told'

/** What a connection reads with. */
export interface WireLimits {
  readonly idleMs: number
  /** Longest command line, without its CRLF. */
  readonly lineBytes: number
}

/** Bytes that came and were not asked for yet, above which the socket is not read. */
const AHEAD_BYTES = 128 * 1024
/** Octets that were said and have not left, above which they leave. */
const SAID_BYTES = 4 * 1024

/** One side of a connection: what comes is given out line by line or as it is, when it is asked for. */
export class Wire {
  #socket: Socket
  readonly #clock: Clock
  readonly #limits: WireLimits
  #waiting: Buffer[] = []
  #bytes = 0
  #said = ''
  #ended: WireEnd | null = null
  #wake: (() => void) | null = null

  constructor(socket: Socket, clock: Clock, limits: WireLimits) {
    this.#socket = socket
    this.#clock = clock
    this.#limits = limits
    this.#attach(socket)
  }

  /** Has the other side said something that nobody has read? */
  get spoken(): boolean {
    return this.#bytes > 0
  }

  /** Forgets what came and goes on over another socket (RFC 3207 §4.2: nothing said in the clear counts). */
  change(socket: Socket): void {
    this.#detach()
    this.#waiting = []
    this.#bytes = 0
    this.#socket = socket
    this.#attach(socket)
  }

  /** Stops reading and forgets what came, for a handshake on the same socket; what was said has left. */
  release(): Socket {
    void this.flush()
    this.#detach()
    this.#waiting = []
    this.#bytes = 0
    return this.#socket
  }

  /** Whoever waits for a line is given this end, and so is everybody after. */
  tell(end: 'told' | 'strange'): void {
    this.#end(end)
  }

  /** The next command line without its end, or why there is none. */
  async line(): Promise<string | WireEnd> {
    for (let looked = 0; ; ) {
      const at = this.#indexOfLineFeed(looked)
      if (at >= 0) return this.#takeLine(at)
      if (this.#bytes > this.#limits.lineBytes + 2) return 'long'
      looked = this.#bytes
      const end = await this.#more()
      if (end !== null) return end
    }
  }

  /** What comes next, whatever it is, also behind `tell`: a mail that has begun is taken to its end. */
  async some(): Promise<Buffer | Exclude<WireEnd, 'told'>> {
    while (this.#bytes === 0) {
      const end = await this.#more('told')
      if (end !== null && end !== 'told') return end
    }
    const first = this.#waiting.shift()!
    this.#bytes -= first.length
    if (this.#bytes < AHEAD_BYTES) this.#socket.resume()
    return first
  }

  /** Gives back what was read too much. */
  back(rest: Buffer): void {
    if (rest.length === 0) return
    this.#waiting.unshift(rest)
    this.#bytes += rest.length
  }

  /** Says something: it leaves when the other side is waited for, so that the replies to a group of commands are one packet (RFC 2920 §3.2). */
  async write(text: string): Promise<void> {
    this.#said += text
    if (this.#said.length > SAID_BYTES) await this.flush()
  }

  /** What was said leaves; resolves when the socket has room again. */
  async flush(): Promise<void> {
    const text = this.#said
    this.#said = ''
    const socket = this.#socket
    if (text === '' || socket.destroyed || !socket.writable || socket.write(text)) return
    await new Promise<void>((resolve) => {
      socket.once('drain', resolve)
      socket.once('close', resolve)
    })
  }

  /** Ends the connection behind what was said. */
  finish(): void {
    void this.flush()
    const socket = this.#socket
    if (socket.destroyed) return
    socket.end()
    // A side that never closes its half must not hold ours.
    const cancel = this.#clock.after(LINGER_MS, () => socket.destroy())
    socket.once('close', cancel)
    socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Null: something came. `despite`: an end that is waited through. */
  async #more(despite: WireEnd | null = null): Promise<WireEnd | null> {
    if (this.#ended !== null && this.#ended !== despite) return this.#ended
    const before = this.#bytes
    if (this.#said !== '') {
      await this.flush()
      if (this.#bytes > before) return null
      if (this.#ended !== null && this.#ended !== despite) return this.#ended
    }
    let late = false
    const cancel = this.#clock.after(this.#limits.idleMs, () => {
      late = true
      this.#wake?.()
    })
    this.#socket.resume()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = null
    cancel()
    if (this.#bytes > before) return null
    return this.#ended ?? (late ? 'late' : null)
  }

  #indexOfLineFeed(from: number): number {
    let at = 0
    for (const chunk of this.#waiting) {
      const found = at + chunk.length <= from ? -1 : chunk.indexOf(10, Math.max(0, from - at))
      if (found >= 0) return at + found
      at += chunk.length
    }
    return -1
  }

  #takeLine(at: number): string | WireEnd {
    if (at > this.#limits.lineBytes + 1) return 'long'
    const all = this.#waiting.length === 1 ? this.#waiting[0]! : Buffer.concat(this.#waiting)
    const rest = all.subarray(at + 1)
    this.#waiting = rest.length === 0 ? [] : [rest]
    this.#bytes = rest.length
    const line = all.toString('utf8', 0, Math.max(0, at - 1))
    if (at === 0 || all[at - 1] !== 13 || /[\0\r]/.test(line)) return 'bare'
    return line
  }

  readonly #heard = (chunk: Buffer): void => {
    this.#waiting.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes > AHEAD_BYTES) this.#socket.pause()
    this.#wake?.()
  }
  readonly #gone = (): void => this.#end('gone')

  #end(why: WireEnd): void {
    if (this.#ended === null || why === 'gone') this.#ended = why
    this.#wake?.()
  }

  #attach(socket: Socket): void {
    socket.on('data', this.#heard)
    socket.on('end', this.#gone)
    socket.on('close', this.#gone)
    socket.on('error', ignore)
  }

  #detach(): void {
    this.#socket.off('data', this.#heard)
    this.#socket.off('end', this.#gone)
    this.#socket.off('close', this.#gone)
    this.#socket.pause()
  }
}

/** How long a connection that we ended waits for the other side (ms). */
const LINGER_MS = 5_000
const ignore = (): void => {}
