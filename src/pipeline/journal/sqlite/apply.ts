import type { DatabaseSync } from 'node:sqlite'
import type { Effect, ExtraDelivery } from '../../../core/journal.ts'
import { standing } from '../../../core/message.ts'
import type { Owner } from '../entry.ts'
import type { LaidIntake, Repeats } from './commit.ts'
import { faultOf } from './database.ts'
import type { RunFeature } from './feature.ts'
import type { Rows } from './intake.ts'
import type { Restand } from './record.ts'
import { type Group, Undo } from './writer.ts'

interface Parts {
  readonly rows: Rows
  readonly repeats: Repeats
  readonly restand: Restand
  readonly feature: RunFeature
}

/**
 * The list of an effect: true when all of it happened. Anything not as expected (a cursor, a timer, a row count, a
 * constraint, a repeat key in use, a revision that is no longer the running one) undoes all of it: false. */
export function prepareApply(
  db: DatabaseSync,
  parts: Parts,
): (group: Group, effect: Effect, arrivals: readonly LaidIntake[]) => boolean {
  const { rows, repeats, feature } = parts
  const moveCursor = prepareCursor(db)
  const fire = db.prepare('DELETE FROM timer WHERE id = ?')
  const replay = prepareReplay(db, parts)
  const all = (group: Group, effect: Effect, arrivals: readonly LaidIntake[]): void => {
    if (effect.cursor) moveCursor(effect.cursor)
    for (const id of effect.fired ?? []) expectRows(fire.run(id).changes, 1)
    for (const { id, follower, dueAtMs, payload } of effect.timers ?? []) rows.timer.run(id, follower, dueAtMs, payload)
    if (!feature(effect.rows ?? [])) throw new Undo(false)
    for (const event of effect.events ?? []) rows.event(event)
    const running = group.heads.revision?.revision ?? 0
    for (const part of arrivals) {
      if (part.intake.revision !== running || repeats.known(group, part)) throw new Undo(false)
      rows.message(group, part.intake, part.laid)
      repeats.keep(group, part)
      if (!feature(part.intake.rows)) throw new Undo(false)
    }
    for (const extra of effect.deliveries ?? []) replay(group, extra)
  }
  return (group, effect, arrivals) => {
    try {
      all(group, effect, arrivals)
      return true
    } catch (error) {
      throw faultOf(error) === 'constraint' ? new Undo(false) : error
    }
  }
}

function expectRows(changes: number | bigint, expected: number): void {
  if (Number(changes) !== expected) throw new Undo(false)
}

function prepareCursor(db: DatabaseSync): (cursor: NonNullable<Effect['cursor']>) => void {
  const first = db.prepare('INSERT INTO cursor (follower, position) VALUES (?, ?)')
  const next = db.prepare('UPDATE cursor SET position = ? WHERE follower = ? AND position = ?')
  return ({ follower, from, to }) => {
    if (from === null) first.run(follower, Number(to))
    else expectRows(next.run(Number(to), follower, Number(from)).changes, 1)
  }
}

/** A new delivery of a message that is here already; a closed message is in flight again. */
function prepareReplay(db: DatabaseSync, { rows, restand }: Parts): (group: Group, extra: ExtraDelivery) => void {
  const find = db.prepare(
    'SELECT seq, id, kind, revision, ask, withheld, order_keys, open, parked FROM message WHERE id = ?',
  )
  return (group, { messageId, delivery }) => {
    const row = find.get(messageId)
    if (!row) throw new Undo(false)
    const message = { seq: Number(row['seq']), open: Number(row['open']), parked: Number(row['parked']) }
    const keys: string[] = JSON.parse(String(row['order_keys']))
    const { kind, revision, ask, withheld } = row as unknown as Omit<Owner, 'seq' | 'id' | 'keys'>
    rows.delivery(group, { seq: message.seq, id: messageId, kind, revision, ask, withheld, keys }, delivery)
    const now = standing(delivery.state, false)
    restand(group, message, { open: now === 'open' ? 1 : 0, parked: now === 'parked' ? 1 : 0 })
  }
}
