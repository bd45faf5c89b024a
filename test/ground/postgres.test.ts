import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, type Cluster, startCluster } from '../support/postgres/cluster.ts'
import { startOnSmallDisk } from '../support/postgres/full-disk.ts'
import { openProxy } from '../support/postgres/proxy.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { mountless } from '../support/world/needs.ts'
import { until } from '../support/world/until.ts'

const need = missingPostgres()
const rows = (url: string): Promise<unknown[]> => ask(url, 'SELECT n FROM t ORDER BY n')

describe.skipIf(need !== null)(`a PostgreSQL server of the test's own${need === null ? '' : `: ${need}`}`, () => {
  let cluster: Cluster
  let url: string
  beforeAll(async () => {
    cluster = await startCluster()
    url = await cluster.createDatabase()
    await ask(url, 'CREATE TABLE t (n int)')
  })
  afterAll(() => cluster?.end())

  test('is as durable as in production, and no superuser owns the database', async () => {
    const [shown] = await ask(
      url,
      `SELECT current_setting('fsync') f, current_setting('synchronous_commit') s, current_setting('full_page_writes') w,
        current_setting('server_version_num')::int >= 150000 v, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) r`,
    )
    expect(shown).toEqual({ f: 'on', s: 'on', w: 'on', v: true, r: false })
  })

  test('lets nobody in without the password', async () => {
    const wrong = url.replace(cluster.password, 'wrong')
    await expect(ask(wrong, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  })

  test('one that cannot start says why', async () => {
    await expect(startCluster({ settings: { shared_buffers: 'much' } })).rejects.toThrow(/shared_buffers/)
  })

  test.each(['fast', 'immediate'] as const)('a %s restart keeps a committed row', async (mode) => {
    const before = await rows(url)
    await ask(url, 'INSERT INTO t SELECT count(*) FROM t')
    const { pid } = cluster
    await cluster.restart(mode)
    expect(cluster.pid).not.toBe(pid)
    expect(await rows(url)).toHaveLength(before.length + 1)
  })

  test('kill -9 closes all connections; the next start recovers what was committed, and nothing else', async () => {
    await ask(url, 'TRUNCATE t')
    await ask(url, 'INSERT INTO t VALUES (1)')
    const open = new pg.Client({ connectionString: url })
    await open.connect()
    await open.query('BEGIN')
    await open.query('INSERT INTO t VALUES (2)')
    const lost = new Promise((resolve) => open.once('error', resolve))
    await cluster.kill9()
    await lost
    expect(cluster.running).toBe(false)
    await cluster.start()
    expect(await rows(url)).toEqual([{ n: 1 }])
    expect(readFileSync(cluster.logFile, 'utf8')).toContain('database system was interrupted')
  })

  test('settings change while it runs', async () => {
    cluster.configure({ fsync: 'off' })
    await until('fsync is off', async () => (await ask(url, 'SHOW fsync'))[0]?.['fsync'] === 'off')
    cluster.configure({ fsync: 'on' })
    await until('fsync is on', async () => (await ask(url, 'SHOW fsync'))[0]?.['fsync'] === 'on')
  })

  test('a COMMIT whose answer is lost was made all the same', async () => {
    await ask(url, 'TRUNCATE t')
    const proxy = await openProxy({ port: cluster.port })
    const through = url.replace(`:${cluster.port}/`, `:${proxy.port}/`)
    const client = new pg.Client({ connectionString: through })
    client.on('error', () => {})
    await client.connect()
    await client.query('BEGIN')
    await client.query('INSERT INTO t VALUES (7)')
    const lost = proxy.loseAnswerTo('COMMIT')
    await expect(client.query('COMMIT')).rejects.toThrow()
    await lost
    expect(await rows(url)).toEqual([{ n: 7 }])
    await proxy.close()
  })
})

describe.skipIf(need !== null)(`the PostgreSQL server that tests share${need === null ? '' : `: ${need}`}`, () => {
  test('gives each test a database of its own, of any locale', async () => {
    const shared = await sharedCluster()
    const [plain, french] = [await shared.createDatabase(), await shared.createDatabase(undefined, { icu: 'fr-FR' })]
    await ask(plain, 'CREATE TABLE t (n int)')
    await expect(rows(french)).rejects.toMatchObject({ code: '42P01' })
    const order = `SELECT 'é' < 'f' AS near`
    expect([await ask(plain, order), await ask(french, order)]).toEqual([[{ near: false }], [{ near: true }]])
    for (const one of [plain, french]) await shared.dropDatabase(one)
    await expect(rows(plain)).rejects.toMatchObject({ code: '3D000' })
  })
})

const diskless = need ?? mountless()
describe.skipIf(diskless !== null)(`PostgreSQL on a small disk${diskless === null ? '' : `: ${diskless}`}`, () => {
  const INSERT = `INSERT INTO t SELECT n, repeat(md5(n::text), 50) FROM generate_series(1, 2000) n`

  test.each(['tables', 'all'] as const)(
    '%s: full, it takes no more; emptied, it goes on with what it has',
    async (what) => {
      const disk = await startOnSmallDisk(what)
      try {
        await ask(disk.url, 'CREATE TABLE t (n int, filling text)')
        await ask(disk.url, 'INSERT INTO t VALUES (0)')
        disk.fill()
        expect(disk.freeBytes()).toBeLessThan(2 ** 16)
        const writing = async (): Promise<void> => {
          for (;;) await ask(disk.url, INSERT)
        }
        await expect(writing()).rejects.toThrow()
        disk.empty()
        if (what === 'all') await disk.cluster.restart('immediate')
        const [kept] = await ask(disk.url, 'SELECT count(*)::int % 2000 AS n FROM t')
        expect(kept).toEqual({ n: 1 })
        await ask(disk.url, INSERT)
      } finally {
        await disk.end()
      }
    },
  )
})
