import { afterEach, beforeEach, expect, test } from 'vitest'
import { evolveAll } from '../../src/telemedicine/case/evolve.ts'
import { loadHappenings } from '../../src/telemedicine/store/load.ts'
import { openStore } from '../support/stores.ts'
import { caseRoom, done } from './case-room.ts'
import { person, plain, request, STROKE } from './invented.ts'

const MIN = 60_000
const asks = person('requester', 'ch-laval')
const angers = person('expert', 'chu-angers')
const nantes = person('expert', 'chu-nantes')

let store: Awaited<ReturnType<typeof openStore>>
let room: ReturnType<typeof caseRoom>
beforeEach(async () => {
  store = await openStore()
  room = caseRoom(store.journal)
})
afterEach(() => store.end())

test('a request opens a case with its number, its first rung and its timer', async () => {
  const made = done(await room.commands.request(request(), asks))
  expect(made.number).toBe('AVC-261126-0001')
  expect(made.climbs[0]).toMatchObject({ ladder: 'answer', centres: ['chu-angers', 'chu-nantes'], climbed: 1 })
  expect(await store.journal.nextDueMs()).toBeLessThanOrEqual(room.clock.atMs + 2 * MIN)
  expect(room.told.keys.has('party:chu-angers')).toBe(true)
  const second = done(
    await room.commands.request(request({ id: 'r2', patient: { ...request().patient, identifiers: [] } }), asks),
  )
  expect(second.number).toBe('AVC-261126-0002')
})

test('acts that are done together are one commit, or none of them is done', async () => {
  const { id, version } = done(await room.commands.request(request(), asks))
  const advise = { what: 'advise', text: 'Avis', coded: [] } as const
  const unknown = { what: 'decide', decision: 'none-of-these', text: '' } as const
  const before = await room.one(id)
  const refused = await room.commands.actTogether(id, [plain('accept'), advise, unknown], angers)
  expect(refused).toEqual({ ok: false, error: 'CASE_ACT', act: 2 })
  expect(await room.one(id)).toEqual(before)
  const late = await room.commands.actTogether(id, [plain('accept')], angers, { version: version + 1 })
  expect(late).toMatchObject({ ok: false, error: 'CASE_VERSION' })
  const events = await room.count('event')
  const both = await room.commands.actTogether(id, [plain('accept'), advise], angers, { version })
  expect(both).toMatchObject({ ok: true, case: { state: 'advised', version: version + 2 } })
  expect(await room.count('event')).toBe(events + 2)
  expect(await room.commands.actTogether(id, [], angers, { version: 1 })).toMatchObject({ ok: true })
})

test('what happened makes the case again, after every act', async () => {
  const { id } = done(await room.commands.request(request(), asks))
  for (const [act, viewer] of [
    [plain('see'), angers],
    [plain('accept'), angers],
    [{ what: 'advise', text: 'Avis', coded: [] }, angers],
    [plain('read-advice'), asks],
    [{ what: 'decide', decision: 'thrombolysis', text: '' }, asks],
    [plain('finish'), asks],
  ] as const) {
    room.clock.atMs += 30_000
    const after = done(await room.commands.act(id, act, viewer))
    const happenings = await loadHappenings(store.journal, id)
    const again = evolveAll(null, happenings, { id, number: after.number, service: STROKE })
    expect(again).toEqual(after)
    expect(await room.one(id)).toEqual(after)
  }
  expect((await room.one(id)).state).toBe('done')
  expect(room.told.keys.size).toBe(0)
  expect(await room.count('care_key')).toBe(0)
  expect(await room.commands.act(id, plain('accept'), nantes)).toMatchObject({ ok: false, error: 'CASE_NOT_FOUND' })
  expect(await room.commands.act(id, plain('accept'), angers)).toMatchObject({ ok: false, error: 'CASE_CLOSED' })
})

test('an act on a version that was overtaken is not done', async () => {
  const { id, version } = done(await room.commands.request(request(), asks))
  done(await room.commands.act(id, plain('see'), angers, { version }))
  const late = await room.commands.act(id, plain('accept'), angers, { version })
  expect(late).toEqual({ ok: false, error: 'CASE_VERSION' })
})

test('nobody answers: every rung is climbed once, and the last goes on', async () => {
  const { id } = done(await room.commands.request(request(), asks))
  for (let s = 0; s < 20 * 60; s += 5) {
    room.clock.atMs += 5_000
    await room.run()
  }
  const rungs = (await loadHappenings(store.journal, id)).flatMap(({ act }) => (act.what === 'rung' ? [act.rung] : []))
  expect(rungs).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect((await room.one(id)).climbs[0]).toMatchObject({ at: 1 })
})

test('an acceptance silences everybody, for the one who was quicker', async () => {
  const { id } = done(await room.commands.request(request(), asks))
  room.clock.atMs += 8 * MIN
  await room.run()
  const [one, other] = await Promise.all([
    room.commands.act(id, plain('accept'), angers),
    room.commands.act(id, plain('accept'), nantes),
  ])
  expect([one.ok, other.ok].filter(Boolean)).toHaveLength(1)
  expect([one, other].find(({ ok }) => !ok)).toEqual({ ok: false, error: 'CASE_TAKEN' })
  const before = (await loadHappenings(store.journal, id)).length
  room.clock.atMs += 10 * MIN
  await room.run()
  expect(await loadHappenings(store.journal, id)).toHaveLength(before)
})

test('a hundred requests of one patient at once make one case, and those of others their own', async () => {
  const asked = Array.from({ length: 100 }, (_, i) => room.commands.request(request({ id: `r${i}` }), asks))
  const cases = (await Promise.all(asked)).map(done)
  expect(new Set(cases.map(({ id }) => id)).size).toBe(1)
  expect((await room.one(cases[0]!.id)).requests).toHaveLength(100)
  const other = caseRoom(store.journal)
  const both = await Promise.all(
    [room, other].map(({ commands }) =>
      commands.request(
        request({ id: 'x', keys: ['ch-laval:other'], patient: { ...request().patient, identifiers: [] } }),
        asks,
      ),
    ),
  )
  expect(new Set(both.map((one) => done(one).id)).size).toBe(1)
  expect(await room.count('care_case')).toBe(2)
})

test('a joined request is taken apart again', async () => {
  const { id } = done(await room.commands.request(request(), asks))
  done(await room.commands.request(request({ id: 'r2', unit: 'CARDIO' }), asks))
  const after = done(await room.commands.act(id, { what: 'separate', request: 'r2', into: '' }, asks))
  expect(after.requests.map((one) => one.id)).toEqual(['r1'])
  expect(await room.count('care_case')).toBe(2)
  expect(await room.commands.act(id, { what: 'separate', request: 'r1', into: '' }, asks)).toEqual({
    ok: false,
    error: 'CASE_ACT',
  })
})

test('what came with a request goes with it when it is taken out: its times, consent and studies', async () => {
  const toldAtMs = room.clock.atMs
  const told = (atMs: number) => ({ atMs, precision: 'minute', source: 'record', toldAtMs }) as const
  const study = (uid: string) => ({ uid, accession: null, expected: null, modality: null })
  const consent = { given: true, by: 'IDE (fictif)', atMs: toldAtMs, refusedWhy: null }
  const first = { times: { arrival: told(toldAtMs - MIN) }, studies: [study('1.2.1'), study('1.2.2')] }
  const { id } = done(await room.commands.request(request(first), asks))
  const times = { onset: told(toldAtMs - 30 * MIN), discovery: told(toldAtMs - 20 * MIN) }
  const other = { id: 'r2', times, consent, studies: [study('1.2.2'), study('1.2.3')] }
  done(await room.commands.request(request(other), asks))
  const third = { id: 'r3', atMs: toldAtMs, times: { discovery: told(toldAtMs - 5 * MIN) } }
  done(await room.commands.request(request(third), asks))
  const joined = await room.one(id)
  expect([joined.consent, joined.studies.length, joined.times.onset?.atMs]).toEqual([consent, 3, toldAtMs - 30 * MIN])
  const after = done(await room.commands.act(id, { what: 'separate', request: 'r2', into: '' }, asks))
  expect(after.times).toEqual({ arrival: told(toldAtMs - MIN), discovery: told(toldAtMs - 5 * MIN) })
  expect([after.consent, after.studies.map(({ uid }) => uid)]).toEqual([null, ['1.2.1', '1.2.2']])
})

test('a time that somebody has told since stays when a request is taken out', async () => {
  const atMs = room.clock.atMs - 30 * MIN
  const onset = { atMs, precision: 'minute', source: 'witness', toldAtMs: room.clock.atMs } as const
  const { id } = done(await room.commands.request(request(), asks))
  done(await room.commands.request(request({ id: 'r2', times: { onset } }), asks))
  const time = { ...onset, atMs: atMs - MIN }
  done(await room.commands.act(id, { what: 'tell-time', name: 'onset', time }, asks))
  const after = done(await room.commands.act(id, { what: 'separate', request: 'r2', into: '' }, asks))
  expect(after.times.onset).toEqual(time)
})

test('an order that is changed corrects the times that it told, and none that somebody else told', async () => {
  const now = room.clock.atMs
  const told = (minutes: number, toldAtMs: number) =>
    ({ atMs: now - minutes * MIN, precision: 'minute', source: 'record', toldAtMs }) as const
  const placer = { authority: 'CHL', value: 'P1' }
  const first = { placer, times: { onset: told(30, now), discovery: told(10, now) } }
  const { id } = done(await room.commands.request(request(first), asks))
  const other = { id: 'r2', placer: { authority: 'CHL', value: 'P2' }, times: { onset: told(5, now) } }
  done(await room.commands.request(request(other), asks))
  expect((await room.one(id)).times.onset).toEqual(told(30, now))
  const changed = { id: 'r3', placer, times: { onset: told(150, now + MIN), arrival: told(1, now + MIN) } }
  done(await room.commands.request(request(changed), asks))
  const { times } = await room.one(id)
  expect(times).toEqual({ onset: told(150, now + MIN), discovery: told(10, now), arrival: told(1, now + MIN) })
  const witness = { ...told(120, now + MIN), source: 'witness' } as const
  done(await room.commands.act(id, { what: 'tell-time', name: 'onset', time: witness }, asks))
  done(await room.commands.request(request({ ...first, id: 'r4' }), asks))
  expect((await room.one(id)).times.onset).toEqual(witness)
})

test('a late entry that is sent twice is one case: by its form, or by its patient and true times; another time is another case', async () => {
  const atMs = room.clock.atMs - 3 * 86_400_000
  const well = (ms: number) => ({
    'last-seen-well': { atMs: ms, precision: 'minute', source: 'witness', toldAtMs: atMs } as const,
  })
  const nobody = { ...request().patient, identifiers: [] }
  const late = (id: string, changes = {}) =>
    request({ id, keys: [`form:ch-laval:${id}`], atMs, late: true, times: well(atMs), ...changes })
  const sent = async (...asked: Parameters<typeof late>) => done(await room.commands.request(late(...asked), asks)).id
  const [first, again] = await Promise.all([sent('l1'), sent('l1')])
  expect(again).toBe(first)
  expect([await sent('l2'), (await room.one(first)).requests.length]).toEqual([first, 2])
  const [free, freeAgain] = [await sent('l3', { patient: nobody }), await sent('l3', { patient: nobody })]
  expect(freeAgain).toBe(free)
  const others = [
    await sent('l4', { patient: nobody }),
    await sent('l5', { times: well(atMs - MIN) }),
    done(await room.commands.request(request({ id: 'now' }), asks)).id,
    done(await room.commands.request(request({ id: 'now2' }), asks)).id,
  ]
  expect(new Set([first, free, ...others]).size).toBe(5)
  expect(others[3]).toBe(others[2])
})
