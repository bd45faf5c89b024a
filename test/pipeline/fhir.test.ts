import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { answerOf, type FhirAnswer, type FhirAsk, type FhirReader, type FhirReads } from '../../src/core/fhir.ts'
import { isReceipt } from '../../src/core/message.ts'
import { parseQuery } from '../../src/formats/fhir/search-parameters.ts'
import { accept } from '../../src/pipeline/accept.ts'
import { makeFhirReads } from '../../src/pipeline/fhir/reads.ts'
import { openStage, oru, type Stage } from './stage.ts'

const BASE = 'http://127.0.0.1:8080/fhir'
const HTEST = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] }
const establishments = [
  {
    id: 'sender',
    name: 'Sender (fictif)',
    kind: 'hospital',
    senders: { facilities: ['SENDER'] },
    destinations: { gam: { type: 'mllp', host: '127.0.0.1', port: 26902, use: 'production' } },
  },
  {
    id: 'receiver',
    name: 'Receiver (fictif)',
    kind: 'hospital',
    destinations: { dpi: { type: 'fhir', url: 'http://127.0.0.1:26903/fhir', use: 'qualification' } },
  },
  { id: 'other', name: 'Other (fictif)', kind: 'hospital', senders: { facilities: ['OTHER'] } },
]
const routes = [
  {
    name: 'fhir',
    when: { kinds: ['ServiceRequest', 'Patient', 'Bundle:transaction', 'Bundle:message'] },
    to: ['receiver/dpi', 'platform'],
  },
  { name: 'hl7', when: { kinds: ['ORU^R01'] }, to: ['receiver/dpi'] },
]

let stage: Stage
let reads: FhirReads
beforeEach(async () => {
  stage = await openStage({ establishments, routes })
  reads = makeFhirReads({ journal: stage.journal, config: () => stage.config })
})
afterEach(() => stage.end())

type Said = { answer: FhirAnswer; body: Record<string, unknown> | null; promised: boolean; bytes: Buffer }
const me: FhirReader = { establishment: 'sender', entrance: 'http' }

async function send(
  resource: unknown,
  change: Partial<FhirAsk> = {},
  establishment: string | null = 'sender',
): Promise<Said> {
  const type = (resource as { resourceType?: string }).resourceType ?? null
  const fhir: FhirAsk = {
    interaction: 'create',
    type,
    id: null,
    ifMatch: null,
    ifNoneExist: null,
    prefer: 'representation',
    patch: null,
    base: BASE,
    ...change,
  }
  const said = await accept(
    {
      entrance: 'http',
      peer: { address: '127.0.0.1:1', loopback: true, establishment, destination: null },
      receivedAtMs: Date.now(),
      bytes: Buffer.from(typeof resource === 'string' ? resource : JSON.stringify(resource)),
      fhir,
    },
    stage.parts,
  )
  const answer = answerOf(said.answer!)
  const body = answer.body === null ? null : (JSON.parse(answer.body) as Record<string, unknown>)
  return { answer, body, promised: isReceipt(said), bytes: said.answer! }
}
const bundle = (type: string, entry: unknown[], more: Record<string, unknown> = {}) => ({
  resourceType: 'Bundle',
  type,
  meta: HTEST,
  entry,
  ...more,
})
const patient = (value = 'P1', more: Record<string, unknown> = {}) => ({
  resourceType: 'Patient',
  meta: HTEST,
  identifier: [{ system: 'urn:oid:1.2.3', value }],
  name: [{ family: 'ESSAI (FICTIF)' }],
  ...more,
})
const request = (more: Record<string, unknown> = {}) => ({
  resourceType: 'ServiceRequest',
  meta: HTEST,
  status: 'active',
  intent: 'order',
  subject: { reference: 'Patient/x', identifier: { system: 'urn:oid:1.2.3', value: 'P1' } },
  ...more,
})
const search = async (type: string, query: string, reader = me) => {
  const page = await reads.search(type, parseQuery(query), { count: 50, after: null }, reader)
  return page.resources.map(({ id }) => id)
}
const issue = ({ body }: Said): unknown =>
  (body as { issue?: { details?: { coding?: { code?: string }[] } }[] }).issue?.[0]?.details?.coding?.[0]?.code

test('create: 201 with an id of the gateway, its version and where to read it; kept, routed, read back', async () => {
  const said = await send(request())
  const id = String(said.body?.['id'])
  expect([said.answer.status, said.promised, said.answer.headers['location'], said.answer.headers['etag']]).toEqual([
    201,
    true,
    `${BASE}/ServiceRequest/${id}/_history/1`,
    'W/"1"',
  ])
  const read = await reads.read('ServiceRequest', id, me)
  expect(JSON.parse(read?.json ?? '')).toMatchObject({ id, status: 'active', meta: { versionId: '1' } })
  expect(
    (await stage.journal.queue('receiver/dpi', 0, 9)).map((e) => [e.kind, e.state, JSON.parse(e.ask!).interaction]),
  ).toEqual([['ServiceRequest', 'queued', 'create']])
})

describe('what is refused, and as what', () => {
  const cases: [
    name: string,
    resource: unknown,
    ask: Partial<FhirAsk>,
    status: number,
    code: string,
    from?: string | null,
  ][] = [
    ['no JSON', '{"resourceType":', {}, 400, 'NOT_JSON'],
    ['a key twice', '{"resourceType":"Patient","resourceType":"Patient"}', {}, 400, 'NOT_JSON'],
    ['another type than the address', patient(), { type: 'Observation' }, 400, 'RESOURCE_MALFORMED'],
    ['no type of R4', { resourceType: 'Stranger' }, { type: 'Stranger' }, 400, 'RESOURCE_MALFORMED'],
    [
      'what no route takes',
      { resourceType: 'Observation', meta: HTEST, status: 'final', code: { text: 'x' } },
      {},
      422,
      'NO_ROUTE',
    ],
    [
      'an update of what is not there',
      patient('P1', { id: 'a' }),
      { interaction: 'update', id: 'a' },
      404,
      'NOT_FOUND',
    ],
    ['nobody known', patient(), {}, 401, 'UNAUTHORIZED', null],
    ['a condition of another sort', patient(), { ifNoneExist: 'name=x' }, 400, 'BAD_REQUEST'],
  ]
  test.each(cases)('%s', async (_name, resource, ask, status, code, from = 'sender') => {
    const said = await send(resource, ask, from)
    expect([said.answer.status, issue(said), said.promised]).toEqual([status, code, false])
    expect(await stage.journal.counts()).toMatchObject({ received: 0, refused: 1 })
  })
  test('a disk that is low: 503', async () => {
    stage.closed = 'DISK_LOW'
    expect((await send(patient())).answer.status).toBe(503)
  })
})

describe('conditional create (If-None-Exist)', () => {
  const ask = { ifNoneExist: 'identifier=urn:oid:1.2.3|P1' }
  test('none: 201; one: 200 and nothing new', async () => {
    const first = await send(patient(), ask)
    const again = await send(patient('P1', { gender: 'female' }), ask)
    expect([first.answer.status, again.answer.status, again.body?.['id'], again.body?.['gender']]).toEqual([
      201,
      200,
      first.body?.['id'],
      undefined,
    ])
    expect((await stage.journal.counts()).received).toBe(1)
  })
  test('two at once make one', async () => {
    const both = await Promise.all([send(patient(), ask), send(patient(), ask)])
    expect(both.map((s) => s.answer.status).sort()).toEqual([200, 201])
    expect((await stage.journal.counts()).received).toBe(1)
  })
  test('more than one: 412', async () => {
    await send(patient())
    await send(patient())
    const said = await send(patient(), ask)
    expect([said.answer.status, issue(said)]).toEqual([412, 'CONDITION_FAILED'])
  })
  test("another's do not count", async () => {
    await send(patient(), {}, 'other')
    expect((await send(patient(), ask)).answer.status).toBe(201)
  })
})

describe('update and patch', () => {
  const made = async (): Promise<string> => String((await send(patient())).body?.['id'])
  test('a new version; the old one stays readable; the new one is found', async () => {
    const id = await made()
    const said = await send(patient('P2', { id }), { interaction: 'update', id, ifMatch: 'W/"1"' })
    expect([said.answer.status, said.answer.headers['etag'], said.promised]).toEqual([200, 'W/"2"', true])
    expect(JSON.parse((await reads.version('Patient', id, 1, me))?.json ?? '').identifier[0].value).toBe('P1')
    expect(await search('Patient', 'identifier=P2')).toEqual([id])
    expect(await search('Patient', 'identifier=P1')).toEqual([])
  })
  test('If-Match of another version: 412', async () => {
    const id = await made()
    expect((await send(patient('P2', { id }), { interaction: 'update', id, ifMatch: 'W/"7"' })).answer.status).toBe(412)
  })
  test('of two updates at once on one version, one wins', async () => {
    const id = await made()
    const both = await Promise.all(
      ['A', 'B'].map((v) => send(patient(v, { id }), { interaction: 'update', id, ifMatch: 'W/"1"' })),
    )
    expect(both.map((s) => s.answer.status).sort()).toEqual([200, 412])
  })
  test("another's resource is not there", async () => {
    const id = await made()
    expect((await send(patient('P2', { id }), { interaction: 'update', id }, 'other')).answer.status).toBe(404)
  })
  const patches: [name: string, patch: unknown, ask: Partial<FhirAsk>][] = [
    ['JSON Patch', [{ op: 'add', path: '/gender', value: 'female' }], { patch: 'json-patch' }],
    [
      'FHIRPath Patch',
      {
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'operation',
            part: [
              { name: 'type', valueCode: 'add' },
              { name: 'path', valueString: 'Patient' },
              { name: 'name', valueString: 'gender' },
              { name: 'value', valueCode: 'female' },
            ],
          },
        ],
      },
      { patch: 'fhirpath' },
    ],
  ]
  test.each(patches)('%s: the destination gets the whole resource', async (_name, patch, ask) => {
    const id = await made()
    const said = await send(patch, { interaction: 'patch', type: 'Patient', id, ...ask })
    expect([said.answer.status, said.body?.['gender']]).toEqual([200, 'female'])
    const last = (await stage.journal.queue('receiver/dpi', 0, 9)).at(-1)
    expect([last?.kind, JSON.parse(last?.ask ?? '').interaction]).toEqual(['Patient', 'update'])
  })
  test('a patch that does not fit: 422', async () => {
    const id = await made()
    const said = await send([{ op: 'remove', path: '/nothing' }], {
      interaction: 'patch',
      type: 'Patient',
      id,
      patch: 'json-patch',
    })
    expect([said.answer.status, issue(said)]).toEqual([422, 'PATCH_FAILED'])
  })
})

describe('Bundles', () => {
  const entries = [
    {
      fullUrl: 'urn:uuid:6a2f6a8e-7f3e-4c5d-9f50-3a3a3a3a3a3a',
      resource: patient(),
      request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:oid:1.2.3|P1' },
    },
    {
      fullUrl: 'urn:uuid:0b2f6a8e-7f3e-4c5d-9f50-3a3a3a3a3a3b',
      resource: request({ subject: { reference: 'urn:uuid:6a2f6a8e-7f3e-4c5d-9f50-3a3a3a3a3a3a' } }),
      request: { method: 'POST', url: 'ServiceRequest' },
    },
  ]
  const tx = { interaction: 'transaction', type: null } as const
  test('transaction: all in one commit, references rewritten, the Bundle delivered as posted', async () => {
    const said = await send(bundle('transaction', entries), tx)
    expect([said.answer.status, said.body?.['type']]).toEqual([200, 'transaction-response'])
    const [pid] = await search('Patient', 'identifier=urn:oid:1.2.3|P1')
    const [sid] = await search('ServiceRequest', `patient=Patient/${pid}`)
    expect(JSON.parse((await reads.read('ServiceRequest', sid!, me))?.json ?? '').subject.reference).toBe(
      `Patient/${pid}`,
    )
    expect(await stage.journal.counts()).toMatchObject({ received: 3, inFlight: 1, closed: 2 })
    expect((await stage.journal.queue('receiver/dpi', 0, 9)).map((e) => e.kind)).toEqual(['Bundle:transaction'])
  })
  test('transaction: an entry that exists is taken for what it is', async () => {
    const first = await send(patient())
    await send(bundle('transaction', entries), tx)
    expect(await search('ServiceRequest', `patient=${first.body?.['id']}`)).toHaveLength(1)
    expect(await search('Patient', 'identifier=P1')).toEqual([first.body?.['id']])
  })
  test('transaction: a relative reference reaches what exists already, and one look back is enough for all entries', async () => {
    const entry = (type: string, id: string, resource: object, ifNoneExist?: string) => ({
      fullUrl: `http://ehr.example/fhir/${type}/${id}`,
      resource,
      request: { method: 'POST', url: type, ...(ifNoneExist === undefined ? {} : { ifNoneExist }) },
    })
    const numbers = Array.from({ length: 6 }, (_, i) => `R${i}`)
    const patients = numbers.map((n) => entry('Patient', n, patient(n), `identifier=urn:oid:1.2.3|${n}`))
    const requests = numbers.map((n) => entry('ServiceRequest', n, request({ subject: { reference: `Patient/${n}` } })))
    await send(bundle('transaction', [...patients, ...requests]), tx)
    const looks = vi.spyOn(stage.journal, 'look')
    expect((await send(bundle('transaction', [...patients, ...requests]), tx)).answer.status).toBe(200)
    expect(looks.mock.calls.length).toBeLessThanOrEqual(2 * numbers.length)
    for (const n of numbers) {
      const [pid] = await search('Patient', `identifier=${n}`)
      expect(await search('ServiceRequest', `patient=${pid}`)).toHaveLength(2)
    }
  })
  test('transaction: one bad entry, and nothing is kept', async () => {
    const said = await send(
      bundle('transaction', [
        entries[0],
        { resource: patient('P2', { id: 'nope' }), request: { method: 'PUT', url: 'Patient/nope' } },
      ]),
      tx,
    )
    expect([
      said.answer.status,
      (await stage.journal.counts()).received,
      await search('Patient', 'identifier=P1'),
    ]).toEqual([404, 0, []])
  })
  test('transaction: conditional references name exactly one, or nothing is done', async () => {
    const one = [
      {
        resource: request({ subject: { reference: 'Patient?identifier=urn:oid:1.2.3|P1' } }),
        request: { method: 'POST', url: 'ServiceRequest' },
      },
    ]
    expect((await send(bundle('transaction', one), tx)).answer.status).toBe(412)
    const made = await send(patient())
    expect((await send(bundle('transaction', one), tx)).answer.status).toBe(200)
    expect(await search('ServiceRequest', `patient=${made.body?.['id']}`)).toHaveLength(1)
  })
  test('the same Bundle.identifier and bytes: the same answer and nothing new; other bytes: 409', async () => {
    const named = bundle('transaction', entries, { identifier: { system: 'urn:x', value: 'B1' } })
    const first = await send(named, tx)
    const again = await send(named, tx)
    expect([again.bytes.equals(first.bytes), (await stage.journal.counts()).received]).toEqual([true, 3])
    expect((await send({ ...named, timestamp: '2026-11-23T08:00:00Z' }, tx)).answer.status).toBe(409)
  })
  test('transaction: sent again with the version that it changed, it is answered as before', async () => {
    const { id } = (await send(patient())).body as { id: string }
    const resource = patient('P2', { id })
    const entry = { resource, request: { method: 'PUT', url: `Patient/${id}`, ifMatch: 'W/"1"' } }
    const named = bundle('transaction', [entry], { identifier: { system: 'urn:x', value: 'B1' } })
    const [first, again] = [await send(named, tx), await send(named, tx)]
    expect([first.answer.status, again.bytes.equals(first.bytes)]).toEqual([200, true])
    expect((await send({ ...named, timestamp: '2026-11-23T08:00:00Z' }, tx)).answer.status).toBe(409)
    expect((await reads.read('Patient', id, me))?.version).toBe(2)
  })
  test('batch: each entry on its own, one that is no resource or asks nothing too', async () => {
    const bad = { resource: patient('P9', { id: 'nope' }), request: { method: 'PUT', url: 'Patient/nope' } }
    const post = { method: 'POST', url: 'Patient' }
    const none = { resource: patient('P8', { name: [] }), request: post }
    const all = [bad, none, { resource: patient('P7') }, { ...entries[0], search: {} }, entries[0]]
    const said = await send(bundle('batch', all), tx)
    const statuses = (said.body!['entry'] as { response: { status: string } }[]).map((e) => e.response.status)
    expect([said.answer.status, statuses]).toEqual([200, ['404', '400', '400', '400', '201']])
    expect(await stage.journal.counts()).toMatchObject({ received: 1, refused: 4 })
    expect((await send({ ...bundle('batch', all), total: {} }, tx)).answer.status).toBe(400)
  })
  const header = (id: string) => ({
    resource: { resourceType: 'MessageHeader', id, eventUri: 'urn:x', source: { endpoint: 'urn:s' } },
  })
  test('a message says by which software and version it was made; nothing else does', async () => {
    const source = { endpoint: 'urn:s', name: 'x', software: 'DPI', version: '8.2' }
    const [first] = [header('6a2f6a8e-7f3e-4c5d-9f50-3a3a3a3a3a3b')]
    await send(bundle('message', [{ resource: { ...first!.resource, source } }]), {
      interaction: 'process-message',
      type: null,
    })
    await send(patient())
    const entries = await stage.journal.follow(null, 10)
    expect(entries.map(({ application, softwareVersion }) => [application, softwareVersion])).toEqual([
      ['DPI', '8.2'],
      ['', ''],
    ])
  })
  test('a message has no more entries than a transaction', async () => {
    const entries = Array.from({ length: 500 }, () => ({ resource: patient() }))
    const id = '6a2f6a8e-7f3e-4c5d-9f50-3a3a3a3a3a3b'
    const said = await send(bundle('message', [header(id), ...entries]), { interaction: 'process-message', type: null })
    expect([said.answer.status, issue(said)]).toEqual([413, 'BUNDLE_TOO_LONG'])
  })

  test('a message: kept and routed whole, answered with a response that names it; again, the same', async () => {
    const message = bundle('message', [header('6a2f6a8e-7f3e-4c5d-9f50-3a3a3a3a3a3a'), { resource: patient() }])
    const said = await send(message, { interaction: 'process-message', type: null })
    const reply = (said.body!['entry'] as { resource: { response: unknown } }[])[0]?.resource
    expect([said.answer.status, reply?.response]).toEqual([
      200,
      { identifier: '6a2f6a8e-7f3e-4c5d-9f50-3a3a3a3a3a3a', code: 'ok' },
    ])
    const again = await send(message, { interaction: 'process-message', type: null })
    expect([again.bytes.equals(said.bytes), (await stage.journal.counts()).received]).toEqual([true, 1])
  })
})

describe('search and who sees what', () => {
  test.each([
    ['identifier=urn:oid:1.2.3|P1', 1],
    ['identifier=P1', 1],
    ['identifier=|P1', 0],
    ['identifier=urn:oid:9|P1', 0],
    ['identifier=P1,P7', 1],
    ['_lastUpdated=ge2020-01-01', 1],
    ['_lastUpdated=lt2020-01-01', 0],
    ['_id=none', 0],
  ])('Patient?%s finds %i', async (query, count) => {
    await send(patient())
    expect(await search('Patient', query)).toHaveLength(count)
  })
  test('by status and by the identifier of the patient', async () => {
    await send(request())
    expect(await search('ServiceRequest', 'status=active&patient.identifier=urn:oid:1.2.3|P1')).toHaveLength(1)
    expect(await search('ServiceRequest', 'status=completed')).toEqual([])
  })
  test("another server's patient is none of ours, though the ids are the same; one with our address is", async () => {
    const [ours, theirs] = ['Patient/77', 'http://other.example/fhir/Patient/77']
    const ids: string[] = []
    for (const reference of [ours, theirs]) {
      ids.push(String((await send(request({ subject: { reference } }))).body?.['id']))
    }
    const own = await send(request({ subject: { reference: `${BASE}/Patient/78` } }))
    expect(await search('ServiceRequest', 'patient=78')).toEqual([own.body?.['id']])
    expect(await search('ServiceRequest', 'patient=77')).toEqual([ids[0]])
    expect(await search('ServiceRequest', `subject=${ours}`)).toEqual([ids[0]])
    expect(await search('ServiceRequest', `patient=${theirs}`)).toEqual([ids[1]])
  })
  test('others see nothing of it; whoever it was delivered to does', async () => {
    const id = String((await send(patient())).body?.['id'])
    expect(await reads.read('Patient', id, { ...me, establishment: 'other' })).toBeNull()
    expect(await reads.read('Patient', id, receiver)).toBeNull()
    await deliver()
    expect((await reads.read('Patient', id, receiver))?.id).toBe(id)
    expect(await search('Patient', 'identifier=P1', receiver)).toEqual([id])
  })
  test('of several versions, a receiver reads those that it was sent', async () => {
    const id = String((await send({ ...patient('P1'), meta: undefined })).body?.['id'])
    await send(patient('P2', { id }), { interaction: 'update', id })
    await deliver()
    const seen = async () =>
      [1, 2, 3].map((n) => reads.version('Patient', id, n, receiver)).map(async (v) => (await v)?.version)
    expect(await Promise.all(await seen())).toEqual([undefined, 2, undefined])
    await send(patient('P3', { id }), { interaction: 'update', id })
    expect(await Promise.all(await seen())).toEqual([undefined, 2, undefined])
    expect(await reads.read('Patient', id, receiver)).toBeNull()
  })
  const receiver = { ...me, establishment: 'receiver' }
  /** The first delivery that waits arrives. */
  async function deliver(): Promise<void> {
    const [entry] = await stage.journal.queue('receiver/dpi', 0, 1)
    const move = {
      deliveryId: entry!.id,
      held: false,
      holds: true,
      atMs: 1,
      dueAtMs: 1,
      code: null,
      sameCode: 0,
      attempts: 1,
      attempt: null,
      findings: [],
      events: [],
    }
    await stage.journal.record({ ...move, from: ['queued'], to: 'sending' })
    await stage.journal.record({ ...move, from: ['sending'], to: 'delivered' })
  }
  test('pages follow each other without a gap or a double', async () => {
    for (let i = 0; i < 7; i++) await send(patient(`N${i}`))
    const seen: string[] = []
    for (let after: string | null = null; ; ) {
      const page = await reads.search('Patient', [], { count: 3, after }, me)
      seen.push(...page.resources.map(({ id }) => id))
      expect(page.total).toBe(7)
      after = page.next
      if (after === null) break
    }
    expect([seen.length, new Set(seen).size]).toEqual([7, 7])
  })
  test('no identifier stands in the index in clear', async () => {
    await send(patient('CANARY-1'))
    const rows = await stage.journal.read({ sql: 'SELECT * FROM resource_index', parameters: [] })
    expect(JSON.stringify(rows)).not.toContain('CANARY')
  })
})

test('real and test do not mix: a resource that is not marked goes to no qualification system', async () => {
  const said = await send({ ...patient(), meta: undefined }, {})
  expect((await stage.journal.queue('receiver/dpi', 0, 9)).length).toBe(0)
  expect(said.answer.status).toBe(201)
})

test('one patient, two doors: FHIR and HL7 v2 share the order keys', async () => {
  await stage.post(oru({}, 'P1^^^SENDER&1.2.3&ISO^PI'))
  await send(request())
  const [hl7, fhir] = await stage.journal.queue('receiver/dpi', 0, 9)
  expect(fhir?.keys.filter((key) => hl7?.keys.includes(key))).toHaveLength(1)
})
