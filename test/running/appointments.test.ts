import { Client } from 'fhir-kit-client'
import { expect, test } from 'vitest'
import { sha256 } from '../console/region.ts'
import { messageFrom } from '../formats/messages.ts'
import { missingMllpSend, mllpSend } from '../support/peers/python-hl7.ts'
import { until } from '../support/world/until.ts'
import { mllpSide, send } from './bridging.ts'
import { makeWorld } from './gateway.ts'

const HOUR = 3_600_000
const CODE = {
  system: 'https://passerelle.example/fhir/CodeSystem/teleconsultation-specialities',
  code: 'plaies-escarres',
}
const CANARY = 'CANARI-LEROUX'
interface Searchset {
  readonly total: number
  readonly link: readonly { readonly relation: string; readonly url: string }[]
  // biome-ignore lint/suspicious/noExplicitAny: tests look into resources of any shape
  readonly entry?: readonly { readonly resource: any }[]
}
const iso = (atMs: number): string => new Date(atMs).toISOString()

/** A home, a centre whose agenda speaks HL7 v2, and a home that has no part in it; the demo's service of wounds. */
async function opened() {
  const agenda = await mllpSide()
  const world = makeWorld()
  const one = (id: string, kind: string, more: object = {}) => ({
    ...{ id, name: `${id} (fictif)`, kind },
    senders: { facilities: [id.toUpperCase()], keys: [{ keySha256: sha256(`key-${id}`) }] },
    ...more,
  })
  const operator = (role: string, establishment: string) => ({
    ...{ name: `${role}-${establishment}`, role, establishments: [establishment] },
    keySha256: sha256(`key-${role}`),
  })
  const mllp = { type: 'mllp', host: '127.0.0.1', port: agenda.port, use: 'qualification' }
  world.write(
    {},
    {
      establishments: [
        one('home', 'nursing-home'),
        one('other', 'nursing-home'),
        one('centre', 'expert-centre', { destinations: { agenda: mllp }, finess: { ej: '490000031' } }),
        one('clinic', 'hospital'),
      ],
      operators: [operator('requester', 'home'), operator('secretariat', 'centre'), operator('expert', 'centre')],
      routes: [
        {
          name: 'agendas',
          when: { kinds: ['Schedule', 'Slot', 'Bundle:transaction', 'SIU^*', 'ServiceRequest'] },
          to: ['platform'],
        },
        { name: 'appointments', when: { kinds: ['Appointment'] }, to: ['centre/agenda'], transform: 'hl7v2' },
      ],
      telemedicine: {
        services: { 'plaies-escarres': { ladders: { answer: { centres: { '*': ['centre'] } } } } },
      },
    },
  )
  await world.start()
  async function call(key: string, path: string, body?: object, method = body === undefined ? 'GET' : 'POST') {
    const response = await fetch(world.url() + path, {
      method,
      headers: {
        authorization: `Bearer key-${key}`,
        'content-type': path.startsWith('/fhir') ? 'application/fhir+json' : 'application/json',
        prefer: 'return=representation',
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of any shape
    return { status: response.status, json: (text === '' ? null : JSON.parse(text)) as any, headers: response.headers }
  }
  return { world, agenda, call }
}

type Opened = Awaited<ReturnType<typeof opened>>

const slot = (startMs: number, more: object = {}) => ({
  ...{ resourceType: 'Slot', status: 'free', start: iso(startMs), end: iso(startMs + HOUR / 2) },
  ...more,
})

/** Free slots as the home sees them, once there are so many. */
async function offered({ call }: Opened, startMs: number, n: number): Promise<{ id: string; start: string }[]> {
  const query = `service=plaies-escarres&from=${iso(startMs)}&to=${iso(startMs + 24 * HOUR)}&state=free`
  return until(`${n} slots`, async () => {
    const { slots } = (await call('requester', `/api/slots?${query}`)).json
    return slots.length === n ? slots : null
  })
}

async function asked({ call }: Opened): Promise<{ id: string; number: string }> {
  const { status, json } = await call('requester', '/api/cases', {
    request: {
      ...{ service: 'plaies-escarres', site: 'home', reason: CANARY, callBack: null },
      patient: {
        identifiers: [{ authority: '1.2.250.1.71.4.2.2.1440000016', value: '30077', type: 'PI' }],
        ...{ family: `${CANARY} (FICTIF)`, given: 'Jeanne', birthDate: '1938-02-03', sex: 'female' },
      },
      consent: { given: true, by: 'IDE (fictif)', at: iso(Date.now()), refusedWhy: null },
    },
  })
  expect(status, JSON.stringify(json)).toBe(201)
  return json
}

/** A request of the home by FHIR; its case is opened behind the answer. */
async function requested({ call }: Opened, patient: string): Promise<string> {
  const made = await call('home', '/fhir/ServiceRequest', {
    ...{ resourceType: 'ServiceRequest', status: 'active', intent: 'order', code: { coding: [CODE] } },
    meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] },
    subject: {
      type: 'Patient',
      identifier: { system: 'urn:oid:1.2.250.1.71.4.2.2.1440000016', value: patient },
      display: CANARY,
    },
    reasonCode: [{ text: CANARY }],
  })
  expect(made.status, JSON.stringify(made.json)).toBe(201)
  const { id } = made.json as { id: string }
  await until('a case', async () =>
    (await call('home', '/fhir/Task?status=requested,received&based-on=ServiceRequest/'.concat(id))).json.total > 0
      ? true
      : null,
  )
  return id
}

const appointment = (of: string, at: string) => ({
  ...{ resourceType: 'Appointment', status: 'booked', slot: [{ reference: `Slot/${at}` }] },
  basedOn: [{ reference: `ServiceRequest/${of}` }],
  participant: [{ actor: { display: 'x' }, status: 'accepted' }],
})

const siu = (event: string, id: string, sch: Readonly<Record<number, string>>): Buffer => {
  const fields = Array.from({ length: 26 }, (_, i) => sch[i + 1] ?? '')
  return Buffer.from(
    [
      `MSH|^~\\&|AGENDA|CENTRE|PASSERELLE|PASSERELLE|20261126090000||SIU^${event}^SIU_S12|${id}|T|2.5|||||FRA|8859/15`,
      `SCH|${fields.join('|')}`,
      'PID|||30077^^^HOME&440000016&M^PI||LEROUX (FICTIF)^JEANNE',
      'RGS|1|A',
      'AIS|1|A|plaies-escarres',
      '',
    ].join('\r'),
    'latin1',
  )
}
const hl7Time = (atMs: number): string => iso(atMs).replaceAll(/[-:T]/g, '').slice(0, 14).concat('+0000')

test('a centre publishes its agenda by FHIR, a home books, and the centre’s system is told and answers by SIU', async () => {
  const it = await opened()
  const { world, agenda, call } = it
  const start = Math.floor(Date.now() / HOUR) * HOUR + 48 * HOUR
  const schedule = { resourceType: 'Schedule', actor: [{ display: 'Plaies' }], serviceType: [{ coding: [CODE] }] }
  const made = await call('centre', '/fhir/Schedule', schedule)
  expect(made.status).toBe(201)
  const of = { schedule: { reference: `Schedule/${made.json.id}` } }
  const published = await call('centre', '/fhir', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [0, 1, 2].map((i) => ({
      resource: slot(start + i * HOUR, of),
      request: { method: 'POST', url: 'Slot' },
    })),
  })
  expect(published.status, JSON.stringify(published.json)).toBe(200)
  const [first, second, third] = await offered(it, start, 3)

  const care = await asked(it)
  const booked = await call('requester', '/api/appointments', { case: care.id, slot: first!.id })
  expect(booked, JSON.stringify(booked.json)).toMatchObject({
    status: 201,
    json: { status: 'booked', centre: 'centre' },
  })
  const { id, number } = booked.json
  const state = async () => (await call('requester', `/api/cases/${care.id}`)).json
  expect(JSON.stringify(await state())).toContain('planned')

  // The centre's agenda hears of it in its own words, with no word of why.
  const s12 = messageFrom((await agenda.next(1))[0]!)
  expect([s12.text('MSH-9.2'), s12.text('SCH-1.1'), s12.text('SCH-25')]).toEqual(['S12', id, 'BOOKED'])
  expect(s12.text('AIS-3.1')).toBe('plaies-escarres')

  // It moves the appointment to another of its slots, and gives it a number of its own.
  const filler = {
    1: id,
    2: 'RDV-77^AGENDA',
    6: 'MOVED',
    11: `^^^${hl7Time(start + HOUR)}^${hl7Time(start + 1.5 * HOUR)}`,
  }
  expect(await send(world, siu('S13', 'M-1', filler))).toBe('AA')
  const at = `/api/appointments/${id}`
  await until('moved', async () => ((await call('requester', at)).json.slot === second!.id ? true : null))
  const s13 = messageFrom((await agenda.next(2))[1]!)
  expect([s13.text('MSH-9.2'), s13.text('SCH-11.4')?.slice(0, 8)]).toEqual(['S13', hl7Time(start + HOUR).slice(0, 8)])
  expect((await offered(it, start, 2)).map((one) => one.id)).toEqual([first!.id, third!.id])

  // A slot that is booked stays, whatever the centre's system says of it; a free one goes.
  const gone = (one: { id: string; start: string }) =>
    call(
      'centre',
      `/fhir/Slot/${one.id}`,
      { ...slot(Date.parse(one.start), of), id: one.id, status: 'entered-in-error' },
      'PUT',
    )
  expect((await gone(second!)).status).toBe(200)
  expect((await gone(third!)).status).toBe(200)
  await offered(it, start, 1)
  expect((await call('secretariat', at)).json).toMatchObject({ status: 'booked', slot: second!.id })

  // It is cancelled by that number, and the time is free again.
  expect(await send(world, siu('S15', 'M-2', { ...filler, 1: '', 6: 'CANCELLED' }))).toBe('AA')
  await until('cancelled', async () => ((await call('requester', at)).json.status === 'cancelled' ? true : null))
  expect((await call('requester', at)).json.cancelled).toBe('centre')
  expect(messageFrom((await agenda.next(3))[2]!).text('MSH-9.2')).toBe('S15')
  await offered(it, start, 2)

  expect(number).toBe(care.number)
  expect(JSON.stringify(world.notebook.lines)).not.toContain(CANARY)
})

test('a home asks and books by FHIR alone, and each party reads and moves the appointment', async () => {
  const it = await opened()
  const { world, agenda, call } = it
  const start = Math.floor(Date.now() / HOUR) * HOUR + 3 * HOUR
  for (const at of [start, start + HOUR])
    await call('centre', '/fhir/Slot', slot(at, { serviceType: [{ coding: [CODE] }] }))
  const [first, second] = await offered(it, start, 2)
  const [one, two] = [await requested(it, '30077'), await requested(it, '30078')]
  const made = await call('home', '/fhir/Appointment', appointment(one, first!.id))
  expect(made, JSON.stringify(made.json)).toMatchObject({
    status: 201,
    json: { status: 'booked', slot: [{ reference: `Slot/${first!.id}` }] },
  })
  const { id } = made.json as { id: string }
  expect(made.headers.get('location')).toContain(`/Appointment/${id}/_history/1`)
  // The slot is had; another case is told so.
  const late = await call('home', '/fhir/Appointment', appointment(two, first!.id))
  expect([late.status, JSON.stringify(late.json).includes('SLOT_TAKEN')]).toEqual([409, true])
  const entry = { resource: appointment(two, second!.id), request: { method: 'POST', url: 'Appointment' } }
  const all = await call('home', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry: [entry] })
  expect([all.status, JSON.stringify(all.json).includes('CASE_IN_TRANSACTION')]).toEqual([422, true])

  const path = `/fhir/Appointment/${id}`
  for (const party of ['home', 'centre']) expect((await call(party, path)).status, party).toBe(200)
  expect((await call('other', path)).status).toBe(404)
  expect((await call('centre', '/fhir/Appointment?status=booked')).json.total).toBe(1)
  expect((await call('other', '/fhir/Appointment?status=booked')).json.total).toBe(0)

  // The centre moves it by PUT, the home cancels it by PUT with the version that it read; a stranger finds nothing.
  const read = (await call('centre', path)).json
  const moved = await call('centre', path, { ...read, slot: [{ reference: `Slot/${second!.id}` }] }, 'PUT')
  expect(moved, JSON.stringify(moved.json)).toMatchObject({ status: 200, json: { meta: { versionId: '2' } } })
  expect((await call('other', path, { ...read, status: 'cancelled' }, 'PUT')).status).toBe(404)
  expect((await call('home', path, { ...moved.json, status: 'waitlist' }, 'PUT')).status).toBe(409)

  // Another time is another slot: what cannot be done is not answered 200.
  const { slot: _, ...slotless } = moved.json
  const later = { start: new Date(start + 5 * HOUR).toISOString(), end: new Date(start + 6 * HOUR).toISOString() }
  for (const [name, asked, place] of [
    ['another time', { ...moved.json, ...later }, 'start'],
    ['another end', { ...moved.json, end: later.end }, 'start'],
    ['another time without a slot', { ...slotless, ...later }, 'start'],
    ['another time of one who waits', { ...moved.json, ...later, status: 'arrived' }, 'start'],
    ['no slot', slotless, 'slot'],
  ]) {
    const said = await call('home', path, asked, 'PUT')
    expect([said.status, said.json.issue?.[0]], name).toMatchObject([
      409,
      { code: 'business-rule', expression: [`Appointment.${place}`], details: { coding: [{ code: 'WRONG_STATE' }] } },
    ])
  }
  expect(await call('home', path, moved.json, 'PUT')).toMatchObject({ status: 200, json: { meta: { versionId: '2' } } })

  // Somebody waits: the session is an Encounter, which both sides read.
  expect((await call('home', path, { ...moved.json, status: 'arrived' }, 'PUT')).json.status).toBe('arrived')
  const session = await call('centre', `/fhir/Encounter/${id}`)
  expect(session.json).toMatchObject({
    status: 'arrived',
    class: { code: 'VR' },
    appointment: [{ reference: `Appointment/${id}` }],
  })
  expect((await call('centre', path, { ...moved.json, status: 'arrived' }, 'PUT')).json.meta.versionId).toBe('4')
  expect((await call('home', `/fhir/Encounter/${id}`)).json).toMatchObject({
    status: 'in-progress',
    meta: { versionId: '2' },
  })
  const cancelled = await call('home', path, { ...moved.json, status: 'cancelled' }, 'PUT')
  expect(cancelled.json).toMatchObject({ status: 'cancelled', meta: { versionId: '5' } })
  const events = (await agenda.next(3)).map((message) => messageFrom(message).text('MSH-9.2'))
  expect(events).toEqual(['S12', 'S13', 'S15'])

  // A case that is over gives back the time of its appointment.
  const again = await call('home', '/fhir/Appointment', appointment(two, first!.id))
  expect(again.status, JSON.stringify(again.json)).toBe(201)
  const { cases } = (await call('requester', '/api/cases?open=true')).json
  const care = cases.find(
    (found: { appointment: { appointment: string } | null }) => found.appointment?.appointment === again.json.id,
  )
  const acts = `/api/cases/${care.id}/acts`
  // Appointments have calls of their own, which write the slot too; and a time is one that exists.
  const phantom = { appointment: 'x', status: 'booked', start: '2030-01-01T10:00:00Z', end: '2030-01-01T10:30:00Z' }
  const told = (at: string) => ({ what: 'reached', whom: 'Dr Essai', at })
  for (const act of [
    { what: 'appointment', centre: 'centre', ...phantom },
    told('2030-01-01T25:61:00Z'),
    told('2030-02-31T10:00:00Z'),
  ]) {
    expect((await call('requester', acts, { act })).status, JSON.stringify(act)).toBe(400)
  }
  const over = await call('requester', acts, { act: { what: 'cancel', reason: 'refus' } })
  expect(over.status, JSON.stringify(over.json)).toBe(200)
  expect((await call('centre', `/fhir/Appointment/${again.json.id}`)).json.status).toBe('cancelled')
  expect(JSON.stringify(world.notebook.lines)).not.toContain(CANARY)
})

/** What a home, or whoever says to be one, sends of the appointment that it wishes for under a number of its own. */
function wish() {
  const wanted = Math.floor(Date.now() / HOUR) * HOUR + 96 * HOUR
  const said = (event: string, id: string, from: string, sch: Readonly<Record<number, string>>): Buffer => {
    const asked = {
      1: 'RDV-1^DOSSIER',
      7: 'plaies-escarres^Plaies et escarres',
      11: `^^^${hl7Time(wanted)}`,
      9: '30',
      ...sch,
    }
    return Buffer.from(
      siu(event, id, asked).toString('latin1').replace('|AGENDA|CENTRE|', `|DOSSIER|${from}|`),
      'latin1',
    )
  }
  return { wanted, said }
}

test('a home asks for an appointment by SIU: a case is opened, and what it says later under its number goes to it', async () => {
  const { world, call } = await opened()
  const { wanted, said } = wish()
  expect(await send(world, said('S12', 'C-1', 'CENTRE', { 1: 'RDV-9^AGENDA' }))).toBe('AA')
  expect(await send(world, said('S12', 'H-1', 'HOME', {}))).toBe('AA')
  const cases = async () => (await call('requester', '/api/cases?open=true&limit=10')).json.cases
  const [one] = await until('a case', async () => ((await cases()).length > 0 ? cases() : null))
  expect(one).toMatchObject({ service: 'plaies-escarres', site: 'home' })
  const appointments = async () =>
    (await call('requester', `/api/appointments?case=${one.id}&from=${iso(wanted - HOUR)}&to=${iso(wanted + HOUR)}`))
      .json.appointments
  const [proposed] = await until('an appointment', async () =>
    (await appointments()).length > 0 ? appointments() : null,
  )
  expect(proposed).toMatchObject({ status: 'proposed', centre: 'centre', start: iso(wanted) })
  expect(await send(world, said('S15', 'O-1', 'OTHER', {}))).toBe('AA')
  expect(await send(world, said('S15', 'H-2', 'HOME', {}))).toBe('AA')
  await until('cancelled', async () => ((await appointments())[0].status === 'cancelled' ? true : null))
  expect((await appointments())[0].cancelled).toBe('site')
  expect(await cases()).toHaveLength(1)
})

const noPython = missingMllpSend()
test.skipIf(noPython !== null)(
  `a home’s SIU^S12 by python3-hl7 opens a request, and its centre answers in kind${noPython === null ? '' : `: ${noPython}`}`,
  async () => {
    const { world, agenda, call } = await opened()
    const { wanted, said } = wish()
    const sent = (message: Buffer) => mllpSend(world.port('mllp'), message, world.dir)
    expect(await sent(said('S12', 'H-1', 'HOME', {}))).toBe('AA')
    const cases = async () => (await call('requester', '/api/cases?open=true&limit=10')).json.cases
    const [one] = await until('a case', async () => ((await cases()).length > 0 ? cases() : null))
    expect(one).toMatchObject({ service: 'plaies-escarres', site: 'home', state: 'requested' })
    const asked = (await call('requester', `/api/cases/${one.id}`)).json
    expect(JSON.stringify(asked)).toContain('LEROUX')
    const query = `case=${one.id}&from=${iso(wanted - HOUR)}&to=${iso(wanted + HOUR)}`
    const known = async () => (await call('requester', `/api/appointments?${query}`)).json.appointments
    const [wished] = await until('an appointment', async () => ((await known()).length > 0 ? known() : null))
    expect(wished).toMatchObject({ status: 'proposed', centre: 'centre', start: iso(wanted) })
    // The centre's own system gives the time, by the same program, and is told that it is so.
    const given = { 1: '', 2: 'RDV-78^AGENDA', 26: one.number, 11: `^^^${hl7Time(wanted)}`, 9: '30' }
    expect(await sent(siu('S12', 'C-1', given))).toBe('AA')
    await until('booked', async () => ((await known())[0].status === 'booked' ? true : null))
    expect(messageFrom((await agenda.next(1))[0]!).text('SCH-1.1')).toBe(wished.id)
  },
)

test('a home finds time by FHIR, books it and gives it back, and what is read is what stands', async () => {
  const it = await opened()
  const { world, call } = it
  const start = Math.floor(Date.now() / HOUR) * HOUR + 120 * HOUR
  const client = (id: string) => new Client({ baseUrl: `${world.url()}/fhir`, bearerToken: `key-${id}` })
  const home = client('home')
  const found = async (by: Client, searchParams: Record<string, string | string[]>, resourceType = 'Slot') => {
    const bundle = (await by.search({ resourceType, searchParams })) as unknown as Searchset
    return (bundle.entry ?? []).map(({ resource }) => resource)
  }
  const window = { start: [`ge${iso(start)}`, `lt${iso(start + 24 * HOUR)}`] }
  const free = { ...window, status: 'free', 'service-type': `${CODE.system}|${CODE.code}` }
  const idsOf = async (by: Client, searchParams: Record<string, string | string[]>) =>
    (await found(by, searchParams)).map(({ id }) => id)

  // Time of the centre's own system, with what it keeps to itself; and time from the console.
  const schedule = await call('centre', '/fhir/Schedule', {
    ...{ resourceType: 'Schedule', serviceType: [{ coding: [CODE] }] },
    actor: [{ reference: 'HealthcareService/plaies', display: 'Plaies' }],
  })
  const of = { schedule: { reference: `Schedule/${schedule.json.id}` } }
  const posted = await call('centre', '/fhir/Slot', slot(start, { ...of, comment: 'salle 3' }))
  const { id: one } = posted.json as { id: string }
  const times = { start: iso(start + HOUR), end: iso(start + 1.5 * HOUR) }
  const offer = { slots: [{ service: 'plaies-escarres', centre: 'centre', ...times }] }
  expect((await call('secretariat', '/api/slots', offer)).status).toBe(201)
  const [first, second] = await until('two slots', async () => {
    const slots = await found(home, free)
    return slots.length === 2 ? slots : null
  })
  expect(first).toMatchObject({ id: one, meta: { versionId: '1' }, status: 'free', start: iso(start), ...of })
  expect(first).not.toHaveProperty('comment')
  expect(second).toMatchObject({ serviceType: [{ coding: [CODE] }], status: 'free', ...times })
  const two = second!.id

  // Both are found by their agendas, the agendas by whose they are and for what.
  const finess = { 'actor:identifier': 'https://finess.esante.gouv.fr|490000031', 'service-type': CODE.code }
  const agendas = await found(home, finess, 'Schedule')
  expect(agendas.map(({ id }) => id).sort()).toEqual(
    [schedule.json.id, second!.schedule.reference.replace('Schedule/', '')].sort(),
  )
  for (const { id } of agendas) expect((await home.read({ resourceType: 'Schedule', id }))['id']).toBe(id)
  expect(await found(home, { actor: 'HealthcareService/plaies' }, 'Schedule')).toMatchObject([{ id: schedule.json.id }])
  expect(await idsOf(home, { schedule: of.schedule.reference })).toEqual([one])
  expect(await idsOf(home, { schedule: second!.schedule.reference })).toEqual([two])
  const form = new URLSearchParams({ status: 'free', start: `ge${iso(start)}`, _count: '1' })
  const paged = await fetch(`${world.url()}/fhir/Slot/_search`, {
    method: 'POST',
    headers: { authorization: 'Bearer key-home' },
    body: form,
  })
  const page = (await paged.json()) as Searchset
  expect([page.total, page.entry?.map(({ resource }) => resource.id)]).toEqual([2, [one]])
  const next = new URL(page.link.find(({ relation }) => relation === 'next')!.url)
  const rest = (await call('home', next.pathname + next.search)).json as Searchset
  expect(rest.entry?.map(({ resource }) => resource.id)).toEqual([two])

  // Who may not ask for it finds nothing; what is not understood is refused.
  for (const path of [`Slot/${one}`, `Slot/${two}`, `Schedule/${schedule.json.id}`, second!.schedule.reference])
    expect((await call('clinic', `/fhir/${path}`)).status, path).toBe(404)
  expect(await found(client('clinic'), {})).toEqual([])
  expect(await found(client('clinic'), {}, 'Schedule')).toEqual([])
  for (const query of ['start=ge2026-13-01', 'start=soon', 'patient=x', 'start:exact=2026-01-01'])
    expect((await call('home', `/fhir/Slot?${query}`)).status, query).toBe(400)

  // It books the first: nobody finds it free any more, and what was kept of it is no longer good.
  const asked = await requested(it, '30079')
  const booked = await home.create({ resourceType: 'Appointment', body: appointment(asked, one) as never })
  expect(booked).toBeDefined()
  expect(await idsOf(home, free)).toEqual([two])
  expect(await idsOf(client('centre'), free)).toEqual([two])
  expect(await idsOf(home, { ...window, status: 'busy' })).toEqual([one])
  const kept = await fetch(`${world.url()}/fhir/Slot/${one}`, {
    headers: { authorization: 'Bearer key-home', 'if-none-match': 'W/"1"' },
  })
  expect([kept.status, kept.headers.get('etag')]).toEqual([200, 'W/"2"'])
  const own = (await call('centre', `/fhir/Slot/${one}`)).json
  expect(own).toMatchObject({ status: 'busy', comment: 'salle 3', meta: { versionId: '2' } })
  expect((await call('centre', `/fhir/Slot/${one}/_history/2`)).json).toEqual(own)

  // Its centre writes over the version that it read; the appointment stands whatever it says.
  const put = (version: number) =>
    fetch(`${world.url()}/fhir/Slot/${one}`, {
      method: 'PUT',
      headers: {
        ...{ authorization: 'Bearer key-centre', 'content-type': 'application/fhir+json' },
        'if-match': `W/"${version}"`,
      },
      body: JSON.stringify({ ...slot(start, { ...of, comment: 'salle 4' }), id: one }),
    })
  expect((await put(1)).status).toBe(412)
  expect((await put(2)).status).toBe(200)
  expect((await call('centre', `/fhir/Slot/${one}`)).json).toMatchObject({ status: 'busy', meta: { versionId: '3' } })
  await until('heard', async () =>
    (await call('home', `/fhir/Slot/${one}`)).json.meta.versionId === '3' ? true : null,
  )

  // Cancelled, it is free again; a slot of the console is booked just so, and one that is withdrawn is not there.
  const [mine] = (await found(home, { status: 'booked' }, 'Appointment')) as unknown as [{ id: string }]
  await home.update({
    resourceType: 'Appointment',
    id: mine.id,
    body: { ...(await home.read({ resourceType: 'Appointment', id: mine.id })), status: 'cancelled' } as never,
  })
  expect(await idsOf(home, free)).toEqual([one, two])
  expect((await call('home', `/fhir/Slot/${one}`)).json).toMatchObject({ status: 'free', meta: { versionId: '4' } })
  const again = await call('home', '/fhir/Appointment', appointment(asked, two))
  expect(again, JSON.stringify(again.json)).toMatchObject({ json: { slot: [{ reference: `Slot/${two}` }] } })
  expect((await call('home', `/fhir/Slot/${two}`)).json).toMatchObject({ status: 'busy', meta: { versionId: '2' } })
  expect((await call('secretariat', `/api/slots/${one}/withdraw`, {})).status).toBe(204)
  expect(await idsOf(home, window)).toEqual([two])
  expect((await call('home', `/fhir/Slot/${one}`)).status).toBe(404)
  expect((await call('centre', `/fhir/Slot/${one}`)).json.status).toBe('busy-unavailable')
})
