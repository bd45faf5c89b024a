import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import type { Appointed, Appointment, AppointmentCommands, AppointmentViews } from '../../src/core/appointments.ts'
import type { Journal } from '../../src/core/journal.ts'
import { appointmentCommands } from '../../src/telemedicine/appointments/commands.ts'
import { appointmentFollower } from '../../src/telemedicine/appointments/follower.ts'
import { announcer, appointmentViews } from '../../src/telemedicine/appointments/views.ts'
import { reminders } from '../../src/telemedicine/notices/reminders.ts'
import { outgoingOf, waitingNotices } from '../../src/telemedicine/notices/waiting.ts'
import { someConfig } from '../console/region.ts'
import { type ManualClock, manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { ON_CALL } from './care.ts'
import { consent, empty, openCase, SERVICES, viewer } from './teleconsultation.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const nurse = viewer('requester', ['home'])
const expert = viewer('expert', ['centre'])
const stranger = viewer('secretariat', ['elsewhere'])
const secretary = viewer('secretariat', ['centre'])
const coordinator = viewer('coordination', null)

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal
let clock: ManualClock
let commands: AppointmentCommands
let views: AppointmentViews
let start: number
beforeAll(async () => {
  store = await openStore()
  journal = store.journal
})
afterAll(() => store.end())
beforeEach(async () => {
  await empty(journal)
  clock = manualClock()
  start = clock.nowMs() + 48 * HOUR
  const announced = announcer()
  const timeZone = (): string => 'Europe/Paris'
  commands = appointmentCommands({
    journal,
    services: () => SERVICES,
    timeZone,
    changed: announced.changed,
    clock,
    ids: machineIds,
  })
  views = appointmentViews({ journal, timeZone, watch: announced.watch })
})

/** Offers slots of half an hour one after the other from `start`; gives their ids in order. */
async function offer(n: number, centre = 'centre'): Promise<string[]> {
  const slots = Array.from({ length: n }, (_, i) => {
    const startMs = start + i * 30 * MINUTE
    return { service: 'wounds', centre, startMs, endMs: startMs + 30 * MINUTE }
  })
  expect(await commands.publish(slots, viewer('expert', [centre]))).toEqual({ ok: true, slots: n })
  const asked = { service: 'wounds', centre, fromMs: start, untilMs: start + 48 * HOUR, limit: 500 }
  return (await views.slots(asked, nurse.caller)).map(({ id }) => id)
}

function done(said: Appointed): Appointment {
  if (!said.ok) throw new Error(said.error)
  return said.appointment
}
const errorOf = (said: { readonly ok: boolean; readonly error?: string }): string | undefined => said.error
const stateOf = async (slot: string): Promise<unknown> =>
  (await journal.look({ sql: 'SELECT state, appointment FROM slot WHERE id = ?', parameters: [slot] }))[0]

test('of 100 who book one slot at once exactly one has it', async () => {
  const [slot = ''] = await offer(1)
  const cases = Array.from({ length: 100 }, (_, i) => `c${i}`)
  for (const id of cases) await openCase(journal, id)
  const said = await Promise.all(cases.map((id) => commands.book({ case: id, slot }, nurse)))
  const won = said.filter((one) => one.ok)
  expect(won).toHaveLength(1)
  expect(new Set(said.filter((one) => !one.ok).map(errorOf))).toEqual(new Set(['SLOT_TAKEN']))
  expect(await stateOf(slot)).toMatchObject({ state: 'busy', appointment: done(won[0]!).id })
  const [count] = await journal.look<{ n: number }>({ sql: 'SELECT count(*) AS n FROM appointment', parameters: [] })
  expect(Number(count?.n)).toBe(1)
})

test('of 20 slots that are booked for one case at once it has one, and the others stay free', async () => {
  const slots = await offer(20)
  await openCase(journal, 'c1')
  const said = await Promise.all(slots.map((slot) => commands.book({ case: 'c1', slot }, nurse)))
  expect(said.filter(({ ok }) => ok)).toHaveLength(1)
  const free = { service: 'wounds', fromMs: 0, untilMs: start + 48 * HOUR, state: 'free', limit: 500 } as const
  expect(await views.slots(free, nurse.caller)).toHaveLength(19)
})

test('an appointment goes its way, and sets its reminders', async () => {
  const [slot = '', later = ''] = await offer(2)
  await openCase(journal, 'c1')
  const proposed = done(
    await commands.propose({ case: 'c1', centre: 'centre', startMs: start, endMs: start + HOUR }, nurse),
  )
  expect(proposed).toMatchObject({ status: 'proposed', slot: null, version: 1, number: 'PLA-c1' })
  const booked = done(await commands.book({ case: 'c1', slot }, nurse))
  expect(booked).toMatchObject({ id: proposed.id, status: 'booked', slot, version: 2, startMs: start })
  const moved = done(await commands.move(booked.id, later, expert))
  expect(moved).toMatchObject({ status: 'booked', slot: later, version: 3, startMs: start + 30 * MINUTE })
  expect(await stateOf(slot)).toMatchObject({ state: 'free', appointment: null })
  clock.advance(48 * HOUR + 20 * MINUTE)
  const waits = done(await commands.arrive(booked.id, 'requester', nurse))
  expect(waits).toMatchObject({ status: 'arrived', waiting: { requester: clock.nowMs(), patient: null, expert: null } })
  const both = done(await commands.arrive(booked.id, 'expert', expert))
  expect(both.waiting).toMatchObject({ requester: clock.nowMs(), expert: clock.nowMs() })
  expect(done(await commands.fulfil(booked.id, expert))).toMatchObject({ status: 'fulfilled', version: 6 })
  expect(errorOf(await commands.cancel(booked.id, 'site', nurse))).toBe('WRONG_STATE')
  // Two reminders of each booking: which of them are still true is asked when they are due.
  const timers = await journal.due(clock.nowMs() + 1, 100)
  expect(timers.map(({ payload }) => JSON.parse(payload))).toMatchObject([
    { what: 'remind', startMs: start, beforeMs: 24 * HOUR },
    { what: 'remind', startMs: start + 30 * MINUTE, beforeMs: 24 * HOUR },
    { what: 'remind', startMs: start, beforeMs: HOUR },
    { what: 'remind', startMs: start + 30 * MINUTE, beforeMs: HOUR },
  ])
})

test('people are reminded, without a word of why, of what still stands', async () => {
  const [slot = '', later = ''] = await offer(2)
  await openCase(journal, 'c1')
  const { id } = done(await commands.book({ case: 'c1', slot }, nurse))
  done(await commands.move(id, later, nurse))
  const remind = reminders({ config: () => ({ telemedicine: ON_CALL }), clock, ids: machineIds })
  const none = (): string => ''
  const agenda = {
    search: (authority: string, value: string) => `${authority}|${value}`,
    services: () => SERVICES,
    charset: none,
    timeZone: none,
    commands,
  }
  const follower = appointmentFollower({ journal, remind, clock, ...agenda })
  const fire = async (): Promise<number> => {
    const timers = await journal.due(clock.nowMs(), 100)
    for (const timer of timers) await journal.apply({ ...(await follower.timer(timer)), fired: [timer.id] })
    return timers.length
  }
  clock.advance(24 * HOUR)
  // That of the slot it had before says nothing.
  expect(await fire()).toBe(1)
  const notices = () =>
    journal.look({
      sql: 'SELECT why, told, channel, establishment, target, state FROM care_notice ORDER BY id',
      parameters: [],
    })
  expect(await notices()).toEqual([])
  clock.advance(30 * MINUTE)
  expect(await fire()).toBe(1)
  expect(await notices()).toEqual([
    { why: 'reminder', told: 'requester', channel: 'console', establishment: 'home', target: null, state: 'sent' },
    {
      why: 'reminder',
      told: 'requester',
      channel: 'sms',
      establishment: 'home',
      target: '0261910001',
      state: 'waiting',
    },
    { why: 'reminder', told: 'duty-1', channel: 'console', establishment: 'centre', target: null, state: 'sent' },
  ])
  const text = async (): Promise<string> => {
    const [row] = await waitingNotices(journal)
    const config = { ...someConfig(), telemedicine: ON_CALL, careServices: SERVICES }
    const said = await outgoingOf(row!, config, '/dossiers/', journal)
    return said?.by === 'sms' ? said.text : ''
  }
  const at = Temporal.Instant.fromEpochMilliseconds(start + 30 * MINUTE).toZonedDateTimeISO('Europe/Paris')
  const [day = '', hour = ''] = [at.toPlainDate().toString(), at.toPlainTime().toString()]
  expect(await text()).toContain(`rappel du rendez-vous du ${day.slice(8)}/${day.slice(5, 7)} à ${hour.slice(0, 5)}`)
  done(await commands.cancel(id, 'patient', nurse))
  expect(await text()).toContain(': rappel de rendez-vous')
  clock.advance(24 * HOUR)
  expect(await fire()).toBe(2)
  expect(await notices()).toHaveLength(3)
})

test('a move to another centre at the same hour reminds once, and a reminder of a release before still does', async () => {
  const [slot = '', other = ''] = [(await offer(1))[0], (await offer(1, 'other-centre'))[0]]
  await openCase(journal, 'c1', { parts: ['home', 'centre', 'other-centre'] })
  const { id } = done(await commands.book({ case: 'c1', slot }, nurse))
  done(await commands.move(id, other, nurse))
  const told: string[] = []
  const none = (): string => ''
  const agenda = { search: none, services: () => SERVICES, charset: none, timeZone: none, commands }
  const follower = appointmentFollower({
    ...{ journal, clock, ...agenda },
    remind: ({ centre }, beforeMs) => {
      told.push(`${centre} ${beforeMs / HOUR}`)
      return []
    },
  })
  const timers = await journal.due(start, 100)
  for (const timer of timers) await follower.timer(timer)
  expect(told.toSorted()).toEqual(['other-centre 1', 'other-centre 24'])
  const { version: _, ...before } = JSON.parse(timers[0]!.payload)
  await follower.timer({ ...timers[0]!, payload: JSON.stringify(before) })
  expect(told).toHaveLength(3)
})

describe('what ends it', () => {
  const ends: [name: string, end: (id: string) => Promise<Appointed>, status: string, slot: string][] = [
    ['a cancellation gives the time back', (id) => commands.cancel(id, 'patient', nurse), 'cancelled', 'free'],
    [
      'nobody came, and the time is gone',
      (id) => {
        clock.advance(49 * HOUR)
        return commands.noShow(id, expert)
      },
      'noshow',
      'busy',
    ],
    [
      'a cancellation after the beginning offers nothing',
      (id) => {
        clock.advance(49 * HOUR)
        return commands.cancel(id, 'technical', expert)
      },
      'cancelled',
      'busy',
    ],
  ]
  test.each(ends)('%s', async (_name, end, status, state) => {
    const [slot = ''] = await offer(1)
    await openCase(journal, 'c1')
    const { id } = done(await commands.book({ case: 'c1', slot }, nurse))
    expect(done(await end(id))).toMatchObject({ status })
    expect(await stateOf(slot)).toMatchObject({ state })
    // The case may have another appointment afterwards.
    const next = { startMs: start + 96 * HOUR, endMs: start + 97 * HOUR }
    const again = await commands.propose({ case: 'c1', centre: 'centre', ...next }, nurse)
    expect(again.ok).toBe(true)
  })
})

describe('what is not done', () => {
  type Attempt = (slot: string) => Promise<{ readonly ok: boolean; readonly error?: string }>
  const tried: [name: string, attempt: Attempt, error: string][] = [
    ['by somebody whose site it is not', (slot) => commands.book({ case: 'c1', slot }, stranger), 'NOT_FOUND'],
    ['by a centre that takes no part', (slot) => commands.book({ case: 'c1', slot }, expert), 'NOT_FOUND'],
    [
      'in another unit',
      (slot) => commands.book({ case: 'c1', slot }, viewer('requester', ['home'], ['u2'])),
      'NOT_FOUND',
    ],
    ['for a case that is not there', (slot) => commands.book({ case: 'c9', slot }, nurse), 'NOT_FOUND'],
    ['of a slot that is not there', () => commands.book({ case: 'c1', slot: 'none' }, nurse), 'NOT_FOUND'],
    ['for a case that is over', (slot) => commands.book({ case: 'over', slot }, nurse), 'WRONG_STATE'],
    ['of a service without appointments', (slot) => commands.book({ case: 'opinion', slot }, nurse), 'NOT_FOUND'],
    [
      'with a centre that does not answer the site',
      () => commands.propose({ case: 'c1', centre: 'far', startMs: start, endMs: start + 1 }, nurse),
      'CENTRE_NOT_OFFERED',
    ],
    [
      'backwards in time',
      () => commands.propose({ case: 'c1', centre: 'centre', startMs: start, endMs: start }, nurse),
      'BAD_REQUEST',
    ],
    [
      'at a time that is over, asked for without a slot',
      () =>
        commands.propose({ case: 'c1', centre: 'centre', startMs: clock.nowMs() - HOUR, endMs: clock.nowMs() }, nurse),
      'SLOT_TAKEN',
    ],
    [
      'in a slot that is over',
      (slot) => {
        clock.advance(72 * HOUR)
        return commands.book({ case: 'c1', slot }, nurse)
      },
      'SLOT_TAKEN',
    ],
    [
      'twice at the same time of a centre',
      () => commands.publish([{ service: 'wounds', centre: 'centre', startMs: start + 1, endMs: start + 2 }], expert),
      'SLOT_OVERLAPS',
    ],
    [
      'for another centre',
      () => commands.publish([{ service: 'wounds', centre: 'centre', startMs: 1, endMs: 2 }], nurse),
      'NOT_FOUND',
    ],
    [
      'for a service that has none',
      () => commands.publish([{ service: 'opinion', centre: 'centre', startMs: 1, endMs: 2 }], expert),
      'SERVICE_UNKNOWN',
    ],
  ]
  test.each(tried)('%s', async (_name, attempt, error) => {
    const [slot = ''] = await offer(1)
    await openCase(journal, 'c1', { unit: 'u1' })
    await openCase(journal, 'over', { state: 'done' })
    await openCase(journal, 'opinion', { service: 'opinion' })
    expect(errorOf(await attempt(slot))).toBe(error)
    expect(await journal.look({ sql: 'SELECT id FROM appointment', parameters: [] })).toEqual([])
  })
})

test('slots overlap in one list as well, and then none is offered', async () => {
  const one = { service: 'wounds', centre: 'centre', startMs: start, endMs: start + HOUR }
  const two = { ...one, startMs: start + 30 * MINUTE, endMs: start + 2 * HOUR }
  expect(errorOf(await commands.publish([one, two], expert))).toBe('SLOT_OVERLAPS')
  expect(await views.slots({ service: 'wounds', fromMs: 0, untilMs: start * 2, limit: 9 }, nurse.caller)).toEqual([])
})

test('a free slot is withdrawn, a taken one is not', async () => {
  const [free = '', taken = ''] = await offer(2)
  await openCase(journal, 'c1')
  done(await commands.book({ case: 'c1', slot: taken }, nurse))
  expect(errorOf(await commands.withdraw(free, nurse))).toBe('NOT_FOUND')
  expect(errorOf(await commands.withdraw(taken, expert))).toBe('SLOT_TAKEN')
  expect(await commands.withdraw(free, expert)).toEqual({ ok: true, slots: 0 })
  expect(errorOf(await commands.book({ case: 'c1', slot: free }, nurse))).toBe('WRONG_STATE')
})

test('a side may act for itself alone', async () => {
  const [slot = ''] = await offer(1)
  await openCase(journal, 'c1', { parts: ['home', 'centre'] })
  const { id } = done(await commands.book({ case: 'c1', slot }, secretary))
  expect(errorOf(await commands.arrive(id, 'expert', nurse))).toBe('FORBIDDEN')
  expect(errorOf(await commands.arrive(id, 'patient', expert))).toBe('FORBIDDEN')
  // Two days ahead it is a slip, after which nobody would be reminded.
  expect(errorOf(await commands.arrive(id, 'patient', coordinator))).toBe('TOO_EARLY')
  clock.advance(44 * HOUR)
  expect(done(await commands.arrive(id, 'patient', coordinator)).waiting.patient).toBe(clock.nowMs())
})

test('who sees what', async () => {
  const [slot = '', other = ''] = await offer(2)
  await openCase(journal, 'c1')
  await openCase(journal, 'c2', { unit: 'u2', test: true })
  const { id } = done(await commands.book({ case: 'c1', slot }, nurse))
  done(await commands.book({ case: 'c2', slot: other }, nurse))
  const all = { fromMs: 0, untilMs: start * 2, limit: 9 }
  const seen = async (one: typeof nurse): Promise<string[]> =>
    (await views.list(all, one.caller)).map((appointment) => appointment.case)
  expect(await seen(nurse)).toEqual(['c1', 'c2'])
  expect(await seen(viewer('requester', ['home'], ['u1']))).toEqual(['c1'])
  expect(await seen(viewer('requester', ['home'], []))).toEqual(['c1'])
  expect(await seen(secretary)).toEqual(['c1', 'c2'])
  expect(await seen(coordinator)).toEqual(['c1', 'c2'])
  expect(await seen(stranger)).toEqual([])
  expect(await seen(viewer('secretariat', []))).toEqual([])
  expect(await seen(viewer('operator', null))).toEqual([])
  expect(await views.one(id, stranger.caller)).toBeNull()
  expect(await views.one(id, secretary.caller)).toMatchObject({ case: 'c1' })
  const [shown] = await views.slots({ ...all, service: 'wounds', centre: 'centre' }, stranger.caller)
  expect(shown).toMatchObject({ state: 'busy', appointment: null })
  expect(await views.counts(0, start * 2, coordinator.caller)).toEqual([
    { month: '2026-01', service: 'wounds', site: 'home', centre: 'centre', status: 'booked', n: 1 },
  ])
  expect(await views.counts(0, start * 2, secretary.caller)).toEqual([])
})

describe('a session', () => {
  const given = { given: true, by: 'IDE (fictif)', atMs: 0, refusedWhy: null }
  const booked = async (): Promise<string> => {
    const [slot = ''] = await offer(1)
    await openCase(journal, 'c1')
    return done(await commands.book({ case: 'c1', slot }, nurse)).id
  }
  const tokenOf = (said: Awaited<ReturnType<AppointmentCommands['join']>>): string => {
    if (!said.ok) throw new Error(said.error)
    return new URL(said.url).searchParams.get('t') ?? ''
  }

  test('begins with consent, near its time, on one’s own side; and consent taken back ends it', async () => {
    const id = await booked()
    expect(errorOf(await commands.join(id, 'requester', nurse))).toBe('TOO_EARLY')
    clock.advance(48 * HOUR - 10 * MINUTE)
    expect(errorOf(await commands.join(id, 'requester', nurse))).toBe('CONSENT_MISSING')
    await consent(journal, 'c1', given)
    expect(errorOf(await commands.join(id, 'expert', nurse))).toBe('FORBIDDEN')
    expect(errorOf(await commands.join(id, 'requester', stranger))).toBe('NOT_FOUND')
    const token = tokenOf(await commands.join(id, 'requester', nurse))
    expect(await commands.check(token)).toMatchObject({
      ok: true,
      token: { appointment: id, case: 'c1', role: 'requester', expiresAtMs: start + 90 * MINUTE },
    })
    await consent(journal, 'c1', { ...given, given: false })
    expect(errorOf(await commands.check(token))).toBe('CONSENT_MISSING')
    await consent(journal, 'c1', given)
    clock.advance(101 * MINUTE)
    expect(errorOf(await commands.check(token))).toBe('SESSION_TOKEN')
  })

  test('its links name nobody, differ by person and role, and are checked with the public keys', async () => {
    const id = await booked()
    await consent(journal, 'c1', given)
    clock.advance(48 * HOUR)
    const links = [
      tokenOf(await commands.join(id, 'requester', nurse)),
      tokenOf(await commands.join(id, 'patient', nurse)),
      tokenOf(await commands.join(id, 'expert', expert)),
    ]
    const read = links.map((token) => Buffer.from(token.split('.')[1]!, 'base64url').toString())
    for (const text of read) expect(text).not.toMatch(/fictif|FICTIF|requester \(/)
    expect(new Set(read.map((text) => JSON.parse(text).sub)).size).toBe(3)
    const { createLocalJWKSet, jwtVerify } = await import('jose')
    const keys = createLocalJWKSet((await views.keys()) as unknown as Parameters<typeof createLocalJWKSet>[0])
    const { payload } = await jwtVerify(links[0]!, keys, { currentDate: new Date(clock.nowMs()), audience: 'session' })
    expect(payload['role']).toBe('requester')
    expect((await views.keys()).keys[0]).not.toHaveProperty('d')
  })

  test('a token that was changed, or is none, is not good; nor one of a cancelled appointment', async () => {
    const id = await booked()
    await consent(journal, 'c1', given)
    clock.advance(48 * HOUR)
    const token = tokenOf(await commands.join(id, 'requester', nurse))
    const [head, body, signature] = token.split('.')
    const other = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(body!, 'base64url').toString()), role: 'expert' }),
    )
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    for (const bad of [
      `${head}.${other.toString('base64url')}.${signature}`,
      `${none}.${body}.`,
      `${head}.${body}.${'A'.repeat(86)}`,
      'x',
      '',
    ]) {
      expect(errorOf(await commands.check(bad)), bad).toBe('SESSION_TOKEN')
    }
    done(await commands.cancel(id, 'consent', nurse))
    expect(errorOf(await commands.check(token))).toBe('WRONG_STATE')
  })
})
