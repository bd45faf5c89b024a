import http from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callWeb, type WebAnswer } from '../support/peers/web-caller.ts'
import { answerOf } from '../support/world/frame.ts'
import type { Gateway } from '../support/world/gateway.ts'
import { oru, patient } from '../support/world/messages.ts'
import { random, seedOfRun } from '../support/world/random.ts'
import { senderKey } from '../support/world/region.ts'
import { observation, serviceRequest, transaction } from '../support/world/resources.ts'
import { within } from '../support/world/until.ts'
import { fhirPost, hl7Post, type WebPoster, webPoster } from '../support/world/web-client.ts'
import { makeWorld, type World } from '../support/world/world.ts'
import { malformedResource } from './mutate-json.ts'

const MIB = 2 ** 20
/** Resident memory that no input may push the process beyond. */
const MEMORY_BOUND = 700 * MIB
const SLOW_SOCKETS = 200

let world: World
let gateway: Gateway
let post: WebPoster
beforeAll(async () => {
  world = await makeWorld({
    destinations: { 'chu/fhir': { type: 'fhir' }, 'chu/hl7': { type: 'http' } },
    routes: [
      { name: 'results', when: { kinds: ['ORU^R01'] }, to: ['chu/hl7'] },
      { name: 'FHIR', when: { kinds: ['ServiceRequest', 'Observation'] }, to: ['chu/fhir'] },
    ],
  })
  gateway = await world.start()
  post = webPoster(world.httpPort, 'CH-A')
})
afterAll(async () => {
  await world.close()
})

let made = 0
const request = (): object => serviceRequest(`W${++made}`, patient(made % 100))
const body = (): string => JSON.stringify(request())

/** The gateway is up, its memory is bounded, and it takes a good message at both addresses. */
async function serves(): Promise<void> {
  expect((await post(fhirPost('/ServiceRequest', body()))).status).toBe(201)
  const message = oru({ facility: 'CH-A', patient: patient(++made % 100), controlId: `W${made}` })
  expect(answerOf((await post(hl7Post(message))).body)?.code).toBe('AA')
  expect(gateway.running()).toBe(true)
  expect(gateway.memory().peak).toBeLessThan(MEMORY_BOUND)
}

const head = (path: string, ...lines: readonly string[]): string =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: gateway',
    `Authorization: Bearer ${senderKey('CH-A')}`,
    `Content-Type: ${path === '/hl7' ? 'application/hl7-v2' : 'application/fhir+json'}`,
    ...lines,
    '',
    '',
  ].join('\r\n')

const FHIR = '/fhir/ServiceRequest'
const smuggled = (): string => `${head(FHIR, 'Content-Length: 2')}{}`

/** Requests that are no request: what is behind them is nobody's, whoever stands in front. */
const framings: [name: string, bytes: () => string][] = [
  ['both lengths', () => `${head(FHIR, 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled()}`],
  ['two lengths', () => `${head(FHIR, 'Content-Length: 2', 'Content-Length: 200')}{}${smuggled()}`],
  ['a list of lengths', () => `${head(FHIR, 'Content-Length: 2, 200')}{}${smuggled()}`],
  ['a negative length', () => head(FHIR, 'Content-Length: -1') + smuggled()],
  ['a length with a plus', () => `${head(FHIR, 'Content-Length: +2')}{}${smuggled()}`],
  ['a length in hexadecimal', () => `${head(FHIR, 'Content-Length: 0x2')}{}${smuggled()}`],
  ['a coding nobody knows', () => `${head(FHIR, 'Transfer-Encoding: xchunked')}0\r\n\r\n${smuggled()}`],
  ['chunked twice', () => `${head(FHIR, 'Transfer-Encoding: chunked, chunked')}0\r\n\r\n${smuggled()}`],
  ['a space before the colon', () => `${head(FHIR, 'Transfer-Encoding : chunked')}0\r\n\r\n${smuggled()}`],
  ['a folded header', () => `${head(FHIR, 'Transfer-Encoding:\r\n chunked')}0\r\n\r\n${smuggled()}`],
  ['a chunk size that overflows', () => `${head(FHIR, 'Transfer-Encoding: chunked')}ffffffffffffffff1\r\n{}\r\n`],
  ['a chunk size that is none', () => `${head(FHIR, 'Transfer-Encoding: chunked')}zz\r\n{}\r\n0\r\n\r\n`],
  ['a NUL in a header', () => `${head(FHIR, 'X: a\0b', 'Content-Length: 2')}{}`],
  ['lines that end in LF alone', () => head(FHIR, 'Content-Length: 2').replaceAll('\r\n', '\n') + smuggled()],
  ['50,000 headers', () => head(FHIR, ...Array.from({ length: 50_000 }, (_, n) => `X-${n}: y`))],
  ['a header of 1 MiB', () => head(FHIR, `X: ${'y'.repeat(MIB)}`)],
  ['a URL of 1 MiB', () => head(`/fhir/${'a'.repeat(MIB)}`)],
  ['another version', () => head(FHIR).replace('HTTP/1.1', 'HTTP/9.9')],
  ['the preface of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a TLS hello', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(300, '\x00')],
]

test.each(framings)('wire: %s is refused, and its connection closed', async (_name, bytes) => {
  const before = (await gateway.status()).received
  const caller = await callWeb(world.httpPort)
  caller.write(Buffer.from(bytes(), 'latin1'))
  const answer = await within(20_000, 'an answer or a closed connection', caller.answer())
  if (answer !== null) expect(answer.status).toBeOneOf([400, 408, 413, 414, 431, 505])
  // What came behind is not answered.
  expect(await within(20_000, 'the connection is closed', caller.answer())).toBeNull()
  caller.destroy()
  expect((await gateway.status()).received).toBe(before)
  await serves()
})

test(`wire: ${SLOW_SOCKETS} peers that drip headers or bodies hold nobody up and are cut`, {
  timeout: 240_000,
}, async () => {
  const callers = await Promise.all(Array.from({ length: SLOW_SOCKETS }, () => callWeb(world.httpPort)))
  let open = callers.length
  for (const caller of callers) void caller.gone.then(() => void open--)
  const start = `POST ${FHIR} HTTP/1.1\r\nHost: gateway\r\n`
  for (const [i, caller] of callers.entries()) {
    if (i % 10 === 0) caller.write(head(FHIR, 'Content-Length: 100000'))
    else caller.write(start)
  }
  const drip = setInterval(() => {
    for (const [i, caller] of callers.entries())
      if (!caller.socket.destroyed) caller.write(i % 10 === 0 ? ' ' : 'X: y\r\n')
  }, 1_000)
  try {
    await serves()
    // A body may take a minute, headers ten seconds.
    const dripped = callers.filter((_, i) => i % 10 !== 0)
    await within(30_000, 'all who drip headers are cut', Promise.all(dripped.map((caller) => caller.gone)))
    expect(open).toBe(SLOW_SOCKETS / 10)
    await serves()
  } finally {
    clearInterval(drip)
    for (const caller of callers) caller.destroy()
  }
})

test.each(['/hl7', FHIR, '/fhir'])('wire: a length of 1 GiB is refused at once on %s, nothing read', async (path) => {
  const before = gateway.memory().now
  const caller = await callWeb(world.httpPort)
  caller.write(head(path, `Content-Length: ${2 ** 30}`))
  const answer = await within(2_000, 'an answer', caller.answer())
  expect(answer?.status).toBe(413)
  expect(answer?.headers['connection']).toBe('close')
  caller.destroy()
  expect(gateway.memory().now - before).toBeLessThan(64 * MIB)
  await serves()
})

test('wire: chunks without end are refused at the limit', async () => {
  const caller = await callWeb(world.httpPort)
  caller.write(head(FHIR, 'Transfer-Encoding: chunked'))
  const chunk = `${(MIB).toString(16)}\r\n${' '.repeat(MIB)}\r\n`
  const answered = caller.answer()
  for (let n = 0; n < 24; n++) caller.write(chunk)
  expect((await within(20_000, 'an answer', answered))?.status).toBe(413)
  caller.destroy()
  await serves()
})

const GZIP = { 'content-encoding': 'gzip' }
const bomb = gzipSync(Buffer.alloc(512 * MIB, ' '))

test.each<[name: string, bytes: Buffer, status: number]>([
  ['of half a GiB', bomb, 413],
  ['that is a bomb again when unpacked', gzipSync(bomb), 413],
  ['cut short', gzipSync(body()).subarray(0, 60), 400],
  ['with a wrong checksum', Buffer.concat([gzipSync(body()).subarray(0, -8), Buffer.alloc(8, 1)]), 400],
  ['that is none', Buffer.from(body()), 400],
])('gzip: a body %s', { timeout: 240_000 }, async (_name, bytes, status) => {
  const answers = await Promise.all([FHIR, FHIR, FHIR, FHIR].map(() => post(fhirPost('/ServiceRequest', bytes, GZIP))))
  for (const answer of answers) expect(answer.status).toBe(status)
  await serves()
})

const around = (inside: string): string => body().replace('"intent":"order"', `"intent":"order",${inside}`)

/** Bodies by what makes them costly or treacherous. */
const bodies: [name: string, make: () => string | Buffer, statuses: number[]][] = [
  ['a million brackets', () => '['.repeat(1_000_000), [400]],
  ['a million objects in each other', () => '{"a":'.repeat(1_000_000), [400]],
  ['1 MiB nested in an extension', () => around(`"extension":${'[{"extension":'.repeat(60_000)}`), [400]],
  ['a name twice', () => around('"status":"draft"'), [400]],
  ['a name twice, once escaped', () => around('"st\\u0061tus":"draft"'), [400]],
  ['resourceType twice', () => around('"resourceType":"Patient"'), [400]],
  ['200,000 names', () => around(Array.from({ length: 200_000 }, (_, n) => `"x${n}":1`).join(',')), [400, 422]],
  ['__proto__', () => around('"__proto__":{"status":"x"}'), [201, 400, 422]],
  ['a number of 1 MiB', () => around(`"quantityQuantity":{"value":${'9'.repeat(MIB)}}`), [201, 400, 422]],
  ['a string of 15 MiB', () => around(`"patientInstruction":"${'x'.repeat(15 * MIB)}"`), [201]],
  ['1 MiB of backslashes', () => around(`"patientInstruction":"${'\\'.repeat(MIB)}"`), [201, 400]],
  ['bytes that are no UTF-8', () => Buffer.from(around('"patientInstruction":"\xe9"'), 'latin1'), [400]],
  ['UTF-16', () => Buffer.from(body(), 'utf16le'), [400]],
  ['a lone surrogate', () => around('"patientInstruction":"\\ud800"'), [400]],
  ['a BOM', () => `\ufeff${body()}`, [201, 400]],
  ['two documents', () => body() + body(), [400]],
  ['nothing', () => '', [400]],
  ['null', () => 'null', [400]],
  ['a resource of another type', () => JSON.stringify(observation('X', patient(1))), [400, 422]],
  [
    'references in a ring',
    () =>
      around(
        `"contained":[{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"#a"},"type":"seealso"}]}]`,
      ),
    [201, 400, 422],
  ],
]

function outcome({
  body: bytes,
  headers,
}: {
  body: Buffer
  headers: http.IncomingHttpHeaders | WebAnswer['headers']
}): unknown {
  expect(headers['content-type']).toMatch(/^application\/fhir\+json/)
  return JSON.parse(bytes.toString('utf8'))
}

test.each(bodies)('body: %s', async (_name, make, statuses) => {
  const answer = await post(fhirPost('/ServiceRequest', make()))
  expect(answer.status).toBeOneOf(statuses)
  if (answer.status >= 400) expect(outcome(answer)).toMatchObject({ resourceType: 'OperationOutcome' })
  await serves()
})

test.each<[entries: number, status: number]>([
  [499, 200],
  [2_000, 413],
  [20_000, 400],
])('a transaction of %d entries is answered, and others are meanwhile', { timeout: 240_000 }, async (count, status) => {
  const entries = Array.from({ length: count }, () => observation('SAME', patient(3)))
  const many = JSON.stringify(transaction(`MANY${count}`, [request(), ...entries]))
  const [answer] = await Promise.all([post(fhirPost('', many)), serves()])
  expect(answer.status).toBe(status)
  await serves()
})

const MALFORMED = 6_000
const AT_ONCE = 16

test(`${MALFORMED} malformed bodies: each gets a valid answer, never a 5xx`, { timeout: 240_000 }, async () => {
  const seed = seedOfRun()
  console.log(`malformed FHIR: PROOF_SEED=${seed}`)
  const tally: Record<number, number> = {}
  const wrong: string[] = []
  const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const kept = webPoster(world.httpPort, 'CH-A', agent)
  const one = async (index: number): Promise<void> => {
    const dice = random(seed + index)
    for (let n = 0; n < MALFORMED / AT_ONCE; n++) {
      const bundle = transaction(`T${++made}`, [request(), observation(`O${made}`, patient(made % 100))])
      const [path, resource] = dice.between(1, 3) === 1 ? ['', bundle] : ['/ServiceRequest', request()]
      const mutant = malformedResource(resource as object, dice)
      const { status, body: bytes } = await kept(fhirPost(path as string, mutant))
      tally[status] = (tally[status] ?? 0) + 1
      const about = `${status} to ${path} ${JSON.stringify(mutant.toString('latin1').slice(0, 300))}`
      if (![200, 201, 400, 404, 405, 412, 413, 422].includes(status)) wrong.push(about)
      if (status >= 400 && !bytes.includes('"resourceType":"OperationOutcome"')) wrong.push(`no outcome: ${about}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => one(index)))
  agent.destroy()
  console.log('malformed FHIR:', JSON.stringify(tally))
  expect(wrong).toEqual([])
  // All of one kind would mean that the mutations test nothing.
  expect(tally[201] ?? 0).toBeGreaterThan(MALFORMED / 100)
  expect(tally[400] ?? 0).toBeGreaterThan(MALFORMED / 100)
  await serves()
  expect(await gateway.status()).toMatchObject({ difference: 0 })
})
