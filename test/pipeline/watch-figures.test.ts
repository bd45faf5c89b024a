import { describe, expect, onTestFinished, test } from 'vitest'
import type { ErrorCode } from '../../src/core/errors.ts'
import type { Meter } from '../../src/core/ports.ts'
import { alertViews } from '../../src/pipeline/watch/alert-views.ts'
import { quantileMs } from '../../src/pipeline/watch/latency.ts'
import { occurrenceOf } from '../../src/pipeline/watch/occurrences.ts'
import { overviewViews } from '../../src/pipeline/watch/overview-views.ts'
import { DEFAULT_RULES } from '../../src/pipeline/watch/rules.ts'
import { hoursLike, silenceLimit, usualSilence } from '../../src/pipeline/watch/silence.ts'
import { HOUR_MS, tally } from '../../src/pipeline/watch/tally.ts'
import { intake } from '../console/gateway.ts'
import { someConfig } from '../console/region.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'

const MINUTE = 60_000

describe('silence', () => {
  const rule = DEFAULT_RULES.silence
  test.each([
    ['too few weeks', [1, 2], null],
    ['the quarter that is longest teaches nothing', [10, 20, 30, 9_000], 30],
    ['of three, the longest counts', [10, 30, 20], 30],
  ])('what is usual: %s', (_name, longest, usual) => {
    expect(usualSilence(longest, rule)).toBe(usual)
  })
  test.each([
    [null, null],
    [MINUTE, 30 * MINUTE],
    [HOUR_MS, 2 * HOUR_MS],
  ])('after a usual silence of %s ms the limit is %s ms', (usual, limit) => {
    expect(silenceLimit(usual, rule)).toBe(limit)
  })
  test('the same hour of the week is learned from, across the change to summer time', () => {
    // Monday 30 March 2026, 10:30 in Paris (summer time since the day before); the Monday before, 10:00 was an hour later in UTC.
    const hours = hoursLike(Date.parse('2026-03-30T08:30:00Z'), 'Europe/Paris')
    expect(hours.slice(0, 2).map((ms) => new Date(ms).toISOString())).toEqual([
      '2026-03-23T09:00:00.000Z',
      '2026-03-16T09:00:00.000Z',
    ])
    expect(hours).toHaveLength(8)
  })
})

test.each([
  ['none', {}, 0.5, null],
  ['all alike', { 'answer 5': 10 }, 0.5, 3.5],
  ['one of ten is slow', { 'answer 5': 9, 'answer 250': 1 }, 0.95, 175],
  ['beyond the last limit', { 'answer more': 1 }, 0.5, 5_000],
])('the time that a part of the answers took: %s', (_name, counts, q, ms) => {
  expect(quantileMs(new Map(Object.entries(counts)), q)).toBe(ms)
})

test.each<[code: ErrorCode, detail: string | null, of: string | null, subject: string, whose: string | null]>([
  ['DUPLICATE_CONTROL_ID', null, 'ch-a', 'ch-a', 'ch-a'],
  ['LATE_REFUSAL', 'ch-b/dpi', 'ch-a', 'ch-b/dpi', 'ch-b'],
  ['REVOCATION_STALE', 'mllps lists', null, 'mllps', null],
  ['CASE_PATIENT', 'case:AVC-1 case:AVC-2', 'ch-a', 'AVC-1 AVC-2', 'ch-a'],
  ['CASE_UNWRITTEN', 'case:AVC-1', 'ch-a', 'AVC-1', 'ch-a'],
  ['CASE_UNWRITTEN', 'case:AVC-1', null, 'AVC-1', null],
  // A body that is damaged is one establishment's; the store is the region's, and the alert counts all that is found there.
  ['STORE_DAMAGED', null, 'ch-a', '*', null],
  ['AUDIT_BROKEN', null, 'ch-a', 'audit', null],
])('an alert of %s about %s is of who has to do with it', (code, detail, establishment, subject, whose) => {
  const told = { atMs: 1, code, message: null, delivery: null, detail, establishment }
  expect(occurrenceOf(told)).toMatchObject({ subject, establishment: whose })
})

test('the overview: last messages, the day, and the minutes of the charts, without a look at messages', async () => {
  const { journal: kept, end } = await openStore()
  onTestFinished(end)
  await kept.adopt('test', 0, '{}')
  const clock = manualClock()
  const counted = tally({ journal: kept, clock, log: { info() {}, warn() {}, error() {} } })
  const journal = counted.journal(kept)
  const meter = counted.meter<Meter>({ count() {}, observe() {} })
  for (let n = 0; n < 10; n++) {
    await journal.commit([intake(journal, `V${n}`, { receivedAtMs: clock.nowMs() })])
    meter.observe('answer_seconds', n === 9 ? 0.2 : 0.004, { door: 'mllp' })
    meter.count('delivered_total', { destination: 'ch-laval/gam' })
  }
  await counted.write()
  const status = async () => ({ destinations: [] }) as never
  const views = overviewViews({
    journal,
    config: () => someConfig(),
    status,
    alerts: alertViews(journal),
    certificates: () => [],
    clock,
  })
  const { heard } = await views.picture()
  expect(heard.get('ch-laval')).toEqual({ received: 10, refused: 0, lastAtMs: clock.nowMs(), usualMs: null })
  expect(heard.get('ehpad-a')).toEqual({ received: 0, refused: 0, lastAtMs: null, usualMs: null })
  const points = await views.traffic()
  expect(points).toHaveLength(288)
  expect(points.at(-1)).toMatchObject({ received: 10, delivered: 10, refused: 0 })
  expect(points.at(-1)?.p50Ms).toBeGreaterThan(2)
  expect(points.at(-1)?.p50Ms).toBeLessThan(5)
  expect(points.at(-1)?.p95Ms).toBeGreaterThan(100)
})
