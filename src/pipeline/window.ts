import type { Destination } from '../core/config.ts'
import type { Journal, QueueEntry } from '../core/journal.ts'
import { Lineup, OVERTAKE_AFTER_MS } from './lineup.ts'

const PAGE = 500
/** Deliveries kept in memory while more wait in the store: 1,000,000 queued must not be 1,000,000 objects. */
const WINDOW = 2_000
/** Earlier deliveries looked up for one urgent delivery that arrived beyond the window. */
const EARLIER = 50

/**
 * The part of a destination's queue that is in memory: a prefix of it in order, so that whatever a delivery waits for
 * is here too; urgent deliveries beyond the prefix are brought in as guests, with what they wait for. */
export class QueueWindow {
  readonly line: Lineup
  readonly #destination: Destination
  readonly #journal: Pick<Journal, 'queue' | 'urgent' | 'earlier'>
  readonly #nowMs: () => number
  #complete = false
  #lastSeq = 0
  #reading: Promise<boolean> | null = null
  #missed: QueueEntry[] = []

  /** The empty window of a destination. */
  constructor(destination: Destination, journal: Pick<Journal, 'queue' | 'urgent' | 'earlier'>, nowMs: () => number) {
    const { order } = destination
    this.line = new Lineup((entry) => (order === 'patient' ? entry.keys : order === 'destination' ? ['*'] : []))
    this.#destination = destination
    this.#journal = journal
    this.#nowMs = nowMs
  }

  /** True when nothing waits in the store that is not here. */
  get complete(): boolean {
    return this.#complete
  }

  /** Takes deliveries that just became queued or were changed by a person. */
  async put(entries: readonly QueueEntry[]): Promise<void> {
    for (const entry of entries) {
      if (this.line.get(entry.id) !== undefined) this.line.put(entry)
      else if (this.#complete) this.#append(entry)
      else if (entry.seq <= this.#lastSeq) this.line.put(entry)
      else if (entry.lane === 'urgent') await this.#bring(entry)
      else if (this.#reading !== null) this.#missed.push(entry)
    }
  }

  /** Reads the next page; false when there was none. Calls while one runs share it. */
  more(): Promise<boolean> {
    this.#reading ??= this.#readPage().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  /** Brings in the urgent deliveries that the store holds beyond the prefix; at start-up. */
  async bringUrgent(): Promise<void> {
    for (let after = 0; ; ) {
      const page = await this.#journal.urgent(this.#destination.id, after, PAGE)
      for (const entry of page) if (this.line.get(entry.id) === undefined) await this.#bring(entry)
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return
      after = last.seq
    }
  }

  #append(entry: QueueEntry): void {
    this.line.put(entry)
    this.#lastSeq = Math.max(this.#lastSeq, entry.seq)
    if (this.line.size > WINDOW) this.#complete = false
  }

  async #readPage(): Promise<boolean> {
    const page = await this.#journal.queue(this.#destination.id, this.#lastSeq, PAGE)
    for (const entry of page) {
      const known = this.line.get(entry.id)
      this.#lastSeq = entry.seq
      // What is in line is newer here than in the page; what is not and was on its way has just been settled.
      if (known !== undefined) this.line.put(known.entry)
      else if (entry.state !== 'sending') this.line.put(entry)
    }
    if (page.length < PAGE) {
      this.#complete = true
      for (const entry of this.#missed) if (this.line.get(entry.id) === undefined) this.#append(entry)
    }
    this.#missed = []
    return page.length > 0
  }

  /** Puts an urgent delivery in line as a guest, after what it may have to wait for. */
  async #bring(urgent: QueueEntry): Promise<void> {
    const found: QueueEntry[] = []
    const seen = new Set([urgent.id])
    for (const look = [urgent]; look.length > 0; ) {
      const entry = look.pop()!
      if (this.#destination.order !== 'patient' || entry.keys.length === 0) continue
      for (const earlier of await this.#journal.earlier(this.#destination.id, entry.keys, entry.seq, EARLIER)) {
        if (seen.has(earlier.id) || this.line.get(earlier.id) !== undefined) continue
        seen.add(earlier.id)
        found.push(earlier)
        if (this.#nowMs() - earlier.committedAtMs < OVERTAKE_AFTER_MS) look.push(earlier)
      }
    }
    for (const entry of found) this.line.put(entry, true)
    if (this.line.get(urgent.id) === undefined) this.line.put(urgent, true)
  }
}
