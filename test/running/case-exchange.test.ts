import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client } from 'fhir-kit-client'
import { expect, onTestFinished, test } from 'vitest'
import { CASE_STATE } from '../../src/formats/case/task.ts'
import { CASE_PARTS } from '../../src/formats/case/task-parts.ts'
import { hl7 } from '../formats/case/facts.ts'
import { missingMllpSend, mllpSend } from '../support/peers/python-hl7.ts'
import { until } from '../support/world/until.ts'
import { mllpSide, send } from './bridging.ts'
import { makeWorld, type World } from './gateway.ts'

const noPython = missingMllpSend()
const keyOf = (id: string) => ({ keySha256: createHash('sha256').update(`key-${id}`).digest('hex') })
const BUSINESS = (code: string) => [
  { op: 'replace', path: '/businessStatus/coding', value: [{ system: CASE_STATE, code }] },
]

const HTEST = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] }

/** A FHIR server that takes everything; `next` waits for a request to a path. */
async function fhirSide() {
  const received: { method: string; url: string; json: Record<string, unknown> }[] = []
  const arrivals = createServer()
  const server = createServer((incoming, reply) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method = '', url = '' } = incoming
      received.push({ method, url, json: JSON.parse(Buffer.concat(chunks).toString() || '{}') })
      arrivals.emit('request')
      reply
        .writeHead(200, { 'content-type': 'application/fhir+json' })
        .end('{"resourceType":"Bundle","type":"transaction-response"}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`,
    received,
    async next(found: (one: (typeof received)[number]) => boolean) {
      while (!received.some(found)) await once(arrivals, 'request')
      return received.find(found)!
    },
  }
}

/** A hospital and a first centre with HL7 v2, a second centre with FHIR, and a home that has no part in it. */
async function opened() {
  const [hospital, angers, nantes] = [await mllpSide(), await mllpSide(), await fhirSide()]
  const mllp = ({ port }: { port: number }) => ({ type: 'mllp', host: '127.0.0.1', port, use: 'qualification' })
  const one = (id: string, facility: string, more: object) => ({
    id,
    name: id,
    kind: 'hospital',
    senders: { facilities: [facility], keys: [keyOf(id)] },
    ...more,
  })
  const world = makeWorld()
  world.write(
    {},
    {
      establishments: [
        one('ch-haut-anjou', 'CH-HAUT-ANJOU', {
          destinations: { dpi: mllp(hospital) },
          casesTo: 'dpi',
          answer: 'oru',
          finess: { ej: '539990028' },
        }),
        one('chu-angers', 'CHU-ANGERS', {
          destinations: { unv: mllp(angers) },
          casesTo: 'unv',
          kind: 'university-hospital',
        }),
        one('chu-nantes', 'CHU-NANTES', {
          destinations: { unv: { type: 'fhir', url: nantes.url, use: 'qualification' } },
          casesTo: 'unv',
          kind: 'university-hospital',
        }),
        one('ehpad', 'EHPAD', { kind: 'nursing-home' }),
      ],
      routes: [
        {
          name: 'requests',
          when: { kinds: ['ORM^O01', 'ServiceRequest', 'Bundle:transaction', 'Patient'] },
          to: ['platform'],
          lane: 'urgent',
        },
        { name: 'answers', when: { kinds: ['ORR^O02', 'ORU^R01', 'Communication', 'Observation'] }, to: ['platform'] },
      ],
      telemedicine: {
        services: {
          stroke: {
            ladders: {
              answer: { centres: { '*': ['chu-angers', 'chu-nantes'] } },
              interventional: { centres: { '*': ['chu-nantes'] } },
            },
          },
        },
      },
    },
  )
  await world.start()
  const client = (id: string) => new Client({ baseUrl: `${world.url()}/fhir`, bearerToken: `key-${id}` })
  return { world, hospital, angers, nantes, client }
}

const REQUEST = hl7(
  'ORM^O01',
  'PID|||300101^^^CH-HAUT-ANJOU&539990028&M^PI||LEROUX (FICTIF)^SUZANNE^^^^^L||19540312|F||||||||||||||||||||||||PROV',
  'PV1|1|E|URG^BOX 2',
  'ORC|NW|AVC-7^CH-HAUT-ANJOU||||||||20261123101500+0100|||899900000011^MARTIN (FICTIF)^Claire||0241000000',
  `OBR|1|AVC-7^CH-HAUT-ANJOU||75496-0^Demande^LN|||||||||Déficit brutal${'|'.repeat(18)}I63.9^Infarctus^I10`,
  'OBX|1|NM|72089-6^NIHSS^LN||14||||||F',
)

/** Sends by python3-hl7 where it is there, else over a socket of the test's own. */
async function sendByPython(world: World, message: Buffer): Promise<string> {
  return noPython === null ? mllpSend(world.port('mllp'), message, world.dir) : send(world, message)
}

const orc = (message: Buffer): string[] =>
  message
    .toString('utf8')
    .split('\r')
    .find((line) => line.startsWith('ORC|'))!
    .split('|')

interface Task {
  readonly id: string
  readonly status: string
  readonly meta: { readonly versionId: string }
  readonly businessStatus: { readonly text: string }
  readonly input?: readonly object[]
  readonly output?: readonly object[]
  readonly contained?: readonly {
    readonly resourceType: string
    readonly name?: readonly { readonly family: string }[]
    readonly birthDate?: string
  }[]
}

async function tasks(client: Client, search: Record<string, string>): Promise<Task[]> {
  const found = (await client.search({ resourceType: 'Task', searchParams: search })) as unknown as {
    entry?: { resource: Task }[]
  }
  return (found.entry ?? []).map(({ resource }) => resource)
}

const patch = (client: Client, task: Task, operations: object[]) =>
  client.patch({
    resourceType: 'Task',
    id: task.id,
    jsonPatch: operations as never,
    options: { headers: { 'if-match': `W/"${task.meta.versionId}"`, prefer: 'return=representation' } },
  }) as unknown as Promise<Task>

const failing = async (asked: Promise<unknown>): Promise<number> =>
  asked.then(
    () => 200,
    (fault: { response?: { status?: number } }) => fault.response?.status ?? 0,
  )

test('HL7 v2 in, the first centre refuses by HL7 v2, the second accepts and advises by FHIR, and the advice goes back as ORU', async () => {
  const { world, hospital, angers, nantes, client } = await opened()
  expect(await sendByPython(world, REQUEST)).toBe('AA')

  // The first centre's own system has it as it came.
  const [request] = await angers.next(1)
  expect(request!.toString('utf8').trim()).toBe(REQUEST.toString('utf8').trim())
  const [asked] = await tasks(client('ch-haut-anjou'), { 'business-status': `${CASE_STATE}|requested` })
  expect(asked).toMatchObject({ status: 'requested', businessStatus: { text: 'Demandé' } })
  expect(asked).toMatchObject({ input: expect.arrayContaining([expect.objectContaining({ valueInteger: 14 })]) })
  expect(await tasks(client('chu-nantes'), {})).toEqual([])

  const refusal = hl7('ORR^O02', 'MSA|AA|M1', 'ORC|UA|AVC-7^CH-HAUT-ANJOU||||||||||||||^Pas de neurologue')
  const from = (facility: string, message: Buffer) =>
    Buffer.from(message.toString('utf8').replace('DPI|CH-HAUT-ANJOU^539990028^M', `UNV|${facility}`))
  expect(await sendByPython(world, from('CHU-ANGERS', refusal))).toBe('AA')
  const [told] = await hospital.next(1)
  expect([orc(told!)[1], orc(told!)[2]]).toEqual(['SC', 'AVC-7^CH-HAUT-ANJOU'])
  expect(told!.toString('utf8')).toContain('Pas de neurologue')

  // The second centre has the request converted, and finds its Task.
  const bundle = await nantes.next(({ method }) => method === 'POST')
  expect(JSON.stringify(bundle.json)).toContain('AVC-7')
  const theirs = client('chu-nantes')
  const [task] = await tasks(theirs, { status: 'requested' })
  expect(await failing(client('ehpad').read({ resourceType: 'Task', id: task!.id }))).toBe(404)
  expect(await failing(patch(client('ehpad'), task!, BUSINESS('accepted')))).toBe(404)
  expect(await failing(patch(client('ch-haut-anjou'), task!, BUSINESS('accepted')))).toBe(403)

  const accepted = await patch(theirs, task!, BUSINESS('accepted'))
  expect(accepted).toMatchObject({ status: 'accepted', owner: { display: expect.stringContaining('chu-nantes') } })
  expect(await failing(patch(theirs, task!, BUSINESS('done')))).toBe(412)
  const angersToo = (await tasks(client('chu-angers'), {}))[0]!
  expect(await failing(patch(client('chu-angers'), angersToo, BUSINESS('accepted')))).toBe(409)
  expect(orc((await hospital.next(2))[1]!)[1]).toBe('OK')

  const advice = { type: { coding: [{ system: CASE_PARTS, code: 'advice' }] }, valueString: 'Occlusion M1 gauche' }
  const advised = await patch(theirs, accepted, [{ op: 'add', path: '/output', value: [advice] }])
  expect(advised.businessStatus.text).toBe('Avis rendu')
  const last = (await hospital.next(3))[2]!
  expect([orc(last)[1], orc(last)[2]]).toEqual(['RE', 'AVC-7^CH-HAUT-ANJOU'])
  expect(last.toString('utf8')).toContain('|Occlusion M1 gauche|')

  const ours = client('ch-haut-anjou')
  const read = (await ours.read({ resourceType: 'Task', id: task!.id })) as unknown as Task
  const done = await patch(ours, read, BUSINESS('advice-read'))
  const decision = {
    type: { coding: [{ system: CASE_PARTS, code: 'decision' }] },
    valueCodeableConcept: { coding: [{ system: `${CASE_PARTS}/decision`, code: 'transfer' }] },
  }
  const decided = await patch(ours, done, [{ op: 'add', path: '/output/-', value: decision }])
  expect(decided).toMatchObject({ status: 'in-progress', businessStatus: { coding: [{ code: 'decided' }] } })
  expect(await failing(patch(ours, decided, [{ op: 'replace', path: '/for', value: { display: 'autre' } }]))).toBe(422)
  const pushed = await nantes.next(({ method, json }) => method === 'PUT' && JSON.stringify(json).includes('"decided"'))
  expect(pushed.url).toBe(`/fhir/Task/${task!.id}`)
})

test("a request by FHIR: its resources are the case's, advice by Communication, and what a tele-radiology order asks is no case", async () => {
  const { world, angers, client } = await opened()
  const ours = client('ch-haut-anjou')
  const created = (await ours.create({
    resourceType: 'ServiceRequest',
    body: {
      resourceType: 'ServiceRequest',
      meta: HTEST,
      status: 'active',
      intent: 'order',
      priority: 'stat',
      identifier: [{ system: 'urn:oid:1.2.250.9', value: 'F-1' }],
      subject: {
        type: 'Patient',
        identifier: { system: 'urn:oid:1.2.250.8', value: '77' },
        display: 'LEROUX (FICTIF)',
      },
      reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'I63.9' }], text: 'Aphasie' }],
    },
    options: { headers: { prefer: 'return=representation' } },
  } as never)) as unknown as { id: string }

  // The centre takes HL7 v2: the request is converted, or written anew, for it.
  const [order] = await angers.next(1)
  expect(order!.toString('utf8')).toContain('|F-1^')
  const theirs = client('chu-angers')
  const [task] = await until('task', async () => {
    const found = await tasks(theirs, { focus: `ServiceRequest/${created.id}` })
    return found.length === 1 ? found : null
  })
  expect(await failing(theirs.read({ resourceType: 'ServiceRequest', id: created.id }))).toBe(200)
  // Whose Task it is writes no state into it by way of a transaction, and a stranger is told nothing of it.
  const done = { resource: { ...task!, status: 'completed' }, request: { method: 'PUT', url: `Task/${task!.id}` } }
  const body = { resourceType: 'Bundle', type: 'transaction', meta: HTEST, entry: [done] } as never
  expect(await failing(ours.transaction({ body }))).toBe(422)
  expect(await failing(theirs.transaction({ body }))).toBe(422)
  expect(await failing(client('ehpad').transaction({ body }))).toBe(404)
  // Acceptance and a decision that the service does not know: none of it is done, and the answer says which.
  const unknown = { system: `${CASE_PARTS}/decision`, code: 'none-of-these' }
  const output = [
    { type: { coding: [{ system: CASE_PARTS, code: 'decision' }] }, valueCodeableConcept: { coding: [unknown] } },
  ]
  const both = theirs.update({
    resourceType: 'Task',
    id: task!.id,
    body: { ...task!, status: 'accepted', output },
  } as never)
  const outcome = await both.catch((fault: { response: { data: unknown } }) => fault.response.data)
  expect(outcome).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ expression: ["Task.output.where(type.coding.code = 'decision')"] }],
  })
  expect(await theirs.read({ resourceType: 'Task', id: task!.id })).toMatchObject({ status: task!.status })
  const options = { headers: { 'if-match': `W/"${task!.meta.versionId}"`, prefer: 'return=representation' } }
  const accepts = { resourceType: 'Task', id: task!.id, body: { ...task!, status: 'accepted' }, options }
  const accepted = await theirs.update(accepts as never)
  expect(accepted).toMatchObject({ status: 'accepted', businessStatus: { coding: [{ code: 'accepted' }] } })
  const communication = {
    resourceType: 'Communication',
    meta: HTEST,
    status: 'completed',
    basedOn: [{ reference: `ServiceRequest/${created.id}` }],
    payload: [{ contentString: 'Pas de contre-indication décrite' }],
  }
  await theirs.create({ resourceType: 'Communication', body: communication } as never)
  const advised = await until('advice', async () => {
    const [one] = await tasks(ours, { 'business-status': 'advised' })
    return one ?? null
  })
  expect(JSON.stringify(advised.output)).toContain('Pas de contre-indication décrite')

  const teleradiology = Buffer.from(
    REQUEST.toString('utf8')
      .replace('|||||FRA|UNICODE UTF-8', '|||||FRA|UNICODE UTF-8|||1.0^CISIS_TLR_HL7_V2')
      .replace('|M1|', '|TLR1|'),
  )
  expect(await send(world, teleradiology)).toBe('AA')
  expect(await tasks(ours, {})).toHaveLength(1)
})

test('what a hospital tells anew of its patient by FHIR, its open case has', async () => {
  const { client } = await opened()
  const ours = client('ch-haut-anjou')
  const identifier = [{ system: 'urn:oid:1.2.250.8', value: '77' }]
  const patient = { resourceType: 'Patient', meta: HTEST, identifier, name: [{ family: 'INCONNU', given: ['X'] }] }
  const options = { headers: { prefer: 'return=representation' } }
  const { id } = (await ours.create({ resourceType: 'Patient', body: patient, options } as never)) as unknown as {
    id: string
  }
  const reasonCode = [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'I63.9' }] }]
  const request = { resourceType: 'ServiceRequest', meta: HTEST, status: 'active', intent: 'order', reasonCode }
  const body = { ...request, subject: { reference: `Patient/${id}` } }
  await ours.create({ resourceType: 'ServiceRequest', body } as never)
  const names = async () =>
    (await tasks(ours, {})).map(({ contained }) => {
      const one = contained?.find(({ resourceType }) => resourceType === 'Patient')
      return [one?.name?.[0]?.family, one?.birthDate]
    })
  await until('the case', async () => (await names()).length === 1)
  expect(await names()).toEqual([['INCONNU', undefined]])
  const known = { ...patient, id, name: [{ family: 'LEROUX', given: ['SUZANNE'] }], birthDate: '1954-03-12' }
  await ours.update({ resourceType: 'Patient', id, body: known } as never)
  await until('its patient', async () => (await names())[0]![0] !== 'INCONNU')
  expect(await names()).toEqual([['LEROUX', '1954-03-12']])
  // It was a double of somebody known before, into whom it is merged.
  const before = {
    ...known,
    id: undefined,
    identifier: [{ ...identifier[0], value: '78' }],
    name: [{ family: 'MARTIN' }],
  }
  const goesOn = (await ours.create({ resourceType: 'Patient', body: before, options } as never)) as unknown as {
    id: string
  }
  const link = [{ other: { reference: `Patient/${goesOn.id}` }, type: 'replaced-by' }]
  await ours.update({ resourceType: 'Patient', id, body: { ...known, active: false, link } } as never)
  await until('the one who goes on', async () => (await names())[0]![0] === 'MARTIN')
})

test('a transaction is one request with all that travels along, and is taken back by its request', async () => {
  const { client } = await opened()
  const ours = client('ch-haut-anjou')
  const bundle = JSON.parse(
    readFileSync(new URL('../../profiles/fhir/examples/stroke-transaction.json', import.meta.url), 'utf8'),
  )
  const made = (await ours.transaction({ body: bundle } as never)) as unknown as {
    entry: { response: { location: string } }[]
  }
  const idOf = (type: string): string =>
    made.entry
      .map(({ response }) => new RegExp(`/${type}/([^/]+)/`).exec(response.location)?.[1])
      .find((id) => id !== undefined)!
  const theirs = client('chu-angers')
  const [task] = await until('task', async () => {
    const found = await tasks(theirs, { focus: `ServiceRequest/${idOf('ServiceRequest')}` })
    return found[0]?.input?.some((one) => 'valueInteger' in one) ? found : null
  })
  expect(task!.input).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ valueInteger: 12 }),
      expect.objectContaining({ valueIdentifier: expect.objectContaining({ system: 'urn:dicom:uid' }) }),
    ]),
  )
  // The centre reads what came with the request, and a home nothing of it.
  for (const type of ['Patient', 'ImagingStudy', 'Observation']) {
    expect([type, await failing(theirs.read({ resourceType: type, id: idOf(type) }))]).toEqual([type, 200])
    expect([type, await failing(client('ehpad').read({ resourceType: type, id: idOf(type) }))]).toEqual([type, 404])
  }

  const request = (await ours.read({ resourceType: 'ServiceRequest', id: idOf('ServiceRequest') })) as unknown as object
  // It is asked for again in other words, which joins; what is taken back then is both.
  const again = { ...request, meta: HTEST, note: [{ text: 'Rappeler le 2' }] }
  await ours.update({ resourceType: 'ServiceRequest', id: idOf('ServiceRequest'), body: again } as never)
  await until('joined', async () =>
    (await tasks(theirs, { 'based-on': `ServiceRequest/${idOf('ServiceRequest')}` })).length > 0 ? true : null,
  )
  // Alone it does not say that it is a test, as its Bundle did.
  const body = { ...request, meta: HTEST, status: 'revoked', note: [{ text: 'Erreur de patient' }] }
  await ours.update({ resourceType: 'ServiceRequest', id: idOf('ServiceRequest'), body } as never)
  const gone = await until('cancelled', async () => (await tasks(theirs, { status: 'cancelled' }))[0] ?? null)
  expect(gone).toMatchObject({ id: task!.id, statusReason: { text: 'Erreur de patient' } })
})
