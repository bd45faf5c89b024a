import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import type { Config, NotifyChannel } from '../../src/core/config.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Lease } from '../../src/core/leases.ts'
import type { CertificateEnd } from '../../src/core/overview.ts'
import type { Meter } from '../../src/core/ports.ts'
import { alertEvent } from '../../src/pipeline/alerts.ts'
import { alertCommands, alertViews } from '../../src/pipeline/watch/alert-views.ts'
import { hoursLike } from '../../src/pipeline/watch/silence.ts'
import { HOUR_MS, type Tally, tally } from '../../src/pipeline/watch/tally.ts'
import { FIRST_WAIT_MS, GIVE_UP_MS, Telling, type TellResult } from '../../src/pipeline/watch/telling.ts'
import { Watch } from '../../src/pipeline/watch/watch.ts'
import { delivery, intake } from '../console/gateway.ts'
import { someConfig } from '../console/region.ts'
import { type ManualClock, manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'

const QUIET = { info() {}, warn() {}, error() {} }
const raised: unknown[] = []
const METER: Meter = { count: (_name, labels) => void raised.push(labels?.['code']), observe() {} }
const MINUTE = 60_000
const DAY = 24 * HOUR_MS
const mail: NotifyChannel = {
  name: 'on-call',
  target: { type: 'webhook', url: 'https://told.test/', secret: 'x', allowPrivate: false },
  severities: ['urgent', 'important'],
  kinds: null,
  establishments: null,
  everyMs: 15 * MINUTE,
  locale: 'fr',
}

let kept: Journal
let journal: Journal
let lease: Lease
let end: () => Promise<void>
let clock: ManualClock
let counted: Tally
let certificates: CertificateEnd[]
let freeBytes: number | null
let notify: NotifyChannel[]
let answer: TellResult
let told: { channel: string; subject: string; text: string; whats: string[] }[]

const MADE = ['traffic', 'last_seen', 'alert', 'notice', 'watch_mark']
// One store for all: what a test made of it is taken away before the next.
beforeAll(async () => {
  const store = await openStore()
  ;({ end, journal: kept } = store)
  await kept.adopt('test', 0, '{}')
  lease = await new Promise<Lease>((begin) => {
    kept.leases.hold('watch', { begin: async (given) => begin(given), end: async () => {} })
  })
})
afterAll(() => end())
beforeEach(async () => {
  await kept.apply({ rows: MADE.map((name) => ({ sql: `DELETE FROM ${name}`, parameters: [] })) })
  clock = manualClock()
  counted = tally({ journal: kept, clock, log: QUIET })
  journal = counted.journal(kept)
  certificates = []
  freeBytes = null
  notify = []
  answer = { ok: true }
  told = []
})

const config = (): Config => someConfig({ notify })
const watch = () =>
  new Watch(
    {
      journal,
      config,
      paused: () => new Set(),
      certificates: () => certificates,
      freeBytes: () => freeBytes,
      reserveBytes: 1_000,
      clock,
      ids: machineIds,
      log: QUIET,
      meter: METER,
      told() {},
    },
    lease,
  )
const telling = () =>
  new Telling(
    {
      journal,
      config,
      tell: async ({ name }, { subject, text }, all) => {
        told.push({ channel: name, subject, text, whats: all.map(({ what }) => what) })
        return answer
      },
      console: 'https://console.test',
      clock,
      log: QUIET,
    },
    lease,
  )
const list = async () => (await alertViews(journal).list({}, null)).alerts
const brief = async () =>
  (await list()).map(({ kind, subject, state, times }) => `${kind} ${subject} ${state} ${times}`)
const sent = (controlId: string, establishment = 'ch-laval') =>
  journal.commit([intake(journal, controlId, { establishment, receivedAtMs: clock.nowMs() })])

describe('silence', () => {
  test('is an alert only once weeks are learned, ends with the next message, and teaches nothing itself', async () => {
    const one = watch()
    const past = async (quietMs: number) => {
      const rows = hoursLike(clock.nowMs(), 'Europe/Paris')
        .slice(0, 3)
        .flatMap((at) => [HOUR_MS, at, 'ch-laval', 'quiet', quietMs])
      await journal.apply({
        rows: [
          {
            sql: `INSERT INTO traffic (span, at_ms, subject, name, n) VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)`,
            parameters: rows,
          },
        ],
      })
    }
    await sent('S1')
    await sent('S2', 'chu-angers')
    await counted.write()
    await one.look()
    // A gap in the looking on would be an outage: nothing could have come.
    const pass = async (ms: number) => {
      for (let left = ms; left > 0; left -= MINUTE) {
        clock.advance(MINUTE)
        await one.look()
      }
    }
    await past(16 * MINUTE)
    await pass(33 * MINUTE)
    expect(await brief()).toEqual(['silence ch-laval open 1'])
    expect((await list())[0]).toMatchObject({
      severity: 'important',
      code: 'SILENT',
      establishment: 'ch-laval',
      params: { usualMs: 16 * MINUTE },
    })
    await pass(5 * MINUTE)
    const learned = await journal.read<{ subject: string; n: number }>({
      sql: `SELECT subject, n FROM traffic WHERE name = 'quiet' AND at_ms > ? ORDER BY subject`,
      parameters: [clock.nowMs() - HOUR_MS],
    })
    expect(learned.map(({ subject, n }) => [subject, Number(n) / MINUTE])).toEqual([
      ['ch-laval', 33],
      ['chu-angers', 38],
    ])
    await sent('S3')
    await counted.write()
    await pass(MINUTE)
    expect(await brief()).toEqual(['silence ch-laval ended 1'])
  })

  test('counts from the end of an outage, in which nothing could come', async () => {
    await sent('O1')
    await counted.write()
    await watch().look()
    const rows = hoursLike(clock.nowMs() + 3 * HOUR_MS, 'Europe/Paris').slice(0, 3)
    await journal.apply({
      rows: rows.map((at) => ({
        sql: 'INSERT INTO traffic (span, at_ms, subject, name, n) VALUES (?, ?, ?, ?, ?)',
        parameters: [HOUR_MS, at, 'ch-laval', 'quiet', 1],
      })),
    })
    clock.advance(3 * HOUR_MS)
    await watch().look()
    expect(await brief()).toEqual([])
  })
})

describe('what lasts', () => {
  test('is one alert per cause, counted when it comes again, ended by itself, and begun anew after an hour', async () => {
    const one = watch()
    await one.look()
    freeBytes = 1_500
    await one.look()
    expect(await brief()).toEqual(['disk * open 1'])
    freeBytes = 5_000
    await one.look()
    expect(await brief()).toEqual(['disk * ended 1'])
    clock.advance(30 * MINUTE)
    freeBytes = 1_400
    await one.look()
    expect(await brief()).toEqual(['disk * open 2'])
    freeBytes = 5_000
    await one.look()
    clock.advance(61 * MINUTE)
    freeBytes = 500
    await one.look()
    expect(await brief()).toEqual(['disk * open 1', 'disk * ended 2'])
    expect((await list())[0]).toMatchObject({ severity: 'urgent', code: 'DISK_LOW' })
  })

  test.each([
    [61, null],
    [59, 'info'],
    [29, 'important'],
    [6, 'urgent'],
    [-1, 'urgent'],
  ])('a certificate that has %s days left: %s', async (days, severity) => {
    certificates = [{ part: 'ch-laval/gam', endsAtMs: clock.nowMs() + days * DAY + HOUR_MS }]
    await watch().look()
    expect((await list()).map((one) => [one.severity, one.establishment])).toEqual(
      severity === null ? [] : [[severity, 'ch-laval']],
    )
  })

  test('what grows graver is open again, whoever had it in hand', async () => {
    const one = watch()
    certificates = [{ part: 'mllps', endsAtMs: clock.nowMs() + 29 * DAY }]
    await one.look()
    const [alert] = await list()
    await alertCommands({ journal, clock }).acknowledge(alert!.id, 'ann', 'ordered')
    expect((await list())[0]?.state).toBe('acknowledged')
    clock.advance(23 * DAY)
    await one.look()
    expect((await list())[0]).toMatchObject({ id: alert!.id, state: 'open', severity: 'urgent', params: { days: 6 } })
  })

  test('much that is refused at the door', async () => {
    for (let n = 0; n < 20; n++) {
      await journal.refuse({
        id: machineIds.uuid(),
        atMs: clock.nowMs(),
        entrance: 'mllp',
        peer: '',
        establishment: n < 10 ? 'ch-laval' : null,
        kind: null,
        controlId: null,
        code: 'NO_ROUTE',
        at: null,
        bytes: Buffer.from('x'),
      })
      await sent(`R${n}`)
    }
    await counted.write()
    await watch().look()
    expect(await brief()).toEqual(['error-rate ch-laval open 1'])
  })
})

describe('what events tell', () => {
  test('is taken once, from where the last watch stood, and counted', async () => {
    await journal.apply({ events: [alertEvent(clock.nowMs(), 'CLOCK_SKEW', { detail: '9 ms' })] })
    await watch().look()
    expect(await brief()).toEqual([])
    await journal.apply({ events: [alertEvent(clock.nowMs(), 'CLOCK_SKEW', { detail: '5000 ms' })] })
    await watch().look()
    await watch().look()
    expect(await brief()).toEqual(['clock * open 1'])
    await journal.apply({ events: [alertEvent(clock.nowMs(), 'CLOCK_SKEW', { detail: '6000 ms' })] })
    await watch().look()
    expect((await list())[0]).toMatchObject({ times: 2, params: { jump: '6000 ms' } })
    clock.advance(DAY)
    await watch().look()
    expect(await brief()).toEqual(['clock * ended 2'])
    const codes = ['AGENDA_DIFFERS', 'CASE_PATIENT', 'CASE_UNREAD'] as const
    await journal.apply({ events: codes.map((code) => alertEvent(clock.nowMs(), code, {})) })
    await watch().look()
    expect(raised.slice(-3).toSorted()).toEqual(codes)
  })

  test('an urgent delivery that has not arrived is an alert until it has', async () => {
    const one = watch()
    await one.look()
    const late = delivery('chu-angers/unv', { lane: 'urgent' })
    await journal.commit([intake(journal, 'U1', { deliveries: [late] })])
    await journal.apply({
      events: [alertEvent(clock.nowMs(), 'ALERT_AFTER', { delivery: late.id, detail: 'chu-angers/unv' })],
    })
    await one.look()
    expect((await list()).find(({ kind }) => kind === 'urgent')).toMatchObject({
      severity: 'urgent',
      subject: 'chu-angers/unv',
      establishment: 'chu-angers',
      state: 'open',
    })
    const entry = await journal.delivery(late.id)
    const move = {
      deliveryId: late.id,
      held: false,
      holds: false,
      atMs: 1,
      dueAtMs: 1,
      code: null,
      sameCode: 0,
      attempts: 1,
      attempt: null,
      findings: [],
      events: [],
    }
    expect(entry?.state).toBe('queued')
    await journal.record({ ...move, from: ['queued'], to: 'sending', holds: true })
    await journal.record({ ...move, from: ['sending'], to: 'delivered' })
    await one.look()
    expect((await list()).find(({ kind }) => kind === 'urgent')?.state).toBe('ended')
  })
})

describe('what people do', () => {
  const raised = async () => {
    freeBytes = 1_500
    const one = watch()
    await one.look()
    const [alert] = await list()
    return { one, id: alert!.id, commands: alertCommands({ journal, clock }) }
  }

  test('is an event of the same commit, with who and why', async () => {
    const { id, commands } = await raised()
    await commands.acknowledge(id, 'ann', 'more disk is ordered')
    await commands.snooze(id, clock.nowMs() + HOUR_MS, 'bob', 'until it is here')
    const events = await journal.read({
      sql: `SELECT who, what, why, detail FROM event WHERE what LIKE '%-alert' AND detail = 'disk:*' ORDER BY seq`,
      parameters: [],
    })
    expect(events).toEqual([
      { who: 'ann', what: 'acknowledge-alert', why: 'more disk is ordered', detail: 'disk:*' },
      { who: 'bob', what: 'snooze-alert', why: 'until it is here', detail: 'disk:*' },
    ])
    expect((await list())[0]).toMatchObject({ state: 'acknowledged', who: 'bob', why: 'until it is here' })
  })

  test('is refused for what is over, for what is not there, and for too long', async () => {
    const { one, id, commands } = await raised()
    await expect(commands.snooze(id, clock.nowMs() - 1, 'a', 'b')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(commands.snooze(id, clock.nowMs() + 32 * DAY, 'a', 'b')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(commands.snooze(id, Number.NaN, 'a', 'b')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(commands.acknowledge(machineIds.uuid(), 'a', 'b')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    freeBytes = 9_000
    await one.look()
    await expect(commands.acknowledge(id, 'a', 'b')).rejects.toMatchObject({ code: 'WRONG_STATE' })
  })

  test('an establishment sees its own alerts alone, and lists go on page by page', async () => {
    certificates = ['ch-laval/gam', 'chu-angers/unv', 'mllps'].map((part) => ({
      part,
      endsAtMs: clock.nowMs() + 5 * DAY,
    }))
    await watch().look()
    const views = alertViews(journal)
    const own = { establishments: ['ch-laval'], applications: null }
    const { alerts } = await views.list({}, own)
    expect(alerts.map(({ subject }) => subject)).toEqual(['ch-laval/gam'])
    const other = (await list()).find(({ subject }) => subject === 'mllps')
    expect(await views.one(other!.id, own)).toBeNull()
    const first = await views.list({ limit: 2 }, null)
    const rest = await views.list({ limit: 2, after: first.next! }, null)
    expect([...first.alerts, ...rest.alerts].map(({ subject }) => subject).sort()).toEqual([
      'ch-laval/gam',
      'chu-angers/unv',
      'mllps',
    ])
    expect(rest.next).toBeNull()
    await expect(views.list({ after: "1'; --" }, null)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })
})

describe('telling', () => {
  test('what is urgent at once, the rest together and not too often, the end to whom the beginning was told', async () => {
    notify = [mail, { ...mail, name: 'nights', severities: ['info'] }]
    const [one, teller] = [watch(), telling()]
    freeBytes = 1_500
    await one.look()
    await teller.round()
    expect(told).toEqual([])
    clock.advance(10_000)
    await teller.round()
    expect(told).toMatchObject([{ channel: 'on-call', whats: ['raised'] }])
    expect(told[0]?.subject).toMatch(/^\[Pays de la Loire\] Espace disque/)
    expect(told[0]?.text).toContain('https://console.test/alertes/')

    certificates = ['mllps', 'https'].map((part) => ({ part, endsAtMs: clock.nowMs() + 20 * DAY }))
    clock.advance(MINUTE)
    await one.look()
    await teller.round()
    expect(told).toHaveLength(1)
    clock.advance(15 * MINUTE)
    await teller.round()
    expect(told[1]).toMatchObject({ whats: ['raised', 'raised'] })
    expect(told[1]?.subject).toContain('(et 1 autre)')

    freeBytes = 500
    await one.look()
    await teller.round()
    expect(told[2]).toMatchObject({ whats: ['raised'] })
    freeBytes = 9_000
    await one.look()
    clock.advance(16 * MINUTE)
    await teller.round()
    expect(told[3]?.whats).toEqual(['ended'])
    await teller.round()
    expect(told).toHaveLength(4)
  })

  test('nothing of what somebody has in hand, and again when the time of putting off is over', async () => {
    notify = [mail]
    const [one, teller] = [watch(), telling()]
    freeBytes = 1_500
    await one.look()
    const [alert] = await list()
    await alertCommands({ journal, clock }).snooze(alert!.id, clock.nowMs() + HOUR_MS, 'ann', 'known')
    clock.advance(20 * MINUTE)
    await one.look()
    await teller.round()
    expect(told).toEqual([])
    clock.advance(HOUR_MS)
    await one.look()
    clock.advance(MINUTE)
    await teller.round()
    expect(told).toMatchObject([{ whats: ['raised'] }])
    expect((await list())[0]?.snoozedUntil).toBeNull()
  })

  test('a channel that fails is tried again later and later, is an alert itself, and is given up after a day', async () => {
    notify = [mail, { ...mail, name: 'other' }]
    const [one, teller] = [watch(), telling()]
    answer = { ok: false, code: 'CONNECT_FAILED' }
    freeBytes = 500
    await one.look()
    await teller.round()
    await teller.round()
    expect(told.map(({ channel }) => channel)).toEqual(['on-call', 'other'])
    clock.advance(FIRST_WAIT_MS)
    await teller.round()
    clock.advance(FIRST_WAIT_MS)
    await teller.round()
    expect(told).toHaveLength(4)
    clock.advance(FIRST_WAIT_MS)
    await teller.round()
    await one.look()
    expect((await brief()).filter((line) => line.startsWith('notice')).sort()).toEqual([
      'notice on-call open 1',
      'notice other open 1',
    ])
    const { notices } = (await alertViews(journal).one((await list()).find(({ kind }) => kind === 'disk')!.id, null))!
    expect(notices).toMatchObject([
      { state: 'waiting', attempts: 3, code: 'CONNECT_FAILED' },
      { state: 'waiting', attempts: 3, code: 'CONNECT_FAILED' },
    ])
    clock.advance(GIVE_UP_MS)
    await teller.round()
    const after = (await alertViews(journal).one((await list()).find(({ kind }) => kind === 'disk')!.id, null))!
    expect(after.notices.map(({ state }) => state)).toEqual(['failed', 'failed'])
  })
})

test('what is past its time goes, and what lasts stays', async () => {
  const one = watch()
  certificates = [{ part: 'mllps', endsAtMs: clock.nowMs() + 400 * DAY }]
  freeBytes = 1_500
  await one.look()
  freeBytes = 9_000
  await one.look()
  await sent('F1')
  await counted.write()
  const rows = async () =>
    (await journal.read<{ n: number }>({ sql: 'SELECT count(*) AS n FROM traffic', parameters: [] }))[0]!.n
  expect(Number(await rows())).toBeGreaterThan(2)
  clock.advance(100 * DAY)
  await one.look()
  expect(await brief()).toEqual([])
  expect(Number(await rows())).toBeLessThan(2)
})

// Last, because it leaves queues behind.
test('queues that are old, work set aside, and destinations that nothing reaches', async () => {
  const meter = counted.meter(METER)
  await journal.commit([
    intake(journal, 'Q1', { deliveries: [delivery('chu-angers/unv')], receivedAtMs: clock.nowMs() }),
  ])
  await journal.commit([
    intake(journal, 'P1', { deliveries: [delivery('chu-angers/dpi', { state: 'poisoned', code: 'POISONED' })] }),
  ])
  for (let n = 0; n < 3; n++) meter.count('retried_total', { destination: 'chu-angers/unv', code: 'CONNECT_FAILED' })
  for (let n = 0; n < 9; n++) meter.count('retried_total', { destination: 'chu-angers/dpi', code: 'ACK_ERROR' })
  for (let n = 0; n < 21; n++) meter.count('delivered_total', { destination: 'chu-angers/dpi' })
  await counted.write()
  const one = watch()
  await one.look()
  expect((await brief()).filter((line) => !line.startsWith('queue-age')).sort()).toEqual([
    'error-rate chu-angers/dpi open 1',
    'parked chu-angers/dpi open 1',
    'unreachable chu-angers/unv open 1',
  ])
  meter.count('delivered_total', { destination: 'chu-angers/unv' })
  await counted.write()
  clock.advance(MINUTE)
  await one.look()
  expect(await brief()).toContain('unreachable chu-angers/unv ended 1')
  // The store writes when a delivery was committed by its own clock, which is later than the one of this test.
  clock.advance(machineClock.nowMs() - clock.nowMs() + 20 * MINUTE)
  await one.look()
  expect(await brief()).toContain('queue-age chu-angers/unv open 1')
})
