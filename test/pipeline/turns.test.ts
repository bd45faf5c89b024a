import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Arrival, Receipt } from '../../src/core/message.ts'
import { byTurns } from '../../src/pipeline/turns.ts'

interface Entered {
  /** Turn of the loop in which it was let in, from 0. */
  readonly turn: number
  readonly who: string
}

/**
 * Offers arrivals at one moment, `a1` being the first of connection `a`. Work on each takes `costMs` on a clock that nothing
 * else moves. Gives the order in which they were let in, and in which turn. */
async function entered(
  offers: readonly string[],
  costMs: number,
  { behind = false, shared = false } = {},
): Promise<readonly Entered[]> {
  let nowMs = 0
  let turns = 0
  const order: Entered[] = []
  const accept = byTurns(
    async ({ bytes }: Arrival) => {
      order.push({ turn: turns, who: bytes.toString() })
      nowMs += costMs
      return {} as Receipt
    },
    { nowMs: () => nowMs, behind: () => behind, shared },
  )
  const all = Promise.all(offers.map((who) => accept(arrivalOf(who))))
  let done = false
  void all.then(() => {
    done = true
  })
  for (; !done; turns++) await turn()
  return order
}

function arrivalOf(who: string): Arrival {
  const peer = { address: who.replace(/\d+$/, ''), loopback: true, establishment: null, destination: null }
  return { entrance: 'mllp', peer, receivedAtMs: 0, bytes: Buffer.from(who) }
}

const flood = (who: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${who}${i + 1}`)
const whos = (order: readonly Entered[]): string[] => order.map(({ who }) => who)
/** How many were let in, turn by turn, turns without any left out. */
const perTurn = (order: readonly Entered[]): number[] =>
  [...Map.groupBy(order, (one) => one.turn).values()].map((some) => some.length)

test('beside two connections that flood, another one waits for one of each at most', async () => {
  const order = whos(await entered([...flood('a', 5_000), ...flood('b', 5_000), 'c1', 'd1'], 1))
  expect(order).toHaveLength(10_002)
  const first = order.indexOf('a9')
  expect(order.indexOf('c1') - first).toBeLessThanOrEqual(3)
  expect(order.indexOf('d1') - first).toBeLessThanOrEqual(4)
})

test('each connection’s own stay in their order', async () => {
  const order = whos(await entered([...flood('a', 50), ...flood('b', 50), ...flood('c', 5)], 3))
  for (const [who, count] of [
    ['a', 50],
    ['b', 50],
    ['c', 5],
  ] as const) {
    expect(order.filter((one) => one.startsWith(who))).toEqual(flood(who, count))
  }
})

test.each([
  ['1 ms of work each', 1, {}, 8],
  ['3 ms', 3, {}, 3],
  ['more than a slice: one at least', 50, {}, 1],
  ['half a ms each while deliveries are behind', 0.5, { behind: true }, 2],
  ['3 ms while they are behind', 3, { behind: true }, 1],
  ['half a ms where a server commits', 0.5, { shared: true }, 6],
  ['half a ms where a server commits and they are behind', 0.5, { shared: true, behind: true }, 2],
] as const)('%s: so many in one turn, and none is forgotten', async (_name, costMs, how, most) => {
  const order = await entered(flood('a', 40), costMs, how)
  expect(whos(order)).toEqual(flood('a', 40))
  // What comes at a quiet moment and the first turn after it share the first count.
  expect(Math.max(...perTurn(order).slice(1))).toBe(most)
  expect(perTurn(order)[0]).toBeLessThanOrEqual(2 * most)
})

test('work that costs nothing is never held up', async () => {
  expect(perTurn(await entered(flood('a', 1_000), 0))).toEqual([1_000])
})

test('one that fails lets the next in', async () => {
  const accept = byTurns(
    async ({ bytes }) => {
      if (bytes.toString() === 'a1') throw new Error('refused')
      return {} as Receipt
    },
    { nowMs: () => 0, behind: () => false, shared: false },
  )
  const said = await Promise.allSettled([accept(arrivalOf('a1')), accept(arrivalOf('a2'))])
  expect(said.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
})
