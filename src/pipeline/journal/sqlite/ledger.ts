import type { DatabaseSync } from 'node:sqlite'
import type { Counts } from '../../../core/journal.ts'
import type { DestinationId } from '../../../core/message.ts'
import type { Counter, DestinationCounter } from '../counters.ts'
import { OPEN } from '../standing.ts'

type AtDestination = Record<DestinationCounter, number>

/** What a group of lists has changed so far: undone back to a mark when a list fails, kept when the group commits. */
export interface Tally {
  count(counter: Counter, by: number): void
  countAt(destination: DestinationId, counter: DestinationCounter, by: number): void
  /** What this group has added to a counter so far. */
  sum(counter: Counter): number
  mark(): number
  undo(mark: number): void
  /** Writes every counter that changed, once. Inside the group's transaction. */
  write(): void
  /** Takes the changes over into the ledger: after the commit. */
  keep(): void
}

/** The counters, in memory as they are on disk. */
export interface Ledger {
  value(counter: Counter): number
  tally(): Tally
  /** A refusal that could not be written: counted now, and written with the next group. */
  refusedUnwritten(): void
  /** An older delivery of the destination may be open again. */
  reopened(destination: DestinationId, seq: number): void
  counts(): Counts
}

/** Reads the counters. Costs one row per destination, whatever the store holds. */
export function openLedger(db: DatabaseSync): Ledger {
  const values = new Map<Counter, number>()
  for (const { name, value } of db.prepare('SELECT name, value FROM counter').all()) {
    values.set(name as Counter, Number(value))
  }
  const destinations = new Map<DestinationId, AtDestination>()
  for (const row of db.prepare('SELECT destination, open, parked, delivered FROM destination_counter').all()) {
    const { destination, open, parked, delivered } = row as Record<string, number | string>
    destinations.set(String(destination), { open: Number(open), parked: Number(parked), delivered: Number(delivered) })
  }
  const write = writeCounters(db)
  const oldest = oldestOpen(db)
  let unwritten = 0
  const value = (counter: Counter) => values.get(counter) ?? 0
  return {
    value,
    tally: () => {
      const carried = unwritten
      return openTally(carried, write, (sums) => {
        unwritten -= carried
        for (const [counter, by] of sums.values) values.set(counter, value(counter) + by)
        for (const [id, by] of sums.destinations) {
          const at = destinations.get(id) ?? { open: 0, parked: 0, delivered: 0 }
          destinations.set(id, {
            open: at.open + by.open,
            parked: at.parked + by.parked,
            delivered: at.delivered + by.delivered,
          })
        }
      })
    },
    refusedUnwritten: () => {
      unwritten += 1
    },
    reopened: oldest.reopened,
    counts: () => ({
      received: value('received'),
      closed: value('closed'),
      inFlight: value('inFlight'),
      parked: value('parked'),
      purged: value('purged'),
      refused: value('refused') + unwritten,
      destinations: new Map(
        Array.from(destinations, ([id, at]) => [id, { ...at, oldestOpenAtMs: at.open > 0 ? oldest.atMs(id) : null }]),
      ),
    }),
  }
}

interface Change {
  readonly counter: Counter | DestinationCounter
  /** Null: of the whole store. */
  readonly destination: DestinationId | null
  readonly by: number
}

interface Sums {
  readonly values: Map<Counter, number>
  readonly destinations: Map<DestinationId, AtDestination>
}

function openTally(carried: number, write: (sums: Sums) => void, keep: (sums: Sums) => void): Tally {
  const changes: Change[] = carried > 0 ? [{ counter: 'refused', destination: null, by: carried }] : []
  let sums: Sums = { values: new Map(), destinations: new Map() }
  return {
    count: (counter, by) => {
      changes.push({ counter, destination: null, by })
    },
    countAt: (destination, counter, by) => {
      changes.push({ counter, destination, by })
    },
    sum: (counter) =>
      changes.reduce((sum, c) => (c.counter === counter && c.destination === null ? sum + c.by : sum), 0),
    mark: () => changes.length,
    undo: (mark) => {
      changes.length = mark
    },
    write: () => {
      sums = summed(changes)
      write(sums)
    },
    keep: () => keep(sums),
  }
}

function summed(changes: readonly Change[]): Sums {
  const sums: Sums = { values: new Map(), destinations: new Map() }
  for (const { counter, destination, by } of changes) {
    if (destination === null) {
      sums.values.set(counter as Counter, (sums.values.get(counter as Counter) ?? 0) + by)
      continue
    }
    const at = sums.destinations.get(destination) ?? { open: 0, parked: 0, delivered: 0 }
    at[counter as DestinationCounter] += by
    sums.destinations.set(destination, at)
  }
  return sums
}

function writeCounters(db: DatabaseSync): (sums: Sums) => void {
  const update = db.prepare('UPDATE counter SET value = value + ? WHERE name = ?')
  const updateAt = db.prepare(
    `INSERT INTO destination_counter (destination, open, parked, delivered) VALUES (?, ?, ?, ?)
     ON CONFLICT (destination) DO UPDATE SET open = destination_counter.open + excluded.open,
       parked = destination_counter.parked + excluded.parked, delivered = destination_counter.delivered + excluded.delivered`,
  )
  return (sums) => {
    for (const [counter, by] of sums.values) if (by !== 0) update.run(by, counter)
    for (const [id, by] of sums.destinations) updateAt.run(id, by.open, by.parked, by.delivered)
  }
}

/**
 * The oldest open delivery of a destination, by the queue's index. The search starts at the one found last, so what is
 * parked before it is passed once and not at every call. */
function oldestOpen(db: DatabaseSync) {
  const find = db.prepare(
    `SELECT d.seq, d.committed_at_ms FROM delivery d
     WHERE d.destination = ? AND d.holds = 1 AND d.seq >= ? AND ${OPEN} ORDER BY d.seq LIMIT 1`,
  )
  const floors = new Map<DestinationId, number>()
  return {
    reopened(destination: DestinationId, seq: number): void {
      floors.set(destination, Math.min(floors.get(destination) ?? 0, seq))
    },
    atMs(destination: DestinationId): number | null {
      const row = find.get(destination, floors.get(destination) ?? 0)
      if (!row) return null
      floors.set(destination, Number(row['seq']))
      return Number(row['committed_at_ms'])
    },
  }
}
