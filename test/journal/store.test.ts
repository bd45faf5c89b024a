import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, statSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Intake, Journal } from '../../src/core/journal.ts'
import { migrationsOf, postgresDdl } from '../../src/pipeline/journal/schema.ts'
import { migrate } from '../../src/pipeline/journal/sqlite/database.ts'
import { readHolder } from '../../src/pipeline/journal/sqlite/lock.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { newIntake, newRefused, nextId } from './made.ts'
import { scratch } from './rig.ts'
import { listeningLog, sqliteOptions } from './rig-options.ts'

const CHILD = fileURLToPath(new URL('./hold-store.ts', import.meta.url))
const started: ChildProcess[] = []
let dir = ''
let end = async () => {}

beforeEach(async () => {
  ;({ dir, end } = await scratch())
})
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await end()
})

/** Starts a process that uses the store and gives what it says, line by line. */
function start(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

/** Skips by name where a program or right is missing; in CI that is a failure. */
function need(has: boolean, what: string, skip: (why: string) => void): void {
  if (has) return
  if (process.env['CI']) throw new Error(`${what} is needed in CI`)
  skip(`${what} is missing here`)
}

describe('lock', () => {
  test('a second process is told who has the store; a killed one leaves no lock', async () => {
    const { child, lines } = start(process.execPath, [CHILD, dir, 'hold'])
    expect((await lines.next()).value).toBe('open')
    expect(readHolder(dir)).toMatchObject({ pid: child.pid, node: 'first', url: 'http://127.0.0.1:8080' })
    const message = `The store is held by process ${child.pid} (node first, at http://127.0.0.1:8080).`
    await expect(openSqliteJournal(sqliteOptions(dir))).rejects.toMatchObject({
      code: 'STORE_HELD',
      message,
      french: `Le dépôt est tenu par le processus ${child.pid} (nœud first, à l'adresse http://127.0.0.1:8080).`,
    })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const journal = await openSqliteJournal(sqliteOptions(dir, { holder: { node: 'second', url: null } }))
    expect(readHolder(dir)).toMatchObject({ pid: process.pid, node: 'second', url: null })
    await journal.close()
    expect(readHolder(dir)).toBeNull()
  })

  test('the same process is refused too, the folder is for its owner only', async () => {
    const journal = await openSqliteJournal(sqliteOptions(dir))
    await expect(openSqliteJournal(sqliteOptions(dir))).rejects.toMatchObject({ code: 'STORE_HELD' })
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    await journal.close()
  })

  test.each([['/proc/passerelle/store'], ['/proc/self/fdinfo/store'], ['/sys/passerelle'], ['/dev/passerelle']])(
    'a store in %s is refused at once, and nothing is made there',
    async (place) => {
      const message = `A store cannot be in /${place.split('/')[1]}, which keeps nothing: ${place}.`
      await expect(openSqliteJournal(sqliteOptions(place))).rejects.toMatchObject({ code: 'STORE_UNSAFE', message })
      expect(existsSync(place)).toBe(false)
    },
  )

  test('a folder that is only called by way of /proc is taken', async () => {
    await (await openSqliteJournal(sqliteOptions(`/proc/self/root${dir}`))).close()
  })

  test.each([['{'], ['[]'], ['{"pid":"x"}']])('a holder file that reads %s is none', (text) => {
    writeFileSync(join(dir, 'holder.json'), text)
    expect(readHolder(dir)).toBeNull()
  })
})

describe('schema', () => {
  const { clock, ids } = sqliteOptions('')
  const migrations = [
    { number: 1, name: 'one', sql: 'CREATE TABLE meta (name TEXT, value TEXT); CREATE TABLE one (a)', oldest: 1 },
    { number: 2, name: 'two', sql: 'INSERT INTO one VALUES (2)', oldest: 2 },
  ]

  test('each migration once, in order; a failing one leaves nothing', () => {
    const db = new DatabaseSync(':memory:')
    migrate(db, clock, ids, migrations.slice(0, 1))
    migrate(db, clock, ids, migrations)
    migrate(db, clock, ids, migrations)
    expect(db.prepare('SELECT a FROM one').all()).toEqual([{ a: 2 }])
    const sql = 'INSERT INTO one VALUES (3); INSERT INTO nothing VALUES (3)'
    const broken = { number: 3, name: 'three', sql, oldest: 3 }
    expect(() => migrate(db, clock, ids, [...migrations, broken])).toThrow()
    expect(db.prepare('SELECT a FROM one').all()).toEqual([{ a: 2 }])
    expect(db.prepare('SELECT number, name FROM migration').all()).toEqual(
      migrations.map(({ number, name }) => ({ number, name })),
    )
    db.close()
  })

  test('a store from a newer version is refused and left alone', async () => {
    await (await openSqliteJournal(sqliteOptions(dir))).close()
    const db = new DatabaseSync(join(dir, 'store.db'))
    const later = db.prepare("INSERT INTO migration (number, name, at_ms, oldest) VALUES (?, 'later', 0, ?)")
    later.run(999, 998)
    await expect(openSqliteJournal(sqliteOptions(dir))).rejects.toMatchObject({ code: 'STORE_NEWER' })
    // Steps that only add leave it open to releases that do not know them.
    later.run(1_000, 1)
    db.close()
    await (await openSqliteJournal(sqliteOptions(dir))).close()
  })

  test('each step says which releases may go on working on the store', () => {
    const steps = [
      { name: 'a' },
      { name: 'b', adds: true },
      { name: 'c', adds: true },
      { name: 'd' },
      { name: 'e', adds: true },
    ]
    expect(migrationsOf(steps, 'sqlite').map(({ oldest }) => oldest)).toEqual([1, 1, 1, 4, 4])
  })

  test('what both stores keep alike is said once, and put into the words of PostgreSQL', () => {
    expect(
      postgresDdl(
        'CREATE TABLE a (seq INTEGER PRIMARY KEY, n INTEGER, t TEXT NOT NULL, b BLOB, PRIMARY KEY (n)) WITHOUT ROWID;',
      ),
    ).toBe(
      'CREATE TABLE a (seq BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, n BIGINT, t TEXT COLLATE "C" NOT NULL, b BYTEA, PRIMARY KEY (n));',
    )
  })

  test('a file that is no store is damaged', async () => {
    writeFileSync(join(dir, 'store.db'), Buffer.alloc(8_192, 'not a store '))
    await expect(openSqliteJournal(sqliteOptions(dir))).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  })

  test('durable by its pragmas', async () => {
    const journal = await openSqliteJournal(sqliteOptions(dir))
    const rows = await journal.read({ sql: 'SELECT * FROM pragma_journal_mode, pragma_auto_vacuum', parameters: [] })
    expect(rows).toEqual([{ journal_mode: 'wal', auto_vacuum: 2 }])
    await journal.close()
  })
})

describe('files', () => {
  test('a body file that no commit names is swept at the next start, named ones stay', async () => {
    const { events, log } = listeningLog()
    const journal = await openSqliteJournal(sqliteOptions(dir))
    const big = newIntake({ bytes: Buffer.alloc(100_000, 1) })
    const refused = newRefused(100_000)
    await journal.commit([big])
    await journal.refuse(refused)
    await journal.close()
    mkdirSync(join(dir, 'bodies', '2020-01-01'))
    writeFileSync(join(dir, 'bodies', '2020-01-01', nextId()), 'left by a crash')
    const again = await openSqliteJournal(sqliteOptions(dir, { log }))
    expect(events).toContain('journal.swept')
    expect(bodyFiles(dir)).toEqual([big.id, refused.id].toSorted())
    await again.close()
  })

  test.each([
    ['a repeat', 100_000, 1],
    ['other bytes under the same key', 100_001, 1],
  ])('%s leaves no second file', async (_name, size, files) => {
    const journal = await openSqliteJournal(sqliteOptions(dir))
    const one = newIntake({ bytes: Buffer.alloc(100_000, 1) })
    await journal.commit([one])
    await journal.commit([newIntake({ controlId: one.controlId, bytes: Buffer.alloc(size, 1) })])
    expect(bodyFiles(dir)).toHaveLength(files)
    await journal.close()
  })
})

describe('a large commit', () => {
  const large = () => Array.from({ length: 60 }, () => newIntake({ bytes: Buffer.alloc(30_000, 1) })) as Large
  type Large = [Intake, ...Intake[]]

  test('its middling bodies are files, so that one transaction writes little; small ones stay rows', async () => {
    const journal = await openSqliteJournal(sqliteOptions(dir))
    const small = Array.from({ length: 100 }, () => newIntake({ bytes: Buffer.alloc(4_096, 1) }))
    const made = large()
    await journal.commit([...made, ...small])
    expect(bodyFiles(dir)).toEqual(made.map(({ id }) => id).toSorted())
    const alone = newIntake({ bytes: Buffer.alloc(30_000, 1) })
    await journal.commit([alone])
    const rows = await journal.read({ sql: 'SELECT sum(length(data)) AS bytes FROM body', parameters: [] })
    expect(rows).toEqual([{ bytes: 100 * 4_096 + 30_000 }])
    await journal.close()
  })

  const refusals: [name: string, change: (parts: Large, before: Intake) => void, kind: string][] = [
    ['a repeat', (parts, before) => void (parts[0] = { ...parts[0], ...keyOf(before), bytes: before.bytes }), 'repeat'],
    ['other bytes', (parts, before) => void (parts[0] = { ...parts[0], ...keyOf(before) }), 'conflict'],
    ['a revision gone by', (parts) => void (parts[30] = { ...parts[30]!, revision: 7 }), 'stale'],
    [
      'a row that is not as expected',
      (parts) => void (parts[59] = { ...parts[59]!, rows: [{ sql: 'DELETE FROM jti', parameters: [], rows: 1 }] }),
      'mismatch',
    ],
  ]
  const keyOf = ({ repeatKey }: Intake) => ({ repeatKey })
  test.each(refusals)('%s: not committed, and none of its files stays', async (_name, change, kind) => {
    const journal = await openSqliteJournal(sqliteOptions(dir))
    const before = newIntake()
    await journal.commit([before])
    const parts = large()
    change(parts, before)
    expect((await journal.commit(parts)).kind).toBe(kind)
    expect(bodyFiles(dir)).toEqual([])
    expect((await journal.counts()).received).toBe(1)
    await journal.close()
  })

  test('of a batch only what was written keeps its file', async () => {
    const journal = await openSqliteJournal(sqliteOptions(dir))
    const parts = large()
    await journal.commit([parts[0]])
    expect(bodyFiles(dir)).toEqual([])
    const batch = newIntake({ bytes: Buffer.alloc(70_000, 1), repeatKey: null })
    const again = { ...parts[0], id: nextId() }
    await journal.commitBatch(
      batch,
      [again, ...parts.slice(1)].map((part) => [part] as const),
    )
    expect(bodyFiles(dir)).toEqual([batch, ...parts.slice(1)].map(({ id }) => id).toSorted())
    await journal.close()
  })

  test('one killed while its bodies are laid leaves all or nothing, and no file that nobody names', async () => {
    const { child, lines } = start(process.execPath, [CHILD, dir, 'large'])
    expect((await lines.next()).value).toBe('open')
    const promised = [String((await lines.next()).value)]
    // The first commit made the folder of the day; the process is killed amid the names of a later one.
    const watched = watch(join(dir, 'bodies', readdirSync(join(dir, 'bodies'))[0]!))
    const names = new Set<string>()
    const amid = Promise.withResolvers<void>()
    watched.on('change', (_kind, name) => {
      if (names.add(String(name)).size === 90) amid.resolve()
    })
    await amid.promise
    child.kill('SIGKILL')
    watched.close()
    for (let line = await lines.next(); !line.done; line = await lines.next()) promised.push(String(line.value))
    const journal = await openSqliteJournal(sqliteOptions(dir))
    expect((await journal.verify(null)).damaged).toEqual([])
    const rows = await journal.read<{ id: string; file: string; application: string }>({
      sql: 'SELECT m.id, b.file, m.application FROM message m JOIN body b ON b.message_seq = m.seq',
      parameters: [],
    })
    const whole = Map.groupBy(rows, ({ application }) => application)
    expect([...whole.values()].map((parts) => parts.length)).toEqual([...whole].map(() => 60))
    expect([...whole.keys()]).toEqual(expect.arrayContaining(promised))
    expect(bodyFiles(dir)).toEqual(rows.map(({ id }) => id).toSorted())
    await journal.close()
  })
})

/** Names of the files below bodies/. */
function bodyFiles(dir: string): string[] {
  if (!existsSync(join(dir, 'bodies'))) return []
  return readdirSync(join(dir, 'bodies'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted()
}

describe('reads', () => {
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n'

  test('a question that gives row after row ends after 2 s, others are answered after it', async () => {
    const journal = await openSqliteJournal(sqliteOptions(dir))
    const late = journal.read({ sql: `${endless} WHERE i % 100000 = 0`, parameters: [] })
    const next = journal.read({ sql: 'SELECT ? AS a', parameters: ['x'] })
    await expect(late).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
    expect(await next).toEqual([{ a: 'x' }])
    await journal.close()
  })

  test('one that never comes back is given up with its thread, the writer goes on meanwhile', async () => {
    const journal = await openSqliteJournal(sqliteOptions(dir))
    const scan = `SELECT count(*) AS n FROM (${endless} LIMIT 60000000)`
    const late = journal.read({ sql: scan, parameters: [] })
    expect((await journal.commit([newIntake()])).kind).toBe('committed')
    await expect(late).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
    expect(await journal.read({ sql: 'SELECT count(*) AS n FROM message', parameters: [] })).toEqual([{ n: 1 }])
    await journal.close()
  })

  test.each([['DELETE FROM message'], ['SELECT'], ["ATTACH 'x.db' AS x"]])('%s is a fault', async (sql) => {
    const journal = await openSqliteJournal(sqliteOptions(dir))
    await expect(journal.read({ sql, parameters: [] })).rejects.toMatchObject({ code: 'INTERNAL' })
    await journal.close()
  })
})

test('a counter that a recount contradicts is named', async () => {
  const journal = await openSqliteJournal(sqliteOptions(dir))
  await journal.commit([newIntake()])
  await journal.close()
  const db = new DatabaseSync(join(dir, 'store.db'))
  db.exec("UPDATE counter SET value = value + 1 WHERE name = 'inFlight'; UPDATE destination_counter SET open = 0")
  db.close()
  const again = await openSqliteJournal(sqliteOptions(dir))
  const wrong = ['counter received', 'counter inFlight', 'counter open chu-nantes/dpi']
  expect((await again.verify(null)).damaged).toEqual(wrong)
  await again.close()
})

test('the log is moved into the file as it grows', async () => {
  const journal = await openSqliteJournal(sqliteOptions(dir))
  for (let i = 0; i < 20; i++) {
    const group = Array.from({ length: 20 }, () => journal.commit([newIntake({ bytes: Buffer.alloc(60_000, 1) })]))
    await Promise.all(group)
  }
  expect(statSync(join(dir, 'store.db-wal')).size).toBeLessThan(14 * 1024 ** 2)
  expect(statSync(join(dir, 'store.db')).size).toBeGreaterThan(10 * 1024 ** 2)
  await journal.close()
  expect(readdirSync(dir).toSorted()).toEqual(['lock.db', 'store.db'])
})

describe('a disk that fails', () => {
  test('full: every commit is refused, nothing is lost, and it goes on when there is room', async ({ skip }) => {
    const mounted =
      process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', dir]).status === 0
    need(mounted, 'a tmpfs (mount as root)', skip)
    try {
      await fillAndGoOn()
    } finally {
      spawnSync('umount', ['-l', dir])
    }
  })

  async function fillAndGoOn(): Promise<void> {
    const journal = await openSqliteJournal(sqliteOptions(dir))
    const filler = join(dir, 'filler')
    writeFileSync(filler, Buffer.alloc(5_450_000))
    const kept = await commitUntilFull(journal)
    expect(kept).toBeGreaterThan(0)
    const big = journal.commit([newIntake({ bytes: Buffer.alloc(3_000_000) })])
    await expect(big).rejects.toMatchObject({ code: 'STORE_FULL' })
    // The log may just have been written back, and then has room for some more.
    let refused = 1
    while (await journal.refuse(newRefused(60_000))) refused++
    expect(await journal.counts()).toMatchObject({ received: kept, inFlight: kept, refused })
    writeFileSync(filler, '')
    for (let i = 0; i < 2; i++) expect((await journal.commit([newIntake()])).kind).toBe('committed')
    expect((await journal.counts()).refused).toBe(refused)
    await journal.close()
    const again = await openSqliteJournal(sqliteOptions(dir))
    expect(await again.counts()).toMatchObject({ received: kept + 2, inFlight: kept + 2, refused })
    expect((await again.verify(null)).damaged).toEqual([])
    await again.close()
  }

  async function commitUntilFull(journal: Journal): Promise<number> {
    for (let kept = 0; ; kept++) {
      try {
        await journal.commit([newIntake({ bytes: Buffer.alloc(20_000, 1) })])
      } catch (error) {
        expect(error).toMatchObject({ code: 'STORE_FULL' })
        return kept
      }
    }
  }

  test('a failed sync ends it: no "yes" from then on, and what was promised is there', async ({ skip }) => {
    need(spawnSync('strace', ['-V']).status === 0, 'strace', skip)
    const inject = 'inject=fsync,fdatasync:error=EIO:when=80+'
    const { child, lines } = start('strace', [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      'trace=fsync,fdatasync',
      '-e',
      inject,
      process.execPath,
      CHILD,
      dir,
      'commit',
    ])
    const said: string[] = []
    for await (const line of lines) said.push(line)
    if (child.exitCode === null) await once(child, 'exit')
    const yes = said.filter((line) => line.startsWith('yes'))
    expect(yes.length).toBeGreaterThan(5)
    const rest = said.slice(said.lastIndexOf(yes.at(-1)!) + 1)
    expect(rest.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'fatal STORE_FAILED',
      'no STORE_FAILED',
      'no STORE_FAILED',
      'end',
    ])
    const journal = await openSqliteJournal(sqliteOptions(dir))
    for (const line of yes) expect(await journal.state(line.split(' ')[1]!)).toBe('inFlight')
    expect((await journal.verify(null)).damaged).toEqual([])
    await journal.close()
  })
})
