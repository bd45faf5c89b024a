import { afterEach, beforeEach, expect, test } from 'vitest'
import { acts } from '../../src/pipeline/acts.ts'
import { startForgetting } from '../../src/pipeline/forget-visits.ts'
import { leapingClock, realClock } from '../support/peers/clock.ts'
import { type Hospital, hospital } from '../support/peers/hospital.ts'
import { type AdtParts, adt, ipp } from './adt.ts'
import { serve } from './serving.ts'
import { openStage, oru, quiet, type Stage } from './stage.ts'

const MINUTES = 60_000
const DAYS = 24 * 60 * MINUTES
let clock = leapingClock()
let stage: Stage
let dpi: Hospital
let other: Hospital
let serving: { stop(): Promise<void> } | null = null

beforeEach(async () => {
  clock = leapingClock()
  dpi = await hospital()
  other = await hospital()
})
async function open(written: Record<string, unknown> = {}, destination: Record<string, unknown> = {}): Promise<void> {
  const at = ({ port }: Hospital) => ({ type: 'mllp', host: '127.0.0.1', port, use: 'qualification', ...destination })
  const region = {
    establishments: [
      { id: 'sender', name: 'Sender (fictif)', kind: 'hospital', senders: { facilities: ['SENDER'] } },
      { id: 'receiver', name: 'R (fictif)', kind: 'hospital', destinations: { dpi: at(dpi), other: at(other) } },
    ],
    routes: [
      { name: 'all', when: { receivers: ['DPI'] }, to: ['receiver/dpi'] },
      { name: 'elsewhere', when: { receivers: ['OTHER'] }, to: ['receiver/other'] },
      { name: 'urgent', when: { receivers: ['URGENT'] }, to: ['receiver/dpi'], lane: 'urgent' },
    ],
    ...written,
  }
  stage = await openStage(region, clock, {}, { ...realClock, nowMs: clock.nowMs })
}

afterEach(async () => {
  await serving?.stop()
  serving = null
  await dpi.close()
  await other.close()
  await stage.end()
})

const start = async (): Promise<void> => {
  serving = await serve(stage, clock)
}
/** Stops, opens the store again, and begins anew. */
async function restart(): Promise<void> {
  await serving?.stop()
  await stage.reopen()
  await start()
}
const post = (event: string, id: string, parts: Omit<AdtParts, 'id'> = {}) =>
  stage.post(adt(event, { id, visit: 'V1^^^SIH', ...parts }))
/** Control ids as they came to a system, once there are so many. */
async function came(count: number, from: Hospital = dpi): Promise<string[]> {
  await from.message(count)
  return from.received().map((text) => text.split('|')[9]!)
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
/** Time passes, once nothing is on its way: an answer that is late is no answer. */
async function leap(ms: number): Promise<void> {
  const sql = "SELECT id FROM delivery WHERE state = 'sending' LIMIT 1"
  while ((await stage.journal.look({ sql, parameters: [] })).length > 0) await turn()
  clock.leap(ms)
}
/** Resolves when so many messages have all their deliveries behind them. */
async function closed(count: number): Promise<void> {
  while ((await stage.journal.counts()).closed < count) await turn()
}
/** Findings that tell of waiting and passing; what the message itself lacks is another matter. */
const OURS: readonly string[] = ['ADMISSION_AWAITED', 'ORDER_OVERTAKEN']
/** Codes of those of a message. */
async function findings(id: string): Promise<string[]> {
  const sql = 'SELECT findings FROM message WHERE control_id = ? AND parent IS NULL ORDER BY seq'
  const [row] = await stage.journal.look<{ findings: string }>({ sql, parameters: [id] })
  return (JSON.parse(row!.findings) as { code: string }[]).map(({ code }) => code).filter((code) => OURS.includes(code))
}
/** Something of another patient passes: whatever could go before it has gone. */
const marker = (id: string) => stage.post(oru({ 10: id }, 'P9^^^SENDER^PI'))

test('the admission goes first, the movements follow at once and in their order, what is of others does not wait', async () => {
  await open()
  await start()
  expect(await post('A02', 'transfer')).toMatchObject({ repeat: false })
  await post('A21', 'leave')
  await post('A31', 'update', { visit: '' })
  await marker('marker')
  expect(await came(1)).toEqual(['marker'])
  await post('A01', 'admission')
  await post('A22', 'return')
  expect(await came(6)).toEqual(['marker', 'update', 'admission', 'transfer', 'leave', 'return'])
  for (const id of ['transfer', 'leave', 'return', 'admission']) expect(await findings(id)).toEqual([])
})

test('without it they go when the delay is over, with a finding; what comes later of the visit does not wait', async () => {
  await open()
  await start()
  await post('A02', 'transfer')
  await leap(9 * MINUTES)
  await post('A21', 'leave')
  await marker('marker')
  expect(await came(1)).toEqual(['marker'])
  await leap(MINUTES + 1_000)
  expect(await came(3)).toEqual(['marker', 'transfer', 'leave'])
  await post('A03', 'discharge')
  expect((await came(4)).at(-1)).toBe('discharge')
  expect(await findings('transfer')).toEqual(['ADMISSION_AWAITED'])
  expect(await findings('leave')).toEqual(['ADMISSION_AWAITED'])
  expect(await findings('discharge')).toEqual([])
})

test('the delay is one for all: after a restart too', async () => {
  await open()
  await start()
  await post('A02', 'transfer')
  await restart()
  await marker('marker')
  await closed(1)
  expect(await came(1)).toEqual(['marker'])
  await restart()
  await leap(10 * MINUTES)
  expect(await came(2)).toEqual(['marker', 'transfer'])
})

test('a movement that waited through a restart still lets its admission go first', async () => {
  await open()
  await post('A02', 'transfer')
  await post('A01', 'admission')
  await stage.reopen()
  await start()
  expect(await came(2)).toEqual(['admission', 'transfer'])
  expect(await findings('transfer')).toEqual([])
})

test('a visit that was admitted is known after a restart', async () => {
  await open()
  await start()
  await post('A04', 'admission')
  await closed(1)
  await restart()
  await post('A03', 'discharge')
  expect(await came(2)).toEqual(['admission', 'discharge'])
  expect(await findings('discharge')).toEqual([])
})

test('an admission that goes elsewhere only is no reason to wait', async () => {
  await open()
  await start()
  await post('A02', 'transfer')
  await marker('marker')
  await came(1)
  await post('A01', 'admission', { to: 'OTHER' })
  await came(1, other)
  await leap(5_000)
  expect(await came(2)).toEqual(['marker', 'transfer'])
  expect(await findings('transfer')).toEqual([])
})

test('an admission that cannot be delivered keeps its movements behind it', async () => {
  await open({}, { retry: { first: '1 s', factor: 1, max: '1 s' } })
  await start()
  await post('A02', 'transfer')
  dpi.behave('refuse')
  await post('A01', 'admission')
  expect(await came(1)).toEqual(['admission'])
  dpi.behave('accept')
  await leap(2_000)
  expect(await came(3)).toEqual(['admission', 'admission', 'transfer'])
})

test('urgent ones are not held: neither an urgent movement nor what is urgent of the same patient', async () => {
  await open()
  await start()
  await post('A02', 'transfer')
  await post('A31', 'urgent', { to: 'URGENT', visit: '' })
  expect(await came(1)).toEqual(['urgent'])
  expect(await findings('urgent')).toEqual(['ORDER_OVERTAKEN'])
  await post('A02', 'emergency', { to: 'URGENT', visit: 'V2^^^SIH', pid3: ipp('P2') })
  expect(await came(2)).toEqual(['urgent', 'emergency'])
})

test('a merge is not passed: then the movement goes before it, with a finding', async () => {
  await open()
  await post('A02', 'transfer', { pid3: ipp('P1') })
  await post('A40', 'merge', { pid3: ipp('P2'), mrg: ipp('P1'), visit: '' })
  await post('A01', 'admission', { pid3: ipp('P2') })
  await start()
  expect(await came(3)).toEqual(['transfer', 'merge', 'admission'])
  expect(await findings('transfer')).toEqual(['ADMISSION_AWAITED'])
})

test('not its visit: another number, or another authority', async () => {
  await open()
  await start()
  await post('A01', 'other number', { visit: 'V2^^^SIH' })
  await post('A01', 'other authority', { visit: 'V1^^^OTHER&1.2.3&ISO' })
  await post('A02', 'transfer')
  await marker('marker')
  expect(await came(3)).toEqual(['other number', 'other authority', 'marker'])
})

test('who waits: movements on a normal lane, to where patients are kept in order, by a route that waits', async () => {
  const to = (name: string) => [`receiver/${name}`]
  await open({
    establishments: [
      { id: 'sender', name: 'Sender (fictif)', kind: 'hospital', senders: { facilities: ['SENDER'] } },
      {
        id: 'receiver',
        name: 'R (fictif)',
        kind: 'hospital',
        destinations: Object.fromEntries(
          ['patient', 'destination', 'none'].map((order) => [
            order,
            { type: 'mllp', host: '127.0.0.1', port: dpi.port, use: 'qualification', order },
          ]),
        ),
      },
    ],
    routes: [
      ...['patient', 'destination', 'none'].map((order) => ({
        name: order,
        when: { receivers: [order] },
        to: to(order),
      })),
      { name: 'off', when: { receivers: ['off'] }, to: to('patient'), awaitAdmission: '0 s' },
      { name: 'urgent', when: { receivers: ['urgent'] }, to: to('patient'), lane: 'urgent' },
      { name: 'inside', when: { receivers: ['inside'] }, to: ['platform'] },
    ],
  })
  let n = 0
  const waits = async (event: string, parts: Omit<AdtParts, 'id'>): Promise<boolean> => {
    const id = `M${n++}`
    await post(event, id, { visit: `V${n}`, ...parts })
    const sql = `SELECT d.last_code FROM delivery d
      JOIN message m ON m.seq = d.message_seq WHERE m.control_id = ?`
    const [row] = await stage.journal.look<{ last_code: string | null }>({ sql, parameters: [id] })
    return row!.last_code === 'ADMISSION_AWAITED'
  }
  const cases: [event: string, parts: Omit<AdtParts, 'id'>, waits: boolean][] = [
    ['A02', { to: 'patient' }, true],
    ['A11', { to: 'patient' }, true],
    ['Z99', { to: 'patient', visit: '', account: 'D1' }, true],
    ['A02', { to: 'patient', visit: '' }, false],
    ['A31', { to: 'patient' }, false],
    ['A05', { to: 'patient' }, false],
    ['A02', { to: 'destination' }, false],
    ['A02', { to: 'none' }, false],
    ['A02', { to: 'off' }, false],
    ['A02', { to: 'urgent' }, false],
    ['A02', { to: 'inside' }, false],
  ]
  for (const [event, parts, expected] of cases) {
    expect([event, parts, await waits(event, parts)]).toEqual([event, parts, expected])
  }
})

test('PID-18 tells the visit where there is no PV1-19; a route may have a delay of its own', async () => {
  const to = ['receiver/dpi']
  await open({
    movements: { awaitAdmission: '0 s' },
    routes: [{ name: 'slow', when: {}, to, awaitAdmission: '1 h' }],
  })
  await start()
  await post('A02', 'transfer', { visit: '', account: 'D1^^^SIH' })
  await leap(30 * MINUTES)
  await marker('marker')
  expect(await came(1)).toEqual(['marker'])
  await post('A01', 'admission', { visit: '', account: 'D1^^^SIH' })
  expect(await came(3)).toEqual(['marker', 'admission', 'transfer'])
})

test('what is kept of a visit names nobody', async () => {
  await open()
  await post('A01', 'admission', { visit: 'SEJOUR123^^^SIH' })
  const rows = await stage.journal.look<{ visit: string }>({ sql: 'SELECT visit FROM visit', parameters: [] })
  expect(rows.map(({ visit }) => visit)).toEqual([expect.stringMatching(/^[\w-]{16}$/)])
})

test('a visit is forgotten 400 days after its last movement', async () => {
  await open()
  await start()
  const visits = () => stage.journal.look({ sql: 'SELECT visit FROM visit', parameters: [] })
  await post('A01', 'old')
  await post('A01', 'stays', { visit: 'V2' })
  await closed(2)
  await leap(300 * DAYS)
  await post('A02', 'renews', { visit: 'V2' })
  await closed(3)
  const parts = { journal: stage.journal, config: () => stage.config, clock, log: quiet }
  const stop = startForgetting(parts)
  await leap(101 * DAYS)
  while ((await visits()).length > 1) await turn()
  await stop()
  await post('A03', 'discharge', { visit: 'V2' })
  expect(await came(4)).toEqual(['old', 'stays', 'renews', 'discharge'])
})

test('a person sends it at once', async () => {
  await open()
  await start()
  await post('A02', 'transfer')
  const [row] = await stage.journal.look<{ id: string }>({ sql: 'SELECT id FROM delivery', parameters: [] })
  await acts(stage.parts).resend(row!.id, 'op', 'known by telephone')
  expect(await came(1)).toEqual(['transfer'])
  expect(await findings('transfer')).toEqual([])
})
