import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { shownText, unmasked } from '../../src/app/config/index.ts'
import { planOf } from '../../src/app/config/plan.ts'

const HASH = 'ab'.repeat(32)
const PASSWORD = `scrypt$16384$8$1$${'A'.repeat(22)}$${'B'.repeat(43)}`
const JWKS = JSON.stringify({ keys: [{ kty: 'RSA', n: 'x' }] })
const shared = {
  region: { name: 'Région' },
  tables: { big: ['A'] },
  maps: {},
  ruleFiles: { big: {} },
  services: {},
  operators: [{ keySha256: HASH, name: 'op', role: 'admin' }],
  establishments: [
    { clients: [{ clientId: 'c', jwks: JWKS }], id: 'a', kind: 'hospital', launch: { jwks: JWKS }, name: 'A' },
  ],
  signIn: { localAdministrators: [{ name: 'glass', password: PASSWORD, totp: { env: 'TOTP' } }] },
}
const json = JSON.stringify(shared)

test('a revision as text: in the order of the schema, without what the profiles hold, without a hash', () => {
  const text = shownText(json)
  for (const hidden of [HASH, PASSWORD, JWKS, 'kty', 'ruleFiles', 'tables']) expect(text).not.toContain(hidden)
  expect(text).toContain('keySha256: …abababababab\n')
  expect(Object.keys(parse(text))[0]).toBe('region')
  expect(Object.keys(parse(text).establishments[0])).toEqual(['id', 'name', 'kind', 'clients', 'launch'])
})

test('what it masks is known again, and nothing else', () => {
  const none = () => {
    throw new RangeError('not there')
  }
  const { text, read } = unmasked(shownText(json), json, none)
  const again = parse(text)
  expect(again.operators).toEqual(shared.operators)
  expect(again.signIn).toEqual(shared.signIn)
  const { jwks } = again.establishments[0].clients[0]
  expect([read(jwks), read({ file: jwks })]).toEqual([JWKS, JWKS])
  expect(() => read('…000000000000')).toThrow('not there')
  expect(unmasked('keySha256: …000000000000', json, none).text).toBe('keySha256: …000000000000')
})

test('a plan says that an administrator for emergencies changed, and no hash', () => {
  const whole = (parts: object) =>
    JSON.stringify({ region: { name: 'R' }, establishments: [], services: {}, tables: {}, maps: {}, ...parts })
  const other = PASSWORD.replace('BBB', 'CCC')
  const of = (password: string) =>
    whole({ signIn: { localAdministrators: [{ name: 'glass', password, totp: 'totp' }] } })
  const { changes } = planOf({ revision: 1, json: of(PASSWORD) }, of(other), { destinations: new Map() })
  expect(changes).toEqual([
    {
      part: 'sign-in',
      name: 'sign-in',
      what: 'changed',
      settings: [{ at: 'localAdministrators', from: '…', to: '…' }],
    },
  ])
})

test('services that are as in the folders of profiles are not shown as the region’s own', () => {
  const rule = { any: [{ path: 'OBR-4', in: ['x'] }] }
  const services = { same: rule, mine: rule, changed: { ...rule, kind: 'stroke' } }
  const whole = JSON.stringify({ ...shared, services })
  const files = { same: rule, changed: rule } as never
  expect(Object.keys(parse(shownText(whole, files)).services)).toEqual(['mine', 'changed'])
  expect(parse(shownText(JSON.stringify({ ...shared, services: { same: rule } }), files))).not.toHaveProperty(
    'services',
  )
})
