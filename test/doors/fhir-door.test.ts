import { afterEach, expect, test } from 'vitest'
import { answerBytes } from '../../src/core/fhir.ts'
import { pretty, takesJson } from '../../src/entrances/fhir/negotiate.ts'
import { type FhirDoor, openFhirDoor, readsOver, stored, yes } from '../support/peers/fhir-door.ts'
import { LAVAL_KEY, OPERATOR_KEY } from '../support/peers/web-door.ts'

let door: FhirDoor | null = null
afterEach(async () => {
  await door?.entrance.close(0)
  door = null
})
async function open(wanted: Parameters<typeof openFhirDoor>[0] = {}): Promise<FhirDoor> {
  door = await openFhirDoor(wanted)
  return door
}

const KEY = { authorization: `Bearer ${LAVAL_KEY}` }
const JSON_TYPE = { 'content-type': 'application/fhir+json' }
type Asked = { method?: string; headers?: Record<string, string>; body?: string }
const ask = (path: string, { headers, ...more }: Asked = {}): Promise<Response> =>
  fetch((door as FhirDoor).base + path, {
    headers: { ...KEY, ...(more.body === undefined ? {} : JSON_TYPE), ...headers },
    ...more,
  })

test.each<[method: string, path: string, headers: Record<string, string>, asked: object]>([
  ['POST', '/Patient', {}, { interaction: 'create', type: 'Patient', id: null, patch: null, prefer: 'representation' }],
  ['POST', '/Patient', { 'if-none-exist': 'identifier=a|b' }, { interaction: 'create', ifNoneExist: 'identifier=a|b' }],
  ['POST', '/Patient', { prefer: 'return=minimal' }, { prefer: 'minimal' }],
  ['POST', '/Patient', { prefer: 'handling=strict; return=OperationOutcome' }, { prefer: 'OperationOutcome' }],
  [
    'PUT',
    '/Patient/p.1',
    { 'if-match': 'W/"3"' },
    { interaction: 'update', type: 'Patient', id: 'p.1', ifMatch: 'W/"3"' },
  ],
  ['PATCH', '/Patient/p1', {}, { interaction: 'patch', id: 'p1', patch: 'fhirpath' }],
  [
    'PATCH',
    '/Patient/p1',
    { 'content-type': 'application/json-patch+json' },
    { interaction: 'patch', patch: 'json-patch' },
  ],
  ['POST', '', {}, { interaction: 'transaction', type: null, id: null }],
  ['POST', '/', {}, { interaction: 'transaction', type: null }],
  ['POST', '/$process-message', {}, { interaction: 'process-message', type: null }],
])('%s %s with %o reaches accept as it was asked', async (method, path, headers, asked) => {
  const { arrivals, base } = await open()
  const body = '{"resourceType":"Patient","x":1.00}'
  const answer = await ask(path, { method, headers, body })
  expect(answer.status).toBe(201)
  expect(arrivals).toMatchObject([{ entrance: 'http', peer: { establishment: 'ch-laval' }, fhir: { ...asked, base } }])
  expect(arrivals[0]?.bytes.toString()).toBe(body)
})

test('the answer is accept’s own: status, headers and the text as it is', async () => {
  const opened = await open()
  const location = `${opened.base}/Patient/1/_history/1`
  opened.decide = () => yes({ headers: { location, etag: 'W/"1"' }, body: '{"resourceType":"Patient","n":1.00}' })
  const answer = await ask('/Patient', { method: 'POST', body: '{}' })
  expect(answer.headers.get('location')).toBe(location)
  expect(answer.headers.get('etag')).toBe('W/"1"')
  expect(answer.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8')
  expect(await answer.text()).toBe('{"resourceType":"Patient","n":1.00}')
})

test('a refusal with words of its own, one without, and a store that cannot write', async () => {
  const opened = await open()
  const post = () => ask('/Patient', { method: 'POST', body: '{}' })
  const own = answerBytes({ status: 412, headers: {}, body: '{"resourceType":"OperationOutcome"}' })
  opened.decide = () => ({ code: 'WRONG_STATE', answer: own, close: false })
  expect((await post()).status).toBe(412)
  opened.decide = () => ({ code: 'NO_ROUTE', answer: null, close: false })
  const refused = await post()
  expect([refused.status, ((await refused.json()) as { resourceType: string }).resourceType]).toEqual([
    422,
    'OperationOutcome',
  ])
  const busy = answerBytes({ status: 503, headers: {}, body: null })
  opened.decide = () => ({ code: 'STORE_FULL', answer: busy, close: false })
  const later = await post()
  expect([later.status, later.headers.get('retry-after')]).toEqual([503, '5'])
})

const post = { method: 'POST', body: '{}' }
test.each<[name: string, path: string, asked: Asked, status: number, code: string, issue: string]>([
  ['no key', '/Patient', { ...post, headers: { authorization: '' } }, 401, 'UNAUTHORIZED', 'login'],
  [
    'an operator',
    '/Patient',
    { ...post, headers: { authorization: `Bearer ${OPERATOR_KEY}` } },
    403,
    'FORBIDDEN',
    'forbidden',
  ],
  ['a type that is none', '/Dragon', post, 404, 'NOT_FOUND', 'not-found'],
  ['a resource that is not there', '/Patient/x', {}, 404, 'NOT_FOUND', 'not-found'],
  ['an id that is none', '/Patient/a_b', {}, 404, 'NOT_FOUND', 'not-found'],
  ['an update of an id that is none', '/Patient/a_b', { method: 'PUT', body: '{}' }, 404, 'NOT_FOUND', 'not-found'],
  ['a version that is none', '/Patient/x/_history/0', {}, 404, 'NOT_FOUND', 'not-found'],
  ['an address that is none', '/Patient/x/y/z', {}, 404, 'NOT_FOUND', 'not-found'],
  ['an address that cannot be decoded', '/Patient/%ff', {}, 400, 'BAD_REQUEST', 'invalid'],
  ['an address that is too long', `/Patient/${'x'.repeat(300)}`, {}, 400, 'BAD_REQUEST', 'invalid'],
  ['a delete', '/Patient/x', { method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED', 'not-supported'],
  [
    'a conditional update',
    '/Patient?identifier=x',
    { method: 'PUT', body: '{}' },
    405,
    'METHOD_NOT_ALLOWED',
    'not-supported',
  ],
  ['a search over all types', '?_id=1', {}, 405, 'METHOD_NOT_ALLOWED', 'not-supported'],
  [
    'XML asked for',
    '/Patient/x',
    { headers: { accept: 'application/fhir+xml' } },
    406,
    'NOT_ACCEPTABLE',
    'not-supported',
  ],
  ['XML asked for in the query', '/Patient/x?_format=xml', {}, 406, 'NOT_ACCEPTABLE', 'not-supported'],
  [
    'XML sent',
    '/Patient',
    { ...post, headers: { 'content-type': 'application/fhir+xml' } },
    415,
    'MEDIA_TYPE',
    'not-supported',
  ],
  [
    'a patch to create',
    '/Patient',
    { ...post, headers: { 'content-type': 'application/json-patch+json' } },
    415,
    'MEDIA_TYPE',
    'not-supported',
  ],
  ['a search as JSON', '/Patient/_search', post, 415, 'MEDIA_TYPE', 'not-supported'],
  ['too much', '/Patient', { method: 'POST', body: 'x'.repeat(1_000_001) }, 413, 'FRAME_TOO_LONG', 'too-long'],
  ['a count that is none', '/Patient?_count=x', {}, 400, 'BAD_REQUEST', 'invalid'],
  ['a page that is none of ours', '/Patient?_page=AAAA', {}, 400, 'BAD_REQUEST', 'invalid'],
  ['a query that cannot be decoded', '/Patient?identifier=%zz', {}, 400, 'BAD_REQUEST', 'invalid'],
  ['a path that cannot be decoded', '/Patient/%zz', {}, 400, 'BAD_REQUEST', ''],
  ['a message to be answered later', '/$process-message?async=true', post, 400, 'BAD_REQUEST', 'invalid'],
])('refused: %s', async (_name, path, asked, status, code, issue) => {
  const { arrivals } = await open()
  const answer = await ask(path, asked)
  expect(answer.status).toBe(status)
  const text = await answer.text()
  expect(text).toContain(code)
  if (issue !== '') {
    expect(answer.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8')
    expect(JSON.parse(text)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: issue }],
    })
  }
  expect(answer.headers.get('allow') === null).toBe(status !== 405)
  expect(arrivals).toEqual([])
})

test.each([
  ['fr-FR', 'clé valable est nécessaire'],
  ['en', 'valid key is needed'],
])('an outcome helps in %s', async (language, text) => {
  await open()
  const headers = { authorization: '', 'accept-language': language }
  expect(await (await ask('/Patient/x', { headers })).text()).toContain(text)
})

test.each<[accept: string | undefined, format: string | null, yes: boolean]>([
  [undefined, null, true],
  ['', null, true],
  ['*/*', null, true],
  ['application/fhir+json', null, true],
  ['application/fhir+json; fhirVersion=4.0', null, true],
  ['application/fhir+json; fhirVersion="5.0"', null, false],
  ['application/fhir+xml, application/json;q=0.1', null, true],
  ['application/fhir+xml, application/json;q=0', null, false],
  ['text/html,application/xhtml+xml,*/*;q=0.8', null, true],
  ['text/turtle', null, false],
  ['application/fhir+xml', 'json', true],
  [undefined, 'application/fhir json', true],
  [undefined, 'application/fhir+xml', false],
  [undefined, 'text/xml', false],
])('Accept %s with _format %s: %s', (accept, format, expected) => {
  expect(takesJson(accept, format)).toBe(expected)
})

test.each([
  [
    '{"a":[1.00,"x, {y}: \\"z\\"",null],"b":{},"c":[]}',
    '{\n  "a": [\n    1.00,\n    "x, {y}: \\"z\\"",\n    null\n  ],\n  "b": {},\n  "c": []\n}',
  ],
  ['[]', '[]'],
  ['"a b"', '"a b"'],
  ['{"a":"\\\\","b":"\\\\\\""}', '{\n  "a": "\\\\",\n  "b": "\\\\\\""\n}'],
])('pretty %s', (json, expected) => {
  expect(pretty(json)).toBe(expected)
})

test('a document as large as a door takes is laid out too', () => {
  for (const data of ['QUJD'.repeat(4_000_000), '\\n'.repeat(8_000_000)])
    expect(pretty(`{"data":"${data}"}`) === `{\n  "data": "${data}"\n}`).toBe(true)
})

test('reads and versions show what is kept, as it is written', async () => {
  await open({ reads: readsOver([stored('Patient', 'p1'), stored('Patient', 'p1', 2)]) })
  const answer = await ask('/Patient/p1')
  expect(answer.headers.get('etag')).toBe('W/"2"')
  expect(answer.headers.get('last-modified')).toBe('Mon, 05 Jan 2026 08:00:00 GMT')
  expect(await answer.text()).toBe(stored('Patient', 'p1', 2).json)
  expect((await ask('/Patient/p1/_history/1')).headers.get('etag')).toBe('W/"1"')
  expect((await ask('/Patient/p1/_history/3')).status).toBe(404)
  expect((await ask('/Patient/p1', { headers: { 'if-none-match': 'W/"1", W/"2"' } })).status).toBe(304)
  expect(await (await ask('/Patient/p1?_pretty=true')).text()).toContain('\n  "valueDecimal": 1.00\n')
  expect((await ask('/Patient/p1', { headers: { authorization: 'Bearer demo-chu-angers' } })).status).toBe(404)
})

interface Searchset {
  total: number
  link: { relation: string; url: string }[]
  entry?: { fullUrl: string; resource: { id: string }; search: { mode: string } }[]
}
const linkOf = (bundle: Searchset, relation: string) =>
  bundle.link.find((link) => link.relation === relation)?.url ?? ''

test('pages follow each other, and no link names a patient', async () => {
  const reads = readsOver(['a', 'b', 'c', 'd', 'e'].map((id) => stored('Patient', id)))
  const { base } = await open({ reads })
  const ins = '279035121518989'
  const body = `identifier=urn:oid:1.2.250.1.213.1.4.10|${ins}&_count=2&status=active`
  const first = await ask('/Patient/_search', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  const seen: string[] = []
  let bundle = (await first.json()) as Searchset
  for (;;) {
    seen.push(...(bundle.entry ?? []).map(({ resource }) => resource.id))
    expect(bundle.total).toBe(5)
    for (const { url } of bundle.link) {
      expect(url.startsWith(`${base}/Patient?_page=`)).toBe(true)
      expect(
        decodeURIComponent(url) + Buffer.from(url.split('=')[1] ?? '', 'base64url').toString('latin1'),
      ).not.toContain(ins)
    }
    const next = linkOf(bundle, 'next')
    if (next === '') break
    bundle = (await (await fetch(next, { headers: KEY })).json()) as Searchset
  }
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(new Set(reads.searches.map((one) => JSON.stringify({ ...(one as object), after: null }))).size).toBe(1)
  const self = (await (await fetch(linkOf(bundle, 'self'), { headers: KEY })).json()) as Searchset
  expect(self.entry?.map(({ resource }) => resource.id)).toEqual(['e'])
})

test('a page belongs to who asked and to its type', async () => {
  await open({ reads: readsOver(['a', 'b'].map((id) => stored('Patient', id))) })
  const bundle = (await (await ask('/Patient?_count=1')).json()) as Searchset
  const next = new URL(linkOf(bundle, 'next'))
  const path = `/Patient${next.search}`
  expect((await ask(path)).status).toBe(200)
  expect((await ask(path, { headers: { authorization: 'Bearer demo-chu-angers' } })).status).toBe(400)
  expect((await ask(`/Encounter${next.search}`)).status).toBe(400)
  expect((await ask(`${path}&status=active`)).status).toBe(400)
})

test.each([
  ['', 'Patient?_count=50'],
  [
    '?status=active,draft&_lastUpdated=ge2026-01-01&_count=1000',
    'Patient?status=active%2Cdraft&_lastUpdated=ge2026-01-01&_count=500',
  ],
  ['?_id=a&_pretty=true', 'Patient?_id=a&_count=50'],
])('a search that names nobody has itself as a link: %s', async (query, self) => {
  const { base } = await open()
  const bundle = (await (await ask(`/Patient${query}`)).json()) as Searchset
  expect(linkOf(bundle, 'self')).toBe(`${base}/${self}`)
  expect(bundle).not.toHaveProperty('entry')
})

test("a reference with the door's own address is the one without", async () => {
  const { base } = await open()
  const bundle = (await (
    await ask(`/Slot?schedule=${base}/Schedule/a,http://other/fhir/Schedule/a`)
  ).json()) as Searchset
  expect(decodeURIComponent(linkOf(bundle, 'self'))).toContain('schedule=Schedule/a,http://other/fhir/Schedule/a&')
})

test('a count of 0 counts', async () => {
  await open({ reads: readsOver(['a', 'b'].map((id) => stored('Patient', id))) })
  const bundle = (await (await ask('/Patient?_count=0')).json()) as Searchset
  expect([bundle.total, bundle.entry, linkOf(bundle, 'next')]).toEqual([2, undefined, ''])
})

test.each<[name: string, body: string, seen: object]>([
  ['sound', '{"resourceType":"Patient","active":true}', { issue: [{ severity: 'information' }] }],
  [
    'within Parameters',
    '{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","active":true}}]}',
    { issue: [{ severity: 'information' }] },
  ],
  ['of another type', '{"resourceType":"Encounter"}', { issue: [{ severity: 'error' }] }],
  ['no JSON', '{"resourceType":', { issue: [{ severity: 'error', details: { coding: [{ code: 'NOT_JSON' }] } }] }],
  [
    'an empty string',
    '{"resourceType":"Patient","gender":""}',
    { issue: [{ severity: 'error', expression: ['Patient.gender'] }] },
  ],
])('$validate judges and keeps nothing: %s', async (_name, body, seen) => {
  const { arrivals } = await open()
  const answer = await ask('/Patient/$validate', { method: 'POST', body })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ resourceType: 'OperationOutcome', ...seen })
  expect(arrivals).toEqual([])
})
