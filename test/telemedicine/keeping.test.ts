import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Acted, Case } from '../../src/core/cases.ts'
import { openCasesOf } from '../../src/telemedicine/store/open.ts'
import { intake } from '../console/gateway.ts'
import { openStore } from '../support/stores.ts'
import { caseRoom } from './case-room.ts'
import { person, plain, request, STROKE } from './invented.ts'

const DAY = 86_400_000
const asks = person('requester', 'ch-laval')
const angers = person('expert', 'chu-angers')

let store: Awaited<ReturnType<typeof openStore>>
let room: ReturnType<typeof caseRoom>
beforeEach(async () => {
  store = await openStore()
  await store.journal.adopt('test', 0, '{}')
  room = caseRoom(store.journal)
})
afterEach(() => store.end())

const done = (acted: Acted): Case => {
  if (!acted.ok) throw new Error(acted.error)
  return acted.case
}
const kept = async (id: string): Promise<boolean> => (await store.journal.state(id)) !== null
/** Slice by slice: one ends after some milliseconds, wherever it is. */
async function purge(): Promise<void> {
  const limits = { closedBeforeMs: Date.now() + DAY, refusedBeforeMs: 0 }
  let slice = await store.journal.purge(limits, null, 100)
  while (!slice.done) slice = await store.journal.purge(limits, slice.at, 100)
}

test('the messages of an open case outlive retention; those of a closed one do not', async () => {
  const [mine, other] = [intake(store.journal, 'C1'), intake(store.journal, 'C2')]
  for (const one of [mine, other]) await store.journal.commit([one])
  const { id } = done(await room.commands.request(request({ message: mine.id }), asks))
  await purge()
  expect([await kept(mine.id), await kept(other.id)]).toEqual([true, false])
  done(await room.commands.act(id, plain('accept'), angers))
  done(await room.commands.act(id, plain('finish'), asks))
  await purge()
  expect(await kept(mine.id)).toBe(false)
})

test('the content of a closed case goes after its time, its number and times stay', async () => {
  const { id, number } = done(await room.commands.request(request(), asks))
  done(await room.commands.act(id, { what: 'cancel', reason: 'Erreur' }, asks))
  room.clock.atMs += STROKE.keptMs - 1
  await room.run()
  expect((await room.views.one(id, asks.caller))?.case.patient.family).toBe('MARTIN (FICTIF)')
  room.clock.atMs += 1
  await room.run()
  expect(await room.views.one(id, asks.caller)).toBeNull()
  expect((await room.views.list({ limit: 10 }, asks.caller)).lines).toEqual([])
  const rows = await store.journal.look<Record<string, unknown>>({ sql: 'SELECT * FROM care_case', parameters: [] })
  const happenings = await store.journal.look<Record<string, unknown>>({
    sql: 'SELECT what, act, actor FROM care_happening ORDER BY n',
    parameters: [],
  })
  expect(rows).toMatchObject([{ number, state: 'cancelled', site: 'ch-laval' }])
  expect(JSON.stringify([rows, happenings])).not.toMatch(/MARTIN|Jeanne|0199005001/)
  expect(happenings.map(({ what }) => what)).toEqual(['request', 'rung', 'cancel'])
})

test('an open case is counted for whoever would erase its patient', async () => {
  const { id } = done(await room.commands.request(request(), asks))
  const key = room.parts.search('CHL', '4711')
  const count = openCasesOf(store.journal)
  expect([await count([key]), await count([room.parts.search('CHL', '9')])]).toEqual([1, 0])
  done(await room.commands.act(id, { what: 'cancel', reason: 'x' }, asks))
  expect(await count([key])).toBe(0)
})

test('who sees what of a case: the unit that asked, the centres that were alerted, imaging its studies, a secretariat the appointment', async () => {
  const studies = [{ uid: '1.2', accession: null, expected: 3, modality: 'CT' }]
  const { id } = done(await room.commands.request(request({ studies }), asks))
  const sees = async (...who: Parameters<typeof person>) =>
    (await room.views.one(id, person(...who).caller))?.extent ?? null
  expect({
    unit: await sees('requester', 'ch-laval', ['URG']),
    whole: await sees('requester', 'ch-laval'),
    otherUnit: await sees('requester', 'ch-laval', ['CARDIO']),
    imaging: await sees('requester', 'ch-laval', ['RADIO']),
    otherSite: await sees('requester', 'ch-chateaubriant'),
    centre: await sees('expert', 'chu-angers'),
    nextCentre: await sees('expert', 'chu-nantes'),
    secretariat: await sees('secretariat', 'chu-angers'),
    coordination: await sees('coordination', null),
    admin: await sees('admin', null),
    operator: await sees('operator', null),
  }).toEqual({
    unit: 'whole',
    whole: 'whole',
    otherUnit: null,
    imaging: 'study',
    otherSite: null,
    centre: 'whole',
    nextCentre: null,
    secretariat: 'appointment',
    coordination: 'whole',
    admin: null,
    operator: null,
  })
  const study = (await room.views.one(id, person('requester', 'ch-laval', ['RADIO']).caller))!.case
  expect(JSON.stringify(study)).not.toMatch(/Hémiparésie/)
  expect(study.studies).toHaveLength(1)
  room.clock.atMs += 7 * 60_000
  await room.run()
  expect(await sees('expert', 'chu-nantes')).toBe('whole')
})
