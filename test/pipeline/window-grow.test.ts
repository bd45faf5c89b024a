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
const told = ({ seq }: QueueEntry) => ({ after: seq - 1, upTo: seq })
const inLine = (): number[] => [...window.line.all()].map(({ entry }) => entry.seq).sort((a, b) => a - b)

test('a commit made here that follows what is known joins without a question', async () => {
  await window.look()
  asked.length = 0
  const one = await commit()
  await window.grow([one], true, told(one))
  const two = await commit()
  await window.grow([two], true, told(two))
  expect(inLine()).toEqual([one.seq, two.seq])
  expect(asked).toEqual([])
})

test('behind a gap the queue is read: the earlier delivery of another node is there too', async () => {
  await window.look()
  const unheard = await commit()
  const mine = await commit()
  await window.grow([mine], true, told(mine))
  expect(inLine()).toEqual([unheard.seq, mine.seq])
  expect(asked).toContain('queue')
  // The late news of the first says nothing new.
  asked.length = 0
  expect(window.grow([], true, told(unheard))).toBeNull()
  expect(asked).toEqual([])
})

test("another node's commit elsewhere leaves no gap, and one to this destination is read", async () => {
  await window.look()
  const elsewhere = await commit('ch-laval/gam')
  expect(window.grow([], false, told(elsewhere))).toBeNull()
  const mine = await commit()
  asked.length = 0
  await window.grow([mine], true, told(mine))
  expect(asked).toEqual([])
  const theirs = await commit()
  await window.grow([], true, told(theirs))
  expect(inLine()).toEqual([mine.seq, theirs.seq])
  expect(asked).toContain('queue')
})
