import type pg from 'pg'
import type { Statement } from '../../../core/journal.ts'
import { type Layer, TABLES, type Table } from './layer.ts'
import { asJson, bindable, hexOf, numbered } from './sql.ts'

/** Where a flight of writes went wrong: in our own tables, or in a statement of a feature. */
export class WriteFault extends Error {
  readonly feature: boolean
  constructor(feature: boolean, cause: unknown) {
    super('a write failed', { cause })
    this.feature = feature
  }
}

const columns = (list: string): string => `(${list}) SELECT ${list}`
/** How rows are added to each table. Those that the database numbers name their columns. */
const INSERT: Readonly<Record<Table, string>> = {
  revision: 'SELECT *',
  message: 'SELECT *',
  body: 'SELECT *',
  message_key: 'SELECT *',
  message_finding: 'SELECT *',
  delivery: 'SELECT *',
  attempt: 'SELECT *',
  timer: 'SELECT *',
  event: columns('at_ms, who, what, why, code, message, delivery, detail'),
  refusal: columns('id, at_ms, entrance, peer, establishment, kind, control_id, code, path, bytes, data, file'),
}
/** An attempt may have been noted by whoever took over; a finding may be there from before. */
const TWICE: Partial<Record<Table, string>> = {
  message_finding: ' ON CONFLICT DO NOTHING',
  attempt: ' ON CONFLICT DO NOTHING',
}

const DELIVERY = [
  'state',
  'held',
  'holds',
  'moved_at_ms',
  'due_at_ms',
  'expires_at_ms',
  'attempts',
  'last_code',
  'same_code',
]
const MESSAGE = ['state', 'open', 'parked', 'findings']

const from = (table: string): string => `FROM json_populate_recordset(NULL::${table}, $1)`
const changed = (table: string, names: readonly string[]): string =>
  `UPDATE ${table} t SET ${names.map((name) => `${name} = x.${name}`).join(', ')} ${from(table)} x WHERE t.id = x.id`

const REPEAT = `INSERT INTO repeat SELECT * ${from('repeat')} ON CONFLICT (repeat_key) DO UPDATE SET
  sha256 = excluded.sha256, message = excluded.message, answer = excluded.answer,
  application_answer = excluded.application_answer, at_ms = excluded.at_ms`
const COUNTER = `UPDATE counter t SET value = t.value + x.value ${from('counter')} x WHERE t.name = x.name`
const AT_DESTINATION = `INSERT INTO destination_counter SELECT * ${from('destination_counter')}
  ON CONFLICT (destination) DO UPDATE SET open = destination_counter.open + excluded.open,
    parked = destination_counter.parked + excluded.parked, delivered = destination_counter.delivered + excluded.delivered`
const CURSOR = `INSERT INTO cursor SELECT * ${from('cursor')} ON CONFLICT (follower) DO UPDATE SET position = excluded.position`

/**
 * The writes of a layer, sent in one flight on a connection that is in a transaction. Each table's rows are one statement
 * however many lists they come from. A feature's statement whose row count is not what it must be fails like a division by
 * zero, so that the commit that follows it in the same flight is none. */
export function flush(client: pg.Client, layer: Layer): Promise<unknown>[] {
  const flight: Promise<unknown>[] = []
  const send = (name: string, text: string, rows: readonly object[]): void => {
    if (rows.length > 0) flight.push(faulty(false, client.query({ name, text, values: [asJson(rows)] })))
  }
  if (layer.fired.size > 0) {
    const values = [[...layer.fired]]
    flight.push(faulty(false, client.query({ name: 'fired', text: 'DELETE FROM timer WHERE id = ANY($1)', values })))
  }
  for (const table of TABLES) {
    const text = `INSERT INTO ${table} ${INSERT[table]} ${from(table)}${TWICE[table] ?? ''}`
    send(`insert-${table}`, text, layer.rows.get(table) ?? [])
  }
  send('repeat', REPEAT, repeatRows(layer))
  send('change-delivery', changed('delivery', DELIVERY), [...layer.deliveries.values()])
  send('change-message', changed('message', MESSAGE), [...layer.messages.values()])
  send(
    'counter',
    COUNTER,
    rowsOf(layer.counters, 'name', (value) => ({ value })),
  )
  send(
    'destination-counter',
    AT_DESTINATION,
    rowsOf(layer.destinations, 'destination', (at) => at),
  )
  send(
    'cursor',
    CURSOR,
    rowsOf(layer.cursors, 'follower', (position) => ({ position })),
  )
  if (layer.revision !== layer.stock.revision) {
    flight.push(faulty(false, client.query('UPDATE head SET revision = $1', [layer.revision])))
  }
  for (const statement of layer.statements) flight.push(faulty(true, client.query(expecting(statement))))
  return flight
}

function faulty(feature: boolean, query: Promise<unknown>): Promise<unknown> {
  return query.catch((cause: unknown) => {
    throw new WriteFault(feature, cause)
  })
}

function rowsOf<T>(map: ReadonlyMap<string, T>, key: string, row: (value: T) => object): object[] {
  return Array.from(map, ([name, value]) => ({ [key]: name, ...row(value) }))
}

function repeatRows({ repeats }: Layer): object[] {
  return rowsOf(repeats, 'repeat_key', ({ sha256, message, atMs, answer, applicationAnswer }) => ({
    sha256,
    message,
    answer: hexOf(answer),
    application_answer: hexOf(applicationAnswer),
    at_ms: atMs,
  }))
}

function expecting({ sql, parameters, rows }: Statement): pg.QueryConfig {
  const values = bindable(parameters)
  const text = numbered(sql)
  if (rows === undefined) return { text, values }
  return {
    text: `WITH done AS (${text} RETURNING 1) SELECT 1 / (CASE WHEN count(*) = ${rows} THEN 1 ELSE 0 END) FROM done`,
    values,
  }
}
