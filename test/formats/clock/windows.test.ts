import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ToldTime } from '../../../src/core/cases.ts'
import type { TimeName, WindowRule } from '../../../src/core/services.ts'
import {
  passedThreshold,
  remainingMs,
  SLOWEST,
  THRESHOLDS_MS,
  wholeMinutes,
} from '../../../src/formats/clock/countdown.ts'
import { earliestMs } from '../../../src/formats/clock/earliest.ts'
import { byUrgency, type Clocked, clocksOf } from '../../../src/formats/clock/windows.ts'

const timeZone = 'Europe/Paris'
const MIN = 60_000
const HOUR = 60 * MIN
const NOW = Date.parse('2026-11-26T13:00Z')

const rule = (id: string, from: WindowRule['from'], hours: number, more: Partial<WindowRule> = {}): WindowRule => ({
  id,
  name: { fr: id, en: id },
  from,
  unless: [],
  lengthMs: hours * HOUR,
  source: 'test',
  date: '2026-01-01',
  off: false,
  ...more,
})
const RULES: WindowRule[] = [
  rule('lysis', ['onset', 'last-seen-well'], 4.5),
  rule('waking', ['discovery'], 4.5, { unless: ['onset'] }),
  rule('nine', ['onset', 'last-seen-well'], 9),
  rule('six', ['onset', 'last-seen-well'], 6),
  rule('day', ['onset', 'last-seen-well'], 24),
  rule('advice', ['requested'], 0.25),
]
const told = (agoMs: number, more: Partial<ToldTime> = {}): ToldTime => ({
  atMs: NOW - agoMs,
  precision: 'minute',
  source: 'witness',
  ...more,
})
const shown = (times: Clocked['times'], more: Partial<Clocked> = {}): Clocked => ({
  times,
  requests: [],
  openedAtMs: NOW - 5 * MIN,
  late: false,
  state: 'requested',
  advice: null,
  ...more,
})
const clocks = (times: Clocked['times'], more: Partial<Clocked> = {}, windows = RULES, nowMs = NOW) =>
  clocksOf(shown(times, more), { windows, oldMs: 48 * HOUR }, { nowMs, timeZone })
const brief = (of: ReturnType<typeof clocks>) =>
  of.clocks.map(({ basis, windows, main, passed }) => [
    basis,
    windows
      .map(({ id, state, remainingMs: left }) => `${id} ${state}${left === null ? '' : ` ${left / MIN}`}`)
      .join(', '),
    main?.id ?? null,
    passed?.id ?? null,
  ])
const ANSWER = ['answer', 'advice running 10', 'advice', null]

test.each<[string, Clocked['times'], unknown[]]>([
  [
    'every window of the beginning runs, and the one that ends first is the main one',
    { 'last-seen-well': told(100 * MIN) },
    ['onset', 'lysis running 170, nine running 440, six running 260, day running 1340', 'lysis', null],
  ],
  [
    'a witnessed beginning counts before last seen well',
    { 'last-seen-well': told(10 * HOUR), onset: told(HOUR) },
    ['onset', 'lysis running 210, nine running 480, six running 300, day running 1380', 'lysis', null],
  ],
  [
    'after its end the next window is the main one, and how long it has been over is told',
    { onset: told(4.7 * HOUR) },
    ['onset', 'lysis over -12, nine running 258, six running 78, day running 1158', 'six', 'lysis'],
  ],
  [
    'at the very instant of its end it is over',
    { onset: told(4.5 * HOUR) },
    ['onset', 'lysis over 0, nine running 270, six running 90, day running 1170', 'six', 'lysis'],
  ],
  [
    'all are over',
    { onset: told(25 * HOUR) },
    ['onset', 'lysis over -1230, nine over -960, six over -1140, day over -60', null, 'day'],
  ],
])('%s', (_name, times, clock) => {
  expect(brief(clocks(times))).toEqual([clock, ANSWER])
})

test('an unknown beginning has a second clock from the discovery, which is never merged with the first', () => {
  expect(brief(clocks({ 'last-seen-well': told(8 * HOUR), discovery: told(HOUR) }))).toEqual([
    ['onset', 'lysis over -210, nine running 60, six over -120, day running 960', 'nine', 'six'],
    ['unknown', 'waking running 210', 'waking', null],
    ANSWER,
  ])
  expect(brief(clocks({ discovery: told(HOUR) }))).toEqual([['unknown', 'waking running 210', 'waking', null], ANSWER])
  expect(brief(clocks({ discovery: told(HOUR), onset: told(2 * HOUR) }))[1]).toEqual(ANSWER)
})

test('a window that the region switched off counts nothing and is never the main one', () => {
  const windows = RULES.map((one) => (one.id === 'lysis' ? { ...one, off: true } : one))
  expect(brief(clocks({ onset: told(HOUR) }, {}, windows))[0]).toEqual([
    'onset',
    'lysis switched-off, nine running 480, six running 300, day running 1380',
    'six',
    null,
  ])
})

test.each<[string, Partial<Clocked>, string]>([
  ['in time', { advice: { text: '', by: {} as never, atMs: NOW - MIN, readAtMs: null } }, 'advice met'],
  [
    'late, and it counts no further',
    { openedAtMs: NOW - HOUR, advice: { text: '', by: {} as never, atMs: NOW - 40 * MIN, readAtMs: null } },
    'advice over -5',
  ],
])('advice given %s', (_name, more, said) => {
  expect(brief(clocks({}, more))).toEqual([['answer', said, null, said.includes('over') ? 'advice' : null]])
})

test('a case that is over has no clock', () => {
  expect(clocks({ onset: told(HOUR) }, { state: 'done' })).toEqual({
    clocks: [],
    toVerify: [],
    noTime: false,
    remainingMs: null,
  })
})

describe('times to verify', () => {
  test.each<[string, ToldTime, boolean, Partial<Clocked>]>([
    ['in the future', told(-MIN), true, {}],
    ['now', told(0), false, {}],
    ['very old', told(49 * HOUR), true, {}],
    ['very old, written down afterwards', told(49 * HOUR), false, { late: true }],
    // It was in the future when it was told, and does not become true by waiting.
    ['in the future when it was told', told(HOUR, { toldAtMs: NOW - 3 * HOUR }), true, {}],
    ['of a system whose clock is a little ahead', told(HOUR, { toldAtMs: NOW - HOUR - MIN }), false, {}],
    // A case that lasts does not make a time doubtful.
    ['old by now, not when it was told', told(60 * HOUR, { toldAtMs: NOW - 58 * HOUR }), false, {}],
  ])('%s: %#', (_name, time, doubtful, more) => {
    const { toVerify, clocks: all } = clocks({ onset: time }, more)
    expect(toVerify).toEqual(doubtful ? ['onset'] : [])
    expect(all[0]?.windows.every(({ state }) => (state === 'unverified') === doubtful)).toBe(true)
    if (doubtful)
      expect(all[0]).toMatchObject({ main: null, passed: null, windows: [{ remainingMs: null }, {}, {}, {}] })
  })
})

test.each<[ToldTime['precision'], string, string]>([
  ['minute', '2026-11-26T14:20', '2026-11-26T14:20'],
  ['quarter-hour', '2026-11-26T14:20', '2026-11-26T14:05'],
  ['hour', '2026-11-26T14:20', '2026-11-26T13:20'],
  ['half-day', '2026-11-26T11:59', '2026-11-26T00:00'],
  ['half-day', '2026-11-26T12:00', '2026-11-26T12:00'],
  ['half-day', '2026-11-26T18:00', '2026-11-26T12:00'],
  ['day', '2026-11-26T18:00', '2026-11-26T00:00'],
])('to the %s, %s may be as early as %s', (precision, said, earliest) => {
  const utc = (local: string) => Date.parse(`${local}+01:00`)
  expect(earliestMs({ atMs: utc(said), precision, source: 'witness' }, timeZone)).toBe(utc(earliest))
})

test('a worklist: to verify, no time known, least remaining time, over, nothing counted; the older first', () => {
  const cases: [string, Clocked['times'], WindowRule[], Partial<Clocked>][] = [
    ['over long', { onset: told(30 * HOUR) }, RULES, {}],
    ['nothing', {}, [], {}],
    ['6 h', { onset: told(5 * HOUR) }, RULES, {}],
    ['unknown', {}, RULES, {}],
    ['lysis', { onset: told(4 * HOUR) }, RULES, {}],
    ['over', { onset: told(25 * HOUR) }, RULES, {}],
    ['future', { onset: told(-HOUR) }, RULES, {}],
    ['future, older', { onset: told(-HOUR) }, RULES, { openedAtMs: NOW - HOUR }],
    ['waking', { 'last-seen-well': told(10 * HOUR), discovery: told(4.4 * HOUR) }, RULES, {}],
    ['answer alone', {}, [RULES.at(-1)!], {}],
  ]
  const placed = cases.map(([name, times, windows, more]) => ({
    name,
    openedAtMs: shown(times, more).openedAtMs,
    clocks: clocks(times, more, windows),
  }))
  expect(placed.toSorted(byUrgency).map(({ name }) => name)).toEqual([
    'future, older',
    'future',
    'unknown',
    'waking',
    'answer alone',
    'lysis',
    '6 h',
    'over',
    'over long',
    'nothing',
  ])
})

describe('remaining time is never shown longer than it is', () => {
  const time = fc.record({
    agoMs: fc.integer({ min: -10 * HOUR, max: 100 * HOUR }),
    precision: fc.constantFrom('minute', 'quarter-hour', 'hour', 'half-day', 'day'),
    late: fc.boolean(),
  } as const)
  const names = ['onset', 'last-seen-well', 'discovery'] as const

  test('whatever was told, however exactly: at most the length less what has passed since', () => {
    fc.assert(
      fc.property(fc.constantFrom<TimeName>(...names), time, (name, { agoMs, precision, late }) => {
        const { clocks: all, toVerify } = clocks({ [name]: told(agoMs, { precision }) }, { late })
        for (const { lengthMs, remainingMs: left, state, from } of all.flatMap(({ windows }) => windows)) {
          if (from === 'requested') continue
          if (agoMs < 0) expect([state, left, toVerify]).toEqual(['unverified', null, [name]])
          if (left !== null) expect(left).toBeLessThanOrEqual(lengthMs - agoMs)
        }
      }),
    )
  })

  test('on a page: whatever the way of the answer, the drift of the browser and its sleep', () => {
    const drift = fc.double({ min: -SLOWEST, max: SLOWEST, noNaN: true })
    fc.assert(
      fc.property(
        fc.record({
          endsMs: fc.integer({ min: -10 * HOUR, max: 30 * HOUR }),
          askedBeforeMs: fc.integer({ min: 0, max: 30_000 }),
          answeredAfterMs: fc.integer({ min: 0, max: 30_000 }),
          looksAfterMs: fc.integer({ min: 0, max: 10 * HOUR }),
          sleptMs: fc.integer({ min: 0, max: 10 * HOUR }),
          drift,
          // Of the two clocks one may be quite wrong, as long as the other goes.
          wrongMs: fc.integer({ min: -24 * HOUR, max: 24 * HOUR }),
          wrong: fc.constantFrom('wall', 'monotonic'),
        }),
        ({ endsMs, askedBeforeMs, answeredAfterMs, looksAfterMs, sleptMs, drift: part, wrongMs, wrong }) => {
          // The server's time is 0 when it answers; the browser asked before and looks after.
          const trulySince = askedBeforeMs + answeredAfterMs + looksAfterMs
          const measured = trulySince * (1 + part)
          const since =
            wrong === 'wall'
              ? { monotonicMs: measured, wallMs: measured + wrongMs }
              : { monotonicMs: Math.max(0, measured - sleptMs), wallMs: measured }
          const left = remainingMs({ endsMs, serverNowMs: 0 }, since)
          const truth = endsMs - (answeredAfterMs + looksAfterMs)
          expect(left).toBeLessThanOrEqual(truth)
          expect(wholeMinutes(left)).toBeLessThanOrEqual(Math.max(truth / MIN, 0))
        },
      ),
    )
  })

  test('each threshold is announced once, however seldom one looks, and none after the end', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 * MIN }), { maxLength: 40 }), (steps) => {
        let left = 3 * HOUR
        const said: number[] = []
        for (const step of steps) {
          const one = passedThreshold(left, left - step)
          if (one !== null) said.push(one)
          left -= step
        }
        expect(said).toEqual([...new Set(said)].sort((a, b) => b - a))
        expect(said.every((one) => THRESHOLDS_MS.includes(one))).toBe(true)
        if (left > 0 && left <= 15 * MIN) expect(said).toContain(15 * MIN)
      }),
    )
    expect(passedThreshold(121 * MIN, 120 * MIN)).toBe(120 * MIN)
    expect(passedThreshold(120 * MIN, 119 * MIN)).toBeNull()
    expect(passedThreshold(121 * MIN, 20 * MIN)).toBe(30 * MIN)
    expect(passedThreshold(10 * MIN, -MIN)).toBeNull()
  })
})
