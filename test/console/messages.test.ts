import { expect, test } from 'vitest'
import type { Finding } from '../../src/core/message.ts'
import { AUTHORITY, delivery, INS, intake, type Running, startConsole } from './gateway.ts'

const ADMIN = 'demo-admin'

/** M1: laval to angers, a test over MLLP. M2: angers to laval, real, over HTTPS, with a finding. M3: parked, large, later. */
async function someMessages({ journal }: Running): Promise<void> {
  const finding: Finding = { code: 'SEGMENT_END', class: 'form' }
  const made = [
    intake(journal, 'M1', { deliveries: [delivery('chu-angers/unv'), delivery('chu-angers/dpi')] }),
    intake(journal, 'M2', {
      establishment: 'chu-angers',
      entrance: 'https',
      test: false,
      patientKeys: [],
      findings: [finding],
      receivedAtMs: Date.parse('2026-01-02T10:00:00Z'),
      deliveries: [delivery('ch-laval/gam')],
    }),
    intake(journal, 'M3', {
      bytes: Buffer.alloc(5_000, 65),
      receivedAtMs: Date.parse('2026-01-03T10:00:00Z'),
      deliveries: [delivery('chu-angers/unv', { state: 'poisoned', code: 'POISONED' })],
    }),
  ]
  for (const one of made) await journal.commit([one])
}

const controlIds = (json: { messages: { controlId: string }[] }) => json.messages.map((m) => m.controlId)

test.each<[query: string, expected: string[]]>([
  ['to=chu-angers/unv', ['M3', 'M1']],
  ['to=chu-angers', ['M3', 'M1']],
  ['to=ch-laval', ['M2']],
  ['to=nobody', []],
  ['finding=SEGMENT_END', ['M2']],
  ['code=POISONED', ['M3']],
  ['code=POISONED&to=chu-angers/dpi', []],
  ['minBytes=1000', ['M3']],
  ['maxBytes=1000', ['M2', 'M1']],
  ['minBytes=1&maxBytes=5000', ['M3', 'M2', 'M1']],
  ['until=2026-01-02T10:00:00Z', ['M2', 'M1']],
  ['since=2026-01-02T00:00:00Z&until=2026-01-02T23:59:59Z', ['M2']],
  ['entrance=https', ['M2']],
  ['test=true', ['M3', 'M1']],
  ['test=false', ['M2']],
  ['from=ch-laval&to=chu-angers&test=true&state=parked', ['M3']],
])('the filter %s', async (query, expected) => {
  const running = await startConsole()
  await someMessages(running)
  expect(controlIds((await running.call(`/api/messages?${query}`, { key: ADMIN })).json)).toEqual(expected)
  const filter = Object.fromEntries(
    Array.from(new URLSearchParams(query), ([name, value]) => [
      name,
      /Bytes$/.test(name) ? Number(value) : name === 'test' ? value === 'true' : value,
    ]),
  )
  const searched = await running.call('/api/messages/search', { key: ADMIN, body: filter })
  expect(controlIds(searched.json)).toEqual(expected)
})

test('a patient is searched by POST only, and an establishment finds what it sent or was sent', async () => {
  const running = await startConsole()
  await someMessages(running)
  const patient = `${AUTHORITY}|${INS}`
  const search = async (key: string, body: object) =>
    controlIds((await running.call('/api/messages/search', { key, body })).json)
  expect(await search(ADMIN, { patient })).toEqual(['M3', 'M1'])
  expect(await search('demo-chu-angers', { patient, to: 'chu-angers/dpi' })).toEqual(['M1'])
  expect(await search('demo-ehpad-a', { patient })).toEqual([])
  const inUrl = await running.call(`/api/messages?patient=${encodeURIComponent(patient)}`, { key: ADMIN })
  expect(inUrl.status).toBe(400)
  expect(running.log.join('')).not.toContain(INS)
})

test.each(['minBytes=-1', 'minBytes=x', 'entrance=door', 'test=maybe', 'finding=a b', 'until=yesterday', 'other=1'])(
  '%s is refused',
  async (query) => {
    const running = await startConsole()
    expect((await running.call(`/api/messages?${query}`, { key: ADMIN })).status).toBe(400)
  },
)
