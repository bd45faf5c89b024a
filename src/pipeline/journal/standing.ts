import type { Move } from '../../core/journal.ts'
import { type Finding, type MessageState, type Standing, type State, standing } from '../../core/message.ts'

/** SQL that is true of an open delivery `d`: `standing()` in the words of the table. */
export const OPEN = "(d.state IN ('queued', 'sending') OR (d.state = 'unknown' AND d.held = 0))"

/** How many more deliveries of a message are open and parked: each -1, 0 or 1, and more for several at once. */
export interface Standings {
  readonly open: number
  readonly parked: number
}

/** A message is parked if any delivery is, else inFlight if any is open, else closed (design, Deliveries). */
export function stateOf(open: number, parked: number): MessageState {
  if (parked > 0) return 'parked'
  return open > 0 ? 'inFlight' : 'closed'
}

/** What a delivery that went from one standing to another changes in its message. */
export function difference(before: Standing, after: Standing): Standings {
  return { open: step(before, after, 'open'), parked: step(before, after, 'parked') }
}

function step(before: Standing, after: Standing, which: Standing): number {
  return (after === which ? 1 : 0) - (before === which ? 1 : 0)
}

/** The flags that go with a standing whatever the caller says: what is open holds, what has ended does not. */
export function settled(move: Move, from: State): { state: State; held: boolean; holds: boolean } {
  const state = move.to ?? from
  const held = state === 'unknown' ? move.held : standing(state, false) === 'parked'
  const now = standing(state, held)
  return { state, held, holds: now === 'open' || (now === 'parked' && move.holds) }
}

/** Findings as stored (JSON text) with more added, each once. */
export function merged(stored: string, more: readonly Finding[]): string {
  const all = (JSON.parse(stored) as Finding[]).map((finding) => JSON.stringify(finding))
  for (const finding of more) all.push(JSON.stringify(finding))
  return `[${[...new Set(all)].join()}]`
}
