import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Happening } from '../../src/core/cases.ts'
import type { LegalHold } from '../../src/core/config.ts'
import { privacyCommands } from '../../src/pipeline/privacy/privacy.ts'
import { CHUNK_BYTES, chunkRows } from '../../src/telemedicine/photos/rows.ts'
import { casesOfPatients } from '../../src/telemedicine/store/patient.ts'
import { intake } from '../console/gateway.ts'
import { realClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { caseRoom, done } from './case-room.ts'
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

describe('the cases of a patient', () => {
  const INS = '1.2.250.1.213.1.4.10'
  const found = async (...patients: [string, string][]) =>
    (
      await casesOfPatients(store.journal, room.parts.search).find(patients.map((one) => room.parts.search(...one)))
    ).map(({ id, closedAtMs }) => [id, closedAtMs !== null])
  const rights = (holds: readonly LegalHold[] = []) => {
    const { config, search } = room.parts
    const clock = { ...realClock, ...room.clock }
    const cases = casesOfPatients(store.journal, search)
    const all = { ...config(), privacy: { holds, incidentHeadings: [] } }
    return privacyCommands({ journal: store.journal, config: () => all, clock, cases })
  }

  test('are found open or closed, by identifiers of any domain, an INS that nobody qualified too', async () => {
    const patient = request().patient
    const identifiers = [...patient.identifiers, { authority: `urn:oid:${INS}`, value: '279035121518989', type: 'INS' }]
    const { id } = done(await room.commands.request(request({ patient: { ...patient, identifiers } }), asks))
    expect(await found(['CHL', '4711'])).toEqual([[id, false]])
    expect(await found([INS, '279035121518989'])).toEqual([[id, false]])
    expect([await found(['CHL', '9']), await found(['CHX', '4711']), await found()]).toEqual([[], [], []])
    done(await room.commands.act(id, { what: 'cancel', reason: 'x' }, asks))
    expect(await found(['CHL', '4711'], [INS, '279035121518989'])).toEqual([[id, true]])
  })

  test('an open one bars an erasure; a closed one is handed over whole, then goes with its photos, once', async () => {
    const { id, number } = done(await room.commands.request(request(), asks))
    const bytes = Buffer.from(Array.from({ length: CHUNK_BYTES + 5 }, (_, i) => i % 251))
    await store.journal.apply({
      rows: [
        ...chunkRows('photo-1', bytes, 0),
        {
          sql: `INSERT INTO attachment (id, care_case, establishment, type, bytes, sha256, chunks, at_ms, who)
            VALUES ('photo-1', ?, 'ch-laval', 'image/jpeg', ?, 'sum', 2, 5, 'x')`,
          parameters: [id, bytes.length],
        },
      ],
    })
    const patients = ['CHL|4711']
    expect((await rights().plan(patients, 'dpo', 'demande')).bars).toMatchObject([{ why: 'case', n: 1 }])
    done(await room.commands.act(id, { what: 'cancel', reason: 'Erreur' }, asks))
    expect(await rights().find(patients, 'dpo', 'demande')).toMatchObject({ messages: 0, cases: 0, closedCases: 1 })

    const exported = await Array.fromAsync(await rights().export(patients, { who: 'dpo', why: 'demande' }))
    const [head, one, photo, ...more] = Buffer.concat(exported)
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(head).toMatchObject({ messages: 0, registrations: 0, cases: 1, names: [expect.stringMatching(/./)] })
    expect(one).toMatchObject({ case: number, content: { patient: { family: 'MARTIN (FICTIF)' } } })
    expect(one.happenings.map(({ act }: Happening) => act.what)).toEqual(['request', 'rung', 'cancel'])
    expect(photo).toMatchObject({ case: number, type: 'image/jpeg', bytes: bytes.length })
    expect(Buffer.from(photo.body, 'base64').equals(bytes)).toBe(true)
    expect(more).toEqual([])

    const { mark, goes, bars } = await rights().plan(patients, 'dpo', 'demande')
    expect([goes.cases, bars]).toEqual([1, []])
    expect(await rights().erase(patients, mark, 'dpo', 'demande')).toMatchObject({ messages: 0, cases: 1 })
    const { journal } = store
    const [event] = await journal.read<{ detail: string }>({
      sql: "SELECT detail FROM event WHERE what = 'erase-patient'",
      parameters: [],
    })
    expect(event?.detail).toMatch(/^patient:\S+ messages 0, cases 1$/)
    const rows = async (sql: string) => JSON.stringify(await store.journal.look({ sql, parameters: [] }))
    const left = [await rows('SELECT * FROM care_case'), await rows('SELECT * FROM care_happening')].join()
    expect(left).toContain(number)
    expect(left).not.toMatch(/MARTIN|Jeanne|4711/)
    expect([await room.count('attachment'), await room.count('attachment_chunk')]).toEqual([0, 0])
    expect(await rights().find(patients, 'dpo', 'demande')).toMatchObject({ cases: 0, closedCases: 0 })
    room.clock.atMs += STROKE.keptMs
    await room.run()
  })

  test.each<[string, Partial<LegalHold>, boolean]>([
    ['its site', { establishments: ['ch-laval'] }, true],
    ['another site', { establishments: ['chu-angers'] }, false],
    ['its patient', {}, true],
    ['before it was opened', { belowMs: 1_000 }, false],
    ['since it was opened', { sinceMs: 1_000 }, true],
  ])('a legal hold on %s', async (_name, hold, holds) => {
    const { id } = done(await room.commands.request(request(), asks))
    done(await room.commands.act(id, { what: 'cancel', reason: 'x' }, asks))
    const patients = hold.establishments === undefined ? { patients: [room.parts.search('CHL', '4711')] } : {}
    const { bars } = await rights([{ name: 'Litige', ...patients, ...hold }]).plan(['CHL|4711'], 'dpo', 'x')
    expect(bars).toEqual(holds ? [{ why: 'hold', n: 1, messages: [], hold: 'Litige' }] : [])
  })
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
