import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readRegion } from '../../src/app/config/index.ts'
import { revocationList } from '../support/peers/crl.ts'
import { authority } from '../support/peers/pki.ts'
import { regionText, writeRegion } from '../support/region.ts'
import { missing } from '../support/world/needs.ts'

const HOUR_MS = 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'material-'))
afterAll(() => rmSync(folder, { recursive: true }))

const why = missing('openssl', ['version'])
const [ca, other] = [authority('CA ESSAI'), authority('CA AUTRE')]
const own = ca.issue('passerelle.region.test')
writeFileSync(join(folder, 'key'), own.key)
writeFileSync(join(folder, 'cert'), own.cert)
writeFileSync(join(folder, 'ca'), ca.cert + other.cert)

/** Problems of a door with these lists, as `severity at CODE`. */
async function problemsOf(lists: Record<string, string>, parts: object = {}): Promise<string[]> {
  for (const [name, text] of Object.entries(lists)) writeFileSync(join(folder, name), text)
  const tls = { key: 'key', cert: 'cert', ca: 'ca', crl: Object.keys(lists), ...parts }
  const { problems } = await readRegion(writeRegion(folder, regionText({ entrances: { https: { port: 0, tls } } })), {})
  return problems.map(({ severity, at, code }) => `${severity} ${at.replace('entrances.https.tls.', '')} ${code}`)
}

describe('revocation lists', () => {
  const fresh = (signer = ca) => revocationList(signer, [], Date.now() + HOUR_MS)
  const stale = () => revocationList(ca, [], Date.now() - HOUR_MS)
  test.skipIf(why !== null).each<[string, () => Record<string, string>, string[]]>([
    ['none', () => ({}), []],
    ['of both authorities', () => ({ a: fresh(), b: fresh(other) }), []],
    ['of both in one file', () => ({ a: fresh() + fresh(other) }), []],
    ['of one authority', () => ({ a: fresh() }), ['warning crl CRL_MISSING']],
    [
      'of another of the same name',
      () => ({ a: fresh(authority('CA ESSAI')), b: fresh(other) }),
      ['warning crl CRL_MISSING'],
    ],
    ['past its next update', () => ({ a: stale(), b: fresh(other) }), ['warning crl[0] CRL_STALE']],
    [
      'that is none',
      () => ({ a: 'nothing', b: fresh(other) }),
      ['error crl[0] TLS_MATERIAL', 'warning crl CRL_MISSING'],
    ],
  ])(`%s${why === null ? '' : ` (skipped: ${why})`}`, async (_name, lists, expected) => {
    expect((await problemsOf(lists())).sort()).toEqual(expected.sort())
  })

  test('a policy that is none', async () => {
    expect(await problemsOf({}, { crlStale: 'ignore' })).toEqual(['error crlStale BAD_VALUE'])
  })
})

describe('an identity that no door can show', () => {
  const pair = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey
  const sealed = (type: 'pkcs1' | 'pkcs8') =>
    pair(2048).export({ type, format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' }).toString()
  test.each<[name: string, files: () => { key?: string; cert?: string }, said: string]>([
    ['a key with a passphrase', () => ({ key: sealed('pkcs8') }), 'key: the key has a passphrase: lay it here'],
    ['the same in the older form', () => ({ key: sealed('pkcs1') }), 'key: the key has a passphrase: lay it here'],
    ['a certificate in place of the key', () => ({ key: own.cert }), 'key: this is no PEM private key'],
    [
      'the key of another',
      () => ({ key: pair(2048).export({ type: 'pkcs8', format: 'pem' }).toString() }),
      'key: this is not the key of the certificate',
    ],
    [
      'a key that is too short',
      () => ca.issue('passerelle.region.test', { bits: 1024 }),
      'cert: TLS does not take this certificate (ERR_SSL_EE_KEY_TOO_SMALL): its key or signature is too weak',
    ],
  ])('%s', async (_name, files, said) => {
    const { key = own.key, cert = own.cert } = files()
    writeFileSync(join(folder, 'its.key'), key)
    writeFileSync(join(folder, 'its.cert'), cert)
    const tls = { key: 'its.key', cert: 'its.cert', ca: 'ca' }
    const region = writeRegion(folder, regionText({ entrances: { https: { port: 0, tls } } }))
    const { problems } = await readRegion(region, {})
    expect(problems.map(({ at, code, message }) => `${code} ${at}: ${message}`)).toEqual([
      expect.stringContaining(`TLS_MATERIAL entrances.https.tls.${said}`),
    ])
  })
})

test('the files read are told, so that a change of them is seen', async () => {
  const { files, renewed } = await readRegion(
    writeRegion(folder, regionText({ entrances: { mllps: { port: 0, tls: { key: 'key', cert: 'cert', ca: 'ca' } } } })),
    {},
  )
  expect([...files].sort()).toEqual(['ca', 'cert', 'key'].map((name) => join(folder, name)))
  const next = ca.issue('passerelle.nouvelle.test')
  writeFileSync(join(folder, 'cert'), next.cert)
  expect(renewed?.().mllp[0]?.tls?.cert).toBe(next.cert)
})
