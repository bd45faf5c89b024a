import type { Journal } from '../core/journal.ts'
import type { DestinationId } from '../core/message.ts'
import type { Clock } from '../core/ports.ts'
import type { Lineup, Waiting } from './lineup.ts'
import { isAdmission, waitsOf } from './visits.ts'

/**
 * Between two questions about the movements that wait (ms): whether an admission came that is not for this destination. One
 * that is stands in line, and nobody needs to ask. */
const ASK_MS = 5_000
/** Wait after the store could not answer (ms). */
const STORE_WAIT_MS = 1_000
/** Deliveries of one visit that may be under way to one destination. */
const OF_VISIT = 50

/** What watching over movements that wait needs. */
export interface AwaitingParts {
  readonly destination: DestinationId
  readonly line: Lineup
  readonly journal: Pick<Journal, 'look' | 'earlier' | 'leases'>
  readonly clock: Clock
  /** Is every delivery that waits in the store in line? */
  readonly complete: () => boolean
  /** Something may go that could not before. */
  readonly changed: () => void
  readonly failed: (fault: unknown) => void
}

/**
 * Lets the movements go that wait in a line for an admission which is no delivery in it: at once where the store knows their
 * visit, else when their time has come. What was committed before a movement is in the store, what is committed after it
 * comes into line: so asking once for each misses nothing that matters here. */
export class AwaitingWatch {
  readonly #parts: AwaitingParts
  /** When each wait ends, as far as it was asked. */
  readonly #endsAtMs = new WeakMap<Waiting, number>()
  #asking = false
  #stopped = false
  #cancel: (() => void) | null = null

  /** Nothing is asked before `look`. */
  constructor(parts: AwaitingParts) {
    this.#parts = parts
  }

  /** The line may have changed: asks for what has newly come into it. */
  look(): void {
    if (this.#stopped || this.#asking) return
    const fresh = this.#parts.line.newlyAwaiting()
    if (fresh.length > 0) void this.#ask(fresh)
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  async #ask(movements: readonly Waiting[]): Promise<void> {
    const { line, clock, changed, failed } = this.#parts
    this.#asking = true
    this.#cancel?.()
    let sleepMs = STORE_WAIT_MS
    try {
      if (await this.#judge(movements)) changed()
      sleepMs = this.#sleepMs()
    } catch (fault) {
      failed(fault)
    }
    this.#asking = false
    if (this.#stopped || line.awaited === 0) return
    this.#cancel = clock.after(sleepMs, () => void this.#ask(line.awaiting()))
    this.look()
  }

  /** Frees what need not wait any more; was there any? */
  async #judge(movements: readonly Waiting[]): Promise<boolean> {
    const { line, journal, clock } = this.#parts
    const waits = await waitsOf(
      journal,
      movements.flatMap(({ awaits }) => awaits ?? []),
    )
    let freed = false
    for (const movement of movements) {
      const visit = movement.awaits
      if (visit === null) continue
      const untilMs = waits.get(visit) ?? movement.entry.dueAtMs
      const endsAtMs = Math.min(untilMs, movement.entry.dueAtMs)
      this.#endsAtMs.set(movement, endsAtMs)
      if (endsAtMs > clock.nowMs() || (untilMs === 0 && (await this.#onItsWay(visit)))) continue
      // Meanwhile it may have gone behind an admission, or out of line.
      if (movement.awaits !== visit) continue
      // Had the visit been given up before it came, it did not wait.
      line.free(movement, untilMs > 0 && movement.entry.committedAtMs < untilMs)
      freed = true
    }
    return freed
  }

  /** Is the admission a delivery to this destination that comes into line yet? */
  async #onItsWay(visit: string): Promise<boolean> {
    const { destination, journal, complete } = this.#parts
    if (complete() && !journal.leases.shared) return false
    const open = await journal.earlier(destination, [visit], Number.MAX_SAFE_INTEGER, OF_VISIT)
    return open.some(isAdmission)
  }

  #sleepMs(): number {
    const { line, clock } = this.#parts
    const nowMs = clock.nowMs()
    let sleepMs = ASK_MS
    for (const movement of line.awaiting()) {
      const leftMs = (this.#endsAtMs.get(movement) ?? nowMs) - nowMs
      sleepMs = Math.min(sleepMs, leftMs > 0 ? leftMs : STORE_WAIT_MS)
    }
    return sleepMs
  }
}
