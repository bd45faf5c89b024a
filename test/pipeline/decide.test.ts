import { describe, expect, test } from 'vitest'
import type { Destination } from '../../src/core/config.ts'
import type { QueueEntry } from '../../src/core/journal.ts'
import { MOVES, mayMove, type State } from '../../src/core/message.ts'
import { backoffMs, breaker } from '../../src/pipeline/breaker.ts'
import { begin, decide, expire, moved, POISON_AFTER, type Result, UNKNOWN_RESENDS } from '../../src/pipeline/decide.ts'
import { entry } from './entries.ts'

const destination: Destination = {
  id: 'ch-test/gam',
  establishment: 'ch-test',
  use: 'qualification',
  target: { type: 'mllp', host: '127.0.0.1', port: 1, tls: null },
  maxInFlight: 1,
  urgentInFlight: 1,
  timeoutMs: 30_000,
  retry: { firstMs: 1_000, factor: 2, maxMs: 300_000, expiresMs: 604_800_000 },
  order: 'patient',
  onUnknown: 'resend',
  onRefused: 'continue',
  ackPolicy: {},
}
const tried = { startedAtMs: 1_000, endedAtMs: 2_000, random: 0.5 }
const sending = (change: Partial<QueueEntry> = {}): QueueEntry =>
  entry({ seq: 1, state: 'sending', attempts: 1, ...change })
const mail: Partial<Destination> = {
  retry: { ...destination.retry, stepsMs: [60_000, 300_000, 3_600_000] },
}

type Expected = { to: State; held?: boolean; holds?: boolean; dueAtMs?: number; sameCode?: number }
const ae: Result = { kind: 'retry', code: 'ACK_ERROR', answer: 'MSA-1 AE', refusedAfter: 3 }
const ar: Result = { kind: 'retry', code: 'ACK_ERROR', answer: 'MSA-1 AR' }
const cut: Result = { kind: 'unknown', code: 'CONNECTION_CUT' }
const failed: Result = { kind: 'failed', code: 'BODY_DAMAGED' }

describe('what an outcome makes of a delivery', () => {
  const cases: [
    name: string,
    result: Result,
    before: Partial<QueueEntry>,
    with_: Partial<Destination>,
    expected: Expected,
  ][] = [
    [
      'delivered ends it',
      { kind: 'delivered', proof: 'MSA-1 AA' },
      {},
      {},
      { to: 'delivered', holds: false, sameCode: 0 },
    ],
    [
      'refused is parked and lets others pass',
      { kind: 'refused', code: 'ACK_REJECT', answer: 'MSA-1 AR' },
      {},
      {},
      { to: 'refused', held: true, holds: false },
    ],
    [
      'refused holds its patient under onRefused hold',
      { kind: 'refused', code: 'ACK_REJECT', answer: 'MSA-1 AR' },
      {},
      { onRefused: 'hold' },
      { to: 'refused', held: true, holds: true },
    ],
    ['busy waits the first back-off', ar, {}, {}, { to: 'queued', dueAtMs: 3_000, sameCode: 1 }],
    [
      'busy again waits longer',
      ar,
      { lastCode: 'ACK_ERROR', sameCode: 3 },
      {},
      { to: 'queued', dueAtMs: 10_000, sameCode: 4 },
    ],
    [
      'Retry-After is obeyed',
      { kind: 'retry', code: 'DESTINATION_BUSY', notBeforeMs: 60_000 },
      {},
      {},
      { to: 'queued', dueAtMs: 60_000 },
    ],
    [
      'AE of the base standard: twice is a retry',
      ae,
      { lastCode: 'ACK_ERROR', sameCode: 1 },
      {},
      { to: 'queued', sameCode: 2 },
    ],
    [
      'AE of the base standard: the third is a refusal',
      ae,
      { lastCode: 'ACK_ERROR', sameCode: 2 },
      {},
      { to: 'refused', held: true },
    ],
    [
      'AE of the base standard after HTTP 503 twice: nobody has judged the message yet',
      ae,
      { lastCode: 'DESTINATION_BUSY', sameCode: 2 },
      {},
      { to: 'queued', sameCode: 1 },
    ],
    [
      'another code in between starts the count again',
      ae,
      { lastCode: 'CONNECT_FAILED', sameCode: 9 },
      {},
      { to: 'queued', sameCode: 1 },
    ],
    ['unknown: the first resend is at once', cut, {}, {}, { to: 'unknown', held: false, dueAtMs: 2_000 }],
    [
      'unknown: then 30 s apart',
      cut,
      { lastCode: 'ANSWER_TIMEOUT', sameCode: 1 },
      {},
      { to: 'unknown', held: false, dueAtMs: 32_000, sameCode: 2 },
    ],
    [
      'unknown: the fifth resend is the last',
      cut,
      { lastCode: 'CONNECTION_CUT', sameCode: UNKNOWN_RESENDS - 1 },
      {},
      { to: 'unknown', held: false },
    ],
    [
      'unknown: then a person',
      cut,
      { lastCode: 'CONNECTION_CUT', sameCode: UNKNOWN_RESENDS },
      {},
      { to: 'unknown', held: true, holds: true },
    ],
    ['unknown under onUnknown hold: a person at once', cut, {}, { onUnknown: 'hold' }, { to: 'unknown', held: true }],
    [
      'unknown of mail waits by all its tries, whatever came of the last',
      cut,
      { attempts: 2, lastCode: 'CONNECT_FAILED', sameCode: 1 },
      mail,
      { to: 'unknown', held: false, dueAtMs: 302_000 },
    ],
    [
      'unknown of mail never waits for a person',
      cut,
      { attempts: 50, lastCode: 'CONNECTION_CUT', sameCode: 49 },
      mail,
      { to: 'unknown', held: false, dueAtMs: 3_602_000 },
    ],
    [
      'mail that is put off waits by all its tries, whatever came of the last',
      { kind: 'retry', code: 'MAIL_DEFERRED' },
      { attempts: 3, lastCode: 'CONNECT_FAILED', sameCode: 1 },
      mail,
      { to: 'queued', dueAtMs: 3_602_000, sameCode: 1 },
    ],
    [
      'our own failure with a mail waits so, too',
      failed,
      { attempts: 2, lastCode: 'MAIL_DEFERRED', sameCode: 1 },
      mail,
      { to: 'queued', dueAtMs: 302_000, sameCode: 1 },
    ],
    ['our own failure is tried again', failed, {}, {}, { to: 'queued', sameCode: 1 }],
    [
      'our own failure, five times, is poison',
      failed,
      { lastCode: 'BODY_DAMAGED', sameCode: POISON_AFTER - 1 },
      {},
      { to: 'poisoned', held: true, holds: true },
    ],
    ['never due after its limit', ar, { expiresAtMs: 2_500 }, {}, { to: 'queued', dueAtMs: 2_500 }],
  ]
  test.each(cases)('%s', (_name, result, before, with_, expected) => {
    const move = decide(sending(before), result, { ...destination, ...with_ }, tried)
    expect(move).toMatchObject(expected)
    expect(mayMove('sending', move.to ?? 'sending')).toBe(true)
    expect(move.events.map((e) => e.what)).toEqual(move.held ? ['alert'] : [])
    expect(move.attempt).toMatchObject({ n: before.attempts ?? 1, startedAtMs: 1_000, endedAtMs: 2_000 })
  })
})

test('what is past its limit while nothing expires waits like everything else', () => {
  const move = decide(sending({ expiresAtMs: 1_500 }), ar, destination, { ...tried, mayExpire: false })
  expect(move).toMatchObject({ to: 'queued', dueAtMs: 3_000 })
})

test('a destination that refuses us is told to people once, and kept trying', () => {
  const us: Result = { kind: 'retry', code: 'DESTINATION_REFUSES_US', answer: 'HTTP 401', breaker: true }
  const first = decide(sending(), us, destination, tried)
  expect([first.to, first.held, first.events.map((e) => [e.what, e.code])]).toEqual([
    'queued',
    false,
    [['alert', 'DESTINATION_REFUSES_US']],
  ])
  const again = decide(sending({ lastCode: 'DESTINATION_REFUSES_US', sameCode: 1 }), us, destination, tried)
  expect(again.events).toEqual([])
})

test.each<[name: string, result: Result, kept: boolean]>([
  ['delivered', { kind: 'delivered', proof: 'MSA-1 AA' }, true],
  ['refused', { kind: 'refused', code: 'ACK_REJECT', answer: '' }, true],
  ['to be tried again', ar, false],
  ['unknown, to be sent again', cut, false],
])('what our own work noticed is told once: %s', (_name, result, kept) => {
  const findings = [{ code: 'MAP_MISSING', class: 'contract', at: 'PV1-3.1' }] as const
  expect(decide(sending(), { ...result, findings }, destination, tried).findings).toEqual(kept ? findings : [])
})

test('the mark and the expiry are legal moves', () => {
  const queued = entry({ seq: 1 })
  const mark = begin(queued, 5, true)
  expect([mark.to, mark.attempts, mark.findings.map((f) => f.code)]).toEqual(['sending', 1, ['ORDER_OVERTAKEN']])
  expect(moved(queued, mark)).toMatchObject({ state: 'sending', attempts: 1 })
  const end = expire(queued, 5)
  expect(moved(queued, end)).toMatchObject({ state: 'expired', held: true, holds: true, lastCode: 'DELIVERY_EXPIRED' })
  for (const move of [mark, end])
    for (const from of move.from) expect(MOVES[from] as readonly State[]).toContain(move.to)
})

test('back-off doubles to its maximum, within 25 % either way', () => {
  const waits = [1, 2, 3, 9, 10, 500].map((n) => backoffMs(n, destination.retry, 0.5))
  expect(waits).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000])
  expect([backoffMs(1, destination.retry, 0), backoffMs(1, destination.retry, 0.999_999)]).toEqual([750, 1_250])
})

test('the breaker opens at a failure, lets one probe through, and closes when the far side answers', () => {
  const b = breaker(destination.retry, () => 0.5)
  expect(b.admits(0, 3)).toBe(true)
  expect(b.failed(0)).toBe(1_000)
  expect(b.failed(10)).toBe(1_000)
  expect([b.admits(999, 0), b.admits(1_000, 0), b.admits(1_000, 1)]).toEqual([false, true, false])
  expect(b.failed(1_000)).toBe(3_000)
  b.reached()
  expect([b.openUntilMs, b.admits(0, 1)]).toEqual([null, true])
})
