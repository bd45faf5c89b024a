import { beforeEach, expect, test } from 'vitest'
import type { Operator } from '../../src/core/config.ts'
import type { Role } from '../../src/core/roles.ts'
import { bodyOf, delivery, INS, intake, type Running, startConsole } from './gateway.ts'
import { sha256, someConfig } from './region.ts'

const bound = (name: string, role: Role, establishments: string[], more: Partial<Operator> = {}): Operator => ({
  name,
  role,
  keySha256: sha256(name),
  reach: { establishments, applications: null },
  content: false,
  ...more,
})
const ofProduct = (name: string, establishments: string[], applications: string[]): Operator =>
  bound(name, 'editor', establishments, { reach: { establishments, applications } })

const OPERATORS: readonly Operator[] = [
  bound('admin', 'admin', []),
  bound('operator', 'operator', []),
  bound('reader', 'operator', [], { content: true }),
  bound('support', 'support', []),
  bound('dpo', 'dpo', [], { content: true }),
  bound('it-laval', 'establishment-it', ['ch-laval']),
  bound('it-two', 'establishment-it', ['ch-laval', 'ehpad-a']),
  bound('it-none', 'establishment-it', []),
  ofProduct('editor-dpi', ['ch-laval', 'chu-angers'], ['DPI']),
  ofProduct('editor-labo', ['ch-laval'], ['LABO', 'RIS']),
  ofProduct('editor-nothing', ['ch-laval'], []),
]

/** Where the bytes of the body lie that are withheld: the INS in PID-3. */
const withheld = (controlId: string): string => {
  const start = bodyOf(controlId).indexOf(INS)
  return `${start}-${start + INS.length}`
}

let running: Running
const ids: Record<string, string> = {}
/**
 * DPI: laval's DPI to both others. LABO: laval's laboratory, to nobody yet. EHPAD: the nursing home's DPI to laval, not
 * delivered. ANGERS: angers' DPI to itself. */
beforeEach(async () => {
  running = await startConsole({}, someConfig({ operators: OPERATORS }))
  const { journal } = running
  const gone = { state: 'delivered' } as const
  const messages = {
    DPI: intake(journal, 'DPI', {
      withheld: withheld('DPI'),
      deliveries: [delivery('chu-angers/unv', gone), delivery('ehpad-a/dpi', gone)],
    }),
    LABO: intake(journal, 'LABO', { application: 'LABO' }),
    EHPAD: intake(journal, 'EHPAD', { establishment: 'ehpad-a', deliveries: [delivery('ch-laval/gam')] }),
    ANGERS: intake(journal, 'ANGERS', { establishment: 'chu-angers', deliveries: [delivery('chu-angers/dpi', gone)] }),
  }
  for (const [name, one] of Object.entries(messages)) {
    await journal.commit([one])
    ids[name] = one.id
  }
})

const EVERYTHING = ['ANGERS', 'EHPAD', 'LABO', 'DPI']
const NO_CONTENT = { DPI: 403, LABO: 403, EHPAD: 403, ANGERS: 403 }
/** Who sees which messages, newest first, and what becomes of asking for their content with a reason. */
const VIEWERS: readonly (readonly [
  who: string,
  sees: readonly string[] | 403,
  content: Record<string, string | number>,
])[] = [
  ['admin', EVERYTHING, NO_CONTENT],
  ['operator', EVERYTHING, NO_CONTENT],
  ['support', EVERYTHING, NO_CONTENT],
  ['dpo', 403, NO_CONTENT],
  // Who runs the region reads on purpose, and without what its sender could not answer for.
  ['reader', EVERYTHING, { DPI: 'less', LABO: 'whole', EHPAD: 'whole', ANGERS: 'whole' }],
  ['it-laval', ['EHPAD', 'LABO', 'DPI'], { DPI: 'whole', LABO: 'whole', EHPAD: 404, ANGERS: 404 }],
  ['it-two', ['EHPAD', 'LABO', 'DPI'], { DPI: 'whole', LABO: 'whole', EHPAD: 'whole', ANGERS: 404 }],
  ['it-none', [], { DPI: 404, LABO: 404, EHPAD: 404, ANGERS: 404 }],
  ['editor-dpi', ['ANGERS', 'DPI'], NO_CONTENT],
  ['editor-labo', ['LABO'], NO_CONTENT],
  ['editor-nothing', [], NO_CONTENT],
  ['demo-ch-laval', ['EHPAD', 'LABO', 'DPI'], { DPI: 'whole', LABO: 'whole', EHPAD: 404, ANGERS: 404 }],
  ['demo-ehpad-a', ['EHPAD', 'DPI'], { DPI: 'less', LABO: 404, EHPAD: 'whole', ANGERS: 404 }],
  ['demo-chu-angers', ['ANGERS', 'DPI'], { DPI: 'less', LABO: 404, EHPAD: 404, ANGERS: 'whole' }],
]

test.each(VIEWERS)('%s sees %j', async (key, sees, content) => {
  const { call } = running
  const list = await call('/api/messages', { key })
  const search = await call('/api/messages/search', { key, body: { since: '2020-01-01T00:00:00Z', test: true } })
  if (sees === 403) expect([list.status, search.status]).toEqual([403, 403])
  else
    for (const { json } of [list, search])
      expect(json.messages.map((m: { controlId: string }) => m.controlId)).toEqual(sees)
  for (const [name, id] of Object.entries(ids)) {
    const one = await call(`/api/messages/${id}`, { key })
    expect([name, one.status]).toEqual([name, sees === 403 ? 403 : sees.includes(name) ? 200 : 404])
    const body = await call(`/api/messages/${id}/body`, { key, body: { reason: 'incident 12' } })
    const whole = bodyOf(name).toString('latin1')
    const found =
      body.status !== 200
        ? body.status
        : body.text === whole
          ? 'whole'
          : body.text === whole.replace(INS, '')
            ? 'less'
            : 'other'
    expect([name, found]).toEqual([name, content[name]])
    const unasked = await call(`/api/messages/${id}/body`, { key })
    const own = key.startsWith('demo-')
    expect([name, unasked.status]).toEqual([name, !own ? 403 : content[name] === 404 ? 404 : 200])
    expect((await call(`/api/messages/${id}/body`, { key, body: { reason: ' ' } })).status).toBe(
      content[name] === 403 ? 403 : 400,
    )
  }
})

test('who reads content, and why, is committed before a byte leaves', async () => {
  const path = `/api/messages/${ids['LABO']}`
  await running.call(`${path}/body`, { key: 'reader', body: { reason: 'plainte 2026-14' } })
  const { json } = await running.call(path, { key: 'admin' })
  expect(json.timeline.filter((one: { event: string }) => one.event === 'read-body')).toMatchObject([
    { who: 'reader', why: 'plainte 2026-14' },
  ])
})

test('of a message that others sent, a reach shows its own deliveries only', async () => {
  const shown = async (key: string) => {
    const { json } = await running.call(`/api/messages/${ids['DPI']}`, { key })
    return json.deliveries.map((one: { destination: string }) => one.destination)
  }
  expect(await shown('demo-ehpad-a')).toEqual(['ehpad-a/dpi'])
  expect(await shown('it-two')).toEqual(['chu-angers/unv', 'ehpad-a/dpi'])
  expect(await shown('editor-dpi')).toEqual(['chu-angers/unv', 'ehpad-a/dpi'])
})

/** To angers delivered, to the nursing home set aside. */
async function split(): Promise<string> {
  const one = intake(running.journal, 'SPLIT', {
    deliveries: [
      delivery('chu-angers/unv', { state: 'delivered' }),
      delivery('ehpad-a/dpi', { state: 'poisoned', code: 'POISONED' }),
    ],
    findings: [
      { code: 'ORDER_OVERTAKEN', class: 'form', at: 'ehpad-a/dpi' },
      { code: 'SEGMENT_END', class: 'form', at: 'MSH-18' },
    ],
  })
  await running.journal.commit([one])
  return one.id
}

test.each<[who: string, state: string, findings: number, found: Record<string, number>]>([
  ['demo-ch-laval', 'parked', 2, { 'to=ehpad-a/dpi': 1, 'to=chu-angers': 1, 'state=parked': 1, 'state=closed': 0 }],
  ['demo-ehpad-a', 'parked', 2, { 'to=ehpad-a/dpi': 1, 'to=chu-angers': 0, 'state=parked': 1, 'state=closed': 0 }],
  ['demo-chu-angers', 'closed', 1, { 'to=ehpad-a/dpi': 0, 'to=chu-angers': 1, 'state=parked': 0, 'state=closed': 1 }],
  ['it-two', 'parked', 2, { 'to=ehpad-a': 1, 'to=chu-angers/unv': 1, 'state=parked': 1, 'state=inFlight': 0 }],
  ['editor-dpi', 'parked', 2, { 'to=ehpad-a': 1, 'to=chu-angers/unv': 1, 'state=parked': 1, 'state=inFlight': 0 }],
  ['admin', 'parked', 2, { 'to=ehpad-a': 1, 'to=chu-angers/unv': 1, 'state=parked': 1, 'state=closed': 0 }],
])('%s sees a message with two receivers as %s, and finds no more by filters', async (key, state, findings, found) => {
  const id = await split()
  const list = async (query: string): Promise<{ controlId: string; state: string; findings: unknown[] }[]> =>
    (await running.call(`/api/messages?controlId=SPLIT&${query}`, { key })).json.messages
  const one = await running.call(`/api/messages/${id}`, { key })
  for (const shown of [(await list('limit=5'))[0]!, one.json])
    expect([shown.state, shown.findings.length]).toEqual([state, findings])
  const code = { 'code=POISONED': key === 'demo-chu-angers' ? 0 : 1 }
  for (const [query, n] of Object.entries({ ...found, ...code }))
    expect([query, (await list(query)).length]).toEqual([query, n])
})

test('a message that waits is in flight for who sees it wait', async () => {
  const one = intake(running.journal, 'SPLIT', {
    deliveries: [delivery('chu-angers/unv'), delivery('ehpad-a/dpi', { state: 'poisoned' })],
  })
  await running.journal.commit([one])
  const found = async (key: string, state: string) =>
    (await running.call(`/api/messages?controlId=SPLIT&state=${state}`, { key })).json.messages.length
  expect([await found('demo-chu-angers', 'inFlight'), await found('demo-chu-angers', 'parked')]).toEqual([1, 0])
  expect([await found('demo-ch-laval', 'inFlight'), await found('demo-ch-laval', 'parked')]).toEqual([0, 1])
})

test.each<[who: string, destinations: string[], counts: object]>([
  ['it-laval', ['ch-laval/gam'], { received: 2, inFlight: 0, closed: 2, parked: 0 }],
  ['it-two', ['ch-laval/gam', 'ehpad-a/dpi'], { received: 3, inFlight: 1, closed: 2, parked: 0 }],
  ['it-none', [], { received: 0, inFlight: 0, closed: 0, parked: 0 }],
])('the status of %s has its own destinations, what it sent, and no door', async (key, destinations, counts) => {
  const { json } = await running.call('/api/status', { key })
  expect(json).toMatchObject({ ...counts, difference: 0, entrances: [] })
  expect(json.destinations.map(({ id }: { id: string }) => id)).toEqual(destinations)
  const { json: all } = await running.call('/api/status', { key: 'admin' })
  expect(all).toMatchObject({ received: 4, inFlight: 1, closed: 3, difference: 0 })
  expect(all.entrances).toHaveLength(1)
})

test.each<[key: string, query: string, unknown: readonly string[] | undefined]>([
  // Nobody of that name, and one whose messages are not for these eyes: the same answer.
  ['demo-ch-laval', 'from=nobody', ['from']],
  ['demo-ch-laval', 'from=chu-angers', ['from']],
  ['demo-ch-laval', 'to=nobody', ['to']],
  ['demo-ch-laval', 'to=chu-angers/dpi', ['to']],
  // A neighbour that sent something here is known, whatever else is asked.
  ['demo-ch-laval', 'from=ehpad-a&state=parked', undefined],
  ['demo-ch-laval', 'from=ch-laval&state=parked', undefined],
  ['it-none', 'from=ch-laval', ['from']],
  ['admin', 'from=nobody', ['from']],
  ['admin', 'from=chu-angers&state=parked', undefined],
])('%s asks for %s: unknown is %j', async (key, query, unknown) => {
  const { json } = await running.call(`/api/messages?${query}`, { key })
  expect([json.messages, json.unknown]).toEqual([[], unknown])
})
