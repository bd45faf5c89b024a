import type { Acknowledged } from '../support/world/load.ts'
import type { Received } from '../support/world/receiver.ts'

/** Judges of two ledgers that were kept apart: what the senders were promised, and what the receivers got. Pure. */

/** Control ids that were acknowledged and never came. */
export function lost(promised: ReadonlyMap<string, Acknowledged>, ledger: readonly Received[]): string[] {
  const came = new Set(ledger.map((line) => line.controlId))
  return [...promised.keys()].filter((id) => !came.has(id))
}

/** Control ids of which a copy with other bytes came. */
export function altered(promised: ReadonlyMap<string, Acknowledged>, ledger: readonly Received[]): string[] {
  const wrong = ledger.filter(({ controlId, crc }) => (promised.get(controlId)?.crc ?? crc) !== crc)
  return [...new Set(wrong.map((line) => line.controlId))]
}

/** Messages that first came after a later one of the same patient: `after>before`. Repeats are not looked at. */
export function inversions(promised: ReadonlyMap<string, Acknowledged>, ledger: readonly Received[]): string[] {
  const seen = new Set<string>()
  const highest = new Map<number, { seq: number; controlId: string }>()
  const found: string[] = []
  for (const { controlId } of ledger) {
    const sent = promised.get(controlId)
    if (sent === undefined || seen.has(controlId)) continue
    seen.add(controlId)
    const last = highest.get(sent.patient)
    if (last !== undefined && last.seq > sent.seq) found.push(`${controlId} came after ${last.controlId}`)
    else highest.set(sent.patient, { seq: sent.seq, controlId })
  }
  return found
}

/** What came more than once. */
export interface Repeats {
  readonly total: number
  /** Control ids that came twice in one life of the gateway: never excused by a crash. */
  readonly withinOneLife: readonly string[]
  /** Repeats by the life in which they came: at most what was in flight when the lives before ended. */
  readonly byLife: ReadonlyMap<number, number>
}

/** Counts what came more than once, by life of the gateway. */
export function repeats(ledger: readonly Received[]): Repeats {
  const lives = new Map<string, number>()
  const byLife = new Map<number, number>()
  const withinOneLife: string[] = []
  let total = 0
  for (const { controlId, epoch } of ledger) {
    const last = lives.get(controlId)
    lives.set(controlId, epoch)
    if (last === undefined) continue
    total++
    byLife.set(epoch, (byLife.get(epoch) ?? 0) + 1)
    if (last === epoch) withinOneLife.push(controlId)
  }
  return { total, withinOneLife, byLife }
}

/** Lives in which more came again than `slots` per end of a life so far allows. */
export function tooManyRepeats(found: Repeats, slots: number): string[] {
  const wrong: string[] = []
  let sum = 0
  for (const [life, count] of [...found.byLife].sort(([a], [b]) => a - b)) {
    sum += count
    if (sum > life * slots) wrong.push(`${sum} repeats by life ${life}, at most ${life * slots}`)
  }
  return wrong
}
