import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Act, Case, CaseMessage, CaseRequest } from '../../src/core/cases.ts'
import { hearing } from '../../src/telemedicine/heard.ts'
import { loadHappenings } from '../../src/telemedicine/store/load.ts'
import { openStore } from '../support/stores.ts'
import { caseRoom, done } from './case-room.ts'
import { person, plain, request } from './invented.ts'

const HOUR = 3_600_000
const asks = person('requester', 'ch-laval')
const angers = person('expert', 'chu-angers')

let store: Awaited<ReturnType<typeof openStore>>
let room: ReturnType<typeof caseRoom>
beforeEach(async () => {
  store = await openStore()
  room = caseRoom(store.journal)
})
afterEach(() => store.end())

const onset = (hoursAgo: number): CaseRequest['times'] => ({
  onset: { atMs: room.clock.atMs - hoursAgo * HOUR, precision: 'minute', source: 'witness' },
})
const placer = (value: string) => ({ authority: 'CHL', value })
const ADVICE: Act = { what: 'advise', text: 'Pas de thrombolyse', coded: [] }

/** A case that was asked for eight hours ago, and what was done of it since. */
async function asked(acts: readonly Act[], first: Partial<CaseRequest> = {}): Promise<Case> {
  const one = done(await room.commands.request(request({ times: onset(1), ...first }), asks))
  for (const act of acts) done(await room.commands.act(one.id, act, angers))
  room.clock.atMs += 8 * HOUR
  return one
}
async function remarks(id: string): Promise<readonly string[]> {
  const all = await loadHappenings(store.journal, id)
  return all.flatMap(({ act }) =>
    act.what === 'write' && act.remark !== undefined ? [`${act.remark} ${act.text}`] : [],
  )
}

test('what is asked after the answer is a case of its own: its centre is called, and its times count', async () => {
  const before = await asked([plain('accept'), ADVICE])
  const again = done(await room.commands.request(request({ id: 'r2', times: onset(0.5) }), asks))
  expect(again.id).not.toBe(before.id)
  expect(again.climbs[0]).toMatchObject({ ladder: 'answer', climbed: 1, endedAtMs: null })
  expect(again.times.onset?.atMs).toBe(room.clock.atMs - HOUR / 2)
  expect(await remarks(again.id)).toEqual([`asked-again ${before.number}`])
  expect(await remarks(before.id)).toEqual([`asked-again ${again.number}`])
  const alerts = await store.journal.look({ sql: `SELECT code FROM event WHERE what = 'alert'`, parameters: [] })
  expect(alerts).toEqual([])
  // A third one joins the case that waits for its answer.
  expect(done(await room.commands.request(request({ id: 'r3' }), asks)).id).toBe(again.id)
})

test.each<readonly [string, readonly Act[], Partial<CaseRequest>, Partial<CaseRequest>, boolean]>([
  ['nobody has accepted', [], {}, {}, true],
  ['it was accepted and is not answered', [plain('accept')], {}, {}, true],
  [
    'it was decided without an advice',
    [plain('accept'), { what: 'decide', decision: 'neither', text: '' }],
    {},
    {},
    false,
  ],
  ['the same form is sent again', [plain('accept'), ADVICE], { keys: ['form:1'] }, { keys: ['form:1'] }, true],
  ['another form is sent', [plain('accept'), ADVICE], { keys: ['form:1'] }, { keys: ['form:2'] }, false],
  [
    'the order is changed',
    [plain('accept'), ADVICE],
    { via: 'hl7v2', message: 'm1', placer: placer('P1') },
    { via: 'hl7v2', message: 'm2', placer: placer('P1') },
    true,
  ],
  [
    'another order comes',
    [plain('accept'), ADVICE],
    { via: 'hl7v2', message: 'm1', placer: placer('P1') },
    { via: 'hl7v2', message: 'm2', placer: placer('P2') },
    false,
  ],
  [
    'a resource without a number is sent again as it was',
    [plain('accept'), ADVICE],
    { via: 'fhir', message: 'm1', times: {} },
    { via: 'fhir', message: 'm2', times: {} },
    true,
  ],
])('a request of the same patient where %s joins or does not', async (_name, acts, first, second, joins) => {
  const before = await asked(acts, first)
  const after = done(await room.commands.request(request({ id: 'r2', ...second }), asks))
  expect(after.id === before.id).toBe(joins)
})

test('what is measured of a patient who was asked for again is of the case that waits', async () => {
  const before = await asked([plain('accept'), ADVICE])
  const again = done(await room.commands.request(request({ id: 'r2' }), asks))
  const { keys } = again.requests[0]!
  const message: CaseMessage = {
    ...{ id: 'm9', kind: 'ORU^R01', establishment: 'ch-laval', receivedAtMs: room.clock.atMs, test: false, keys },
  }
  const nihss = { items: {}, total: 17, differs: false }
  const reading = { request: null, cancels: null, acts: [{ what: 'score', nihss, message: 'm9' } as const] }
  const { writes } = await hearing({ message, reading }, room.parts)
  expect(writes.map(({ after }) => [after.id, after.nihss?.total])).toEqual([[again.id, 17]])
  expect(before.id).not.toBe(again.id)
})
