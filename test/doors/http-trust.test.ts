import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Agent, fetch as undiciFetch } from 'undici'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Arrival } from '../../src/core/message.ts'
import { hl7Plugin } from '../../src/entrances/http/hl7.ts'
import { realClock } from '../support/peers/clock.ts'
import { acceptAll, order } from '../support/peers/messages.ts'
import { authority, type Identity } from '../support/peers/pki.ts'
import { callWeb } from '../support/peers/web-caller.ts'
import { LAVAL_KEY, OPERATOR_KEY, openWebDoor, type WebDoor, webRegion } from '../support/peers/web-door.ts'
import { missing } from '../support/world/needs.ts'

const ca = authority('CA ESSAI')
const foreign = authority('CA ESSAI')
const server = ca.issue('passerelle.region.test')
const laval = ca.issue('gam.ch-laval.test')
const stranger = ca.issue('stranger.test')
const people: Readonly<Record<string, Identity | null>> = {
  good: laval,
  stranger,
  none: null,
  expired: ca.issue('gam.ch-laval.test', { fromDays: -9, toDays: -1 }),
  early: ca.issue('gam.ch-laval.test', { fromDays: 1, toDays: 9 }),
  foreign: foreign.issue('gam.ch-laval.test'),
  'self-signed': authority('gam.ch-laval.test'),
}
const region = webRegion({ 'ch-laval': [{ issuer: ca.subject, subject: laval.subject }] })
const tls = { key: server.key, cert: server.cert, ca: ca.cert, crl: [] }
const folder = mkdtempSync(join(tmpdir(), 'passerelle-http-'))
beforeAll(() => {
  writeFileSync(join(folder, 'ca.pem'), ca.cert)
  writeFileSync(join(folder, 'good.pem'), laval.cert)
  writeFileSync(join(folder, 'good.key'), laval.key)
})
afterAll(() => rmSync(folder, { recursive: true }))

let door: WebDoor | null = null
let arrivals: Arrival[] = []
const agents: Agent[] = []
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.destroy()))
  await door?.entrance.close(0)
  door = null
  arrivals = []
})

async function open(more: Parameters<typeof openWebDoor>[1] = {}): Promise<WebDoor> {
  const accept = (arrival: Arrival) => {
    arrivals.push(arrival)
    return acceptAll(arrival)
  }
  const plugin = hl7Plugin({ accept, clock: realClock, meter: { count() {}, observe() {} } })
  door = await openWebDoor([plugin], { config: () => region, ...more, door: { tls, ...more.door } })
  return door
}

/** Posts a message as one of the people; the status, or the failure of the connection. */
async function post(who: string, headers: Record<string, string> = {}): Promise<number | string> {
  const files = people[who] ?? null
  const identity = files === null ? {} : { key: files.key, cert: files.cert }
  const agent = new Agent({
    connect: { ca: ca.cert, servername: '', checkServerIdentity: () => undefined, ...identity },
  })
  agents.push(agent)
  return undiciFetch(`${(door as WebDoor).url}/hl7`, {
    method: 'POST',
    body: order('M1'),
    headers: { 'content-type': 'application/hl7-v2', ...headers },
    dispatcher: agent,
  }).then(
    (answer) => answer.status,
    () => 'no connection',
  )
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

test.each<[who: string, headers: Record<string, string>, seen: number | string]>([
  ['good', {}, 200],
  ['good', bearer(LAVAL_KEY), 200],
  ['good', bearer('demo-chu-angers'), 403],
  ['good', bearer('wrong'), 401],
  ['good', bearer(OPERATOR_KEY), 403],
  ['stranger', {}, 403],
  ['stranger', bearer(LAVAL_KEY), 200],
  ['none', bearer(LAVAL_KEY), 'no connection'],
  ['expired', bearer(LAVAL_KEY), 'no connection'],
  ['early', {}, 'no connection'],
  ['foreign', {}, 'no connection'],
  ['self-signed', {}, 'no connection'],
])('mutual TLS: certificate %s, headers %o: %s', async (who, headers, seen) => {
  await open()
  expect(await post(who, headers)).toBe(seen)
  expect(arrivals.map(({ entrance, peer }) => [entrance, peer.establishment])).toEqual(
    seen === 200 ? [['https', 'ch-laval']] : [],
  )
})

const FORM = 'application/x-www-form-urlencoded'
test.each<[name: string, headers: Record<string, string>, seen: number]>([
  ['a page of another site', { 'content-type': FORM, 'sec-fetch-site': 'cross-site' }, 403],
  ['another host of the site', { 'content-type': 'text/plain', 'sec-fetch-site': 'same-site' }, 403],
  ['a page of another origin', { 'content-type': 'multipart/form-data; boundary=x', origin: 'https://evil.test' }, 403],
  ['a page of ours', { 'content-type': FORM, 'sec-fetch-site': 'same-origin' }, 415],
  ['a program', { 'content-type': FORM }, 415],
  ['what no page can send unasked', { 'sec-fetch-site': 'cross-site' }, 200],
])('a browser that shows a certificate by itself, asked by %s', async (_name, headers, seen) => {
  await open()
  expect(await post('good', headers)).toBe(seen)
})

test.each([
  ['expired', 'CERTIFICATE_EXPIRED', 'CERT_HAS_EXPIRED'],
  ['foreign', 'CERTIFICATE_FOREIGN', 'CN=gam.ch-laval.test'],
  ['none', 'CERTIFICATE_FOREIGN', 'none sent'],
])('a certificate that is %s is refused at the handshake, with a line that says which', async (who, code, said) => {
  const { notes } = await open()
  await post(who)
  expect((await notes.line('http.refused', code)).certificate).toContain(said)
  expect(notes.counted('door_limit_total', { door: 'https', code })).toBe(1)
})

test('an unmapped certificate is told apart in the log, with its name', async () => {
  const { notes } = await open()
  await post('stranger')
  const line = await notes.line('http.unauthorized', 'CERTIFICATE_UNMAPPED')
  expect(line.certificate).toContain('CN=stranger.test')
})

test('where no certificate is asked for, a key tells who calls', async () => {
  await open({ door: { clientCertificate: 'none' } })
  expect(await post('none')).toBe(401)
  expect(await post('none', bearer(LAVAL_KEY))).toBe(200)
})

test('a revision that drops the certificate holds from the next request on', async () => {
  let running = region
  const { port } = await open({ config: () => running })
  const caller = await callWeb(port, { ca: ca.cert, key: laval.key, cert: laval.cert })
  const message = order('M1')
  const request = `POST /hl7 HTTP/1.1\r\nHost: x\r\nContent-Type: application/hl7-v2\r\nContent-Length: ${message.length}\r\n\r\n`
  const ask = async () => {
    caller.write(Buffer.concat([Buffer.from(request), message]))
    return (await caller.answer())?.status
  }
  expect(await ask()).toBe(200)
  running = { ...webRegion(), revision: 2 }
  expect(await ask()).toBe(403)
  caller.destroy()
})

test('a renewed certificate is shown to who comes next, and nobody is dropped', async () => {
  const { entrance, port } = await open()
  const before = await callWeb(port, { ca: ca.cert, key: laval.key, cert: laval.cert })
  const renewed = ca.issue('renewed.region.test')
  entrance.renew?.({ ...tls, key: renewed.key, cert: renewed.cert })
  const after = await callWeb(port, { ca: ca.cert, key: laval.key, cert: laval.cert })
  expect((after.socket as import('node:tls').TLSSocket).getPeerCertificate().subject.CN).toBe('renewed.region.test')
  before.write('GET /hl7 HTTP/1.1\r\nHost: x\r\n\r\n')
  expect((await before.answer())?.status).toBe(405)
  before.destroy()
  after.destroy()
  expect(() => entrance.renew?.({ ...tls, key: 'no key' })).toThrow('cannot be read')
})

test.each([
  ['a plain door beyond this machine', { tls: null, host: '0.0.0.0' }],
  ['a key that is none', { tls: { ...tls, key: 'no key' } }],
])('%s does not open', async (_name, wanted) => {
  await expect(openWebDoor([], { door: wanted })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

const noOpenssl = missing('openssl', ['version'])
test.skipIf(noOpenssl !== null).each([['-tls1_2'], ['-tls1_3']])(
  `openssl ${noOpenssl === null ? '' : `(skipped: ${noOpenssl})`}: with %s no session is resumed, so that no certificate goes unseen`,
  async (version) => {
    const { port } = await open()
    const session = join(folder, `session${version}`)
    const common = [
      ...['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', join(folder, 'ca.pem'), version, '-ign_eof'],
      ...['-cert', join(folder, 'good.pem'), '-key', join(folder, 'good.key')],
    ]
    const ask = async (...args: string[]): Promise<string> => {
      const program = spawn('openssl', [...common, ...args], { stdio: 'pipe' })
      let output = ''
      program.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString('latin1')))
      program.stdin.end('GET /hl7 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      await once(program, 'close')
      return output
    }
    expect(await ask('-sess_out', session)).toContain('HTTP/1.1 405')
    const again = await ask('-sess_in', session)
    expect(again).toContain('HTTP/1.1 405')
    expect(again).not.toContain('Reused, ')
  },
)

test.skipIf(noOpenssl !== null)(
  `openssl ${noOpenssl === null ? '' : `(skipped: ${noOpenssl})`}: versions below 1.2 are not spoken`,
  async () => {
    const { port } = await open()
    const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0']
    await expect(promisify(execFile)('openssl', args, { timeout: 5_000 })).rejects.toThrow()
  },
)

const noCurl = missing('curl', ['--version'])
test.skipIf(noCurl !== null)(`curl with a certificate${noCurl === null ? '' : ` (skipped: ${noCurl})`}`, async () => {
  const { port } = await open()
  const { stdout } = await promisify(execFile)('curl', [
    ...['--silent', '--show-error', '--fail', '--cacert', join(folder, 'ca.pem'), '--insecure'],
    ...['--cert', join(folder, 'good.pem'), '--key', join(folder, 'good.key')],
    ...['--header', 'Content-Type: application/hl7-v2', '--data-binary', order('CURL').toString('latin1')],
    `https://127.0.0.1:${port}/hl7`,
  ])
  expect(stdout).toContain('MSA|AA|CURL')
})
