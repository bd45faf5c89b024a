import { DatabaseSync } from 'node:sqlite'
import { MIGRATIONS } from '../sqlite/schema.ts'

/** How one store gives the rows of a table: each with all columns of both stores, in the order of a key. `t` is the table. */
export interface Reading {
  readonly from: string
  readonly where?: string
  /** Unique together, and in an index. */
  readonly key: readonly string[]
  /** Portable columns that are called otherwise, or stand elsewhere, here. */
  readonly named?: Readonly<Record<string, string>>
  /** What is read beside the portable columns: needed to write, and no part of the copy. */
  readonly beside?: Readonly<Record<string, string>>
}

/** One table of a store, in words that hold for both. */
export interface Table {
  readonly name: string
  /** What is copied and compared. `outside`: 1 when the row's bytes do not stand in it. */
  readonly columns: readonly string[]
  readonly sqlite: Reading
  readonly postgres: Reading
  /** How many rows are read at a time. */
  readonly rows: number
  /** Rows that a new store has already are replaced. */
  readonly replaces?: true
  /** Its key holds text of senders: what the other store cannot tell apart becomes one row. */
  readonly folds?: true
  /** Its rows are numbered by the store itself. */
  readonly numbered?: true
}

/** What both stores have in a form of its own each. */
const OWN = ['message', 'body', 'delivery', 'attempt', 'message_key', 'message_finding', 'guard']
/** What a new store has rows of already. */
const REPLACED = ['meta', 'counter', 'care_clock']
/**
 * Not copied: search keys that are still to be sorted in (done before), the store's own record of its schema, and the directory
 * and the register of establishments, whose indexes each store has in its own form: they are imported again, and our mailboxes are
 * put in as they come. What the region itself knows of establishments goes along. */
const LEFT = [
  ...['message_key_new', 'migration', 'directory_entry', 'directory_import', 'directory_stale'],
  ...['structure_entry', 'structure_place', 'structure_import'],
]

/** With up to 64 KiB of bytes in each, some 4 MiB; configurations may be a few hundred KiB each, and chunks of photos are. */
const SMALL_ROWS = 1_000
const LARGE_ROWS = 64
const HUGE_ROWS = 16

interface Column {
  readonly name: string
  readonly pk: number
}

/** Tables of the embedded store's schema, with their columns. */
function schema(): ReadonlyMap<string, readonly Column[]> {
  const db = new DatabaseSync(':memory:')
  for (const { sql } of MIGRATIONS) db.exec(sql)
  const tables = db.prepare("SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'").all()
  const columns = db.prepare('SELECT name, pk FROM pragma_table_info(?)')
  const found = new Map(tables.map(({ name }) => [String(name), columns.all(String(name)) as unknown as Column[]]))
  db.close()
  return found
}

const OUTSIDE = { outside: '(t.file IS NOT NULL) + 0' }
const PG_OUTSIDE = { outside: '(t.file IS NOT NULL)::int' }
const OF_MESSAGE = 'JOIN message m ON m.seq = t.message_seq'
const OF_DELIVERY = 'JOIN delivery d ON d.seq = t.delivery_seq'

/** The tables that both stores have in a form of their own each. */
function ownTables(columnsOf: (table: string) => readonly string[]): readonly Table[] {
  return [
    {
      name: 'message',
      columns: columnsOf('message'),
      rows: SMALL_ROWS,
      sqlite: {
        from: 'message t LEFT JOIN body b ON b.message_seq = t.seq',
        key: ['t.seq'],
        beside: { sha256: 'b.sha256' },
      },
      postgres: { from: 'message t', key: ['t.seq'] },
    },
    {
      name: 'body',
      columns: ['message', ...columnsOf('body').filter((one) => one !== 'file'), 'outside'],
      rows: LARGE_ROWS,
      sqlite: {
        from: `body t ${OF_MESSAGE}`,
        key: ['t.message_seq'],
        named: { message: 'm.id', ...OUTSIDE },
        beside: { file: 't.file', day_ms: 'm.received_at_ms', id: 'm.id' },
      },
      postgres: {
        from: 'body t JOIN message m ON m.id = t.message',
        key: ['t.message'],
        named: PG_OUTSIDE,
        beside: { file: 't.file', day_ms: 'm.received_at_ms', id: 'm.id' },
      },
    },
    {
      name: 'delivery',
      columns: ['message', ...columnsOf('delivery')],
      rows: SMALL_ROWS,
      sqlite: { from: `delivery t ${OF_MESSAGE}`, key: ['t.seq'], named: { message: 'm.id' } },
      postgres: { from: 'delivery t', key: ['t.id'] },
    },
    {
      name: 'attempt',
      columns: ['delivery', ...columnsOf('attempt')],
      rows: SMALL_ROWS,
      sqlite: { from: `attempt t ${OF_DELIVERY}`, key: ['t.delivery_seq', 't.n'], named: { delivery: 'd.id' } },
      postgres: { from: 'attempt t', key: ['t.delivery', 't.n'] },
    },
    {
      name: 'message_key',
      columns: ['message', 'message_seq', 'search_key'],
      rows: SMALL_ROWS,
      sqlite: {
        from: `message_key t ${OF_MESSAGE}`,
        key: ['t.bucket', 't.search_key', 't.message_seq'],
        named: { message: 'm.id' },
      },
      postgres: { from: 'message_key t', key: ['t.search_key', 't.message_seq'] },
    },
    {
      name: 'message_finding',
      columns: ['message', 'message_seq', 'code'],
      rows: SMALL_ROWS,
      sqlite: { from: `message_finding t ${OF_MESSAGE}`, key: ['t.code', 't.message_seq'], named: { message: 'm.id' } },
      postgres: { from: 'message_finding t', key: ['t.message', 't.code'] },
    },
    guardTable(columnsOf),
  ]
}

/** Marks of processing: by delivery, which the embedded store names by its number. */
function guardTable(columnsOf: (table: string) => readonly string[]): Table {
  return {
    name: 'guard',
    columns: ['delivery', ...columnsOf('guard')],
    rows: SMALL_ROWS,
    // The mark of a delivery that retention has removed means nothing any more.
    sqlite: {
      from: `guard t ${OF_DELIVERY}`,
      where: 'EXISTS (SELECT 1 FROM delivery x WHERE x.seq = t.delivery_seq)',
      key: ['t.delivery_seq'],
      named: { delivery: 'd.id' },
    },
    postgres: {
      from: 'guard t JOIN delivery d ON d.id = t.delivery',
      where: 'EXISTS (SELECT 1 FROM delivery x WHERE x.id = t.delivery)',
      key: ['t.delivery'],
      named: { delivery_seq: 'd.seq' },
    },
  }
}

/** A table that both stores have alike. */
function sharedTable(name: string, columns: readonly Column[]): Table {
  const key = columns
    .filter(({ pk }) => pk > 0)
    .sort((a, b) => a.pk - b.pk)
    .map((column) => column.name)
  const names = columns.map((column) => column.name)
  // Where an image stands on its node is no body of the store.
  const files = names.includes('file') && names.includes('at_ms')
  const reading: Reading = {
    from: `${name} t`,
    key: key.map((column) => `t.${column}`),
    ...(name === 'meta' ? { where: "t.name <> 'move'" } : {}),
    ...(files ? { beside: { file: 't.file', day_ms: 't.at_ms', id: 't.id' } } : {}),
  }
  return {
    name,
    columns: files ? [...names.filter((one) => one !== 'file'), 'outside'] : names,
    sqlite: { ...reading, ...(files ? { named: OUTSIDE } : {}) },
    postgres: { ...reading, ...(files ? { named: PG_OUTSIDE } : {}) },
    rows: files ? LARGE_ROWS : name === 'revision' || name === 'attachment_chunk' ? HUGE_ROWS : SMALL_ROWS,
    ...(REPLACED.includes(name) ? { replaces: true } : {}),
    ...(name === 'repeat' || name === 'resource_index' ? { folds: true } : {}),
    ...(key.join() === 'seq' ? { numbered: true } : {}),
  }
}

/**
 * Every table that is copied, read from the schema of this release, so that what a later step adds for both stores goes
 * along by itself. Rows come after those they are found by. */
export function tables(): readonly Table[] {
  const found = schema()
  const columnsOf = (table: string) => (found.get(table) ?? []).map(({ name }) => name)
  const some = [...found].filter(([name]) => !OWN.includes(name) && !LEFT.includes(name))
  // A store counts events as they are put in: the counters of the old one come after them, and take the place of its own.
  const counters = some.filter(([name]) => name === 'counter')
  const shared = [...some.filter(([name]) => name !== 'counter'), ...counters]
  return [...ownTables(columnsOf), ...shared.map(([name, columns]) => sharedTable(name, columns))]
}

/** SQL of one page: the portable columns, what stands beside them, and the key as `k0`, `k1` …; `at(n)` is the n-th parameter. */
export function pageSql({ columns }: Table, reading: Reading, first: boolean, at: (n: number) => string): string {
  const { from, where, key, named = {}, beside = {} } = reading
  const read = [
    ...columns.map((column) => `${named[column] ?? `t.${column}`} AS ${column}`),
    ...Object.entries(beside).map(([name, expression]) => `${expression} AS beside_${name}`),
    ...key.map((column, i) => `${column} AS k${i}`),
  ]
  const after = `(${key.join(', ')}) > (${key.map((_, i) => at(i + 1)).join(', ')})`
  const conditions = [...(where ? [where] : []), ...(first ? [] : [after])]
  const filter = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  return `SELECT ${read.join(', ')} FROM ${from} ${filter} ORDER BY ${key.join(', ')} LIMIT ${at(first ? 1 : key.length + 1)}`
}

/** SQL of how many rows a table has. */
export function countSql(reading: Reading, name: string): string {
  return `SELECT count(*) AS n FROM ${name} t ${reading.where ? `WHERE ${reading.where}` : ''}`
}
