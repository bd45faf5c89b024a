import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CaseViewer } from '../../src/core/cases.ts'
import { caseSheets } from '../../src/telemedicine/appointments/sheet.ts'
import { openStore } from '../support/stores.ts'
import { careConfig, caseRoom } from './case-room.ts'
import { person, request, WOUNDS } from './invented.ts'

const asks = person('requester', 'ch-laval')
const MIN = 60_000
const SESSIONS = new Map([
  [WOUNDS.name, { ...WOUNDS, joinUrl: 'https://visio.test/{token}', consent: 'recorded' as const }],
])

let store: Awaited<ReturnType<typeof openStore>>
beforeEach(async () => {
  store = await openStore()
})
afterEach(() => store.end())

/** A case of one unit with an appointment, a photo and two documents. */
async function world(unit: string | null = 'URG') {
  const config = careConfig({ careServices: SESSIONS })
  const room = caseRoom(store.journal, { config: () => config })
  const acted = await room.commands.request(request({ service: 'wounds', unit, reason: 'CANARI' }), asks)
  if (!acted.ok) throw new Error(acted.error)
  const { id, number } = acted.case
  const startMs = room.clock.atMs + 60 * MIN
  const attachment = (n: string, type: string) => ({
    sql: `INSERT INTO attachment (id, care_case, establishment, type, bytes, sha256, chunks, at_ms, who)
      VALUES (?, ?, 'ch-laval', ?, 1, '', 1, ?, 'CANARI')`,
    parameters: [n, id, type, room.clock.atMs],
  })
  await store.journal.apply({
    rows: [
      attachment('1', 'application/pdf'),
      attachment('2', 'image/jpeg'),
      attachment('3', 'application/pdf'),
      {
        sql: `INSERT INTO appointment (id, care_case, number, service, site, unit, centre, status, slot, start_ms, end_ms, cancelled, test,
          drill, version, changed_at_ms) VALUES ('a1', ?, ?, 'wounds', 'ch-laval', ?, 'chu-angers', 'booked', NULL, ?, ?, NULL, 0, 0, 1, 1)`,
        parameters: [id, number, unit, startMs, startMs + 30 * MIN],
      },
    ],
  })
  const sheets = caseSheets({
    journal: store.journal,
    views: room.views,
    services: () => SESSIONS,
    nowMs: () => room.clock.atMs,
  })
  return { id, room, of: ({ caller }: CaseViewer) => sheets.of(id, caller), startMs }
}

test.each([
  ['the secretariat of the unit', person('secretariat', 'ch-laval', ['URG']), true],
  ['the secretariat of the site', person('secretariat', 'ch-laval'), true],
  ['the secretariat of the centre', person('secretariat', 'chu-angers'), true],
  ['the secretariat of another unit', person('secretariat', 'ch-laval', ['CARDIO']), false],
  ['the secretariat of another site', person('secretariat', 'ch-haut-anjou'), false],
  ['who asks', asks, true],
  ['people of imaging', person('requester', 'ch-laval', ['RADIO']), false],
  ['support', person('support', null), false],
] as const)('the sheet of a case is for %s: %#', async (_name, viewer, seen) => {
  const { of } = await world()
  const sheet = await of(viewer)
  expect(sheet !== null).toBe(seen)
  if (sheet === null) return
  expect(JSON.stringify(sheet)).not.toContain('CANARI')
  expect(sheet).toMatchObject({
    patient: { family: 'MARTIN (FICTIF)' },
    appointments: [{ id: 'a1', status: 'booked' }],
    documents: [
      { type: 'application/pdf', number: 1 },
      { type: 'image/jpeg', number: 1 },
      { type: 'application/pdf', number: 2 },
    ],
  })
})

test('the link of its session is told by what it is now', async () => {
  const { of, room, startMs } = await world()
  const link = async () => (await of(asks))?.appointments[0]?.link
  expect(await link()).toBe('early')
  room.clock.atMs = startMs
  expect(await link()).toBe('open')
  room.clock.atMs = startMs + 300 * MIN
  expect(await link()).toBe('over')
})
