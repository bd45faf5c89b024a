import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { exportOf, storeAudit } from '../../src/app/cli/audit.ts'
import { checkExport } from '../../src/formats/audit/check.ts'
import { move, undoMove } from '../../src/pipeline/journal/move/move.ts'
import { openPostgresSide } from '../../src/pipeline/journal/move/postgres.ts'
import type { Side } from '../../src/pipeline/journal/move/side.ts'
import { openSqliteSide } from '../../src/pipeline/journal/move/sqlite.ts'
import { tables } from '../../src/pipeline/journal/move/tables.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { PARTITIONED, MIGRATIONS as POSTGRES, REST } from '../../src/pipeline/journal/postgres/schema.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { MIGRATIONS as SQLITE } from '../../src/pipeline/journal/sqlite/schema.ts'
import { bytesOf } from '../contract/journal-keeping.ts'
import { ask } from '../support/postgres/cluster.ts'
import { openProxy } from '../support/postgres/proxy.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { type Content, contentOfDatabase, contentOfFolder, fill, portable } from './filled.ts'
import { newDelivery, newIntake, newRefused, personEvent } from './made.ts'
import { postgresOptions } from './postgres-rig.ts'
import { scratch, sqliteRig } from './rig.ts'
import { listeningLog, sqliteOptions } from './rig-options.ts'

const need = missingPostgres()
let numbered = 0
const parts = {
  clock: sqliteOptions('').clock,
  ids: { uuid: () => `move-${(numbered += 1)}`, random: () => 0.5 },
  log: listeningLog().log,
}

/** A store that may be there or not, of either kind. */
interface Store {
  readonly address: string
  side(make: boolean): Promise<Side | null>
  journal(): ReturnType<typeof openPostgresJournal>
  content(): Promise<Content>
}

async function newFolder(): Promise<Store> {
  const { dir, end } = await scratch()
  onTestFinished(end)
  const store = join(dir, 'store')
  return {
    address: `file:${store}`,
    side: async (make) => openSqliteSide({ ...parts, make, dir: store }),
    journal: () => openSqliteJournal(sqliteOptions(store)),
    content: async () => contentOfFolder(store),
  }
}

async function newDatabase(): Promise<Store> {
  const cluster = await sharedCluster()
  const url = await cluster.createDatabase()
  onTestFinished(() => cluster.dropDatabase(url))
  return {
    address: url,
    side: (make) => openPostgresSide({ ...parts, make, url }),
    journal: () => openPostgresJournal(postgresOptions(url)),
    content: () => contentOfDatabase(url),
  }
}

const KINDS = { embedded: newFolder, postgres: newDatabase }

async function filled(store: Store, many = 20): Promise<void> {
  const journal = await store.journal()
  await fill(journal, many)
  await journal.close()
}

/** The code with which a store refuses to be served, or null. */
async function refusal(store: Store): Promise<unknown> {
  try {
    await (await store.journal()).close()
    return null
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

/** One run of a move, whose sides `wrap` may change. */
async function run(from: Store, to: Store, wrap: (side: Side) => Side = (side) => side, shown: number[] = []) {
  const source = await from.side(false)
  if (source === null) throw new Error('no source')
  const opened: Side[] = [source]
  try {
    const target = await to.side(true)
    if (target === null) throw new Error('no target')
    opened.push(target)
    const { address } = to
    return await move({
      source: { side: source, address: from.address },
      target: { side: wrap(target), address },
      ids: parts.ids,
      progress: (done, total) => void shown.push(done / total),
    })
  } finally {
    for (const side of opened) await side.close()
  }
}

/** A side that dies at its `n`-th change. */
function dying(side: Side, n: number): Side {
  let left = n
  const counted = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      left -= 1
      if (left < 0) throw new Error('killed')
      return work(...args)
    }
  }
  return new Proxy(side, {
    get(_target, name: keyof Side) {
      const value = side[name]
      if (typeof value !== 'function') return value
      const bound = (value as (...args: never[]) => Promise<unknown>).bind(side)
      return name === 'put' || name === 'claim' || name === 'settle' ? counted(bound) : bound
    },
  })
}

describe.skipIf(need !== null)(`move${need === null ? '' : `: ${need}`}`, () => {
  test.each([
    ['embedded', 'postgres'],
    ['postgres', 'embedded'],
    ['embedded', 'embedded'],
    ['postgres', 'postgres'],
  ] as const)(
    '%s to %s: all is there; the new one serves, the old one not until the move is undone',
    async (fromKind, toKind) => {
      const [from, to] = [await KINDS[fromKind](), await KINDS[toKind]()]
      await filled(from)
      const before = await from.content()
      const shown: number[] = []
      const moved = await run(from, to, undefined, shown)
      expect(moved).toMatchObject({ damaged: [], already: false, messages: before['message']!.length })
      const after = await to.content()
      expect(portable(after)).toEqual(portable(before))
      if (fromKind === toKind) expect(after).toEqual(before)
      expect(shown).toEqual(shown.toSorted((a, b) => a - b))
      expect(shown.at(-1)).toBe(1)
      await expect(refusal(from)).resolves.toBe('STORE_MOVED')
      expect(await run(from, to)).toMatchObject({ already: true, messages: moved.messages })

      const journal = await to.journal()
      expect(await journal.verify(null)).toEqual({ checked: moved.messages, damaged: [] })
      const one = newIntake({ revision: 2, bytes: Buffer.alloc(70_000, 'NEW'), events: [personEvent('resend')] })
      expect((await journal.commit([one])).kind).toBe('committed')
      expect(await journal.refuse(newRefused(10))).toBe(true)
      expect(await bytesOf(journal, one.id)).toEqual(one.bytes)
      expect((await journal.counts()).received).toBe(moved.messages + 1)
      expect((await journal.adopt('x', 3, '{}')).revision).toBe(3)
      await journal.close()

      const side = (await from.side(false))!
      expect(await undoMove(side)).toMatchObject({ done: true })
      await side.close()
      expect(await refusal(from)).toBeNull()
    },
  )

  test('the audit goes along: what follows is proven to go on from a head noted before', async () => {
    const [from, to] = [await newFolder(), await newDatabase()]
    await filled(from)
    const journal = await from.journal()
    const before = await storeAudit(journal)
    const { head } = await before.state()
    expect(head.size).toBeGreaterThan(5)
    await before.close()
    await run(from, to)
    const moved = await to.journal()
    await moved.apply({ events: [personEvent('resend')] })
    const after = await storeAudit(moved)
    async function* chunks() {
      for await (const piece of exportOf(after, {}, () => {})) yield Buffer.from(piece)
    }
    const { events, keyId, faults } = await checkExport(chunks(), { heads: [head] })
    expect([events, keyId, faults]).toEqual([head.size + 1, head.keyId, []])
    await after.close()
  })

  test('there and back again is where it was', async () => {
    const [from, over, back] = [await newFolder(), await newDatabase(), await newFolder()]
    await filled(from)
    const before = await from.content()
    await run(from, over)
    await run(over, back)
    expect(portable(await back.content())).toEqual(portable(before))
  })

  test.each([
    ['embedded', 'postgres'],
    ['postgres', 'embedded'],
  ] as const)(
    '%s to %s: killed again and again, the same command again ends with an exact copy',
    async (fromKind, toKind) => {
      const [from, to] = [await KINDS[fromKind](), await KINDS[toKind]()]
      await filled(from, 0)
      const before = await from.content()
      let kills = 0
      for (let done = false; !done; ) {
        // Each run claims the store again, and then puts one page more than the run before.
        const wrap = (side: Side) => dying(side, kills)
        done = await run(from, to, wrap).then(
          () => true,
          (error: Error) => {
            if (error.message !== 'killed') throw error
            return false
          },
        )
        kills += done ? 0 : 1
        if (kills === 3) expect([await refusal(from), await refusal(to)]).toEqual(['STORE_MOVED', 'STORE_UNFINISHED'])
      }
      expect(kills).toBeGreaterThan(4)
      expect(portable(await to.content())).toEqual(portable(before))
      expect(await refusal(to)).toBeNull()
    },
    120_000,
  )

  test('a served store is not moved, nor filled; the node is named', async () => {
    const [from, to] = [await newDatabase(), await newFolder()]
    const journal = await from.journal()
    await expect(run(from, to)).rejects.toMatchObject({ why: 'served', about: 'test' })
    await expect(run(await filledFolder(), from)).rejects.toMatchObject({ why: 'served', about: 'test' })
    await journal.commit([newIntake()])
    await journal.close()
  })

  test('a node that sleeps through a move writes nothing when it wakes', async () => {
    const [from, to] = [await newDatabase(), await newFolder()]
    const { hostname, port } = new URL(from.address)
    const proxy = await openProxy({ port: Number(port), host: hostname })
    onTestFinished(() => proxy.close())
    const through = new URL(from.address)
    through.port = String(proxy.port)
    const asleep = await openPostgresJournal(postgresOptions(through.href))
    await asleep.commit([newIntake()])
    proxy.stall()
    await ask(from.address, "UPDATE node SET seen_at = seen_at - interval '1 min'")
    await run(from, to)
    proxy.resume()
    // The first try may meet the connection that was ended.
    await asleep.commit([newIntake()]).catch(() => {})
    await expect(asleep.commit([newIntake()])).rejects.toMatchObject({ code: 'STORE_MOVED' })
    await asleep.close()
    expect(await ask(from.address, 'SELECT count(*)::int AS n FROM message')).toEqual([{ n: 1 }])
  })

  test.each([
    ['embedded', 'postgres'],
    ['postgres', 'embedded'],
  ] as const)('%s to %s: what is not empty, or filled by another move, is left alone', async (fromKind, toKind) => {
    const [from, full] = [await KINDS[fromKind](), await KINDS[toKind]()]
    await filled(from, 0)
    await filled(full, 0)
    await expect(run(from, full)).rejects.toMatchObject({ why: 'not-empty', about: full.address })
    expect(await refusal(from)).toBeNull()

    const begun = await KINDS[toKind]()
    await expect(run(from, begun, (side) => dying(side, 3))).rejects.toThrow('killed')
    await expect(run(await filledFolder(), begun)).rejects.toMatchObject({ why: 'other-move' })
    const elsewhere = await KINDS[toKind]()
    await expect(run(from, elsewhere)).rejects.toMatchObject({ why: 'elsewhere', about: begun.address })
    const side = (await from.side(false))!
    expect(await undoMove(side)).toMatchObject({ done: false })
    await side.close()
    await expect(run(from, begun)).rejects.toMatchObject({ why: 'other-move' })
    expect(await run(from, elsewhere)).toMatchObject({ already: false })
  })

  test('what is damaged is damaged afterwards, and named; a copy that differs is not served', async () => {
    const rig = await sqliteRig()
    onTestFinished(() => rig.end())
    const body = Buffer.alloc(70_000, 'DAMAGE')
    const one = newIntake({ bytes: body })
    await rig.journal.commit([one])
    await rig.damage(body.subarray(0, 100))
    const source = openSqliteSide({ ...parts, make: false, dir: rig.dir })!
    const to = await newDatabase()
    const target = (await to.side(true))!
    const both = { source: { side: source, address: 'a' }, target: { side: target, address: 'b' } }
    expect(await move({ ...both, ids: parts.ids, progress() {} })).toMatchObject({ damaged: [one.id] })
    for (const side of [source, target]) await side.close()

    const [from, wrong] = [await filledFolder(), await newDatabase()]
    const losing = (side: Side) =>
      new Proxy(side, {
        get(_target, name: keyof Side) {
          if (name === 'settle') return () => ask(wrong.address, "UPDATE attempt SET answer = 'e' WHERE n = 1")
          const value = side[name]
          return typeof value === 'function' ? (value as () => unknown).bind(side) : value
        },
      })
    await expect(run(from, wrong, losing)).rejects.toMatchObject({ why: 'differs', about: 'attempt' })
    expect(await refusal(wrong)).toBe('STORE_UNFINISHED')
  })

  test('messages of long ago have their days, so that retention drops them in one piece', async () => {
    const [from, to] = [await newFolder(), await newDatabase()]
    const journal = await from.journal()
    const id = '018e3d2a-0000-7000-8000-000000000001'
    const receivedAtMs = 0x018e3d2a0000
    await journal.commit([
      newIntake({ id, receivedAtMs, deliveries: [newDelivery('platform', { state: 'delivered' })] }),
    ])
    await journal.close()
    await run(from, to)
    const there = await ask(to.address, 'SELECT tableoid::regclass::text AS name FROM message')
    expect(there).toEqual([{ name: 'message_20240314' }])
    const moved = await to.journal()
    const limits = { closedBeforeMs: 1_773_480_000_001, refusedBeforeMs: 0 }
    while (!(await moved.purge(limits, null, 100)).done);
    expect(await moved.state(id)).toBeNull()
    expect(await ask(to.address, "SELECT to_regclass('message_20240314') AS gone")).toEqual([{ gone: null }])
    await moved.close()
  })
})

test('every table of both schemas is copied, or is known not to be', async () => {
  const made = /CREATE TABLE (?:IF NOT EXISTS )?(\w+)/g
  const namesOf = (migrations: readonly { readonly sql: string }[]) =>
    migrations.flatMap(({ sql }) => [...sql.matchAll(made)].map(([, name]) => name!))
  const copied = tables().map(({ name }) => name)
  // The directory and the register of establishments are imported again.
  const directory = ['directory_entry', 'directory_import', 'directory_stale']
  const register = ['structure_entry', 'structure_import', 'structure_place']
  const partitions = PARTITIONED.map(({ table }) => `${table}_${REST}`)
  const left = {
    sqlite: [...directory, ...register, 'message_key_new'],
    postgres: [
      ...[...directory, 'directory_words', ...register, 'structure_words'],
      ...['head', 'node', 'lease', 'body_chunk', ...partitions],
    ],
  }
  expect([...copied, ...left.sqlite].sort()).toEqual(namesOf(SQLITE).sort())
  expect([...copied, ...left.postgres].sort()).toEqual(namesOf(POSTGRES).sort())
})

async function filledFolder(): Promise<Store> {
  const store = await newFolder()
  await filled(store, 0)
  return store
}
