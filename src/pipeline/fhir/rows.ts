import type { SqlValue, Statement } from '../../core/journal.ts'
import type { JsonObject } from '../../formats/fhir/json.ts'
import { type IndexEntry, searchIndexOf, TASK_REFERENCES } from '../../formats/fhir/search-parameters.ts'
import { searchKey } from '../keys.ts'

/** A value of the index, and the name it stands under. Identifiers and patients are HMACs, never in clear. */
export interface IndexRow {
  readonly name: string
  readonly value: string
}

/** Name under which a value stands whatever its system. */
export const anySystem = (name: string): string => `${name}:any`

/** What a value of a token is kept and searched as. `system` null: whatever the system. */
export function tokenRow(name: string, system: string | null, value: string, secret: Uint8Array): IndexRow {
  return system === null
    ? { name: anySystem(name), value: searchKey(secret, '*', value) }
    : { name, value: searchKey(secret, system, value) }
}

const REFERENCES: ReadonlySet<string> = new Set(TASK_REFERENCES.map(([name]) => name))

/** Is it a parameter of a Task that is a reference? Its value is kept as an HMAC of the whole reference. */
export function isTaskReference(name: string): boolean {
  return REFERENCES.has(name)
}

/** The rows that a resource is found by. `base`: our own address, as its references may have it before them. */
export function indexRows(resource: JsonObject, secret: Uint8Array, base: string | null = null): IndexRow[] {
  return searchIndexOf(resource, base).flatMap(({ name, system, value }: IndexEntry): IndexRow[] => {
    if (name === 'status') return [{ name, value }]
    if (isTaskReference(name) || name === 'actor') return [{ name, value: searchKey(secret, 'Reference', value) }]
    if (name === 'patient') return [{ name, value: searchKey(secret, 'Patient', value) }]
    return [tokenRow(name, system ?? '', value, secret), tokenRow(name, null, value, secret)]
  })
}

/** A resource about to be written under a message. */
export interface ResourceWrite {
  readonly type: string
  readonly id: string
  readonly owner: string
  readonly message: string
  readonly atMs: number
  readonly resource: JsonObject
  readonly secret: Uint8Array
  /** Our own address, as who wrote it knows it; absent: it has none in its references. */
  readonly base?: string
  /** More rows of the index than the resource itself gives. */
  readonly more?: readonly IndexRow[]
}

const VERSION = 'INSERT INTO resource_version (type, id, version, message, updated_at_ms) VALUES (?, ?, ?, ?, ?)'
const INDEX = 'INSERT INTO resource_index (type, id, name, value) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'

function indexed({ type, id, resource, secret, base, more = [] }: ResourceWrite): Statement[] {
  return [...indexRows(resource, secret, base), ...more].map(({ name, value }) => ({
    sql: INDEX,
    parameters: [type, id, name, value],
  }))
}

/**
 * The rows of a new resource. `unless`: a row of the index that nothing of this owner may have by then, or the commit is
 * a mismatch; so that of two conditional creates at once only one makes it. */
export function createRows(write: ResourceWrite, unless: IndexRow | null): Statement[] {
  const { type, id, owner, message, atMs } = write
  const values: SqlValue[] = [type, id, owner, message, atMs]
  const insert = 'INSERT INTO resource (type, id, version, owner, message, updated_at_ms, deleted)'
  const first: Statement =
    unless === null
      ? { sql: `${insert} VALUES (?, ?, 1, ?, ?, ?, 0)`, parameters: values, rows: 1 }
      : {
          sql: `${insert} SELECT ?, ?, 1, ?, ?, ?, 0 WHERE NOT EXISTS (
            SELECT 1 FROM resource_index i JOIN resource r ON r.type = i.type AND r.id = i.id
            WHERE i.type = ? AND i.name = ? AND i.value = ? AND r.owner = ?)`,
          parameters: [...values, type, unless.name, unless.value, owner],
          rows: 1,
        }
  return [first, { sql: VERSION, parameters: [type, id, 1, message, atMs], rows: 1 }, ...indexed(write)]
}

/** The rows of a new version; a mismatch when `from` is no longer the current one. */
export function updateRows(write: ResourceWrite, from: number): Statement[] {
  const { type, id, owner, message, atMs } = write
  return [
    {
      sql: `UPDATE resource SET version = ?, message = ?, updated_at_ms = ?
        WHERE type = ? AND id = ? AND version = ? AND owner = ?`,
      parameters: [from + 1, message, atMs, type, id, from, owner],
      rows: 1,
    },
    { sql: VERSION, parameters: [type, id, from + 1, message, atMs], rows: 1 },
    { sql: 'DELETE FROM resource_index WHERE type = ? AND id = ?', parameters: [type, id] },
    ...indexed(write),
  ]
}
