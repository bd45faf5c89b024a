import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { answerOf, askOf } from '../../src/core/fhir.ts'
import { isReceipt } from '../../src/core/message.ts'
import { accept } from '../../src/pipeline/accept.ts'
import { openStage, type Stage } from './stage.ts'

const BASE = 'http://127.0.0.1:8080/fhir'
const HTEST = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] }

let stage: Stage
beforeEach(async () => {
  stage = await openStage({
    establishments: [{ id: 'sender', name: 'Sender (fictif)', kind: 'hospital', senders: { facilities: ['SENDER'] } }],
    routes: [{ name: 'fhir', when: { kinds: ['Patient', 'ServiceRequest', 'Bundle:transaction'] }, to: ['platform'] }],
  })
})
afterEach(() => stage.end())

interface Answered {
  readonly status: number
  readonly promised: boolean
  readonly bytes: Buffer
  /** Of the entries: status, and id of what is there. */
  readonly entries: (string | undefined)[][]
}

async function post(type: string, entry: object[], identifier?: string): Promise<Answered> {
  const named = identifier === undefined ? {} : { identifier: { system: 'urn:x', value: identifier } }
  const bundle = { resourceType: 'Bundle', type, meta: HTEST, entry, ...named }
  const said = await accept(
    {
      entrance: 'http',
      peer: { address: '127.0.0.1:1', loopback: true, establishment: 'sender', destination: null },
      receivedAtMs: Date.now(),
      bytes: Buffer.from(JSON.stringify(bundle)),
      fhir: { ...askOf('transaction', null), base: BASE },
    },
    stage.parts,
  )
  const { status, body } = answerOf(said.answer!)
  const { entry: entries = [] } = JSON.parse(body ?? '{}') as { entry?: { response: Record<string, string> }[] }
  const told = entries.map(({ response }) => [response['status']?.slice(0, 3), response['location']?.split('/').at(-3)])
  return { status, promised: isReceipt(said), bytes: said.answer!, entries: told }
}
const patient = (value: string, more: object = {}) => ({
  resourceType: 'Patient',
  meta: HTEST,
  identifier: [{ system: 'urn:oid:1.2.3', value }],
  name: [{ family: 'ESSAI (FICTIF)' }],
  ...more,
})
const about = (reference: string) => ({
  resource: { resourceType: 'ServiceRequest', meta: HTEST, status: 'active', intent: 'order', subject: { reference } },
  request: { method: 'POST', url: 'ServiceRequest' },
})
const create = (value: string, ifNoneExist?: string, more: object = {}) => ({
  resource: patient(value),
  request: { method: 'POST', url: 'Patient', ...(ifNoneExist === undefined ? {} : { ifNoneExist }) },
  ...more,
})
const P1 = 'identifier=urn:oid:1.2.3|P1'
const received = async () => (await stage.journal.counts()).received
const subjects = async (): Promise<unknown[]> => {
  const entries = (await stage.journal.follow(null, 50)).filter(({ kind }) => kind === 'ServiceRequest')
  return Promise.all(
    entries.map(async ({ id }) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of (await stage.journal.body(id)).open()) chunks.push(chunk)
      return JSON.parse(Buffer.concat(chunks).toString()).subject.reference
    }),
  )
}

describe('a conditional reference of a transaction means what is there once its entries are done', () => {
  const reference = about(`Patient?${P1}`)
  test.each<[name: string, entries: object[]]>([
    ['what an entry before creates', [create('P1'), reference]],
    ['what an entry behind creates', [reference, create('P1')]],
    ['what it creates by a condition', [create('P1', P1), reference]],
    ['whatever the system', [create('P1'), about('Patient?identifier=P1')]],
  ])('%s', async (_name, entries) => {
    const said = await post('transaction', entries)
    const made = said.entries.filter(
      (_one, i) => entries[i] !== reference && (entries[i] as typeof reference).request.url === 'Patient',
    )
    expect([said.status, await subjects()]).toEqual([200, [`Patient/${made[0]![1]}`]])
  })
  test('what is there already, under a condition too', async () => {
    const before = await post('transaction', [create('P1')])
    const id = before.entries[0]![1]
    expect(await post('transaction', [create('P1', P1), reference])).toMatchObject({ status: 200 })
    expect(await subjects()).toEqual([`Patient/${id}`])
  })
  test('what it makes of a resource, and no more what that was', async () => {
    const before = await post('transaction', [create('P0')])
    const id = before.entries[0]![1]!
    const update = { resource: patient('P1', { id }), request: { method: 'PUT', url: `Patient/${id}` } }
    expect(await post('transaction', [update, about('Patient?identifier=P0')])).toMatchObject({ status: 412 })
    expect(await post('transaction', [update, reference])).toMatchObject({ status: 200 })
    expect(await subjects()).toEqual([`Patient/${id}`])
  })
  test.each<[name: string, entries: object[]]>([
    ['nothing such', [create('P2'), reference]],
    ['another system', [create('P1'), about('Patient?identifier=urn:oid:9|P1')]],
    ['two such', [create('P1'), create('P1'), reference]],
    ['another type', [create('P1'), about('Practitioner?identifier=P1')]],
  ])('%s: nothing is done', async (_name, entries) => {
    expect(await post('transaction', entries)).toMatchObject({ status: 412 })
    expect(await received()).toBe(0)
  })
})

describe('one condition twice', () => {
  test('in a transaction: the first makes it, the second finds it, and both are it', async () => {
    const [one, two] = [
      'urn:uuid:6a2f6a8e-7f3e-4c5d-9f50-000000000001',
      'urn:uuid:6a2f6a8e-7f3e-4c5d-9f50-000000000002',
    ]
    const said = await post('transaction', [
      create('P1', P1, { fullUrl: one }),
      create('P1', P1, { fullUrl: two }),
      about(one),
      about(two),
    ])
    const [[, id] = []] = said.entries
    expect(said.entries.slice(0, 2)).toEqual([
      ['201', id],
      ['200', id],
    ])
    expect([said.status, await received(), await subjects()]).toEqual([200, 4, [`Patient/${id}`, `Patient/${id}`]])
  })
  test('in a transaction after two such without a condition: nothing is done', async () => {
    expect(await post('transaction', [create('P1'), create('P1'), create('P1', P1)])).toMatchObject({ status: 412 })
    expect(await received()).toBe(0)
  })
  test('in a batch', async () => {
    const { entries } = await post('batch', [create('P1', P1), create('P1', P1)])
    expect(entries).toEqual([
      ['201', entries[0]![1]],
      ['200', entries[0]![1]],
    ])
  })
})

describe('a batch with a Bundle.identifier', () => {
  test('that comes again: each entry is answered as before, and nothing is new', async () => {
    const { entries: made } = await post('batch', [create('P0')])
    const id = made[0]![1]!
    const resource = patient('P9', { id })
    const update = { resource, request: { method: 'PUT', url: `Patient/${id}`, ifMatch: 'W/"1"' } }
    const all = [create('P1'), create('P1'), update]
    const first = await post('batch', all, 'B1')
    expect(first.entries.map(([status]) => status)).toEqual(['201', '201', '200'])
    const again = await post('batch', all, 'B1')
    expect([again.promised, again.bytes.equals(first.bytes), await received()]).toEqual([true, true, 4])
  })
  test('what was refused is judged afresh; another entry in its place is 409, another request is another', async () => {
    const later = { resource: patient('P9', { id: 'nope' }), request: { method: 'PUT', url: 'Patient/nope' } }
    const first = await post('batch', [create('P1'), later], 'B1')
    expect(first.entries.map(([status]) => status)).toEqual(['201', '404'])
    const again = await post('batch', [create('P2'), create('P3')], 'B1')
    expect(again.entries.map(([status]) => status)).toEqual(['409', '201'])
    expect(await post('batch', [create('P1', P1)], 'B1')).toMatchObject({ entries: [['200', first.entries[0]![1]]] })
    expect(await received()).toBe(2)
  })
  test('of none each comes as often as it is sent', async () => {
    await post('batch', [create('P1')])
    await post('batch', [create('P1')])
    expect(await received()).toBe(2)
  })
})

test('a repeat that would be refused now is promised by a commit, as any other: it waits where that waits', async () => {
  const made = await post('transaction', [create('P0')])
  const id = made.entries[0]![1]!
  const resource = patient('P9', { id })
  const all = [{ resource, request: { method: 'PUT', url: `Patient/${id}`, ifMatch: 'W/"1"' } }]
  const first = await post('transaction', all, 'T1')
  const commits = vi.spyOn(stage.journal, 'commit')
  const again = await post('transaction', all, 'T1')
  expect([again.promised, again.bytes.equals(first.bytes), commits.mock.calls.length]).toEqual([true, true, 1])
  expect((await commits.mock.results[0]!.value).kind).toBe('repeat')
  expect((await post('transaction', [...all, create('P7')], 'T1')).status).toBe(409)
  expect(await received()).toBe(4)
})
