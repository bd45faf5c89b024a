import type { DatabaseSync } from 'node:sqlite'
import type { Move } from '../../../core/journal.ts'
import { mayMove, type State, standing } from '../../../core/message.ts'
import { difference, merged, type Standings, settled, stateOf } from '../standing.ts'
import type { RunFeature } from './feature.ts'
import type { Rows } from './intake.ts'
import type { Ledger } from './ledger.ts'
import { type Group, Undo } from './writer.ts'

interface Found {
  readonly seq: number
  readonly destination: string
  readonly state: State
  readonly held: number
  readonly message_seq: number
  readonly findings: string
  readonly open: number
  readonly parked: number
}

/** Changes how many deliveries of a message are open and parked, its state and the counters with it. */
export type Restand = (group: Group, message: { seq: number; open: number; parked: number }, by: Standings) => void
/** Prepares the statement once. */
export function prepareRestand(db: DatabaseSync): Restand {
  const update = db.prepare('UPDATE message SET state = ?, open = ?, parked = ? WHERE seq = ?')
  return (group, message, by) => {
    if (by.open === 0 && by.parked === 0) return
    const open = message.open + by.open
    const parked = message.parked + by.parked
    const before = stateOf(message.open, message.parked)
    const after = stateOf(open, parked)
    update.run(after, open, parked, message.seq)
    if (before === after) return
    group.tally.count(before, -1)
    group.tally.count(after, 1)
  }
}

/** The list of a record: false when the delivery is not in one of the `from` states or the move is no legal one. */
export function prepareRecord(
  db: DatabaseSync,
  rows: Rows,
  restand: Restand,
  ledger: Ledger,
  feature: RunFeature,
): (group: Group, move: Move) => boolean {
  const find = db.prepare(
    `SELECT d.seq, d.destination, d.state, d.held, d.message_seq, m.findings, m.open, m.parked
     FROM delivery d JOIN message m ON m.seq = d.message_seq WHERE d.id = ?`,
  )
  const update = db.prepare(
    `UPDATE delivery SET state = ?, held = ?, holds = ?, moved_at_ms = ?, due_at_ms = ?, attempts = ?, last_code = ?,
       same_code = ?, expires_at_ms = coalesce(?, expires_at_ms), revision = coalesce(?, revision) WHERE seq = ?`,
  )
  const setTimer = db.prepare('INSERT OR IGNORE INTO timer (id, follower, due_at_ms, payload) VALUES (?, ?, ?, ?)')
  const addFindings = db.prepare('UPDATE message SET findings = ? WHERE seq = ?')
  return (group, move) => {
    const found = find.get(move.deliveryId) as Found | undefined
    if (!found || !move.from.includes(found.state)) return false
    if (move.to !== null && !mayMove(found.state, move.to)) return false
    const { state, held, holds } = settled(move, found.state)
    const { atMs, dueAtMs, attempts, code, sameCode } = move
    const { expiresAtMs = null, revision = null } = move
    const standsAt = [atMs, dueAtMs, attempts, code, sameCode, expiresAtMs, revision]
    update.run(state, held ? 1 : 0, holds ? 1 : 0, ...standsAt, found.seq)
    if (move.attempt) {
      const { n, startedAtMs, endedAtMs, outcome, code: why, answer } = move.attempt
      rows.attempt.run(found.seq, n, startedAtMs, endedAtMs, outcome, why, answer?.slice(0, 200) ?? null)
    }
    if (move.findings.length > 0) {
      addFindings.run(merged(found.findings, move.findings), found.message_seq)
      rows.findings(found.message_seq, move.findings)
    }
    for (const event of move.events) rows.event(event)
    for (const { id, follower, dueAtMs: due, payload } of move.timers ?? []) setTimer.run(id, follower, due, payload)
    if (move.rows !== undefined && !feature(move.rows)) throw new Undo(false)
    count(group, found, state, held)
    return true
  }

  function count(group: Group, found: Found, state: State, held: boolean): void {
    const before = standing(found.state, found.held === 1)
    const after = standing(state, held)
    if (state === 'delivered' && before !== 'ended') group.tally.countAt(found.destination, 'delivered', 1)
    if (before === after) return
    if (before !== 'ended') group.tally.countAt(found.destination, before, -1)
    if (after !== 'ended') group.tally.countAt(found.destination, after, 1)
    if (after === 'open') ledger.reopened(found.destination, found.seq)
    restand(group, { seq: found.message_seq, open: found.open, parked: found.parked }, difference(before, after))
  }
}
