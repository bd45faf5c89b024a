import { expect, test } from 'vitest'
import type { Act } from '../../src/core/cases.ts'
import { person, plain, STROKE } from './invented.ts'
import { Moving, T0 } from './moving.ts'

const MIN = 60_000
const ASKS = person('requester', 'ch-laval', ['URG'])
const ANGERS = person('expert', 'chu-angers')
const NANTES = person('expert', 'chu-nantes')
const COORDINATION = person('coordination', null)
const REACHED: Act = { what: 'reached', whom: 'Dr X', atMs: T0 }

test('a centre that is invited anew after a telephone call is told again that it has seen and not accepted', () => {
  const one = new Moving(STROKE)
  one.act(plain('see'), ANGERS)
  one.act(REACHED, ASKS)
  one.wait(10 * MIN)
  expect(one.now.lateTold['seen-not-accepted']).toBe(2)
  expect(one.act({ what: 'invite', ladder: 'answer' }, COORDINATION)).toBeNull()
  one.act(plain('see'), ANGERS)
  const before = one.happenings.length
  one.wait(3 * MIN)
  const late = one.happenings.slice(before).flatMap(({ act }) => (act.what === 'late' ? [act.delay] : []))
  expect(late).toEqual(['seen-not-accepted'])
})

test('a call that reached the neurologist leaves the neuroradiologist to be called, and the next one does not', () => {
  const one = new Moving(STROKE)
  one.act({ what: 'invite', ladder: 'interventional' }, COORDINATION)
  one.act(REACHED, ASKS)
  const before = one.happenings.length
  one.wait(3 * MIN)
  // The neurologist is reminded of what was seen and not accepted.
  expect(one.told(before)).toEqual(['duty-1 chu-nantes', 'duty-1 chu-angers'])
  one.act(REACHED, ASKS)
  expect(one.now.climbs.every(({ endedAtMs }) => endedAtMs !== null)).toBe(true)
})

test('a ladder that begins anew stays where it was: the first is that of who answers', () => {
  const one = new Moving(STROKE)
  one.act({ what: 'invite', ladder: 'interventional' }, COORDINATION)
  one.act(REACHED, ASKS)
  one.act({ what: 'invite', ladder: 'answer' }, COORDINATION)
  expect(one.now.climbs.map(({ ladder, centres }) => `${ladder} ${centres[0]}`)).toEqual([
    'answer chu-angers',
    'interventional chu-nantes',
  ])
})

test('who is invited on another ladder has not seen it for those who answer', () => {
  const one = new Moving(STROKE)
  one.act({ what: 'invite', ladder: 'interventional' }, COORDINATION)
  const before = one.happenings.length
  expect(one.act(plain('see'), NANTES)).toBeNull()
  expect([one.now.seenAtMs, one.now.state, one.happenings.length]).toEqual([null, 'requested', before])
  expect(one.act(plain('see'), ANGERS)).toBeNull()
  expect(one.now).toMatchObject({ state: 'seen', seenAtMs: one.atMs })
})
