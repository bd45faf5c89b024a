import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/core/outcome.ts'
import type { Clock } from '../../src/core/ports.ts'
import { contentType, httpSender } from '../../src/senders/http/sender.ts'
import { manualClock, realClock } from '../support/peers/clock.ts'
import { urlDestination } from '../support/peers/destination.ts'
import { answerTo, consignmentOf, order, timeRanOut } from '../support/peers/messages.ts'
import { notebook } from '../support/peers/notebook.ts'
import { type Reply, reply, webServer } from '../support/peers/web-server.ts'
import { askOf, fhirConsignment, hl7Words, serviceRequest } from '../support/peers/web-words.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const never = () => new AbortController().signal

async function sending({
  clock = realClock,
  ...to
}: { clock?: typeof realClock } & Parameters<typeof urlDestination>[2] = {}) {
  const peer = await webServer(hl7Words)
  const notes = notebook()
  const sender = httpSender(urlDestination('http', peer.port, to), { clock, ...notes })
  closing.push(
    () => sender.close(),
    () => peer.close(),
  )
  const send = (name: string, wording = {}): Promise<Outcome> =>
    sender.send(consignmentOf(order(name, wording)), never())
  const answered = (made: Reply): Promise<Outcome> => {
    peer.script.push((_posted, response) => reply(response, made))
    return send('M1')
  }
  return { peer, notes, sender, send, answered }
}

const retry = (status: number) => ({ kind: 'retry', code: 'DESTINATION_BUSY', answer: `HTTP ${status}` })
const settings = (status: number) => ({
  kind: 'retry',
  code: 'DESTINATION_REFUSES_US',
  answer: `HTTP ${status}`,
  breaker: true,
})
const refused = (status: number) => ({ kind: 'refused', code: 'ACK_REJECT', answer: `HTTP ${status}` })
const fault = { kind: 'unknown', code: 'DESTINATION_FAULT' }

test('what each status means', async () => {
  const { answered } = await sending()
  const table: [statuses: number[], means: (status: number) => object][] = [
    [[408, 429, 503], retry],
    [[401, 403, 404], settings],
    [[300, 301, 302, 303, 304, 307, 308, 400, 402, 405, 407, 409, 410, 412, 413, 415, 418, 421, 422, 451], refused],
    [[500, 501, 502, 504, 505, 507, 599], () => fault],
  ]
  for (const [statuses, means] of table) {
    for (const status of statuses) {
      expect(await answered({ status, headers: { location: 'http://127.0.0.1:1/' } })).toEqual(means(status))
    }
  }
})

test.each<[name: string, status: number, ack: Parameters<typeof answerTo>[1] | null, expected: object]>([
  ['AA in 200', 200, 'AA', { kind: 'delivered', proof: 'MSA-1 AA' }],
  ['AA in 201', 201, 'AA', { kind: 'delivered', proof: 'MSA-1 AA' }],
  ['CA in 202', 202, 'CA', { kind: 'delivered', proof: 'MSA-1 CA' }],
  ['no ACK in 200', 200, null, { kind: 'unknown', code: 'ANSWER_GARBAGE' }],
  ['AR in 400', 400, 'AR', { kind: 'refused', code: 'ACK_REJECT', answer: 'MSA-1 AR' }],
  ['AE in 500', 500, 'AE', { kind: 'retry', code: 'ACK_ERROR', answer: 'MSA-1 AE', refusedAfter: 3 }],
  ['AA in 500', 500, 'AA', fault],
  ['AR in 503', 503, 'AR', retry(503)],
])('an ACK and its status: %s', async (_name, status, ack, expected) => {
  const { answered } = await sending()
  const body = ack === null ? '' : answerTo(order('M1'), ack)
  expect(await answered({ status, body })).toEqual(expected)
})

test('a negative ACK to another message decides nothing', async () => {
  const { answered } = await sending()
  expect(await answered({ status: 500, body: answerTo(order('M1'), 'AE', 'OTHER') })).toEqual(fault)
})

test.each<[name: string, headers: Record<string, string>, waitMs: number | undefined]>([
  ['seconds', { 'retry-after': '120' }, 120_000],
  [
    'a date, from the answer’s own',
    { 'retry-after': 'Mon, 05 Jan 2026 08:02:00 GMT', date: 'Mon, 05 Jan 2026 08:00:30 GMT' },
    90_000,
  ],
  ['a date gone by', { 'retry-after': 'Mon, 05 Jan 2026 07:00:00 GMT', date: 'Mon, 05 Jan 2026 08:00:00 GMT' }, 0],
  ['longer than an hour', { 'retry-after': '999999' }, 3_600_000],
  ['nonsense', { 'retry-after': 'soon' }, undefined],
  ['none', {}, undefined],
])('Retry-After: %s', async (_name, headers, waitMs) => {
  const clock = manualClock()
  const { answered } = await sending({ clock })
  const outcome = await answered({ status: 503, headers })
  const notBeforeMs = waitMs === undefined ? {} : { notBeforeMs: clock.nowMs() + waitMs }
  expect(outcome).toEqual({ ...retry(503), ...notBeforeMs })
})

describe('the request', () => {
  test('is a POST to the address with its query, the key, and the message’s number', async () => {
    const { peer, send } = await sending({ path: '/in/hl7?site=1', bearer: 'k-1' })
    await send('M1')
    expect(peer.requests[0]).toMatchObject({
      method: 'POST',
      url: '/in/hl7?site=1',
      headers: {
        'content-type': 'application/hl7-v2; charset=iso-8859-15',
        'content-length': String(order('M1').length),
        'accept-encoding': 'identity',
        authorization: 'Bearer k-1',
        'x-request-id': 'm',
      },
    })
  })

  test.each([
    ['8859/1', 'application/hl7-v2; charset=iso-8859-1'],
    ['UNICODE UTF-8', 'application/hl7-v2; charset=utf-8'],
    ['ASCII', 'application/hl7-v2; charset=us-ascii'],
    ['', 'application/hl7-v2'],
    ['8859/7', 'application/hl7-v2'],
  ])('MSH-18 %j is %s', (charset, expected) => {
    expect(contentType(charset)).toBe(expected)
  })

  test.each([
    ['NE', 'NE', { kind: 'delivered', proof: 'HTTP 202' }],
    ['ER', 'NE', { kind: 'delivered', proof: 'HTTP 202' }],
    ['NE', 'ER', { kind: 'delivered', proof: 'HTTP 202' }],
    ['SU', 'NE', { kind: 'unknown', code: 'ANSWER_GARBAGE' }],
    ['AL', 'NE', { kind: 'unknown', code: 'ANSWER_GARBAGE' }],
  ])('MSH-15 %s, MSH-16 %s: 2xx without a body', async (acceptAck, applicationAck, expected) => {
    const { peer, send } = await sending()
    peer.script.push((_posted, response) => reply(response, { status: 202 }))
    expect(await send('M1', { acceptAck, applicationAck })).toEqual(expected)
  })

  test('a FHIR message does not go, nor one longer than 16 MiB', async () => {
    const { peer, sender } = await sending()
    const fhir = fhirConsignment(serviceRequest('1'), askOf('create', 'ServiceRequest'))
    expect(await sender.send(fhir, never())).toEqual({ kind: 'refused', code: 'UNFIT_FOR_DESTINATION', answer: '' })
    const long = consignmentOf(order('M1'))
    const outcome = await sender.send({ ...long, body: { ...long.body, bytes: 16_777_217 } }, never())
    expect(outcome).toMatchObject({ kind: 'refused', code: 'FRAME_TOO_LONG' })
    expect(peer.connections).toBe(0)
  })

  test('a proxy of the environment is not used', async () => {
    const before = { ...process.env }
    Object.assign(process.env, {
      HTTP_PROXY: 'http://127.0.0.1:1',
      http_proxy: 'http://127.0.0.1:1',
      NODE_USE_ENV_PROXY: '1',
    })
    try {
      const { send } = await sending()
      expect((await send('M1')).kind).toBe('delivered')
    } finally {
      process.env = before
    }
  })
})

describe('answers that would do harm', () => {
  test('more than 1 MiB is not read; what it meant is unknown', async () => {
    const { answered } = await sending()
    const body = Buffer.concat([answerTo(order('M1'), 'AA'), Buffer.alloc(3_000_000, 'x')])
    expect(await answered({ status: 200, body })).toEqual({ kind: 'unknown', code: 'ANSWER_GARBAGE' })
  })

  test('a refusal is one, however long its page', async () => {
    const { answered } = await sending()
    expect(await answered({ status: 422, body: Buffer.alloc(3_000_000, 'x') })).toEqual(refused(422))
  })

  test('a compressed one is not inflated', async () => {
    const { answered } = await sending()
    const body = gzipSync(Buffer.alloc(50_000_000))
    const outcome = await answered({ status: 200, headers: { 'content-encoding': 'gzip' }, body })
    expect(outcome).toEqual({ kind: 'unknown', code: 'ANSWER_GARBAGE' })
  })

  test('endless headers end the connection', async () => {
    const { peer, send } = await sending()
    peer.script.push((_posted, _response, socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const line = `x: ${'y'.repeat(8_000)}\r\n`
      const more = (): void => void (socket.writable && socket.write(line, () => setImmediate(more)))
      more()
    })
    expect(await send('M1')).toEqual({ kind: 'unknown', code: 'ANSWER_GARBAGE' })
  })

  test('a yes before the last byte was sent is a yes to something else', async () => {
    const { peer, send } = await sending()
    peer.early = { status: 200 }
    expect(await send('M1', { fill: 8_000_000 })).toEqual({ kind: 'unknown', code: 'ANSWER_GARBAGE' })
  })
})

describe('time', () => {
  test('the answer may take the timeout, and no longer', async () => {
    const clock = manualClock()
    const { peer, send } = await sending({ clock, timeoutMs: 30_000 })
    peer.behave('silent')
    const sent = send('M1')
    await peer.message(1)
    clock.advance(29_999)
    clock.advance(1)
    expect(await sent).toEqual({ kind: 'unknown', code: 'ANSWER_TIMEOUT' })
    expect(clock.timers).toBe(0)
  })

  test('an answer that drips has the timeout once more, and no longer', async () => {
    const manual = manualClock()
    let armed = 0
    const after: Clock['after'] = (ms, run) => {
      armed++
      return manual.after(ms, run)
    }
    const clock = { ...manual, after }
    const { peer, send } = await sending({ clock, timeoutMs: 30_000 })
    const response = Promise.withResolvers<ServerResponse>()
    peer.script.push((_posted, made) => response.resolve(made))
    let settled = false
    const sent = send('M1').finally(() => (settled = true))
    const dripping = await response.promise
    manual.advance(29_999)
    const before = armed
    dripping.writeHead(200, { 'content-length': '1000' }).write('M')
    await until(() => armed > before)
    manual.advance(29_999)
    await new Promise<void>((resolve) => void dripping.write('S', () => setImmediate(resolve)))
    expect([settled, armed]).toEqual([false, before + 1])
    manual.advance(1)
    expect(await sent).toEqual({ kind: 'unknown', code: 'ANSWER_TIMEOUT' })
  })

  test('time that runs out on the caller is ANSWER_TIMEOUT, a wish to stop CONNECTION_CUT', async () => {
    const { peer, sender } = await sending()
    peer.behave('silent')
    const patience = new AbortController()
    const late = sender.send(consignmentOf(order('M1')), patience.signal)
    await peer.message(1)
    patience.abort(timeRanOut())
    expect(await late).toEqual({ kind: 'unknown', code: 'ANSWER_TIMEOUT' })
    const stop = new AbortController()
    const sent = sender.send(consignmentOf(order('M2')), stop.signal)
    await peer.message(2)
    stop.abort()
    expect(await sent).toEqual({ kind: 'unknown', code: 'CONNECTION_CUT' })
  })
})

describe('connections', () => {
  test('one is kept for messages in turn', async () => {
    const { peer, send, notes } = await sending()
    for (const name of ['M1', 'M2', 'M3']) expect((await send(name)).kind).toBe('delivered')
    expect(peer.connections).toBe(1)
    expect(notes.counted('sender_connections_total')).toBe(1)
  })

  test('one that the peer closed while idle is replaced before a byte is written', async () => {
    const { peer, send } = await sending()
    for (let i = 1; i <= 5; i++) {
      expect((await send(`M${i}`)).kind).toBe('delivered')
      await peer.closeConnections()
    }
    expect(peer.received().length).toBe(5)
  })

  test('maxInFlight and urgentInFlight at most; what is more waits', async () => {
    const { peer, send } = await sending({ maxInFlight: 2, urgentInFlight: 1 })
    peer.behave('late')
    const sent = ['M1', 'M2', 'M3', 'M4'].map((name) => send(name))
    await peer.message(3)
    expect([peer.connections, peer.received().length]).toEqual([3, 3])
    peer.behave('accept')
    peer.release()
    expect((await Promise.all(sent)).map(({ kind }) => kind)).toEqual(Array(4).fill('delivered'))
    expect(peer.connections).toBe(3)
  })

  test('closing turns away what still waits for a connection', async () => {
    const { peer, sender, send } = await sending()
    const sent = send('M1')
    await sender.close()
    expect(await sent).toEqual({ kind: 'retry', code: 'DRAINING' })
    expect(peer.received()).toEqual([])
  })
})

test('nothing of the message or the answer is in the log', async () => {
  const { notes, answered } = await sending({ bearer: 'k-secret' })
  await answered({ status: 500, body: 'PAUL ESSAI (FICTIF)' })
  expect(JSON.stringify(notes.lines)).not.toMatch(/FICTIF|PAUL|k-secret/)
})

/** Resolves when it holds, looking once in each turn of the event loop. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => setImmediate(resolve))
}
