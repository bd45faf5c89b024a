import type { QueueEntry } from '../core/journal.ts'
import { isIdentityEvent } from '../formats/hl7v2/identity-event.ts'
import { type Heap, heap } from './heap.ts'
import { isAdmission, isAwaiting, visitIn } from './visits.ts'

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
  /** Its place in order: its seq, or right behind the admission that it had come before. */
  place: number
  /** The visit for whose admission it waits, as an order key; null: for none, or no longer. */
  awaits: string | null
}

/** What may go now, and which earlier ones it passes by. */
export interface Turn {
  readonly waiting: Waiting
  readonly overtakes: readonly QueueEntry[]
}

const waits = (entry: QueueEntry): boolean => entry.state === 'queued' || (entry.state === 'unknown' && !entry.held)

/** Does an urgent delivery pass this earlier one instead of waiting for it? */
function mayBePassed({ entry, awaits }: Waiting, nowMs: number): boolean {
  if (awaits !== null || nowMs - entry.committedAtMs >= OVERTAKE_AFTER_MS) return true
  return entry.state !== 'sending' && (!waits(entry) || entry.dueAtMs > nowMs)
}

const before = (a: Waiting, b: Waiting): boolean =>
  a.place < b.place || (a.place === b.place && a.entry.seq < b.entry.seq)

/**
 * The order of one destination's deliveries, in memory. A delivery waits for every earlier one that holds one of its
 * keys; an urgent one waits only for those that are younger than 5 s and can go, and lends them its urgency. A movement that
 * waits for its admission holds its keys as any other, until the admission stands in line: then its place is right behind
 * that. Changes nothing outside itself; time is a parameter. */
export class Lineup {
  readonly #keysOf: (entry: QueueEntry) => readonly string[]
  readonly #all = new Map<string, Waiting>()
  readonly #urgents = new Map<string, Waiting>()
  /** Per key, in order: the first holds, the others wait for it. */
  readonly #byKey = new Map<string, Waiting[]>()
  /** Movements that wait for the admission of a visit. */
  readonly #awaiting = new Map<string, Set<Waiting>>()
  #newlyAwaiting: Waiting[] = []
  readonly #ready: Heap<Waiting> = heap((w) => w.place)
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
    const w = known ?? { entry, blockers: 0, guest, place: entry.seq, awaits: null }
    this.#all.set(entry.id, w)
    if (entry.lane === 'urgent') this.#urgents.set(entry.id, w)
    this.#enter(w)
    const visit = visitIn(this.#keysOf(entry))
    if (visit !== null && isAwaiting(entry)) this.#await(w, visit)
    else this.#offer(w)
    if (visit !== null && known === undefined && isAdmission(entry)) {
      for (const movement of [...(this.#awaiting.get(visit) ?? [])]) this.#follow(movement, w)
    }
  }

  /** Movements that wait for the admission of their visit, which is no delivery in line. */
  awaiting(): readonly Waiting[] {
    return [...this.#awaiting.values()].flatMap((movements) => [...movements])
  }

  /** Those that came into line since this was asked last. */
  newlyAwaiting(): readonly Waiting[] {
    const fresh = this.#newlyAwaiting
    if (fresh.length > 0) this.#newlyAwaiting = []
    return fresh.filter(({ awaits }) => awaits !== null)
  }

  /** How many visits are waited for. */
  get awaited(): number {
    return this.#awaiting.size
  }

  /**
   * Lets a movement go in its place, since the admission it waits for is not to come any more: it came and went, or the wait is
   * over, `inVain`. */
  free(w: Waiting, inVain: boolean): void {
    this.#awaitNoMore(w)
    w.entry = { ...w.entry, lastCode: inVain ? w.entry.lastCode : null, dueAtMs: w.entry.committedAtMs }
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
          if (!mayBePassed(e, nowMs)) next = Math.min(next, e.entry.committedAtMs + OVERTAKE_AFTER_MS)
        }
      }
    }
    return Number.isFinite(next) ? next : null
  }

  #offer(w: Waiting): void {
    if (w.blockers > 0 || w.guest || w.awaits !== null || !waits(w.entry)) return
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
      while (at > 0 && before(w, line[at - 1]!)) at--
      line.splice(at, 0, w)
      // Whoever is not first waits: the newcomer, or the one it pushed from the first place.
      line[Math.max(at, 1)]!.blockers++
    }
  }

  #await(w: Waiting, visit: string): void {
    w.awaits = visit
    const movements = this.#awaiting.get(visit)
    if (movements === undefined) this.#awaiting.set(visit, new Set([w]))
    else movements.add(w)
    const admission = this.#byKey.get(visit)?.find(({ entry }) => isAdmission(entry))
    if (admission === undefined) this.#newlyAwaiting.push(w)
    else this.#follow(w, admission)
  }

  #awaitNoMore(w: Waiting): void {
    if (w.awaits === null) return
    const movements = this.#awaiting.get(w.awaits)
    movements?.delete(w)
    if (movements?.size === 0) this.#awaiting.delete(w.awaits)
    w.awaits = null
  }

  /**
   * The admission stands in line: the movement goes behind it. Not past an identity event, after which its identifiers mean
   * another patient or none: then it goes before that, in vain. */
  #follow(w: Waiting, admission: Waiting): void {
    if (before(admission, w)) this.free(w, false)
    else if (this.#identityEventBetween(w, admission)) this.free(w, true)
    else {
      this.#leave(w)
      w.place = admission.place + 0.5
      this.#enter(w)
      this.free(w, false)
    }
  }

  #identityEventBetween(w: Waiting, admission: Waiting): boolean {
    return this.#keysOf(w.entry).some((key) =>
      this.#byKey.get(key)?.some((one) => before(w, one) && before(one, admission) && isIdentityEvent(one.entry.kind)),
    )
  }

  #leave(w: Waiting): void {
    this.#awaitNoMore(w)
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
        if (!before(other, w)) break
        found.add(other)
      }
    }
    return [...found].sort((a, b) => (before(a, b) ? -1 : 1))
  }

  #urgentTurn(w: Waiting, nowMs: number, seen: Set<Waiting>): Turn | null {
    if (seen.has(w) || w.awaits !== null || !waits(w.entry) || w.entry.dueAtMs > nowMs) return null
    seen.add(w)
    const earlier = this.#earlierOf(w)
    const awaited = earlier.filter((e) => !mayBePassed(e, nowMs))
    if (awaited.length === 0) return { waiting: w, overtakes: earlier.map((e) => e.entry) }
    for (const e of awaited) {
      const turn = this.#urgentTurn(e, nowMs, seen)
      if (turn !== null) return turn
    }
    return null
  }
}
