import { expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import { type HowFar, Progress } from '../../src/telemedicine/images/progress.ts'
import { manualClock } from '../support/peers/clock.ts'

const far = (received: number): HowFar => ({ received, expected: 9, held: 0 })
const FULL = new GatewayError('STORE_FULL', 'no room')

/** A case whose store fails as often as told, and what it was told. */
function caseThatFails(times: number) {
  const told: number[] = []
  const clock = manualClock()
  let left = times
  const progress = new Progress(clock, null, async ({ received }) => {
    left -= 1
    if (left >= 0) throw FULL
    told.push(received)
  })
  return { told, clock, progress }
}

/** What nobody handles would end the process: vitest fails of it too. */
const settled = () => new Promise((done) => setImmediate(done))

test.for([
  ['the one change', 1, [1], [1], null],
  ['the first of two', 1, [1, 2], [2], null],
  ['all there are', 9, [1, 2], [], FULL],
] as const)(
  '%s that could not be told is told at the end, or the end says why',
  async ([_, times, steps, told, why]) => {
    const one = caseThatFails(times)
    for (const received of steps) {
      one.progress.is(far(received))
      await settled()
      one.clock.advance(1_000)
      await settled()
    }
    const fault = await one.progress.end().then(
      () => null,
      (fault: unknown) => fault,
    )
    expect([one.told, fault]).toEqual([told, why])
    expect(one.clock.timers).toBe(0)
  },
)

test('what fails while the end waits is told again', async () => {
  const { told, progress } = caseThatFails(1)
  progress.is(far(1))
  await progress.end()
  expect(told).toEqual([1])
})
