import { expect, test } from 'vitest'
import { pokedRounds } from '../../src/core/poked.ts'
import { manualClock } from '../support/peers/clock.ts'

/** Rounds that the test lets end one by one. */
function world(waitMs: number | null = 100) {
  const clock = manualClock()
  const faults: unknown[] = []
  const begun: PromiseWithResolvers<boolean>[] = []
  const rounds = pokedRounds({
    clock,
    round() {
      const round = Promise.withResolvers<boolean>()
      begun.push(round)
      return round.promise
    },
    waitMs: () => waitMs,
    failedMs: 500,
    failed: (fault) => faults.push(fault),
  })
  const settled = async () => {
    for (let n = 0; n < 10; n += 1) await Promise.resolve()
  }
  return { clock, faults, begun, rounds, settled }
}

test('nothing runs before it is poked, and one round runs at a time', async () => {
  const { begun, rounds, settled } = world()
  expect(begun).toHaveLength(0)
  rounds.poke()
  rounds.poke()
  rounds.poke()
  expect(begun).toHaveLength(1)
  begun[0]!.resolve(false)
  await settled()
  // Pokes while it ran are one more round.
  expect(begun).toHaveLength(2)
})

test('it looks again of its own accord, at once where there is more to do, later after a fault', async () => {
  const { clock, begun, rounds, faults, settled } = world()
  rounds.poke()
  begun[0]!.resolve(true)
  await settled()
  expect(begun).toHaveLength(2)
  begun[1]!.resolve(false)
  await settled()
  clock.advance(100)
  expect(begun).toHaveLength(3)
  rounds.poke()
  begun[2]!.reject(new Error('away'))
  await settled()
  expect(faults).toHaveLength(1)
  clock.advance(499)
  expect(begun).toHaveLength(3)
  clock.advance(1)
  expect(begun).toHaveLength(4)
})

test('at rest it waits for a poke; stopped it waits for nothing', async () => {
  const { clock, begun, rounds, settled } = world(null)
  rounds.poke()
  const resting = rounds.rest()
  begun[0]!.resolve(false)
  await resting
  clock.advance(10_000)
  expect([begun.length, clock.timers]).toEqual([1, 0])
  rounds.poke()
  expect(begun).toHaveLength(2)
  const stopping = rounds.stop()
  begun[1]!.reject(new Error('too late'))
  await stopping
  rounds.poke()
  await settled()
  expect([begun.length, clock.timers]).toEqual([2, 0])
})
