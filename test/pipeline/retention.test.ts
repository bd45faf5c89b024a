import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Config } from '../../src/core/config.ts'
import type { Inspected, NewEvent, Purged, PurgeLimits } from '../../src/core/journal.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { startRetention } from '../../src/pipeline/retention.ts'
import { watchSoundness } from '../../src/pipeline/soundness.ts'
import { retentionContract } from '../contract/retention.ts'
import { newDelivery, newIntake } from '../journal/made.ts'
import { scratch, sqliteRig } from '../journal/rig.ts'
import { listeningLog, sqliteOptions } from '../journal/rig-options.ts'

const DAY_MS = 86_400_000

retentionContract('sqlite', sqliteRig)

test('disk space comes back: the file of the store shrinks and body files go', async () => {
  const { dir, end } = await scratch()
  onTestFinished(end)
  let nowMs = 0
  const clock = { nowMs: () => nowMs, monotonicMs: () => performance.now(), after: () => () => {} }
  const journal = await openSqliteJournal(sqliteOptions(dir, { clock }))
  const made = (bytes: number) =>
    newIntake({
      bytes: Buffer.alloc(bytes, 66),
      receivedAtMs: nowMs,
      deliveries: [newDelivery('platform', { state: 'delivered' })],
    })
  for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 20 }, () => journal.commit([made(30_000)])))
  await journal.commit([made(300_000)])
  const kept = made(10)
  nowMs = 40 * DAY_MS
  await journal.commit([kept])
  await journal.close()
  const file = join(dir, 'store.db')
  const before = statSync(file).size
  expect(before).toBeGreaterThan(12_000_000)

  const again = await openSqliteJournal(sqliteOptions(dir, { clock }))
  const limits = { closedBeforeMs: 10 * DAY_MS, refusedBeforeMs: 0 }
  let slice: Purged | null = null
  let slices = 0
  do {
    slice = await again.purge(limits, slice?.at ?? null, 100)
    slices += 1
  } while (!slice.done)
  expect(slices).toBeGreaterThan(5)
  expect(await again.counts()).toMatchObject({ received: 402, purged: 401 })
  expect(await again.verify(null)).toEqual({ checked: 1, damaged: [] })
  await again.close()
  expect(statSync(file).size).toBeLessThan(3_000_000)
  expect(
    readdirSync(join(dir, 'bodies'), { recursive: true, withFileTypes: true }).filter((one) => one.isFile()),
  ).toEqual([])
})

/** A clock whose waits are run by hand. */
function handClock() {
  const waits: { ms: number; run: () => void }[] = []
  let nowMs = 100 * DAY_MS
  return {
    waits,
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(ms: number, run: () => void) {
      const wait = { ms, run }
      waits.push(wait)
      return () => void waits.splice(waits.indexOf(wait), 1)
    },
    /** Runs the next wait; resolves when another one is waiting. Tells how long it was. */
    async next(): Promise<number> {
      const { ms, run } = waits.shift()!
      nowMs += ms
      run()
      while (waits.length === 0) await new Promise((resolve) => setImmediate(resolve))
      return ms
    },
  }
}

const retention = { closedMs: 30 * DAY_MS, refusedMs: 7 * DAY_MS, refusedMaxBytes: 0 }
const config = () => ({ retention }) as Config
const uncounted = { count() {}, observe() {} }

test('retention goes on at once while something is due, looks each minute otherwise, and from the oldest each hour', async () => {
  const clock = handClock()
  const { events, log } = listeningLog()
  const asked: [PurgeLimits, string | null][] = []
  const answers = [
    { messages: 5, bytes: 50, at: '5', done: false },
    { messages: 1, bytes: 10, at: '9', done: true },
  ]
  const journal = {
    purge: async (limits: PurgeLimits, after: string | null): Promise<Purged> => {
      asked.push([limits, after])
      return answers.shift() ?? { messages: 0, bytes: 0, at: after, done: true }
    },
  }
  const stop = startRetention({ journal, config, clock, log, meter: uncounted })
  const first = await clock.next()
  expect([first, await clock.next(), await clock.next()]).toEqual([first, first, 60_000])
  expect(first).toBeLessThanOrEqual(100)
  expect(asked.map(([, after]) => after)).toEqual([null, '5', '9'])
  expect(asked[0]![0]).toEqual({ closedBeforeMs: 70 * DAY_MS + first, refusedBeforeMs: 93 * DAY_MS + first })
  expect(events).toEqual(['retention.purged'])
  while (asked.at(-1)![1] !== null) await clock.next()
  expect(asked.length).toBeGreaterThan(55)
  stop()
  expect(clock.waits).toEqual([])
})

test('the slow check takes a twentieth of a core, and tells of damage once', async () => {
  const clock = handClock()
  const { events, log } = listeningLog()
  const told: NewEvent[] = []
  const counted: string[] = []
  const slices: Inspected[] = [
    { checked: 8, damaged: [], at: '8', ms: 5 },
    { checked: 1, damaged: ['m9'], at: '9', ms: 40 },
    { checked: 3, damaged: [], at: null, ms: 1 },
    { checked: 9, damaged: ['m9'], at: '9', ms: 5 },
  ]
  const journal = {
    inspect: async () => slices.shift()!,
    apply: async ({ events: noted = [] }: { events?: readonly NewEvent[] }) => told.push(...noted) > 0,
  }
  const meter = {
    count: (name: string, labels = {}) => void counted.push(`${name} ${JSON.stringify(labels)}`),
    observe() {},
  }
  const stop = watchSoundness({ journal, clock, log, meter })
  await clock.next()
  expect(await clock.next()).toBe(95)
  expect(await clock.next()).toBe(760)
  expect(await clock.next()).toBe(3_600_000)
  expect(told).toMatchObject([{ what: 'alert', who: 'gateway', code: 'STORE_DAMAGED', message: 'm9' }])
  expect(events.filter((event) => event === 'store.damaged')).toHaveLength(1)
  expect(counted.filter((line) => line === 'alert_total {"code":"STORE_DAMAGED"}')).toHaveLength(1)
  stop()
})
