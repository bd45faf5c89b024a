import { afterEach, expect, test } from 'vitest'
import type { DestinationStatus } from '../../src/core/views.ts'
import { connect, postAll } from '../support/world/client.ts'
import type { Gateway } from '../support/world/gateway.ts'
import { oru, patient } from '../support/world/messages.ts'
import { until } from '../support/world/until.ts'
import { emptied, makeWorld, type World, type WorldDestination } from '../support/world/world.ts'
import { queueThenDeliver } from './queued.ts'

const QUICK = { first: '100 ms', factor: 2, max: '500 ms', expires: '7 d' }
const TIMEOUT_MS = 400
const options = { timeout: `${TIMEOUT_MS} ms`, retry: QUICK }

let world: World | null = null
afterEach(async () => {
  await world?.close()
  world = null
})

async function worldOf(destinations: Readonly<Record<string, WorldDestination>>): Promise<World> {
  const to = Object.keys(destinations)
  world = await makeWorld({
    sources: ['CH-A', 'CH-B'],
    destinations,
    routes: [
      { name: 'from a', when: { kinds: ['ORU^R01'], from: ['ch-a'] }, to },
      { name: 'from b', when: { kinds: ['ORU^R01'], from: ['ch-b'] }, to: ['good/dpi'] },
    ],
  })
  return world
}

/** `count` messages for ten patients in turn; control ids PREFIX001, PREFIX002 … */
function* messages(prefix: string, count: number, facility = 'CH-A'): Generator<Buffer> {
  for (let i = 1; i <= count; i++) {
    yield oru({ facility, patient: patient(i % 10), controlId: `${prefix}${String(i).padStart(3, '0')}` })
  }
}

async function destination(gateway: Gateway, id: string): Promise<DestinationStatus> {
  const found = (await gateway.status()).destinations.find((d) => d.id === id)
  if (found === undefined) throw new Error(`no status of ${id}`)
  return found
}

test('slow, dead, half-open, lying and refusing destinations hold nobody else up', async () => {
  const COUNT = 60
  const { mllpPort, receiver, start, listen } = await worldOf({
    'good/dpi': { options },
    'slow/dpi': { options, script: () => ({ lateMs: 40 }) },
    'dead/dpi': { options, dead: true },
    'half/dpi': { options, halfOpen: true },
    'wrong/dpi': { options, script: () => 'wrong-id' },
    'echo/dpi': { options, script: () => 'previous-id' },
    'noise/dpi': { options, script: () => 'garbage' },
    'cutter/dpi': { options, script: (id, nth) => (id.endsWith('5') && nth === 1 ? 'cut' : 'AA') },
    'half-answer/dpi': { options, script: (id, nth) => (id.endsWith('4') && nth === 1 ? 'part' : 'AA') },
    'refuser/dpi': { options, script: (id) => (id.endsWith('3') ? 'AR' : 'AA') },
  })
  const gateway = await start()
  expect(await postAll(mllpPort, messages('M', COUNT))).toBe(COUNT)
  const ids = Array.from({ length: COUNT }, (_, i) => `M${String(i + 1).padStart(3, '0')}`)
  const perPatient = (ledger: readonly { controlId: string }[], p: number): string[] => [
    ...new Set(ledger.map((line) => line.controlId).filter((id) => Number(id.slice(1)) % 10 === p)),
  ]

  for (const id of ['good/dpi', 'slow/dpi', 'cutter/dpi', 'half-answer/dpi', 'refuser/dpi']) {
    await receiver(id).when(({ distinct }) => distinct.size === COUNT)
    for (let p = 0; p < 10; p++) {
      expect(perPatient(receiver(id).ledger, p), id).toEqual(ids.filter((name) => Number(name.slice(1)) % 10 === p))
    }
  }
  expect(receiver('good/dpi').ledger.length).toBe(COUNT)
  // Cut or half answered: nobody knows, so the same bytes once more, and no more than that.
  expect(receiver('cutter/dpi').ledger.length).toBe(COUNT + COUNT / 10)
  expect(receiver('half-answer/dpi').ledger.length).toBe(COUNT + COUNT / 10)

  await until('refusals are parked', async () => (await destination(gateway, 'refuser/dpi')).parked === COUNT / 10)
  expect(await destination(gateway, 'refuser/dpi')).toMatchObject({ delivered: COUNT - COUNT / 10, open: 0 })
  for (const id of ['dead/dpi', 'half/dpi', 'wrong/dpi', 'echo/dpi', 'noise/dpi']) {
    const { delivered, open, parked } = await destination(gateway, id)
    expect({ id, delivered, waiting: open + parked }).toEqual({ id, delivered: 0, waiting: COUNT })
  }
  expect(await gateway.status()).toMatchObject({ received: COUNT, difference: 0 })

  const revived = await listen('dead/dpi')
  await revived.when(({ distinct }) => distinct.size === COUNT)
  await until('the revived one is done', async () => (await destination(gateway, 'dead/dpi')).delivered === COUNT)
})

test('a late acknowledgement is never taken for the next message (Mirth #1441, #2070)', async () => {
  // Long enough that an answer in time is in time on a machine that is busy.
  const timeoutMs = 1_500
  const answerMs = 300
  const { mllpPort, receiver, start, logged } = await worldOf({
    'good/dpi': {
      options: { ...options, timeout: `${timeoutMs} ms` },
      script: (id, nth) => {
        if (id.endsWith('001') && nth === 1) return { lateMs: timeoutMs + 100 }
        return id.endsWith('002') ? { lateMs: answerMs } : 'AA'
      },
    },
  })
  const gateway = await start()
  const attempts = async (id: string) => (await gateway.trace(id)).deliveries.flatMap(({ history }) => history)
  const outcomes = async (id: string) => (await attempts(id)).map((one) => [one.outcome, one.code])
  // On a shared store a machine that is too busy to renew the lease gives up what is on the line (CONNECTION_CUT): then once more.
  const lost = () => logged().split('"route":"destination:good/dpi","code":"LEASE_LOST"').length
  let prefix = ''
  for (let round = 1, before = 0; round <= 3 && before !== lost(); round++) {
    before = lost()
    prefix = `LATE${round}`
    await postAll(mllpPort, messages(prefix, 2))
    await emptied(gateway)
  }
  expect(await outcomes(`${prefix}001`)).toEqual([
    ['unknown', 'ANSWER_TIMEOUT'],
    ['delivered', null],
  ])
  expect(await outcomes(`${prefix}002`)).toEqual([['delivered', null]])
  // By its own answer, which came after the late one.
  expect((await attempts(`${prefix}002`))[0]?.ms).toBeGreaterThanOrEqual(answerMs - 1)
  const connections = receiver('good/dpi').ledger.filter(({ controlId }) => controlId.startsWith(prefix))
  expect(connections[1]?.connection).not.toBe(connections[0]?.connection)
})

test('slow acknowledgements do not flood the receiver (Mirth #1314)', async () => {
  const COUNT = 6
  const { mllpPort, receiver, start } = await worldOf({
    'good/dpi': { options },
    'slow/dpi': { options, script: () => ({ lateMs: TIMEOUT_MS + 50 }) },
  })
  const gateway = await start()
  await postAll(mllpPort, messages('S', COUNT))
  const slow = receiver('slow/dpi')
  await slow.when(({ ledger }) => ledger.length === 2 * COUNT)
  // Traffic for another destination is the clock: all this while the slow one is left in peace.
  await postAll(mllpPort, messages('G', 400, 'CH-B'))
  await receiver('good/dpi').when(({ distinct }) => distinct.size === COUNT + 400)
  expect(slow.ledger.length).toBe(2 * COUNT)
  for (const controlId of slow.distinct) {
    const [first, second, third] = slow.ledger.filter((line) => line.controlId === controlId)
    expect(third).toBeUndefined()
    // One copy at a time: the second left after the first had been given up with its connection.
    expect(second?.connection).not.toBe(first?.connection)
    const [one, two] =
      (await gateway.trace(controlId)).deliveries.find((d) => d.destination === 'slow/dpi')?.history ?? []
    const givenUpAtMs = Date.parse(one?.startedAt ?? '') + (one?.ms ?? 0)
    expect(Date.parse(two?.startedAt ?? '')).toBeGreaterThanOrEqual(givenUpAtMs)
  }
  expect(await destination(gateway, 'slow/dpi')).toMatchObject({ delivered: 0, open: COUNT, parked: 0 })
})

test('more than 1,000 waiting all get there, in order, once (Mirth #1682)', { timeout: 240_000 }, async () => {
  expect(await queueThenDeliver(3_000)).toEqual([])
})

test('an MSH-6 of empty components is answered like any other (Mirth #4382)', async () => {
  const { mllpPort, start } = await worldOf({ 'good/dpi': { options } })
  await start()
  const client = await connect(mllpPort)
  const make = (controlId: string, facility: string): Buffer =>
    oru({ facility: 'CH-A', patient: patient(1), controlId, receiver: ['DPI', facility] })
  for (const [controlId, facility] of [
    ['MSH6A', '^^'],
    ['MSH6B', ''],
    ['MSH6C', '&^~'],
    ['MSH6D', '""'],
  ] as const) {
    const answer = await client.post(make(controlId, facility))
    expect(answer).toMatchObject({ code: 'AA', controlId })
    expect(answer?.raw.toString('latin1').split('|')[3]).toBe(facility)
  }
})
