import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { makeWorld, type World } from './gateway.ts'

const KEY = 'key-of-the-sender'
const HTEST = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] }
const patient = (value: string) => ({
  resourceType: 'Patient',
  meta: HTEST,
  identifier: [{ system: 'urn:oid:1.2.3', value }],
  name: [{ family: 'ESSAI (FICTIF)' }],
})
const request = (subject: object) => ({
  resourceType: 'ServiceRequest',
  meta: HTEST,
  status: 'active',
  intent: 'order',
  subject,
})

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly json: Record<string, unknown>
}
type Ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

/** A gateway with a FHIR destination that answers 201 to everything; gives what asks it, and what reached the destination. */
async function opened(): Promise<{
  world: World
  ask: Ask
  received: { method: string; url: string; body: string }[]
}> {
  const received: { method: string; url: string; body: string }[] = []
  const far = createServer((incoming, reply) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      received.push({ method: incoming.method ?? '', url: incoming.url ?? '', body: Buffer.concat(chunks).toString() })
      reply.writeHead(201, { 'content-type': 'application/fhir+json', location: 'Patient/far' }).end()
    })
  })
  await new Promise<void>((resolve) => far.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void far.close())
  const url = `http://127.0.0.1:${(far.address() as AddressInfo).port}/fhir`
  const world = makeWorld()
  const keySha256 = createHash('sha256').update(KEY).digest('hex')
  world.write(
    {},
    {
      establishments: [
        {
          id: 'sender',
          name: 'Sender (fictif)',
          kind: 'hospital',
          senders: { facilities: ['SENDER'], keys: [{ keySha256 }] },
        },
        {
          id: 'receiver',
          name: 'Receiver (fictif)',
          kind: 'hospital',
          destinations: { dpi: { type: 'fhir', url, use: 'qualification' } },
        },
      ],
      routes: [{ name: 'all', when: { from: ['sender'] }, to: ['receiver/dpi', 'platform'] }],
    },
  )
  await world.start()
  const ask: Ask = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${world.url()}/fhir${path}`, {
      method,
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/fhir+json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, json: text === '' ? {} : JSON.parse(text) }
  }
  return { world, ask, received }
}
const total = (answer: Answer): unknown => [answer.status, answer.json['total']]

test('what the CapabilityStatement names works through the whole gateway, and arrives', async () => {
  const { world, ask, received } = await opened()
  const statement = (await ask('GET', '/metadata')).json as {
    rest: { resource: { type: string; interaction: { code: string }[]; searchParam: { name: string }[] }[] }[]
  }
  const made = await ask('POST', '/Patient', patient('P1'))
  const id = String(made.json['id'])
  expect([made.status, made.headers.get('etag'), new URL(made.headers.get('location') ?? '').pathname]).toEqual([
    201,
    'W/"1"',
    `/fhir/Patient/${id}/_history/1`,
  ])
  const claimed = statement.rest[0]?.resource.find(({ type }) => type === 'Patient')
  const tried: Record<string, () => Promise<unknown>> = {
    create: async () => made.status,
    read: async () => (await ask('GET', `/Patient/${id}`)).status,
    vread: async () => (await ask('GET', `/Patient/${id}/_history/1`)).status,
    update: async () => (await ask('PUT', `/Patient/${id}`, { ...patient('P2'), id }, { 'if-match': 'W/"1"' })).status,
    patch: async () => {
      const patch = [{ op: 'add', path: '/gender', value: 'female' }]
      return (await ask('PATCH', `/Patient/${id}`, patch, { 'content-type': 'application/json-patch+json' })).status
    },
    'search-type': async () => (await ask('GET', '/Patient?identifier=P2')).json['total'],
  }
  const expected: Record<string, unknown> = {
    create: 201,
    read: 200,
    vread: 200,
    update: 200,
    patch: 200,
    'search-type': 1,
  }
  for (const { code } of claimed?.interaction ?? [])
    expect([code, await tried[code]?.()]).toEqual([code, expected[code]])

  await ask(
    'POST',
    '/ServiceRequest',
    request({ reference: `Patient/${id}`, identifier: { system: 'urn:oid:1.2.3', value: 'P2' } }),
  )
  const values: Record<string, string> = {
    identifier: 'none',
    patient: id,
    status: 'active',
    _lastUpdated: 'ge2020-01-01',
  }
  const searched = statement.rest[0]?.resource.find(({ type }) => type === 'ServiceRequest')?.searchParam ?? []
  expect(searched.length).toBeGreaterThan(3)
  for (const { name } of searched) {
    if (values[name] === undefined) continue
    const answer = await ask('GET', `/ServiceRequest?${name}=${values[name]}`)
    expect([name, ...(total(answer) as unknown[])]).toEqual([name, 200, name === 'identifier' ? 0 : 1])
  }
  const bundle = (type: string) => ({
    resourceType: 'Bundle',
    meta: HTEST,
    type,
    entry: [
      {
        fullUrl: 'urn:uuid:6a2f6a8e-7f3e-4c5d-9f50-3a3a3a3a3a3a',
        resource: patient('T'),
        request: { method: 'POST', url: 'Patient' },
      },
    ],
  })
  expect((await ask('POST', '', bundle('transaction'))).json['type']).toBe('transaction-response')
  expect((await ask('POST', '', bundle('batch'))).json['type']).toBe('batch-response')
  const header = { resourceType: 'MessageHeader', id: 'm1', eventUri: 'urn:x', source: { endpoint: 'urn:s' } }
  const message = {
    resourceType: 'Bundle',
    meta: HTEST,
    type: 'message',
    entry: [{ resource: header }, { resource: patient('M') }],
  }
  expect((await ask('POST', '/$process-message', message)).status).toBe(200)

  await expect.poll(async () => (await world.call('/api/status')).json['inFlight'], { timeout: 10_000 }).toBe(0)
  expect(received.map(({ method, url }) => `${method} ${new URL(url, 'http://x').pathname}`).sort()).toEqual(
    [
      'POST /fhir',
      'POST /fhir/$process-message',
      'POST /fhir/Patient',
      'POST /fhir/Patient',
      'POST /fhir/ServiceRequest',
      `PUT /fhir/Patient/${id}`,
      `PUT /fhir/Patient/${id}`,
    ].sort(),
  )
  expect((await world.call('/api/status')).json).toMatchObject({ difference: 0, parked: 0 })
})

test('answers of every code, each an OperationOutcome', async () => {
  const { ask } = await opened()
  const cases: [status: number, asked: Promise<Answer>][] = [
    [400, ask('POST', '/Patient', '{')],
    [401, ask('GET', '/Patient/x', undefined, { authorization: 'Bearer nobody' })],
    [404, ask('GET', '/Patient/none')],
    [404, ask('GET', '/Nothing/none')],
    [405, ask('DELETE', '/Patient/none')],
    [406, ask('GET', '/Patient/none', undefined, { accept: 'application/fhir+xml' })],
    [
      412,
      ask('POST', '', {
        resourceType: 'Bundle',
        meta: HTEST,
        type: 'transaction',
        entry: [
          {
            resource: request({ reference: 'Patient?identifier=urn:oid:1.2.3|none' }),
            request: { method: 'POST', url: 'ServiceRequest' },
          },
        ],
      }),
    ],
    [415, ask('POST', '/Patient', '<a/>', { 'content-type': 'application/xml' })],
  ]
  for (const [status, asked] of cases) {
    const answer = await asked
    expect([answer.status, answer.json['resourceType']]).toEqual([status, 'OperationOutcome'])
  }
})

test('profiles through the whole gateway: named in /metadata, judged by $validate, told to who posts', async () => {
  const { ask } = await opened()
  const OURS = 'https://passerelle.example/fhir/StructureDefinition/location'
  const place = { resourceType: 'Location', meta: { ...HTEST, profile: [OURS] }, status: 'open' }
  const { rest } = (await ask('GET', '/metadata')).json as {
    rest: { resource: { type: string; supportedProfile?: string[] }[] }[]
  }
  expect(rest[0]?.resource.find(({ type }) => type === 'Location')?.supportedProfile).toContain(OURS)
  const issues = ({ json }: Answer) =>
    (json as { issue: { severity: string; code: string; expression?: string[] }[] }).issue.map(
      ({ severity, code, expression }) => `${severity} ${code} ${expression?.[0]}`,
    )
  expect(issues(await ask('POST', '/Location/$validate', place))).toContain('error code-invalid Location.status')
  const made = await ask('POST', '/Location', place, { prefer: 'return=OperationOutcome' })
  expect([made.status, issues(made)]).toEqual([201, expect.arrayContaining(['warning code-invalid Location.status'])])
})
