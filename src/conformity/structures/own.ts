/** What the region itself knows of structures: rows, and how they are written. */
import type { SqlValue, Statement } from '../../core/journal.ts'
import type {
  ContactRole,
  NewContact,
  NewSoftware,
  StructureContact,
  StructureSoftware,
} from '../../core/structures.ts'

/** A contact as its row has it. */
export interface ContactRow {
  readonly id: string
  readonly finess: string
  readonly role: ContactRole
  readonly name: string
  readonly phone: string | null
  readonly mail: string | null
}

/** Software as its row has it. */
export interface SoftwareRow {
  readonly id: string
  readonly finess: string
  readonly product: string
  readonly editor: string | null
  readonly version: string | null
  readonly since_on: string | null
}

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ')

/** The contacts of these numbers. */
export function contactsOf(finesses: readonly string[]): Statement {
  return {
    sql: `SELECT id, finess, role, name, phone, mail FROM structure_contact WHERE finess IN (${marks(finesses)})
      ORDER BY finess, role, name, id LIMIT 500`,
    parameters: finesses,
  }
}

/** A row as a contact. */
export function contactOf({ id, finess, role, name, phone, mail }: ContactRow): StructureContact {
  return { id, finess, role, name, phone, mail }
}

/** What these numbers say they use. */
export function softwareOf(finesses: readonly string[]): Statement {
  return {
    sql: `SELECT id, finess, product, editor, version, since_on FROM structure_software WHERE finess IN (${marks(finesses)})
      ORDER BY finess, product, id LIMIT 500`,
    parameters: finesses,
  }
}

/** A row as software. */
export function softwareFrom({ id, finess, product, editor, version, since_on }: SoftwareRow): StructureSoftware {
  return { id, finess, product, editor, version, since: since_on }
}

/** Sets the GHT and managing body of one; nulls: it has none of its own. */
export function ownRow(finess: string, ght: string | null, body: string | null, atMs: number): Statement {
  return {
    sql: `INSERT INTO structure_own (finess, ght, body, at_ms) VALUES (?, ?, ?, ?)
      ON CONFLICT (finess) DO UPDATE SET ght = excluded.ght, body = excluded.body, at_ms = excluded.at_ms`,
    parameters: [finess, ght, body, atMs],
    rows: 1,
  }
}

/** A new contact, or one that changes; no row when the one that changes is another structure's, or gone. */
export function contactRow(finess: string, id: string, isNew: boolean, one: NewContact, atMs: number): Statement {
  return put('structure_contact', finess, id, isNew, { ...one, at_ms: atMs })
}

/** The same of software. */
export function softwareRow(finess: string, id: string, isNew: boolean, one: NewSoftware, atMs: number): Statement {
  const { product, editor, version, since } = one
  return put('structure_software', finess, id, isNew, { product, editor, version, since_on: since, at_ms: atMs })
}

function put(
  table: string,
  finess: string,
  id: string,
  isNew: boolean,
  values: Readonly<Record<string, SqlValue>>,
): Statement {
  const names = Object.keys(values)
  if (isNew) {
    const sql = `INSERT INTO ${table} (id, finess, ${names.join(', ')}) VALUES (?, ?, ${marks(names)})`
    return { sql, parameters: [id, finess, ...Object.values(values)], rows: 1 }
  }
  const sql = `UPDATE ${table} SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE id = ? AND finess = ?`
  return { sql, parameters: [...Object.values(values), id, finess], rows: 1 }
}

/** Takes one away; no row when it is not there. */
export function removeRow(what: 'contact' | 'software', finess: string, id: string): Statement {
  return { sql: `DELETE FROM structure_${what} WHERE id = ? AND finess = ?`, parameters: [id, finess], rows: 1 }
}
