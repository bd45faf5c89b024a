import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { answerOf, askOf, type FhirReads, type StoredResource } from '../../src/core/fhir.ts'
import { capabilityStatement } from '../../src/entrances/fhir/capability.ts'
import { parseQuery } from '../../src/formats/fhir/search-parameters.ts'
import { accept } from '../../src/pipeline/accept.ts'
import { agendaReads } from '../../src/pipeline/fhir/agenda-reads.ts'
import { appointmentCommands } from '../../src/telemedicine/appointments/commands.ts'
import { appointmentFollower } from '../../src/telemedicine/appointments/follower.ts'
import { offersTo } from '../../src/telemedicine/appointments/offers.ts'
import { openStage, type Stage } from '../pipeline/stage.ts'
import { openCase, viewer } from './teleconsultation.ts'

const HOUR = 3_600_000
/** A Monday of winter, eight o'clock in Paris. */
const START = Date.parse('2031-12-01T07:00:00Z')
const CODE = {
  system: 'https://passerelle.example/fhir/CodeSystem/teleconsultation-specialities',
  code: 'plaies-escarres',
}
const iso = (atMs: number): string => new Date(atMs).toISOString()

let stage: Stage
let reads: FhirReads
let follower: ReturnType<typeof appointmentFollower>
let commands: ReturnType<typeof appointmentCommands>
beforeAll(async () => {
  const one = (id: string, kind: string, more: object = {}) => ({ id, name: `${id} (fictif)`, kind, ...more })
  stage = await openStage({
    establishments: [
      one('home', 'nursing-home'),
      one('far', 'nursing-home'),
      one('editor', 'platform', { sendsFor: ['home'] }),
      one('centre', 'expert-centre'),
      one('second', 'expert-centre'),
      one('clinic', 'hospital'),
    ],
    routes: [{ name: 'agendas', when: { kinds: ['Schedule', 'Slot'] }, to: ['platform'] }],
    telemedicine: {
      services: {
        'plaies-escarres': { ladders: { answer: { centres: { home: ['centre'], far: ['second'] } } } },
      },
    },
  })
  const { journal, config, parts } = stage
  const { clock } = parts
  const services = () => config.careServices ?? new Map()
  const timeZone = (): string => 'Europe/Paris'
  commands = appointmentCommands({ journal, services, timeZone, changed() {}, clock, ids: machineIds })
  const none = (): string => ''
  const agenda = { journal, services, timeZone, charset: none, search: none, commands, clock }
  follower = appointmentFollower({ ...agenda, remind: () => [] })
  reads = agendaReads({ journal, config: () => config, offersTo: (id) => offersTo(id, config) })
})
afterAll(() => stage.end())

/** Posts or puts a resource of an establishment; gives its id. */
async function post(resource: object, id: string | null = null, establishment = 'centre'): Promise<string> {
  const type = (resource as { resourceType: string }).resourceType
  const fhir = { ...askOf(id === null ? 'create' : 'update', type, id), prefer: 'representation' as const }
  const said = await accept(
    {
      entrance: 'http',
      peer: { address: '127.0.0.1:1', loopback: true, establishment, destination: null },
      receivedAtMs: Date.now(),
      bytes: Buffer.from(JSON.stringify(id === null ? resource : { ...resource, id })),
      fhir,
    },
    stage.parts,
  )
  const { status, body } = answerOf(said.answer!)
  expect(status, body ?? '').toBeLessThan(300)
  return (JSON.parse(body!) as { id: string }).id
}
const slot = (startMs: number, more: object = {}) => ({
  ...{ resourceType: 'Slot', status: 'free', start: iso(startMs), end: iso(startMs + HOUR / 2) },
  ...{ schedule: { display: 'x' }, serviceType: [{ coding: [CODE] }], ...more },
})

/** What follows behind the answers. */
async function followed(): Promise<void> {
  const timers = await stage.journal.due(Date.now() + 1_000, 100)
  for (const timer of timers) await stage.journal.apply({ ...(await follower.timer(timer)), fired: [timer.id] })
}

const reader = (establishment: string) => ({ establishment, entrance: 'http' as const })
const shown = (one: StoredResource | null) =>
  one === null ? null : { ...(JSON.parse(one.json) as { status: string; start: string }), version: one.version }
const read = async (id: string, by: string, type = 'Slot') => shown(await reads.read(type, id, reader(by)))
async function search(query: string, by: string, type = 'Slot', count = 50): Promise<string[]> {
  const ids: string[] = []
  let after: string | null = null
  do {
    const page = await reads.search(type, parseQuery(query), { count, after }, reader(by))
    expect(page.resources.length).toBeLessThanOrEqual(count)
    ids.push(...page.resources.map(({ id }) => id))
    after = page.next
    if (after === null) expect(page.total).toBe(ids.length)
  } while (after !== null)
  return ids
}

describe('what a centre says of a slot', () => {
  test('is what it reads at once, and what others read once it is heard', async () => {
    const id = await post(slot(START))
    expect([await read(id, 'centre'), await read(id, 'home')]).toMatchObject([{ version: 1, status: 'free' }, null])
    expect([await search(`_id=${id}`, 'centre'), await search(`_id=${id}`, 'home')]).toEqual([[id], []])
    await followed()
    expect(await read(id, 'home')).toMatchObject({ version: 1, status: 'free' })
    await post(slot(START, { status: 'busy-unavailable' }), id)
    expect(await read(id, 'centre')).toMatchObject({ version: 2, status: 'busy-unavailable' })
    expect(await read(id, 'home')).toMatchObject({ version: 1, status: 'free' })
    await followed()
    expect(await read(id, 'centre')).toMatchObject({ version: 2, status: 'busy-unavailable' })
    expect(await read(id, 'home')).toMatchObject({ version: 2, status: 'busy' })
    const found: [status: string, by: string, n: number][] = [
      ['busy', 'home', 1],
      ['busy', 'centre', 0],
      ['busy-unavailable', 'centre', 1],
      ['busy-unavailable', 'home', 0],
      ['free', 'home', 0],
    ]
    for (const [status, by, n] of found)
      expect([status, by, (await search(`_id=${id}&status=${status}`, by)).length]).toEqual([status, by, n])
    await post(slot(START, { status: 'entered-in-error' }), id)
    await followed()
    expect([await read(id, 'centre'), await read(id, 'home')]).toMatchObject([{ status: 'entered-in-error' }, null])
  })

  test('is a version more where it cannot be: time that another slot has', async () => {
    const [one, two] = [await post(slot(START + HOUR)), await post(slot(START + 2 * HOUR))]
    await followed()
    await post(slot(START + HOUR), two)
    expect(await read(two, 'centre')).toMatchObject({ version: 2, start: iso(START + HOUR) })
    await followed()
    for (const by of ['centre', 'home'])
      expect(await read(two, by)).toMatchObject({ version: 3, start: iso(START + 2 * HOUR) })
    expect(await read(one, 'home')).toMatchObject({ version: 1 })
  })

  test('of a slot that is booked changes nothing, and people are told where it withdraws or moves that time', async () => {
    const at = START + 100 * HOUR
    const id = await post(slot(at))
    await followed()
    await openCase(stage.journal, 'booked', { service: 'plaies-escarres', parts: ['home', 'centre'] })
    expect(await commands.book({ case: 'booked', slot: id }, viewer('requester', ['home']))).toMatchObject({ ok: true })
    const told = () =>
      stage.journal.read({
        sql: 'SELECT what, code, detail FROM event WHERE code IS NOT NULL ORDER BY seq',
        parameters: [],
      })
    const before = (await told()).length
    await post(slot(at, { status: 'busy' }), id)
    await followed()
    expect(await told()).toHaveLength(before)
    for (const said of [slot(at, { status: 'entered-in-error' }), slot(at + HOUR)]) {
      const known = (await told()).length
      await post(said, id)
      await followed()
      expect((await told()).slice(known)).toEqual([
        { what: 'agenda', code: 'SLOT_TAKEN', detail: null },
        { what: 'alert', code: 'AGENDA_DIFFERS', detail: 'case:PLA-booked' },
      ])
    }
    expect(await read(id, 'home')).toMatchObject({ status: 'busy', start: iso(at) })
  })

  test('of a Schedule that is no longer in use takes its slots along', async () => {
    const schedule = { resourceType: 'Schedule', actor: [{ display: 'x' }] }
    const of = await post(schedule)
    const id = await post(slot(START + 3 * HOUR, { schedule: { reference: `Schedule/${of}` } }))
    expect(await read(of, 'home', 'Schedule')).toBeNull()
    await followed()
    expect(await read(of, 'home', 'Schedule')).toMatchObject({ version: 1 })
    expect(await search('service-type=plaies-escarres', 'home', 'Schedule')).toContain(of)
    await post({ ...schedule, active: false }, of)
    await followed()
    expect([await read(id, 'home'), await read(of, 'home', 'Schedule')]).toEqual([null, null])
    expect(await read(id, 'centre')).toMatchObject({ version: 2, status: 'busy-unavailable' })
    expect(await search(`_id=${id}`, 'centre')).toEqual([])
  })

  test('of a Schedule that is no longer in use is told to people for each slot of it that is booked', async () => {
    const of = await post({ resourceType: 'Schedule', actor: [{ display: 'x' }] })
    const reference = { schedule: { reference: `Schedule/${of}` } }
    const [booked, free] = [
      await post(slot(START + 120 * HOUR, reference)),
      await post(slot(START + 121 * HOUR, reference)),
    ]
    await followed()
    await openCase(stage.journal, 'agenda', { service: 'plaies-escarres', parts: ['home', 'centre'] })
    const site = viewer('requester', ['home'])
    expect(await commands.book({ case: 'agenda', slot: booked }, site)).toMatchObject({ ok: true })
    const told = () =>
      stage.journal.read<{ code: string; detail: string | null }>({
        sql: 'SELECT code, detail FROM event WHERE code IS NOT NULL ORDER BY seq',
        parameters: [],
      })
    const known = (await told()).length
    await post({ resourceType: 'Schedule', actor: [{ display: 'x' }], active: false }, of)
    await followed()
    expect((await told()).slice(known)).toEqual([
      { code: 'SLOT_TAKEN', detail: null },
      { code: 'AGENDA_DIFFERS', detail: 'case:PLA-agenda' },
    ])
    expect(await read(free, 'home')).toBeNull()
    expect(await read(booked, 'home')).toMatchObject({ status: 'busy' })
  })
})

describe('time from the console', () => {
  const at = START + 240 * HOUR
  let ids: string[]
  beforeAll(async () => {
    const times = [0, 1, 24].map((hours) => ({
      ...{ service: 'plaies-escarres', centre: 'centre' },
      ...{ startMs: at + hours * HOUR, endMs: at + (hours + 0.5) * HOUR },
    }))
    expect(await commands.publish(times, viewer('secretariat', ['centre']))).toMatchObject({ ok: true })
    ids = await search(`start=ge${iso(at)}`, 'home')
    expect(ids).toHaveLength(3)
  })

  // The day begins at 23:00 the evening before, in UTC: START is of a winter.
  const asked: [query: string, found: readonly number[]][] = [
    ['start=2031-12-11', [0, 1]],
    ['start=2031-12-12', [2]],
    ['start=gt2031-12-11', [2]],
    ['start=le2031-12-11&start=ge2031-12-11', [0, 1]],
    ['start=lt2031-12-11T09:00:00%2B01:00&start=ge2031-12-11', [0]],
    ['start=le2031-12-11T09:00:00+01:00&start=ge2031-12-11', [0, 1]],
    ['start=2031-12-11T09:00', [1]],
    ['start=2031-12-11T08:00:00Z', [1]],
    ['start=sa2031-12-11T08:00:00Z', [2]],
    [`start=ge${iso(at)}&service-type=${CODE.system}|${CODE.code}`, [0, 1, 2]],
    [`start=ge${iso(at)}&service-type=plaies-escarres,psychiatrie`, [0, 1, 2]],
    [`start=ge${iso(at)}&service-type=urn:other|${CODE.code}`, []],
    [`start=ge${iso(at)}&service-type=psychiatrie`, []],
    [`start=ge${iso(at)}&status=free,busy`, [0, 1, 2]],
    [`start=ge${iso(at)}&_lastUpdated=lt2031-01-01`, [0, 1, 2]],
    [`start=ge${iso(at)}&_lastUpdated=ge2031-01-01`, []],
    [`start=ge${iso(at)}&identifier=x`, []],
    [`start=ge${iso(at)}&schedule=Schedule/none`, []],
  ]
  test.each(asked)('%s', async (query, found) => {
    expect(await search(query, 'home')).toEqual(found.map((i) => ids[i]))
  })

  test('is read by who may ask for it, and by who sends for them', async () => {
    const seen: [by: string, n: number][] = [
      ['home', 3],
      ['editor', 3],
      ['centre', 3],
      ['far', 0],
      ['second', 0],
      ['clinic', 0],
    ]
    for (const [by, n] of seen) {
      expect([by, (await search(`start=ge${iso(at)}`, by)).length]).toEqual([by, n])
      expect([by, (await read(ids[0]!, by)) !== null]).toEqual([by, n > 0])
      const schedules = await search('_lastUpdated=lt1971-01-01&service-type=plaies-escarres', by, 'Schedule')
      expect([by, schedules.filter((id) => id.startsWith('agenda-')).length]).toEqual([by, n > 0 ? 1 : 0])
    }
  })

  test('goes page by page, before what no time came of', async () => {
    const odd = await post(slot(START, { serviceType: [{ coding: [{ system: 'urn:none', code: 'none' }] }] }))
    await followed()
    const all = await search('status=free,busy', 'centre')
    expect([all.at(-1), all.slice(-4, -1)]).toEqual([odd, ids])
    for (const count of [1, 2, all.length - 1, all.length])
      expect(await search('status=free,busy', 'centre', 'Slot', count)).toEqual(all)
  })

  test.each(['start=ne2031-01-01', 'start=2031-02-30', 'start=', 'actor=x', 'start:missing=true'])(
    'is not searched by %s',
    async (query) => {
      await expect(search(query, 'home')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    },
  )
})

test('whatever the CapabilityStatement says they are searched by is understood', async () => {
  const about = { origin: 'http://x', base: 'http://x/fhir', version: '0', profiles: [], services: [] }
  const { rest } = capabilityStatement(about) as {
    rest: { resource: { type: string; searchParam: { name: string }[] }[] }[]
  }
  const values: Readonly<Record<string, string>> = { _lastUpdated: 'ge2031-01-01', start: '2031-01-01' }
  for (const type of ['Slot', 'Schedule']) {
    const { searchParam } = rest[0]!.resource.find((one) => one.type === type)!
    expect(searchParam.length).toBeGreaterThan(5)
    for (const { name } of searchParam)
      expect([type, name, await search(`${name}=${values[name] ?? 'x'}`, 'clinic', type)]).toEqual([type, name, []])
  }
})
