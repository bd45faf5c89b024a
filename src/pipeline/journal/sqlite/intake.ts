import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Intake, NewDelivery, NewEvent } from '../../../core/journal.ts'
import { type Finding, standing } from '../../../core/message.ts'
import { alertTimer, distinct, newEntry, type Owner, searchPart } from '../entry.ts'
import type { Laid } from '../laid.ts'
import { messageRow } from '../message-row.ts'
import type { KeyIndex } from './key-index.ts'
import type { Group } from './writer.ts'

/** Rows that more than one verb writes. */
export interface Rows {
  /** The message, its body, keys, deliveries and events, and the counters. */
  message(group: Group, intake: Intake, laid: Laid): void
  /** One delivery with its keys and timer; returns nothing and leaves the message's own counts to the caller. */
  delivery(group: Group, owner: Owner, delivery: NewDelivery): void
  event(event: NewEvent): void
  /** What its findings are searched by. */
  findings(messageSeq: number, findings: readonly Finding[]): void
  attempt: StatementSync
  timer: StatementSync
}

/** Prepares the statements once. */
export function prepareRows(db: DatabaseSync, index: KeyIndex): Rows {
  const message = prepareMessage(db)
  const body = db.prepare('INSERT INTO body (message_seq, bytes, sha256, key_id, data, file) VALUES (?, ?, ?, 0, ?, ?)')
  const finding = db.prepare('INSERT INTO message_finding (code, message_seq) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const delivery = db.prepare(
    `INSERT INTO delivery (seq, id, message_seq, destination, route, lane, state, held, holds, committed_at_ms,
       moved_at_ms, due_at_ms, expires_at_ms, attempts, last_code, same_code, replay_of, revision)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)`,
  )
  const event = db.prepare(
    'INSERT INTO event (at_ms, who, what, why, code, message, delivery, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const rows: Rows = {
    timer: db.prepare('INSERT INTO timer (id, follower, due_at_ms, payload) VALUES (?, ?, ?, ?)'),
    attempt: db.prepare(
      `INSERT INTO attempt (delivery_seq, n, started_at_ms, ended_at_ms, outcome, code, answer)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    event: (e) => {
      event.run(e.atMs, e.who, e.what, e.why, e.code, e.message, e.delivery, e.detail)
    },
    findings: (messageSeq, findings) => {
      for (const { code } of findings) finding.run(code, messageSeq)
    },
    message(group, intake, laid) {
      group.heads.messageSeq += 1
      const keys = distinct(intake.orderKeys)
      const { id, kind, revision, ask, withheld = null } = intake
      const owner: Owner = { seq: group.heads.messageSeq, id, kind, revision, ask, withheld, keys }
      message(group, owner, intake, laid)
      body.run(owner.seq, laid.bytes, laid.sha256, laid.data, laid.file)
      index.add(owner.seq, distinct([...intake.patientKeys, ...keys.map(searchPart)]))
      rows.findings(owner.seq, intake.findings)
      for (const one of intake.deliveries) rows.delivery(group, owner, one)
      for (const one of intake.events) rows.event(one)
      for (const one of intake.timers ?? []) rows.timer.run(one.id, one.follower, one.dueAtMs, one.payload)
    },
    delivery(group, owner, one) {
      group.heads.deliverySeq += 1
      group.tally.count('deliveries', 1)
      const entry = newEntry(group.heads.deliverySeq, group.nowMs, owner, one)
      delivery.run(
        entry.seq,
        entry.id,
        owner.seq,
        entry.destination,
        one.route,
        entry.lane,
        entry.state,
        entry.held ? 1 : 0,
        entry.holds ? 1 : 0,
        group.nowMs,
        group.nowMs,
        entry.dueAtMs,
        entry.expiresAtMs,
        entry.lastCode,
        entry.sameCode,
        one.replayOf,
        one.revision ?? null,
      )
      if (one.alertAtMs !== null) {
        const payload = JSON.stringify({ delivery: one.id, message: owner.id })
        rows.timer.run(alertTimer(one.id), 'alerts', one.alertAtMs, payload)
      }
      const now = standing(one.state, false)
      if (now === 'ended') group.tally.countAt(one.destination, 'delivered', 1)
      else group.tally.countAt(one.destination, now, 1)
      if (one.state === 'queued') group.told.push(entry)
    },
  }
  return rows
}

function prepareMessage(db: DatabaseSync): (group: Group, owner: Owner, intake: Intake, laid: Laid) => void {
  const insert = db.prepare(
    `INSERT INTO message (seq, id, received_at_ms, committed_at_ms, entrance, peer, establishment, kind, control_id,
       application, facility, receiving_application, receiving_facility, test, bytes, order_keys, patient_keys, revision,
       parent, cause, ask, checksum, findings, state, open, parked, withheld, profiles,
       software_version)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return (group, owner, intake, laid) => {
    const row = messageRow(intake, owner, { nowMs: group.nowMs, bytes: laid.bytes, sha256: laid.sha256 })
    group.tally.count('received', 1)
    group.tally.count(row.state, 1)
    insert.run(...Object.values(row))
  }
}
