import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Outgoing } from '../../src/core/notices.ts'
import { careNotices } from '../../src/senders/notice/care.ts'
import { SIGNATURE, signature } from '../../src/senders/notice/webhook.ts'
import { manualClock, realClock } from '../support/peers/clock.ts'
import { ON_CALL } from '../telemedicine/care.ts'

interface Asked {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A provider that answers this, or nothing at all. */
async function provider(status: number | null) {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    asked.push({ path: request.url ?? '', headers: request.headers, body })
    if (status !== null) response.writeHead(status).end('x')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`, asked, server }
}
const message = (url: string, more = {}): Outgoing => ({
  by: 'sms',
  target: { ...ON_CALL.sms!, url, ...more },
  to: '+33639980001',
  text: 'EXERCICE. Télé-AVC "AVC-1"',
  id: 'n-1',
})
const never = new AbortController().signal

test.each([
  ['application/json', '{"to":"{to}","text":"{text}","id":"{id}"}'],
  ['application/x-www-form-urlencoded', 'to={to}&text={text}&id={id}'],
] as const)(
  'a short message leaves as %s, with our key and the id that its report names',
  async (contentType, body) => {
    const { url, asked } = await provider(202)
    expect(await careNotices(realClock)(message(url, { contentType, body }), never)).toBeNull()
    const [one] = asked
    expect([one?.path, one?.headers['content-type'], one?.headers.authorization]).toEqual([
      '/send',
      contentType,
      'Bearer key of ours',
    ])
    const read =
      contentType === 'application/json' ? JSON.parse(one!.body) : Object.fromEntries(new URLSearchParams(one!.body))
    expect(read).toEqual({ to: '+33639980001', text: 'EXERCICE. Télé-AVC "AVC-1"', id: 'n-1' })
  },
)

test('a webhook is told in fields, signed', async () => {
  const { url, asked } = await provider(200)
  const told = {
    ...{ id: 'n-1', why: 'rung', told: 'duty-1' as const, case: 'c-1', number: 'AVC-1', service: 'stroke' },
    ...{ site: 'ch-chateaubriant', drill: true, test: false, at: '2026-01-05T08:00:00.000Z', text: 'EXERCICE. x' },
  }
  const hook = {
    type: 'webhook',
    url,
    secret: 'shared',
    allowPrivate: false,
    name: 'all',
    services: null,
    establishments: null,
  } as const
  expect(await careNotices(realClock)({ by: 'webhook', hook, told }, never)).toBeNull()
  const sign = String(asked[0]?.headers[SIGNATURE])
  expect(sign).toBe(signature('shared', Number(/^t=(\d+),/.exec(sign)?.[1]), asked[0]!.body))
  expect(JSON.parse(asked[0]!.body)).toEqual(told)
})

test.each([
  [500, 'DESTINATION_FAULT'],
  [401, 'DESTINATION_REFUSES_US'],
  [302, 'DESTINATION_FAULT'],
] as const)('a provider that answers %d: %s', async (status, code) => {
  const { url } = await provider(status)
  expect(await careNotices(realClock)(message(url), never)).toBe(code)
})

test('a provider that does not answer is given up after its time, and when nobody wants it any more', async () => {
  const { url, server } = await provider(null)
  const clock = manualClock()
  const late = careNotices(clock)(message(url), never)
  await once(server, 'request')
  clock.advance(ON_CALL.sms!.timeoutMs)
  expect(await late).toBe('CONNECT_FAILED')
  const dropped = new AbortController()
  const silenced = careNotices(clock)(message(url), dropped.signal)
  await once(server, 'request')
  dropped.abort()
  expect(await silenced).toBe('CONNECT_FAILED')
  expect(clock.timers).toBe(0)
})

test.each([
  ['http://169.254.169.254/latest/', 'where clouds keep their secrets'],
  ['http://127.0.0.1:1/', 'nothing listens there'],
])('%s is not reached: %s', async (url) => {
  expect(await careNotices(realClock)(message(url), never)).toBe('CONNECT_FAILED')
})
