import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compileConfig, readRegion } from '../../src/app/config/index.ts'
import { planOf } from '../../src/app/config/plan.ts'
import { writeRegion } from '../support/region.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sign-in-config-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const HASH = `scrypt$131072$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`
const PSC =
  'id: psc, name: Pro Santé Connect, issuer: "https://psc.test/realms/x", clientId: us, clientSecret: { env: PSC }'
const GRANT = 'grants: [{ role: operator }]'

function region(signIn: string, host = '127.0.0.1'): string {
  return `region: { name: Essai }
entrances: { http: { host: ${host}, port: 1, allowPlain: true } }
operators: [{ name: exploitation, role: operator, keySha256: ${'a'.repeat(64)} }]
establishments: [{ id: a, name: A, kind: hospital }]
signIn: { ${signIn} }
`
}

const ENV = { PSC: 'secret', TOTP: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }
const read = (text: string) => readRegion(writeRegion(folder, text), ENV)

test.each<[name: string, signIn: string, problems: string[]]>([
  ['a provider and a person', `providers: [{ ${PSC} }], people: [{ provider: psc, subject: "1", ${GRANT} }]`, []],
  ['a demo on this machine', 'demo: true', []],
  [
    'a person of no provider',
    `people: [{ provider: psc, subject: "1", ${GRANT} }]`,
    ['signIn.people[0].provider UNKNOWN_PROVIDER'],
  ],
  [
    'a person by nothing',
    `providers: [{ ${PSC} }], people: [{ provider: psc, ${GRANT} }]`,
    ['signIn.people[0] MISSING'],
  ],
  [
    'a person without role',
    `providers: [{ ${PSC} }], people: [{ provider: psc, subject: "1", grants: [] }]`,
    ['signIn.people[0].grants BAD_VALUE'],
  ],
  [
    'a name for whoever matches',
    `providers: [{ ${PSC} }], people: [{ name: x, provider: psc, match: { groups: g }, ${GRANT} }]`,
    ['signIn.people[0].name BAD_VALUE'],
  ],
  [
    'a person twice',
    `providers: [{ ${PSC} }], people: [{ provider: psc, subject: "1", ${GRANT} }, { provider: psc, subject: "1", ${GRANT} }]`,
    ['signIn.people[1].name NAME_TWICE'],
  ],
  [
    'a person of the name of an operator',
    `providers: [{ ${PSC} }], people: [{ name: exploitation, provider: psc, subject: "1", ${GRANT} }]`,
    ['signIn.people[0].name NAME_TWICE'],
  ],
  [
    'a role at an establishment that is not there',
    `providers: [{ ${PSC} }], people: [{ provider: psc, subject: "1", grants: [{ role: requester, establishments: [b] }] }]`,
    ['signIn.people[0].grants[0].establishments[0] UNKNOWN_ESTABLISHMENT'],
  ],
  ['an issuer without TLS', `providers: [{ ${PSC.replace('https', 'http')} }]`, ['signIn.providers[0].issuer BAD_URL']],
  ['an issuer on this machine', `providers: [{ ${PSC.replace('https://psc.test', 'http://localhost')} }]`, []],
  [
    'an issuer that is no address',
    `providers: [{ ${PSC.replace('"https://psc.test/realms/x"', 'psc')} }]`,
    ['signIn.providers[0].issuer BAD_URL'],
  ],
  [
    'a secret written down',
    `providers: [{ ${PSC.replace('{ env: PSC }', 'hush')} }]`,
    ['signIn.providers[0].clientSecret SECRET_INLINE'],
  ],
  [
    'a secret that is not there',
    `providers: [{ ${PSC.replace('env: PSC', 'env: GONE')} }]`,
    ['signIn.providers[0].clientSecret FILE_MISSING'],
  ],
  [
    'a provider called as an address of ours',
    `providers: [{ ${PSC.replace('id: psc', 'id: urgence')} }]`,
    ['signIn.providers[0].id NAME_RESERVED'],
  ],
  [
    'people named by an address',
    `providers: [{ ${PSC}, claims: { subject: email } }]`,
    ['signIn.providers[0].claims.subject BAD_VALUE'],
  ],
  [
    'an algorithm that anybody could sign in',
    `providers: [{ ${PSC}, signatures: [HS256] }]`,
    ['signIn.providers[0].signatures[0] BAD_VALUE'],
  ],
  [
    'an account for emergencies',
    `localAdministrators: [{ name: secours, password: "${HASH}", totp: { env: TOTP } }]`,
    [],
  ],
  [
    'a password instead of its hash',
    'localAdministrators: [{ name: secours, password: hush, totp: { env: TOTP } }]',
    ['signIn.localAdministrators[0].password BAD_VALUE'],
  ],
  [
    'a code secret that is none',
    `localAdministrators: [{ name: secours, password: "${HASH}", totp: { env: PSC } }]`,
    ['signIn.localAdministrators[0].totp BAD_VALUE'],
  ],
  ['an idle limit that is none', 'limits: { idle: 0 s }', ['signIn.limits.idle OUT_OF_BOUNDS']],
])('%s', async (_name, signIn, problems) => {
  const found = await read(region(signIn))
  expect(found.problems.map(({ at, code }) => `${at} ${code}`)).toEqual(problems)
  expect(JSON.stringify(found.problems)).not.toContain('hush')
})

test('a demo is refused where a door listens beyond this machine', async () => {
  const { problems } = await read(region('demo: true', '0.0.0.0'))
  expect(problems.map(({ at, code }) => `${at} ${code}`)).toEqual(['signIn.demo DEMO_REACHABLE'])
})

test('the revision names the secret and does not hold it; the running configuration does; a plan tells who changes', async () => {
  const people = (role: string) =>
    `people: [{ name: Camille, provider: psc, subject: "1", grants: [{ role: ${role} }] }]`
  const before = await read(region(`providers: [{ ${PSC} }], ${people('operator')}`))
  const after = await read(region(`providers: [{ ${PSC} }], ${people('admin')}`))
  expect(before.shared).not.toContain('"secret"')
  const { signIn } = compileConfig(before.shared!, 1, before.read)
  expect(signIn).toMatchObject({
    demo: false,
    providers: [{ id: 'psc', clientSecret: 'secret', scopes: ['openid'], claims: { subject: 'sub' } }],
    people: [{ name: 'Camille', subject: '1', match: {}, grants: [{ role: 'operator', content: false }] }],
    limits: { idleMs: 1_800_000, absoluteMs: 36_000_000, attemptsPerMinute: 10 },
  })
  const plan = planOf({ revision: 1, json: before.shared! }, after.shared!, { destinations: new Map() })
  expect(plan.changes.map(({ part, name, what }) => [part, name, what])).toEqual([['person', 'Camille', 'changed']])
})

test('keys of launches are public, and of a kind that signs them', async () => {
  const problems = async (keys: object[]) => {
    const file = join(folder, 'keys.json')
    writeFileSync(file, JSON.stringify({ keys }))
    const text = region('demo: true').replace('kind: hospital', `kind: hospital, launch: { jwks: { file: "${file}" } }`)
    return (await read(text)).problems.map(({ at, code }) => `${at} ${code}`)
  }
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const other = await generateKeyPair('ES384', { extractable: true })
  expect(await problems([await exportJWK(publicKey)])).toEqual([])
  for (const keys of [
    [],
    [await exportJWK(privateKey)],
    [await exportJWK(other.publicKey)],
    [{ kty: 'oct', k: 'x' }],
  ]) {
    expect(await problems(keys)).toEqual(['establishments[0].launch.jwks BAD_JWKS'])
  }
})
