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
