import { afterEach, expect, test } from 'vitest'
import type { Arrival } from '../../src/core/message.ts'
import { resourceTypes } from '../../src/formats/fhir/resource-types.ts'
import { type FhirDoor, openFhirDoor, readsOver, stored } from '../support/peers/fhir-door.ts'
import { LAVAL_KEY } from '../support/peers/web-door.ts'

interface Statement {
  readonly fhirVersion: string
  readonly patchFormat: string[]
  readonly rest: {
    readonly security: { readonly extension: { readonly extension: { readonly valueUri: string }[] }[] }
    readonly interaction: { readonly code: string }[]
    readonly operation: { readonly name: string }[]
    readonly resource: {
      readonly type: string
      readonly interaction: { readonly code: string }[]
      readonly searchParam: { readonly name: string }[]
      readonly operation: { readonly name: string }[]
      readonly updateCreate: boolean
      readonly conditionalUpdate: boolean
    }[]
  }[]
}

let door: FhirDoor
afterEach(() => door.entrance.close(0))

async function statement(): Promise<Statement> {
  door = await openFhirDoor({ reads: readsOver(resourceTypes().map((type) => stored(type, 'x'))) })
  const answer = await fetch(`${door.base}/metadata`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as Statement
}

async function ask(method: string, path: string, type = 'application/fhir+json', body = '{}'): Promise<Response> {
  const headers = { authorization: `Bearer ${LAVAL_KEY}`, 'content-type': type }
  const bodied = method === 'POST' || method === 'PUT' || method === 'PATCH'
  const answer = await fetch(door.base + path, { method, headers, ...(bodied ? { body } : {}) })
  await answer.arrayBuffer()
  return answer
}

const FORM = 'application/x-www-form-urlencoded'
/** How each interaction is asked for, and what is to come of it here, where accept says 201 to everything. */
const ASKED: Readonly<Record<string, (type: string) => Promise<[seen: number, expected: number]>>> = {
  read: async (type) => [(await ask('GET', `/${type}/x`)).status, 200],
  vread: async (type) => [(await ask('GET', `/${type}/x/_history/1`)).status, 200],
  create: async (type) => [(await ask('POST', `/${type}`)).status, 201],
  update: async (type) => [(await ask('PUT', `/${type}/x`)).status, 201],
  patch: async (type) => [(await ask('PATCH', `/${type}/x`)).status, 201],
  'search-type': async (type) => [(await ask('GET', `/${type}`)).status, 200],
}

test('every interaction that the CapabilityStatement names works, on every type', async () => {
  const { rest, fhirVersion } = await statement()
  expect(fhirVersion).toBe('4.0.1')
  const [server] = rest
  expect(server?.resource.map(({ type }) => type)).toEqual(resourceTypes())
  for (const { type, interaction, operation } of server?.resource ?? []) {
    for (const { code } of interaction) {
      const [seen, expected] = (await ASKED[code]?.(type)) ?? [0, 1]
      expect([type, code, seen]).toEqual([type, code, expected])
    }
    for (const { name } of operation) expect((await ask('POST', `/${type}/$${name}`)).status).toBe(200)
  }
  const interactions = (door.arrivals as Arrival[]).map(({ fhir }) => fhir?.interaction)
  expect(new Set(interactions)).toEqual(new Set(['create', 'update', 'patch']))
})

test('so does every search parameter, by GET and POST, and everything of the whole system', async () => {
  const { rest, patchFormat } = await statement()
  const [server] = rest
  const { searchParam = [] } = server?.resource.find(({ type }) => type === 'ServiceRequest') ?? {}
  for (const { name } of searchParam) {
    expect((await ask('GET', `/ServiceRequest?${name}=x`)).status).toBe(200)
    expect((await ask('POST', '/ServiceRequest/_search', FORM, `${name}=x`)).status).toBe(200)
  }
  for (const type of patchFormat) expect((await ask('PATCH', '/Patient/x', type)).status).toBe(201)
  expect(server?.interaction.map(({ code }) => code)).toEqual(['transaction', 'batch'])
  expect((await ask('POST', '')).status).toBe(201)
  for (const { name } of server?.operation ?? []) expect((await ask('POST', `/$${name}`)).status).toBe(201)
  const token = server?.security.extension[0]?.extension[0]?.valueUri ?? ''
  expect((await fetch(token, { method: 'POST', body: new URLSearchParams({}) })).status).toBe(400)
})

test('what it does not name is refused', async () => {
  const { rest } = await statement()
  const patient = rest[0]?.resource.find(({ type }) => type === 'Patient')
  expect([patient?.updateCreate, patient?.conditionalUpdate]).toEqual([false, false])
  const refused: [method: string, path: string, status: number][] = [
    ['DELETE', '/Patient/x', 405],
    ['DELETE', '/Patient?identifier=x', 405],
    ['PUT', '/Patient?identifier=x', 405],
    ['GET', '/Patient/x/_history', 404],
    ['GET', '/Patient/_history', 404],
    ['GET', '/_history', 404],
    ['GET', '/Patient/x/$everything', 404],
    ['POST', '/Patient/$match', 405],
  ]
  for (const [method, path, status] of refused) {
    expect([method, path, (await ask(method, path)).status]).toEqual([method, path, status])
  }
})
