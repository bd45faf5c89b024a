import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { TlsFiles } from '../../src/core/config.ts'
import type { Endpoint } from '../../src/core/probes.ts'
import { revocationList } from '../support/peers/crl.ts'
import { authority, type Identity } from '../support/peers/pki.ts'
import { type SServerSpec, sServer } from '../support/peers/s-server.ts'
import { missing } from '../support/world/needs.ts'
import { asked, endpointOf, expiringClock, words } from './asking.ts'

const HOUR_MS = 3_600_000
const why = missing('openssl', ['version'])
const here = why === null ? '' : ` (skipped: ${why})`

const ca = authority('RACINE ESSAI')
const middle = ca.below('INTERMEDIAIRE ESSAI')
const other = authority('RACINE AUTRE', 'AILLEURS')
/** The same name with another key. */
const twin = authority('RACINE ESSAI')
const us = ca.issue('passerelle.region.test')
const good = ca.issue('gam.ch-laval.test', { host: 'localhost' })
const STRICT = ['-cipher', 'ECDHE+AESGCM', '-min_protocol', 'TLSv1.2']
const ANY = ['-cipher', 'ALL:@SECLEVEL=0']

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const files = (more: Partial<TlsFiles> = {}): TlsFiles => ({
  key: us.key,
  cert: us.cert,
  ca: ca.cert,
  crl: [],
  ...more,
})
const at = (port: number, tls: TlsFiles | null = files(), host = 'localhost'): Endpoint =>
  endpointOf({ type: 'mllp', host, port, tls }, 'production')
const fresh = (revoked: readonly Identity[] = [], signer: Identity = ca) =>
  revocationList(signer, revoked, Date.now() + HOUR_MS)
const stale = (revoked: readonly Identity[] = []) => revocationList(ca, revoked, Date.now() - HOUR_MS)

interface Row {
  readonly server?: Partial<SServerSpec>
  readonly settings?: Readonly<Record<string, unknown>>
  readonly tls?: () => TlsFiles
  readonly host?: string
}
const ROWS: readonly (readonly [name: string, row: Row, faults: readonly string[]])[] = [
  [
    'all is well',
    {
      server: { clients: ca.cert },
      settings: { mutual: true, revocation: true, offers: 'TLSv1.3', daysLeft: 5 },
      tls: () => files({ crl: [fresh()] }),
    },
    [],
  ],
  [
    'all is well with TLS 1.2 alone',
    { server: { clients: ca.cert, options: [...STRICT, '-tls1_2'] }, settings: { mutual: true } },
    [],
  ],
  ['an address instead of a name', { host: '127.0.0.1' }, []],
  [
    'TLS 1.0 and 1.1 are accepted',
    { server: { options: ['-cipher', 'ECDHE+AESGCM:ECDHE-RSA-AES128-SHA:@SECLEVEL=0', '-min_protocol', 'TLSv1'] } },
    ['TLS_OLD_ACCEPTED', 'TLS_OLD_ACCEPTED', 'TLS_WEAK_SUITE'],
  ],
  ['TLS 1.1 is all there is', { server: { options: [...ANY, '-tls1_1'] } }, ['TLS_OLD_ONLY', 'TLS_OLD_ACCEPTED']],
  ['weak suites', { server: { options: ['-min_protocol', 'TLSv1.2'] } }, ['TLS_WEAK_SUITE']],
  [
    'no TLS 1.3',
    { server: { options: [...STRICT, '-tls1_2'] }, settings: { offers: 'TLSv1.3' } },
    ['TLS_VERSION_LACKING'],
  ],
  [
    'the intermediate is sent',
    { server: { identity: middle.issue('x', { host: 'localhost' }), chain: middle.cert } },
    [],
  ],
  [
    'the intermediate is not sent',
    { server: { identity: middle.issue('x', { host: 'localhost' }) } },
    ['CHAIN_INCOMPLETE'],
  ],
  ['of another authority', { server: { identity: other.issue('x', { host: 'localhost' }) } }, ['CHAIN_FOREIGN']],
  [
    'of another authority, root and all',
    { server: { identity: other.issue('x', { host: 'localhost' }), chain: other.cert } },
    ['CHAIN_FOREIGN'],
  ],
  [
    'of an authority of the same name',
    { server: { identity: twin.issue('x', { host: 'localhost' }) } },
    ['CHAIN_FOREIGN'],
  ],
  ['signed by itself', { server: { identity: other }, host: '127.0.0.1' }, ['CERTIFICATE_SELF_SIGNED']],
  [
    'expired',
    { server: { identity: ca.issue('x', { host: 'localhost', fromDays: -9, toDays: -1 }) } },
    ['CERTIFICATE_EXPIRED'],
  ],
  ['not yet valid', { server: { identity: ca.issue('x', { host: 'localhost', fromDays: 1 }) } }, ['CERTIFICATE_EARLY']],
  ['expires soon', { settings: { daysLeft: 30 } }, ['CERTIFICATE_EXPIRES']],
  ['revoked', { tls: () => files({ crl: [fresh([good])] }) }, ['CERTIFICATE_REVOKED']],
  [
    'revoked, by a list past its time',
    { tls: () => files({ crl: [stale([good])], crlStale: 'warn' }) },
    ['CERTIFICATE_REVOKED', 'REVOCATION_STALE'],
  ],
  ['a list past its time', { tls: () => files({ crl: [stale()] }) }, ['REVOCATION_STALE']],
  [
    'a list past its time that is let pass',
    { tls: () => files({ crl: [stale()], crlStale: 'warn' }) },
    ['REVOCATION_STALE'],
  ],
  ['a list of another authority', { tls: () => files({ crl: [fresh([], other)] }) }, ['REVOCATION_UNKNOWN']],
  ['no list where one is asked', { settings: { revocation: true } }, ['REVOCATION_UNKNOWN']],
  ['another name', { server: { identity: ca.issue('x', { host: 'ailleurs.test' }) } }, ['HOST_OTHER']],
  [
    'expired, revoked and of another name',
    { server: { identity: ca.issue('x', { host: 'ailleurs.test', fromDays: -9, toDays: -1 }) } },
    ['CERTIFICATE_EXPIRED', 'HOST_OTHER'],
  ],
  ['no client certificate asked', { settings: { mutual: true } }, ['CLIENT_NOT_ASKED']],
  [
    'no client certificate asked, TLS 1.3 alone',
    { server: { options: [...STRICT, '-tls1_3'] }, settings: { mutual: true } },
    ['CLIENT_NOT_ASKED'],
  ],
  [
    'TLS 1.3 alone, and mutual',
    { server: { clients: ca.cert, options: [...STRICT, '-tls1_3'] }, settings: { mutual: true } },
    [],
  ],
  ['our certificate is refused', { server: { clients: other.cert } }, ['CLIENT_REFUSED']],
  [
    'our certificate is refused by TLS 1.2',
    { server: { clients: other.cert, options: [...STRICT, '-tls1_2'] } },
    ['CLIENT_REFUSED'],
  ],
  [
    'a small key',
    {
      server: {
        identity: ca.issue('x', { host: 'localhost', bits: 1024 }),
        options: ['-cipher', 'ECDHE+AESGCM:@SECLEVEL=0'],
      },
    },
    ['KEY_SMALL'],
  ],
  ['a larger key is asked', { settings: { rsaBits: 3072 } }, ['KEY_SMALL', 'KEY_SMALL']],
  [
    'signed with SHA-1',
    {
      server: {
        identity: ca.issue('x', { host: 'localhost', hash: 'sha1' }),
        options: ['-cipher', 'ECDHE+AESGCM:@SECLEVEL=0'],
      },
    },
    ['SIGNATURE_WEAK'],
  ],
]

test.skipIf(why !== null).each(ROWS)(
  `openssl s_server${here}: %s`,
  async (_name, { server, settings, tls, host }, faults) => {
    const far = await sServer({ identity: good, options: STRICT, ...server })
    closing.push(() => far.end())
    const result = await asked(at(far.port, tls?.() ?? files(), host), 'tls', settings)
    expect(words(result)).toEqual(faults)
    expect(result.outcome).toBe(faults.length === 0 ? 'pass' : 'fail')
  },
)

test.skipIf(why !== null)(`facts are told${here}`, async () => {
  const far = await sServer({ identity: good, options: STRICT })
  closing.push(() => far.end())
  const { facts } = await asked(at(far.port), 'tls')
  expect(facts).toMatchObject({
    tls: 'TLSv1.3',
    suite: 'TLS_AES_256_GCM_SHA384',
    subject: 'gam.ch-laval.test',
    issuer: 'RACINE ESSAI',
  })
  expect(Math.round((facts.certificateEndMs! - Date.now()) / HOUR_MS / 24)).toBe(10)
})

describe('no TLS to look at', () => {
  async function listen(welcome: (socket: Socket) => void): Promise<number> {
    const open = new Set<Socket>()
    const server: Server = createServer((socket) => {
      open.add(socket)
      socket.on('error', () => {})
      welcome(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => {
      for (const socket of open) socket.destroy()
      server.close()
    })
    return (server.address() as AddressInfo).port
  }

  type Says = (socket: Socket, enough: () => void) => void
  test.each<[string, Says, string]>([
    ['speaks in the clear', (socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'NOT_TLS'],
    ['hangs up', (socket) => void socket.destroy(), 'TLS_FAILED'],
    ['says nothing', (socket, enough) => void socket.on('data', enough), 'NO_ANSWER'],
    [
      'never ends its first record',
      (socket, enough) => void socket.on('data', () => socket.write(Buffer.from([0x16, 3, 3, 0x3f, 0xff, 2]), enough)),
      'NO_ANSWER',
    ],
  ])('a far side that %s', async (_name, says, fault) => {
    const clock = expiringClock()
    const port = await listen((socket) => says(socket, () => clock.expire()))
    expect(words(await asked(at(port), 'tls', {}, { clock }))).toEqual([fault])
  })

  test('nobody listens', async () => {
    const port = await listen(() => {})
    for (const close of closing.splice(0)) await close()
    const result = await asked(at(port, files(), '127.0.0.1'), 'tls')
    expect(result).toMatchObject({ outcome: 'unreachable', faults: [{ params: { reason: 'ECONNREFUSED' } }] })
  })

  test('it is declared without TLS, and nothing is asked', async () => {
    expect(words(await asked(at(1, null), 'tls'))).toEqual(['NO_TLS'])
  })

  test('our own files are no use', async () => {
    const port = await listen((socket) => void socket.resume())
    expect(words(await asked(at(port, files({ key: 'no key' })), 'tls'))).toEqual(['OWN_FILES'])
  })
})
