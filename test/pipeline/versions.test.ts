import { afterEach, beforeEach, expect, test } from 'vitest'
import { compileConfig } from '../../src/app/config/index.ts'
import { answerOf, type FhirAsk } from '../../src/core/fhir.ts'
import { accept } from '../../src/pipeline/accept.ts'
import type { Prepare } from '../../src/pipeline/deliver.ts'
import { preparing } from '../../src/pipeline/prepare.ts'
import { bytesOf } from '../../src/pipeline/withheld.ts'
import { messageFrom } from '../formats/messages.ts'
import { openStage, type Stage } from './stage.ts'

const DPI = 'receiver/dpi'
const SYSTEM = 'urn:oid:1.2.3'
const establishments = [
  { id: 'sender', name: 'Sender (fictif)', kind: 'hospital', senders: { facilities: ['SENDER'] } },
  {
    id: 'receiver',
    name: 'Receiver (fictif)',
    kind: 'hospital',
    destinations: { dpi: { type: 'mllp', host: '127.0.0.1', port: 26902, use: 'qualification' } },
  },
]
const routes = [{ name: 'patients', when: { kinds: ['Patient', 'Bundle:transaction'] }, to: [DPI], transform: 'hl7v2' }]

let stage: Stage
let prepare: Prepare
beforeEach(async () => {
  stage = await openStage({ establishments, routes })
  const compile = ({ json, revision }: { json: string; revision: number }) => compileConfig(json, revision, () => '')
  prepare = preparing({ journal: stage.journal, compile })
})
afterEach(() => stage.end())

const patient = (value: string, family = 'ESSAI (FICTIF)') => ({
  resourceType: 'Patient',
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] },
  identifier: [{ system: SYSTEM, value }],
  name: [{ use: 'official', family }],
})

/** Posts to the FHIR door's pipeline; gives the id of the resource, '' for a transaction. */
async function send(content: unknown, change: Partial<FhirAsk>): Promise<string> {
  const fhir: FhirAsk = {
    interaction: 'create',
    type: 'Patient',
    id: null,
    ifMatch: null,
    ifNoneExist: null,
    prefer: 'minimal',
    patch: null,
    base: 'http://127.0.0.1/fhir',
    ...change,
  }
  const peer = { address: '127.0.0.1:1', loopback: true, establishment: 'sender', destination: null }
  const bytes = Buffer.from(JSON.stringify(content))
  const said = await accept({ entrance: 'http', peer, receivedAtMs: Date.now(), bytes, fhir }, stage.parts)
  const { status, headers } = answerOf(said.answer!)
  if (status >= 300) throw new Error(`${status}`)
  return headers['location']?.split('/').at(-3) ?? ''
}

/** What leaves of each delivery, in order: event, PID-3, MRG-1, PID-5; and what was told of it. */
async function left(): Promise<string[]> {
  const all: string[] = []
  for (const entry of await stage.journal.queue(DPI, 0, 20)) {
    const work = await prepare(entry)
    const made = await work!(await stage.journal.body(entry.messageId))
    if ('code' in made) {
      all.push(`${made.code} ${made.answer}`)
      continue
    }
    const message = messageFrom(await bytesOf(made.body))
    const said = ['MSH-9.2', 'PID-3.1', 'MRG-1.1', 'PID-5.1'].map((path) => message.text(path) ?? '')
    const told = made.findings.map(({ code }) => code).filter((code) => code !== 'CONVERTED')
    all.push([...said, ...told].join(' ').replaceAll(' (FICTIF)', ''))
  }
  return all
}

test('of a Patient that is created, renamed and given other numbers: A28, A31, A47 with the number before', async () => {
  const id = await send(patient('P1'), {})
  await send({ ...patient('P1', 'AUTRE (FICTIF)'), id }, { interaction: 'update', id })
  await send({ ...patient('P2', 'AUTRE (FICTIF)'), id }, { interaction: 'update', id })
  const operations = [{ op: 'replace', path: '/identifier/0/value', value: 'P3' }]
  await send(operations, { interaction: 'patch', id, patch: 'json-patch' })
  await send([{ op: 'add', path: '/gender', value: 'female' }], { interaction: 'patch', id, patch: 'json-patch' })
  const all = ['A28 P1  ESSAI', 'A31 P1  AUTRE', 'A47 P2 P1 AUTRE', 'A47 P3 P2 AUTRE', 'A31 P3  AUTRE']
  expect(await left()).toEqual(all)
  await stage.reopen()
  const compile = ({ json, revision }: { json: string; revision: number }) => compileConfig(json, revision, () => '')
  prepare = preparing({ journal: stage.journal, compile })
  expect(await left()).toEqual(all)
})

test('two Patients that change by turns are not taken for each other', async () => {
  const [a, b] = [await send(patient('A1'), {}), await send(patient('B1'), {})]
  await send({ ...patient('A2'), id: a }, { interaction: 'update', id: a })
  await send({ ...patient('B2'), id: b }, { interaction: 'update', id: b })
  expect((await left()).slice(2)).toEqual(['A47 A2 A1 ESSAI', 'A47 B2 B1 ESSAI'])
})

test('in a transaction: the same, where it changes one Patient', async () => {
  const id = await send(patient('P1'), {})
  const put = (value: string, of: string) => ({
    resource: { ...patient(value), id: of },
    request: { method: 'PUT', url: `Patient/${of}` },
  })
  const post = { resource: patient('N1'), request: { method: 'POST', url: 'Patient' } }
  const transaction = async (...entry: object[]): Promise<unknown> =>
    send({ resourceType: 'Bundle', type: 'transaction', entry }, { interaction: 'transaction', type: null })
  await transaction(put('P2', id))
  await transaction(post)
  await transaction(put('P2', id), post)
  expect(await left()).toEqual(['A28 P1  ESSAI', 'A47 P2 P1 ESSAI', 'A28 N1  ESSAI', 'CONVERSION_FAILED Patient'])
})

test('versions keep their order though every number changes: each waits for the one before', async () => {
  const id = await send(patient('P1'), {})
  await send(patient('P2'), { interaction: 'update', id })
  await send([{ op: 'replace', path: '/identifier/0/value', value: 'P3' }], {
    interaction: 'patch',
    id,
    patch: 'json-patch',
  })
  const entry = { resource: patient('N1'), request: { method: 'POST', url: 'Patient' } }
  await send(
    { resourceType: 'Bundle', type: 'transaction', entry: [entry] },
    { interaction: 'transaction', type: null },
  )
  const [created, ...others] = (await stage.journal.queue(DPI, 0, 9)).map(({ keys }) => new Set(keys))
  expect(others.map((keys) => keys.intersection(created!).size)).toEqual([1, 1, 0])
  const made = await stage.journal.look<{ id: string }>({
    sql: "SELECT id FROM resource WHERE type = 'Patient' AND id <> ?",
    parameters: [id],
  })
  await send(patient('N2'), { interaction: 'update', id: made[0]!.id })
  const [inside, after] = (await stage.journal.queue(DPI, 0, 9)).slice(3).map(({ keys }) => new Set(keys))
  expect(after!.intersection(inside!).size).toBe(1)
})

test('several numbers at once are refused, and wait for a person', async () => {
  const two = (one: string, other: string) => ({
    ...patient(one),
    identifier: [
      { system: SYSTEM, value: one },
      { system: 'urn:oid:9.9', value: other },
    ],
  })
  const id = await send(two('P1', 'F1'), {})
  await send({ ...two('P2', 'F2'), id }, { interaction: 'update', id })
  expect(await left()).toEqual(['A28 P1  ESSAI', 'CONVERSION_FAILED Patient.identifier'])
})

test('the version before is no longer kept: A31, and it is told', async () => {
  const id = await send(patient('P1'), {})
  const [created] = await stage.journal.queue(DPI, 0, 1)
  await stage.journal.apply({
    rows: [{ sql: 'DELETE FROM resource_version WHERE message = ?', parameters: [created!.messageId] }],
  })
  await send({ ...patient('P2'), id }, { interaction: 'update', id })
  expect((await left()).slice(1)).toEqual(['A31 P2  ESSAI PRIOR_VERSION_GONE'])
})
