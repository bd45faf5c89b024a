import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { senderFor } from '../../src/app/wiring/senders.ts'
import { Served } from '../../src/app/wiring/served.ts'
import type { Destination } from '../../src/core/config.ts'
import type { Follower } from '../../src/core/follower.ts'
import type { Prepare } from '../../src/pipeline/deliver.ts'
import { following } from '../../src/pipeline/follow.ts'
import { pauses } from '../../src/pipeline/pause.ts'
import { type ManualClock, manualClock } from '../support/peers/clock.ts'
import { type Hospital, hospital } from '../support/peers/hospital.ts'
import { notebook } from '../support/peers/notebook.ts'
import { type Node, nodeOf, type Region, regionOver } from './sharing.ts'
import { openStage, oru, quiet, type Stage } from './stage.ts'

const DPI = 'receiver/dpi'
const LEASE = `destination:${DPI}`
let clock: ManualClock
let stage: Stage
let peer: Hospital
let region: Region

beforeEach(async () => {
  clock = manualClock()
  peer = await hospital()
  stage = await openStage(
    {
      establishments: [
        { id: 'sender', name: 'Sender (fictif)', kind: 'hospital', senders: { facilities: ['SENDER'] } },
        {
          id: 'receiver',
          name: 'Receiver (fictif)',
          kind: 'hospital',
          destinations: {
            dpi: { type: 'mllp', host: '127.0.0.1', port: peer.port, use: 'qualification', maxInFlight: 1 },
          },
        },
      ],
      routes: [
        { name: 'all', when: { kinds: ['ORU^R01'] }, to: [DPI] },
        { name: 'stroke', when: { kinds: ['ORM^O01'] }, to: [DPI], lane: 'urgent' },
      ],
    },
    clock,
  )
  region = regionOver(stage.journal)
})
let serving: Served[] = []
afterEach(async () => {
  region.unreachable = false
  peer.release()
  const leaving = serving.map((served) => served.leave(0))
  serving = []
  clock.advance(2_000)
  await Promise.all(leaving)
  await peer.close()
  await stage.end()
})

interface Serving extends Node {
  readonly served: Served
  readonly lines: ReturnType<typeof notebook>
}

/** A node that wishes for the destination. */
function wishing(prepare: Prepare | null = null): Serving {
  const node = nodeOf(region)
  const book = notebook()
  const { log, meter } = book
  const destination = stage.config.destinations.get(DPI) as Destination
  const sending = { accept: () => Promise.reject(new Error()), clock, log, meter }
  const parts = { journal: node.journal, prepare, clock, ids: machineIds, log, meter }
  const served = new Served(
    destination,
    { ...parts, senderFor: (one) => senderFor(one, sending) },
    pauses(node.journal, clock),
  )
  node.journal.watch(({ entries, grown, missed }) => {
    served.put(entries)
    if (missed === true) served.again()
    else if (grown.includes(DPI)) served.look()
  })
  void served.serve()
  serving.push(served)
  return Object.assign(node, { served, lines: book })
}
const controls = (): string[] => peer.received().map((text) => text.split('|')[9] ?? '')
const post = (control: string, patient: string, kind = 'ORU^R01'): Promise<unknown> =>
  stage.post(oru({ 9: kind, 10: control }, `${patient}^^^SENDER^PI`))
const states = async (): Promise<string[]> =>
  (await stage.journal.read<{ state: string }>({ sql: 'SELECT state FROM delivery ORDER BY seq', parameters: [] })).map(
    ({ state }) => state,
  )
async function until(...wanted: string[]): Promise<void> {
  while ((await states()).join() !== wanted.join()) await new Promise((resolve) => setImmediate(resolve))
}
const grown = { grown: [DPI] }

describe('order, when other nodes commit', () => {
  test('the news of a later message come first, and those of the first never: both go, in order', async () => {
    const node = wishing()
    await node.take(LEASE)
    await post('A', 'P1')
    await post('B', 'P1')
    const [, second] = await stage.journal.queue(DPI, 0, 2)
    node.tell({ entries: [second!] })
    await until('delivered', 'delivered')
    expect(controls()).toEqual(['A', 'B'])
  })

  test('news that come twice, late or for nothing send nothing twice', async () => {
    const node = wishing()
    await node.take(LEASE)
    await post('A', 'P1')
    const [entry] = await stage.journal.queue(DPI, 0, 1)
    node.tell({ ...grown, entries: [entry!] })
    await until('delivered')
    node.tell({ ...grown, entries: [entry!] })
    await post('B', 'P1')
    node.tell(grown)
    node.tell({ entries: [entry!], ...grown })
    await until('delivered', 'delivered')
    expect(controls()).toEqual(['A', 'B'])
  })

  test('an urgent message far behind what fits in memory goes beside the one that is stuck', async () => {
    const node = wishing()
    peer.behave('late')
    await node.take(LEASE)
    await post('FIRST', 'P0')
    node.tell(grown)
    await peer.message(1)
    await Promise.all(Array.from({ length: 1_100 }, (_, i) => post(`C${i}`, 'P1')))
    node.tell(grown)
    await post('URGENT', 'P2', 'ORM^O01')
    node.tell(grown)
    await peer.message(2)
    expect(controls()).toEqual(['FIRST', 'URGENT'])
  })

  test('missed: what a person queued again through another node, in no line here, goes', async () => {
    const node = wishing()
    peer.behave('refuse')
    await node.take(LEASE)
    await post('A', 'P1')
    node.tell(grown)
    await until('refused')
    peer.behave('accept')
    const { id } = (await stage.journal.deliveriesOf((await stage.journal.follow(null, 1))[0]!.id))[0]!
    const entry = (await stage.journal.delivery(id))!
    const move = { ...entry, deliveryId: id, from: ['refused'], to: 'queued', held: false, holds: true } as const
    const person = { atMs: clock.nowMs(), code: null, attempt: null, findings: [], events: [] }
    expect(await stage.journal.record({ ...move, ...person })).toBe(true)
    node.tell({ missed: true })
    await until('delivered')
    expect(controls()).toEqual(['A', 'A'])
  })
})

describe('a lease that has passed to another node', () => {
  test('begins nothing, though nobody has said so', async () => {
    const node = wishing()
    await node.take(LEASE)
    node.pass(LEASE)
    await post('A', 'P1')
    node.tell(grown)
    clock.advance(10_000)
    const other = wishing()
    peer.behave('late')
    await other.take(LEASE)
    await peer.message(1)
    // The first node has had its turn as well: it would have come before.
    expect([controls(), peer.connections]).toEqual([['A'], 1])
  })

  test('between the mark and the first byte: no byte leaves, and what it reports counts for nothing', async () => {
    const node = wishing(async () => {
      node.pass(LEASE)
      return null
    })
    await node.take(LEASE)
    await post('A', 'P1')
    node.tell(grown)
    await node.lines.line('delivery.unrecorded', 'LEASE_LOST')
    expect([await states(), peer.heardBytes()]).toEqual([['sending'], 0])
    expect(node.lines.lines.some(({ event }) => event === 'delivery.retry')).toBe(false)
    const other = wishing()
    await other.take(LEASE)
    await until('delivered')
    expect(controls()).toEqual(['A'])
  })

  test('lost in the middle of an attempt: its connection goes at once, and the next holder sends again', async () => {
    const node = wishing()
    peer.behave('silent')
    await node.take(LEASE)
    await post('A', 'P1')
    node.tell(grown)
    await peer.message(1)
    const gone = Promise.all([...peer.open].map((socket) => once(socket, 'close')))
    await node.lose(LEASE)
    await gone
    expect(await states()).toEqual(['sending'])
    peer.behave('accept')
    const other = wishing()
    await other.take(LEASE)
    await until('delivered')
    expect(controls()).toEqual(['A', 'A'])
    expect(node.lines.lines.some(({ event }) => event === 'delivery.retry')).toBe(false)
  })

  test('given back: what is on its way ends first, and the next holder sends the rest', async () => {
    const node = wishing()
    peer.behave('late')
    await node.take(LEASE)
    await post('A', 'P1')
    await post('B', 'P1')
    node.tell(grown)
    await peer.message(1)
    let given = false
    const giving = node.giveBack(LEASE).then(() => {
      given = true
    })
    await post('C', 'P1')
    node.tell(grown)
    expect([given, await states()]).toEqual([false, ['sending', 'queued', 'queued']])
    peer.behave('accept')
    peer.release()
    await giving
    expect(await states()).toEqual(['delivered', 'queued', 'queued'])
    const other = wishing()
    await other.take(LEASE)
    await until('delivered', 'delivered', 'delivered')
    expect(controls()).toEqual(['A', 'B', 'C'])
  })

  test('and back again: the same node begins anew', async () => {
    const node = wishing()
    await node.take(LEASE)
    await node.lose(LEASE)
    await post('A', 'P1')
    await node.take(LEASE)
    await until('delivered')
    expect(controls()).toEqual(['A'])
  })
})

describe('a database out of reach', () => {
  test('an outcome waits, nothing begins meanwhile, and all goes on when it is back', async () => {
    const node = wishing()
    peer.behave('late')
    await node.take(LEASE)
    await post('A', 'P1')
    await post('B', 'P2')
    node.tell(grown)
    await peer.message(1)
    region.unreachable = true
    peer.behave('accept')
    peer.release()
    while (region.failed === 0) await new Promise((resolve) => setImmediate(resolve))
    expect([await states(), controls()]).toEqual([['sending', 'queued'], ['A']])
    region.unreachable = false
    clock.advance(1_000)
    await until('delivered', 'delivered')
    expect(controls()).toEqual(['A', 'B'])
  })

  test('a mark that was made though nobody heard so is not made twice, and the message goes once', async () => {
    const node = wishing()
    await node.take(LEASE)
    await post('A', 'P1')
    region.unreachable = 'after'
    node.tell(grown)
    await until('sending')
    while ((await states())[0] !== 'delivered') {
      clock.advance(1_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const rows = await stage.journal.read({ sql: 'SELECT attempts FROM delivery', parameters: [] })
    expect([controls(), rows]).toEqual([['A'], [{ attempts: 1 }]])
  })

  test('a lease lost meanwhile ends without waiting for it', async () => {
    const node = wishing()
    peer.behave('late')
    await node.take(LEASE)
    await post('A', 'P1')
    node.tell(grown)
    await peer.message(1)
    region.unreachable = true
    await node.lose(LEASE)
    expect(await states()).toEqual(['sending'])
  })
})

describe('timers and followers', () => {
  test('a timer fires once when its lease changes hands while it is being answered', async () => {
    const gate = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const alert = { atMs: 1, who: 'gateway', what: 'alert', why: null, code: null, message: null, delivery: null }
    const follower = (name: string, wait: Promise<void>): Follower => ({
      name: 'clocks',
      reads: false,
      entries: async () => ({}),
      async timer() {
        asked.resolve()
        await wait
        return { events: [{ ...alert, detail: name }] }
      },
    })
    await stage.journal.apply({ timers: [{ id: 't', follower: 'clocks', dueAtMs: 1, payload: '{}' }] })
    const [first, second] = [nodeOf(region), nodeOf(region)]
    const run = (node: Node, one: Follower) => following({ journal: node.journal, followers: [one], clock, log: quiet })
    const [a, b] = [run(first, follower('first', gate.promise)), run(second, follower('second', Promise.resolve()))]
    a.start()
    b.start()
    await first.take('timers')
    await asked.promise
    await first.lose('timers')
    await second.take('timers')
    await second.giveBack('timers')
    gate.resolve()
    await first.take('timers')
    await first.giveBack('timers')
    const events = await stage.journal.read({ sql: "SELECT detail FROM event WHERE what = 'alert'", parameters: [] })
    expect(events).toEqual([{ detail: 'second' }])
  })

  test('a follower that lost its lease moves no cursor', async () => {
    await post('A', 'P1')
    const gate = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const reader: Follower = {
      name: 'reader',
      reads: true,
      async entries() {
        asked.resolve()
        await gate.promise
        return {}
      },
      timer: async () => ({}),
    }
    const node = nodeOf(region)
    following({ journal: node.journal, followers: [reader], clock, log: quiet }).start()
    await node.take('follower:reader')
    await asked.promise
    await node.lose('follower:reader')
    gate.resolve()
    await node.take('follower:reader')
    await node.giveBack('follower:reader')
    expect(await stage.journal.cursor('reader')).toBeNull()
  })
})
