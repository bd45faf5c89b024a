import { expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { CANARY, type Running, startConsole } from './gateway.ts'
import { operator, someConfig } from './region.ts'

const DAY_MS = 86_400_000

async function raised(): Promise<{ running: Running; ids: string[] }> {
  const operators = [
    operator('admin'),
    operator('support'),
    operator('establishment-it', ['ch-laval']),
    operator('dpo'),
  ]
  const running = await startConsole({}, someConfig({ operators }))
  const ids: string[] = []
  for (const [kind, subject, establishment] of [
    ['silence', 'ch-laval', 'ch-laval'],
    ['parked', 'chu-angers/unv', 'chu-angers'],
    ['disk', '*', null],
  ] as const) {
    const id = machineIds.uuid()
    ids.push(id)
    await running.journal.apply({
      rows: [
        {
          sql: `INSERT INTO alert (id, cause, kind, severity, code, subject, establishment, params, first_at_ms,
            last_at_ms, times, acknowledged) VALUES (?, ?, ?, 'important', 'WORK_PARKED', ?, ?, '{"count":2}', ?, ?, 1, 0)`,
          parameters: [id, `${kind}:${subject}`, kind, subject, establishment, 1_000, 2_000],
        },
      ],
    })
  }
  return { running, ids }
}

test('who sees which alerts, and who may act on them', async () => {
  const { running, ids } = await raised()
  const { call } = running
  const subjects = async (key: string) =>
    (await call('/api/alerts', { key })).json.alerts.map(({ subject }: { subject: string }) => subject).sort()
  expect(await subjects('demo-admin')).toEqual(['*', 'ch-laval', 'chu-angers/unv'])
  expect(await subjects('demo-support')).toEqual(['*', 'ch-laval', 'chu-angers/unv'])
  expect(await subjects('demo-establishment-it')).toEqual(['ch-laval'])
  const statuses = [
    ['GET', '/api/alerts', 'demo-dpo', 403],
    ['GET', `/api/alerts/${ids[1]}`, 'demo-establishment-it', 404],
    ['GET', `/alertes/${ids[1]}`, 'demo-establishment-it', 404],
    ['GET', `/alertes/${ids[0]}`, 'demo-establishment-it', 200],
    ['GET', '/api/alerts/nothing', 'demo-admin', 400],
    ['GET', '/api/alerts?after=x', 'demo-admin', 400],
    ['GET', '/alertes?after=x', 'demo-admin', 400],
    ['POST', `/api/alerts/${ids[0]}/acknowledge`, 'demo-support', 403],
    ['POST', `/api/alerts/${ids[0]}/acknowledge`, 'demo-establishment-it', 403],
  ] as const
  for (const [method, path, key, status] of statuses) {
    const answer = await call(path, { key, method, ...(method === 'POST' ? { body: { reason: 'seen' } } : {}) })
    expect([path, key, answer.status]).toEqual([path, key, status])
  }
})

test('acknowledge and snooze over the API, with a reason', async () => {
  const { running, ids } = await raised()
  const { call } = running
  const key = 'demo-admin'
  expect((await call(`/api/alerts/${ids[0]}/acknowledge`, { key, body: {} })).status).toBe(400)
  const done = await call(`/api/alerts/${ids[0]}/acknowledge`, { key, body: { reason: 'they know' } })
  expect(done.json).toMatchObject({ state: 'acknowledged', who: 'demo-admin', why: 'they know', notices: [] })
  const until = new Date(Date.now() + DAY_MS).toISOString()
  const put = await call(`/api/alerts/${ids[1]}/snooze`, { key, body: { until, reason: 'tomorrow' } })
  expect(Date.parse(put.json.snoozedUntil)).toBe(Date.parse(until))
  const far = new Date(Date.now() + 40 * DAY_MS).toISOString()
  expect((await call(`/api/alerts/${ids[1]}/snooze`, { key, body: { until: far, reason: 'never' } })).status).toBe(400)
  expect((await call('/api/alerts?state=open', { key })).json.alerts).toHaveLength(2)
  expect((await call('/api/alerts?kind=disk&severity=important', { key })).json.alerts).toHaveLength(1)
})

const form = (fields: Readonly<Record<string, string>>) => ({
  method: 'POST',
  headers: { authorization: 'Bearer demo-admin', 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields),
  redirect: 'manual' as const,
})

test('the forms of a page lead back to it, ask for a reason, and show hostile words as words', async () => {
  const { running, ids } = await raised()
  const { url, call } = running
  const path = `/alertes/${ids[1]}`
  const without = await fetch(`${url}${path}/prise-en-compte`, form({ reason: '  ' }))
  expect([without.status, await without.text()]).toEqual([200, expect.stringContaining('Un motif est nécessaire')])
  const done = await fetch(`${url}${path}/prise-en-compte`, form({ reason: '<script>alert(1)</script>' }))
  expect([done.status, done.headers.get('location')]).toEqual([303, path])
  expect((await fetch(`${url}${path}/sourdine`, form({ reason: 'x', hours: 'soon' }))).status).toBe(400)
  expect((await fetch(`${url}${path}/sourdine`, form({ reason: 'x', hours: '4' }))).status).toBe(303)
  const { text } = await call(path, { key: 'demo-admin' })
  expect(text).not.toContain('<script>alert')
  expect(text).toContain('href="/messages?to=chu-angers%2Funv&amp;state=parked"')
  expect(text).not.toContain(CANARY)
})

test('a page without alerts teaches what they are, and one without a match says so', async () => {
  const { call } = await startConsole()
  expect((await call('/alertes', { key: 'demo-admin' })).text).toContain('Rien à signaler')
  expect((await call('/alertes?state=ended', { key: 'demo-admin' })).text).toContain('Aucune alerte ne répond')
})
