import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import type { Arrival, Receipt, Refusal } from '../../src/core/message.ts'
import { hl7Plugin } from '../../src/entrances/http/hl7.ts'
import { realClock } from '../support/peers/clock.ts'
import { acceptAll, answerTo, msa, order, receiptFor } from '../support/peers/messages.ts'
import { callWeb, type WebCaller } from '../support/peers/web-caller.ts'
import { LAVAL_KEY, OPERATOR_KEY, openWebDoor, type WebDoor, webRegion } from '../support/peers/web-door.ts'
import { missing } from '../support/world/needs.ts'

let door: WebDoor | null = null
let callers: WebCaller[] = []
let arrivals: Arrival[] = []
afterEach(async () => {
  for (const caller of callers) caller.destroy()
  await door?.entrance.close(0)
  door = null
  callers = []
  arrivals = []
})

type Wanted = Parameters<typeof openWebDoor>[1]

async function open(
  wanted: Wanted = {},
  accept: (arrival: Arrival) => Promise<Receipt | Refusal> = acceptAll,
): Promise<WebDoor> {
  const noted = (arrival: Arrival) => {
    arrivals.push(arrival)
    return accept(arrival)
  }
  door = await openWebDoor(
    [hl7Plugin({ accept: noted, clock: realClock, meter: { count() {}, observe() {} } })],
    wanted,
  )
  return door
}

async function call(): Promise<WebCaller> {
  const caller = await callWeb((door as WebDoor).port)
  callers.push(caller)
  return caller
}

const KEY = `Bearer ${LAVAL_KEY}`
const HL7 = { authorization: KEY, 'content-type': 'application/hl7-v2' }
const post = (body: Uint8Array, headers: Record<string, string> = HL7, path = '/hl7'): Promise<Response> =>
  fetch((door as WebDoor).url + path, { method: 'POST', body: Buffer.from(body), headers })

test('a message in, its acknowledgement out, with who sent it and the exact bytes', async () => {
  await open()
  const message = order('M1')
  const answer = await post(message)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/hl7-v2'])
  expect(msa(Buffer.from(await answer.arrayBuffer()))).toBe('AA|M1')
  expect(arrivals).toMatchObject([{ entrance: 'http', peer: { establishment: 'ch-laval', loopback: true } }])
  expect(arrivals[0]?.bytes.equals(message)).toBe(true)
  expect(arrivals[0]).not.toHaveProperty('fhir')
})

const later = (arrival: Arrival): Refusal => ({ code: 'DISK_LOW', answer: answerTo(arrival.bytes, 'AR'), close: false })
test.each<[name: string, decide: (arrival: Arrival) => Receipt | Refusal, status: number, body: RegExp]>([
  ['refused', ({ bytes }) => ({ code: 'NO_ROUTE', answer: answerTo(bytes, 'AE'), close: false }), 200, /MSA\|AE\|M1/],
  ['not now', later, 503, /MSA\|AR\|M1/],
  ['not now, and silent', () => ({ code: 'DRAINING', answer: null, close: false }), 503, /"DRAINING"/],
  ['refused, and silent', () => ({ code: 'NO_ROUTE', answer: null, close: false }), 422, /"NO_ROUTE"/],
  ['no HL7', () => ({ code: 'NOT_HL7', answer: null, close: true }), 400, /"NOT_HL7"/],
  ['taken, and silent', () => receiptFor(null), 204, /^$/],
  [
    'taken, two answers owed',
    ({ bytes }) => receiptFor(answerTo(bytes, 'CA'), answerTo(bytes, 'AA')),
    200,
    /MSA\|CA\|M1[\s\S]*MSA\|AA\|M1/,
  ],
])('what accept decided: %s', async (_name, decide, status, body) => {
  await open({}, async (arrival) => decide(arrival))
  const answer = await post(order('M1'))
  expect(answer.status).toBe(status)
  expect(await answer.text()).toMatch(body)
  expect(answer.headers.get('retry-after')).toBe(status === 503 ? '5' : null)
})

test.each<[name: string, headers: Record<string, string>, status: number, code: string]>([
  ['no key', { 'content-type': 'application/hl7-v2' }, 401, 'UNAUTHORIZED'],
  ['a wrong key', { ...HL7, authorization: 'Bearer x' }, 401, 'UNAUTHORIZED'],
  ['an operator, who has no content', { ...HL7, authorization: `Bearer ${OPERATOR_KEY}` }, 403, 'FORBIDDEN'],
  ['another type', { ...HL7, 'content-type': 'text/plain' }, 415, 'MEDIA_TYPE'],
  ['JSON', { ...HL7, 'content-type': 'application/json' }, 415, 'MEDIA_TYPE'],
  ['a coding we do not speak', { ...HL7, 'content-encoding': 'br' }, 415, 'MEDIA_TYPE'],
  ['gzip that is none', { ...HL7, 'content-encoding': 'gzip' }, 400, 'BAD_REQUEST'],
])('refused by the door: %s', async (_name, headers, status, code) => {
  await open()
  const answer = await post(order('M1'), headers)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null)
  expect(((await answer.json()) as { code: string }).code).toBe(code)
  expect(arrivals).toEqual([])
})

test.each([
  ['application/hl7-v2'],
  ['application/hl7-v2; charset=ISO-8859-1'],
  ['Application/HL7-v2+ER7;charset=utf-8'],
])('content type %s is taken', async (type) => {
  await open()
  expect((await post(order('M1'), { ...HL7, 'content-type': type })).status).toBe(200)
})

test.each(['GET', 'PUT', 'PATCH', 'DELETE'])('%s is told which method there is', async (method) => {
  const { url } = await open()
  const answer = await fetch(`${url}/hl7`, { method })
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
})

test('an access token opens FHIR, not this', async () => {
  const region = webRegion({}, [{ clientId: 'c', jwks: [] }])
  const { tokens } = await open({ config: () => region })
  const token = await tokens.issue({ clientId: 'c', establishment: 'ch-laval' }, 'system/*.cruds')
  expect((await post(order('M1'), { ...HL7, authorization: `Bearer ${token}` })).status).toBe(403)
})

test('a gzipped message arrives as it was', async () => {
  await open()
  const message = order('M1', { fill: 50_000 })
  expect((await post(gzipSync(message), { ...HL7, 'content-encoding': 'gzip' })).status).toBe(200)
  expect(arrivals[0]?.bytes.equals(message)).toBe(true)
})

test.each([
  ['larger than a message may be', { maxBodyBytes: 100_000 }, gzipSync(Buffer.alloc(200_000, 'ab12'))],
  ['a bomb', { maxBodyBytes: 100_000_000 }, gzipSync(Buffer.alloc(90_000_000))],
])('gzip that is %s: 413, and nobody sees it', async (_name, limits, body) => {
  await open({ door: limits })
  const answer = await post(body, { ...HL7, 'content-encoding': 'gzip' })
  expect(answer.status).toBe(413)
  expect(arrivals).toEqual([])
})

const head = (headers: string): string =>
  `POST /hl7 HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${KEY}\r\nContent-Type: application/hl7-v2\r\n${headers}\r\n\r\n`

test('a length above the limit is refused before a byte of the body is sent, and the connection ends', async () => {
  await open({ door: { maxBodyBytes: 1_000 } })
  const caller = await call()
  caller.write(head('Content-Length: 1000000000'))
  const answer = await caller.answer()
  expect([answer?.status, answer?.headers['connection']]).toEqual([413, 'close'])
  caller.write(Buffer.alloc(2_000_000))
  await caller.gone
})

test('chunks beyond the limit are refused as soon as it is passed; the answer is not lost with the connection', async () => {
  await open({ door: { maxBodyBytes: 100_000 } })
  const caller = await call()
  caller.write(head('Transfer-Encoding: chunked'))
  const chunk = Buffer.concat([Buffer.from('c350\r\n'), Buffer.alloc(50_000, 'x'), Buffer.from('\r\n')])
  for (let i = 0; i < 5; i++) caller.write(chunk)
  expect((await caller.answer())?.status).toBe(413)
  caller.hangUp()
  await caller.gone
  expect(arrivals).toEqual([])
})

test.each([
  ['who may send it', 'Content-Length: 400', 100],
  ['whose message is too large', 'Content-Length: 1000000000', 413],
])('100-continue is for those %s', async (_name, length, status) => {
  await open()
  const caller = await call()
  caller.write(head(`Expect: 100-continue\r\n${length}`))
  expect((await caller.answer())?.status).toBe(status)
})

test('100-continue is not for a stranger', async () => {
  await open()
  const caller = await call()
  caller.write('POST /hl7 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n')
  expect((await caller.answer())?.status).toBe(401)
})

test('what is smuggled behind a doubly framed request is nobody’s request', async () => {
  await open()
  const message = order('SMUGGLED')
  const inner = `${head(`Content-Length: ${message.length}`)}${message.toString('latin1')}`
  const caller = await call()
  caller.write(`${head('Content-Length: 5\r\nTransfer-Encoding: chunked')}0\r\n\r\n${inner}`)
  expect((await caller.answer())?.status).toBe(400)
  expect(await caller.answer()).toBeNull()
  await caller.gone
  expect(arrivals).toEqual([])
})

test.each<[name: string, bytes: string, status: number]>([
  ['never ends its headers', 'POST /hl7 HTTP/1.1\r\nHost: x\r\n', 408],
  ['never ends its body', head('Content-Length: 1000'), 408],
  ['says nothing', '', 408],
  ['speaks no HTTP', 'MSH|^~\\&|\r\n\r\n', 400],
  ['says more than headers may hold', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, 431],
])('a peer that %s is cut off, counted and logged', async (_name, bytes, status) => {
  const { notes } = await open({ limits: { headersMs: 100, requestMs: 200, checkEveryMs: 20 } })
  const caller = await call()
  caller.write(bytes)
  expect((await caller.answer())?.status).toBe(status)
  await caller.gone
  const { code } = await notes.line('http.limit')
  expect(notes.counted('door_limit_total', { door: 'http', code: `${code}` })).toBe(1)
  expect(arrivals).toEqual([])
})

test('a peer that keeps its connection and asks nothing is let go', async () => {
  await open({ limits: { idleMs: 1 } })
  const caller = await call()
  caller.write('GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n')
  expect((await caller.answer())?.status).toBe(404)
  await caller.gone
})

test.each([
  ['connections', 'CONNECTION_LIMIT'],
  ['connectionsPerPeer', 'PEER_CONNECTION_LIMIT'],
] as const)('above the limit on %s a connection is turned away, counted and logged', async (limit, code) => {
  const { entrance, notes } = await open({ limits: { [limit]: 2 } })
  const [one, two] = [await call(), await call()]
  const third = await call()
  await third.gone
  await notes.line('http.turned-away', code)
  expect(notes.counted('door_limit_total', { code })).toBe(1)
  expect(entrance.connections()).toBe(2)
  for (const caller of [one, two]) {
    caller.write('GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n')
    expect((await caller.answer())?.status).toBe(404)
  }
})

test('failures are counted by address, and a good key passes all the same', async () => {
  await open({ limits: { failuresPerMinute: 2 } })
  const statuses: number[] = []
  for (let i = 0; i < 4; i++) statuses.push((await post(order('M'), { 'content-type': 'application/hl7-v2' })).status)
  expect(statuses).toEqual([401, 401, 429, 429])
  expect((await post(order('M'))).status).toBe(200)
})

test('a door full of bodies that never end sends the largest away, and works on', async () => {
  const { notes } = await open({ door: { maxBodyBytes: 100_000 }, limits: { budgetBytes: 200_000 } })
  const slow = await Promise.all([call(), call(), call()])
  for (const [i, caller] of slow.entries()) {
    caller.write(head('Content-Length: 100000'))
    caller.write(Buffer.alloc(80_000 + i))
  }
  await notes.line('http.shed', 'FRAME_TIMEOUT')
  const answers = await Promise.race(slow.map((caller) => caller.answer()))
  expect(answers?.status).toBe(408)
  expect((await post(order('M1'))).status).toBe(200)
})

test('nothing of a call is in the log', async () => {
  const { notes } = await open()
  await post(order('M1'), { 'content-type': 'application/hl7-v2' }, '/hl7?patient=CANARI')
  await post(order('M1'), HL7, '/CANARI')
  expect(JSON.stringify(notes.lines)).toContain('http.unauthorized')
  expect(JSON.stringify(notes.lines)).not.toContain('CANARI')
  expect(JSON.stringify(notes.lines)).not.toContain('FICTIF')
})

const noCurl = missing('curl', ['--version'])
test.skipIf(noCurl !== null)(`curl as a peer${noCurl === null ? '' : ` (skipped: ${noCurl})`}`, async () => {
  const { url } = await open()
  const run = promisify(execFile)('curl', [
    ...['--silent', '--show-error', '--fail-with-body', '--data-binary', '@-', '--header', `Authorization: ${KEY}`],
    ...['--header', 'Content-Type: application/hl7-v2', '--header', 'Expect: 100-continue', `${url}/hl7`],
  ])
  run.child.stdin?.end(order('CURL', { fill: 100_000 }))
  expect(msa(Buffer.from((await run).stdout, 'latin1'))).toBe('AA|CURL')
})
