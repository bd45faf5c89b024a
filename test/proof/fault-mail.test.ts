/** Mail while something that it needs fails: what was taken stays, what cannot be is said, and all goes on by itself. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { StoreAddress } from '../../src/app/store.ts'
import { farSide } from '../support/mail/far.ts'
import { type NearPlaces, type NearWorld, nearWorld } from '../support/mail/near.ts'
import { LAB_ROWS } from '../support/mail/region.ts'
import { untraced } from '../support/mail/world.ts'
import { nameServer, type Saying } from '../support/peers/name-server.ts'
import { startOnSmallDisk } from '../support/postgres/full-disk.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { mountless } from '../support/world/needs.ts'
import { freePort } from '../support/world/ports.ts'
import { smallFolder } from '../support/world/small-folder.ts'
import { until } from '../support/world/until.ts'

const LONG = `${'x'.repeat(76)}\r\n`.repeat(3_000)
const root = mkdtempSync(join(tmpdir(), 'fault-mail-'))
const lab = join(root, 'lab')
afterAll(() => rmSync(root, { recursive: true, force: true }))

const cleanings: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean()
})

async function worldWith(spec: Parameters<typeof nearWorld>[0], places: NearPlaces): Promise<NearWorld> {
  const world = await nearWorld(spec, { lab, ...places })
  cleanings.push(() => world.end())
  return world
}

const code = (reply: string) => reply.slice(0, 9)
/** Names of the mails in our mailbox, in order. */
const names = (world: NearWorld) =>
  world
    .mails()
    .map((mail) => /^Message-ID: <(.*)>\r$/m.exec(untraced(mail))?.[1])
    .sort()

const unmountable = mountless()

/** A store on a disk of its own. */
async function embedded(): Promise<{ store: StoreAddress; fill(): void; empty(): void }> {
  const disk = smallFolder()
  cleanings.push(() => disk.end())
  return { store: { kind: 'file', dir: join(disk.dir, 'store') }, fill: () => disk.fill(0), empty: () => disk.empty() }
}

async function database(): Promise<{ store: StoreAddress; fill(): void; empty(): void }> {
  const disk = await startOnSmallDisk('tables')
  cleanings.push(() => disk.end())
  return { store: { kind: 'postgres', url: disk.url }, fill: () => disk.fill(), empty: () => disk.empty() }
}

const stores = [
  ['embedded', embedded, unmountable],
  ['PostgreSQL', database, unmountable ?? missingPostgres()],
] as const

describe('the disk of the store is full', () => {
  const sentence = 'mail is told to come later, nothing of it stays, and all goes on'
  for (const [what, make, need] of stores) {
    test.skipIf(need !== null)(`${what}: ${sentence} ${need ?? ''}`, () => whileFull(make))
  }

  async function whileFull(make: typeof embedded): Promise<void> {
    const disk = await make()
    const world = await worldWith({ store: { minFree: '0 B' } }, { store: disk.store })
    expect(code(await world.bring('before@a', LONG))).toBe('250 2.6.0')
    disk.fill()
    const taken = ['before@a']
    // Small mails may still find room in what the store has set aside.
    for (let n = 0, said = '250'; said.startsWith('250'); n += 1) {
      said = await world.bring(`small-${n}@a`, `${'y'.repeat(76)}\r\n`.repeat(500))
      if (said.startsWith('250')) taken.push(`small-${n}@a`)
      else expect(code(said)).toBe('452 4.3.1')
    }
    expect(code(await world.bring('long@a', LONG))).toBe('452 4.3.1')
    disk.empty()
    await until('mail is taken again', async () => (await world.bring('after@a', LONG)).startsWith('250'))
    await until('all that was taken is in the mailbox', async () => names(world).length > taken.length)
    expect(names(world)).toEqual([...taken, 'after@a'].sort())
    expect(await world.call('/api/status')).toMatchObject({ received: taken.length + 1, difference: 0, parked: 0 })
  }
})

test.skipIf(unmountable)(
  `the disk of the mailboxes is full: mail waits, no part of it is seen ${unmountable ?? ''}`,
  async () => {
    const disk = smallFolder()
    cleanings.push(() => disk.end())
    const boxes = join(disk.dir, 'boxes')
    const world = await worldWith({}, { boxes })
    await world.bring('before@a')
    await until('the mailbox is there', async () => world.mails().length === 1)
    disk.fill(100_000)
    expect(code(await world.bring('waits@a', LONG))).toBe('250 2.6.0')
    await until('it waits', async () => (await world.trace('waits@a')).deliveries[0]!.lastError === 'STORE_FULL')
    expect(names(world)).toEqual(['before@a'])
    const tmp = join(boxes, 'op.mssante.test', 'u', 'tmp')
    expect(existsSync(tmp) && readdirSync(tmp)).toEqual([])
    disk.empty()
    world.clock.leap(80_000)
    await until('it is there', async () => world.mails().length === 2)
    expect(names(world)).toEqual(['before@a', 'waits@a'])
    expect(world.mails().some((mail) => untraced(mail).endsWith(`${LONG}\r\n`))).toBe(true)
  },
)

test('name servers that say nothing, or nonsense: mail waits for its own domain alone, and goes when they know again', async () => {
  const sayings: readonly (readonly [string, Saying])[] = [
    ['silent.test', 'silent'],
    ['servfail.test', 'servfail'],
    ['nxdomain.test', 'nxdomain'],
    ['garbage.test', 'garbage'],
    ['good.test', 'mail'],
  ]
  const names = await nameServer(new Map(sayings))
  cleanings.push(() => names.close())
  const port = await freePort()
  const world = await worldWith(
    { mail: { nameServers: [`127.0.0.1:${names.port}`], port, retry: { lookup: '20 s' } } },
    {},
  )
  await world.publish([...LAB_ROWS, ...sayings.map(([domain]) => ({ domain, operator: 'c' }))])
  const order: string[] = []
  const far = await farSide(lab, 'c', port, {}, ({ to }) => order.push(to[0]!))
  cleanings.push(() => far.close())
  for (const [domain] of sayings) expect(code(await world.submit(`x@${domain}`, `to@${domain}`))).toBe('250 2.6.0')
  const delivery = (domain: string, state: string, error: string | null) =>
    until(`mail for ${domain} is ${state}`, async () => {
      const [one] = (await world.trace(`to@${domain}`)).deliveries
      return one!.state === state && one!.lastError === error
    })
  await delivery('good.test', 'delivered', null)
  // The silence of the one is not over yet.
  expect((await world.trace('to@silent.test')).deliveries[0]!.lastError).toBeNull()
  world.clock.leap(21_000)
  for (const [domain] of sayings.slice(0, -1)) await delivery(domain, 'queued', 'MAIL_NO_HOST')

  for (const [domain] of sayings) names.sayings.set(domain, 'mail')
  world.clock.leap(80_000)
  for (const [domain] of sayings) await delivery(domain, 'delivered', null)
  expect(order.toSorted()).toEqual(sayings.map(([domain]) => `x@${domain}`).toSorted())
  expect(world.mails()).toEqual([])
})
