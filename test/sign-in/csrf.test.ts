import { request } from 'node:http'
import { expect, test } from 'vitest'
import { ownPath } from '../../src/app/sign-in/own-path.ts'
import { startSignIn } from './world.ts'

test.each<[name: string, headers: (own: string) => Record<string, string>, allowed: boolean]>([
  ['a page of ours', () => ({ 'sec-fetch-site': 'same-origin' }), true],
  ['a page of ours, in a browser that says only where from', (own) => ({ origin: own }), true],
  ['a page of ours that says both', (own) => ({ origin: own, 'sec-fetch-site': 'same-origin' }), true],
  ['another site', () => ({ 'sec-fetch-site': 'cross-site' }), false],
  ['another site that says it is ours', (own) => ({ origin: own, 'sec-fetch-site': 'cross-site' }), false],
  ['another host of our site', () => ({ 'sec-fetch-site': 'same-site' }), false],
  ['nowhere', () => ({ 'sec-fetch-site': 'none' }), false],
  ['another origin', () => ({ origin: 'https://evil.test' }), false],
  ['another port of this machine', () => ({ origin: 'http://127.0.0.1:1' }), false],
  ['a page without origin', () => ({ origin: 'null' }), false],
  ['a program that says nothing', () => ({}), false],
])('what changes something, asked with a cookie by %s', async (_name, headers, allowed) => {
  const { browser, url, events, sessions } = await startSignIn({ demo: true })
  const own = browser()
  await own.send('/connexion/demo', { role: 'operator' })
  const api = { ...headers(url), 'content-type': 'application/json' }
  const answer = await own.send('/api/destinations/ch-laval/gam/pause', {}, api)
  expect(answer.text.includes('CROSS_SITE')).toBe(!allowed)
  const { status } = await own.send('/session/partout', {}, headers(url))
  expect(status).toBe(allowed ? 303 : 403)
  expect(await sessions.list(null)).toHaveLength(allowed ? 0 : 1)
  expect((await events()).some(({ what }) => what === 'end-session')).toBe(allowed)
  // Reading is no matter of where it is asked from, and a key is no cookie.
  const read = await own.go('/api/status', { ...headers(url), authorization: 'Bearer demo-admin' })
  expect(read.status).toBe(200)
})

/** A POST whose Host is the caller's: fetch does not allow that. */
function postAs(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { host, 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }
    const asked = request(url, { method: 'POST', headers, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('error', reject)
    asked.end('role=admin')
  })
}

test.each<[name: string, demo: boolean, host: string, status: number]>([
  ['on this machine', true, '127.0.0.1', 303],
  ['by a name that a foreign site points here', true, 'evil.test', 403],
  ['where it is not asked for', false, '127.0.0.1', 403],
])('the demo %s', async (_name, demo, host, status) => {
  const { url } = await startSignIn({ demo })
  expect(await postAs(`${url}/connexion/demo`, host)).toBe(status)
  const page = await (await fetch(`${url}/connexion`)).text()
  expect(page.includes('/connexion/demo')).toBe(demo)
})

test.each([
  ['/messages?state=parked&x=1', '/messages?state=parked&x=1'],
  ['/session', '/session'],
  ['//evil.test', '/'],
  ['/\\evil.test', '/'],
  ['/%0d%0a', '/%0d%0a'],
  ['/\r\nx', '/'],
  ['/./\t/evil.test', '/'],
  ['/.//evil.test', '/'],
  ['/..//evil.test', '/'],
  ['https://evil.test/', '/'],
  ['javascript:alert(1)', '/'],
  ['@evil.test', '/'],
  ['', '/'],
  ['/connexion', '/'],
  ['/connexion/psc', '/'],
  ['/deconnexion', '/'],
  ['/lancer?jeton=x', '/'],
  [`/${'a'.repeat(3_000)}`, '/'],
])('after sign-in %j leads to %j', (asked, path) => {
  expect(ownPath(asked)).toBe(path)
})

test.each<[name: string, door: object, cookie: RegExp]>([
  ['plain, on this machine', {}, /^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/],
  [
    'behind a proxy with TLS',
    { publicUrl: 'https://console.region.test' },
    /^__Host-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
  ],
])('the cookie of a door %s', async (_name, door, cookie) => {
  const { browser } = await startSignIn({ demo: true }, { door })
  const own = browser()
  const { setCookies } = await own.send('/connexion/demo', { role: 'operator' })
  expect(setCookies).toEqual([expect.stringMatching(cookie)])
  expect((await own.go('/session')).status).toBe(200)
})

test.each([
  ['of another name', (value: string) => `sessions=${value}`],
  ['cut short', (value: string) => `session=${value.slice(1)}`],
  ['changed', (value: string) => `session=${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`],
  ['behind another of the name', (value: string) => `session=${'x'.repeat(43)}; session=${value}`],
  ['that is its hash', (_value: string, id: string) => `session=${id.slice(0, 43)}`],
])('a cookie %s is nobody', async (_name, cookieOf) => {
  const { browser, sessions } = await startSignIn({ demo: true })
  const own = browser()
  await own.send('/connexion/demo', { role: 'operator' })
  const value = own.cookies.get('session') ?? ''
  const [row] = await sessions.list(null)
  own.cookies.clear()
  expect((await own.go('/api/status', { cookie: `session=${value}` })).status).toBe(200)
  expect((await own.go('/api/status', { cookie: cookieOf(value, row?.id ?? ''), accept: '*/*' })).status).toBe(401)
})
