import { afterEach, beforeEach, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import type { Appointment } from '../../src/core/appointments.ts'
import type { Acted } from '../../src/core/cases.ts'
import { type ActOnCase, appointmentCommands } from '../../src/telemedicine/appointments/commands.ts'
import { appointmentProjection } from '../../src/telemedicine/appointments/projection.ts'
import { planAct, together } from '../../src/telemedicine/store/plan.ts'
import { openStore } from '../support/stores.ts'
import { caseRoom } from './case-room.ts'
import { person, plain, request, WOUNDS } from './invented.ts'

const HOUR = 3_600_000
const nurse = person('requester', 'ehpad-a')
const expert = person('expert', 'chu-angers')

let store: Awaited<ReturnType<typeof openStore>>
let told: Appointment[]
beforeEach(async () => {
  store = await openStore()
  told = []
})
afterEach(() => store.end())

/** A case whose centre has booked an hour with it, beginning in an hour. */
async function booked() {
  const { journal } = store
  const messages = async (one: Appointment) => {
    told.push(one)
    return []
  }
  const room = caseRoom(journal, { projections: [appointmentProjection(journal, messages)] })
  const act: ActOnCase = async (id, what, viewer) => {
    const planned = await planAct(id, what, viewer, { version: null, atMs: null, why: null }, room.parts)
    return planned.ok ? { ok: true, effect: together(planned.writes), committed() {} } : planned
  }
  const services = () => new Map([[WOUNDS.name, WOUNDS]])
  const clock = room.clock as never
  const timeZone = (): string => 'Europe/Paris'
  const commands = appointmentCommands({ journal, services, timeZone, act, changed() {}, clock, ids: machineIds })
  const asked = done(await room.commands.request(request({ service: 'wounds', site: 'ehpad-a', unit: null }), nurse))
  const startMs = room.clock.atMs + HOUR
  const time = { service: 'wounds', centre: 'chu-angers', startMs, endMs: startMs + HOUR }
  await commands.publish([time], expert)
  const [slot] = await journal.look<{ id: string }>({ sql: 'SELECT id FROM slot', parameters: [] })
  const made = await commands.book({ case: asked.id, slot: slot!.id }, nurse)
  if (!made.ok) throw new Error(made.error)
  const rows = (sql: string) => journal.look({ sql, parameters: [] })
  const standing = async () => [
    ...(await rows('SELECT status, cancelled FROM appointment')),
    ...(await rows('SELECT state, appointment FROM slot')),
  ]
  return { room, commands, standing, id: asked.id, appointment: made.appointment, slot: slot!.id }
}

function done(acted: Acted) {
  if (!acted.ok) throw new Error(acted.error)
  return acted.case
}

test('a centre that refuses what it had booked cancels the appointment, whose time may be had again', async () => {
  const { room, commands, standing, id, appointment, slot } = await booked()
  const refused = done(await room.commands.act(id, { what: 'refuse', reason: 'expert absent' }, expert))
  expect(refused).toMatchObject({ state: 'refused', owner: null, appointment: { status: 'cancelled' } })
  expect(await standing()).toEqual([
    { status: 'cancelled', cancelled: 'centre' },
    { state: 'free', appointment: null },
  ])
  expect(told).toMatchObject([{ id: appointment.id, status: 'cancelled' }])
  expect(await commands.book({ case: id, slot }, nurse)).toMatchObject({ ok: true })
})

test('one that refuses when the session was to begin cancels it too, and offers no time that is over', async () => {
  const { room, standing, id } = await booked()
  room.clock.atMs += HOUR
  done(await room.commands.act(id, { what: 'refuse', reason: 'expert absent' }, expert))
  expect(await standing()).toMatchObject([{ status: 'cancelled', cancelled: 'centre' }, { state: 'busy' }])
})

test('what was booked stands while its centre has the case', async () => {
  const { room, standing, id } = await booked()
  done(await room.commands.act(id, plain('see'), expert))
  expect(await standing()).toMatchObject([{ status: 'booked' }, { state: 'busy' }])
  expect(told).toEqual([])
})
