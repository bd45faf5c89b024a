import type { Socket } from 'node:net'
import type { MllpTarget } from '../../core/config.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Accept } from '../../core/ports.ts'
import { readAnswer } from '../../formats/hl7v2/answer.ts'
import { type FrameScanner, frame, frameScanner } from '../../formats/mllp/scanner.ts'
import type { SenderParts, To } from '../attempts.ts'
import { type Address, dial, isHandshakeAlert, nextPoll, standing } from '../dial.ts'
import { abandoned, givenUp, type MayBegin, notOurs } from '../give-up.ts'
import type { Letter } from '../letter.ts'
import { isPositive } from '../verdict.ts'

/** What the lines are given by the gateway: answers that come late or unasked are arrivals. */
export interface LineParts extends SenderParts {
  readonly accept: Accept
}

const SLICE_BYTES = 64 * 1_024
const MAX_ANSWER_BYTES = 1_024 * 1_024
/** More than a few stray bytes outside a block are another protocol. */
const MAX_STRAY_BYTES = 16
/** How long a message nobody answers must stand without a reset; and one that is answered on error alone, without an error. */
const QUIET_MS = 500
const ERROR_MS = 2_000
/** A connection idle for less than this is taken as it is (ms); an older one is looked at first. */
const FRESH_MS = 50
/** A peer that closes so soon after an answer (ms), twice running, takes one message per connection. */
const HASTY_MS = 1_000
/** Application answers waited for on one connection; the oldest are forgotten first. */
const MAX_OUTSTANDING = 1_000
const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

/** A letter as it goes over the line. */
export interface Block extends Letter {
  /** The whole block, VT to FS CR. */
  readonly block: Buffer
}

interface Exchange {
  readonly letter: Block
  readonly settle: (outcome: Outcome) => void
  offset: number
  cancelTimer: () => void
}

/** One connection to a destination, opened when needed and kept: one message at a time, each with its own answer. */
export class Line {
  readonly #destination: To<MllpTarget>
  readonly #to: Address
  readonly #parts: LineParts
  /** As configured, for logs. */
  readonly #address: string
  #socket: Socket | null = null
  #scanner: FrameScanner = frameScanner({ maxFrameBytes: MAX_ANSWER_BYTES })
  #exchange: Exchange | null = null
  /** Control ids whose application answer is still due on this connection. */
  readonly #outstanding = new Set<string>()
  /** Answers of ours that must not land inside a block being written. */
  #replies: Buffer[] = []
  #heardAtMs = 0
  #heardBytes = 0
  #strayBytes = 0
  #hasty = 0
  #fault = ''

  constructor(destination: To<MllpTarget>, parts: LineParts) {
    const { host, port, tls } = destination.target
    this.#destination = destination
    this.#to = { host, port, secure: tls !== null, tls }
    this.#parts = parts
    this.#address = `${host}:${port}`
  }

  /** Sends one message and reports what came back. Never rejects; never called while another call is running. */
  async exchange(letter: Block, signal: AbortSignal, mayBegin: MayBegin): Promise<Outcome> {
    const failed = await this.#connect(signal)
    if (failed !== null) return failed
    // Nothing is awaited between this question and the first byte.
    if (mayBegin?.() === false) return notOurs()
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const abort = (): void => this.#lose(abandoned(signal))
    signal.addEventListener('abort', abort, { once: true })
    this.#exchange = { letter, settle: resolve, offset: 0, cancelTimer: () => {} }
    this.#write()
    const outcome = await promise
    signal.removeEventListener('abort', abort)
    return outcome
  }

  /** Ends the connection. */
  end(): void {
    const socket = this.#socket
    this.#forget()
    socket?.destroySoon()
  }

  /** Makes sure of a living connection, before any byte of the message leaves; or says why there is none. */
  async #connect(signal: AbortSignal): Promise<Outcome | null> {
    if (this.#socket !== null && this.#parts.clock.monotonicMs() - this.#heardAtMs > FRESH_MS) await nextPoll()
    // A reset shows here one phase of the event loop before its close event.
    if (this.#socket?.destroyed) this.#closed()
    if (this.#scanner.inside) this.#drop('ANSWER_UNMATCHED')
    if (this.#socket === null) {
      const dialled = await dial(this.#to, this.#parts.clock, signal)
      if (!dialled.ok) {
        if (dialled.aborted) return givenUp(signal)
        return { kind: 'retry', code: dialled.code, breaker: true }
      }
      this.#hold(dialled.socket)
      await standing(dialled.socket, this.#to.secure, this.#parts.clock)
      if (dialled.socket.destroyed) this.#forget()
      if (this.#socket === null) {
        return { kind: 'retry', code: this.#to.secure ? 'TLS_FAILED' : 'CONNECT_FAILED', breaker: true }
      }
    }
    return signal.aborted ? givenUp(signal) : null
  }

  #hold(socket: Socket): void {
    const { log, meter } = this.#parts
    const destination = this.#destination.id
    meter.count('sender_connections_total', { destination })
    log.info('mllp.connected', { destination, peer: this.#address })
    this.#socket = socket
    this.#scanner = frameScanner({ maxFrameBytes: MAX_ANSWER_BYTES })
    this.#heardAtMs = this.#parts.clock.monotonicMs()
    this.#heardBytes = 0
    this.#fault = ''
    const mine = (run: () => void) => (): void => {
      if (this.#socket === socket) run()
    }
    socket.on('data', (chunk: Buffer) => mine(() => this.#hear(chunk))())
    socket.on(
      'drain',
      mine(() => this.#write()),
    )
    socket.on('error', (fault: NodeJS.ErrnoException) => mine(() => (this.#fault = fault.code ?? ''))())
    socket.on(
      'end',
      mine(() => this.#hungUp(socket)),
    )
    socket.on(
      'close',
      mine(() => this.#closed()),
    )
  }

  /** Writes on, a slice at a time, as the socket takes it; then waits for the answer. */
  #write(): void {
    const socket = this.#socket
    const exchange = this.#exchange
    if (socket === null || exchange === null) return
    const { block, silence } = exchange.letter
    while (exchange.offset < block.length) {
      const slice = block.subarray(exchange.offset, exchange.offset + SLICE_BYTES)
      exchange.offset += slice.length
      if (exchange.offset < block.length) {
        if (socket.write(slice)) continue
        this.#wait(exchange, this.#destination.timeoutMs, () => this.#lose('ANSWER_TIMEOUT'))
        return
      }
      this.#wait(exchange, this.#destination.timeoutMs, () => this.#lose('ANSWER_TIMEOUT'))
      socket.write(slice, () => {
        if (this.#exchange !== exchange) return
        if (silence === 'doubt') this.#wait(exchange, this.#destination.timeoutMs, () => this.#lose('ANSWER_TIMEOUT'))
        else this.#wait(exchange, silence === 'unasked' ? QUIET_MS : ERROR_MS, () => this.#unanswered(exchange))
      })
      this.#flushReplies()
    }
  }

  /** Nobody answered, and nobody had to. */
  #unanswered({ letter: { silence, controlId } }: Exchange): void {
    const unasked = silence === 'unasked'
    // An error that comes later still is told as a late refusal.
    if (!unasked) this.#expect(controlId)
    this.#settle({ kind: 'delivered', proof: unasked ? 'no answer asked' : 'no error answered' })
  }

  #wait(exchange: Exchange, ms: number, run: () => void): void {
    exchange.cancelTimer()
    exchange.cancelTimer = this.#parts.clock.after(ms, () => {
      if (this.#exchange === exchange) run()
    })
  }

  #hear(chunk: Buffer): void {
    this.#heardBytes += chunk.length
    const before = this.#scanner.junkBytes
    let frames: Buffer[]
    try {
      frames = this.#scanner.push(chunk)
    } catch {
      this.#lose('ANSWER_GARBAGE')
      return
    }
    const socket = this.#socket
    for (const bytes of frames) {
      this.#answered(bytes)
      if (this.#socket !== socket) return
    }
    if (frames.length === 0) this.#strayBytes += this.#scanner.junkBytes - before
    else this.#strayBytes = 0
    if (this.#strayBytes > MAX_STRAY_BYTES) this.#lose('ANSWER_GARBAGE')
  }

  #answered(bytes: Buffer): void {
    const answer = readAnswer(bytes)
    const exchange = this.#exchange
    if (answer === null) {
      this.#lose('ANSWER_GARBAGE')
    } else if (exchange !== null && answer.controlId === exchange.letter.controlId) {
      const whole = exchange.offset >= exchange.letter.block.length
      // A yes to a message still being sent is a yes to something else.
      if (!whole && isPositive(answer.code)) this.#lose('ANSWER_GARBAGE')
      else {
        if (answer.code === 'CA' && exchange.letter.applicationAnswer) this.#expect(answer.controlId)
        this.#settle(exchange.letter.judge(answer), whole)
      }
    } else if (this.#outstanding.delete(answer.controlId)) {
      this.#passOn(bytes)
    } else {
      this.#lose('ANSWER_WRONG_ID')
    }
  }

  #expect(controlId: string): void {
    this.#outstanding.add(controlId)
    const [oldest] = this.#outstanding
    if (this.#outstanding.size > MAX_OUTSTANDING && oldest !== undefined) this.#outstanding.delete(oldest)
  }

  /** An application answer that came later, on the connection of its message, is an arrival like any other. */
  #passOn(bytes: Buffer): void {
    const { accept, clock, log } = this.#parts
    const { id, establishment, target } = this.#destination
    const socket = this.#socket
    if (socket === null) return
    const loopback = LOOPBACK.test(socket.remoteAddress ?? '')
    const peer = { address: this.#address, loopback, establishment, destination: id }
    const entrance = target.tls === null ? 'mllp' : 'mllps'
    accept({ entrance, peer, receivedAtMs: clock.nowMs(), bytes }).then(
      ({ answer }) => {
        if (answer === null || this.#socket !== socket) return
        this.#replies.push(frame(answer))
        this.#flushReplies()
      },
      (fault: unknown) => log.error('mllp.accept-failed', { destination: id, code: codeOf(fault) }, fault),
    )
  }

  #flushReplies(): void {
    const writing = this.#exchange !== null && this.#exchange.offset < this.#exchange.letter.block.length
    if (writing) return
    for (const reply of this.#replies) this.#socket?.write(reply)
    this.#replies = []
  }

  /** Ends the exchange with a verdict; the connection stays for the next message when it is clean. */
  #settle(outcome: Outcome, clean = true): void {
    const exchange = this.#exchange
    if (exchange === null) return
    exchange.cancelTimer()
    this.#exchange = null
    this.#heardAtMs = this.#parts.clock.monotonicMs()
    const socket = this.#socket
    if (outcome.kind === 'unknown' || !clean) {
      this.#forget()
      socket?.destroy()
    } else if ((this.#hasty > 1 && this.#outstanding.size === 0) || socket?.readableEnded) {
      this.end()
    }
    exchange.settle(outcome)
  }

  /** The exchange is lost, or, when there is none, these bytes answer nothing: either way the connection goes. */
  #lose(code: ErrorCode): void {
    if (this.#exchange !== null) this.#settle({ kind: 'unknown', code })
    else this.#drop('ANSWER_UNMATCHED')
  }

  #drop(code: ErrorCode): void {
    const socket = this.#socket
    if (socket === null) return
    this.#parts.log.warn('mllp.unasked', { destination: this.#destination.id, peer: this.#address, code })
    this.#forget()
    socket.destroy()
  }

  #forget(): void {
    this.#socket = null
    this.#outstanding.clear()
    this.#replies = []
    this.#strayBytes = 0
    this.#scanner = frameScanner({ maxFrameBytes: MAX_ANSWER_BYTES })
  }

  /** The far side ended its half. Only where no answer is due may that be good manners. */
  #hungUp(socket: Socket): void {
    if (this.#exchange !== null && this.#exchange.letter.silence !== 'doubt') return
    this.#closed()
    socket.destroy()
  }

  #closed(): void {
    const soon = this.#heardBytes > 0 && this.#parts.clock.monotonicMs() - this.#heardAtMs < HASTY_MS
    if (this.#heardBytes > 0) this.#hasty = soon ? this.#hasty + 1 : 0
    const exchange = this.#exchange
    const refusedUs = this.#heardBytes === 0 && isHandshakeAlert(this.#fault)
    this.#forget()
    if (exchange === null) return
    if (refusedUs) this.#settle({ kind: 'retry', code: 'TLS_FAILED', breaker: true })
    else this.#settle({ kind: 'unknown', code: 'CONNECTION_CUT' })
  }
}
