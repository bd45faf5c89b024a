import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { SqlValue, Verified } from '../../../core/journal.ts'
import type { Clock, Ids, Log } from '../../../core/ports.ts'
import { syncFolderSync } from '../folder.ts'
import { bodyFile, fileBytes, layStream } from '../sqlite/body-stream.ts'
import { type Checkpoint, checkpointer } from '../sqlite/checkpoint.ts'
import { asFault, bindable, migrate, openDatabase, STORE_FILE } from '../sqlite/database.ts'
import { sortIn } from '../sqlite/key-index.ts'
import { type Lock, lockStore } from '../sqlite/lock.ts'
import { openReader } from '../sqlite/reader.ts'
import { verify } from '../sqlite/verify.ts'
import { type Key, MARK, type Mark, readMark, type TargetMark } from './mark.ts'
import { type Found, MoveRefused, type OutsideBytes, type Page, type Row, type Side, type Written } from './side.ts'
import { countSql, pageSql, type Table, tables } from './tables.ts'

/** What may stand in the folder of a store; in any other one no store is made. */
const OURS = /^(store\.db(-wal|-shm)?|lock\.db(-journal)?|holder\.json(\.new)?|bodies|backups|lost\+found)$/
/** Messages of one bucket of search keys: 2^16. */
const BUCKET = 2 ** 16
const DAY_MS = 86_400_000

/** How an embedded store is opened for a move. */
export interface SqliteSideOptions {
  readonly dir: string
  /** False: it must be there already. */
  readonly make: boolean
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/**
 * Opens an embedded store for a move, held as a gateway holds it; null when it must be there and is not.
 * @throws {GatewayError} STORE_HELD, STORE_NEWER, STORE_DAMAGED; {MoveRefused} `not-empty` for a folder of something else */
export function openSqliteSide({ dir: given, make, clock, ids, log }: SqliteSideOptions): Side | null {
  const dir = resolve(given)
  if (!make && !existsSync(join(dir, STORE_FILE))) return null
  if (make && existsSync(dir) && readdirSync(dir).some((name) => !OURS.test(name))) {
    throw new MoveRefused('not-empty', `file:${given}`)
  }
  const lock = lockStore(dir, { node: 'passerelle move', url: null }, clock)
  let db: DatabaseSync | null = null
  try {
    db = openDatabase(dir)
    migrate(db, clock, ids)
    for (const folder of [dir, dirname(dir)]) syncFolderSync(folder)
    sortIn(db)
    return new SqliteSide(dir, db, lock, checkpointer(db, log))
  } catch (error) {
    db?.close()
    lock.release()
    throw error
  }
}

class SqliteSide implements Side {
  readonly #dir: string
  readonly #db: DatabaseSync
  readonly #lock: Lock
  readonly #checkpoint: Checkpoint
  readonly #statements = new Map<string, StatementSync>()

  constructor(dir: string, db: DatabaseSync, lock: Lock, checkpoint: Checkpoint) {
    this.#dir = dir
    this.#db = db
    this.#lock = lock
    this.#checkpoint = checkpoint
  }

  async look(): Promise<Found> {
    const meta = this.#statement('SELECT value FROM meta WHERE name = ?')
    const kept = tables().filter(({ name, replaces }) => !replaces && name !== 'migration')
    const empty = kept.every(({ name }) => this.#statement(`SELECT 1 FROM ${name} LIMIT 1`).get() === undefined)
    const counted = this.#statement('SELECT 1 FROM counter WHERE value <> 0').get() !== undefined
    const mark = readMark(meta.get(MARK)?.['value'])
    return { mark, empty: empty && !counted, store: String(meta.get('store')?.['value']) }
  }

  /** The lock is held: nobody else has the store. */
  async claim(mark: Mark | null): Promise<void> {
    this.#commit(() => this.#keep(mark))
  }

  async count(table: Table): Promise<number> {
    return Number(this.#statement(countSql(table.sqlite, table.name)).get()?.['n'])
  }

  async page(table: Table, after: Key | null, limit: number): Promise<Page> {
    const sql = pageSql(table, table.sqlite, after === null, () => '?')
    const rows = this.#statement(sql).all(...(after ?? []), limit)
    const last = rows.at(-1)
    return { rows, after: last === undefined ? null : table.sqlite.key.map((_, i) => last[`k${i}`] as string | number) }
  }

  readonly outside: OutsideBytes = (row) => fileBytes(join(this.#dir, String(row['beside_file'])))

  async days(): Promise<readonly number[]> {
    const rows = this.#statement(`SELECT DISTINCT received_at_ms / ${DAY_MS} AS day FROM message ORDER BY 1`).all()
    return rows.map(({ day }) => Number(day) * DAY_MS)
  }

  async expect(): Promise<void> {}

  fit(_table: Table, row: Row): Row {
    return row
  }

  async put(
    table: Table,
    rows: readonly Row[],
    bytes: OutsideBytes,
    mark: (written: Written) => TargetMark,
  ): Promise<void> {
    const outside = new Map<number, string>()
    const files: string[] = []
    for (const [i, row] of rows.entries()) {
      if (row['outside'] !== 1) continue
      const file = bodyFile(String(row['beside_id']), Number(row['beside_day_ms']))
      outside.set(i, await layStream(this.#dir, file, bytes(row)))
      files[i] = file
    }
    const columns = this.#columns(table.name)
    const conflict = table.replaces ? 'INSERT OR REPLACE' : 'INSERT'
    const sql = `${conflict} INTO ${table.name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
    this.#commit(() => {
      for (const [i, row] of rows.entries()) {
        const own: Row = { ...row, file: files[i] ?? null, bucket: Math.floor(Number(row['message_seq']) / BUCKET) }
        this.#statement(sql).run(...bindable(columns.map((column) => own[column] as SqlValue)))
      }
      this.#keep(mark({ rows: rows.length, outside }))
    })
    this.#checkpoint.ifDue()
  }

  async settle(): Promise<void> {}

  async verify(progress: (checked: number, total: number) => void): Promise<Verified> {
    const reader = openReader(this.#dir)
    try {
      return await verify(this.#db, this.#dir, reader, null, progress)
    } finally {
      await reader.close()
    }
  }

  async close(): Promise<void> {
    this.#checkpoint.atClose()
    this.#db.close()
    this.#lock.release()
  }

  #statement(sql: string): StatementSync {
    const found = this.#statements.get(sql) ?? this.#db.prepare(sql)
    this.#statements.set(sql, found)
    return found
  }

  #columns(table: string): readonly string[] {
    return this.#statement('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map(({ name }) => String(name))
  }

  #keep(mark: Mark | null): void {
    if (mark === null) this.#statement('DELETE FROM meta WHERE name = ?').run(MARK)
    else this.#statement('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)').run(MARK, JSON.stringify(mark))
  }

  #commit(write: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      write()
      this.#db.exec('COMMIT')
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw asFault(error)
    }
  }
}
