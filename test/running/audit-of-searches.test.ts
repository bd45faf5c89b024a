import { expect, test } from 'vitest'
import { until } from '../support/world/until.ts'
import { careWorld } from './care-world.ts'
import type { World } from './gateway.ts'

const SYSTEM = 'urn:oid:1.2.250.1.99.4'
const VALUE = '4711'
const NUMBER = encodeURIComponent(`${SYSTEM}|${VALUE}`)

const call = (world: World, key: string, path: string, body?: string, type = 'application/fhir+json') =>
  fetch(world.url() + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body }),
  })

const FORM = 'application/x-www-form-urlencoded'
test.each<[name: string, search: (world: World) => Promise<Response>, names: boolean]>([
  ['of a patient', (world) => call(world, 'system-ch-laval', `/fhir/Patient?identifier=${NUMBER}`), true],
  ['in a form', (world) => call(world, 'system-ch-laval', '/fhir/Patient/_search', `identifier=${NUMBER}`, FORM), true],
  ['of what a patient has', (world) => call(world, 'system-ch-laval', `/fhir/Task?patient.identifier=${NUMBER}`), true],
  [
    'of the same by its subject',
    (world) => call(world, 'system-ch-laval', `/fhir/Task?subject.identifier=${NUMBER}`),
    true,
  ],
  ['by another number', (world) => call(world, 'system-ch-laval', `/fhir/Task?identifier=${NUMBER}`), false],
  [
    'of whatever there is',
    (world) => call(world, 'system-ch-laval', '/fhir/Patient?_lastUpdated=ge2020-01-01T00:00:00Z'),
    true,
  ],
  [
    'of whatever there is, which is nobody',
    (world) => call(world, 'system-ch-laval', '/fhir/Patient?_lastUpdated=lt2020-01-01T00:00:00Z'),
    false,
  ],
  ['of how many there are', (world) => call(world, 'system-ch-laval', '/fhir/Patient?_count=0'), false],
])('a search on FHIR %s is in the report of the patient whom it names or shows', async (_name, search, names) => {
  const world = await careWorld({ routes: [{ name: 'all', when: { kinds: ['Patient'] }, to: ['platform'] }] })
  const patient = {
    ...{ resourceType: 'Patient', identifier: [{ system: SYSTEM, value: VALUE }], name: [{ family: 'MARTIN' }] },
    meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] },
  }
  expect((await call(world, 'system-ch-laval', '/fhir/Patient', JSON.stringify(patient))).status).toBe(201)
  expect((await search(world)).status).toBe(200)
  const told = async (path: string, ask: object) => {
    const answer = await call(world, 'dpo', path, JSON.stringify(ask), 'application/json')
    return ((await answer.json()) as { events: { who: string; what: string }[] }).events
  }
  // The audit is a second behind.
  await until('the look is in the audit', async () => {
    return (await told('/api/audit/search', { what: ['read-resource'] })).length > 0
  })
  const ask = { patients: [`${SYSTEM.replace('urn:oid:', '')}|${VALUE}`], reason: 'demande du patient' }
  const seen = (await told('/api/audit/report', ask)).filter(({ what }) => what === 'read-resource')
  expect(seen.map(({ who }) => who)).toEqual(names ? ['ch-laval'] : [])
})
