import type { Destination } from '../core/config.ts'
import { codeOf } from '../core/errors.ts'
import type { Journal, Move, QueueEntry } from '../core/journal.ts'
import type { DestinationId, Lane } from '../core/message.ts'
import type { Clock, Ids, Log, Meter, Sender } from '../core/ports.ts'
import { type Breaker, breaker } from './breaker.ts'
import { begin, decide, expire, moved, type Result } from './decide.ts'
import { deliver, type Prepare } from './deliver.ts'
import type { Turn } from './lineup.ts'
import { QueueWindow } from './window.ts'

/** Wait after the store could not record something (ms): draining goes on as soon as it can again. */
const STORE_WAIT_MS = 1_000
/** Longest sleep (ms), so that a jump of the wall clock delays nothing for long. */
const LONGEST_SLEEP_MS = 60_000

/** What a dispatcher works with. */
export interface DispatchParts {
  readonly destination: Destination
  readonly journal: Journal
  readonly sender: Sender
  /** Our own work on a message before it leaves, or null. */
  readonly prepare: Prepare | null
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** Sends the deliveries of one destination, in order, within its limits. */
export class Dispatcher {
  readonly #parts: DispatchParts
  readonly #window: QueueWindow
  readonly #circuit: Breaker
  readonly #busy: Record<Lane, number> = { normal: 0, urgent: 0 }
  readonly #running = new Set<Promise<void>>()
  readonly #abort = new AbortController()
  #begun = false
  #stopped = false
  #paused = false
  /** Outcomes that wait for room in the store; nothing begins meanwhile. */
  #unrecorded = 0
  #cancelWake: (() => void) | null = null

  /** The dispatcher of a destination; nothing runs before `start`. */
  constructor(parts: DispatchParts) {
    this.#parts = parts
    this.#window = new QueueWindow(parts.destination, parts.journal, () => parts.clock.nowMs())
    this.#circuit = breaker(parts.destination.retry, () => parts.ids.random())
  }

  /** The destination served. */
  get id(): DestinationId {
    return this.#parts.destination.id
  }

  /** Attempts on their way. */
  get inFlight(): number {
    return this.#running.size
  }

  /** Loads what the store holds and begins. */
  async start(): Promise<void> {
    await this.#window.more()
    if (!this.#window.complete) await this.#window.bringUrgent()
    this.#begun = true
    this.#pump()
  }

  /** Begins nothing any more, and lets what is under way end; what comes meanwhile waits in order. */
  pause(): void {
    this.#paused = true
  }

  /** Goes on where `pause` left off. */
  resume(): void {
    this.#paused = false
    this.#pump()
  }

  /** Takes deliveries that became queued or were changed by a person. */
  put(entries: readonly QueueEntry[]): void {
    this.#window.put(entries).then(() => this.#pump(), this.#unreadable)
  }

  /** Begins nothing more, lets attempts end within `drainMs`, then aborts them and closes the sender. */
  async stop(drainMs: number): Promise<void> {
    this.#stopped = true
    this.#cancelWake?.()
    const cancel = this.#parts.clock.after(drainMs, () => this.#abort.abort())
    while (this.#running.size > 0) await Promise.all(this.#running)
    cancel()
    await this.#parts.sender.close()
  }

  readonly #unreadable = (fault: unknown): void => {
    this.#parts.log.error('delivery.read', { destination: this.id }, fault)
  }

  /** Begins whatever may go now, and sleeps until something else may. */
  #pump(): void {
    if (this.#stopped || !this.#begun || this.#unrecorded > 0) return
    const now = this.#parts.clock.nowMs()
    this.#expireDue(now)
    while (!this.#paused && this.#beginNext(now));
    this.#cancelWake?.()
    const changes = [this.#window.line.nextChangeMs(now), this.#circuit.openUntilMs].filter((ms) => ms !== null)
    // What could go now and has no place goes when an attempt ends; only what lies ahead needs a timer.
    const sleepMs = Math.min(LONGEST_SLEEP_MS, ...changes.filter((ms) => ms > now).map((ms) => ms - now))
    // A limit may pass while nothing else happens, so whatever stands in line is looked at now and then.
    this.#cancelWake = this.#window.line.size > 0 ? this.#parts.clock.after(sleepMs, () => this.#pump()) : null
  }

  /** Begins one delivery if anything may go now. */
  #beginNext(nowMs: number): boolean {
    const { destination } = this.#parts
    if (!this.#circuit.admits(nowMs, this.#busy.normal + this.#busy.urgent)) return false
    const urgentFree = this.#busy.urgent < destination.urgentInFlight
    const normalFree = this.#busy.normal < destination.maxInFlight
    const urgent = urgentFree || normalFree ? this.#window.line.urgent(nowMs) : null
    if (urgent !== null) {
      this.#launch(urgent, urgentFree ? 'urgent' : 'normal')
      return true
    }
    const normal = normalFree ? this.#window.line.normal(nowMs) : null
    if (normal !== null) this.#launch(normal, 'normal')
    else if (normalFree && !this.#window.complete) this.#window.more().then(() => this.#pump(), this.#unreadable)
    return normal !== null
  }

  #expireDue(nowMs: number): void {
    const { log, meter } = this.#parts
    const { line } = this.#window
    for (let turn = line.normal(nowMs); turn !== null; turn = line.normal(nowMs)) {
      const { entry } = turn.waiting
      if (entry.expiresAtMs > nowMs) return
      const move = expire(entry, nowMs)
      line.put(moved(entry, move))
      meter.count('parked_total', { destination: this.id, code: 'DELIVERY_EXPIRED' })
      log.warn('delivery.expired', { messageId: entry.messageId, deliveryId: entry.id, destination: this.id })
      void this.#recordSurely(move)
    }
  }

  #launch(turn: Turn, lane: Lane): void {
    this.#busy[lane]++
    const work = this.#run(turn, lane, () => {
      this.#busy[lane]--
      this.#pump()
    })
      .catch((fault: unknown) => this.#parts.log.error('delivery.fault', { destination: this.id }, fault))
      .finally(() => this.#running.delete(work))
    this.#running.add(work)
  }

  /** One delivery: mark it durably, attempt it, record what came of it. */
  async #run(turn: Turn, lane: Lane, release: () => void): Promise<void> {
    const { destination, clock, ids } = this.#parts
    const startedAtMs = clock.nowMs()
    const before = turn.waiting.entry
    const mark = begin(before, startedAtMs, turn.overtakes.length > 0)
    const sending = moved(before, mark)
    this.#window.line.put(sending)
    const marked = await this.#tryRecord(mark)
    if (marked !== true) {
      await this.#putBack(before, marked === false, startedAtMs)
      release()
      return
    }
    const result = await deliver(sending, lane, this.#parts, this.#abort.signal)
    const move = decide(sending, result, destination, { startedAtMs, endedAtMs: clock.nowMs(), random: ids.random() })
    const recorded = this.#recordSurely(move)
    this.#settle(sending, move, result)
    // The next begins in the same group commit as this outcome: both are kept, or neither.
    release()
    await recorded
  }

  /** The mark was not made: a person ended it meanwhile, or the store is full. What the store holds is the truth. */
  async #putBack(before: QueueEntry, changed: boolean, nowMs: number): Promise<void> {
    const now = changed ? await this.#parts.journal.delivery(before.id) : { ...before, dueAtMs: nowMs + STORE_WAIT_MS }
    if (now === null) this.#window.line.remove(before.id)
    else this.#window.line.put(now)
  }

  #settle(entry: QueueEntry, move: Move, result: Result): void {
    const { log, meter } = this.#parts
    if (result.kind === 'retry' && result.breaker === true) this.#circuit.failed(move.atMs)
    else if (result.kind !== 'failed') this.#circuit.reached()
    const labels = { destination: this.id }
    if (result.kind === 'delivered') {
      meter.count('delivered_total', labels)
      this.#window.line.remove(entry.id)
      return
    }
    const fields = { messageId: entry.messageId, deliveryId: entry.id, destination: this.id, code: result.code }
    if (move.held) {
      meter.count('parked_total', { ...labels, code: result.code })
      log.warn('delivery.parked', fields)
    } else {
      meter.count('retried_total', { ...labels, code: result.code })
      log.info('delivery.retry', { ...fields, count: move.attempts, ms: Math.max(0, move.dueAtMs - move.atMs) })
    }
    this.#window.line.put(moved(entry, move))
  }

  /** Records a move whatever it takes: a full disk only delays it. Null: the process is ending. */
  async #recordSurely(move: Move): Promise<boolean | null> {
    const first = await this.#tryRecord(move)
    if (first !== 'full') return first
    this.#unrecorded++
    for (;;) {
      await new Promise<void>((resolve) => this.#parts.clock.after(STORE_WAIT_MS, resolve))
      const again = await this.#tryRecord(move)
      if (again === 'full') continue
      this.#unrecorded--
      this.#pump()
      return again
    }
  }

  async #tryRecord(move: Move): Promise<boolean | null | 'full'> {
    try {
      return await this.#parts.journal.record(move)
    } catch (fault) {
      return codeOf(fault) === 'STORE_FULL' ? 'full' : null
    }
  }
}
