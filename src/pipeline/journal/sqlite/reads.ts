import type { DatabaseSync } from 'node:sqlite'
import { GatewayError } from '../../../core/errors.ts'
import type { Journal, Statement } from '../../../core/journal.ts'
import type { MessageState } from '../../../core/message.ts'
import { ENTRY_COLUMNS, entryOf } from '../entry.ts'
import { storedBody } from './bodies.ts'
import { bindable, statementCache } from './database.ts'

type Reads = Pick<Journal, 'body' | 'follow' | 'cursor' | 'due' | 'nextDueMs' | 'sent' | 'state' | 'look'>

/** Most answers that can be meant by one MSA-2. */
const MOST_SENT = 20

/** The small reads on the writer's connection: between two commits, so never of what is not committed. */
export function smallReads(db: DatabaseSync, dir: string): Reads {
  const body = db.prepare(
    `SELECT b.bytes, b.sha256, b.key_id, b.file, b.data FROM message m JOIN body b ON b.message_seq = m.seq
     WHERE m.id = ?`,
  )
  const follow = db.prepare(
    `SELECT ${ENTRY_COLUMNS} FROM message
     WHERE seq > ? ORDER BY seq LIMIT ?`,
  )
  // A row as a list costs less than half of one as an object.
  follow.setReturnArrays(true)
  const cursor = db.prepare('SELECT position FROM cursor WHERE follower = ?')
  const due = db.prepare(
    'SELECT id, follower, due_at_ms, payload FROM timer WHERE due_at_ms <= ? ORDER BY due_at_ms, id LIMIT ?',
  )
  const next = db.prepare('SELECT min(due_at_ms) AS at FROM timer')
  const sent = db.prepare(
    `SELECT m.id AS message, d.id AS delivery FROM message m JOIN delivery d ON d.message_seq = m.seq
     WHERE m.control_id = ? AND (d.destination = ? OR substr(d.destination, 1, ?) = ?)
     ORDER BY m.seq DESC, d.seq DESC LIMIT ${MOST_SENT}`,
  )
  const state = db.prepare('SELECT state FROM message WHERE id = ?')
  const statement = statementCache(db)
  return {
    async look<Answer>({ sql, parameters }: Statement) {
      return statement(sql).all(...bindable(parameters)) as unknown as readonly Answer[]
    },
    async body(id) {
      const row = body.get(id)
      if (!row) throw new GatewayError('NOT_FOUND')
      const file = row['file'] === null ? null : String(row['file'])
      const { bytes, sha256, key_id } = row as { bytes: number; sha256: string; key_id: number }
      // A small body comes with its row: a second look-up cost 2 % of the processor at full delivery.
      const data = row['data'] instanceof Uint8Array ? row['data'] : null
      return storedBody(dir, id, { bytes, sha256, keyId: key_id, file }, () => data)
    },
    async follow(after, limit) {
      return follow
        .all(after === null ? 0 : Number(after), limit)
        .map((row) => entryOf(row as unknown as readonly unknown[]))
    },
    async cursor(follower) {
      const row = cursor.get(follower)
      return row ? String(row['position']) : null
    },
    async due(nowMs, limit) {
      return due.all(nowMs, limit).map((row) => ({
        id: String(row['id']),
        follower: String(row['follower']),
        dueAtMs: Number(row['due_at_ms']),
        payload: String(row['payload']),
      }))
    },
    async nextDueMs() {
      const at = next.get()?.['at']
      return typeof at === 'number' ? at : null
    },
    async sent(establishment, controlId) {
      const prefix = `${establishment}/`
      return sent
        .all(controlId, establishment, prefix.length, prefix)
        .map((row) => ({ messageId: String(row['message']), deliveryId: String(row['delivery']) }))
    },
    async state(id) {
      return (state.get(id)?.['state'] as MessageState | undefined) ?? null
    },
  }
}
