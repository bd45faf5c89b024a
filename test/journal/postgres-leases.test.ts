/** A lease is somebody's work, or free: whatever a drop, a claim and the loss of the database cut across. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { connectBeside } from '../../src/pipeline/journal/postgres/connect.ts'
import { storedLeases } from '../../src/pipeline/journal/postgres/leases.ts'
import { enrol, lookAround } from '../../src/pipeline/journal/postgres/nodes.ts'
import { ask } from '../support/postgres/cluster.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { postgresOptions, rigDatabase } from './postgres-rig.ts'

const need = missingPostgres()
const cleanings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean()
})

/** The leases of one node that is enrolled; `looks`: told of each look, `passes`: false while the database is out of reach. */
async function aNode(name: string) {
  const cluster = await sharedCluster()
  const url = await rigDatabase(cluster)
  cleanings.push(() => cluster.dropDatabase(url))
  const beside = new pg.Client(url)
  await beside.connect()
  cleanings.push(() => beside.end())
  const node = { incarnation: randomUUID(), name, url: null, release: '0.0.0' }
  await enrol(beside, node)
  const { clock, log } = postgresOptions(url)
  const looks: (() => void)[] = []
  const way = { passes: true }
  const told: string[] = []
  const connect = async () => {
    const client = await connectBeside(url, name)
    const query = client.query.bind(client) as (...asked: unknown[]) => unknown
    Object.assign(client, {
      query(...asked: unknown[]) {
        if (typeof asked[0] === 'string') told.push(asked[0])
        return query(...asked)
      },
    })
    return client
  }
  const leases = storedLeases({
    connect: () => (way.passes ? connect() : Promise.reject(new Error('out of reach'))),
    node,
    clock,
    skewMaxMs: null,
    log,
    looked: () => {
      for (const look of looks.splice(0)) look()
    },
    unreached() {},
  })
  cleanings.push(() => leases.close())
  const looked = () => new Promise<void>((resolve) => looks.push(resolve))
  /** How often something was told to the database. */
  const times = (text: string) => told.filter((one) => one.includes(text)).length
  return { url, beside, leases, looked, way, node, times }
}

describe.skipIf(need !== null)(`leases of a node on PostgreSQL${need === null ? '' : `: ${need}`}`, () => {
  test('one that was dropped while it was being claimed is given back', async () => {
    const { url, beside, leases, looked } = await aNode('a')
    await beside.query('BEGIN; SELECT FROM head FOR UPDATE')
    let begun = 0
    const tenancy = leases.hold('destination:a/b', { begin: async () => void (begun += 1), end: async () => {} })
    leases.start()
    // The claim waits for the order of commits.
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database()
      AND wait_event_type = 'Lock' AND application_name = 'passerelle a'`
    await expect.poll(() => ask(url, waiting)).toHaveLength(1)
    await tenancy.drop()
    await beside.query('COMMIT')
    await looked()
    await looked()
    expect([begun, await ask(url, 'SELECT name, holder FROM lease')]).toEqual([
      0,
      [{ name: 'destination:a/b', holder: null }],
    ])
  })

  test('a node that goes leaves none behind, and what another release left is found', async () => {
    const { url, beside, leases, looked, node } = await aNode('a')
    const first = looked()
    leases.start()
    await first
    await ask(url, `INSERT INTO lease (name, holder, epoch, until) VALUES ('timers', '${node.incarnation}', 1, now())`)
    await leases.close()
    expect(await ask(url, 'SELECT holder FROM lease')).toEqual([{ holder: null }])
    await ask(url, "UPDATE lease SET holder = 'gone'")
    expect((await lookAround(beside)).anyDead).toBe(true)
  })

  test('one that is lost while it is given back ends its work at once', async () => {
    const { url, leases, way } = await aNode('a')
    const ends: string[] = []
    const [given, lost] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const tenancy = leases.hold('destination:a/b', {
      begin: async () => {},
      async end(why) {
        ends.push(why)
        // An attempt under way ends when its socket is destroyed.
        if (why === 'lost') lost.resolve()
        else given.resolve()
        if (why === 'given') await lost.promise
      },
    })
    leases.start()
    await tenancy.begun
    const dropped = tenancy.drop()
    await given.promise
    way.passes = false
    // Nodes of other tests on this server bear the same name.
    const mine = "datname = current_database() AND application_name = 'passerelle a'"
    await ask(url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${mine}`)
    await dropped
    expect(ends).toEqual(['given', 'lost'])
  })

  test('a region of many destinations is taken, and given back, in a few commits', async () => {
    const { url, leases, times } = await aNode('a')
    const ids = Array.from({ length: 500 }, (_, i) => `destination:e${i}/dpi`)
    const tenancies = ids.map((id) => leases.hold(id, { begin: async () => {}, end: async () => {} }))
    leases.start()
    await Promise.all(tenancies.map(({ begun }) => begun))
    expect(times('INSERT INTO lease')).toBe(3)
    await Promise.all(tenancies.map((tenancy) => tenancy.drop()))
    expect(times('SET holder = NULL')).toBeLessThan(10)
    expect(await ask(url, 'SELECT name FROM lease WHERE holder IS NOT NULL')).toEqual([])
  })
})
