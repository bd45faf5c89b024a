import type { DatabaseSync } from 'node:sqlite'
import type { Clock, Log } from '../../../core/ports.ts'
import { OPEN, stateOf } from '../standing.ts'
import type { Ledger } from './ledger.ts'

/** What the start found. */
export interface Recovered {
  /** Seqs of the messages whose deliveries were under way. */
  readonly interrupted: readonly number[]
  readonly poisoned: number
}

/** A delivery that this many crashes in a row found alone under our own processing is set aside. */
const CRASHES_TO_POISON = 2

/**
 * Puts right what a crash left, in one transaction: a delivery alone under processing at two crashes in a row is
 * `poisoned`; every other one that was `sending` becomes `unknown`, due at once, with an attempt that says CRASHED. */
export function recover(db: DatabaseSync, ledger: Ledger, clock: Clock, log: Log): Recovered {
  const nowMs = clock.nowMs()
  const tally = ledger.tally()
  db.exec('BEGIN IMMEDIATE')
  try {
    const poisoned = poison(db, tally, nowMs)
    const sending = db
      .prepare("SELECT d.seq, d.message_seq, d.attempts, d.moved_at_ms FROM delivery d WHERE d.state = 'sending'")
      .all()
    const attempt = db.prepare(
      `INSERT INTO attempt (delivery_seq, n, started_at_ms, ended_at_ms, outcome, code, answer)
       VALUES (?, ?, ?, ?, 'unknown', 'CRASHED', NULL) ON CONFLICT (delivery_seq, n) DO NOTHING`,
    )
    for (const row of sending) {
      attempt.run(row['seq'] as number, row['attempts'] as number, row['moved_at_ms'] as number, nowMs)
    }
    db.prepare(
      `UPDATE delivery SET state = 'unknown', held = 0, holds = 1, moved_at_ms = ?, due_at_ms = ?, last_code = 'CRASHED',
         same_code = 1 WHERE state = 'sending'`,
    ).run(nowMs, nowMs)
    tally.write()
    db.exec('COMMIT')
    tally.keep()
    if (sending.length > 0) log.warn('journal.interrupted', { code: 'CRASHED', count: sending.length })
    for (const id of poisoned) log.error('delivery.parked', { deliveryId: id, code: 'POISONED' })
    return { interrupted: sending.map((row) => Number(row['message_seq'])), poisoned: poisoned.length }
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

type Tally = ReturnType<Ledger['tally']>

function poison(db: DatabaseSync, tally: Tally, nowMs: number): readonly string[] {
  const marked = db.prepare('SELECT delivery_seq, crashes FROM guard WHERE running = 1').all()
  if (marked.length === 0) return []
  const alone = marked.length === 1 ? marked[0]! : null
  const crashes = alone ? Number(alone['crashes']) + 1 : 0
  // A crash that found another one, or several, ends every row of crashes that went before.
  db.exec('DELETE FROM guard')
  if (!alone) return []
  if (crashes < CRASHES_TO_POISON) {
    db.prepare('INSERT INTO guard (delivery_seq, running, crashes) VALUES (?, 0, ?)').run(
      alone['delivery_seq'] as number,
      crashes,
    )
    return []
  }
  const row = db
    .prepare(
      `SELECT d.seq, d.id, d.destination, d.message_seq, m.open, m.parked FROM delivery d
       JOIN message m ON m.seq = d.message_seq WHERE d.seq = ? AND ${OPEN}`,
    )
    .get(alone['delivery_seq'] as number)
  if (!row) return []
  db.prepare(
    `UPDATE delivery SET state = 'poisoned', held = 1, holds = 1, moved_at_ms = ?, last_code = 'POISONED', same_code = 1
     WHERE seq = ?`,
  ).run(nowMs, row['seq'] as number)
  db.prepare(
    'INSERT INTO event (at_ms, who, what, code, message, delivery) SELECT ?, ?, ?, ?, id, ? FROM message WHERE seq = ?',
  ).run(nowMs, 'gateway', 'alert', 'POISONED', row['id'] as string, row['message_seq'] as number)
  const [open, parked] = [Number(row['open']), Number(row['parked'])]
  const after = stateOf(open - 1, parked + 1)
  db.prepare('UPDATE message SET state = ?, open = ?, parked = ? WHERE seq = ?').run(
    after,
    open - 1,
    parked + 1,
    row['message_seq'] as number,
  )
  tally.count(stateOf(open, parked), -1)
  tally.count(after, 1)
  tally.countAt(String(row['destination']), 'open', -1)
  tally.countAt(String(row['destination']), 'parked', 1)
  return [String(row['id'])]
}

/** Marks our own processing of a delivery as under way, or as over, which also forgets its crashes. */
export function prepareGuard(db: DatabaseSync): (deliveryId: string, on: boolean) => void {
  const mark = db.prepare(
    `INSERT INTO guard (delivery_seq, running, crashes) SELECT seq, 1, 0 FROM delivery WHERE id = ?
     ON CONFLICT (delivery_seq) DO UPDATE SET running = 1`,
  )
  const clear = db.prepare('DELETE FROM guard WHERE delivery_seq = (SELECT seq FROM delivery WHERE id = ?)')
  return (deliveryId, on) => {
    ;(on ? mark : clear).run(deliveryId)
  }
}
