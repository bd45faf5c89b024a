import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { allows, grantable, type Permission } from '../../src/entrances/http/scope.ts'
import { manualClock } from '../support/peers/clock.ts'
import { type FhirDoor, openFhirDoor, readsOver, stored } from '../support/peers/fhir-door.ts'
import { webRegion } from '../support/peers/web-door.ts'

type Pair = Awaited<ReturnType<typeof generateKeyPair>>
let rsa: Pair
let ec: Pair
let stranger: Pair
let clients: { clientId: string; jwks: string[] }[] = []
beforeAll(async () => {
  ;[rsa, ec, stranger] = await Promise.all([
    generateKeyPair('RS384'),
    generateKeyPair('ES384'),
    generateKeyPair('ES384'),
  ])
  const jwk = async (pair: Pair, kid: string) => JSON.stringify({ ...(await exportJWK(pair.publicKey)), kid })
  clients = [{ clientId: 'dpi', jwks: [await jwk(rsa, 'r'), await jwk(ec, 'e')] }]
})

let door: FhirDoor | null = null
afterEach(async () => {
  await door?.entrance.close(0)
  door = null
})

const clock = manualClock()
const nowS = (): number => Math.floor(clock.nowMs() / 1_000)
async function open(wanted: Parameters<typeof openFhirDoor>[0] = {}): Promise<FhirDoor> {
  door = await openFhirDoor({ clients, clock: { ...clock, after: () => () => {} }, ...wanted })
  return door
}

interface Wish {
  readonly claims?: JWTPayload
  readonly without?: string
  readonly pair?: () => Pair
  readonly header?: { alg?: string; kid?: string | undefined }
  readonly form?: Record<string, string>
}
let jti = 0

/** A good assertion of `dpi`, with what the test wants otherwise. */
function assertion({ claims = {}, without = '', pair = () => ec, header = {} }: Wish): Promise<string> {
  const good = {
    iss: 'dpi',
    sub: 'dpi',
    aud: `${door?.url}/oauth/token`,
    exp: nowS() + 240,
    jti: `n${jti++}`,
    ...claims,
  }
  const kept = Object.fromEntries(Object.entries(good).filter(([name]) => name !== without))
  return new SignJWT(kept)
    .setProtectedHeader({ alg: 'ES384', kid: 'e', ...header } as { alg: string })
    .sign(pair().privateKey)
}

async function token(wish: Wish = {}, written?: string): Promise<{ status: number; json: Record<string, unknown> }> {
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: written ?? (await assertion(wish)),
    scope: 'system/*.cruds',
    ...wish.form,
  }
  const answer = await fetch(`${door?.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) })
  expect(answer.headers.get('cache-control')).toBe('no-store')
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> }
}

const get = (path: string, bearer: unknown): Promise<Response> =>
  fetch(`${door?.base}${path}`, { headers: { authorization: `Bearer ${bearer}` } })

test.each<[name: string, wish: Wish]>([
  ['ES384', {}],
  ['RS384', { pair: () => rsa, header: { alg: 'RS384', kid: 'r' } }],
])('an assertion signed with %s gives a token that reads and posts as the establishment', async (_name, wish) => {
  const { arrivals, base } = await open({ reads: readsOver([stored('Patient', 'p1')]) })
  const { status, json } = await token(wish)
  expect(status).toBe(200)
  expect(json).toMatchObject({ token_type: 'bearer', expires_in: 300, scope: 'system/*.cruds' })
  expect((await get('/Patient/p1', json['access_token'])).status).toBe(200)
  const headers = { authorization: `Bearer ${json['access_token']}`, 'content-type': 'application/fhir+json' }
  expect((await fetch(`${base}/Patient`, { method: 'POST', body: '{}', headers })).status).toBe(201)
  expect(arrivals[0]?.peer.establishment).toBe('ch-laval')
})

test.each<[name: string, wish: Wish]>([
  ['another key', { pair: () => stranger }],
  ['a client nobody declares', { claims: { iss: 'other', sub: 'other' } }],
  ['a subject that is not the issuer', { claims: { sub: 'other' } }],
  ['another audience', { claims: { aud: 'https://other.test/token' } }],
  ['no end', { without: 'exp' }],
  ['an end that is past', { claims: { exp: nowS() - 60 } }],
  ['an end more than 5 min ahead', { claims: { exp: nowS() + 600 } }],
  ['a beginning to come', { claims: { nbf: nowS() + 120 } }],
  ['no jti', { without: 'jti' }],
  ['a jti that is no text', { claims: { jti: 5 as unknown as string } }],
  ['no kid', { header: { kid: undefined } }],
  ['a kid of another key', { header: { kid: 'r' } }],
  ['no kind of assertion', { form: { client_assertion_type: 'x' } }],
  ['no assertion at all', { form: { client_assertion: 'x.y.z' } }],
  ['an assertion of 100 KB', { form: { client_assertion: 'x'.repeat(9_000) } }],
])('refused without a word why: %s', async (_name, wish) => {
  const { notes } = await open()
  expect(await token(wish)).toEqual({ status: 401, json: { error: 'invalid_client' } })
  const told = JSON.stringify(await Promise.race([notes.line('token.refused'), notes.line('http.open')]))
  expect(told).not.toContain('dpi')
})

test('signed by a secret instead of a key, or by nothing: refused', async () => {
  await open()
  const claims = { iss: 'dpi', sub: 'dpi', aud: `${door?.url}/oauth/token`, exp: nowS() + 60, jti: 'x' }
  const plain = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const none = `${plain({ alg: 'none', kid: 'e' })}.${plain(claims)}.`
  const secret = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS384', kid: 'e' })
    .sign(Buffer.from(clients[0]?.jwks[1] ?? '').subarray(0, 64))
  for (const written of [none, secret]) expect((await token({}, written)).status).toBe(401)
})

test('an assertion is good once', async () => {
  await open()
  const written = await assertion({})
  expect((await token({}, written)).status).toBe(200)
  expect((await token({}, written)).status).toBe(401)
  expect((await token()).status).toBe(200)
})

test('a caller who names another host gets no token for it', async () => {
  await open()
  const host = 'evil.test'
  const written = await assertion({ claims: { aud: `http://${host}/oauth/token` } })
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: written,
    scope: 'system/*.rs',
  }).toString()
  const { callWeb } = await import('../support/peers/web-caller.ts')
  const caller = await callWeb(door?.port ?? 0)
  caller.write(
    `POST /oauth/token HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  expect((await caller.answer())?.status).toBe(401)
  caller.destroy()
})

test('a door behind a proxy knows itself by its public address', async () => {
  await open({ door: { publicUrl: 'https://fhir.region.test/' } })
  expect((await token()).status).toBe(401)
  expect((await token({ claims: { aud: 'https://fhir.region.test/oauth/token' } })).status).toBe(200)
  const smart = await fetch(`${door?.base}/.well-known/smart-configuration`)
  expect(await smart.json()).toMatchObject({ token_endpoint: 'https://fhir.region.test/oauth/token' })
})

test.each<[form: Record<string, string>, status: number, error: string]>([
  [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
  [{ scope: 'openid patient/*.read' }, 400, 'invalid_scope'],
  [{ scope: '' }, 400, 'invalid_scope'],
])('a form with %o: %s %s', async (form, status, error) => {
  await open()
  expect(await token({ form })).toEqual({ status, json: { error } })
})

test('a token ends after five minutes, and at once when its client is no longer declared', async () => {
  let running = webRegion({}, clients)
  await open({ reads: readsOver([stored('Patient', 'p1')]), config: () => running })
  const { json } = await token()
  const bearer = json['access_token']
  const status = async () => (await get('/Patient/p1', bearer)).status
  expect(await status()).toBe(200)
  clock.advance(299_000)
  expect(await status()).toBe(200)
  clock.advance(2_000)
  expect(await status()).toBe(401)
  const fresh = (await token()).json['access_token']
  running = webRegion()
  expect((await get('/Patient/p1', fresh)).status).toBe(401)
})

test('a token does what its scope says', async () => {
  const { base } = await open({ reads: readsOver([stored('Patient', 'p1')]) })
  const { json } = await token({ form: { scope: 'system/Patient.rs launch' } })
  expect(json['scope']).toBe('system/Patient.rs')
  const headers = { authorization: `Bearer ${json['access_token']}`, 'content-type': 'application/fhir+json' }
  expect((await get('/Patient/p1', json['access_token'])).status).toBe(200)
  expect((await get('/Encounter', json['access_token'])).status).toBe(403)
  for (const path of ['/Patient', '', '/$process-message']) {
    expect((await fetch(base + path, { method: 'POST', body: '{}', headers })).status).toBe(403)
  }
})

test.each<[scope: string, type: string, permission: Permission, yes: boolean]>([
  ['system/*.cruds', 'Patient', 'c', true],
  ['system/Patient.rs', 'Patient', 's', true],
  ['system/Patient.rs', 'Patient', 'u', false],
  ['system/Patient.rs', 'Encounter', 'r', false],
  ['system/Patient.rs', '*', 'r', false],
  ['system/*.read', 'Patient', 's', true],
  ['system/*.read', 'Patient', 'c', false],
  ['system/*.write', 'Patient', 'c', true],
  ['system/Patient.*', 'Patient', 'd', true],
  ['system/Patient.r system/Patient.u', 'Patient', 'u', true],
])('%s on %s for %s: %s', (scope, type, permission, yes) => {
  expect(allows(scope, type, permission)).toBe(yes)
})

test.each([
  ['system/*.cruds', 'system/*.cruds'],
  ['openid system/Patient.rs', 'system/Patient.rs'],
  ['system/Patient.sr', ''],
  ['system/Patient.', ''],
  ['user/*.cruds patient/*.read', ''],
  ['system/patient.r', ''],
])('of %j is granted %j', (asked, granted) => {
  expect(grantable(asked)).toBe(granted)
})
