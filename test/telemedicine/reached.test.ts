import { expect, test } from 'vitest'
import type { Act } from '../../src/core/cases.ts'
import { person, STROKE } from './invented.ts'
import { Moving, T0 } from './moving.ts'

const MIN = 60_000
const HOUR = 60 * MIN
const coordination = person('coordination', null)
const reached = (atMs: number): Act => ({ what: 'reached', whom: 'Dr X', atMs })

/** A case that was asked for, and how many things were told by then. */
function waiting() {
  const one = new Moving(STROKE)
  one.act({ what: 'see' }, person('expert', 'chu-angers'))
  return one
}

test.each([
  ['an hour to come', T0 + HOUR],
  ['another year', T0 + 365 * 24 * HOUR],
])('somebody who was reached at %s and does not accept is late from now on', (_when, atMs) => {
  const one = new Moving(STROKE)
  expect(one.act(reached(atMs), coordination)).toBe(null)
  const before = one.happenings.length
  one.wait(3 * MIN)
  expect(one.told(before)).toEqual(['duty-1 chu-angers'])
  one.wait(2 * MIN)
  expect(one.told(before)).toEqual(['duty-1 chu-angers', 'coordination'])
})

test('somebody who was reached once every centre had refused, and does not accept, is late as any other', () => {
  const one = waiting()
  for (const centre of ['chu-angers', 'chu-nantes'])
    expect(one.act({ what: 'refuse', reason: 'Pas de lit' }, person('expert', centre))).toBe(null)
  expect(one.now.state).toBe('refused')
  expect(one.act(reached(one.atMs), coordination)).toBe(null)
  const before = one.happenings.length
  one.wait(3 * MIN)
  expect(one.told(before)).toEqual(['coordination'])
})
