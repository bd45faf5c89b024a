import type { Destination } from '../core/config.ts'
import { codeOf } from '../core/errors.ts'
import type { Journal, Move, QueueEntry } from '../core/journal.ts'
import type { DestinationId, Lane } from '../core/message.ts'
import type { Clock, Ids, Log, Meter, Sender } from '../core/ports.ts'
import { breaker } from './breaker.ts'
import { begin, decide, expire, moved, type Result } from './decide.ts'
import { deliver, type Prepare } from './deliver.ts'
import type { Turn } from './lineup.ts'
import { queueWindow } from './window.ts'

/** Wait after the store could not record something (ms): draining goes on as soon as it can again. */
const STORE_WAIT_MS = 1_000
/** Longest sleep (ms), so that a jump of the wall clock delays nothing for long. */
const LONGEST_SLEEP_MS = 60_000

/** What a dispatcher works with. */
export interface DispatchParts {
  readonly destination: Destination
  readonly journal: Journal
  readonly sender: Sender
  readonly prepare: Prepare | null
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** Sends the deliveries of one destination, in order, within its limits. */
export interface Dispatcher {
  readonly id: DestinationId
  /** Loads what the store holds and begins. */
  start(): Promise<void>
  /** Takes deliveries that became queued or were changed by a person. */
  put(entries: readonly QueueEntry[]): void
  /** Attempts on their way. */
  readonly inFlight: number
  /** When the circuit breaker lets the next try through, or null. */
  readonly breakerUntilMs: number | null
  /** Begins nothing more, lets attempts end within `drainMs`, then aborts them. */
  stop(drainMs: number): Promise<void>
}

/** The dispatcher of a destination; nothing runs before `start`. */
export function dispatcher(parts: DispatchParts): Dispatcher {
  const { destination, journal, sender, clock, ids, log, meter } = parts
  const window = queueWindow(destination, journal, () => clock.nowMs())
  const circuit = breaker(destination.retry, () => ids.random())
  const inFlight: Record<Lane, number> = { normal: 0, urgent: 0 }
  const running = new Set<Promise<void>>()
  const abort = new AbortController()
  let stopped = false
  let begun = false
  let unrecorded = 0
  let cancelWake: (() => void) | null = null

  /** Records a move whatever it takes: a full disk only delays it. Null: the process is ending. */
  async function recordSurely(move: Move): Promise<boolean | null> {
    const first = await tryRecord(move)
    if (first !== 'full') return first
    unrecorded++
    for (;;) {
      await new Promise<void>((resolve) => clock.after(STORE_WAIT_MS, resolve))
      const again = await tryRecord(move)
      if (again === 'full') continue
      unrecorded--
      pump()
      return again
    }
  }

  async function tryRecord(move: Move): Promise<boolean | null | 'full'> {
    try {
      return await journal.record(move)
    } catch (fault) {
      return codeOf(fault) === 'STORE_FULL' ? 'full' : null
    }
  }

  function settle(entry: QueueEntry, move: Move, result: Result): void {
    if (result.kind === 'retry' && result.breaker === true) circuit.failed(move.atMs)
    else if (result.kind !== 'failed') circuit.reached()
    const labels = { destination: destination.id }
    if (result.kind === 'delivered') {
      meter.count('delivered_total', labels)
      window.line.remove(entry.id)
      return
    }
    const fields = { messageId: entry.messageId, deliveryId: entry.id, destination: destination.id, code: result.code }
    if (move.held) {
      meter.count('parked_total', { ...labels, code: result.code })
      log.warn('delivery.parked', fields)
    } else {
      meter.count('retried_total', { ...labels, code: result.code })
      log.info('delivery.retry', { ...fields, count: move.attempts, ms: Math.max(0, move.dueAtMs - move.atMs) })
    }
    window.line.put(moved(entry, move))
  }

  async function run(turn: Turn, lane: Lane, release: () => void): Promise<void> {
    const startedAtMs = clock.nowMs()
    const before = turn.waiting.entry
    const mark = begin(before, startedAtMs, turn.overtakes.length > 0)
    const sending = moved(before, mark)
    window.line.put(sending)
    const marked = await tryRecord(mark)
    if (marked !== true) {
      // A person ended it meanwhile, or the store is full: what the store holds is the truth.
      const now =
        marked === false ? await journal.delivery(before.id) : { ...before, dueAtMs: startedAtMs + STORE_WAIT_MS }
      if (now === null) window.line.remove(before.id)
      else window.line.put(now)
      release()
      return
    }
    const result = await deliver(sending, lane, parts, abort.signal)
    const move = decide(sending, result, destination, { startedAtMs, endedAtMs: clock.nowMs(), random: ids.random() })
    const recorded = recordSurely(move)
    settle(sending, move, result)
    // The next begins in the same group commit as this outcome: both are kept, or neither.
    release()
    await recorded
  }

  function launch(turn: Turn, lane: Lane): void {
    inFlight[lane]++
    const work = run(turn, lane, () => {
      inFlight[lane]--
      pump()
    })
      .catch((fault: unknown) => log.error('delivery.fault', { destination: destination.id }, fault))
      .finally(() => running.delete(work))
    running.add(work)
  }

  /** Begins one delivery if anything may go now. */
  function beginNext(nowMs: number): boolean {
    if (!circuit.admits(nowMs, inFlight.normal + inFlight.urgent)) return false
    const urgentFree = inFlight.urgent < destination.urgentInFlight
    const normalFree = inFlight.normal < destination.maxInFlight
    const urgent = urgentFree || normalFree ? window.line.urgent(nowMs) : null
    if (urgent !== null) {
      launch(urgent, urgentFree ? 'urgent' : 'normal')
      return true
    }
    const normal = normalFree ? window.line.normal(nowMs) : null
    if (normal !== null) launch(normal, 'normal')
    else if (normalFree && !window.complete) readMore()
    return normal !== null
  }

  function readMore(): void {
    window.more().then(pump, (fault: unknown) => log.error('delivery.read', { destination: destination.id }, fault))
  }

  function expireDue(nowMs: number): void {
    for (let turn = window.line.normal(nowMs); turn !== null; turn = window.line.normal(nowMs)) {
      const { entry } = turn.waiting
      if (entry.expiresAtMs > nowMs) return
      const move = expire(entry, nowMs)
      window.line.put(moved(entry, move))
      meter.count('parked_total', { destination: destination.id, code: 'DELIVERY_EXPIRED' })
      log.warn('delivery.expired', { messageId: entry.messageId, deliveryId: entry.id, destination: destination.id })
      void recordSurely(move)
    }
  }

  function pump(): void {
    if (stopped || !begun || unrecorded > 0) return
    const now = clock.nowMs()
    expireDue(now)
    while (beginNext(now));
    cancelWake?.()
    const changes = [window.line.nextChangeMs(now), circuit.openUntilMs].filter((ms) => ms !== null && ms > now)
    // What could go now and has no place goes when an attempt ends; only what lies ahead needs a timer.
    const next = Math.min(...(changes as number[]))
    cancelWake = Number.isFinite(next) ? clock.after(Math.min(next - now, LONGEST_SLEEP_MS), pump) : null
  }

  return {
    id: destination.id,
    async start() {
      await window.more()
      if (!window.complete) await window.bringUrgent()
      begun = true
      pump()
    },
    put(entries) {
      window
        .put(entries)
        .then(pump, (fault: unknown) => log.error('delivery.read', { destination: destination.id }, fault))
    },
    get inFlight() {
      return running.size
    },
    get breakerUntilMs() {
      return circuit.openUntilMs
    },
    async stop(drainMs) {
      stopped = true
      cancelWake?.()
      const cancel = clock.after(drainMs, () => abort.abort())
      while (running.size > 0) await Promise.all(running)
      cancel()
      await sender.close()
    },
  }
}
