import { X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  EXAMPLE_ISSUER,
  exampleSubject,
  type MadeCertificates,
  makeCertificates,
  makeMissingCertificates,
} from '../../src/app/certs.ts'
import { readRegion } from '../../src/app/config/index.ts'
import { parseDistinguishedName, parseNodeName } from '../../src/formats/x509/distinguished-name.ts'
import { regionText, writeRegion } from '../support/region.ts'

let folder: string
let made: MadeCertificates
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'certs-'))
  made = await makeCertificates(join(folder, 'pki'), ['ch-laval', 'samu-53'])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const pem = (name: string) => readFileSync(join(folder, 'pki', name), 'utf8')

test('names are those that region.yaml writes', () => {
  const leaf = new X509Certificate(pem('ch-laval.pem'))
  expect(parseNodeName(leaf.subject).key).toBe(parseDistinguishedName(exampleSubject('ch-laval')).key)
  expect(parseNodeName(leaf.issuer).key).toBe(parseDistinguishedName(EXAMPLE_ISSUER).key)
  expect(made.clients.map((path) => path.slice(path.lastIndexOf('/') + 1))).toEqual(['ch-laval.pem', 'samu-53.pem'])
})

test('keys are for their owner alone, and the authority keeps none', () => {
  const keys = readdirSync(join(folder, 'pki')).filter((name) => name.endsWith('.key'))
  expect(keys.sort()).toEqual(['ch-laval.key', 'expired.key', 'foreign.key', 'gateway.key', 'samu-53.key'])
  for (const key of keys) expect(statSync(join(folder, 'pki', key)).mode & 0o777).toBe(0o600)
})

/** What the gateway's side of a mutual handshake says of a client: its common name, or the code of the refusal. */
async function handshake(client: string, servername: string): Promise<string> {
  const server = createServer({
    key: pem('gateway.key'),
    cert: pem('gateway.pem'),
    ca: pem('ca.pem'),
    requestCert: true,
    rejectUnauthorized: false,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const seen = new Promise<string>((resolve) => {
      server.once('secureConnection', (socket) => {
        const name = String(socket.getPeerCertificate().subject?.CN)
        resolve(socket.authorized ? name : String(socket.authorizationError))
        socket.end()
      })
    })
    const { port } = server.address() as { port: number }
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername,
      key: pem(`${client}.key`),
      cert: pem(`${client}.pem`),
      ca: pem('ca.pem'),
    })
    // The client verifies the gateway by chain and name; a failure here fails the test.
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    const name = await seen
    socket.destroy()
    return name
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

test.each([
  ['ch-laval', 'localhost', 'ch-laval.exemple.test'],
  ['samu-53', 'passerelle.exemple.test', 'samu-53.exemple.test'],
  ['expired', 'localhost', 'CERT_HAS_EXPIRED'],
  ['foreign', 'localhost', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
])('%s at %s shows as %s', async (client, servername, expected) => {
  expect(await handshake(client, servername)).toBe(expected)
})

describe('missing certificates', () => {
  const tls = { key: 'data/certs/gateway.key', cert: 'data/certs/gateway.pem', ca: 'data/certs/ca.pem' }
  const text = (paths: Record<string, string>) => regionText({ entrances: { mllps: { port: 0, tls: paths } } })

  test('are made once, also by two starts at a time, and the region then reads without a problem', async () => {
    const here = mkdtempSync(join(folder, 'region-'))
    const file = writeRegion(here, text(tls))
    expect((await readRegion(file, {})).problems.map(({ code }) => code)).toEqual(Array(3).fill('FILE_MISSING'))
    const both = await Promise.all([makeMissingCertificates(file), makeMissingCertificates(file)])
    expect(both.filter((path) => path !== null)).toEqual([join(here, 'data', 'certs')])
    expect(readdirSync(join(here, 'data'))).toEqual(['certs'])
    expect(existsSync(join(here, 'data', 'certs', 'receiver.pem'))).toBe(true)
    const { problems, node } = await readRegion(file, {})
    expect(problems).toEqual([])
    expect(node?.mllp[0]?.tls?.cert).toBe(readFileSync(join(here, tls.cert), 'utf8'))
    expect(await makeMissingCertificates(file)).toBeNull()
  })

  test('of other names are left to their owner', async () => {
    const here = mkdtempSync(join(folder, 'region-'))
    expect(await makeMissingCertificates(writeRegion(here, text({ ...tls, key: 'data/certs/own.key' })))).toBeNull()
    expect(await makeMissingCertificates(writeRegion(here, 'entrances: ['))).toBeNull()
    expect(readdirSync(here)).toEqual(['region.yaml'])
  })
})

const DAY_MS = 86_400_000
describe('TLS material that is wrong', () => {
  const cases: [name: string, tls: Record<string, string>, inDays: number, problems: string[]][] = [
    ['good', { key: 'pki/gateway.key', cert: 'pki/gateway.pem', ca: 'pki/ca.pem' }, 0, []],
    [
      'over',
      { key: 'pki/expired.key', cert: 'pki/expired.pem', ca: 'pki/ca.pem' },
      0,
      ['warning entrances.mllps.tls.cert CERTIFICATE_EXPIRED'],
    ],
    [
      'over in three years',
      { key: 'pki/gateway.key', cert: 'pki/gateway.pem', ca: 'pki/ca.pem' },
      1095,
      ['warning entrances.mllps.tls.cert CERTIFICATE_EXPIRED', 'warning entrances.mllps.tls.ca CERTIFICATE_EXPIRED'],
    ],
    [
      "another's key",
      { key: 'pki/ch-laval.key', cert: 'pki/gateway.pem', ca: 'pki/ca.pem' },
      0,
      ['error entrances.mllps.tls.key TLS_MATERIAL'],
    ],
    [
      'key and certificate swapped',
      { key: 'pki/gateway.pem', cert: 'pki/gateway.key', ca: 'pki/ca.pem' },
      0,
      ['error entrances.mllps.tls.key TLS_MATERIAL', 'error entrances.mllps.tls.cert TLS_MATERIAL'],
    ],
    [
      'a folder',
      { key: 'pki/gateway.key', cert: 'pki/gateway.pem', ca: 'pki' },
      0,
      ['error entrances.mllps.tls.ca FILE_MISSING'],
    ],
  ]
  test.each(cases)('%s', async (_name, tls, inDays, expected) => {
    const file = writeRegion(folder, regionText({ entrances: { mllps: { port: 0, tls } } }))
    const { problems } = await readRegion(file, {}, { nowMs: Date.now() + inDays * DAY_MS })
    expect(problems.map(({ severity, at, code }) => `${severity} ${at} ${code}`)).toEqual(expected)
  })
})
