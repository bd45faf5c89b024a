import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type Client, connect } from '../support/world/client.ts'
import { runCommand } from '../support/world/gateway.ts'
import { oru, patient } from '../support/world/messages.ts'
import { missing, mountless } from '../support/world/needs.ts'
import { type SmallFolder, smallFolder } from '../support/world/small-folder.ts'
import { until, within } from '../support/world/until.ts'
import { emptied, makeWorld, type World } from '../support/world/world.ts'

const MIB = 2 ** 20
const QUICK = { first: '100 ms', factor: 2, max: '500 ms', expires: '7 d' }
const ROUTES = [{ name: 'results', when: { kinds: ['ORU^R01'] }, to: ['chu-a/dpi'] }]

const cleanings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean()
})

async function storeWorld(dead: boolean, minFree?: string, store?: string): Promise<World> {
  const world = await makeWorld({
    destinations: { 'chu-a/dpi': { dead, options: { retry: QUICK } } },
    routes: ROUTES,
    ...(minFree && { top: { store: { minFree } } }),
    ...(store && { store }),
  })
  cleanings.push(() => world.close())
  return world
}

let made = 0
/** The next message, and its control id. */
function next(): { controlId: string; bytes: Buffer } {
  const controlId = `STORE${++made}`
  return { controlId, bytes: oru({ facility: 'CH-A', patient: patient(made % 20), controlId }) }
}

/** What is done with a system call of the gateway's process: strace's own words for `inject`. */
function injecting(calls: string, what: string): string[] {
  return [
    'strace',
    '-D',
    '-f',
    '--seccomp-bpf',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    `trace=${calls}`,
    '-e',
    `inject=${calls}:${what}`,
  ]
}

/** Posts until something else than a positive answer comes; gives the control ids that were answered with AA. */
async function postUntilRefused(client: Client, limit: number): Promise<string[]> {
  const positive: string[] = []
  while (positive.length < limit) {
    const { controlId, bytes } = next()
    const answer = await client.post(bytes)
    if (answer?.code !== 'AA') return positive
    positive.push(controlId)
  }
  throw new Error(`${limit} messages were accepted although the store fails`)
}

/** Posts `count` messages, on new connections when one is closed; gives how often each answer came. */
async function answersOf(world: World, count: number): Promise<Record<string, number>> {
  const answers: Record<string, number> = {}
  let client: Client | null = null
  for (let i = 0; i < count; i++) {
    if (client === null || client.closed) client = await connect(world.mllpPort).catch(() => null)
    const code = client === null ? 'nobody' : ((await client.post(next().bytes))?.code ?? 'closed')
    answers[code] = (answers[code] ?? 0) + 1
  }
  client?.close()
  return answers
}

const strace = missing('strace', ['-V'])
/** A store that fails: which call, how, from which one on in the life of the main thread. */
const failures: [name: string, calls: string, what: string][] = [
  ['every fsync fails from the 60th on', 'fsync,fdatasync', 'error=EIO:when=60+'],
  ['every fsync fails from the 237th on', 'fsync,fdatasync', 'error=EIO:when=237+'],
  ['one fsync fails and the next would not', 'fsync,fdatasync', 'error=EIO:when=100'],
  ['a write fails', 'pwrite64', 'error=EIO:when=700+'],
]

describe('a disk that fails', () => {
  test.skipIf(strace).each(failures)(`%s: no yes, an end, a recovery ${strace ?? ''}`, async (_name, calls, what) => {
    const world = await storeWorld(false)
    await (await world.start()).stop()

    const failing = await world.start(injecting(calls, what))
    const client = await connect(world.mllpPort)
    const positive = await postUntilRefused(client, 2_000)
    const afterwards = await answersOf(world, 100)
    expect(afterwards['AA'] ?? 0).toBe(0)
    const { code, signal } = await within(10_000, 'the process ends', failing.ended)
    expect({ signal, code: code !== 0 }).toEqual({ signal: null, code: true })
    expect(positive.length).toBeGreaterThan(3)
    expect(world.logged()).toContain('STORE_FAILED')

    const healed = await world.start()
    await emptied(healed)
    const { distinct } = world.receiver('chu-a/dpi')
    expect(positive.filter((id) => !distinct.has(id))).toEqual([])
    expect(await healed.status()).toMatchObject({ difference: 0, inFlight: 0, parked: 0 })
    expect((await (await connect(world.mllpPort)).post(next().bytes))?.code).toBe('AA')
    await healed.stop()
    const verified = await runCommand(world, ['verify'])
    expect(verified.code, verified.out).toBe(0)
  })

  test.skipIf(strace)(
    `a store that cannot be written says no to 1,000 messages (Mirth #2027) ${strace ?? ''}`,
    async () => {
      const world = await storeWorld(true)
      await (await world.start()).stop()
      const full = await world.start(injecting('pwrite64', 'error=ENOSPC:when=600+'))
      const positive = await postUntilRefused(await connect(world.mllpPort), 2_000)
      expect(positive.length).toBeGreaterThan(3)
      expect(await answersOf(world, 1_000)).toEqual({ AE: 1_000 })
      expect(full.running()).toBe(true)
      await full.kill()

      const healed = await world.start()
      const receiver = await world.listen('chu-a/dpi')
      await emptied(healed)
      expect([...receiver.distinct].sort()).toEqual(positive.sort())
    },
  )
})

const mounting = mountless()

/** A small disk for the store. */
function diskOf(): SmallFolder {
  const disk = smallFolder()
  cleanings.push(async () => disk.end())
  return disk
}

describe('a disk that is full', () => {
  test.skipIf(mounting)(
    `low: new work is refused, deliveries go on, work again with space ${mounting ?? ''}`,
    async () => {
      const disk = diskOf()
      const world = await storeWorld(true, '8 MiB', join(disk.dir, 'store'))
      const gateway = await world.start()
      expect(await answersOf(world, 60)).toEqual({ AA: 60 })

      disk.fill(6 * MIB)
      await until('the door refuses', async () => (await answersOf(world, 1))['AA'] === undefined)
      expect(await answersOf(world, 200)).toEqual({ AE: 200 })
      expect((await gateway.get('/readyz')).status).toBe(503)
      const before = (await gateway.status()).received
      const receiver = await world.listen('chu-a/dpi')
      await emptied(gateway)
      expect(receiver.distinct.size).toBe(before)

      disk.empty()
      await until('the door accepts', async () => (await answersOf(world, 1))['AA'] === 1)
      await emptied(gateway)
      expect(await gateway.status()).toMatchObject({ difference: 0, parked: 0 })
    },
  )

  test.skipIf(mounting)(`full to the last byte: no yes, no end, work again with space ${mounting ?? ''}`, async () => {
    const disk = diskOf()
    const world = await storeWorld(true, '0 B', join(disk.dir, 'store'))
    const gateway = await world.start()
    expect(await answersOf(world, 60)).toEqual({ AA: 60 })

    disk.fill(0)
    const squeezed = await postUntilRefused(await connect(world.mllpPort), 100)
    expect(await answersOf(world, 200)).toEqual({ AE: 200 })
    expect(gateway.running()).toBe(true)

    disk.empty()
    await until('the door accepts', async () => (await answersOf(world, 1))['AA'] === 1)
    const receiver = await world.listen('chu-a/dpi')
    await emptied(gateway)
    expect(squeezed.filter((id) => !receiver.distinct.has(id))).toEqual([])
    expect(await gateway.status()).toMatchObject({ received: receiver.distinct.size, difference: 0, parked: 0 })
  })
})
