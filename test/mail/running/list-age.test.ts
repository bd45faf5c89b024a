import type { SMTPServerOptions } from 'smtp-server'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { readDsn } from '../../../src/formats/mail/dsn.ts'
import { type FarSide, farSide } from '../../support/mail/far.ts'
import { type NearWorld, nearWorld } from '../../support/mail/near.ts'
import { LAB_ROWS } from '../../support/mail/region.ts'
import { freePort } from '../../support/world/ports.ts'
import { until } from '../../support/world/until.ts'

const HOUR_MS = 3_600_000
/** The longest wait between two attempts, with chance on top. */
const LONGEST_WAIT_MS = 1.26 * HOUR_MS

/** A domain for each test: what waits for one does not reach into another. */
const ROWS = [...LAB_ROWS, ...[1, 2, 3].map((n) => ({ domain: `c${n}.mssante.test`, operator: 'c' }))]

let world: NearWorld
/** Where mail for the domains of `c` goes; nobody listens there unless a test does. */
let farPort: number
let far: FarSide | null = null
beforeAll(async () => {
  farPort = await freePort()
  const hosts = ROWS.map(({ domain }) => ({ domain, host: '127.0.0.1', port: farPort })).slice(LAB_ROWS.length)
  world = await nearWorld({ mail: { hosts } })
  await world.publish(ROWS)
})
afterEach(async () => {
  await far?.close()
  far = null
})
afterAll(() => world?.end())

async function listen(options: SMTPServerOptions = {}): Promise<FarSide> {
  far = await farSide(world.lab, 'c', farPort, options)
  return far
}

/** What the sender was told so far, in the order of its coming. */
function told(about: string) {
  const reports = world.mails().filter((one) => one.includes(about))
  return reports.map((one) => readDsn(Buffer.from(one, 'latin1'))?.recipients[0]?.action)
}

/** The delivery once its last attempt came to this. */
const delivery = (id: string, code: string | null, state = 'queued') =>
  until(`${id} is ${state} with ${code}`, async () => {
    const [one] = (await world.trace(id)).deliveries
    return one!.state === state && one!.lastError === code && one!
  })

test('a list that nobody renews: alerts, then mail waits on both sides; a fresh one lets everything go on', async () => {
  const { clock, alerts, submit, bring } = world
  await submit('x@c1.mssante.test', 'before@op')
  await delivery('before@op', 'CONNECT_FAILED')
  // A watch that looked before the list was read has said so, and says that it is over.
  await until('all is well', async () => (await alerts('white-list')).length === 0)

  clock.leap(7 * HOUR_MS)
  await until('the list is stale', async () => (await alerts('white-list'))[0] === 'WHITELIST_STALE')
  expect((await bring('stale@a')).slice(0, 9)).toBe('250 2.6.0')
  clock.leap(20 * HOUR_MS)
  await until('the list is old', async () => (await alerts('white-list'))[0] === 'WHITELIST_OLD')
  expect((await bring('old@a')).slice(0, 9)).toBe('250 2.6.0')
  await submit('x@c1.mssante.test', 'late@op')

  // Four days since the list, and then some: the mails' own 48 hours pass while nothing may move.
  clock.leap(69 * HOUR_MS)
  await until('the list is closed', async () => (await alerts('white-list'))[0] === 'WHITELIST_CLOSED')
  expect((await world.askedIn()).slice(0, 9)).toBe('451 4.7.0')
  expect((await submit('x@c1.mssante.test', 'refused@op')).slice(0, 9)).toBe('451 4.7.0')
  const { mails } = await listen()
  clock.leap(100 * HOUR_MS)
  await delivery('before@op', 'WHITELIST_CLOSED')
  clock.leap(60 * HOUR_MS)
  expect((await world.askedIn()).slice(0, 9)).toBe('451 4.7.0')
  expect(mails).toEqual([])
  expect(told('c1.mssante.test')).not.toContain('failed')
  for (const id of ['before@op', 'late@op']) expect((await world.trace(id)).state).toBe('inFlight')

  await world.publish(ROWS)
  expect((await world.askedIn()).slice(0, 9)).toBe('250 2.1.0')
  // Nothing leaps: what waited for the list alone is due with it.
  for (const id of ['before@op', 'late@op']) await delivery(id, null, 'delivered')
  expect(mails).toHaveLength(2)
  expect(told('c1.mssante.test')).not.toContain('failed')
  await until('the alert ends', async () => (await alerts('white-list')).length === 0)
})

test('behind a list that was closed nobody is asked again and again, and what stays undelivered is reported once', async () => {
  const { clock, submit } = world
  await submit('x@c2.mssante.test', 'overdue@op')
  await delivery('overdue@op', 'CONNECT_FAILED')
  clock.leap(96 * HOUR_MS)
  await delivery('overdue@op', 'WHITELIST_CLOSED')
  let asked = 0
  await listen({
    onMailFrom(_address, _session, done) {
      asked += 1
      done(Object.assign(new Error('4.2.1 later'), { responseCode: 451 }))
    },
  })
  await world.publish(ROWS)
  await delivery('overdue@op', 'MAIL_DEFERRED')
  // A mail behind it goes the whole way: had the first one been asked of again at once, it would have been by then.
  await submit('x@c2.mssante.test', 'behind@op')
  await delivery('behind@op', 'MAIL_DEFERRED')
  expect(asked).toBe(2)
  const given = until('it is given up', async () => told('overdue@op').includes('failed'))
  for (let turn = 0; turn < 3; turn += 1) {
    clock.leap(LONGEST_WAIT_MS)
    // A conversation from end to end lets what fell due run its course.
    await world.askedIn()
  }
  await given
  await until('it is closed', async () => (await world.trace('overdue@op')).deliveries[0]!.state === 'closed')
})

test('mail for a domain that left the list waits without being tried; it goes when the domain is back, or is reported in the end', async () => {
  const { clock, submit } = world
  await submit('x@c3.mssante.test', 'left@op')
  await delivery('left@op', 'CONNECT_FAILED')
  const asked: string[] = []
  await listen({
    onRcptTo({ address }, _session, done) {
      asked.push(address)
      done()
    },
  })
  const without = ROWS.filter(({ domain }) => domain !== 'c3.mssante.test')
  clock.leap(1_000)
  await world.publish(without)
  expect((await submit('x@c3.mssante.test', 'after@op')).slice(0, 9)).toBe('550 5.7.1')
  clock.leap(HOUR_MS)
  await delivery('left@op', 'MAIL_DOMAIN_UNLISTED')
  clock.leap(4 * HOUR_MS)
  await until('the sender is told why it takes longer', async () => told('left@op').includes('delayed'))
  expect(world.mails().join()).toContain('The domain is not in the white list')
  expect(asked).not.toContain('x@c3.mssante.test')

  await world.publish(ROWS)
  await delivery('left@op', null, 'delivered')

  await far?.close()
  await submit('x@c3.mssante.test', 'for-ever@op')
  await delivery('for-ever@op', 'CONNECT_FAILED')
  clock.leap(1_000)
  await world.publish(without)
  clock.leap(47 * HOUR_MS)
  await until('it is reported', async () => {
    clock.leap(HOUR_MS / 60)
    return (await world.trace('for-ever@op')).deliveries[0]!.state === 'closed'
  })
  await until('the sender is told', async () => told('for-ever@op').includes('failed'))
  expect(told('for-ever@op')).toEqual(['delayed', 'failed'])
  const report = world.mails().findLast((one) => one.includes('for-ever@op'))
  expect(readDsn(Buffer.from(report!, 'latin1'))?.recipients[0]).toMatchObject({ status: '5.7.1' })
})
