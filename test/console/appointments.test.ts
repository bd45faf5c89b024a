import { expect, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { type Appointments, appointmentsOf } from '../../src/app/wiring/appointments.ts'
import { PIECE_TYPE } from '../../src/console/attachments.ts'
import type { Person } from '../../src/core/caller.ts'
import { ownAppointments } from '../../src/pipeline/fhir/own-appointment.ts'
import { pdf } from '../formats/image/made.ts'
import { consent, openCase, SERVICES, WOUNDS } from '../telemedicine/teleconsultation.ts'
import { type Called, type Running, startConsole } from './gateway.ts'
import { operator, sha256, someConfig } from './region.ts'

const HOUR = 3_600_000
const SITE = 'ehpad-a'
const CENTRE = 'chu-angers'
const CANARY = 'CANARI-MARTIN'
const iso = (atMs: number): string => new Date(atMs).toISOString()

interface World extends Running {
  readonly care: Appointments
}

/** A door with the API of appointments, people of a home and of a centre, and a case of the home. */
async function open(): Promise<World> {
  const services = new Map([...SERVICES].map(([name, one]) => [name, { ...one, ladders: [] }]))
  const config = someConfig({
    operators: [
      operator('requester', [SITE]),
      operator('expert', [CENTRE]),
      operator('secretariat', [CENTRE]),
      operator('admin'),
      operator('coordination'),
      { ...operator('requester', [SITE, 'ehpad-b']), name: 'two', keySha256: sha256('two') },
    ],
    careServices: services,
  })
  let care: Appointments | null = null
  const running = await startConsole(
    {
      over: (journal) => {
        care = appointmentsOf({
          journal,
          config: () => config,

          messages: ownAppointments({ journal, config: () => config, clock: machineClock, ids: machineIds }),
          remind: () => [],
          clock: machineClock,
          ids: machineIds,
        })
        return { plugins: care.plugins }
      },
    },
    config,
  )
  await openCase(running.journal, 'c1', { parts: [SITE, CENTRE], site: SITE, reason: CANARY })
  return { ...running, care: care! }
}

const as = (role: Person['role']) => ({ key: `demo-${role}` })
const post = (world: World, path: string, body: unknown, role: Person['role'] = 'requester'): Promise<Called> =>
  world.call(path, { ...as(role), method: 'POST', body })

test('from slots to a session, over HTTP', async () => {
  const world = await open()
  const start = Math.floor(Date.now() / 1_000) * 1_000 + 10 * 60_000
  const slots = [0, 1].map((i) => ({
    service: WOUNDS.name,
    centre: CENTRE,
    start: iso(start + i * HOUR),
    end: iso(start + (i + 1) * HOUR),
  }))
  expect(await post(world, '/api/slots', { slots }, 'secretariat')).toMatchObject({ status: 201, json: { slots: 2 } })
  expect(await post(world, '/api/slots', { slots }, 'secretariat')).toMatchObject({
    status: 409,
    json: { code: 'SLOT_OVERLAPS' },
  })
  const asked = `/api/slots?service=wounds&from=${iso(start)}&to=${iso(start + 9 * HOUR)}&state=free`
  const offered = await world.call(asked, as('requester'))
  expect(offered.json.slots.map((one: { start: string }) => one.start)).toEqual(slots.map((one) => one.start))
  const [first, second] = offered.json.slots as { id: string }[]
  const booked = await post(world, '/api/appointments', { case: 'c1', slot: first!.id })
  expect(booked).toMatchObject({
    status: 201,
    json: { status: 'booked', number: 'PLA-c1', site: SITE, centre: CENTRE },
  })
  const at = `/api/appointments/${booked.json.id}`
  expect(await post(world, `${at}/move`, { slot: second!.id }, 'secretariat')).toMatchObject({ status: 200 })
  expect(await post(world, `${at}/move`, { slot: first!.id }, 'secretariat')).toMatchObject({ status: 200 })
  expect(await post(world, `${at}/join`, { role: 'requester' })).toMatchObject({
    status: 409,
    json: { code: 'CONSENT_MISSING' },
  })
  await consent(world.journal, 'c1', { given: true, by: 'IDE (fictif)', atMs: 0, refusedWhy: null })
  expect(await post(world, `${at}/arrive`, { role: 'patient' })).toMatchObject({ json: { status: 'arrived' } })
  const link = await post(world, `${at}/join`, { role: 'requester' })
  const token = new URL(link.json.url).searchParams.get('t')
  expect(await world.call('/api/sessions/verify', { method: 'POST', body: { token } })).toMatchObject({
    status: 200,
    json: { case: 'c1', role: 'requester' },
  })
  expect(await world.call('/api/sessions/verify', { method: 'POST', body: { token: 'x' } })).toMatchObject({
    status: 403,
    json: { code: 'SESSION_TOKEN' },
  })
  expect((await world.call('/api/sessions/keys')).json.keys).toHaveLength(1)
  const list = `/api/appointments?from=${iso(start)}&to=${iso(start + HOUR)}`
  expect((await world.call(list, as('secretariat'))).json.appointments).toMatchObject([
    { case: 'c1', status: 'arrived' },
  ])
  expect((await world.call(list, as('admin'))).status).toBe(403)
  expect((await world.call(list)).status).toBe(401)
  expect(await post(world, `${at}/fulfil`, undefined, 'expert')).toMatchObject({ json: { status: 'fulfilled' } })
  expect(world.log.join('\n')).not.toContain(CANARY)
  expect(JSON.stringify((await world.call(at, as('secretariat'))).json)).not.toContain(CANARY)
  world.care.stop()
})

test('an upload is taken up again where it broke, and read by whoever may', async () => {
  const world = await open()
  const piece = (at: string, offset: number | string, bytes: Uint8Array, type = PIECE_TYPE) =>
    fetch(world.url + at, {
      method: 'PATCH',
      headers: { authorization: 'Bearer demo-requester', 'content-type': type, 'upload-offset': String(offset) },
      body: bytes as Uint8Array<ArrayBuffer>,
    })
  const begun = await post(world, '/api/cases/uploads', { bytes: pdf().length, type: 'application/pdf', case: 'c1' })
  expect(begun.status).toBe(201)
  const at = begun.headers.get('location') ?? ''
  expect((await piece(at, 0, pdf().subarray(0, 20))).headers.get('upload-offset')).toBe('20')
  const again = await piece(at, 0, pdf().subarray(0, 20))
  expect([again.status, again.headers.get('upload-offset')]).toEqual([409, '20'])
  for (const wrong of [piece(at, 'x', pdf()), piece(at, 20, pdf(), 'application/json')])
    expect((await wrong).status).toBe(400)
  const head = await world.call(at, { ...as('requester'), method: 'HEAD' })
  expect([head.status, head.headers.get('upload-offset'), head.headers.get('upload-length')]).toEqual([
    200,
    '20',
    String(pdf().length),
  ])
  const last = (await (await piece(at, 20, pdf().subarray(20))).json()) as { attachment: string }
  const listed = await world.call('/api/cases/c1/attachments', as('expert'))
  expect(listed.json.attachments).toMatchObject([{ id: last.attachment, type: 'application/pdf', bytes: pdf().length }])
  const read = await world.call(`/api/cases/attachments/${last.attachment}`, as('expert'))
  expect([read.text, read.headers.get('content-type')]).toEqual([pdf().toString('latin1'), 'application/pdf'])
  expect((await world.call(`/api/cases/attachments/${last.attachment}`, as('secretariat'))).status).toBe(403)
  expect((await post(world, '/api/cases/uploads', { bytes: 1, type: 'image/gif', case: 'c1' })).status).toBe(400)
  expect((await post(world, '/api/cases/uploads', { bytes: 1e9, type: 'image/png', case: 'c1' })).json.code).toBe(
    'UPLOAD_TOO_LONG',
  )
  world.care.stop()
})

test.each([
  ['of several sites', 'two'],
  ['of the whole region', 'demo-coordination'],
])('somebody %s uploads for the site that asks', async (_name, key) => {
  const world = await open()
  await openCase(world.journal, 'c2', { parts: ['ehpad-b', CENTRE], site: 'ehpad-b' })
  const asked = { bytes: pdf().length, type: 'application/pdf', as: 'ehpad-b' }
  const begun = await world.call('/api/cases/uploads', { key, method: 'POST', body: asked })
  expect(begun.status).toBe(201)
  const sent = await fetch(world.url + begun.headers.get('location'), {
    method: 'PATCH',
    headers: { authorization: `Bearer ${key}`, 'content-type': PIECE_TYPE, 'upload-offset': '0' },
    body: pdf() as Uint8Array<ArrayBuffer>,
  })
  const { attachment } = (await sent.json()) as { attachment: string }
  const attach = { key, method: 'POST', body: { attachments: [attachment] } }
  expect((await world.call('/api/cases/c2/attachments', { ...attach, key: 'demo-requester' })).status).toBe(404)
  expect((await world.call('/api/cases/c2/attachments', attach)).status).toBe(204)
  expect((await world.call('/api/cases/c2/attachments', { key })).json.attachments).toMatchObject([
    { id: attachment, establishment: 'ehpad-b' },
  ])
  expect(await post(world, '/api/cases/uploads', asked)).toMatchObject({
    status: 403,
    json: { code: 'CASE_FORBIDDEN' },
  })
  world.care.stop()
})
