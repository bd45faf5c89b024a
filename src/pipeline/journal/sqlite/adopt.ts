import type { DatabaseSync } from 'node:sqlite'
import { GatewayError } from '../../../core/errors.ts'
import type { Adoption, Move, StoredRevision } from '../../../core/journal.ts'
import type { State } from '../../../core/message.ts'
import { parkedBy } from '../parked.ts'
import { OPEN } from '../standing.ts'
import type { Rows } from './intake.ts'
import type { Group } from './writer.ts'

type Adopted = Omit<StoredRevision, 'revision'> & Partial<Adoption>

interface OpenDelivery {
  readonly id: string
  readonly state: State
  readonly message: string
  readonly attempts: number
}

/** The list of an adoption: the new revision, and with it what its missing destinations leave behind. */
export function prepareAdopt(
  db: DatabaseSync,
  rows: Rows,
  record: (group: Group, move: Move) => boolean,
): (group: Group, adopted: Adopted) => StoredRevision {
  const insert = db.prepare('INSERT INTO revision (revision, at_ms, adopted_by, json) VALUES (?, ?, ?, ?)')
  const open = db.prepare(
    `SELECT d.id, d.state, d.attempts, m.id AS message FROM delivery d JOIN message m ON m.seq = d.message_seq
     WHERE d.destination = ? AND d.holds = 1 AND ${OPEN} ORDER BY d.seq`,
  )
  return (group, { by, atMs, json, park = [], events = [], over }) => {
    const running = group.heads.revision?.revision ?? 0
    if (over !== undefined && (over ?? 0) !== running) throw new GatewayError('CONFIG_BEHIND')
    const revision = running + 1
    insert.run(revision, atMs, by, json)
    for (const destination of park) {
      for (const row of open.all(destination) as unknown as OpenDelivery[])
        record(group, parkedBy(row, destination, by, atMs))
    }
    for (const event of events) rows.event(event)
    group.heads.revision = { revision, atMs, by, json }
    return group.heads.revision
  }
}
