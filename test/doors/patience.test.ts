import { expect, test } from 'vitest'
import { byteBudget } from '../../src/entrances/mllp/budget.ts'
import { type Conduct, type Overdue, overdue } from '../../src/entrances/mllp/patience.ts'
import { limitsOf } from '../support/peers/door.ts'

const trusted: Conduct = { greeted: true, openedAtMs: 0, heardAtMs: 0, block: null, owed: 0, trusted: true }
const block = (bytes: number, startedAtMs = 0) => ({ startedAtMs, bytes })

test.each<[string, Partial<Conduct>, nowMs: number, Overdue | null]>([
  ['no first byte yet, in time', { greeted: false }, 10_000, null],
  ['no first byte in time', { greeted: false }, 10_001, 'HANDSHAKE_TIMEOUT'],
  ['a trusted peer is silent', {}, 1_800_000, null],
  ['a trusted peer is silent too long', {}, 1_800_001, 'IDLE_TIMEOUT'],
  ['a stranger is silent', { trusted: false }, 10_000, null],
  ['a stranger is silent too long', { trusted: false }, 10_001, 'IDLE_TIMEOUT'],
  ['silence while we owe an answer', { trusted: false, owed: 1 }, 1_000_000, null],
  ['a gap in a block', { block: block(1_000_000) }, 30_000, null],
  ['too long a gap in a block', { block: block(1_000_000) }, 30_001, 'FRAME_TIMEOUT'],
  ['a gap in a block while we owe an answer', { block: block(1_000_000), owed: 1 }, 30_001, 'FRAME_TIMEOUT'],
  ['a crawl within the grace', { block: block(1), heardAtMs: 9_999 }, 10_000, null],
  ['a crawl after the grace', { block: block(999), heardAtMs: 10_000 }, 10_001, 'FRAME_TIMEOUT'],
  ['just fast enough', { block: block(2_000), heardAtMs: 20_000 }, 20_000, null],
  ['just too slow', { block: block(1_999), heardAtMs: 20_000 }, 20_000, 'FRAME_TIMEOUT'],
  ['a block begun late on an old connection', { block: block(1, 500_000), heardAtMs: 500_000 }, 505_000, null],
])('%s', (_name, conduct, nowMs, code) => {
  expect(overdue({ ...trusted, ...conduct }, limitsOf(), nowMs)).toBe(code)
})

test('a budget is full above its limit, and free again below three quarters of it', () => {
  const turns: boolean[] = []
  const budget = byteBudget(100, (full) => void turns.push(full))
  const steps: [change: number, full: boolean][] = [
    [100, false],
    [1, true],
    [-26, true],
    [-1, false],
    [26, false],
    [1, true],
  ]
  for (const [change, full] of steps) {
    budget.change(change)
    expect([budget.heldBytes, budget.full]).toEqual([budget.heldBytes, full])
  }
  expect(turns).toEqual([true, false, true])
})
