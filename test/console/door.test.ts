import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { machineClock } from '../../src/app/cli/machine.ts'
import type { HttpDoor } from '../../src/core/config.ts'
import { GatewayError } from '../../src/core/errors.ts'
import { HTTP_LIMITS } from '../../src/entrances/http/limits.ts'
import { securityTextPlugin } from '../../src/entrances/http/security-text.ts'
import { CANARY, intake, startConsole } from './gateway.ts'
import { operator, sha256, someConfig } from './region.ts'

/** A GET whose headers are all the caller's, Host included: fetch does not allow that. */
function get(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

test('health, readiness and metrics need no key on this machine', async () => {
  const { call, journal } = await startConsole()
  await journal.commit([intake(journal, 'M1')])
  expect((await call('/healthz')).json).toEqual({ status: 'alive', version: '1.2.3' })
  expect((await call('/readyz')).json).toEqual({ status: 'ready' })
  const metrics = await call('/metrics')
  expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(metrics.text).toContain('passerelle_messages{state="received"} 1')
  expect(metrics.text).toContain('passerelle_conservation_difference 0')
})

test.each(['DRAINING', 'DISK_LOW'] as const)('not ready while %s, yet alive', async (why) => {
  const { call } = await startConsole({ ready: () => ({ ready: false, why }) })
  const ready = await call('/readyz')
  expect([ready.status, ready.json]).toEqual([503, { status: 'not ready', why }])
  expect(ready.headers.get('retry-after')).toBe('5')
  expect((await call('/healthz')).status).toBe(200)
})

test.each<[name: string, headers: Record<string, string>, status: number]>([
  ['from this machine', { host: 'localhost:8080' }, 200],
  ['by address', { host: '127.0.0.1' }, 200],
  ['by IPv6 address', { host: '[::1]:8080' }, 200],
  ['through a name that a foreign site points here', { host: 'evil.test' }, 401],
  ['through a proxy', { host: 'localhost', 'x-forwarded-for': '192.0.2.1' }, 401],
  ['through a proxy that says it the new way', { host: 'localhost', forwarded: 'for=192.0.2.1' }, 401],
])('the metrics, asked for %s', async (_name, headers, status) => {
  const { url } = await startConsole()
  expect(await get(`${url}/metrics`, headers)).toBe(status)
})

test('beyond this machine an operator reads the metrics and the page with a key', async () => {
  const { url } = await startConsole()
  const headers = { host: 'passerelle.test', authorization: 'Bearer demo-admin' }
  expect(await get(`${url}/metrics`, headers)).toBe(200)
  expect(await get(`${url}/`, headers)).toBe(200)
})

test('a browser that nobody knows is led to sign-in, a program is told', async () => {
  const { call, url } = await startConsole()
  const led = await fetch(`${url}/?lang=fr`, { headers: { accept: 'text/html' }, redirect: 'manual' })
  expect([led.status, led.headers.get('location')]).toEqual([303, '/connexion?suite=%2F%3Flang%3Dfr'])
  expect((await call('/')).status).toBe(401)
  expect((await call('/', { key: 'wrong', headers: { accept: 'text/html' } })).status).toBe(401)
  expect((await call('/api/status', { headers: { accept: 'text/html' } })).status).toBe(401)
})

test.each<[name: string, path: string, method: string]>([
  ['list', '/api/messages', 'GET'],
  ['search', '/api/messages/search', 'POST'],
  ['one message', '/api/messages/x', 'GET'],
  ['content', '/api/messages/x/body', 'GET'],
  ['replay', '/api/messages/x/replay', 'POST'],
  ['resend', '/api/deliveries/x/resend', 'POST'],
  ['close', '/api/deliveries/x/close', 'POST'],
  ['skip', '/api/deliveries/x/skip', 'POST'],
  ['status', '/api/status', 'GET'],
])('without a key, and with a wrong one: 401 on %s', async (_name, path, method) => {
  const { call } = await startConsole()
  for (const key of [undefined, 'wrong']) {
    const answer = await call(path, { method, ...(key === undefined ? {} : { key }) })
    expect([answer.status, answer.json.code]).toEqual([401, 'UNAUTHORIZED'])
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  }
})

test('a demo key is void where the door listens for others', async () => {
  const config = someConfig({
    operators: [operator('admin'), { ...operator('admin'), name: 'ops', keySha256: sha256('real-key') }],
  })
  const { call } = await startConsole({ door: { host: '0.0.0.0', port: 0, allowPlain: true } }, config)
  expect((await call('/api/status', { key: 'demo-admin' })).status).toBe(401)
  expect((await call('/api/messages', { key: 'demo-ch-laval' })).status).toBe(401)
  expect((await call('/api/status', { key: 'real-key' })).status).toBe(200)
})

test('a plain door beyond this machine does not open unless allowed', async () => {
  const door = { host: '0.0.0.0', port: 0, allowPlain: false }
  await expect(startConsole({ door })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

test('failed calls are limited; those with a valid key, never', async () => {
  const { call } = await startConsole()
  const statuses: number[] = []
  for (let n = 0; n < HTTP_LIMITS.failuresPerMinute + 2; n++) statuses.push((await call('/api/status')).status)
  expect(statuses.filter((status) => status === 401)).toHaveLength(HTTP_LIMITS.failuresPerMinute)
  const limited = await call('/nowhere')
  expect([limited.status, limited.json.code]).toEqual([429, 'RATE_LIMITED'])
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await call('/api/status', { key: 'demo-admin' })).status).toBe(200)
  expect((await call('/healthz')).status).toBe(200)
})

test.each([
  ['fr', 'fr-FR,fr;q=0.9', 'Une connexion ou une clé valable est nécessaire : Authorization: Bearer CLÉ.'],
  ['en', 'en', 'Sign-in or a valid key is needed: Authorization: Bearer KEY.'],
])('a problem is told in %s', async (language, header, detail) => {
  const { call } = await startConsole()
  const { json, headers } = await call('/api/status', { headers: { 'accept-language': header } })
  expect(json.detail).toBe(detail)
  expect(headers.get('content-language')).toBe(language)
})

test.each<[name: string, send: { method?: string; path?: string; headers?: object; body?: string }, status: number]>([
  ['no JSON', { body: '{"reason": ' }, 400],
  ['another type of content', { body: 'x', headers: { 'content-type': 'text/css' } }, 415],
  ['more than 1 MiB', { body: JSON.stringify({ kind: 'x'.repeat(HTTP_LIMITS.bodyBytes) }) }, 413],
  ['a path that cannot be decoded', { method: 'GET', path: '/api/messages/%zz' }, 400],
  ['prototype pollution', { body: '{"__proto__":{"kind":"x"}}' }, 400],
])('hostile call: %s', async (_name, { method = 'POST', path = '/api/messages/search', headers, body }, status) => {
  const { url, log } = await startConsole()
  const answer = await fetch(url + path, {
    method,
    headers: { authorization: 'Bearer demo-admin', 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  })
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  expect(await answer.text()).not.toContain('zz')
  expect(log.join('')).not.toContain('http.failed')
})

test('headers above the limit are refused, and the connection ends', async () => {
  const { url } = await startConsole()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  socket.write(`GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(HTTP_LIMITS.headerBytes)}\r\n\r\n`)
  await once(socket, 'close')
  expect(answer).toMatch(/^HTTP\/1\.1 431 /)
})

test('an unforeseen fault is a 500 with the number under which the log has it, and no text of it', async () => {
  const fail = () => {
    throw new Error(CANARY)
  }
  const { call, log } = await startConsole({ metrics: fail })
  const { status, json, text } = await call('/metrics')
  expect([status, json.code]).toEqual([500, 'INTERNAL'])
  const line = JSON.parse(log.find((one) => one.includes('http.failed')) ?? '{}')
  expect(line).toMatchObject({ level: 'error', code: 'INTERNAL', fault: 'Error' })
  expect(line.route).toContain(`#${json.instance.split(':').at(-1)} GET /metrics`)
  expect(text + log.join('')).not.toContain('CANARI')
})

test('content that turns out damaged never arrives whole', async () => {
  const body = {
    bytes: 8,
    sha256: '',
    keyId: 0,
    async *open() {
      yield Buffer.from('MSH|')
      yield Buffer.from('^~\\&')
      throw new GatewayError('BODY_DAMAGED')
    },
  }
  const views = { body: async () => body } as never
  const commands = { readBody: async () => {} } as never
  const { url } = await startConsole({ views, commands })
  const headers = { authorization: 'Bearer demo-ch-laval' }
  const read = async () => (await fetch(`${url}/api/messages/x/body`, { headers })).text()
  await expect(read()).rejects.toThrow()
})

test('every answer forbids what a page could be made to load or keep', async () => {
  const { call } = await startConsole()
  for (const path of ['/', '/api/messages', '/nowhere']) {
    const { headers } = await call(path, { key: 'demo-admin' })
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'none';require-trusted-types-for 'script';trusted-types console",
    )
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp')
    expect(headers.get('permissions-policy')).toContain('camera=()')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-powered-by')).toBeNull()
  }
})

test.each<[door: string, changes: Partial<HttpDoor>, promised: boolean]>([
  ['plain, for this machine', {}, false],
  ['plain, for others', { host: '0.0.0.0', allowPlain: true }, false],
  ['behind a proxy with TLS', { publicUrl: 'https://passerelle.region.test' }, true],
  ['behind a proxy without', { publicUrl: 'http://passerelle.region.test' }, false],
  ['of this machine by name', { publicUrl: 'https://localhost:8443' }, false],
])('browsers are told to come back by TLS only: a door %s', async (_door, changes, promised) => {
  const { call } = await startConsole({ door: changes })
  expect((await call('/healthz')).headers.get('strict-transport-security')).toBe(
    promised ? 'max-age=63072000; includeSubDomains' : null,
  )
})

test('whoever found a weakness reads whom to tell, where the region names somebody', async () => {
  const path = '/.well-known/security.txt'
  const clock = { ...machineClock, nowMs: () => Date.parse('2026-01-01T10:00:00Z') }
  const told = async (securityContact?: readonly string[]) => {
    const config = someConfig()
    const region = { ...config.region, ...(securityContact && { securityContact }) }
    const plugins = [securityTextPlugin({ config: () => ({ ...config, region }), clock })]
    return (await startConsole({ plugins })).call(path)
  }
  const { text, headers } = await told(['mailto:rssi@region.test', 'https://region.test/alerte'])
  expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(text.split('\r\n')).toEqual([
    'Contact: mailto:rssi@region.test',
    'Contact: https://region.test/alerte',
    'Expires: 2026-04-01T00:00:00.000Z',
    'Preferred-Languages: fr, en',
    '',
  ])
  expect((await told()).status).toBe(404)
})

test.each(['TRACE', 'OPTIONS', 'PROPFIND'])('%s is no method of any address', async (method) => {
  const { url } = await startConsole()
  for (const path of ['/', '/api/messages']) {
    const status = await new Promise((resolve, reject) => {
      request(url + path, { method, agent: false, headers: { authorization: 'Bearer demo-admin' } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect([404, 405]).toContain(status)
  }
})

test.each<[who: string, method: string, headers: Record<string, string>, type: string, says: RegExp]>([
  [
    'a person in French',
    'GET',
    { accept: 'text/html', 'accept-language': 'fr' },
    'text/html',
    /Page introuvable.*href="\/"/s,
  ],
  ['a person in English', 'GET', { accept: 'text/html', 'accept-language': 'en' }, 'text/html', /No such page/],
  ['a program', 'GET', {}, 'application/problem+json', /"code":"NOT_FOUND"/],
  [
    'a program with a key',
    'GET',
    { accept: 'text/html', authorization: 'Bearer x' },
    'application/problem+json',
    /NOT_FOUND/,
  ],
  ['a form', 'POST', { accept: 'text/html' }, 'application/problem+json', /"code":"NOT_FOUND"/],
])('an address that is none is told to %s in their way', async (_who, method, headers, type, says) => {
  const { call } = await startConsole()
  const { status, headers: answered, text } = await call('/nulle-part', { method, headers })
  expect(status).toBe(404)
  expect(answered.get('content-type')).toContain(type)
  expect(text).toMatch(says)
})

test('close is harmless twice and frees the port', async () => {
  const { url, door } = await startConsole()
  await Promise.all([door.close(100), door.close(100)])
  await door.close(100)
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
})
