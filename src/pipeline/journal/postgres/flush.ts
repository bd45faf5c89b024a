import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { Statement } from '../../../core/journal.ts'
import type { Writing } from './connect.ts'
import { type Layer, TABLES, type Table, type Written } from './layer.ts'
import { asRows, type RowTypes } from './rows.ts'
import { bindable, numbered } from './sql.ts'

/** Where a flight of writes went wrong: in our own tables, in a statement of a feature, or in what had been assumed. */
export class WriteFault extends Error {
  readonly of: 'own' | 'feature' | 'assumed'
  constructor(of: WriteFault['of'], cause: unknown) {
    super('a write failed', { cause })
    this.of = of
  }
}

/** One write of a batch: its statement, whose one parameter is `$n`, the table whose rows it takes, and these. */
interface Write {
  readonly name: string
  readonly text: (n: number) => string
  readonly table: Written
  readonly rows: readonly object[]
}

const from = (table: Written, n: number): string => `FROM unnest($${n}::${table}[])`
const columns = (list: string): string => `(${list}) SELECT ${list}`
/** Tables whose rows the database numbers name their columns; the others are given as they stand. */
const INSERT: Partial<Record<Table, string>> = {
  event: columns('at_ms, who, what, why, code, message, delivery, detail'),
  refusal: columns('id, at_ms, entrance, peer, establishment, kind, control_id, code, path, bytes, data, file'),
}
/** An attempt may have been noted by whoever took over; a finding may be there from before. */
const TWICE: Partial<Record<Table, string>> = {
  message_finding: ' ON CONFLICT DO NOTHING',
  attempt: ' ON CONFLICT DO NOTHING',
}

function insert(table: Table, rows: readonly object[]): Write {
  const text = (n: number) =>
    `INSERT INTO ${table} ${INSERT[table] ?? 'SELECT *'} ${from(table, n)}${TWICE[table] ?? ''}`
  return { name: table, text, table, rows }
}

const DELIVERY = 'state held holds moved_at_ms due_at_ms expires_at_ms attempts last_code same_code revision'.split(' ')
const MESSAGE = 'state open parked findings'.split(' ')

function change(table: 'delivery' | 'message', names: readonly string[], rows: readonly object[]): Write {
  const set = names.map((name) => `${name} = x.${name}`).join(', ')
  const text = (n: number) => `UPDATE ${table} t SET ${set} ${from(table, n)} x WHERE t.id = x.id`
  return { name: `change-${table}`, text, table, rows }
}

const REPEAT = (n: number) => `INSERT INTO repeat SELECT * ${from('repeat', n)} ON CONFLICT (repeat_key) DO UPDATE SET
  sha256 = excluded.sha256, message = excluded.message, answer = excluded.answer,
  application_answer = excluded.application_answer, at_ms = excluded.at_ms`
const COUNTER = (n: number) =>
  `UPDATE counter t SET value = t.value + x.value ${from('counter', n)} x WHERE t.name = x.name`
const AT_DESTINATION = (n: number) => `INSERT INTO destination_counter SELECT * ${from('destination_counter', n)}
  ON CONFLICT (destination) DO UPDATE SET open = destination_counter.open + excluded.open,
    parked = destination_counter.parked + excluded.parked, delivered = destination_counter.delivered + excluded.delivered`
const CURSOR = (n: number) =>
  `INSERT INTO cursor SELECT * ${from('cursor', n)} ON CONFLICT (follower) DO UPDATE SET position = excluded.position`

/** Everything that a layer changes in our own tables. No two of them touch the same row. */
function writesOf(layer: Layer): readonly Write[] {
  const writes = TABLES.flatMap((table) => {
    const rows = layer.rows.get(table) ?? []
    return rows.length === 0 ? [] : [insert(table, rows)]
  })
  const add = (table: Written, text: Write['text'], rows: readonly object[]): void => {
    if (rows.length > 0) writes.push({ name: table, text, table, rows })
  }
  add('repeat', REPEAT, repeatRows(layer))
  if (layer.deliveries.size > 0) writes.push(change('delivery', DELIVERY, [...layer.deliveries.values()]))
  if (layer.messages.size > 0) writes.push(change('message', MESSAGE, [...layer.messages.values()]))
  const { counters, destinations, cursors } = layer
  add(
    'counter',
    COUNTER,
    rowsOf(counters, 'name', (value) => ({ value })),
  )
  add(
    'destination_counter',
    AT_DESTINATION,
    rowsOf(destinations, 'destination', (at) => at),
  )
  add(
    'cursor',
    CURSOR,
    rowsOf(cursors, 'follower', (position) => ({ position })),
  )
  return writes
}

/** All writes as one statement: so many parts, one plan, one answer. Its name says which parts there are. */
function together(writes: readonly Write[], types: RowTypes): pg.QueryConfig {
  const parts = writes.map(({ text }, i) => `w${i} AS (${text(i + 1)})`)
  const values = writes.map(({ table, rows }) => asRows(types.get(table)!, rows))
  const name = createHash('sha1')
    .update(writes.map((write) => write.name).join())
    .digest('hex')
  return { name, text: `WITH ${parts.join(', ')} SELECT`, values }
}

/**
 * The writes of a layer, sent in one flight on a connection that is in a transaction: one statement, in which each table's
 * rows are one part however many lists they come from, and those of features behind it. A feature's statement whose row
 * count is not what it must be fails like a division by zero, so that the commit that follows in the same flight is none. */
export function flush({ client, types }: Writing, layer: Layer): Promise<unknown>[] {
  const flight: Promise<unknown>[] = []
  if (layer.fired.size > 0) {
    // By itself: a timer of the same name may be set again in this batch.
    const values = [[...layer.fired]]
    flight.push(faulty('own', client.query({ name: 'fired', text: 'DELETE FROM timer WHERE id = ANY($1)', values })))
  }
  const writes = writesOf(layer)
  if (writes.length > 0) flight.push(faulty('own', client.query(together(writes, types))))
  if (layer.revision !== layer.stock.revision) {
    flight.push(faulty('own', client.query('UPDATE head SET revision = $1', [layer.revision])))
  }
  for (const statement of layer.statements) flight.push(faulty('feature', client.query(expecting(statement))))
  return flight
}

/** The query; its failure says what it was of. */
export function faulty(of: WriteFault['of'], query: Promise<unknown>): Promise<unknown> {
  return query.catch((cause: unknown) => {
    throw new WriteFault(of, cause)
  })
}

function rowsOf<T>(map: ReadonlyMap<string, T>, key: string, row: (value: T) => object): object[] {
  return Array.from(map, ([name, value]) => ({ [key]: name, ...row(value) }))
}

function repeatRows({ repeats }: Layer): object[] {
  return rowsOf(repeats, 'repeat_key', ({ sha256, message, atMs, answer, applicationAnswer }) => ({
    sha256,
    message,
    answer,
    application_answer: applicationAnswer,
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
