import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { QueueEntry } from '../../src/core/journal.ts'
import { Lineup, OVERTAKE_AFTER_MS, type Turn } from '../../src/pipeline/lineup.ts'
import { entry } from './entries.ts'

const keysOf = (e: QueueEntry): readonly string[] => e.keys
const lined = (...entries: QueueEntry[]): Lineup => {
  const line = new Lineup(keysOf)
  for (const e of entries) line.put(e)
  return line
}
const id = (turn: Turn | null): string | null => turn?.waiting.entry.id ?? null

describe('who may go', () => {
  const cases: [name: string, entries: QueueEntry[], normal: string | null, urgent: string | null][] = [
    ['nobody in an empty line', [], null, null],
    ['the first in order', [entry({ seq: 2 }), entry({ seq: 1 })], 'd1', null],
    ['no key waits for nothing', [entry({ seq: 1, state: 'sending' }), entry({ seq: 2 })], 'd2', null],
    [
      'one key: the later waits while the earlier is on its way',
      [entry({ seq: 1, keys: ['x'], state: 'sending' }), entry({ seq: 2, keys: ['x'] })],
      null,
      null,
    ],
    [
      'another patient does not wait',
      [
        entry({ seq: 1, keys: ['x'], state: 'sending' }),
        entry({ seq: 2, keys: ['x'] }),
        entry({ seq: 3, keys: ['y'] }),
      ],
      'd3',
      null,
    ],
    [
      'a merge waits for both its patients',
      [
        entry({ seq: 1, keys: ['x'] }),
        entry({ seq: 2, keys: ['y'], state: 'sending' }),
        entry({ seq: 3, keys: ['x', 'y'] }),
      ],
      'd1',
      null,
    ],
    [
      'what is parked holds its patient',
      [entry({ seq: 1, keys: ['x'], state: 'expired', held: true }), entry({ seq: 2, keys: ['x'] })],
      null,
      null,
    ],
    [
      'what is parked and skipped holds nobody',
      [entry({ seq: 1, keys: ['x'], state: 'expired', held: true, holds: false }), entry({ seq: 2, keys: ['x'] })],
      'd2',
      null,
    ],
    ['not before it is due', [entry({ seq: 1, dueAtMs: 2_000 })], null, null],
    ['an unknown one is sent again', [entry({ seq: 1, state: 'unknown' })], 'd1', null],
    ['an unknown one on hold is not', [entry({ seq: 1, state: 'unknown', held: true })], null, null],
    [
      'urgent: before earlier ones of others',
      [entry({ seq: 1, keys: ['y'] }), entry({ seq: 2, keys: ['x'], lane: 'urgent' })],
      'd1',
      'd2',
    ],
    [
      'urgent: lends its urgency to the young one it waits for',
      [entry({ seq: 1, keys: ['x'] }), entry({ seq: 2, keys: ['x'], lane: 'urgent' })],
      'd1',
      'd1',
    ],
    [
      'urgent: waits for a young one on its way',
      [entry({ seq: 1, keys: ['x'], state: 'sending' }), entry({ seq: 2, keys: ['x'], lane: 'urgent' })],
      null,
      null,
    ],
    [
      'urgent: passes a parked one',
      [entry({ seq: 1, keys: ['x'], state: 'refused', held: true }), entry({ seq: 2, keys: ['x'], lane: 'urgent' })],
      null,
      'd2',
    ],
    [
      'urgent: passes one in back-off',
      [entry({ seq: 1, keys: ['x'], dueAtMs: 9_000 }), entry({ seq: 2, keys: ['x'], lane: 'urgent' })],
      null,
      'd2',
    ],
    [
      'urgent: through a merge, the stuck one behind it is passed and the merge goes first',
      [
        entry({ seq: 1, keys: ['x'], dueAtMs: 9_000 }),
        entry({ seq: 2, keys: ['x', 'y'] }),
        entry({ seq: 3, keys: ['y'], lane: 'urgent' }),
      ],
      null,
      'd2',
    ],
  ]
  test.each(cases)('%s', (_name, entries, normal, urgent) => {
    const line = lined(...entries)
    expect([id(line.normal(1_000)), id(line.urgent(1_000))]).toEqual([normal, urgent])
  })
})

test('urgent: passes one on its way for 5 s, and says which it overtook', () => {
  const line = lined(
    entry({ seq: 1, keys: ['x'], state: 'sending', committedAtMs: 1_000 }),
    entry({ seq: 2, keys: ['x'], lane: 'urgent', committedAtMs: 3_000 }),
  )
  expect(id(line.urgent(1_000 + OVERTAKE_AFTER_MS - 1))).toBeNull()
  expect(line.nextChangeMs(3_000)).toBe(1_000 + OVERTAKE_AFTER_MS)
  const turn = line.urgent(1_000 + OVERTAKE_AFTER_MS)
  expect([id(turn), turn?.overtakes.map((e) => e.id)]).toEqual(['d2', ['d1']])
})

test('a guest goes only by the urgency of the one it came for', () => {
  const line = new Lineup(keysOf)
  line.put(entry({ seq: 5, keys: ['x'] }), true)
  expect([id(line.normal(0)), id(line.urgent(0))]).toEqual([null, null])
  line.put(entry({ seq: 9, keys: ['x'], lane: 'urgent' }), true)
  expect([id(line.normal(0)), id(line.urgent(0))]).toEqual([null, 'd5'])
  line.put(entry({ seq: 5, keys: ['x'] }))
  expect(id(line.normal(0))).toBe('d5')
})

/** A movement of visit `v` that waits for its admission, and its admission. */
const VISIT = 'VISIT:v'
const movement = (seq: number, change: Partial<QueueEntry> = {}): QueueEntry =>
  entry({
    seq,
    kind: 'ADT^A02',
    keys: ['x', VISIT],
    lastCode: 'ADMISSION_AWAITED',
    dueAtMs: 600_000,
    ...change,
  })
const admission = (seq: number, change: Partial<QueueEntry> = {}): QueueEntry =>
  entry({ seq, kind: 'ADT^A01', keys: ['x', VISIT], ...change })
/** Ids in the order in which they go by the normal lane, each delivered before the next begins. */
function goes(line: Lineup, nowMs = 1_000): string {
  const gone: string[] = []
  for (let turn = line.normal(nowMs); turn !== null; turn = line.normal(nowMs)) {
    gone.push(turn.waiting.entry.id)
    line.remove(turn.waiting.entry.id)
  }
  return gone.join(' ')
}

describe('a movement before its admission', () => {
  const cases: [name: string, entries: QueueEntry[], order: string][] = [
    [
      'waits, and holds its patient',
      [movement(1), entry({ seq: 2, keys: ['x'] }), entry({ seq: 3, keys: ['y'] })],
      'd3',
    ],
    [
      'goes behind its admission, whatever came in between goes in its order',
      [movement(1), entry({ seq: 2, keys: ['x'] }), movement(3), admission(4), entry({ seq: 5, keys: ['x'] })],
      'd2 d4 d1 d3 d5',
    ],
    ['comes into line after its admission: waits for nothing', [admission(1), movement(2)], 'd1 d2'],
    ['is read after its admission: the order is that of the commits', [admission(2), movement(1)], 'd2 d1'],
    [
      'its admission waits for what it waits for',
      [entry({ seq: 1, keys: ['x'], state: 'sending' }), movement(2), admission(3)],
      '',
    ],
    ['an admission of another visit', [movement(1), admission(2, { keys: ['y', 'VISIT:w'] })], 'd2'],
    [
      'does not go past a merge',
      [movement(1), entry({ seq: 2, kind: 'ADT^A40', keys: ['x', 'y'] }), admission(3, { keys: ['y', VISIT] })],
      'd1 d2 d3',
    ],
    [
      "a merge of others is in nobody's way",
      [movement(1), entry({ seq: 2, kind: 'ADT^A40', keys: ['z'] }), admission(3)],
      'd2 d3 d1',
    ],
    ['has been tried: it is one like any other', [movement(1, { attempts: 1, dueAtMs: 0 }), admission(2)], 'd1 d2'],
  ]
  test.each(cases)('%s', (_name, entries, order) => {
    expect(goes(lined(...entries))).toBe(order)
  })

  test('is passed by what is urgent, and says so', () => {
    const line = lined(movement(1), entry({ seq: 2, keys: ['x'], lane: 'urgent' }))
    const turn = line.urgent(1)
    expect([id(turn), turn?.overtakes.map((e) => e.id)]).toEqual(['d2', ['d1']])
  })

  test('is asked about once, let go in its place, and tells whether it waited in vain', () => {
    const line = lined(movement(1), entry({ seq: 2, keys: ['x'] }), movement(3, { keys: ['y', 'VISIT:w'] }))
    const fresh = line.newlyAwaiting()
    expect([fresh.map((w) => w.awaits), line.newlyAwaiting(), line.awaited]).toEqual([[VISIT, 'VISIT:w'], [], 2])
    line.free(fresh[0]!, true)
    line.free(fresh[1]!, false)
    expect([line.normal(1)?.waiting.entry.lastCode, line.awaited]).toEqual(['ADMISSION_AWAITED', 0])
    expect(goes(line)).toBe('d1 d2 d3')
  })

  test('leaves nothing behind when a person ends it', () => {
    const line = lined(movement(1), entry({ seq: 2, keys: ['x'] }))
    line.put(movement(1, { state: 'closed', holds: false }))
    expect([line.awaited, line.awaiting(), goes(line)]).toEqual([0, [], 'd2'])
  })
})

test('movements and admissions in any order: nothing passes anything but what an admission takes before its movements', () => {
  const one = fc.record({ what: fc.constantFrom('plain', 'movement', 'admission'), patient: fc.constantFrom('a', 'b') })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), (steps) => {
      const entries = steps.map(({ what, patient }, i) => {
        const keys = what === 'plain' ? [patient] : [patient, `VISIT:${patient}`]
        if (what === 'movement') return movement(i + 1, { keys })
        return what === 'admission' ? admission(i + 1, { keys }) : entry({ seq: i + 1, keys })
      })
      const line = lined(...entries)
      const before = goes(line)
      for (const w of line.awaiting()) line.free(w, true)
      const order = `${before} ${goes(line)}`.split(' ').filter((id) => id !== '')
      expect(order.toSorted()).toEqual(entries.map((e) => e.id).toSorted())
      const placeOf = (e: QueueEntry): number => order.indexOf(e.id)
      for (const early of entries) {
        for (const late of entries) {
          if (early.seq >= late.seq || early.keys[0] !== late.keys[0] || placeOf(early) < placeOf(late)) continue
          const admitted = entries.find((e) => e.kind === 'ADT^A01' && e.keys[0] === early.keys[0] && e.seq > early.seq)
          expect([early.lastCode, late.seq <= (admitted?.seq ?? 0)]).toEqual(['ADMISSION_AWAITED', true])
        }
      }
    }),
    { numRuns: 3_000 },
  )
})

/** One step of chance: which of the actions, and on what. */
const STEPS = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 40 })

/** Plays the steps on a line and an independent list of what holds which keys; returns the inversions it saw. */
function play(steps: readonly number[]): string[] {
  const line = new Lineup(keysOf)
  const open = new Map<number, QueueEntry>()
  const faults: string[] = []
  let nowMs = 0
  let seq = 0
  const put = (e: QueueEntry): void => {
    open.set(e.seq, e)
    line.put(e)
  }
  const begin = (turn: Turn | null): void => {
    if (turn === null) return
    const e = turn.waiting.entry
    for (const other of open.values()) {
      if (other.seq >= e.seq || !other.keys.some((k) => e.keys.includes(k))) continue
      const passable =
        nowMs - other.committedAtMs >= OVERTAKE_AFTER_MS ||
        other.held ||
        (other.state === 'queued' && other.dueAtMs > nowMs)
      const told = turn.overtakes.some((o) => o.seq === other.seq)
      if (!told || !passable) faults.push(`${e.seq} passed ${other.seq} (${other.state}) at ${nowMs}`)
    }
    put({ ...e, state: 'sending' })
  }
  for (const step of steps) {
    const what = step % 8
    const chance = step >> 3
    if (what <= 2) {
      const keys = ['a', 'b', 'c'].filter((_, i) => (chance >> i) & 1)
      put(entry({ seq: ++seq, keys, committedAtMs: nowMs, lane: (chance & 56) === 0 ? 'urgent' : 'normal' }))
    } else if (what === 3) begin(line.normal(nowMs))
    else if (what === 4) begin(line.urgent(nowMs) ?? line.normal(nowMs))
    else if (what === 5) nowMs += chance % 3_000
    else {
      const sending = [...open.values()].filter((e) => e.state === 'sending')
      const e = sending[chance % Math.max(sending.length, 1)]
      if (e === undefined) continue
      if (what === 6) {
        open.delete(e.seq)
        line.remove(e.id)
      } else if (chance % 4 === 0) put({ ...e, state: 'refused', held: true })
      else put({ ...e, state: 'queued', dueAtMs: nowMs + (chance % 4_000) })
    }
  }
  return [...faults, ...drain(line, open, nowMs)]
}

/** Lets everything that is not parked go: nothing that could may be left behind. */
function drain(line: Lineup, open: Map<number, QueueEntry>, fromMs: number): string[] {
  for (const e of [...open.values()]) {
    if (e.state !== 'sending' && !e.held) continue
    open.delete(e.seq)
    line.remove(e.id)
  }
  for (let turns = 0; turns < 200; turns++) {
    const turn = line.normal(fromMs + 60_000)
    if (turn === null) break
    open.delete(turn.waiting.entry.seq)
    line.remove(turn.waiting.entry.id)
  }
  return [...open.keys()].map((seq) => `${seq} never went`)
}

test('order: 100,000 interleavings, no inversion within a key, nothing left behind', () => {
  fc.assert(
    fc.property(STEPS, (steps) => {
      expect(play(steps)).toEqual([])
    }),
    { numRuns: 100_000 },
  )
}, 240_000)
