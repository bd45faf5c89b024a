import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import type { Establishment } from '../../src/core/config.ts'
import type { KnownPerson } from '../../src/core/sign-in.ts'
import { someConfig } from '../console/region.ts'
import { grant, type SignInWorld, startSignIn } from './world.ts'

const own = await generateKeyPair('ES256', { extractable: true })
const client = await generateKeyPair('RS256', { extractable: true })
const foreign = await generateKeyPair('ES256', { extractable: true })
const jwk = async (key: CryptoKey) => JSON.stringify(await exportJWK(key))

const PATIENT = '279035121518989'
const person = (subject: string, ...grants: KnownPerson['grants']): KnownPerson => ({
  name: null,
  provider: 'psc',
  subject,
  match: {},
  grants,
})
const PEOPLE = [
  { ...person('899700000017', grant('requester', ['ch-laval', 'chu-angers']), grant('operator')), name: 'Camille' },
  person('899700000025', grant('requester', ['chu-angers'])),
  person('899700000033', grant('admin')),
  person('899700000041', {
    role: 'secretariat',
    reach: { establishments: ['chu-angers', 'ch-laval'], applications: null, units: ['UNV'] },
    content: false,
  }),
]

async function started(): Promise<SignInWorld> {
  const establishments = new Map(someConfig().establishments)
  const laval = establishments.get('ch-laval') as Establishment
  establishments.set('ch-laval', {
    ...laval,
    launch: { keys: [await jwk(own.publicKey)] },
    clients: [{ clientId: 'dpi-laval', jwks: [await jwk(client.publicKey)] }],
  })
  return startSignIn({ people: PEOPLE }, { config: { establishments } })
}

interface Written {
  readonly claims?: { readonly [name: string]: unknown }
  readonly lifeS?: number
  readonly ageS?: number
  readonly key?: CryptoKey
  readonly alg?: string
}

let made = 0
function token(
  world: SignInWorld,
  { claims, lifeS = 60, ageS = 0, key = own.privateKey, alg = 'ES256' }: Written = {},
) {
  const iat = Math.floor(world.nowMs() / 1_000) - ageS
  return new SignJWT({
    iss: 'ch-laval',
    aud: `${world.url}/lancer`,
    iat,
    exp: iat + lifeS,
    jti: `j${++made}`,
    user: '899700000017',
    unit: 'UNV',
    patient: PATIENT,
    visit: 'V1',
    ...claims,
  })
    .setProtectedHeader({ alg })
    .sign(key)
}

/** As a patient record of another site does it. */
const CROSS = { 'sec-fetch-site': 'cross-site', origin: 'https://dpi.ch-laval.test' }

test('a patient record launches the console: one role, one establishment, its context kept for the session alone', async () => {
  const world = await started()
  const browser = world.browser()
  const page = await browser.send('/lancer', { jeton: await token(world) }, CROSS)
  expect([page.status, page.text.includes('href="/connexion"')]).toEqual([200, true])
  expect(page.text).not.toContain(PATIENT)
  expect((await browser.go('/connexion')).location).toBe('/')
  expect((await browser.go('/session')).text).toMatch(/Camille.*Clinicien demandeur.*Centre hospitalier de Laval</s)
  const cookie = browser.cookies.get('session') ?? ''
  expect(await world.sessions.callerOf(cookie)).toMatchObject({
    role: 'requester',
    reach: { establishments: ['ch-laval'] },
  })
  expect(await world.sessions.contextOf(cookie)).toEqual({
    establishment: 'ch-laval',
    unit: 'UNV',
    patient: PATIENT,
    visit: 'V1',
  })
  const kept = await world.journal.read({ sql: 'SELECT * FROM session', parameters: [] })
  expect(JSON.stringify([kept, await world.events(), world.log])).not.toContain(PATIENT)
  expect((await world.events()).map(({ what, who }) => [what, who])).toEqual([
    ['launch', 'Camille'],
    ['take-role', 'Camille'],
  ])
})

test('who is bound to units stays bound to them, however they came in', async () => {
  const world = await started()
  const browser = world.browser()
  await browser.send('/lancer', { jeton: await token(world, { claims: { user: '899700000041' } }) }, CROSS)
  await browser.go('/connexion')
  expect(await world.sessions.callerOf(browser.cookies.get('session') ?? '')).toMatchObject({
    role: 'secretariat',
    reach: { establishments: ['ch-laval'], units: ['UNV'] },
  })
})

test('a client of the establishment signs too; an address launches when it names no patient', async () => {
  const world = await started()
  const byClient = { key: client.privateKey, alg: 'RS256', claims: { iss: 'dpi-laval' } }
  expect((await world.browser().send('/lancer', { jeton: await token(world, byClient) }, CROSS)).status).toBe(200)
  const bare = { claims: { patient: undefined, visit: undefined } }
  expect((await world.browser().go(`/lancer?jeton=${await token(world, bare)}`)).status).toBe(200)
  const named = await token(world)
  expect((await world.browser().go(`/lancer?jeton=${named}`)).text).toContain('LAUNCH_IN_CLEAR')
  // And it is used up.
  expect((await world.browser().send('/lancer', { jeton: named }, CROSS)).status).toBe(403)
})

const REFUSED: [name: string, written: (world: SignInWorld) => Promise<string> | string, rule: string][] = [
  ['no token', () => '', 'unknown issuer'],
  ['no JWT', () => 'a.b.c', 'unknown issuer'],
  ['too long', () => 'a'.repeat(9_000), 'too long'],
  ['over', (world) => token(world, { ageS: 71 }), 'ERR_JWT_EXPIRED'],
  ['longer than 60 s', (world) => token(world, { lifeS: 61 }), 'longer than 60 s'],
  ['made in the future', (world) => token(world, { ageS: -30 }), 'longer than 60 s'],
  ['not signed', (world) => unsigned(world), 'ERR_JOSE_ALG_NOT_ALLOWED'],
  [
    'signed by a foreign key',
    (world) => token(world, { key: foreign.privateKey }),
    'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  ],
  [
    'for another address',
    (world) => token(world, { claims: { aud: 'https://other.test/lancer' } }),
    'ERR_JWT_CLAIM_VALIDATION_FAILED',
  ],
  ['without end', (world) => token(world, { claims: { exp: undefined } }), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['without number', (world) => token(world, { claims: { jti: undefined } }), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['of an establishment without keys', (world) => token(world, { claims: { iss: 'chu-angers' } }), 'unknown issuer'],
  [
    'of a client signed by its establishment',
    (world) => token(world, { claims: { iss: 'dpi-laval' } }),
    'ERR_JWKS_NO_MATCHING_KEY',
  ],
  ['of nobody known', (world) => token(world, { claims: { user: '899700000099' } }), 'user without a role there'],
  [
    'of somebody of another establishment',
    (world) => token(world, { claims: { user: '899700000025' } }),
    'user without a role there',
  ],
  [
    'of an administrator of the region',
    (world) => token(world, { claims: { user: '899700000033' } }),
    'user without a role there',
  ],
  ['a claim that is no text', (world) => token(world, { claims: { unit: { a: 1 } } }), 'malformed claim'],
]

function unsigned(world: SignInWorld): string {
  const nowS = Math.floor(world.nowMs() / 1_000)
  return new UnsecuredJWT({ user: '899700000017', jti: 'u' })
    .setIssuer('ch-laval')
    .setAudience(`${world.url}/lancer`)
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + 60)
    .encode()
}

test('nobody is launched by anything but a fresh launch of their establishment', async () => {
  const world = await started()
  for (const [name, written, rule] of REFUSED) {
    const { status, text } = await world.browser().send('/lancer', { jeton: await written(world) }, CROSS)
    expect([status, text.includes('LAUNCH_REFUSED')], name).toEqual([403, true])
    expect((await world.events()).at(-1), name).toMatchObject({
      what: 'refuse-sign-in',
      code: 'LAUNCH_REFUSED',
      detail: expect.stringContaining(rule),
    })
  }
  const twice = await token(world)
  expect((await world.browser().send('/lancer', { jeton: twice }, CROSS)).status).toBe(200)
  expect((await world.browser().send('/lancer', { jeton: twice }, CROSS)).status).toBe(403)
  expect(await world.sessions.list(null)).toHaveLength(1)
  expect(world.log.join('')).not.toContain(twice)
})
