import type pg from 'pg'
import { GatewayError } from '../../../core/errors.ts'
import { storable } from './sql.ts'

/** A table's columns in their order, as the server takes them in binary (PostgreSQL, `record_recv`). */
export interface RowType {
  /** Of the table's row. */
  readonly oid: number
  readonly columns: readonly { readonly name: string; readonly oid: number }[]
}
/** By the name of the table. */
export type RowTypes = ReadonlyMap<string, RowType>

const TWO_32 = 2 ** 32
/** Room to begin with (bytes); then a quarter more than the last rows of the table took. */
const ROOM = 16 * 1024
const roomOf = new WeakMap<RowType, number>()
/** Strings up to here cost less by the character than by a call into the buffer. */
const SHORT_CHARS = 24

/**
 * Reads what the rows of these tables are made of. Whoever holds on to it must read it again when the server answers
 * `datatype_mismatch` (42804): a newer release has changed a table meanwhile.
 * @throws {GatewayError} INTERNAL for a table that is missing */
export async function readRowTypes(client: pg.Client, tables: readonly string[]): Promise<RowTypes> {
  const { rows } = await client.query<{ table: string; row: number; column: string; type: number }>(
    `SELECT t.name AS "table", c.reltype AS "row", a.attname AS "column", a.atttypid AS type
     FROM unnest($1::text[]) AS t (name) JOIN pg_class c ON c.oid = to_regclass(t.name)
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY t.name, a.attnum`,
    [tables],
  )
  const types = new Map<string, RowType>()
  for (const [table, columns] of Map.groupBy(rows, (row) => row.table)) {
    types.set(table, {
      oid: columns[0]!.row,
      columns: columns.map(({ column, type }) => ({ name: column, oid: type })),
    })
  }
  const missing = tables.find((table) => !types.has(table))
  if (missing !== undefined) throw new GatewayError('INTERNAL', `table ${missing} is missing`)
  return types
}

/**
 * Rows as the one parameter of `unnest($1::table[])`: an array of the table's rows in binary (`array_recv`). Columns that a
 * row does not have are null, whatever their type; the others are TEXT, BYTEA or BIGINT. Text is made storable. Read by the
 * server it costs three quarters of what JSON does (72 µs of 95 for the rows of a message, measured).
 * @throws {GatewayError} INTERNAL for a value of another kind */
export function asRows(type: RowType, rows: readonly object[]): Buffer {
  const { oid, columns } = type
  const out = new Room(roomOf.get(type) ?? ROOM)
  // One dimension, no flags, rows of the table, from index 1.
  for (const n of [1, 0, oid, rows.length, 1]) out.int32(n)
  for (const row of rows as readonly Readonly<Record<string, unknown>>[]) {
    const start = out.gap()
    out.int32(columns.length)
    for (const { name, oid } of columns) {
      out.int32(oid)
      out.value(row[name] ?? null)
    }
    out.close(start)
  }
  const made = out.made()
  roomOf.set(type, made.length + (made.length >> 2))
  return made
}

/** Bytes that grow. Each value stands behind its length, −1 for null. */
class Room {
  #bytes: Buffer
  #view: DataView
  #at = 0

  constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafe(bytes)
    this.#view = viewOf(this.#bytes)
  }

  value(value: unknown): void {
    if (value === null) this.int32(-1)
    else if (typeof value === 'string') this.#text(value)
    else if (typeof value === 'number' && Number.isSafeInteger(value)) this.#int64(value)
    else if (value instanceof Uint8Array) this.#data(value)
    else throw new GatewayError('INTERNAL', `a row cannot hold a ${typeof value}`)
  }

  int32(n: number): void {
    this.#reserve(4)
    this.#view.setInt32(this.#at, n)
    this.#at += 4
  }

  /** Leaves out a length, and says where. */
  gap(): number {
    this.int32(0)
    return this.#at
  }

  /** Writes the length of what came since. */
  close(start: number): void {
    this.#view.setInt32(start - 4, this.#at - start)
  }

  made(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  #int64(n: number): void {
    this.int32(8)
    this.#reserve(8)
    this.#view.setInt32(this.#at, Math.floor(n / TWO_32))
    this.#view.setUint32(this.#at + 4, n >>> 0)
    this.#at += 8
  }

  #data(bytes: Uint8Array): void {
    this.int32(bytes.length)
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #text(text: string): void {
    // Three bytes for each code unit at most.
    this.#reserve(4 + 3 * text.length)
    const start = this.#at + 4
    const end = this.#ascii(text, start) ? start + text.length : start + this.#bytes.write(storable(text), start)
    this.#view.setInt32(start - 4, end - start)
    this.#at = end
  }

  /** Writes a short text of ASCII; false: it is none, or has a NUL. */
  #ascii(text: string, start: number): boolean {
    if (text.length > SHORT_CHARS) return false
    const bytes = this.#bytes
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code === 0 || code > 127) return false
      bytes[start + i] = code
    }
    return true
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#at + more))
    grown.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = grown
    this.#view = viewOf(grown)
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
