import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Intake, Journal } from '../../src/core/journal.ts'
import { trafficTally } from '../../src/pipeline/views/traffic.ts'
import { newIntake } from '../journal/made.ts'
import { openStore } from '../support/stores.ts'

let journal: Journal
let end: () => Promise<void>
beforeEach(async () => {
  ;({ journal, end } = await openStore())
})
afterEach(() => end())

const commit = async (...all: readonly Partial<Intake>[]): Promise<void> => {
  for (const one of all) await journal.commit([newIntake(one)])
}

test('what each establishment sent is counted on from call to call; what the gateway made itself is not', async () => {
  const traffic = trafficTally(journal)
  expect(await traffic(null)).toEqual(new Map())
  await commit(
    { establishment: 'ch-a', receivedAtMs: 2_000 },
    { establishment: 'ch-a', receivedAtMs: 1_000 },
    { establishment: 'ch-b', receivedAtMs: 3_000 },
    { establishment: null },
    { establishment: 'ch-b', entrance: 'internal' },
  )
  const at = (ms: number): string => new Date(ms).toISOString()
  const b = { received: 1, lastReceivedAt: at(3_000) }
  expect(await traffic(null)).toEqual(
    new Map([
      ['ch-a', { received: 2, lastReceivedAt: at(2_000) }],
      ['ch-b', b],
    ]),
  )
  await commit({ establishment: 'ch-a', receivedAtMs: 4_000 })
  const [one, two] = await Promise.all([traffic(null), traffic(null)])
  expect(one).toEqual(two)
  expect(one.get('ch-a')).toEqual({ received: 3, lastReceivedAt: at(4_000) })
  expect(one.get('ch-b')).toEqual(b)
  expect([...(await traffic({ establishments: ['ch-b', 'none'], applications: null }))]).toEqual([['ch-b', b]])
  expect(await traffic({ establishments: ['ch-a'], applications: ['DPI'] })).toEqual(new Map())
  expect(await traffic({ establishments: [], applications: null })).toEqual(new Map())
})
