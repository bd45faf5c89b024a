import { expect, test } from 'vitest'
import { startRounds } from '../../src/core/rounds.ts'
import { manualClock } from '../support/peers/clock.ts'

/** What is resolved already has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('each round follows the last by what that one gave, a failed one by its own wait, and none follows a stop', async () => {
  const clock = manualClock()
  const waits = [20, 'fault', 30, 40] as const
  const done: number[] = []
  const faults: unknown[] = []
  const stop = startRounds({
    clock,
    firstMs: 10,
    async round() {
      const wait = waits[done.push(clock.monotonicMs()) - 1]
      if (wait === 'fault') throw new Error('fault')
      return wait ?? 1
    },
    failedMs: 5,
    failed: (fault) => faults.push(fault),
  })
  for (let ms = 0; ms < 60; ms++) {
    clock.advance(1)
    await settled()
  }
  const from = done[0]!
  expect(done.map((at) => at - from)).toEqual([0, 20, 25])
  expect(faults).toEqual([new Error('fault')])
  await stop()
  clock.advance(1_000)
  expect(done).toHaveLength(3)
})

test('a stop waits for the round under way, and what that throws then is nobody’s fault', async () => {
  const clock = manualClock()
  const round = Promise.withResolvers<number>()
  const failed = (fault: unknown) => expect.unreachable(String(fault))
  const stop = startRounds({ clock, firstMs: 1, round: () => round.promise, failedMs: 1, failed })
  clock.advance(1)
  let over = false
  const stopped = stop().then(() => {
    over = true
  })
  await settled()
  expect(over).toBe(false)
  round.reject(new Error('late'))
  await stopped
})
