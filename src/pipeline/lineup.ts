import type { QueueEntry } from '../core/journal.ts'
import { heap } from './heap.ts'

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

/**
 * The order of one destination's deliveries, in memory. A delivery waits for every earlier one that holds one of its
 * keys; an urgent one waits only for those that are younger than 5 s and can go, and lends them its urgency. Changes
 * nothing outside itself; time is a parameter. */
export interface Lineup {
  /** Adds a delivery, or takes over its new state; one that neither holds keys nor may go leaves. */
  put(entry: QueueEntry, guest?: boolean): void
  get(id: string): Waiting | undefined
  remove(id: string): void
  /** The next normal delivery that may go, in order, or null. It stays in line until `put` or `remove` changes it. */
  normal(nowMs: number): Turn | null
  /** The next urgent delivery, or one that an urgent one waits for, or null. */
  urgent(nowMs: number): Turn | null
  /** Urgent deliveries in line that are not on their way. */
  urgentWaiting(): readonly Waiting[]
  /** When something will be able to go that cannot now, or null. */
  nextChangeMs(nowMs: number): number | null
  readonly size: number
}

const waits = (entry: QueueEntry): boolean => entry.state === 'queued' || (entry.state === 'unknown' && !entry.held)

/** Does an urgent delivery pass this earlier one instead of waiting for it? */
function mayBePassed(entry: QueueEntry, nowMs: number): boolean {
  if (nowMs - entry.committedAtMs >= OVERTAKE_AFTER_MS) return true
  return entry.state !== 'sending' && (!waits(entry) || entry.dueAtMs > nowMs)
}

/** An empty line. `keysOf` gives the keys that order one entry (none: it waits for nothing). */
export function lineup(keysOf: (entry: QueueEntry) => readonly string[]): Lineup {
  const all = new Map<string, Waiting>()
  const urgents = new Map<string, Waiting>()
  const byKey = new Map<string, Waiting[]>()
  const ready = heap<Waiting>((w) => w.entry.seq)
  const later = heap<{ readonly waiting: Waiting; readonly dueAtMs: number }>((l) => l.dueAtMs)

  const offer = (w: Waiting): void => {
    if (w.blockers > 0 || w.guest || !waits(w.entry)) return
    if (w.entry.dueAtMs > 0) later.push({ waiting: w, dueAtMs: w.entry.dueAtMs })
    else ready.push(w)
  }
  const enter = (w: Waiting): void => {
    if (!w.entry.holds) return
    for (const key of keysOf(w.entry)) {
      const line = byKey.get(key)
      if (line === undefined) {
        byKey.set(key, [w])
        continue
      }
      let at = line.length
      while (at > 0 && line[at - 1]!.entry.seq > w.entry.seq) at--
      line.splice(at, 0, w)
      if (at > 0) w.blockers++
      else line[1]!.blockers++
    }
  }
  const leave = (w: Waiting): void => {
    for (const key of keysOf(w.entry)) {
      const line = byKey.get(key)
      const at = line?.indexOf(w) ?? -1
      if (line === undefined || at < 0) continue
      line.splice(at, 1)
      const first = line[0]
      if (first === undefined) byKey.delete(key)
      else if (at === 0 && --first.blockers === 0) offer(first)
    }
    w.blockers = 0
  }
  const earlierOf = (w: Waiting): Waiting[] => {
    const found = new Set<Waiting>()
    for (const key of keysOf(w.entry)) {
      for (const other of byKey.get(key) ?? []) {
        if (other.entry.seq >= w.entry.seq) break
        found.add(other)
      }
    }
    return [...found].sort((a, b) => a.entry.seq - b.entry.seq)
  }
  const urgentTurn = (w: Waiting, nowMs: number, seen: Set<Waiting>): Turn | null => {
    if (seen.has(w) || !waits(w.entry) || w.entry.dueAtMs > nowMs) return null
    seen.add(w)
    const earlier = earlierOf(w)
    const awaited = earlier.filter((e) => !mayBePassed(e.entry, nowMs))
    if (awaited.length === 0) return { waiting: w, overtakes: earlier.map((e) => e.entry) }
    for (const e of awaited) {
      const turn = urgentTurn(e, nowMs, seen)
      if (turn !== null) return turn
    }
    return null
  }

  return {
    put(entry, guest = false) {
      const known = all.get(entry.id)
      if (known !== undefined) {
        leave(known)
        known.entry = entry
        known.guest &&= guest
      }
      if (!entry.holds && !waits(entry) && entry.state !== 'sending') {
        all.delete(entry.id)
        urgents.delete(entry.id)
        return
      }
      const w = known ?? { entry, blockers: 0, guest }
      all.set(entry.id, w)
      if (entry.lane === 'urgent') urgents.set(entry.id, w)
      enter(w)
      offer(w)
    },
    get: (id) => all.get(id),
    remove(id) {
      const w = all.get(id)
      if (w === undefined) return
      leave(w)
      all.delete(id)
      urgents.delete(id)
    },
    normal(nowMs) {
      for (let l = later.peek(); l !== undefined && l.dueAtMs <= nowMs; l = later.peek()) {
        later.pop()
        if (all.get(l.waiting.entry.id) === l.waiting && l.waiting.entry.dueAtMs <= nowMs) ready.push(l.waiting)
      }
      for (let w = ready.peek(); w !== undefined; w = ready.peek()) {
        const current = all.get(w.entry.id) === w
        if (current && w.blockers === 0 && !w.guest && waits(w.entry) && w.entry.dueAtMs <= nowMs) {
          return { waiting: w, overtakes: [] }
        }
        ready.pop()
      }
      return null
    },
    urgent(nowMs) {
      const seen = new Set<Waiting>()
      for (const w of urgents.values()) {
        const turn = urgentTurn(w, nowMs, seen)
        if (turn !== null) return turn
      }
      return null
    },
    urgentWaiting: () => [...urgents.values()].filter((w) => waits(w.entry)),
    nextChangeMs(nowMs) {
      let next = later.peek()?.dueAtMs ?? Number.POSITIVE_INFINITY
      let looked = 0
      for (const w of urgents.values()) {
        if (!waits(w.entry)) continue
        if (++looked > URGENT_LOOK) break
        if (w.entry.dueAtMs > nowMs) next = Math.min(next, w.entry.dueAtMs)
        else
          for (const e of earlierOf(w))
            if (!mayBePassed(e.entry, nowMs)) next = Math.min(next, e.entry.committedAtMs + OVERTAKE_AFTER_MS)
      }
      return Number.isFinite(next) ? next : null
    },
    get size() {
      return all.size
    },
  }
}
