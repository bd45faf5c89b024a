import type { QueueEntry } from '../core/journal.ts'
import { type Heap, heap } from './heap.ts'

/** An urgent delivery waits no longer than this for an earlier one of its patient (ms since that one's commit). */
export const OVERTAKE_AFTER_MS = 5_000

// Each end of an attempt looks again, so a bounded look-ahead is enough to wake in time for the first ones.
const URGENT_LOOK = 200

/** A delivery as it stands in line. */
export interface Waiting {
  entry: QueueEntry
  /** Keys on which an earlier delivery holds it back. */
  blockers: number
  /**
   * Brought in ahead of its page because an urgent one waits for it: not everything before it is known, so only urgency
   * may send it. */
  guest: boolean
}

/** What may go now, and which earlier ones it passes by. */
export interface Turn {
  readonly waiting: Waiting
  readonly overtakes: readonly QueueEntry[]
}

const waits = (entry: QueueEntry): boolean => entry.state === 'queued' || (entry.state === 'unknown' && !entry.held)

/** Does an urgent delivery pass this earlier one instead of waiting for it? */
function mayBePassed(entry: QueueEntry, nowMs: number): boolean {
  if (nowMs - entry.committedAtMs >= OVERTAKE_AFTER_MS) return true
  return entry.state !== 'sending' && (!waits(entry) || entry.dueAtMs > nowMs)
}

/**
 * The order of one destination's deliveries, in memory. A delivery waits for every earlier one that holds one of its
 * keys; an urgent one waits only for those that are younger than 5 s and can go, and lends them its urgency. Changes
 * nothing outside itself; time is a parameter. */
export class Lineup {
  readonly #keysOf: (entry: QueueEntry) => readonly string[]
  readonly #all = new Map<string, Waiting>()
  readonly #urgents = new Map<string, Waiting>()
  /** Per key, in order: the first holds, the others wait for it. */
  readonly #byKey = new Map<string, Waiting[]>()
  readonly #ready: Heap<Waiting> = heap((w) => w.entry.seq)
  readonly #later: Heap<{ readonly waiting: Waiting; readonly dueAtMs: number }> = heap((l) => l.dueAtMs)

  /** An empty line. `keysOf` gives the keys that order one entry; without any it waits for nothing. */
  constructor(keysOf: (entry: QueueEntry) => readonly string[]) {
    this.#keysOf = keysOf
  }

  /** Deliveries in line: waiting, on their way, or holding their keys until a person ends them. */
  get size(): number {
    return this.#all.size
  }

  /** The delivery of this id, if it stands in line. */
  get(id: string): Waiting | undefined {
    return this.#all.get(id)
  }

  /** Whatever stands in line now, in no order. */
  all(): readonly Waiting[] {
    return [...this.#all.values()]
  }

  /** Adds a delivery, or takes over its new state; one that neither holds keys nor may go leaves. */
  put(entry: QueueEntry, guest = false): void {
    const known = this.#all.get(entry.id)
    if (known !== undefined) {
      this.#leave(known)
      known.entry = entry
      known.guest &&= guest
    }
    if (!entry.holds && !waits(entry) && entry.state !== 'sending') {
      this.#all.delete(entry.id)
      this.#urgents.delete(entry.id)
      return
    }
    const w = known ?? { entry, blockers: 0, guest }
    this.#all.set(entry.id, w)
    if (entry.lane === 'urgent') this.#urgents.set(entry.id, w)
    this.#enter(w)
    this.#offer(w)
  }

  /** Takes a delivery out of line, and lets go what waited for it. */
  remove(id: string): void {
    const w = this.#all.get(id)
    if (w === undefined) return
    this.#leave(w)
    this.#all.delete(id)
    this.#urgents.delete(id)
  }

  /** The next normal delivery that may go, in order, or null. It stays in line until `put` or `remove` changes it. */
  normal(nowMs: number): Turn | null {
    for (let l = this.#later.peek(); l !== undefined && l.dueAtMs <= nowMs; l = this.#later.peek()) {
      this.#later.pop()
      if (this.#all.get(l.waiting.entry.id) === l.waiting && l.waiting.entry.dueAtMs <= nowMs)
        this.#ready.push(l.waiting)
    }
    for (let w = this.#ready.peek(); w !== undefined; w = this.#ready.peek()) {
      const current = this.#all.get(w.entry.id) === w
      if (current && w.blockers === 0 && !w.guest && waits(w.entry) && w.entry.dueAtMs <= nowMs) {
        return { waiting: w, overtakes: [] }
      }
      this.#ready.pop()
    }
    return null
  }

  /** The next urgent delivery, or one that an urgent one waits for, or null. */
  urgent(nowMs: number): Turn | null {
    const seen = new Set<Waiting>()
    for (const w of this.#urgents.values()) {
      const turn = this.#urgentTurn(w, nowMs, seen)
      if (turn !== null) return turn
    }
    return null
  }

  /** When something will be able to go that cannot now, or null. */
  nextChangeMs(nowMs: number): number | null {
    let next = this.#later.peek()?.dueAtMs ?? Number.POSITIVE_INFINITY
    let looked = 0
    for (const w of this.#urgents.values()) {
      if (!waits(w.entry)) continue
      if (++looked > URGENT_LOOK) break
      if (w.entry.dueAtMs > nowMs) next = Math.min(next, w.entry.dueAtMs)
      else {
        for (const e of this.#earlierOf(w)) {
          if (!mayBePassed(e.entry, nowMs)) next = Math.min(next, e.entry.committedAtMs + OVERTAKE_AFTER_MS)
        }
      }
    }
    return Number.isFinite(next) ? next : null
  }

  #offer(w: Waiting): void {
    if (w.blockers > 0 || w.guest || !waits(w.entry)) return
    if (w.entry.dueAtMs > 0) this.#later.push({ waiting: w, dueAtMs: w.entry.dueAtMs })
    else this.#ready.push(w)
  }

  #enter(w: Waiting): void {
    if (!w.entry.holds) return
    for (const key of this.#keysOf(w.entry)) {
      const line = this.#byKey.get(key)
      if (line === undefined) {
        this.#byKey.set(key, [w])
        continue
      }
      let at = line.length
      while (at > 0 && line[at - 1]!.entry.seq > w.entry.seq) at--
      line.splice(at, 0, w)
      // Whoever is not first waits: the newcomer, or the one it pushed from the first place.
      line[Math.max(at, 1)]!.blockers++
    }
  }

  #leave(w: Waiting): void {
    for (const key of this.#keysOf(w.entry)) {
      const line = this.#byKey.get(key)
      const at = line?.indexOf(w) ?? -1
      if (line === undefined || at < 0) continue
      line.splice(at, 1)
      const first = line[0]
      if (first === undefined) this.#byKey.delete(key)
      else if (at === 0 && --first.blockers === 0) this.#offer(first)
    }
    w.blockers = 0
  }

  #earlierOf(w: Waiting): Waiting[] {
    const found = new Set<Waiting>()
    for (const key of this.#keysOf(w.entry)) {
      for (const other of this.#byKey.get(key) ?? []) {
        if (other.entry.seq >= w.entry.seq) break
        found.add(other)
      }
    }
    return [...found].sort((a, b) => a.entry.seq - b.entry.seq)
  }

  #urgentTurn(w: Waiting, nowMs: number, seen: Set<Waiting>): Turn | null {
    if (seen.has(w) || !waits(w.entry) || w.entry.dueAtMs > nowMs) return null
    seen.add(w)
    const earlier = this.#earlierOf(w)
    const awaited = earlier.filter((e) => !mayBePassed(e.entry, nowMs))
    if (awaited.length === 0) return { waiting: w, overtakes: earlier.map((e) => e.entry) }
    for (const e of awaited) {
      const turn = this.#urgentTurn(e, nowMs, seen)
      if (turn !== null) return turn
    }
    return null
  }
}
