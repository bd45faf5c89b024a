import { expect, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { dutyPlugin } from '../../src/console/duty.ts'
import { noticesPlugin } from '../../src/console/notices.ts'
import type { Config } from '../../src/core/config.ts'
import { dutyCommands } from '../../src/telemedicine/duty/commands.ts'
import { dutyViews } from '../../src/telemedicine/duty/views.ts'
import { careNoticeViews, noticeReports } from '../../src/telemedicine/notices/kept.ts'
import { noticeRow } from '../../src/telemedicine/notices/row.ts'
import { careConfig } from '../telemedicine/care.ts'
import { type Running, startConsole } from './gateway.ts'
import { operator, someConfig } from './region.ts'

const HOUR = 3_600_000
const iso = (ms: number) => new Date(ms).toISOString()

/** A console with the API of duty, and who may do what in it. */
async function started(): Promise<Running> {
  const { careServices, telemedicine, establishments } = careConfig()
  const operators = [
    operator('expert', ['chu-nantes']),
    operator('requester', ['ch-chateaubriant']),
    operator('coordination'),
    operator('dpo'),
  ]
  const config = { ...someConfig({ operators }), careServices, telemedicine, establishments } as Config
  const parts = { config: () => config, clock: machineClock, ids: machineIds, told() {} }
  return startConsole(
    {
      over: (journal) => ({
        plugins: [
          dutyPlugin({
            duty: dutyViews({ journal, ...parts }),
            duties: dutyCommands({ journal, ...parts }),
            clock: machineClock,
          }),
          noticesPlugin({
            reports: noticeReports({ journal, ...parts, changed() {} }),
            notices: careNoticeViews(journal),
            cases: { one: async () => null },
          }),
        ],
      }),
    },
    config,
  )
}

test('a rota is saved, read, tested and taken; with what is wrong with it in hours', async () => {
  const { call } = await started()
  const nowMs = Date.now()
  const from = nowMs - (nowMs % HOUR)
  const duty = (fromH: number, untilH: number, person = 'Dr Anne Martin', place = 1) => ({
    ...{ place, person, rpps: null, phone: '02 61 91 00 01', mobile: '06 39 98 00 01' },
    from: iso(from + fromH * HOUR),
    until: iso(from + untilH * HOUR),
  })
  const save = (duties: object[], key = 'demo-expert', centre = 'chu-nantes') =>
    call('/api/duty', {
      method: 'PUT',
      key,
      body: { service: 'stroke', centre, from: iso(from), until: iso(from + 24 * HOUR), duties },
    })
  const refused = await save([duty(0, 12), duty(11, 20, 'Dr Paul Bernard'), duty(0, 24, 'Dr Line Roy', 2)])
  expect([refused.status, refused.json.code]).toEqual([422, 'DUTY_OVERLAP'])
  expect(refused.headers.get('content-type')).toContain('application/problem+json')
  expect(refused.json.problems).toEqual([
    {
      ...{ what: 'overlap', place: 1, from: iso(from + 11 * HOUR), until: iso(from + 12 * HOUR) },
      people: ['Dr Anne Martin', 'Dr Paul Bernard'],
    },
    { what: 'empty', place: 1, from: iso(from + 20 * HOUR), until: iso(from + 24 * HOUR) },
  ])
  expect((await save([duty(0, 24)])).json).toMatchObject({
    code: 'DUTY_INCOMPLETE',
    problems: [{ what: 'empty', place: 2 }],
  })
  expect((await save([duty(5, 2)])).json).toMatchObject({
    code: 'DUTY_MALFORMED',
    problems: [{ what: 'hours', at: 0 }],
  })
  expect((await save([duty(0, 24), duty(0, 24, 'Dr Line Roy', 2)])).json).toEqual({ saved: true })

  const span = `from=${encodeURIComponent(iso(from))}&until=${encodeURIComponent(iso(from + 30 * HOUR))}`
  const rotas = await call(`/api/duty?${span}&service=stroke&centre=chu-nantes`, { key: 'demo-requester' })
  expect(rotas.json.rotas).toMatchObject([
    {
      ...{ service: 'stroke', centre: 'chu-nantes', places: [1, 2] },
      duties: [
        { person: 'Dr Anne Martin', phone: '0261910001', takenAt: null, heard: null },
        { person: 'Dr Line Roy' },
      ],
      empty: [{ place: 1, from: iso(from + 24 * HOUR) }, { place: 2 }],
    },
  ])
  const on = await call('/api/duty/on', { key: 'demo-requester' })
  expect(on.json.duties.map(({ person }: { person: string }) => person)).toEqual(['Dr Anne Martin', 'Dr Line Roy'])
  const { id } = on.json.duties[0]
  const tested = await call(`/api/duty/${id}/test`, { method: 'POST', key: 'demo-expert', body: {} })
  expect(tested.json.notices.map(({ channel, why, state }: Record<string, string>) => [channel, why, state])).toEqual([
    ['sms', 'duty-test', 'waiting'],
    ['voice', 'duty-test', 'waiting'],
  ])
  const heard = { sound: true, sms: true, voice: false }
  const taken = await call(`/api/duty/${id}/take`, { method: 'POST', key: 'demo-expert', body: heard })
  expect(taken.json).toMatchObject({ person: 'Dr Anne Martin', takenBy: 'demo-expert', heard })
  expect((await call(`/api/duty/${id}`, { key: 'demo-expert' })).json).toMatchObject({
    duty: { heard },
    notices: [{}, {}],
  })
  expect((await call(`/api/duty/${id}/open`, { key: 'demo-expert' })).json).toEqual({ cases: [] })

  for (const [method, path, key, status, body] of [
    ['GET', '/api/duty/on', 'demo-dpo', 403],
    ['PUT', '/api/duty', 'demo-requester', 403, {}],
    ['POST', `/api/duty/${id}/take`, 'demo-requester', 403, heard],
    ['GET', `/api/duty/${id}/open`, 'demo-requester', 404],
    ['GET', `/api/duty/${machineIds.uuid()}`, 'demo-coordination', 404],
    ['GET', '/api/duty?from=x&until=y', 'demo-expert', 400],
  ] as const) {
    const answer = await call(path, { method, key, ...(body === undefined ? {} : { body }) })
    expect([path, key, answer.status]).toEqual([path, key, status])
  }
  expect((await save([duty(0, 24)], 'demo-expert', 'chu-angers')).status).toBe(403)
})

test('reports of providers: by key, as JSON or a form, and nothing is said of what is not known', async () => {
  const { journal, url } = await started()
  const notice = (id: string) =>
    noticeRow({
      ...{ id, careCase: 'c', n: 1, why: 'rung', ladder: 'answer', rung: 0, told: 'duty-1', channel: 'sms' },
      ...{ establishment: 'chu-nantes', target: '0639980001', madeAtMs: 1, failed: null },
    })
  await journal.apply({ rows: [notice('n1'), notice('n2')] })
  const report = async (path: string, key: string | null, body: string, type = 'application/json') => {
    const headers = { 'content-type': type, ...(key === null ? {} : { authorization: `Bearer ${key}` }) }
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body })
    return answer.status
  }
  const key = 'key-of-theirs'
  const form = 'application/x-www-form-urlencoded'
  expect(await report('/telemedicine/reports/sms', key, '{"id":"n1","state":"delivered"}')).toBe(204)
  expect(await report('/telemedicine/reports/sms', key, 'id=n2&state=failed', form)).toBe(204)
  expect(await report('/telemedicine/reports/sms', null, '{"id":"n1","state":"failed"}')).toBe(401)
  expect(await report('/telemedicine/reports/sms', 'demo-admin', '{"id":"n1","state":"failed"}')).toBe(401)
  expect(await report('/telemedicine/reports/sms', key, '{"id":"n9","state":"failed"}')).toBe(404)
  expect(await report('/telemedicine/reports/sms', key, '[]')).toBe(400)
  expect(await report('/telemedicine/reports/mail', key, '{}')).toBe(400)
  const rows = await journal.look({ sql: 'SELECT id, state, code FROM care_notice ORDER BY id', parameters: [] })
  expect(rows).toEqual([
    { id: 'n1', state: 'delivered', code: null },
    { id: 'n2', state: 'failed', code: 'NOTICE_UNDELIVERED' },
  ])
})
