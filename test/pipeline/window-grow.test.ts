/** What is told of a commit on a shared store joins a window only where nothing before it can be missing. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Destination } from '../../src/core/config.ts'
import type { Journal, QueueEntry } from '../../src/core/journal.ts'
import { QueueWindow } from '../../src/pipeline/window.ts'
import { newDelivery, newIntake } from '../journal/made.ts'
import { sqliteRig } from '../journal/rig.ts'

const DPI = 'chu-nantes/dpi'
let rig: Awaited<ReturnType<typeof sqliteRig>>
let window: QueueWindow
/** Questions asked of the store. */
let asked: string[]

beforeEach(async () => {
  rig = await sqliteRig()
  asked = []
  const { journal } = rig
  const counted: Pick<Journal, 'queue' | 'urgent' | 'earlier' | 'delivery' | 'leases'> = {
    leases: { ...journal.leases, shared: true },
    delivery: (id) => journal.delivery(id),
    queue: (...args) => {
      asked.push('queue')
      return journal.queue(...args)
    },
    urgent: (...args) => {
      asked.push('urgent')
      return journal.urgent(...args)
    },
    earlier: (...args) => journal.earlier(...args),
  }
  window = new QueueWindow({ id: DPI, order: 'patient' } as Destination, counted, () => rig.nowMs)
})
afterEach(() => rig.end())

/** Commits one message to a destination; its queue entry. */
async function commit(destination = DPI): Promise<QueueEntry> {
  const delivery = newDelivery(destination)
  await rig.journal.commit([newIntake({ orderKeys: ['d:k'], deliveries: [delivery] })])
  return (await rig.journal.delivery(delivery.id))!
}
const of = ({ seq }: QueueEntry) => ({ after: seq - 1, upTo: seq })
/** A commit to this destination made here, one made by another node, and one to another destination. */
const mine = (one: QueueEntry) => window.grow({ span: of(one), grown: true, urgent: false, entries: [one] })
const theirs = (one: QueueEntry, urgent = false) => window.grow({ span: of(one), grown: true, urgent, entries: [] })
const elsewhere = (one: QueueEntry) => window.grow({ span: of(one), grown: false, urgent: false, entries: [] })
const inLine = (): number[] => [...window.line.all()].map(({ entry }) => entry.seq).sort((a, b) => a - b)

test('a commit made here that follows what is known joins without a question', async () => {
  await window.look()
  asked.length = 0
  const made = [await commit(), await commit()]
  expect(made.map((one) => mine(one).look)).toEqual(['no', 'no'])
  expect(inLine()).toEqual(made.map(({ seq }) => seq))
  expect([asked, window.known]).toEqual([[], true])
})

test('one behind a gap waits for the news of what lies between, and joins with it', async () => {
  await window.look()
  const [between, later] = [await commit('ch-laval/gam'), await commit()]
  asked.length = 0
  expect(mine(later).look).toBe('soon')
  expect(inLine()).toEqual([])
  expect(elsewhere(between).look).toBe('no')
  expect([inLine(), asked]).toEqual([[later.seq], []])
})

test('where those news do not come the queue is read: the earlier delivery of another node is there too', async () => {
  await window.look()
  const [unheard, later] = [await commit(), await commit()]
  expect(mine(later).look).toBe('soon')
  await window.look()
  expect([inLine(), window.known]).toEqual([[unheard.seq, later.seq], true])
  // The late news of the first say nothing new.
  expect(theirs(unheard).look).toBe('no')
})

test("another node's commit to this destination is read before anything behind it joins", async () => {
  await window.look()
  const [first, second] = [await commit(), await commit()]
  expect(theirs(first).look).toBe('now')
  expect(mine(second).look).toBe('now')
  expect(inLine()).toEqual([])
  await window.look()
  expect([inLine(), window.known]).toEqual([[first.seq, second.seq], true])
})

test('beyond a full prefix only what is urgent is read', async () => {
  await Promise.all(Array.from({ length: 2_600 }, () => commit()))
  while (window.line.size < 2_000) await window.more()
  theirs(await commit(), true)
  await window.look()
  expect(window.complete).toBe(false)
  const [normal, urgent] = [await commit(), await commit()]
  asked.length = 0
  expect([theirs(normal).look, theirs(urgent, true).look]).toEqual(['no', 'now'])
  expect(asked).toEqual([])
})
