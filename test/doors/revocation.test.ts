import { once } from 'node:events'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import type { TlsFiles } from '../../src/core/config.ts'
import { pemCertificates, readRevocationLists } from '../../src/formats/x509/revocation-list.ts'
import { dial } from '../../src/senders/dial.ts'
import { realClock } from '../support/peers/clock.ts'
import { revocationList } from '../support/peers/crl.ts'
import { configOf, type OpenDoor, openDoor } from '../support/peers/door.ts'
import { order } from '../support/peers/messages.ts'
import { authority, type Identity } from '../support/peers/pki.ts'
import { missing } from '../support/world/needs.ts'

const HOUR_MS = 3_600_000
const HELLO = Buffer.concat([Buffer.from([0x0b]), order('M1'), Buffer.from([0x1c, 0x0d])])
const why = missing('openssl', ['version'])
const here = why === null ? '' : ` (skipped: ${why})`

const ca = authority('CA ESSAI')
const other = authority('CA AUTRE')
const server = ca.issue('passerelle.region.test')
const good = ca.issue('gam.ch-laval.test')
const revoked = ca.issue('gam.ch-laval.test')
const mapped = { 'ch-laval': [{ issuer: ca.subject, subject: good.subject }] }

let door: OpenDoor | null = null
afterEach(async () => {
  await door?.entrance.close(0)
  door = null
})

const list = (nextMs: number, signer: Identity = ca) => revocationList(signer, [revoked], nextMs)
const files = (crl: string[], crlStale?: 'warn' | 'refuse'): TlsFiles => ({
  key: server.key,
  cert: server.cert,
  ca: ca.cert,
  crl,
  ...(crlStale && { crlStale }),
})

/** Is this peer let in? Else the rule that the door names in its log. */
async function met(tls: TlsFiles, peer: Identity): Promise<string> {
  door = await openDoor({ tls, config: () => configOf(1, mapped) })
  return meet(door, peer)
}

async function meet({ port, notes, entrance }: OpenDoor, peer: Identity): Promise<string> {
  const identity = { key: peer.key, cert: peer.cert, ca: ca.cert }
  const socket = connect({ host: '127.0.0.1', port, ...identity, checkServerIdentity: () => undefined })
  socket.on('error', () => {})
  socket.write(HELLO)
  const answered = await Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)])
  socket.destroy()
  while (entrance.connections() > 0) await new Promise<void>((resolve) => setImmediate(resolve))
  if (answered) return 'in'
  const line = notes.lines.findLast(({ event }) => event === 'mllp.refused')
  return /\(([A-Z_]+)\)$/.exec(line?.certificate ?? '')?.[1] ?? String(line?.code)
}

const FRESH = () => list(Date.now() + HOUR_MS)
const STALE = () => list(Date.now() - HOUR_MS)
const FOREIGN = () => list(Date.now() + HOUR_MS, other)

test
  .skipIf(why !== null)
  .each<[name: string, crl: () => string, policy: 'refuse' | 'warn', peer: Identity, seen: string]>([
    ['fresh list', FRESH, 'refuse', good, 'in'],
    ['fresh list', FRESH, 'refuse', revoked, 'CERT_REVOKED'],
    ['stale list', STALE, 'refuse', good, 'CRL_HAS_EXPIRED'],
    ['stale list', STALE, 'warn', good, 'in'],
    ['stale list', STALE, 'warn', revoked, 'CERT_REVOKED'],
    ['fresh list', FRESH, 'warn', revoked, 'CERT_REVOKED'],
    ['list of another authority', FOREIGN, 'refuse', good, 'UNABLE_TO_GET_CRL'],
    ['list of another authority', FOREIGN, 'warn', good, 'UNABLE_TO_GET_CRL'],
  ])(`a %s${here}, %#`, async (_name, crl, policy, peer, seen) => {
  expect(await met(files([crl()], policy), peer)).toBe(seen)
})

test.skipIf(why !== null)(`lists of several authorities, one after the other in a file${here}`, async () => {
  expect(await met(files([`${FOREIGN()}${STALE()}`], 'warn'), revoked)).toBe('CERT_REVOKED')
})

test.skipIf(why !== null)(
  `a list renewed while the door is open holds from the next connection on${here}`,
  async () => {
    door = await openDoor({ tls: files([STALE()]), config: () => configOf(1, mapped) })
    expect(await meet(door, good)).toBe('CRL_HAS_EXPIRED')
    door.entrance.renew?.(files([FRESH()]))
    expect(await meet(door, good)).toBe('in')
    door.entrance.renew?.(files([revocationList(ca, [good], Date.now() + HOUR_MS)]))
    expect(await meet(door, good)).toBe('CERT_REVOKED')
    expect(() => door?.entrance.renew?.({ ...files([]), key: 'nothing' })).toThrow('TLS file')
    expect(await meet(door, good)).toBe('CERT_REVOKED')
  },
)

test('a certificate renewed while the door is open: open connections stay, new ones see it', async () => {
  const next = ca.issue('passerelle.nouvelle.test')
  door = await openDoor({ tls: files([]), config: () => configOf(1, mapped) })
  const options = {
    host: '127.0.0.1',
    port: door.port,
    key: good.key,
    cert: good.cert,
    ca: ca.cert,
    checkServerIdentity: () => undefined,
  }
  const name = (socket: TLSSocket) => String(socket.getPeerCertificate().subject.CN)
  const first = connect(options)
  await once(first, 'secureConnect')
  door.entrance.renew?.({ ...files([]), key: next.key, cert: next.cert })
  const second = connect(options)
  await once(second, 'secureConnect')
  expect([name(first), name(second)]).toEqual(['passerelle.region.test', 'passerelle.nouvelle.test'])
  first.write(HELLO)
  await once(first, 'data')
  first.destroy()
  second.destroy()
})

describe('towards a destination', () => {
  test.skipIf(why !== null).each<[string, () => string, 'refuse' | 'warn', Identity, string]>([
    ['fresh', FRESH, 'refuse', good, 'in'],
    ['fresh', FRESH, 'refuse', revoked, 'CERT_REVOKED'],
    ['stale', STALE, 'refuse', good, 'CRL_HAS_EXPIRED'],
    ['stale', STALE, 'warn', good, 'in'],
    ['stale', STALE, 'warn', revoked, 'CERT_REVOKED'],
  ])(`a %s list${here}, %#`, async (_name, crl, policy, far, seen) => {
    const listener = createServer({ key: far.key, cert: far.cert })
    listener.on('tlsClientError', () => {})
    listener.on('secureConnection', (socket) => socket.on('error', () => {}))
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    onTestFinished(() => void listener.close())
    const { port } = listener.address() as { port: number }
    const address = { host: '127.0.0.1', port, secure: true, tls: files([crl()], policy) }
    const dialled = await dial(address, realClock, new AbortController().signal)
    if (dialled.ok) dialled.socket.destroy()
    expect(dialled.ok ? 'in' : dialled.fault).toBe(seen)
  })
})

describe('reading a list', () => {
  test.skipIf(why !== null)(`tells times, serials and whose it is${here}`, () => {
    const nextMs = Math.floor(Date.now() / 1000) * 1000 + HOUR_MS
    const [read] = readRevocationLists(revocationList(ca, [revoked, good], nextMs))
    expect(read).toMatchObject({ nextUpdateMs: nextMs, thisUpdateMs: nextMs - 24 * HOUR_MS })
    const serials = [revoked, good].flatMap(({ cert }) => pemCertificates(cert)).map(({ serialNumber }) => serialNumber)
    expect([...read!.revoked].sort()).toEqual(serials.sort())
    const [mine, theirs] = [ca, other].flatMap(({ cert }) => pemCertificates(cert))
    expect([read!.isOf(mine!), read!.isOf(theirs!)]).toEqual([true, false])
    // The same name with another key signs nothing of ours.
    expect(read!.isOf(pemCertificates(authority('CA ESSAI').cert)[0]!)).toBe(false)
  })

  test.skipIf(why !== null)(
    `cut anywhere or with any byte changed it throws a RangeError or reads, and never hangs${here}`,
    () => {
      const der = Buffer.from(FRESH().replace(/-----[^-]+-----|\s/g, ''), 'base64')
      const pem = (bytes: Buffer) => `-----BEGIN X509 CRL-----\n${bytes.toString('base64')}\n-----END X509 CRL-----\n`
      const wrong: unknown[] = []
      for (let at = 0; at < der.length; at++) {
        const changed = Buffer.from(der)
        changed[at] = changed[at]! ^ 0xff
        for (const bytes of [der.subarray(0, at), changed]) {
          try {
            readRevocationLists(pem(bytes))
          } catch (fault) {
            if (!(fault instanceof RangeError)) wrong.push([at, fault])
          }
        }
      }
      expect(wrong).toEqual([])
    },
  )

  test.each(['', 'nothing', '-----BEGIN X509 CRL-----\n-----END X509 CRL-----'])('no list in %j', (text) => {
    expect(() => readRevocationLists(text)).toThrow(RangeError)
  })
})
