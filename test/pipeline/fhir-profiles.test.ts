import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { shippedProfiles } from '../../src/app/config/index.ts'
import { definitionsOf } from '../../src/app/fhir-definitions.ts'
import { answerOf, type FhirAsk } from '../../src/core/fhir.ts'
import { isReceipt } from '../../src/core/message.ts'
import { accept } from '../../src/pipeline/accept.ts'
import { at, profile, definitions as written } from '../formats/fhir/validate/define.ts'
import { openStage, type Stage } from './stage.ts'

const OURS = 'https://passerelle.example/fhir/StructureDefinition'
const HTEST = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] }
const establishments = [
  { id: 'lenient', name: 'Lenient (fictif)', kind: 'hospital', senders: { facilities: ['LENIENT'] } },
  { id: 'strict', name: 'Strict (fictif)', kind: 'hospital', strict: true, senders: { facilities: ['STRICT'] } },
  {
    id: 'receiver',
    name: 'Receiver (fictif)',
    kind: 'hospital',
    destinations: { dpi: { type: 'fhir', url: 'http://127.0.0.1:26903/fhir', use: 'qualification' } },
  },
]
const routes = [
  { name: 'tasks', when: { kinds: ['Task'] }, to: ['receiver/dpi'], lane: 'urgent' },
  { name: 'all', when: { from: ['lenient', 'strict'] }, to: ['receiver/dpi'] },
]
/** Every Location must be active, because the region says so. */
const fhir = { profiles: { Location: [`${OURS}/location`] } }

const shipped = definitionsOf(shippedProfiles())
/** A rule of class `safety`, on patients and on tasks. */
const grave = (type: string) =>
  profile(`grave-${type}`, type, [
    {
      id: type,
      constraint: [
        {
          key: 'grave',
          severity: 'error',
          expression: 'identifier.exists()',
          extension: [{ url: 'urn:passerelle:finding-class', valueCode: 'safety' }],
        },
      ],
    },
  ])

let stage: Stage
let asked = 0
let load = shipped
beforeEach(async () => {
  stage = await openStage({ establishments, routes, fhir })
  asked = 0
  load = shipped
})
afterEach(() => stage.end())

interface Issue {
  readonly severity: string
  readonly code: string
  readonly diagnostics?: string
  readonly expression?: readonly string[]
}

async function send(resource: object, from: 'lenient' | 'strict', change: Partial<FhirAsk> = {}) {
  const type = (resource as { resourceType?: string }).resourceType ?? null
  const fhirAsk: FhirAsk = {
    interaction: type === 'Bundle' ? 'transaction' : 'create',
    type: type === 'Bundle' ? null : type,
    id: null,
    ifMatch: null,
    ifNoneExist: null,
    prefer: 'OperationOutcome',
    patch: null,
    base: 'http://127.0.0.1:8080/fhir',
    ...change,
  }
  const definitions = () => {
    asked++
    return load()
  }
  const said = await accept(
    {
      entrance: 'http',
      peer: { address: '127.0.0.1:1', loopback: true, establishment: from, destination: null },
      receivedAtMs: Date.now(),
      bytes: Buffer.from(JSON.stringify(resource)),
      fhir: fhirAsk,
    },
    { ...stage.parts, definitions },
  )
  const { status, body, headers } = answerOf(said.answer!)
  const json = body === null ? null : (JSON.parse(body) as { issue?: Issue[]; entry?: unknown[] })
  return {
    status,
    promised: isReceipt(said),
    issues: (json?.issue ?? []).map(({ severity, code, expression }) =>
      `${severity} ${code} ${expression?.[0] ?? ''}`.trim(),
    ),
    json,
    location: headers['location'] ?? '',
  }
}

const findings = () =>
  stage.journal.look<{ kind: string; findings: string }>({
    sql: "SELECT kind, findings FROM message WHERE findings <> '[]' ORDER BY id",
    parameters: [],
  })
const count = async (table: 'message' | 'resource'): Promise<number> =>
  (await stage.journal.look<{ n: number }>({ sql: `SELECT count(*) AS n FROM ${table}`, parameters: [] }))[0]!.n

const example = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../profiles/fhir/examples/${name}.json`, import.meta.url), 'utf8')) as {
    [name: string]: never
  }
interface Entry {
  readonly resource: { resourceType: string; valueInteger?: number; component?: { valueInteger: number }[] }
}
/** The stroke request of the examples with a total of 12 whose items make 14. */
function wrongTotal(): { bundle: object; place: string } {
  const bundle = example('stroke-transaction') as unknown as { entry: Entry[] }
  const i = bundle.entry.findIndex(({ resource }) => resource.resourceType === 'Observation')
  const { resource } = bundle.entry[i]!
  expect([resource.valueInteger, resource.component?.reduce((sum, one) => sum + one.valueInteger, 0)]).toEqual([12, 12])
  resource.component![2]!.valueInteger += 2
  return { bundle, place: `Bundle.entry[${i}].resource.valueInteger` }
}

test('35: a transaction whose NIHSS total is not the sum of its items: 422 at the total, and nothing is stored', async () => {
  const { bundle, place } = wrongTotal()
  const said = await send(bundle, 'strict')
  expect([said.status, said.promised, said.issues]).toEqual([422, false, [`error invariant ${place}`]])
  expect(said.json?.issue?.[0]?.diagnostics).toContain('pas-nihss-1')
  expect([await count('message'), await count('resource')]).toEqual([0, 0])
})

test('35, not strict: taken, with a finding on its timeline', async () => {
  const { bundle, place } = wrongTotal()
  const said = await send(bundle, 'lenient')
  expect([said.status, said.promised]).toEqual([200, true])
  const [bundled, ...more] = await findings()
  expect([bundled?.kind, more]).toEqual(['Bundle:transaction', []])
  expect(JSON.parse(bundled!.findings)).toEqual([
    {
      code: 'RULE_BROKEN',
      class: 'contract',
      at: place,
      params: { issue: 'invariant', rule: 'pas-nihss-1' },
    },
  ])
})

test('the stroke request as it should be is taken from a strict sender', async () => {
  const said = await send(example('stroke-transaction'), 'strict')
  expect([said.status, await findings()]).toEqual([200, []])
})

/** A remote session of the examples, whose patient is known by a number of the house: of an INS other rules speak first. */
function remoteSession(): object {
  const subject = { type: 'Patient', identifier: { system: 'urn:oid:2.999.539990119', value: 'R-0042' } }
  return { ...example('remote-session'), subject }
}

/** 38: a remote session without its period and with an identifier that names no system. */
function session(): object {
  const {
    period: _left,
    identifier,
    ...rest
  } = remoteSession() as unknown as {
    period: object
    identifier: { system?: string }[]
  }
  const [first, ...more] = identifier
  const { system: _out, ...without } = first!
  return { ...rest, identifier: [without, ...more] }
}

test('38: an Encounter VR without period and identifier.system: 422 with both places', async () => {
  const said = await send(session(), 'strict')
  expect([said.status, said.issues.toSorted()]).toEqual([
    422,
    ['error required Encounter.identifier[0].system', 'error required Encounter.period'],
  ])
})

test('38, not strict: 201, both as warnings to who asks for the outcome, and as findings', async () => {
  const said = await send(session(), 'lenient')
  expect([said.status, said.issues.toSorted()]).toEqual([
    201,
    ['warning required Encounter.identifier[0].system', 'warning required Encounter.period'],
  ])
  const [kept] = await findings()
  const told = JSON.parse(kept!.findings) as { code: string; class: string; at: string }[]
  expect(told.map(({ code, class: sort, at: place }) => [code, sort, place]).toSorted()).toEqual([
    ['ELEMENT_MISSING', 'contract', 'Encounter.identifier[0].system'],
    ['ELEMENT_MISSING', 'contract', 'Encounter.period'],
  ])
})

test('where no profile applies nothing is validated, and nothing is loaded', async () => {
  const said = await send({ resourceType: 'Patient', meta: HTEST, gender: 'nonsense' }, 'strict')
  expect([said.status, said.issues, asked]).toEqual([201, ['information informational'], 0])
})

test('a profile that the region asks of a type applies without being claimed', async () => {
  const said = await send({ resourceType: 'Location', meta: HTEST, status: 'open' }, 'strict')
  expect(said.status).toBe(422)
  expect(said.issues).toContain('error code-invalid Location.status')
})

test('a profile that is not loaded is told and changes nothing', async () => {
  const claimed = { resourceType: 'Patient', meta: { ...HTEST, profile: ['https://example.test/unknown'] } }
  const said = await send(claimed, 'strict')
  expect([said.status, said.issues]).toEqual([201, ['warning not-found Patient.meta.profile[0]']])
})

const claims = (type: string, more: object = {}) => ({
  resourceType: type,
  meta: { ...HTEST, profile: [at(`grave-${type}`)] },
  ...more,
})

test('a matter of safety is refused for everybody, but an urgent case waits for a person', async () => {
  load = async () => written(grave('Patient'), grave('Task'))
  const said = await send(claims('Patient'), 'lenient')
  expect([said.status, said.promised, said.issues]).toEqual([422, false, ['error invariant Patient']])
  const urgent = await send(claims('Task', { status: 'requested', intent: 'order' }), 'lenient')
  expect([urgent.status, urgent.promised]).toEqual([201, true])
  const deliveries = await stage.journal.look({ sql: 'SELECT state, last_code FROM delivery', parameters: [] })
  expect(deliveries).toEqual([{ state: 'poisoned', last_code: 'RULE_BROKEN' }])
})

test('an update and a patch are judged as what they make of the resource', async () => {
  const location = { ...example('location'), id: undefined }
  const { location: where } = await send(location, 'strict')
  const id = /Location\/([^/]+)\//.exec(where)![1]!
  const change = { type: 'Location', id, ifMatch: 'W/"1"' }
  const updated = await send({ ...example('location'), id, status: 'open' }, 'strict', {
    ...change,
    interaction: 'update',
  })
  expect([updated.status, updated.issues]).toEqual([422, ['error code-invalid Location.status']])
  const patch = [{ op: 'replace', path: '/status', value: 'open' }]
  const patched = await send(patch, 'strict', { ...change, interaction: 'patch', patch: 'json-patch' })
  expect([patched.status, patched.issues]).toEqual([422, ['error code-invalid Location.status']])
  expect(await count('message')).toBe(1)
})

test('each entry of a batch is judged on its own', async () => {
  const request = { method: 'POST', url: 'Encounter' }
  const batch = {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [
      { resource: session(), request },
      { resource: remoteSession(), request },
    ],
  }
  const said = await send(batch, 'strict', { interaction: 'batch' })
  const statuses = (said.json!.entry as { response: { status: string } }[]).map(({ response }) => response.status)
  expect([said.status, statuses]).toEqual([200, ['422', '201']])
})

test('a message is judged whole', async () => {
  const bundle = example('stroke-message') as unknown as { entry: Entry[] }
  const observation = bundle.entry.find(({ resource }) => resource.resourceType === 'Observation')!
  observation.resource.valueInteger = 3
  const said = await send(bundle, 'strict', { interaction: 'process-message' })
  expect([said.status, said.issues.map((one) => one.split(' ')[1])]).toEqual([422, ['invariant']])
  expect(await count('message')).toBe(0)
})

test('a document that is not what its reference says: 422 of a strict sender, else taken with a finding', async () => {
  const share = () => {
    // Whom it is about is known by a local number: an INS would need its proof.
    const bundle = JSON.parse(
      JSON.stringify(example('document-share')).replaceAll('urn:oid:1.2.250.1.213.1.4.10', 'urn:oid:1.2.3'),
    ) as { entry: { resource: { [name: string]: string } }[] }
    const at = bundle.entry.findIndex(({ resource }) => resource['resourceType'] === 'Binary')
    bundle.entry[at]!.resource['data'] = Buffer.from('another').toString('base64')
    return bundle
  }
  const refused = await send(share(), 'strict')
  expect([refused.status, refused.issues.filter((one) => /attachment/.test(one)).length]).toEqual([422, 2])
  const taken = await send(share(), 'lenient')
  expect([taken.status, taken.promised]).toEqual([200, true])
  expect((await findings())[0]?.findings).toContain('attachment.hash')
})
