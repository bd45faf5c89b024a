import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import type { Config } from '../../src/core/config.ts'
import {
  COORDINATION,
  type DutyEntry,
  type DutyProblem,
  emptyHours,
  overlaps,
  type RotaSave,
  rotasOf,
} from '../../src/core/duty.ts'
import type { Journal } from '../../src/core/journal.ts'
import { dutyCommands } from '../../src/telemedicine/duty/commands.ts'
import { dutyViews } from '../../src/telemedicine/duty/views.ts'
import { type ManualClock, manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { careConfig, ON_CALL, stroke } from './care.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** 2026-01-05 08:00 UTC, where the manual clock begins. */
const START = Date.UTC(2026, 0, 5, 8)
const at = (hours: number): number => START + hours * HOUR

const duty = (fromH: number, untilH: number, more: Partial<DutyEntry> = {}): DutyEntry => ({
  place: 1,
  person: 'Dr Anne Martin',
  rpps: null,
  phone: '0261910001',
  mobile: '0639980001',
  fromMs: at(fromH),
  untilMs: at(untilH),
  ...more,
})

describe('hours', () => {
  const brief = (found: readonly { place: number; fromMs: number; untilMs: number }[]) =>
    found.map(({ place, fromMs, untilMs }) => `${place}: ${(fromMs - START) / HOUR}-${(untilMs - START) / HOUR}`)
  const span = { fromMs: at(0), untilMs: at(48) }
  test.each<[string, DutyEntry[], string[], string[]]>([
    ['nobody', [], ['1: 0-48'], []],
    ['one after the other', [duty(24, 48), duty(0, 24)], [], []],
    ['from before until after', [duty(-5, 60)], [], []],
    ['a night without anybody', [duty(0, 12), duty(24, 48)], ['1: 12-24'], []],
    ['the end is missing', [duty(0, 47.5)], ['1: 47.5-48'], []],
    ['both have an hour', [duty(0, 25), duty(24, 48)], [], ['1: 24-25']],
    ['one within the other', [duty(0, 48), duty(10, 12), duty(20, 22)], [], ['1: 10-12', '1: 20-22']],
    ['the other place is no overlap', [duty(0, 48), duty(0, 48, { place: 2 })], [], []],
  ])('%s', (_name, duties, empty, twice) => {
    expect(brief(emptyHours(duties, [1], span))).toEqual(empty)
    expect(brief(overlaps(duties))).toEqual(twice)
  })
})

test('the rotas that are needed: each ladder, each centre once, the second place where a rung tells it', () => {
  expect(rotasOf(careConfig())).toEqual([
    { service: 'stroke', centre: 'chu-nantes', places: [1, 2] },
    { service: 'stroke', centre: 'chu-angers', places: [1, 2] },
    { service: 'stroke.interventional', centre: 'chu-nantes', places: [1] },
    { service: COORDINATION, centre: '', places: [0] },
  ])
  const number = { ...ON_CALL, coordinationNumber: '0261910000' }
  expect(rotasOf(careConfig({ telemedicine: number })).at(-1)).toEqual({
    ...{ service: COORDINATION, centre: '', places: [] },
  })
  const screens = stroke.ladders.map((one) => ({
    ...one,
    rungs: one.rungs.map((rung) => ({ ...rung, channels: ['console' as const] })),
  }))
  const quiet = careConfig({ careServices: new Map([['stroke', { ...stroke, ladders: screens }]]) })
  expect(rotasOf(quiet).flatMap(({ places }) => places)).toEqual([])
  expect(rotasOf(careConfig({ careServices: new Map() }))).toEqual([])
})

let journal: Journal
let end: () => Promise<void>
let clock: ManualClock
let config: Config
let told: number

beforeAll(async () => {
  const store = await openStore()
  ;({ journal, end } = store)
  await journal.adopt('test', 0, '{}')
})
afterAll(() => end())
beforeEach(async () => {
  await journal.apply({ rows: ['duty', 'care_notice'].map((name) => ({ sql: `DELETE FROM ${name}`, parameters: [] })) })
  clock = manualClock()
  config = careConfig()
  told = 0
})

const views = () => dutyViews({ journal, config: () => config })
const commands = () => dutyCommands({ journal, config: () => config, clock, ids: machineIds, told: () => (told += 1) })
const ROTA = { service: 'stroke.interventional', centre: 'chu-nantes' }
const save = (fromH: number, untilH: number, duties: DutyEntry[], rota: Partial<RotaSave> = ROTA) =>
  commands().save({ ...ROTA, ...rota, fromMs: at(fromH), untilMs: at(untilH), duties }, 'ann', null)
const rota = async () => {
  const [one] = await views().rotas({ ...ROTA, fromMs: at(0), untilMs: at(96) }, null)
  return one!.duties.map(({ person, fromMs, untilMs, takenAtMs }) => {
    const hours = `${(fromMs - START) / HOUR}-${(untilMs - START) / HOUR}`
    return `${person} ${hours}${takenAtMs === null ? '' : ' taken'}`
  })
}
const B = { person: 'Dr Paul Bernard' }

describe('saving a rota', () => {
  test('replaces what begins within the hours, and leaves what stands before and after', async () => {
    expect(await save(0, 48, [duty(0, 24), duty(24, 48, B)])).toEqual({ ok: true })
    expect(await save(48, 72, [duty(48, 72)])).toEqual({ ok: true })
    expect(await save(24, 48, [duty(24, 36), duty(36, 48, B)])).toEqual({ ok: true })
    expect(await rota()).toEqual([
      'Dr Anne Martin 0-24',
      'Dr Anne Martin 24-36',
      'Dr Paul Bernard 36-48',
      'Dr Anne Martin 48-72',
    ])
  })

  test('with an empty hour or an overlap changes nothing, and names every one', async () => {
    await save(0, 24, [duty(0, 24)])
    const problems = async (fromH: number, untilH: number, duties: DutyEntry[]): Promise<readonly DutyProblem[]> => {
      const saved = await save(fromH, untilH, duties)
      return saved.ok ? [] : saved.problems
    }
    expect(await problems(24, 48, [duty(24, 30), duty(32, 40)])).toEqual([
      { what: 'empty', place: 1, fromMs: at(30), untilMs: at(32) },
      { what: 'empty', place: 1, fromMs: at(40), untilMs: at(48) },
    ])
    expect(await problems(12, 48, [duty(12, 48, B)])).toEqual([
      { what: 'overlap', place: 1, fromMs: at(12), untilMs: at(24), people: ['Dr Anne Martin', 'Dr Paul Bernard'] },
    ])
    await save(48, 72, [duty(48, 72, B)])
    // The last may end after the hours, but not into what stands there.
    expect(await problems(24, 48, [duty(24, 50)])).toEqual([
      { what: 'overlap', place: 1, fromMs: at(48), untilMs: at(50), people: ['Dr Anne Martin', 'Dr Paul Bernard'] },
    ])
    expect(await rota()).toEqual(['Dr Anne Martin 0-24', 'Dr Paul Bernard 48-72'])
  })

  test.each<[string, DutyEntry, string]>([
    ['ends before it begins', duty(12, 6), 'hours'],
    ['begins outside', duty(-1, 24), 'hours'],
    ['nobody is named', duty(0, 24, { person: '  ' }), 'person'],
    ['a number that is none', duty(0, 24, { phone: 'poste 12' }), 'number'],
    ['no RPPS', duty(0, 24, { rpps: '123' }), 'person'],
    ['the place of the coordination', duty(0, 24, { place: 0 }), 'place'],
  ])('a duty that %s', async (_name, one, what) => {
    expect(await save(0, 24, [one])).toEqual({ ok: false, problems: [{ what, at: 0 }] })
  })

  test('numbers are kept without what people write between the figures', async () => {
    await save(0, 24, [duty(0, 24, { phone: ' +33 2.61-91.00.01', mobile: '06 39 98 00 02' })])
    expect(await views().on(at(1), null)).toMatchObject([{ phone: '+33261910001', mobile: '0639980002' }])
  })

  test('a rota that no service needs is refused, that of another centre forbidden', async () => {
    await expect(save(0, 24, [duty(0, 24)], { centre: 'ch-laval' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    const own = { establishments: ['chu-angers'], applications: null }
    const asked = { ...ROTA, fromMs: at(0), untilMs: at(24), duties: [duty(0, 24)] }
    await expect(commands().save(asked, 'ann', own)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const coordination = { ...asked, service: COORDINATION, centre: '', duties: [duty(0, 24, { place: 0 })] }
    await expect(commands().save(coordination, 'ann', own)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await commands().save(coordination, 'ann', null)).toEqual({ ok: true })
  })

  test('of twenty people who save the same hours at once, whatever is kept has no overlap and no empty hour', async () => {
    await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => save(0, 24, [duty(0, 1 + i), duty(1 + i, 24, { person: `Dr ${i}` })])),
    )
    const [one] = await views().rotas({ ...ROTA, fromMs: at(0), untilMs: at(24) }, null)
    expect([one!.empty, overlaps(one!.duties)]).toEqual([[], []])
  })
})

describe('who is on duty', () => {
  test('at a moment, with whoever comes from its first instant on', async () => {
    await save(0, 48, [duty(0, 24), duty(24, 48, B)])
    const on = async (ms: number) => (await views().on(ms, null)).map(({ person }) => person)
    expect(await on(at(0) - 1)).toEqual([])
    expect(await on(at(24) - 1)).toEqual(['Dr Anne Martin'])
    expect(await on(at(24))).toEqual(['Dr Paul Bernard'])
    expect(await on(at(48))).toEqual([])
  })

  test('is seen by the sites that the centre answers, and by nobody else', async () => {
    const on = async (establishment: string) =>
      (await views().on(at(1), { establishments: [establishment], applications: null })).length
    await save(0, 24, [duty(0, 24)])
    expect(await Promise.all(['ch-chateaubriant', 'chu-nantes', 'home-test'].map(on))).toEqual([1, 1, 0])
  })
})

describe('taking a duty', () => {
  const heard = { sound: true, sms: true, voice: false }
  const first = async () => (await views().on(at(0), null))[0]!

  test('tests are sent to whoever is on duty, and what was heard is kept through later saves', async () => {
    await save(0, 24, [duty(0, 24)])
    const { id } = await first()
    const sent = await commands().test(id, 'ann', null)
    expect(sent.map(({ channel, why, state }) => [channel, why, state])).toEqual([
      ['sms', 'duty-test', 'waiting'],
      ['voice', 'duty-test', 'waiting'],
    ])
    expect(told).toBe(1)
    const rows = await journal.look<{ channel: string; target: string }>({
      sql: 'SELECT channel, target FROM care_notice ORDER BY channel',
      parameters: [],
    })
    expect(rows).toEqual([
      { channel: 'sms', target: '0639980001' },
      { channel: 'voice', target: '0261910001' },
    ])
    await commands().take(id, heard, 'ann', null)
    expect(await views().one(id, null)).toMatchObject({ duty: { takenAtMs: START, takenBy: 'ann', heard } })
    await save(0, 24, [duty(0, 12), duty(12, 24, B)])
    expect(await rota()).toEqual(['Dr Anne Martin 0-12 taken', 'Dr Paul Bernard 12-24'])
  })

  test.each([
    ['half an hour before', -0.5, true],
    ['earlier', -0.51, false],
    ['at its end', 24, false],
  ])('%s: %s', async (_name, hours, may) => {
    await save(0, 24, [duty(0, 24)])
    const { id } = await first()
    clock = { ...manualClock(), nowMs: () => at(hours) }
    const taken = commands().take(id, heard, 'ann', null)
    if (may) expect(await taken).toMatchObject({ takenBy: 'ann' })
    else await expect(taken).rejects.toMatchObject({ code: 'WRONG_STATE' })
  })

  test('without channels nothing is sent', async () => {
    config = careConfig({ telemedicine: { ...ON_CALL, sms: null, voice: null } })
    await save(0, 24, [duty(0, 24)])
    expect(await commands().test((await first()).id, 'ann', null)).toEqual([])
  })

  test('at its end the open cases of the centre are named, closed ones and those of others not', async () => {
    await save(0, 24, [duty(0, 24)])
    const row = (id: string, owner: string, closed: number | null, service = 'stroke') => ({
      sql: `INSERT INTO care_case (id, number, service, kind, state, test, drill, site, owner, version, opened_at_ms, changed_at_ms, closed_at_ms)
        VALUES (?, ?, ?, 'stroke', 'accepted', 1, 0, 'ch-chateaubriant', ?, 1, ?, ?, ?)`,
      parameters: [id, `AVC-${id}`, service, owner, START, START, closed],
    })
    await journal.apply({
      rows: [
        row('c1', 'chu-nantes', null),
        row('c2', 'chu-nantes', START + DAY),
        row('c3', 'chu-angers', null),
        row('c4', 'chu-nantes', null, stroke.name === 'stroke' ? 'wounds' : 'stroke'),
      ],
    })
    expect(await views().open((await first()).id, null)).toEqual([
      { id: 'c1', number: 'AVC-c1', service: 'stroke', drill: false },
    ])
    await journal.apply({ rows: [{ sql: 'DELETE FROM care_case', parameters: [] }] })
  })
})
