import type { Destination } from '../core/config.ts'
import type { Journal, QueueEntry } from '../core/journal.ts'
import { type Lineup, lineup, OVERTAKE_AFTER_MS } from './lineup.ts'

const PAGE = 500
/** Deliveries kept in memory while more wait in the store: 1,000,000 queued must not be 1,000,000 objects. */
const WINDOW = 2_000
/** Earlier deliveries looked up for one urgent delivery that arrived beyond the window. */
const EARLIER = 50

/**
 * The part of a destination's queue that is in memory: a prefix of it in order, so that whatever a delivery waits for
 * is here too; urgent deliveries beyond the prefix are brought in as guests, with what they wait for. */
export interface Window {
  readonly line: Lineup
  /** True when nothing waits in the store that is not here. */
  readonly complete: boolean
  /** Takes deliveries that just became queued or were changed by a person. */
  put(entries: readonly QueueEntry[]): Promise<void>
  /** Reads the next page; false when there was none. Calls while one runs share it. */
  more(): Promise<boolean>
  /** Brings in the urgent deliveries that the store holds beyond the prefix; at start-up. */
  bringUrgent(): Promise<void>
}

/** The empty window of a destination. */
export function queueWindow(
  destination: Destination,
  journal: Pick<Journal, 'queue' | 'urgent' | 'earlier'>,
  nowMs: () => number,
): Window {
  const keysOf = (entry: QueueEntry): readonly string[] =>
    destination.order === 'patient' ? entry.keys : destination.order === 'destination' ? ['*'] : []
  const line = lineup(keysOf)
  let complete = false
  let lastSeq = 0
  let reading: Promise<boolean> | null = null
  let missed: QueueEntry[] = []

  const append = (entry: QueueEntry): void => {
    line.put(entry)
    lastSeq = Math.max(lastSeq, entry.seq)
    if (line.size > WINDOW) complete = false
  }
  const bring = async (urgent: QueueEntry): Promise<void> => {
    const found: QueueEntry[] = []
    const seen = new Set([urgent.id])
    for (const look = [urgent]; look.length > 0; ) {
      const entry = look.pop()!
      const keys = destination.order === 'patient' ? keysOf(entry) : []
      if (keys.length === 0) continue
      for (const earlier of await journal.earlier(destination.id, keys, entry.seq, EARLIER)) {
        if (seen.has(earlier.id) || line.get(earlier.id) !== undefined) continue
        seen.add(earlier.id)
        found.push(earlier)
        if (nowMs() - earlier.committedAtMs < OVERTAKE_AFTER_MS) look.push(earlier)
      }
    }
    for (const entry of found) line.put(entry, true)
    if (line.get(urgent.id) === undefined) line.put(urgent, true)
  }
  const readPage = async (): Promise<boolean> => {
    const page = await journal.queue(destination.id, lastSeq, PAGE)
    for (const entry of page) {
      const known = line.get(entry.id)
      lastSeq = entry.seq
      // What is in line is newer here than in the page; what is not and was on its way has just been settled.
      if (known !== undefined) line.put(known.entry)
      else if (entry.state !== 'sending') line.put(entry)
    }
    if (page.length < PAGE) {
      complete = true
      for (const entry of missed) if (line.get(entry.id) === undefined) append(entry)
    }
    missed = []
    return page.length > 0
  }

  return {
    line,
    get complete() {
      return complete
    },
    async put(entries) {
      for (const entry of entries) {
        if (line.get(entry.id) !== undefined) line.put(entry)
        else if (complete) append(entry)
        else if (entry.seq <= lastSeq) line.put(entry)
        else if (entry.lane === 'urgent') await bring(entry)
        else if (reading !== null) missed.push(entry)
      }
    },
    more() {
      reading ??= readPage().finally(() => {
        reading = null
      })
      return reading
    },
    async bringUrgent() {
      for (let after = 0; ; ) {
        const page = await journal.urgent(destination.id, after, PAGE)
        for (const entry of page) if (line.get(entry.id) === undefined) await bring(entry)
        const last = page.at(-1)
        if (last === undefined || page.length < PAGE) return
        after = last.seq
      }
    },
  }
}
