/** Numbers of appointments that several establishments use alike, and what people are told of what cannot be followed. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Journal, NewEvent } from '../../src/core/journal.ts'
import { occurrenceOf } from '../../src/pipeline/watch/occurrences.ts'
import type { Agenda } from '../../src/telemedicine/appointments/agenda.ts'
import { siuMessage } from '../../src/telemedicine/appointments/siu.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { agendaOver, empty, openCase } from './teleconsultation.ts'

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal
let agenda: Agenda
beforeAll(async () => {
  store = await openStore()
  journal = store.journal
})
afterAll(() => store.end())
beforeEach(async () => {
  await empty(journal)
  await journal.apply({ rows: [{ sql: 'DELETE FROM care_key', parameters: [] }] })
  agenda = agendaOver(journal, manualClock())
})

const ALAIN = ['PREMIER', 'ALAIN', '19500105', 'M'] as const
const ZOE = ['SECONDE', 'ZOE', '19330303', 'F'] as const
type Who = typeof ALAIN | typeof ZOE

/** A case of a home, with its patient and the number that the home asked under. */
async function care(id: string, site: string, placer: string, [family, given, birth, sex]: Who): Promise<void> {
  await openCase(journal, id, { site, parts: [site, 'centre'] })
  const birthDate = `${birth.slice(0, 4)}-${birth.slice(4, 6)}-${birth.slice(6)}`
  const patient = {
    ...{ identifiers: [], family, given, birthDate, status: 'provisional' },
    sex: sex === 'M' ? 'male' : 'female',
  }
  const state = JSON.stringify({ id, number: `PLA-${id}`, requests: [{ site, patient, keys: [] }], patient })
  await journal.apply({
    rows: [
      { sql: 'UPDATE care_case SET state_json = ? WHERE id = ?', parameters: [state, id], rows: 1 },
      { sql: 'INSERT INTO care_key (search_key, care_case) VALUES (?, ?)', parameters: [`${site}:${placer}`, id] },
    ],
  })
}

interface Said {
  readonly sch: string
  readonly from?: string
  readonly who?: Who
  readonly time?: string
  readonly meant?: boolean
}

async function hear(
  event: string,
  { sch, from = 'centre', who, time = '10:00', meant = true }: Said,
): Promise<readonly NewEvent[]> {
  const begins = `20260107${time.replace(':', '')}00+0000`
  const pid = who === undefined ? [] : [`PID|1||||${''}${who[0]}^${who[1]}||${who[2]}|${who[3]}`]
  const head = `MSH|^~\\&|AG|X|P|P|20260105080000||SIU^${event}^SIU_S12|1|P|2.5|||||FRA|UNICODE UTF-8`
  const bytes = Buffer.from(
    [head, `SCH|${sch}|||||||30|min`, ...pid, 'RGS|1|A', `AIS|1|A|wounds|${begins}|||30|min`, ''].join('\r'),
  )
  const kind = `SIU^${event}`
  const work = { what: 'message', message: 'm', establishment: from, resource: null, kind, again: true, meant } as const
  const { rows = [], events = [] } = await siuMessage(work, bytes, agenda)
  if (rows.length > 0) expect(await journal.apply({ rows })).toBe(true)
  return events
}
const said = (events: readonly NewEvent[]): string[] => events.map(({ what, code }) => `${what} ${code}`)
const appointments = async (): Promise<string[]> => {
  const rows = await journal.look<{ care_case: string; status: string }>({
    sql: 'SELECT care_case, status FROM appointment ORDER BY care_case',
    parameters: [],
  })
  return rows.map((one) => `${one.care_case} ${one.status}`)
}

test('a number that two homes give counts for the home that says it', async () => {
  await care('c1', 'home', '7^RDV', ALAIN)
  await care('c2', 'home-b', '8^RDV', ZOE)
  await hear('S12', { sch: 'PLA-c2|42', time: '11:00' })
  await hear('S12', { sch: 'PLA-c1|42' })
  expect(await appointments()).toEqual(['c1 booked', 'c2 booked'])
  expect(said(await hear('S15', { sch: '|42', from: 'home-b' }))).toEqual([])
  expect(await appointments()).toEqual(['c1 booked', 'c2 cancelled'])
})

test('of a number that two cases bear, a centre means the case of the patient whom it names, and without one none', async () => {
  await care('c1', 'home', '42', ALAIN)
  await care('c2', 'home-b', '42', ZOE)
  await hear('S12', { sch: 'PLA-c1' })
  await hear('S12', { sch: 'PLA-c2', time: '11:00' })
  expect(said(await hear('S15', { sch: '42' }))).toEqual(['alert APPOINTMENT_UNREAD'])
  expect(said(await hear('S15', { sch: '42', who: ZOE }))).toEqual([])
  expect(await appointments()).toEqual(['c1 booked', 'c2 cancelled'])
})

test('a home’s own number is not taken for one that the centre gave another resident', async () => {
  await care('c1', 'home', '42', ALAIN)
  await care('c2', 'home', '43', ZOE)
  await hear('S12', { sch: 'PLA-c1' })
  await hear('S12', { sch: 'PLA-c2|42', time: '11:00' })
  expect(said(await hear('S15', { sch: '42', from: 'home' }))).toEqual([])
  expect(await appointments()).toEqual(['c1 cancelled', 'c2 booked'])
})

test('a SIU that names another patient than the case’s does nothing, and people are told', async () => {
  await care('c1', 'home', '42', ALAIN)
  await hear('S12', { sch: 'PLA-c1' })
  expect(said(await hear('S15', { sch: 'PLA-c1', who: ZOE }))).toEqual(['alert CASE_PATIENT'])
  expect(await appointments()).toEqual(['c1 booked'])
})

test('what was meant for the platform and cannot be followed is an alert; what only passes through is noted', async () => {
  expect(said(await hear('S13', { sch: 'X' }))).toEqual(['alert APPOINTMENT_UNREAD'])
  expect(said(await hear('S13', { sch: 'X', meant: false }))).toEqual(['agenda APPOINTMENT_UNREAD'])
  await care('c1', 'home', '7', ALAIN)
  await care('c2', 'home', '8', ZOE)
  await hear('S12', { sch: 'PLA-c1' })
  await hear('S12', { sch: 'PLA-c2', time: '10:30' })
  const events = await hear('S13', { sch: 'PLA-c1', time: '10:15', meant: false })
  expect(said(events)).toEqual(['agenda SLOT_OVERLAPS', 'alert AGENDA_DIFFERS'])
  expect(occurrenceOf({ ...events[1]!, establishment: 'centre' })).toMatchObject({
    ...{ kind: 'unread', severity: 'important', subject: 'centre', establishment: 'centre' },
  })
  // A cancellation that is said back says nothing new.
  await hear('S15', { sch: 'PLA-c2' })
  expect(said(await hear('S15', { sch: 'PLA-c2' }))).toEqual([])
})

test('a message that opens no case, though it met the rule of a service, is an alert', () => {
  const event = { atMs: 1, message: 'm', delivery: null, detail: 'service:stroke', establishment: 'ch-a' }
  expect(occurrenceOf({ ...event, code: 'CASE_UNREAD' })).toMatchObject({ kind: 'unread', severity: 'urgent' })
  expect(occurrenceOf({ ...event, code: 'CASE_FORBIDDEN' })).toMatchObject({ kind: 'unread', subject: 'ch-a' })
})
