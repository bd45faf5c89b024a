import { expect, test } from 'vitest'
import type { Finding } from '../../src/core/message.ts'
import { AUTHORITY, bodyOf, delivery, INS, intake, type Running, startConsole } from './gateway.ts'

const ADMIN = 'demo-admin'

/** Three messages: laval→angers (A01, delivered), angers→laval (A31, queued), laval→angers (ORU, parked). */
async function someMessages({ journal }: Running) {
  const one = intake(journal, 'M1', { deliveries: [delivery('chu-angers/unv'), delivery('chu-angers/dpi')] })
  const two = intake(journal, 'M2', {
    establishment: 'chu-angers',
    kind: 'ADT^A31',
    receivedAtMs: Date.parse('2026-01-02T10:00:00Z'),
    patientKeys: [],
    deliveries: [delivery('ch-laval/gam')],
  })
  const finding: Finding = { code: 'ORDER_OVERTAKEN', class: 'form', at: 'PID-3' }
  const three = intake(journal, 'M3', {
    kind: 'ORU^R01',
    findings: [finding],
    receivedAtMs: Date.parse('2026-01-03T10:00:00Z'),
    deliveries: [delivery('chu-angers/unv', { state: 'poisoned', code: 'POISONED' })],
  })
  for (const message of [one, two, three]) await journal.commit([message])
  for (const [to, outcome] of [
    ['sending', null],
    ['delivered', 'delivered'],
  ] as const) {
    await journal.record({
      deliveryId: one.deliveries[0]?.id ?? '',
      from: to === 'sending' ? ['queued'] : ['sending'],
      to,
      held: false,
      holds: to === 'sending',
      atMs: Date.parse('2026-01-01T10:00:01.250Z'),
      dueAtMs: 0,
      code: null,
      sameCode: 0,
      attempts: 1,
      attempt:
        outcome === null
          ? null
          : {
              n: 1,
              startedAtMs: Date.parse('2026-01-01T10:00:01Z'),
              endedAtMs: Date.parse('2026-01-01T10:00:01.250Z'),
              outcome,
              code: null,
              answer: 'MSA-1 AA',
            },
      findings: [],
      events: [],
    })
  }
  return { one, two, three }
}

const controlIds = (json: { messages: { controlId: string }[] }) => json.messages.map((m) => m.controlId)

test('a list has the shape that the design promises', async () => {
  const running = await startConsole()
  const { one, three } = await someMessages(running)
  const { status, json } = await running.call('/api/messages?limit=1', { key: ADMIN })
  expect(status).toBe(200)
  expect(json).toEqual({
    messages: [
      {
        id: three.id,
        receivedAt: '2026-01-03T10:00:00.000Z',
        from: 'ch-laval',
        entrance: 'mllp',
        kind: 'ORU^R01',
        controlId: 'M3',
        bytes: bodyOf('M3').length,
        state: 'parked',
        findings: [{ code: 'ORDER_OVERTAKEN', class: 'form', at: 'PID-3', params: {} }],
        deliveries: [
          {
            id: three.deliveries[0]?.id,
            destination: 'chu-angers/unv',
            state: 'poisoned',
            attempts: 0,
            lastError: 'POISONED',
          },
        ],
      },
    ],
    next: expect.any(String),
  })
  const detail = await running.call(`/api/messages/${one.id}`, { key: ADMIN })
  expect(detail.json.deliveries[0]).toMatchObject({
    state: 'delivered',
    route: 'admissions',
    history: [{ n: 1, startedAt: '2026-01-01T10:00:01.000Z', ms: 250, outcome: 'delivered', answer: 'MSA-1 AA' }],
  })
})

test.each<[query: string, expected: string[]]>([
  ['', ['M3', 'M2', 'M1']],
  ['controlId=M2', ['M2']],
  ['from=chu-angers', ['M2']],
  ['kind=ADT^A01', ['M1']],
  ['kind=ADT^*', ['M2', 'M1']],
  ['kind=AD*', ['M2', 'M1']],
  ['state=parked', ['M3']],
  ['state=inFlight', ['M2', 'M1']],
  ['state=closed', []],
  ['since=2026-01-02T11:00:00%2B01:00', ['M3', 'M2']],
  ['since=2026-01-02T11:00:00+01:00', ['M3', 'M2']],
  ['since=2026-01-02T10:00:01Z', ['M3']],
  ['from=ch-laval&kind=ADT^*&state=inFlight', ['M1']],
])('the filter %s', async (query, expected) => {
  const running = await startConsole()
  await someMessages(running)
  const { json } = await running.call(`/api/messages?${query}`, { key: ADMIN })
  expect(controlIds(json)).toEqual(expected)
  const filter = Object.fromEntries(new URLSearchParams(query))
  const searched = await running.call('/api/messages/search', { key: ADMIN, body: filter })
  expect(controlIds(searched.json)).toEqual(expected)
})

test.each([
  [`${AUTHORITY}|${INS}`, ['M3', 'M1']],
  [`${AUTHORITY}|${INS}0`, []],
  [`|${INS}`, []],
])('search by patient %s', async (patient, expected) => {
  const running = await startConsole()
  await someMessages(running)
  const { json } = await running.call('/api/messages/search', { key: ADMIN, body: { patient } })
  expect(controlIds(json)).toEqual(expected)
})

test('pages follow each other without gap or repeat, whatever arrives meanwhile', async () => {
  const running = await startConsole()
  for (let n = 1; n <= 5; n++) await running.journal.commit([intake(running.journal, `M${n}`)])
  const first = await running.call('/api/messages?limit=2', { key: ADMIN })
  await running.journal.commit([intake(running.journal, 'M6')])
  const second = await running.call(`/api/messages?limit=2&after=${first.json.next}`, { key: ADMIN })
  const third = await running.call(`/api/messages?limit=2&after=${second.json.next}`, { key: ADMIN })
  expect([first, second, third].map(({ json }) => controlIds(json))).toEqual([['M5', 'M4'], ['M3', 'M2'], ['M1']])
  expect(third.json.next).toBeNull()
})

test.each<[name: string, path: string, body?: object]>([
  ['an unknown name', '/api/messages?patience=1'],
  ['a patient in the URL', `/api/messages?patient=${AUTHORITY}|${INS}`],
  ['limit 0', '/api/messages?limit=0'],
  ['limit 501', '/api/messages?limit=501'],
  ['a time without offset', '/api/messages?since=2026-01-02T10:00:00'],
  ['a time that is none', '/api/messages?since=2026-13-42T10:00:00Z'],
  ['a state that is none', '/api/messages?state=lost'],
  ['a cursor that is none', '/api/messages?after=x'],
  ['an unknown name in a search', '/api/messages/search', { patience: 1 }],
  ['a patient without authority separator', '/api/messages/search', { patient: INS }],
  ['a limit as text', '/api/messages/search', { limit: '5' }],
])('400, and nothing of the value said: %s', async (_name, path, body) => {
  const running = await startConsole()
  const { status, json, headers, text } = await running.call(path, { key: ADMIN, ...(body ? { body } : {}) })
  expect(status).toBe(400)
  expect(headers.get('content-type')).toContain('application/problem+json')
  expect(json).toMatchObject({ type: 'about:blank', status: 400, code: 'BAD_REQUEST', instance: expect.any(String) })
  expect(text + running.log.join('')).not.toContain(INS)
})

test('an establishment sees what it sent and what goes to it, and 404 for the rest', async () => {
  const running = await startConsole()
  const { one, two } = await someMessages(running)
  const other = intake(running.journal, 'M4', { establishment: 'ehpad-a', deliveries: [delivery('chu-angers/unv')] })
  await running.journal.commit([other])
  const list = await running.call('/api/messages', { key: 'demo-ch-laval' })
  expect(controlIds(list.json)).toEqual(['M3', 'M2', 'M1'])
  expect((await running.call(`/api/messages/${two.id}`, { key: 'demo-ch-laval' })).status).toBe(200)
  const hidden = await running.call(`/api/messages/${other.id}`, { key: 'demo-ch-laval' })
  const absent = await running.call('/api/messages/none', { key: 'demo-ch-laval' })
  expect([hidden.status, absent.status]).toEqual([404, 404])
  expect({ ...hidden.json, instance: '' }).toEqual({ ...absent.json, instance: '' })
  const ehpad = await running.call(`/api/messages/${one.id}`, { key: 'demo-ehpad-a' })
  expect(ehpad.status).toBe(404)
})

test('the receiving side sees its own deliveries of a message, not those of others', async () => {
  const running = await startConsole()
  const message = intake(running.journal, 'M1', {
    deliveries: [delivery('chu-angers/unv'), delivery('ehpad-a/dpi')],
  })
  await running.journal.commit([message])
  const seen = async (key: string) => {
    const list = await running.call('/api/messages', { key })
    const detail = await running.call(`/api/messages/${message.id}`, { key })
    const of = (deliveries: { destination: string }[]) => deliveries.map((d) => d.destination)
    const routed = detail.json.timeline.flatMap((e: { destination: string | null }) => e.destination ?? [])
    return [of(list.json.messages[0].deliveries), of(detail.json.deliveries), routed]
  }
  const both = ['chu-angers/unv', 'ehpad-a/dpi']
  expect(await seen('demo-ch-laval')).toEqual([both, both, both])
  expect(await seen('demo-ehpad-a')).toEqual([['ehpad-a/dpi'], ['ehpad-a/dpi'], ['ehpad-a/dpi']])
  expect(await seen(ADMIN)).toEqual([both, both, both])
})

test('the receiving side sees acts on its own deliveries, not who read the content elsewhere', async () => {
  const running = await startConsole()
  const own = delivery('ehpad-a/dpi', { state: 'poisoned', code: 'POISONED' })
  const message = intake(running.journal, 'M1', { deliveries: [delivery('chu-angers/unv'), own] })
  await running.journal.commit([message])
  await running.call(`/api/messages/${message.id}/body`, { key: 'demo-ch-laval' })
  await running.call(`/api/deliveries/${own.id}/close`, { key: ADMIN, body: { reason: 'x' } })
  const events = async (key: string) => {
    const { json } = await running.call(`/api/messages/${message.id}`, { key })
    return json.timeline.flatMap((e: { event: string | null }) => e.event ?? [])
  }
  expect(await events('demo-ch-laval')).toEqual(['read-body', 'close'])
  expect(await events('demo-ehpad-a')).toEqual(['close'])
  expect(await events('demo-chu-angers')).toEqual([])
})

test('an establishment whose id begins like another is another', async () => {
  const running = await startConsole()
  for (const destination of ['ch-laval2/gam', 'ch-laval-b/gam', 'ch-lava/gam']) {
    const message = intake(running.journal, destination, { establishment: null, deliveries: [delivery(destination)] })
    await running.journal.commit([message])
  }
  expect(controlIds((await running.call('/api/messages', { key: 'demo-ch-laval' })).json)).toEqual([])
  expect(controlIds((await running.call('/api/messages', { key: ADMIN })).json)).toHaveLength(3)
})

test.each<[name: string, key: string, control: 'one' | 'two', status: number]>([
  ['the sender reads it', 'demo-ch-laval', 'one', 200],
  ['who has it reads it', 'demo-chu-angers', 'one', 200],
  ['who has it not yet does not', 'demo-ch-laval', 'two', 404],
  ['a stranger does not', 'demo-ehpad-a', 'one', 404],
  ['an operator has no content', ADMIN, 'one', 403],
])('content: %s', async (_name, key, which, status) => {
  const running = await startConsole()
  const message = (await someMessages(running))[which]
  const answer = await running.call(`/api/messages/${message.id}/body`, { key })
  expect(answer.status).toBe(status)
  const { json } = await running.call(`/api/messages/${message.id}`, { key: ADMIN })
  const reads = json.timeline.filter((e: { event: string | null }) => e.event === 'read-body')
  if (status === 200) {
    expect(answer.text).toBe(bodyOf('M1').toString('latin1'))
    expect(answer.headers.get('content-type')).toBe('application/hl7-v2')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(reads).toMatchObject([{ who: key.slice('demo-'.length), why: 'API' }])
  } else {
    expect(reads).toEqual([])
  }
})

test('acts: each needs a key of an operator and a reason, and stands on the timeline', async () => {
  const running = await startConsole()
  const { three } = await someMessages(running)
  const id = three.deliveries[0]?.id
  const act = (name: string, body: object, key = ADMIN) => running.call(`/api/deliveries/${id}/${name}`, { key, body })
  for (const body of [{}, { reason: '' }, { reason: '  ' }, { reason: 'a\nb' }, { reason: 'x'.repeat(501) }]) {
    expect((await act('resend', body)).json).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
  }
  expect((await act('resend', { reason: 'no' }, 'demo-ch-laval')).status).toBe(403)
  expect((await act('skip', { reason: 'let others pass' })).json).toMatchObject({ id, state: 'poisoned' })
  expect((await act('resend', { reason: 'mended' })).json).toMatchObject({ id, state: 'queued' })
  expect((await act('close', { reason: 'by telephone' })).json).toMatchObject({ id, state: 'closed' })
  expect((await act('close', { reason: 'again' })).json).toMatchObject({ status: 409, code: 'WRONG_STATE' })
  const { json } = await running.call(`/api/messages/${three.id}`, { key: ADMIN })
  const events = json.timeline.filter((e: { what: string }) => e.what === 'event')
  expect(events.map((e: { event: string; who: string; why: string }) => [e.event, e.who, e.why])).toEqual([
    ['skip', 'demo-admin', 'let others pass'],
    ['resend', 'demo-admin', 'mended'],
    ['close', 'demo-admin', 'by telephone'],
  ])
  expect(json.state).toBe('closed')
})

test('replay: shown by a dry run, then made as new deliveries that name the old', async () => {
  const running = await startConsole()
  const { one } = await someMessages(running)
  const replay = (body: object) => running.call(`/api/messages/${one.id}/replay`, { key: ADMIN, body })
  const dry = await replay({ reason: 'test', dryRun: true, to: 'chu-angers/unv' })
  expect(dry.json).toEqual({
    dryRun: true,
    left: [],
    deliveries: [{ id: null, destination: 'chu-angers/unv', replayOf: one.deliveries[0]?.id }],
  })
  const made = await replay({ reason: 'lost there', to: 'chu-angers/unv' })
  expect(made.json.deliveries).toHaveLength(1)
  const { json } = await running.call(`/api/messages/${one.id}`, { key: ADMIN })
  expect(json.deliveries).toHaveLength(3)
  expect(json.timeline.filter((e: { what: string }) => e.what === 'replayed')).toMatchObject([
    { destination: 'chu-angers/unv', delivery: made.json.deliveries[0].id },
  ])
  expect((await replay({ reason: 'x', to: 'nobody/here' })).status).toBeGreaterThanOrEqual(400)
  expect((await running.call('/api/messages/none/replay', { key: ADMIN, body: { reason: 'x' } })).status).toBe(404)
})

test('the status tells counts that add up', async () => {
  const running = await startConsole()
  await someMessages(running)
  const { json } = await running.call('/api/status', { key: ADMIN })
  expect(json).toMatchObject({
    received: 3,
    closed: 0,
    inFlight: 2,
    parked: 1,
    refused: 0,
    difference: 0,
    version: '1.2.3',
  })
  expect(json.entrances).toEqual([{ name: 'mllp', host: '127.0.0.1', port: 2575, connections: 3 }])
  expect(json.destinations).toContainEqual({
    id: 'chu-angers/unv',
    establishment: 'chu-angers',
    use: 'qualification',
    open: 0,
    parked: 1,
    delivered: 1,
    oldestOpenMs: null,
  })
  expect((await running.call('/api/status', { key: 'demo-ch-laval' })).status).toBe(403)
})
