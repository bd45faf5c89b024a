import { expect, test } from 'vitest'
import type { Effect } from '../../src/core/journal.ts'
import { watchClock } from '../../src/pipeline/skew.ts'
import { manualClock } from '../support/peers/clock.ts'
import { notebook } from '../support/peers/notebook.ts'

test('a wall clock that jumps is alarmed once; one that runs is not', () => {
  const time = manualClock()
  let skewMs = 0
  const effects: Effect[] = []
  const { log, meter, lines } = notebook()
  const stop = watchClock({
    journal: {
      apply: async (effect) => {
        effects.push(effect)
        return true
      },
      clockAheadMs: () => 0,
    },
    clock: { ...time, nowMs: () => time.nowMs() + skewMs, monotonicMs: () => time.monotonicMs(), after: time.after },
    log,
    meter,
  })
  time.advance(60_000)
  expect(lines).toEqual([])
  skewMs = -3_600_000
  time.advance(60_000)
  stop()
  expect(lines.map(({ event, code, ms }) => [event, code, ms])).toEqual([['clock.jumped', 'CLOCK_SKEW', -3_600_000]])
  expect(effects.flatMap((e) => e.events ?? []).map((e) => [e.what, e.code])).toEqual([['alert', 'CLOCK_SKEW']])
})

test("a wall clock that is not the store's is alarmed when it begins to be wrong, and dated by the store's", () => {
  const time = manualClock()
  let aheadMs = 1_500
  const effects: Effect[] = []
  const { log, meter, lines } = notebook()
  const stop = watchClock({
    journal: {
      apply: async (effect) => {
        effects.push(effect)
        return true
      },
      clockAheadMs: () => aheadMs,
    },
    clock: time,
    log,
    meter,
  })
  for (aheadMs of [1_500, -2_500, -2_500, -1_000, 2_500]) time.advance(10_000)
  stop()
  expect(lines.map(({ event, code, ms }) => [event, code, ms])).toEqual([
    ['clock.skewed', 'CLOCK_SKEW', -2_500],
    ['clock.skewed', 'CLOCK_SKEW', 2_500],
  ])
  const startMs = time.nowMs() - 50_000
  expect(effects.flatMap((e) => e.events ?? []).map(({ atMs }) => atMs - startMs)).toEqual([22_500, 47_500])
})
