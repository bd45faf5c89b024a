import { createHash } from 'node:crypto'
import type pg from 'pg'
import { GatewayError } from '../../../core/errors.ts'
import type { Verified } from '../../../core/journal.ts'
import type { Clock, Ids } from '../../../core/ports.ts'
import { checksum } from '../checksum.ts'
import { CHUNK_BYTES } from '../postgres/bodies.ts'
import { asFault, committed, connectBeside, lockHead } from '../postgres/connect.ts'
import { migrate, storedSchema } from '../postgres/migrate.ts'
import { aliveNodes } from '../postgres/nodes.ts'
import { dayOf, daysThere, makeDay } from '../postgres/partitions.ts'
import { openPools } from '../postgres/pools.ts'
import { MIGRATIONS } from '../postgres/schema.ts'
import { hexOf, storable } from '../postgres/sql.ts'
import { verify } from '../postgres/verify.ts'
import { type Key, MARK, type Mark, readMark, type TargetMark } from './mark.ts'
import { type Found, MoveRefused, type OutsideBytes, type Page, type Row, type Side, type Written } from './side.ts'
import { countSql, pageSql, type Table, tables } from './tables.ts'

/** How a store on PostgreSQL is opened for a move. */
export interface PostgresSideOptions {
  readonly url: string
  /** False: it must be there already. */
  readonly make: boolean
  readonly clock: Clock
  readonly ids: Ids
}

const NAME = 'move'
/** How long the move may think between two statements of a transaction (ms): it reads a body from the other store meanwhile. */
const THINK_MS = 60_000
/** Days of messages that get partitions of their own; what is older is in the rest, and goes row by row. */
const MOST_DAYS = 400
const DAY_MS = 86_400_000

/**
 * Opens a store on PostgreSQL for a move; null when it must be there and is not.
 * @throws {GatewayError} STORE_UNREACHABLE, STORE_UNSAFE, STORE_NEWER; {MoveRefused} `served`, and `not-empty` for a database
 * of something else */
export async function openPostgresSide({ url, make, clock, ids }: PostgresSideOptions): Promise<Side | null> {
  const client = await connectBeside(url, NAME, true)
  try {
    await client.query(`SET idle_in_transaction_session_timeout = ${THINK_MS}`)
    const stored = await storedSchema(client)
    if (stored === null && !make) {
      await client.end()
      return null
    }
    if (stored === null) await refuseOthers(client)
    else await refuseServed(client)
    // A newer release's tables would stay behind, even where it lets this one work beside it.
    if ((stored ?? 0) > MIGRATIONS.length) throw new GatewayError('STORE_NEWER')
    await migrate(client, clock, ids, MIGRATIONS)
    return new PostgresSide(url, client)
  } catch (error) {
    await client.end().catch(() => {})
    throw error instanceof MoveRefused ? error : asFault(error)
  }
}

async function refuseOthers(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    'SELECT current_database() AS name FROM pg_tables WHERE schemaname = current_schema() LIMIT 1',
  )
  if (rows.length > 0) throw new MoveRefused('not-empty', String(rows[0].name))
}

async function refuseServed(client: pg.Client): Promise<void> {
  const [node] = await aliveNodes(client)
  if (node !== undefined) throw new MoveRefused('served', node.name)
}

class PostgresSide implements Side {
  readonly #url: string
  readonly #client: pg.Client

  constructor(url: string, client: pg.Client) {
    this.#url = url
    this.#client = client
  }

  async look(): Promise<Found> {
    const meta = new Map(
      (await this.#ask('SELECT name, value FROM meta')).map(({ name, value }) => [String(name), String(value)]),
    )
    const kept = tables().filter(({ replaces }) => !replaces)
    const some = kept.map(({ name }) => `EXISTS (SELECT 1 FROM ${name})`)
    const [row] = await this.#ask(
      `SELECT ${some.join(' OR ')} OR EXISTS (SELECT 1 FROM counter WHERE value <> 0) AS filled`,
    )
    return { mark: readMark(meta.get(MARK)), empty: row?.['filled'] !== true, store: meta.get('store') ?? '' }
  }

  async claim(mark: Mark | null): Promise<void> {
    await this.#within(async () => {
      await lockHead(this.#client)
      await refuseServed(this.#client)
      await this.#keep(mark)
    })
    if (mark === null) return
    // A node that was taken for dead may wake: its connections end here, and it makes no new one to a marked store.
    await this.#ask(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
       AND usename = current_user AND pid <> pg_backend_pid() AND application_name LIKE 'passerelle %'`,
    )
  }

  async count(table: Table): Promise<number> {
    return Number((await this.#ask(countSql(table.postgres, table.name)))[0]?.['n'])
  }

  async page(table: Table, after: Key | null, limit: number): Promise<Page> {
    const sql = pageSql(table, table.postgres, after === null, (n) => `$${n}`)
    const rows = await this.#ask(sql, [...(after ?? []), limit])
    const last = rows.at(-1)
    return {
      rows,
      after: last === undefined ? null : table.postgres.key.map((_, i) => last[`k${i}`] as string | number),
    }
  }

  readonly outside: OutsideBytes = (row) => this.#chunks(String(row['beside_file']))

  async *#chunks(id: string): AsyncIterable<Uint8Array> {
    for (let n = 0; ; n += 1) {
      const [row] = await this.#ask('SELECT data FROM body_chunk WHERE id = $1 AND n = $2', [id, n])
      if (row === undefined) return
      yield row['data'] as Buffer
    }
  }

  async days(): Promise<readonly number[]> {
    const rows = await this.#ask(`SELECT DISTINCT received_at_ms / ${DAY_MS} AS day FROM message ORDER BY 1`)
    return rows.map(({ day }) => Number(day) * DAY_MS)
  }

  async expect(days: readonly number[]): Promise<void> {
    const there = new Set((await daysThere(this.#client)).map(({ name }) => name))
    await this.#within(async () => {
      await this.#client.query('BEGIN')
      for (const day of days.slice(-MOST_DAYS).map(dayOf)) {
        if (!there.has(day.name)) await makeDay(this.#client, day)
      }
    })
  }

  fit(table: Table, row: Row): Row {
    const fitting = Object.fromEntries(table.columns.map((column) => [column, textFit(row[column])]))
    if (table.columns.every((column) => fitting[column] === row[column])) return row
    const now = { ...row, ...fitting }
    const sha256 = row['beside_sha256']
    const sound = table.name === 'message' && checksum({ ...row, sha256 }) === row['checksum']
    return sound ? { ...now, checksum: checksum({ ...now, sha256 }) } : now
  }

  async put(
    table: Table,
    rows: readonly Row[],
    bytes: OutsideBytes,
    mark: (written: Written) => TargetMark,
  ): Promise<void> {
    const columns = await this.#columns(table.name)
    await this.#within(async () => {
      await this.#client.query('BEGIN')
      const outside = new Map<number, string>()
      for (const [i, row] of rows.entries()) {
        if (row['outside'] === 1) outside.set(i, await this.#lay(String(row['beside_id']), bytes(row)))
      }
      const own = rows.map((row) => storedRow(row, columns))
      const names = columns.join(', ')
      const text = `INSERT INTO ${table.name} (${names}) SELECT ${names}
        FROM json_populate_recordset(NULL::${table.name}, $1) ${conflict(table, columns)}`
      const { rowCount } = await this.#client.query({ name: `move-${table.name}`, text, values: [JSON.stringify(own)] })
      await this.#keep(mark({ rows: rowCount ?? 0, outside }))
    })
  }

  async settle(all: readonly Table[]): Promise<void> {
    for (const { name } of all.filter(({ numbered }) => numbered)) {
      await this.#ask(
        `SELECT setval(pg_get_serial_sequence('${name}', 'seq'), max(seq)) FROM ${name} HAVING max(seq) IS NOT NULL`,
      )
    }
    await this.#ask('UPDATE head SET revision = coalesce((SELECT max(revision) FROM revision), 0)')
    // Questions of features are planned by statistics.
    await this.#ask('ANALYZE')
  }

  async verify(progress: (checked: number, total: number) => void): Promise<Verified> {
    const pools = openPools(this.#url, NAME)
    try {
      return await verify(pools.own, null, progress)
    } catch (error) {
      throw asFault(error)
    } finally {
      await pools.end()
    }
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {})
  }

  /** Writes bytes as chunks under an id; gives their SHA-256. */
  async #lay(id: string, bytes: AsyncIterable<Uint8Array>): Promise<string> {
    const digest = createHash('sha256')
    let n = 0
    for await (const chunk of chunked(bytes, CHUNK_BYTES)) {
      digest.update(chunk)
      const text = 'INSERT INTO body_chunk (id, n, data) VALUES ($1, $2, $3)'
      await this.#client.query({ name: 'move-chunk', text, values: [id, n, chunk] })
      n += 1
    }
    return digest.digest('hex')
  }

  async #keep(mark: Mark | null): Promise<void> {
    if (mark === null) await this.#client.query('DELETE FROM meta WHERE name = $1', [MARK])
    else {
      const text =
        'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value'
      await this.#client.query(text, [MARK, JSON.stringify(mark)])
    }
  }

  async #columns(table: string): Promise<readonly string[]> {
    const rows = await this.#ask(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
       ORDER BY attnum`,
      [table],
    )
    return rows.map(({ name }) => String(name))
  }

  async #ask(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    try {
      return (await this.#client.query(text, [...values])).rows
    } catch (error) {
      throw asFault(error)
    }
  }

  /** Runs what begins a transaction, and commits it. */
  async #within(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      await committed(this.#client)
    } catch (error) {
      await this.#client.query('ROLLBACK').catch(() => {})
      throw error instanceof MoveRefused ? error : asFault(error)
    }
  }
}

function textFit(value: unknown): unknown {
  return typeof value === 'string' ? storable(value) : value
}

/** A row in the columns of this store's own table. */
function storedRow(row: Row, columns: readonly string[]): Row {
  const own: Row = { ...row, file: row['outside'] === 1 ? row['beside_id'] : null, node: '' }
  return Object.fromEntries(
    columns.map((column) => {
      const value = own[column]
      return [column, value instanceof Uint8Array ? hexOf(value) : value]
    }),
  )
}

function conflict({ folds, replaces, postgres: { key } }: Table, columns: readonly string[]): string {
  if (folds) return 'ON CONFLICT DO NOTHING'
  if (!replaces) return ''
  const keys = key.map((one) => one.slice('t.'.length))
  const rest = columns.filter((column) => !keys.includes(column)).map((column) => `${column} = excluded.${column}`)
  return `ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${rest.join(', ')}`
}

/** The same bytes in pieces of one size, the last one smaller. */
async function* chunked(bytes: AsyncIterable<Uint8Array>, size: number): AsyncIterable<Buffer> {
  let held: Uint8Array[] = []
  let length = 0
  for await (const part of bytes) {
    held.push(part)
    length += part.length
    if (length < size) continue
    const all = Buffer.concat(held)
    let at = 0
    for (; all.length - at >= size; at += size) yield all.subarray(at, at + size)
    held = [all.subarray(at)]
    length = all.length - at
  }
  if (length > 0) yield Buffer.concat(held)
}
