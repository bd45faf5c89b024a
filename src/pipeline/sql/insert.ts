import type { SqlValue, Statement } from '../../core/journal.ts'

/** Puts these rows into a table with its columns, `event (seq, who)`; every one of them must be new. At least one row. */
export function insert(into: string, rows: readonly (readonly SqlValue[])[]): Statement {
  const places = rows.map((row) => `(${row.map(() => '?').join(', ')})`)
  return { sql: `INSERT INTO ${into} VALUES ${places.join(', ')}`, parameters: rows.flat(), rows: rows.length }
}
