import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { TokenOwners } from '../../src/app/mail/tokens.ts'
import type { MailTokens } from '../../src/core/mail.ts'
import { leapingClock } from '../support/peers/clock.ts'
import { until } from '../support/world/until.ts'

const OWNER = '899700000017'
/** What a provider answers with: 200, unless said otherwise. */
type Answers = Partial<Record<'discovery' | 'keys' | 'userinfo', number>>

let keys: Awaited<ReturnType<typeof generateKeyPair>>
let jwk: object
let server: Server
let issuer: string
let answers: Answers
let lines: string[]
let owners: TokenOwners
let clock: ReturnType<typeof leapingClock>

beforeAll(async () => {
  keys = await generateKeyPair('ES256', { extractable: true })
  jwk = { ...(await exportJWK(keys.publicKey)), alg: 'ES256', kid: 'k' }
  server = createServer((request, response) => {
    const path = request.url ?? ''
    const part = path.includes('well-known') ? 'discovery' : path === '/keys' ? 'keys' : 'userinfo'
    const status = answers[part] ?? (part === 'userinfo' && request.headers.authorization !== 'Bearer bon' ? 401 : 200)
    if (status === 0) return void request.socket.destroy()
    const told = {
      discovery: { issuer, jwks_uri: `${issuer}/keys`, userinfo_endpoint: `${issuer}/userinfo` },
      keys: { keys: [jwk] },
      userinfo: { sub: 'camille', SubjectNameID: OWNER },
    }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(status === 200 ? told[part] : {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())
beforeEach(() => {
  answers = {}
  lines = []
  clock = leapingClock()
})
afterEach(() => owners?.stop())

function begin(changes: Partial<MailTokens> = {}): void {
  const provider = { issuer, audience: null, claim: 'SubjectNameID', userinfo: false, ...changes }
  const line = (event: string, fields?: { rule?: string }) =>
    void lines.push([event, fields?.rule ?? []].flat().join(' '))
  owners = new TokenOwners({ providers: () => [provider], clock, log: { info: line, warn: line, error: line } })
}

interface Made {
  readonly typ?: string
  readonly aud?: string
  readonly exp?: boolean
  readonly iss?: string
}

function token({ typ = 'at+jwt', aud = 'urn:mail', exp = true, iss = issuer }: Made = {}): Promise<string> {
  const jwt = new SignJWT({ SubjectNameID: OWNER })
    .setProtectedHeader({ alg: 'ES256', kid: 'k', ...(typ === '' ? {} : { typ }) })
    .setIssuer(iss)
    .setAudience(aud)
    .setIssuedAt()
  return (exp ? jwt.setExpirationTime('10 min') : jwt).sign(keys.privateKey)
}

describe('a token', () => {
  test.each<[what: string, made: Made, audience: string | null, owner: string | null]>([
    ['for us', {}, 'urn:mail', OWNER],
    ['whose kind is written out', { typ: 'application/at+JWT' }, 'urn:mail', OWNER],
    ['of no kind', { typ: '' }, 'urn:mail', OWNER],
    ['of any kind', { typ: 'JWT' }, 'urn:mail', OWNER],
    ['for another, where an audience is set', { aud: 'other' }, 'urn:mail', null],
    ['for another, where none is', { aud: 'other' }, null, OWNER],
    ['of a logout', { typ: 'logout+jwt' }, null, null],
    ['of an event', { typ: 'secevent+jwt' }, null, null],
    ['that never ends', { exp: false }, null, null],
    ['of another provider', { iss: 'https://autre.exemple.test' }, null, null],
  ])('%s', async (_what, made, audience, owner) => {
    begin({ audience })
    expect(await owners.ownerOf(await token(made))).toBe(owner)
    expect(lines).toEqual([])
  })

  test.each([
    ['bon', OWNER],
    ['mauvais', null],
  ])('that only the provider can read: %s', async (opaque, owner) => {
    begin({ userinfo: true })
    expect(await owners.ownerOf(opaque)).toBe(owner)
    expect(lines).toEqual([])
  })
})

describe('a provider that fails', () => {
  test.each<[what: string, fault: Answers, userinfo: boolean]>([
    ['at what it says of itself', { discovery: 500 }, false],
    ['at what it says of itself: not allowed', { discovery: 403 }, false],
    ['at its keys', { keys: 500 }, false],
    ['at its keys: not there', { keys: 404 }, false],
    ['at its keys: cut', { keys: 0 }, false],
    ['at userinfo', { userinfo: 503 }, true],
    ['at userinfo: cut', { userinfo: 0 }, true],
    ['altogether', { discovery: 0, keys: 0, userinfo: 0 }, true],
  ])('%s, is no fault of the token, and is told until it answers', async (_what, fault, userinfo) => {
    begin({ userinfo })
    answers = fault
    const given = userinfo ? 'bon' : await token()
    await expect(owners.ownerOf(given)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' })
    expect(lines).toEqual([expect.stringMatching(/^mail\.tokens-silent \S+/)])
    expect(owners.conditions()).toEqual([])
    clock.leap(11_000)
    await until('told', async () => owners.conditions().length === 1, { withinMs: 5_000 })
    expect(owners.conditions()).toMatchObject([
      { kind: 'unreachable', severity: 'urgent', code: 'PROVIDER_UNREACHABLE' },
    ])
    answers = {}
    await until(
      'over',
      async () => {
        clock.leap(11_000)
        return owners.conditions().length === 0
      },
      { withinMs: 5_000 },
    )
    expect(lines.slice(1)).toEqual(['mail.tokens-answers'])
    expect(await owners.ownerOf(given)).toBe(OWNER)
  })

  test('says nothing of a token of another, and nothing of one that is none', async () => {
    begin()
    answers = { discovery: 0 }
    expect(await owners.ownerOf('rien')).toBe(null)
    expect(await owners.ownerOf(await token({ iss: 'https://autre.exemple.test' }))).toBe(null)
    expect(lines).toEqual([])
  })
})
