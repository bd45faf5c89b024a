import type { Socket } from 'node:net'
import type { MllpDoor } from '../../core/config.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import { isReceipt, type Peer, type Receipt, type Refusal } from '../../core/message.ts'
import type { Accept, Clock, Log, Meter } from '../../core/ports.ts'
import { type FrameScanner, frame, frameScanner } from '../../formats/mllp/scanner.ts'
import type { ByteBudget } from './budget.ts'
import type { Guest } from './guest.ts'
import { overdue } from './patience.ts'

/** Messages of one connection that may wait for their answers before we stop reading it. */
const MAX_PIPELINED = 256
/** How many of them may be in `accept` at once: one read may hold thousands, and what a peer that is cut off had behind costs nothing. */
const MAX_ACCEPTING = 16
/** What a small message costs beside its bytes, so that millions of empty ones meet the budget too. */
const MESSAGE_OVERHEAD_BYTES = 1_024
/** Answers the peer has not read; above it we do not read the peer. */
const MAX_UNREAD_BYTES = 64 * 1_024
/** How long an ended connection may stay open for the peer's own end, so that no reset overtakes the last answer. */
const LINGER_MS = 500
/** A peer that ends each message with a stray byte makes a line this often (ms). */
const JUNK_TOLD_MS = 60_000

/** What a connection needs from its door. */
export interface ConnectionParts {
  readonly door: MllpDoor
  readonly accept: Accept
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly budget: ByteBudget
  /** The peer as the running configuration knows it, asked again for each message; null: no longer welcome. */
  readonly peerNow: () => Peer | null
}

interface Turn {
  readonly bytes: Buffer
  readonly cost: number
  readonly endedAtMs: number
  answer: Receipt | Refusal | 'fault' | null
}

type Reason = 'budget' | 'unread' | 'pipelined'

/** One identified connection: blocks in, answers out in the same order, every limit of the door kept. */
export class Connection implements Guest {
  readonly host: string
  readonly #socket: Socket
  readonly #parts: ConnectionParts
  readonly #scanner: FrameScanner
  readonly #peer: Peer
  #openedAtMs: number
  readonly #turns: Turn[] = []
  /** Those of the turns that are not in `accept` yet. */
  #unbegun: Turn[] = []
  #accepting = 0
  readonly #reasons = new Set<Reason>()
  #greeted: boolean
  #heardAtMs: number
  #blockAtMs = 0
  #stoppedAtMs = 0
  #unreadAtMs = 0
  #pendingBytes = 0
  #junkBytes = 0
  /** Dropped since the last line about it. */
  #junkUntold = 0
  #junkToldAtMs = Number.NEGATIVE_INFINITY
  #heard = false
  #parting = false
  #leaving = false
  #peerEnded = false

  /** `greeted`: the handshake is over, so the first byte may take as long as any other. */
  constructor(socket: Socket, host: string, peer: Peer, greeted: boolean, parts: ConnectionParts) {
    this.host = host
    this.#socket = socket
    this.#parts = parts
    this.#peer = peer
    this.#scanner = frameScanner({ maxFrameBytes: parts.door.limits.maxFrameBytes })
    this.#openedAtMs = this.#heardAtMs = parts.clock.monotonicMs()
    this.#greeted = greeted
    socket.on('data', (chunk: Buffer) => this.#hear(chunk))
    socket.on('end', () => this.#hangUp())
    socket.on('drain', () => this.#go('unread'))
    socket.on('close', () => {
      this.#pend(0)
      this.#drop()
    })
    if (parts.budget.full) this.#stop('budget')
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  check(nowMs: number): void {
    if (this.#leaving) return
    const { limits } = this.#parts.door
    if (this.#reasons.has('unread') && nowMs - this.#unreadAtMs > limits.gapMs) {
      this.#report('FRAME_TIMEOUT')
      this.destroy()
      return
    }
    if (this.#reasons.size > 0) return
    const block = this.#scanner.inside ? { startedAtMs: this.#blockAtMs, bytes: this.#scanner.pendingBytes } : null
    const conduct = {
      greeted: this.#greeted,
      openedAtMs: this.#openedAtMs,
      heardAtMs: this.#heardAtMs,
      block,
      owed: this.#turns.length,
      trusted: this.#peer.establishment !== null || this.#peer.loopback,
    }
    const code = overdue(conduct, limits, nowMs)
    if (code !== null) this.#fail(code)
  }

  hold(full: boolean): void {
    if (full) this.#stop('budget')
    else this.#go('budget')
  }

  part(): void {
    this.#parting = true
    if (this.#heard && !this.#scanner.inside) this.leave()
  }

  leave(): void {
    if (this.#leaving) return
    this.#leaving = true
    this.#pend(0)
    // What still comes is read and dropped: unread bytes would turn our end into a reset.
    this.#reasons.clear()
    this.#socket.resume()
    this.#answer()
  }

  destroy(): void {
    this.#leaving = true
    this.#pend(0)
    this.#drop()
    this.#socket.destroy()
  }

  #hear(chunk: Buffer): void {
    if (this.#leaving) return
    const scanner = this.#scanner
    const before = { inside: scanner.inside, junk: scanner.junkBytes }
    const nowMs = this.#parts.clock.monotonicMs()
    this.#greeted = this.#heard = true
    this.#heardAtMs = nowMs
    let frames: Buffer[]
    try {
      frames = scanner.push(chunk)
    } catch (fault) {
      this.#fail(codeOf(fault))
      return
    }
    const junk = scanner.junkBytes - before.junk
    if (!before.inside || frames.length > 0 || junk > 0) this.#blockAtMs = nowMs
    this.#pend(scanner.pendingBytes)
    for (const bytes of frames) this.#offer(bytes, nowMs)
    this.#accept()
    this.#weighJunk(junk, frames.length)
    if (this.#parting && frames.length > 0 && !scanner.inside) this.leave()
  }

  /** Junk allowed is per message, or a peer that ends each one with a stray byte would be cut off one day. */
  #weighJunk(bytes: number, frames: number): void {
    const { maxJunkBytes } = this.#parts.door.limits
    if (bytes > 0) this.#tellJunk(bytes)
    const junk = this.#junkBytes + bytes
    this.#junkBytes = frames > 0 ? 0 : junk
    if (junk > maxJunkBytes * (frames + 1)) this.#fail('JUNK_LIMIT')
  }

  #offer(bytes: Buffer, endedAtMs: number): void {
    const turn: Turn = { bytes, cost: bytes.length + MESSAGE_OVERHEAD_BYTES, endedAtMs, answer: null }
    this.#turns.push(turn)
    this.#unbegun.push(turn)
    if (this.#turns.length >= MAX_PIPELINED) this.#stop('pipelined')
    this.#parts.budget.change(turn.cost)
  }

  /** Takes as many of the waiting messages into `accept` as there is room for. */
  #accept(): void {
    while (this.#accepting < MAX_ACCEPTING && this.#unbegun.length > 0) {
      const peer = this.#parts.peerNow()
      if (peer === null) {
        this.#drop()
        this.leave()
        return
      }
      this.#begin(this.#unbegun.shift() as Turn, peer)
    }
  }

  #begin(turn: Turn, peer: Peer): void {
    const { accept, budget, clock, door, log } = this.#parts
    this.#accepting++
    const answered = (answer: Turn['answer']): void => {
      this.#accepting--
      turn.answer = answer
      budget.change(-turn.cost)
      this.#answer()
      this.#accept()
    }
    const arrival = { entrance: door.name, peer, receivedAtMs: clock.nowMs(), bytes: turn.bytes }
    accept(arrival).then(answered, (fault: unknown) => {
      log.error('mllp.accept-failed', { entrance: door.name, peer: peer.address, code: codeOf(fault) }, fault)
      answered('fault')
    })
  }

  /** Forgets what was not begun: nobody is there to be answered any more. */
  #drop(): void {
    const gone = new Set(this.#unbegun)
    this.#unbegun = []
    for (const turn of gone) this.#parts.budget.change(-turn.cost)
    const kept = this.#turns.filter((turn) => !gone.has(turn))
    this.#turns.length = 0
    this.#turns.push(...kept)
  }

  /** Writes every answer whose turn has come; ends the connection when it is the last. */
  #answer(): void {
    this.#socket.cork()
    let close = false
    while (!close && this.#turns[0]?.answer) close = this.#say(this.#turns.shift() as Turn)
    this.#socket.uncork()
    if (close) {
      this.#drop()
      this.#turns.length = 0
    }
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.#stop('unread')
    if (this.#turns.length < MAX_PIPELINED / 2) this.#go('pipelined')
    if (close && !this.#leaving) {
      this.leave()
      return
    }
    if (this.#turns.length === 0 && (this.#leaving || this.#peerEnded)) this.#end()
  }

  /** Writes one answer; true when nothing more can be said on this connection. */
  #say({ answer, endedAtMs }: Turn): boolean {
    if (answer === null || answer === 'fault') return true
    const { clock, door, meter } = this.#parts
    if (this.#socket.writable) {
      if (answer.answer !== null) this.#socket.write(frame(answer.answer))
      if (isReceipt(answer) && answer.applicationAnswer !== null) this.#socket.write(frame(answer.applicationAnswer))
      meter.observe('answer_seconds', (clock.monotonicMs() - endedAtMs) / 1_000, { door: door.name })
    }
    return !isReceipt(answer) && answer.close
  }

  #end(): void {
    if (this.#socket.writableEnded || this.#socket.destroyed) return
    this.#socket.end()
    const { clock, door } = this.#parts
    let cancel = clock.after(door.limits.gapMs, () => this.#socket.destroy())
    this.#socket.once('finish', () => {
      cancel()
      cancel = clock.after(LINGER_MS, () => this.#socket.destroy())
    })
    this.#socket.once('close', () => cancel())
  }

  /** Bytes outside messages, of a message begun and never ended too, are dropped: one line a minute and connection at most. */
  #tellJunk(bytes: number): void {
    const { door, log } = this.#parts
    this.#junkUntold += bytes
    if (this.#heardAtMs - this.#junkToldAtMs < JUNK_TOLD_MS) return
    log.info('mllp.junk', { entrance: door.name, peer: this.#peer.address, bytes: this.#junkUntold })
    this.#junkToldAtMs = this.#heardAtMs
    this.#junkUntold = 0
  }

  /** The peer ended its half: what it sent whole is still answered. */
  #hangUp(): void {
    const { door, log } = this.#parts
    if (this.#scanner.inside && !this.#leaving) {
      log.info('mllp.cut', { entrance: door.name, peer: this.#peer.address, bytes: this.#pendingBytes })
    }
    this.#peerEnded = true
    this.#pend(0)
    if (this.#turns.length === 0) this.#end()
  }

  #fail(code: ErrorCode): void {
    this.#report(code)
    this.leave()
  }

  #report(code: ErrorCode): void {
    const { door, log, meter } = this.#parts
    const establishment = this.#peer.establishment === null ? {} : { establishment: this.#peer.establishment }
    meter.count('door_limit_total', { door: door.name, code })
    log.warn('mllp.limit', { entrance: door.name, peer: this.#peer.address, code, ...establishment })
  }

  #pend(bytes: number): void {
    const change = bytes - this.#pendingBytes
    this.#pendingBytes = bytes
    if (change !== 0) this.#parts.budget.change(change)
  }

  #stop(reason: Reason): void {
    if (this.#leaving || this.#reasons.has(reason)) return
    const nowMs = this.#parts.clock.monotonicMs()
    if (reason === 'unread') this.#unreadAtMs = nowMs
    if (this.#reasons.size === 0) this.#stoppedAtMs = nowMs
    this.#reasons.add(reason)
    this.#socket.pause()
  }

  #go(reason: Reason): void {
    if (!this.#reasons.delete(reason) || this.#reasons.size > 0) return
    // All clocks stood still while we did not read.
    const stoodMs = this.#parts.clock.monotonicMs() - this.#stoppedAtMs
    this.#heardAtMs += stoodMs
    this.#blockAtMs += stoodMs
    this.#openedAtMs += stoodMs
    this.#socket.resume()
  }
}
