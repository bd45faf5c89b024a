import { expect, test } from 'vitest'
import { casesPlugin } from '../../src/console/cases.ts'
import type { Person } from '../../src/core/caller.ts'
import { careConfig, caseRoom } from '../telemedicine/case-room.ts'
import { type Called, type Running, startConsole } from './gateway.ts'
import { operator } from './region.ts'

const SITE = 'ch-laval'
const CENTRE = 'chu-angers'
const CANARY = 'CANARI (FICTIF)'

async function open(): Promise<Running> {
  const operators = [
    operator('requester', [SITE]),
    operator('expert', [CENTRE]),
    operator('coordination'),
    operator('admin'),
  ]
  const config = careConfig({ operators: [...operators, { ...operator('secretariat', [CENTRE]) }] })
  return startConsole(
    {
      over: (journal) => {
        const { commands, views, parts, clock } = caseRoom(journal, { config: () => config })
        return { plugins: [casesPlugin({ commands, views, uuid: parts.uuid, nowMs: () => clock.atMs })] }
      },
    },
    config,
  )
}

const as = (role: Person['role']) => ({ key: `demo-${role}` })
const post = (world: Running, path: string, body: unknown, role: Person['role']): Promise<Called> =>
  world.call(path, { ...as(role), method: 'POST', body })
const ASKED = {
  service: 'stroke',
  callBack: '0199005001',
  reason: CANARY,
  patient: {
    identifiers: [{ authority: 'CHL', value: '4711', type: 'PI' }],
    family: CANARY,
    given: 'Jeanne',
    birthDate: '1950',
    sex: 'female',
  },
  times: { 'last-seen-well': { at: '2026-11-26T08:30:00+01:00', precision: 'minute', source: 'witness' } },
}

test('from a request to its end, over HTTP, each side as far as it takes part', async () => {
  const world = await open()
  const made = await post(world, '/api/cases', { request: ASKED }, 'requester')
  expect(made).toMatchObject({ status: 201, json: { number: 'AVC-261126-0001', state: 'requested', site: SITE } })
  expect(made.json.times['last-seen-well'].at).toBe('2026-11-26T07:30:00.000Z')
  expect(made.text).not.toContain('"keys"')
  const path = `/api/cases/${made.json.id}`
  const act = (what: object, role: Person['role'], more: object = {}) =>
    post(world, `${path}/acts`, { act: what, ...more }, role)
  expect(await act({ what: 'accept' }, 'expert', { version: made.json.version, reason: 'garde' })).toMatchObject({
    status: 200,
    json: { state: 'accepted' },
  })
  expect(
    await act({ what: 'advise', text: 'Avis', coded: [] }, 'expert', { version: made.json.version }),
  ).toMatchObject({ status: 412, json: { code: 'CASE_VERSION' } })
  expect(await act({ what: 'advise', text: 'Avis', coded: [] }, 'requester')).toMatchObject({
    status: 403,
    json: { code: 'CASE_FORBIDDEN' },
  })
  expect(await act({ what: 'score', items: { '70184-7': 4 }, total: null }, 'expert')).toMatchObject({
    status: 422,
    json: { code: 'CASE_ACT' },
  })
  expect(await act({ what: 'score', items: { '70184-7': 2 }, total: 12 }, 'expert')).toMatchObject({
    status: 200,
    json: { nihss: { total: 12 } },
  })
  expect(await act({ what: 'rung', ladder: 'answer', rung: 1, centre: '', notices: [] }, 'coordination')).toMatchObject(
    { status: 400 },
  )
  expect(await act({ what: 'finish' }, 'coordination')).toMatchObject({ status: 200, json: { state: 'done' } })
  expect(await act({ what: 'write', text: 'x' }, 'coordination')).toMatchObject({
    status: 409,
    json: { code: 'CASE_CLOSED' },
  })
  const one = await world.call(path, as('expert'))
  expect(one.json.happenings.map(({ act: { what } }: { act: { what: string } }) => what)).toEqual([
    'request',
    'rung',
    'accept',
    'score',
    'finish',
  ])
  for (const [role, status] of [
    ['secretariat', 403],
    ['admin', 403],
    ['requester', 200],
  ] as const) {
    expect((await world.call(path, as(role))).status).toBe(status)
  }
  expect((await world.call(path, { key: 'demo-chu-angers' })).status).toBe(200)
  expect((await world.call(path, { key: 'demo-ehpad-a' })).json).toMatchObject({ code: 'CASE_NOT_FOUND' })
  const listed = await world.call('/api/cases?service=stroke&open=false', as('coordination'))
  expect(listed.json).toMatchObject({ cases: [{ id: made.json.id, extent: 'whole' }], next: null })
  expect(world.log.join('\n')).not.toContain(CANARY)
  const events = await world.journal.look<{ what: string; who: string; detail: string; why: string | null }>({
    sql: `SELECT what, who, detail, why FROM event WHERE what LIKE 'case-%' ORDER BY seq`,
    parameters: [],
  })
  expect(events).toContainEqual({
    what: 'case-accept',
    who: 'demo-expert',
    detail: 'case:AVC-261126-0001',
    why: 'garde',
  })
  expect(JSON.stringify(events)).not.toContain(CANARY)
})

test('a page goes on where the one before ended, and what may not be asked is refused', async () => {
  const world = await open()
  for (let i = 0; i < 5; i += 1) {
    const patient = { ...ASKED.patient, identifiers: [{ authority: 'CHL', value: `${i}`, type: 'PI' }] }
    await post(world, '/api/cases', { request: { ...ASKED, patient, drill: i === 4 } }, 'requester')
  }
  const first = await world.call('/api/cases?limit=3', as('coordination'))
  const second = await world.call(`/api/cases?limit=3&after=${first.json.next}`, as('coordination'))
  expect([first.json.cases.length, second.json.cases.length, second.json.next]).toEqual([3, 1, null])
  expect((await world.call('/api/cases?drill=true', as('expert'))).json.cases).toHaveLength(1)
  expect(await post(world, '/api/cases', { request: { ...ASKED, service: 'none' } }, 'requester')).toMatchObject({
    status: 422,
  })
  expect(await post(world, '/api/cases', { request: { ...ASKED, site: CENTRE } }, 'requester')).toMatchObject({
    status: 403,
  })
  expect(await post(world, '/api/cases', { request: { ...ASKED, extra: 1 } }, 'requester')).toMatchObject({
    status: 400,
  })
})
