import type { Effect, Entry, Timer } from './journal.ts'

/** How a follower reads that is in no hurry, so that its commits do not add to those of messages. */
export interface Pace {
  /** It looks so often (ms), and reads on at once only while `batch` entries are there. */
  readonly everyMs: number
  readonly batch: number
  /** Entries younger than this (ms) wait. */
  readonly ripeMs: number
}

/** Reads the journal behind the answer. Both calls are pure of side effects: what they want changed, they return. */
export interface Follower {
  readonly name: string
  /** False: it only has timers, and no cursor. */
  readonly reads: boolean
  /** Absent: it is given what is new at once, by the hundred. */
  readonly pace?: Pace
  /** What these entries (in order, at least one) change; the runner adds the cursor. */
  entries(entries: readonly Entry[]): Promise<Effect>
  /** What this timer changes; the runner marks it fired. */
  timer(timer: Timer): Promise<Effect>
}
