import type { Way } from '../core/config.ts'
import { codeOf, type ErrorCode } from '../core/errors.ts'
import type { Journal, Move, QueueEntry } from '../core/journal.ts'
import type { Lease } from '../core/leases.ts'
import type { DestinationId, Lane } from '../core/message.ts'
import type { Clock, Ids, Log, Meter, Sender } from '../core/ports.ts'
import { AwaitingWatch } from './awaiting.ts'
import { type Breaker, breaker } from './breaker.ts'
import { begin, decide, expire, moved, type Result } from './decide.ts'
import { deliver, type Prepare } from './deliver.ts'
import type { Turn } from './lineup.ts'
import { type Growth, QueueWindow } from './window.ts'

/** Wait after the store could not record or read something (ms): draining goes on as soon as it can again. */
const STORE_WAIT_MS = 1_000
/** The store may take later what it does not take now. */
const NOT_NOW: readonly ErrorCode[] = ['STORE_FULL', 'STORE_UNREACHABLE', 'STORE_UNSAFE']
/** Between two readings of a queue that other nodes add to (ms). */
const LOOK_MS = 25
/** Longest sleep (ms), so that a jump of the wall clock delays nothing for long. */
const LONGEST_SLEEP_MS = 60_000

/** Rows and timers of a feature that are written with a change of a delivery; `result` null: its limit has passed. */
export type Beside = (entry: QueueEntry, move: Move, result: Result | null) => Pick<Move, 'rows' | 'timers'>

/** What a dispatcher works with. */
export interface DispatchParts {
  readonly destination: Way
  /** Under which it is served: nothing begins and nothing is recorded once it is another node's. */
  readonly lease: Lease
  readonly journal: Journal
  readonly sender: Sender
  /** Our own work on a message before it leaves, or null. */
  readonly prepare: Prepare | null
  /** What a change of a delivery writes beside it; absent: nothing. */
  readonly beside?: Beside
  /** False: nothing expires now, however old. Absent: it may. */
  readonly mayExpire?: () => boolean
  /** True: what the last attempt of a delivery waited for is there, so that it is due at once. Absent: none is. */
  readonly freed?: (entry: QueueEntry) => boolean
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** Sends the deliveries of one destination, in order, within its limits. */
export class Dispatcher {
  readonly #parts: DispatchParts
  readonly #window: QueueWindow
  readonly #awaiting: AwaitingWatch
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
  #cancelLook: (() => void) | null = null
  #cancelSoon: (() => void) | null = null
  #lookedAtMs = 0
  /** The store is out of reach, or the lease lost: what is not recorded by now is the next holder's to judge. */
  #givenUp = false

  /** The dispatcher of a destination; nothing runs before `start`. */
  constructor(parts: DispatchParts) {
    this.#parts = parts
    this.#window = new QueueWindow(parts.destination, parts.journal, () => parts.clock.nowMs(), parts.freed)
    this.#awaiting = new AwaitingWatch({
      ...parts,
      destination: parts.destination.id,
      line: this.#window.line,
      complete: () => this.#window.complete,
      changed: () => this.#pump(),
      failed: this.#unreadable,
    })
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

  /** Do deliveries that could go wait in number? Not those of a destination that is paused or cannot be reached. */
  get behind(): boolean {
    return !this.#paused && this.#circuit.openUntilMs === null && this.#window.crowded
  }

  /** Loads what the store holds and begins. On a shared store it begins whether or not that can be reached just now. */
  async start(): Promise<void> {
    if (this.#shared) {
      this.#begun = true
      return this.look()
    }
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
    if (!this.#paused) return
    this.#paused = false
    this.#pump()
  }

  /** What deliveries wait for may be there: those that it frees go now, the first as a probe where all had failed. */
  free(): void {
    if (this.#stopped || !this.#window.free()) return
    this.#circuit.again(this.#parts.clock.nowMs())
    this.#pump()
  }

  /** Takes deliveries that became queued or were changed by a person. */
  put(entries: readonly QueueEntry[]): void {
    this.#window.put(entries).then(() => this.#pump(), this.#unreadable)
  }

  /** A commit was made on a shared store: takes its deliveries where nothing before them can be missing, else reads on. */
  grow(commit: Growth): void {
    if (this.#stopped) return
    const { look, changed } = this.#window.grow(commit)
    changed?.then(() => this.#pump(), this.#unreadable)
    if (look !== 'no') this.#lookSoon(look === 'now')
  }

  /** Reads on, but not more often than every `LOOK_MS`: under load news come by the hundred. */
  #lookSoon(now: boolean): void {
    if (this.#cancelSoon !== null) return
    const { clock } = this.#parts
    const sinceMs = clock.monotonicMs() - this.#lookedAtMs
    this.#cancelSoon = clock.after(now ? Math.max(0, LOOK_MS - sinceMs) : LOOK_MS, () => {
      this.#cancelSoon = null
      this.#lookedAtMs = clock.monotonicMs()
      if (!this.#window.known) void this.look()
    })
  }

  /** The queue may have grown on another node: reads on. Never rejects. */
  async look(): Promise<void> {
    if (this.#stopped) return
    await this.#window.look().then(() => this.#pump(), this.#unreadable)
  }

  /** News of other nodes may have been missed: compares what is in memory with the store. */
  again(): void {
    if (!this.#stopped) this.#window.again().then(() => this.#pump(), this.#unreadable)
  }

  /** Begins nothing more, lets attempts end within `drainMs`, then aborts them and closes the sender. */
  async stop(drainMs: number): Promise<void> {
    this.#halt()
    const cancel = this.#parts.clock.after(drainMs, () => {
      this.#abort.abort()
      // What could not be recorded by now is `unknown` at the next start.
      this.#givenUp = true
    })
    while (this.#running.size > 0) await Promise.all(this.#running)
    cancel()
    await this.#parts.sender.close()
  }

  /**
   * The lease is lost: nothing more begins, every connection with a message on it is destroyed before this returns. Nobody
   * waits: what the attempts report is refused by the fence, because whoever holds the lease now has judged them `unknown`. */
  lose(): void {
    this.#halt()
    this.#givenUp = true
    this.#abort.abort()
    this.#parts.sender.close().catch((fault: unknown) => {
      this.#parts.log.error('delivery.fault', { destination: this.id }, fault)
    })
  }

  #halt(): void {
    this.#stopped = true
    this.#cancelWake?.()
    this.#cancelLook?.()
    this.#cancelSoon?.()
    this.#awaiting.stop()
  }

  get #shared(): boolean {
    return this.#parts.journal.leases.shared
  }

  readonly #unreadable = (fault: unknown): void => {
    this.#parts.log.error('delivery.read', { destination: this.id, code: codeOf(fault) }, fault)
    this.#cancelLook?.()
    if (this.#shared && !this.#stopped)
      this.#cancelLook = this.#parts.clock.after(STORE_WAIT_MS, () => void this.look())
  }

  /** Begins whatever may go now, and sleeps until something else may. */
  #pump(): void {
    if (this.#stopped || !this.#begun || this.#unrecorded > 0) return
    if (!this.#parts.lease.held()) {
      // Its tenant is told soon; until then, and should it be renewed after all, it is asked again.
      this.#cancelWake?.()
      this.#cancelWake = this.#parts.clock.after(STORE_WAIT_MS, () => this.#pump())
      return
    }
    const now = this.#parts.clock.nowMs()
    this.#awaiting.look()
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
    const { log, meter, mayExpire } = this.#parts
    const { line } = this.#window
    if (mayExpire?.() === false) return
    for (let turn = line.normal(nowMs); turn !== null; turn = line.normal(nowMs)) {
      const { entry } = turn.waiting
      if (entry.expiresAtMs > nowMs) return
      const move = expire(entry, nowMs)
      line.put(moved(entry, move))
      meter.count('parked_total', { destination: this.id, code: 'DELIVERY_EXPIRED' })
      log.warn('delivery.expired', { messageId: entry.messageId, deliveryId: entry.id, destination: this.id })
      void this.#recordSurely({ ...move, ...this.#parts.beside?.(entry, move, null) })
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
    const { destination, clock, ids, lease, log } = this.#parts
    const startedAtMs = clock.nowMs()
    const before = turn.waiting.entry
    const mark = begin(before, startedAtMs, turn.overtakes.length > 0)
    const sending = moved(before, mark)
    this.#window.line.put(sending)
    if (!(await this.#marked(before, mark))) {
      release()
      return
    }
    const result = await deliver(sending, lane, { ...this.#parts, mayBegin: () => lease.held() }, this.#abort.signal)
    const mayExpire = this.#parts.mayExpire?.() ?? true
    const move = decide(sending, result, destination, {
      startedAtMs,
      endedAtMs: clock.nowMs(),
      random: ids.random(),
      mayExpire,
    })
    const recorded = this.#recordSurely({ ...move, ...this.#parts.beside?.(sending, move, result) })
    if (result.kind === 'retry' && result.breaker === true) this.#circuit.failed(move.atMs)
    else if (result.kind !== 'failed') this.#circuit.reached()
    if (result.kind === 'delivered') this.#window.line.remove(before.id)
    else this.#window.line.put(moved(sending, move))
    if (!this.#shared) this.#tell(sending, move, result)
    // The next begins in the same group commit as this outcome: both are kept, or neither.
    release()
    const kept = await recorded
    if (!this.#shared) return
    // Another node may have the lease by now: then this outcome counts for nothing.
    if (kept === true) this.#tell(sending, move, result)
    else log.warn('delivery.unrecorded', { deliveryId: before.id, destination: this.id, code: 'LEASE_LOST' })
  }

  /**
   * Makes the mark of an attempt. False: it was not made, because a person ended the delivery meanwhile, the lease is
   * another's, or the store cannot; then the line holds what the store does. */
  async #marked(before: QueueEntry, mark: Move): Promise<boolean> {
    const { line } = this.#window
    const later = { ...before, dueAtMs: mark.atMs + STORE_WAIT_MS }
    const made = await this.#tryRecord(mark)
    if (made === true) return true
    const now = made === false ? await this.#parts.journal.delivery(before.id).catch(() => later) : later
    // An earlier try of this very mark was kept, and the connection broke before it was said so.
    if (this.#shared && now?.state === 'sending' && now.attempts === mark.attempts) return true
    if (now === null) line.remove(before.id)
    // Refused, and yet as it was: the lease has changed hands and its tenant is told soon.
    else line.put(this.#shared && now.state === before.state ? { ...now, dueAtMs: later.dueAtMs } : now)
    return false
  }

  /** Counts and logs what an attempt came to. */
  #tell(entry: QueueEntry, move: Move, result: Result): void {
    const { log, meter } = this.#parts
    const labels = { destination: this.id }
    if (result.kind === 'delivered') {
      meter.count('delivered_total', labels)
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
  }

  /**
   * Records a move whatever it takes: a full disk or a database out of reach only delays it. False: refused, or kept at an
   * earlier try. Null: the process is ending, or the lease is gone. */
  async #recordSurely(move: Move): Promise<boolean | null> {
    const first = await this.#tryRecord(move)
    if (first !== 'full') return first
    this.#unrecorded++
    for (;;) {
      await new Promise<void>((resolve) => this.#parts.clock.after(STORE_WAIT_MS, resolve))
      if (this.#givenUp) return null
      const again = await this.#tryRecord(move)
      if (again === 'full') continue
      this.#unrecorded--
      this.#pump()
      return again
    }
  }

  async #tryRecord(move: Move): Promise<boolean | null | 'full'> {
    try {
      return await this.#parts.journal.record({ ...move, fence: this.#parts.lease.fence })
    } catch (fault) {
      const code = codeOf(fault)
      return NOT_NOW.includes(code) ? 'full' : null
    }
  }
}
