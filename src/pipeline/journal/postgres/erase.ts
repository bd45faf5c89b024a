import type pg from 'pg'
import type { Erased, Erasure } from '../../../core/journal.ts'
import { removeRows } from './purge.ts'
import { bindable, numbered } from './sql.ts'

/**
 * Erases closed messages with the rows and events that go with it. Within a transaction that holds the order of commits.
 * Null: one of them is not closed, or a row count is not as expected; nothing has changed. */
export async function eraseRows(client: pg.Client, erasure: Erasure): Promise<Erased | null> {
  await client.query('SAVEPOINT erasing')
  const erased = await erase(client, erasure)
  if (erased === null) await client.query('ROLLBACK TO SAVEPOINT erasing')
  return erased
}

async function erase(client: pg.Client, { messages, rows, events }: Erasure): Promise<Erased | null> {
  const { rows: found } = await client.query(
    `SELECT id, seq, bytes FROM message WHERE id = ANY($1) AND state = 'closed'`,
    [messages],
  )
  if (found.length !== messages.length) return null
  await client.query(
    `DELETE FROM resource_index i USING resource r WHERE r.message = ANY($1) AND r.type = i.type AND r.id = i.id`,
    [messages],
  )
  const { rowCount } = await client.query('DELETE FROM resource WHERE message = ANY($1)', [messages])
  await removeRows(
    client,
    found.map(({ id }) => String(id)),
    found.map(({ seq }) => Number(seq)),
  )
  for (const { sql, parameters, rows: expected } of rows) {
    const done = await client.query(numbered(sql), bindable(parameters))
    if (expected !== undefined && done.rowCount !== expected) return null
  }
  for (const { atMs, who, what, why, code, message, delivery, detail } of events) {
    await client.query(
      `INSERT INTO event (at_ms, who, what, why, code, message, delivery, detail)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      bindable([atMs, who, what, why, code, message, delivery, detail]),
    )
  }
  const bytes = found.reduce((sum, row) => sum + Number(row.bytes), 0)
  return { messages: messages.length, bytes, resources: rowCount ?? 0 }
}
