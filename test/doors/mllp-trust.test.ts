import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Config } from '../../src/core/config.ts'
import type { Arrival } from '../../src/core/message.ts'
import { manualClock } from '../support/peers/clock.ts'
import { configOf, type OpenDoor, openDoor } from '../support/peers/door.ts'
import { acceptAll, msa, order } from '../support/peers/messages.ts'
import { authority, type Identity } from '../support/peers/pki.ts'
import { missing } from '../support/world/needs.ts'

const ca = authority('CA ESSAI')
const foreign = authority('CA ESSAI')
const server = ca.issue('passerelle.region.test')
const laval = ca.issue('gam.ch-laval.test')
const people: Record<string, Identity | null> = {
  good: laval,
  none: null,
  expired: ca.issue('gam.ch-laval.test', { fromDays: -9, toDays: -1 }),
  early: ca.issue('gam.ch-laval.test', { fromDays: 1, toDays: 9 }),
  foreign: foreign.issue('gam.ch-laval.test'),
  'self-signed': authority('gam.ch-laval.test'),
  unmapped: ca.issue('stranger.test'),
}
const mapped = { 'ch-laval': [{ issuer: ca.subject, subject: laval.subject }] }
const files = { key: server.key, cert: server.cert, ca: ca.cert, crl: [] }
const folder = mkdtempSync(join(tmpdir(), 'passerelle-doors-'))
afterAll(() => rmSync(folder, { recursive: true }))
beforeAll(() => {
  writeFileSync(join(folder, 'ca.pem'), ca.cert)
  for (const [name, identity] of Object.entries(people)) {
    if (identity === null) continue
    writeFileSync(join(folder, `${name}.pem`), identity.cert)
    writeFileSync(join(folder, `${name}.key`), identity.key)
  }
})

let door: OpenDoor | null = null
let arrivals: Arrival[] = []
afterEach(async () => {
  await door?.entrance.close(0)
  door = null
  arrivals = []
})

async function open(options: Parameters<typeof openDoor>[0] = {}): Promise<OpenDoor> {
  const accept = (arrival: Arrival) => {
    arrivals.push(arrival)
    return acceptAll(arrival)
  }
  door = await openDoor({ accept, tls: files, config: () => configOf(1, mapped), ...options })
  return door
}

/** openssl s_client with these arguments and this input; its output when the connection has ended. */
async function openssl(port: number, input: Uint8Array, ...args: string[]): Promise<string> {
  const program = spawn(
    'openssl',
    ['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', join(folder, 'ca.pem'), ...args],
    { stdio: 'pipe' },
  )
  let output = ''
  const answered = new Promise<void>((resolve) => {
    program.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('latin1')
      if (output.includes('\x1c\r')) resolve()
    })
    program.once('close', () => resolve())
  })
  program.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('latin1')))
  program.stdin.on('error', () => {})
  const closed = once(program, 'close')
  program.stdin.write(input)
  await answered
  program.stdin.end()
  await closed
  return output
}

const framed = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([0x0b]), bytes, Buffer.from([0x1c, 0x0d])])
const withCertificate = (name: string): string[] =>
  people[name] ? ['-cert', join(folder, `${name}.pem`), '-key', join(folder, `${name}.key`)] : []

const noOpenssl = missing('openssl', ['version'])
const named = noOpenssl === null ? '' : ` (skipped: ${noOpenssl})`

test.skipIf(noOpenssl !== null).each([['-tls1_2'], ['-tls1_3']])(
  `openssl ${named}: a declared certificate names the establishment (%s)`,
  async (version) => {
    const { port } = await open()
    const output = await openssl(
      port,
      framed(order('M1')),
      '-quiet',
      '-no_ign_eof',
      version,
      ...withCertificate('good'),
    )
    expect(output).toContain('MSA|AA|M1')
    expect(arrivals.map(({ entrance, peer }) => [entrance, peer.establishment])).toEqual([['mllps', 'ch-laval']])
  },
)

test.skipIf(noOpenssl !== null).each([
  ['none', 'CERTIFICATE_FOREIGN', /^none sent$/],
  ['expired', 'CERTIFICATE_EXPIRED', /^subject CN=gam\.ch-laval\.test,.*CERT_HAS_EXPIRED/],
  ['early', 'CERTIFICATE_EXPIRED', /CERT_NOT_YET_VALID/],
  ['foreign', 'CERTIFICATE_FOREIGN', /^subject CN=gam\.ch-laval\.test,O=REGION\\, ESSAI,C=FR issuer CN=CA ESSAI/],
  ['self-signed', 'CERTIFICATE_FOREIGN', /\((INVALID_PURPOSE|DEPTH_ZERO_SELF_SIGNED_CERT)\)/],
  ['unmapped', 'CERTIFICATE_UNMAPPED', /^subject CN=stranger\.test,O=REGION\\, ESSAI,C=FR issuer CN=CA ESSAI,[^(]*$/],
])(`openssl ${named}: a certificate that is %s is refused with %s and says whose`, async (name, code, whose) => {
  const { port, notes, entrance } = await open()
  for (const version of ['-tls1_2', '-tls1_3']) {
    const output = await openssl(port, framed(order('M1')), '-quiet', '-no_ign_eof', version, ...withCertificate(name))
    expect(output).not.toContain('MSA|')
  }
  const line = await notes.line('mllp.refused', code)
  expect(line).toMatchObject({ entrance: 'mllps', code, certificate: expect.stringMatching(whose) })
  expect(line.peer).toMatch(/^127\.0\.0\.1:\d+$/)
  expect(notes.counted('door_limit_total', { door: 'mllps', code })).toBe(2)
  expect(arrivals).toEqual([])
  while (entrance.connections() > 0) await new Promise<void>((resolve) => setImmediate(resolve))
})

test.skipIf(noOpenssl !== null).each(['AES128-GCM-SHA256', 'ECDHE-RSA-AES128-SHA256', 'ECDHE-RSA-AES256-SHA'])(
  `openssl ${named}: %s, whose keys or integrity are weaker, is not spoken`,
  async (cipher) => {
    const { port, notes } = await open()
    await openssl(port, framed(order('M1')), '-quiet', '-tls1_2', '-cipher', cipher, ...withCertificate('good'))
    await notes.line('mllp.refused', 'TLS_FAILED')
    expect(arrivals).toEqual([])
  },
)

test.skipIf(noOpenssl !== null)(`openssl ${named}: TLS 1.1 is not spoken`, async () => {
  const { port, notes } = await open()
  await openssl(
    port,
    framed(order('M1')),
    '-quiet',
    '-tls1_1',
    '-cipher',
    'DEFAULT@SECLEVEL=0',
    ...withCertificate('good'),
  )
  await notes.line('mllp.refused', 'TLS_FAILED')
  expect(arrivals).toEqual([])
})

test.skipIf(noOpenssl !== null).each([['-tls1_2'], ['-tls1_3']])(
  `openssl ${named}: a session is never resumed (%s)`,
  async (version) => {
    const { port } = await open()
    const session = join(folder, `session${version}`)
    const good = withCertificate('good')
    await openssl(port, framed(order('M1')), '-no_ign_eof', version, '-sess_out', session, ...good)

    // TLS 1.3 gives the client nothing to resume with: then openssl wrote no file.
    const resume = existsSync(session) ? ['-sess_in', session] : []
    const again = await openssl(port, framed(order('M2')), '-no_ign_eof', version, ...resume, ...good)
    expect(again).toContain('MSA|AA|M2')
    expect(again).toMatch(/^New, TLS/m)
  },
)

test('a new revision that no longer declares the certificate holds from the next message on', async () => {
  let config: Config = configOf(1, mapped)
  const { call, notes } = await open({ config: () => config })
  const caller = await call({ ca: ca.cert, ...laval })
  caller.post(order('M1'))
  expect(msa((await caller.answer())!)).toBe('AA|M1')
  config = configOf(2, { 'chu-angers': mapped['ch-laval'] })
  caller.post(order('M2'))
  expect(msa((await caller.answer())!)).toBe('AA|M2')
  config = configOf(3, {})
  caller.post(order('M3'))
  expect(await caller.answer()).toBeNull()
  await caller.gone
  expect(arrivals.map(({ peer }) => peer.establishment)).toEqual(['ch-laval', 'chu-angers'])
  expect(await notes.line('mllp.refused')).toMatchObject({ code: 'CERTIFICATE_UNMAPPED' })
})

test('a handshake that does not come is cut at its limit, and counted as a connection until then', async () => {
  const clock = manualClock()
  const { port, notes, entrance, call } = await open({ clock, limits: { maxConnections: 1 } })
  const silent = connectTcp(port, '127.0.0.1')
  silent.on('error', () => {})
  const gone = once(silent, 'close')
  await once(silent, 'connect')
  silent.resume()
  await expect(call({ ca: ca.cert, ...laval })).rejects.toThrow()
  expect(entrance.connections()).toBe(1)
  clock.advance(10_000)
  expect(notes.counted('door_limit_total', { code: 'HANDSHAKE_TIMEOUT' })).toBe(0)
  clock.advance(1_000)
  await gone
  expect(await notes.line('mllp.limit')).toMatchObject({
    code: 'HANDSHAKE_TIMEOUT',
    peer: expect.stringMatching(/:\d+$/),
  })
  while (entrance.connections() > 0) await new Promise<void>((resolve) => setImmediate(resolve))
})

test('after the handshake an identified peer may be silent for the idle limit', async () => {
  const clock = manualClock()
  const { notes, call } = await open({ clock })
  const caller = await call({ ca: ca.cert, ...laval })
  caller.post(order('M1'))
  await caller.answer()
  clock.advance(1_799_000)
  expect(notes.counted('door_limit_total')).toBe(0)
  clock.advance(3_000)
  await caller.gone
  expect(await notes.line('mllp.limit')).toMatchObject({ code: 'IDLE_TIMEOUT', establishment: 'ch-laval' })
})

test('a drain also ends connections still in their handshake', async () => {
  const { port, entrance } = await open()
  const silent = connectTcp(port, '127.0.0.1')
  silent.on('error', () => {})
  await once(silent, 'connect')
  while (entrance.connections() === 0) await new Promise<void>((resolve) => setImmediate(resolve))
  const gone = once(silent.resume(), 'close')
  await entrance.close(20_000)
  await gone
})

test.each([
  ['key', { key: 'none' }],
  ['certificate', { cert: 'none' }],
])('an unusable %s is CONFIG_INVALID when the door opens', async (_what, wrong) => {
  await expect(open({ tls: { ...files, ...wrong } })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})
