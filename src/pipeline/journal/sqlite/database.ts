import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { type ErrorCode, GatewayError } from '../../../core/errors.ts'
import type { SqlValue } from '../../../core/journal.ts'
import type { Clock, Ids } from '../../../core/ports.ts'
import { AUDIT_KEY, AUDIT_STEP, newAuditKey } from '../audit-key.ts'
import type { Migration } from '../schema.ts'
import { MIGRATIONS } from './schema.ts'

/** A row as the store gives it. */
export type Row = Record<string, SQLOutputValue>

/** File of the store inside its folder. */
export const STORE_FILE = 'store.db'

/**
 * Opens the writer's connection, for durable commits: WAL, every commit synced, checkpoints left to the writer.
 * @throws {GatewayError} STORE_DAMAGED when the file is no store */
export function openDatabase(dir: string): DatabaseSync {
  const db = new DatabaseSync(join(dir, STORE_FILE), { enableForeignKeyConstraints: false, timeout: 0 })
  try {
    // auto_vacuum takes effect only before the first table. temp_store keeps what a savepoint may undo in memory.
    db.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    db.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768')
  } catch (error) {
    db.close()
    throw openFault(error)
  }
  return db
}

/** What an error of SQLite means for the journal. `other` is a fault of the statement. */
export type Fault = 'full' | 'io' | 'damaged' | 'constraint' | 'other'

const FULL = 13
const IOERR = 10
/** The index of the log could not grow. Nothing in it is durable, so the disk being full there loses nothing. */
const IOERR_SHMSIZE = 4874

/** Classes an error by SQLite's result code (sqlite.org/rescode.html). */
export function faultOf(error: unknown): Fault {
  const code = (error as { errcode?: unknown } | null)?.errcode
  if (typeof code !== 'number') return 'other'
  if (code === IOERR_SHMSIZE || (code & 0xff) === FULL) return 'full'
  if ((code & 0xff) === IOERR) return 'io'
  if ((code & 0xff) === 11 || (code & 0xff) === 26) return 'damaged'
  return (code & 0xff) === 19 ? 'constraint' : 'other'
}

/** The fault of the table of errors that an error of SQLite amounts to. */
export function asFault(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  const codes = {
    full: 'STORE_FULL',
    io: 'STORE_FAILED',
    damaged: 'STORE_DAMAGED',
    constraint: 'INTERNAL',
    other: 'INTERNAL',
  }
  return new GatewayError(codes[faultOf(error)] as ErrorCode, undefined, { cause: error })
}

/** The same for opening, where an error such as "unable to open" says more as it is. */
function openFault(error: unknown): unknown {
  return faultOf(error) === 'other' ? error : asFault(error)
}

/**
 * Brings the schema to the newest number, one transaction per migration, and makes the secrets of a new store.
 * A store whose schema is newer is taken when its newest step says that this release may still work on it.
 * @throws {GatewayError} STORE_NEWER when it says otherwise */
export function migrate(db: DatabaseSync, clock: Clock, ids: Ids, migrations: readonly Migration[] = MIGRATIONS): void {
  try {
    db.exec(
      'CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, at_ms INTEGER NOT NULL)',
    )
    tellOldest(db)
    const last = db.prepare('SELECT number, oldest FROM migration ORDER BY number DESC LIMIT 1').get()
    const stored = Number(last?.['number'] ?? 0)
    const newest = migrations.at(-1)?.number ?? 0
    if (stored > newest && Number(last?.['oldest']) > newest) {
      throw new GatewayError('STORE_NEWER', `The store has schema ${stored}; this version knows ${newest} at most.`)
    }
    for (const { number, name, sql, oldest } of migrations.filter((migration) => migration.number > stored)) {
      db.exec('BEGIN IMMEDIATE')
      try {
        db.exec(sql)
        const done = db.prepare('INSERT INTO migration (number, name, at_ms, oldest) VALUES (?, ?, ?, ?)')
        done.run(number, name, clock.nowMs(), oldest)
        if (number === 1) {
          const meta = db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)')
          meta.run('store', ids.uuid())
          meta.run('secret', randomBytes(32).toString('hex'))
        }
        if (name === AUDIT_STEP) {
          db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)').run(AUDIT_KEY, newAuditKey())
        }
        db.exec('COMMIT')
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
    }
  } catch (error) {
    throw openFault(error)
  }
}

/** Stores made before steps said which releases may still work on them: each of theirs only its own. */
function tellOldest(db: DatabaseSync): void {
  const columns = db.prepare('PRAGMA table_info(migration)').all()
  if (columns.some(({ name }) => name === 'oldest')) return
  db.exec('ALTER TABLE migration ADD COLUMN oldest INTEGER; UPDATE migration SET oldest = number')
}

/**
 * The value as SQLite takes it. node:sqlite binds a leading object as named parameters, silently, so types are checked.
 * @throws {GatewayError} INTERNAL for anything that is no SqlValue */
export function bindable(values: readonly SqlValue[]): SqlValue[] {
  for (const value of values) {
    const good =
      value === null ||
      typeof value === 'string' ||
      (typeof value === 'number' && Number.isFinite(value)) ||
      value instanceof Uint8Array
    if (!good) throw new GatewayError('INTERNAL', `a statement cannot bind a ${typeof value}`)
  }
  return values as SqlValue[]
}

/** Statements by their text, prepared once; the least recently used go when there are more than `most`. */
export function statementCache(db: DatabaseSync, most = 200): (sql: string) => StatementSync {
  const known = new Map<string, StatementSync>()
  return (sql) => {
    const statement = known.get(sql) ?? db.prepare(sql)
    known.delete(sql)
    known.set(sql, statement)
    const oldest = known.size > most ? known.keys().next().value : undefined
    if (oldest !== undefined) known.delete(oldest)
    return statement
  }
}
