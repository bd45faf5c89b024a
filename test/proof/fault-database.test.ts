/** The database fails in every way it can: no yes without a commit, and all goes on when it is back. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { GatewayError } from '../../src/core/errors.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { postgresOptions } from '../journal/postgres-rig.ts'
import { ask, type Cluster, startCluster } from '../support/postgres/cluster.ts'
import { type OnDisk, startOnSmallDisk } from '../support/postgres/full-disk.ts'
import { openProxy, type TcpProxy } from '../support/postgres/proxy.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { type Client, connect } from '../support/world/client.ts'
import { type Gateway, runCommand } from '../support/world/gateway.ts'
import { type Load, startLoad } from '../support/world/load.ts'
import { oru, patient } from '../support/world/messages.ts'
import { mountless } from '../support/world/needs.ts'
import { serviceRequest } from '../support/world/resources.ts'
import { until, within } from '../support/world/until.ts'
import { fhirPost, hl7Post, webPoster } from '../support/world/web-client.ts'
import { emptied, makeWorld, type World } from '../support/world/world.ts'
import { altered, inversions, lost } from './ledgers.ts'

const need = missingPostgres()
const TO = 'chu-a/dpi'
const RETRY = { first: '100 ms', factor: 2, max: '500 ms', expires: '7 d' }

const cleanings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean()
})

/** A gateway's world on a database, and the password that nobody may ever read. */
async function worldOn(url: string, password: string, { dead = false } = {}): Promise<World> {
  const world = await makeWorld({
    store: url,
    destinations: { [TO]: { dead, options: { retry: RETRY } } },
    routes: [
      { name: 'results', when: { kinds: ['ORU^R01'] }, to: [TO] },
      { name: 'requests', when: { kinds: ['ServiceRequest'] }, to: ['platform'] },
    ],
  })
  cleanings.push(
    () => world.close(),
    async () => expect(world.logged()).not.toContain(password),
  )
  return world
}

let made = 0
/** The next message, and its control id. */
function next(): { controlId: string; bytes: Buffer } {
  const controlId = `DB${String(++made).padStart(5, '0')}`
  return { controlId, bytes: oru({ facility: 'CH-A', patient: patient(made % 20), controlId }) }
}

/** What each door says to one message: MSA-1, and the status of HL7 over HTTP and of FHIR. */
async function saidTo({ mllpPort, httpPort }: World): Promise<readonly unknown[]> {
  const post = webPoster(httpPort, 'CH-A')
  const client = await connect(mllpPort)
  const mllp = await client.post(next().bytes, 30_000)
  client.close()
  const hl7 = await post(hl7Post(next().bytes))
  const fhir = await post(fhirPost('/ServiceRequest', JSON.stringify(serviceRequest(`R${++made}`, patient(1)))))
  return [mllp?.code, hl7.status, /MSA\|(\w\w)/.exec(hl7.body.toString('latin1'))?.[1], fhir.status]
}
const TAKEN = ['AA', 200, 'AA', 201]
const REFUSED = ['AE', 503, 'AE', 503]

/** What it said to a person: all that is no line of the log. */
const sentences = (world: World): string[] =>
  world
    .logged()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'))

/** Resolves when every door takes messages again. */
const again = (world: World): Promise<unknown> =>
  until('every door takes messages', async () => JSON.stringify(await saidTo(world)) === JSON.stringify(TAKEN))

/** A load of results for a world, and what must be true of it once it is over. */
function loadOn({ mllpPort }: World): Load {
  const load = startLoad({
    port: mllpPort,
    connections: 4,
    patients: 12,
    paceMs: 10,
    make: (who, seq) => {
      const controlId = `L${String(who).padStart(2, '0')}N${String(seq).padStart(5, '0')}`
      return { controlId, kind: 'ORU', bytes: oru({ facility: 'CH-A', patient: patient(who), controlId }) }
    },
  })
  cleanings.push(async () => load.abandon())
  return load
}

/** Resolves when so many more are acknowledged. */
async function more(load: Load, count: number): Promise<void> {
  const from = load.acknowledged.size
  await until(`${count} more are acknowledged`, async () => load.acknowledged.size >= from + count, {
    withinMs: 60_000,
  })
}

async function judge(world: World, gateway: Gateway, load: Load): Promise<void> {
  await load.finish()
  await emptied(gateway, 90_000)
  const { ledger, distinct } = world.receiver(TO)
  const { acknowledged } = load
  expect(lost(acknowledged, ledger)).toEqual([])
  expect(altered(acknowledged, ledger)).toEqual([])
  expect(inversions(acknowledged, ledger)).toEqual([])
  const twice = ledger.filter(({ controlId }, at) => ledger.findIndex((line) => line.controlId === controlId) < at)
  for (const controlId of new Set(twice.map((line) => line.controlId))) {
    const copies = ledger.filter((line) => line.controlId === controlId).length
    const { history = [] } = (await gateway.trace(controlId)).deliveries[0] ?? {}
    expect([controlId, copies - 1]).toEqual([controlId, history.filter(({ outcome }) => outcome === 'unknown').length])
  }
  const { size } = acknowledged
  expect(distinct.size).toBe(size)
  expect(await gateway.status()).toMatchObject({ received: size, closed: size, inFlight: 0, parked: 0, difference: 0 })
  expect((await gateway.stop()).code).toBe(0)
  expect(await runCommand(world, ['verify'])).toMatchObject({ code: 0 })
}

describe.skipIf(need !== null)(`a database that fails${need === null ? '' : `: ${need}`}`, () => {
  let cluster: Cluster
  let proxy: TcpProxy
  beforeAll(async () => {
    cluster = await startCluster()
    proxy = await openProxy({ port: cluster.port })
  })
  afterAll(async () => {
    await proxy?.close()
    await cluster?.end()
  })

  /** A world whose gateway reaches the database through the proxy. */
  async function behindProxy(options: { dead?: boolean } = {}): Promise<{ world: World; url: string }> {
    const url = await cluster.createDatabase()
    const world = await worldOn(url.replace(`:${cluster.port}/`, `:${proxy.port}/`), cluster.password, options)
    return { world, url }
  }

  test('restarted in order, restarted at once, killed, under load: nothing acknowledged is lost, and it goes on', {
    timeout: 240_000,
  }, async () => {
    const { world } = await behindProxy()
    const gateway = await world.start()
    const load = loadOn(world)
    const kill = async (): Promise<void> => {
      await cluster.kill9()
      await cluster.start()
    }
    for (const restart of [() => cluster.restart('fast'), () => cluster.restart('immediate'), kill]) {
      await more(load, 30)
      await restart()
    }
    await more(load, 30)
    await judge(world, gateway, load)
  })

  /** What may be read without knowing of a message. */
  const PATHS = ['/healthz', '/readyz', '/metrics', '/', '/api/status', '/api/messages', '/openapi.json']

  test('cut off, then silent both ways, under load: no yes and no password meanwhile, and it goes on', {
    timeout: 240_000,
  }, async () => {
    const { world } = await behindProxy()
    const gateway = await world.start()
    const load = loadOn(world)
    const readable = async (): Promise<string> => {
      const replies = await Promise.all(PATHS.map((path) => gateway.get(path).catch(() => ({ status: 0, body: '' }))))
      return replies.map(({ status, body }) => `${status} ${body}`).join('\n')
    }
    const texts = [await readable()]
    expect(texts[0]?.match(/^200 /gm)).toHaveLength(PATHS.length)
    expect(texts[0]).toMatch(/^passerelle_messages\{/m)
    // The database watches its own disk: there is no figure, not even 0.
    expect(texts[0]).not.toMatch(/^passerelle_disk_free_bytes/m)
    const breaks = [
      [() => proxy.cut(), () => proxy.heal()],
      [() => proxy.stall(), () => proxy.resume()],
    ] as const
    for (const [cut, heal] of breaks) {
      await more(load, 30)
      await cut()
      await until('it says so', async () => (await gateway.get('/readyz')).status === 503)
      const before = load.acknowledged.size
      expect(await saidTo(world)).toEqual(REFUSED)
      const metrics = await gateway.get('/metrics')
      expect(metrics.status).toBe(200)
      expect(metrics.body).toMatch(/^passerelle_refused_total\{[^}]*code="STORE_UNREACHABLE"[^}]*\} [1-9]/m)
      expect(metrics.body).not.toMatch(/^passerelle_(messages|conservation_difference)/m)
      texts.push(await readable())
      expect(load.acknowledged.size).toBe(before)
      await heal()
      await until('it says so', async () => (await gateway.get('/readyz')).status === 200)
    }
    await more(load, 30)
    await judge(world, gateway, load)
    for (const text of texts) {
      expect(text).not.toContain(cluster.password)
      expect(text).not.toContain('postgres://')
    }
  })

  test('the answer to a COMMIT is lost: no yes, sent again the stored yes, and one delivery', async () => {
    const { world, url } = await behindProxy({ dead: true })
    const gateway = await world.start()
    const client = await connect(world.mllpPort)
    const sent: string[] = []
    const there = async (id: string): Promise<boolean> =>
      (await ask(url, 'SELECT 1 FROM message WHERE control_id = $1', [id])).length === 1
    const { controlId, bytes } = await until('a message meets the loss', async () => {
      const one = next()
      sent.push(one.controlId)
      // Attempts and leases commit as well: it may be the answer to one of theirs, and then the message is sent again.
      const gone = proxy.loseAnswer('COMMIT\0')
      const answer = await client.post(one.bytes)
      await gone
      if (answer?.code === 'AE' && (await there(one.controlId))) return one
      if (answer?.code !== 'AA') await until('it is taken', async () => (await client.post(one.bytes))?.code === 'AA')
      return false
    })
    expect(await ask(url, 'SELECT control_id FROM message ORDER BY seq')).toEqual(
      sent.map((id) => ({ control_id: id })),
    )
    expect((await client.post(bytes))?.code).toBe('AA')
    expect((await client.post(bytes))?.code).toBe('AA')
    const receiver = await world.listen(TO)
    await emptied(gateway)
    expect(receiver.ledger.filter((line) => line.controlId === controlId)).toHaveLength(1)
    expect(receiver.distinct.size).toBe(sent.length)
    expect(await gateway.status()).toMatchObject({ received: sent.length, closed: sent.length, difference: 0 })
  })

  test('the answer to the record of an outcome is lost: it is kept once, and nothing is sent twice', async () => {
    const { world } = await behindProxy()
    const gateway = await world.start()
    const receiver = world.receiver(TO)
    receiver.behave(() => ({ lateMs: 300 }))
    const client = await connect(world.mllpPort)
    const { controlId, bytes } = next()
    expect((await client.post(bytes))?.code).toBe('AA')
    await receiver.when(({ distinct }) => distinct.has(controlId))
    await proxy.loseAnswer('COMMIT\0')
    const later = next()
    await until('the next is taken', async () => (await client.post(later.bytes))?.code === 'AA')
    await emptied(gateway)
    expect(receiver.ledger.map((line) => line.controlId)).toEqual([controlId, later.controlId])
    const [delivery] = (await gateway.trace(controlId)).deliveries
    expect(delivery?.history.map(({ outcome }) => outcome)).toEqual(['delivered'])
    expect(await gateway.status()).toMatchObject({ received: 2, closed: 2, difference: 0 })
  })

  /** Turns a setting; resolves when the server says so. */
  async function turn(setting: string, value: 'on' | 'off'): Promise<void> {
    cluster.configure({ [setting]: value })
    await until(`${setting} is ${value}`, async () => {
      const [row] = await ask(cluster.adminUrl(), `SHOW ${setting}`)
      return row?.[setting] === value
    })
  }
  const SETTINGS = ['fsync', 'synchronous_commit']
  const allOn = async (): Promise<void> => {
    for (const setting of SETTINGS) await turn(setting, 'on')
  }

  test.each(SETTINGS)('%s off: the store does not open, and says which setting', async (setting) => {
    const url = await cluster.createDatabase()
    cleanings.push(allOn)
    await turn(setting, 'off')
    await expect(openPostgresJournal(postgresOptions(url))).rejects.toMatchObject({
      code: 'STORE_UNSAFE',
      message: expect.stringContaining(`${setting} = off`),
    })
  })

  test.each(['SQL_ASCII', 'LATIN1'])('a database in %s: the store does not open, and says so', async (encoding) => {
    const name = `in_${encoding.toLowerCase()}`
    await ask(
      cluster.adminUrl(),
      `CREATE DATABASE ${name} OWNER passerelle TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C'`,
    )
    await expect(openPostgresJournal(postgresOptions(cluster.url(name)))).rejects.toMatchObject({
      code: 'STORE_UNSAFE',
      message: expect.stringContaining(`encoding ${encoding}`),
    })
  })

  test('fsync off: the gateway does not start, says so in one sentence, and exits 1', async () => {
    const { world } = await behindProxy()
    cleanings.push(allOn)
    await turn('fsync', 'off')
    expect((await world.launch().ended).code).toBe(1)
    expect(sentences(world)).toEqual([expect.stringMatching(/^The database has fsync = off;.*\(STORE_UNSAFE\)$/)])
  })

  test('turned off while it runs, by a restart and without one: no yes until it is on again', {
    timeout: 240_000,
  }, async () => {
    const { world } = await behindProxy()
    const gateway = await world.start()
    cleanings.push(allOn)
    const turnings = [
      ['fsync', true],
      ['fsync', false],
      ['synchronous_commit', false],
    ] as const
    for (const [setting, restart] of turnings) {
      await again(world)
      await turn(setting, 'off')
      if (restart) await cluster.restart('fast')
      const { length } = await ask(cluster.adminUrl(new URL(world.store).pathname.slice(1)), 'SELECT 1 FROM message')
      for (let i = 0; i < 3; i++) expect([setting, ...(await saidTo(world))]).toEqual([setting, ...REFUSED])
      expect(await ask(cluster.adminUrl(new URL(world.store).pathname.slice(1)), 'SELECT 1 FROM message')).toHaveLength(
        length,
      )
      expect(gateway.running()).toBe(true)
      await turn(setting, 'on')
      if (restart) await cluster.restart('fast')
    }
    await again(world)
    await emptied(gateway)
    expect(world.logged()).toContain('STORE_UNSAFE')
  })

  const unreached: [name: string, says: string, url: (url: string) => string][] = [
    ['nobody listens', 'does not answer', (url) => url.replace(`:${cluster.port}/`, ':1/')],
    ['the password is wrong', '(SQLSTATE 28P01)', (url) => url.replace(cluster.password, 'CANARI-DE-PREUVE')],
    ['there is no such database', '(SQLSTATE 3D000)', (url) => `${url}_gone`],
    ['the role may make no table', '(SQLSTATE 42501)', (url) => url.replace('/nothing', '/template1')],
    ['there is no such host', 'does not answer', (url) => url.replace('127.0.0.1', 'nowhere.invalid')],
    ['it offers no TLS', 'offers no TLS', (url) => `${url}?sslmode=verify-full`],
  ]
  test.each(unreached)(
    '%s: the store is out of reach, and the error says %s, never the password',
    async (_, says, change) => {
      const url = change(cluster.url('nothing'))
      const fault = await openPostgresJournal(postgresOptions(url)).then(
        () => null,
        (error: unknown) => error as GatewayError,
      )
      expect(fault).toMatchObject({ code: 'STORE_UNREACHABLE', message: expect.stringContaining(says) })
      expect(`${fault?.message}${fault?.stack}`).not.toContain(new URL(url).password)
    },
  )

  test('out of reach at its start: one sentence, and exit 1', async () => {
    const url = cluster.url('nothing').replace(cluster.password, 'CANARI-DE-PREUVE')
    const world = await worldOn(url, 'CANARI-DE-PREUVE')
    expect((await world.launch().ended).code).toBe(1)
    expect(sentences(world)).toEqual([expect.stringMatching(/\(STORE_UNREACHABLE\)$/)])
  })
})

const diskless = need ?? mountless()
describe.skipIf(diskless !== null)(`the database's disk is full${diskless === null ? '' : `: ${diskless}`}`, () => {
  test.each<OnDisk>(['tables', 'all'])(
    '%s: refused by protocol, nothing positive; emptied, all goes on',
    { timeout: 240_000 },
    async (what) => {
      const disk = await startOnSmallDisk(what)
      cleanings.push(() => disk.end())
      const world = await worldOn(disk.url, disk.cluster.password, { dead: true })
      const gateway = await world.start()
      const client = await connect(world.mllpPort)
      const positive: string[] = []
      const post = async (on: Client): Promise<string | undefined> => {
        const { controlId, bytes } = next()
        const code = (await on.post(bytes, 30_000))?.code
        if (code === 'AA') positive.push(controlId)
        return code
      }
      for (let i = 0; i < 20; i++) expect(await post(client)).toBe('AA')
      disk.fill()
      await until('the door refuses', async () => (await post(client)) === 'AE', { withinMs: 60_000, everyMs: 0 })
      const promised = positive.length
      for (let i = 0; i < 50; i++) expect(await post(client)).toBe('AE')
      expect(await saidTo(world)).toEqual(REFUSED)
      expect(gateway.running()).toBe(true)
      expect(positive).toHaveLength(promised)

      disk.empty()
      if (what === 'all') await within(30_000, 'the database ends', disk.cluster.restart('immediate'))
      await until('the door accepts', async () => (await post(client)) === 'AA')
      const receiver = await world.listen(TO)
      await emptied(gateway)
      expect(positive.filter((id) => !receiver.distinct.has(id))).toEqual([])
      expect(receiver.ledger).toHaveLength(receiver.distinct.size)
      expect(await gateway.status()).toMatchObject({ inFlight: 0, parked: 0, difference: 0 })
      expect((await gateway.stop()).code).toBe(0)
      expect(await runCommand(world, ['verify'])).toMatchObject({ code: 0 })
    },
  )
})
