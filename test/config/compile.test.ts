import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeCertificates } from '../../src/app/certs.ts'
import { compileConfig, readRegion } from '../../src/app/config/index.ts'
import { canonical } from '../../src/app/config/shared.ts'
import { GatewayError } from '../../src/core/errors.ts'
import { configOf, regionText, type Written, writeRegion } from '../support/region.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hospital = (parts: Written) => ({ id: 'h', name: 'H', kind: 'hospital', ...parts })
const destination = (parts: Written = {}) => ({ type: 'mllp', host: 'h', port: 1, ...parts })

/** The shared JSON of a region with one hospital, or of `parts`. */
async function sharedOf(parts: Written): Promise<string> {
  const { shared, problems } = await readRegion(writeRegion(folder, regionText({ routes: [], ...parts })), {})
  expect(problems).toEqual([])
  return shared!
}

test('a region of a name alone is a region: whatever may be absent may be absent together', async () => {
  const { config } = await configOf(writeRegion(folder, '{"region":{"name":"X"}}'))
  expect([config.region.name, config.establishments.size, config.routes.length]).toEqual(['X', 0, 0])
})

describe('defaults, in ms and bytes', () => {
  test('of a destination', async () => {
    const text = regionText({ routes: [], establishments: [hospital({ destinations: { dpi: destination() } })] })
    const { config } = await configOf(writeRegion(folder, text))
    expect(config.destinations.get('h/dpi')).toEqual({
      id: 'h/dpi',
      establishment: 'h',
      use: 'production',
      target: { type: 'mllp', host: 'h', port: 1, tls: null },
      maxInFlight: 1,
      urgentInFlight: 1,
      timeoutMs: 30_000,
      retry: { firstMs: 1_000, factor: 2, maxMs: 300_000, expiresMs: 604_800_000 },
      order: 'patient',
      onUnknown: 'resend',
      onRefused: 'continue',
      ackPolicy: {},
    })
  })
  test('of an establishment', async () => {
    const { config } = await configOf(writeRegion(folder, regionText({ routes: [], establishments: [hospital({})] })))
    expect(config.establishments.get('h')).toEqual({
      ...hospital({}),
      finess: { ej: null, eg: [] },
      strict: false,
      charset: '8859/15',
      facilities: [],
      certificates: [],
      keys: [],
      clients: [],
      answersTo: null,
      sendsFor: [],
      ackPolicy: {},
    })
    expect(config.retention).toEqual({
      closedMs: 2_592_000_000,
      refusedMs: 604_800_000,
      visitsMs: 34_560_000_000,
      auditMs: 189_216_000_000,
      refusedMaxBytes: 1_073_741_824,
      ordersMs: 34_560_000_000,
    })
  })
  test('of a node', async () => {
    const text = regionText({ entrances: { mllp: { port: 2575 }, http: { port: 8080 } }, store: {} })
    const { node } = await configOf(writeRegion(folder, text))
    expect(node).toEqual({
      mllp: [
        {
          name: 'mllp',
          host: '127.0.0.1',
          port: 2575,
          allowPlain: false,
          tls: null,
          limits: {
            maxFrameBytes: 16_777_216,
            handshakeMs: 10_000,
            idleMs: 1_800_000,
            gapMs: 30_000,
            minBytesPerSecond: 100,
            rateGraceMs: 10_000,
            maxJunkBytes: 1_024,
            maxConnections: 1_024,
            maxConnectionsPerPeer: 256,
            budgetBytes: 268_435_456,
          },
        },
      ],
      mail: [],
      http: [{ name: 'http', host: '127.0.0.1', port: 8080, allowPlain: false, tls: null, maxBodyBytes: 20_971_520 }],
      minFreeBytes: 2_147_483_648,
      images: { folder: null, maxBytes: 21_474_836_480 },
      drainMs: 10_000,
    })
  })
})

describe('what is written is what is meant', () => {
  test.each([
    [
      'mllp',
      { type: 'mllp', host: 'h', port: 1 },
      { maxInFlight: 1, onUnknown: 'resend', target: { type: 'mllp', host: 'h', port: 1, tls: null } },
    ],
    [
      'fhir',
      { type: 'fhir', url: 'https://h/fhir/', bearer: { env: 'KEY' } },
      {
        maxInFlight: 8,
        onUnknown: 'resend',
        target: { type: 'fhir', url: 'https://h/fhir', tls: null, bearer: 'key-1' },
      },
    ],
    [
      'http',
      { type: 'http', url: 'http://127.0.0.1:9/hl7/' },
      {
        maxInFlight: 8,
        onUnknown: 'hold',
        target: { type: 'http', url: 'http://127.0.0.1:9/hl7/', tls: null, bearer: null },
      },
    ],
    [
      'http, as written',
      { type: 'http', url: 'https://h/', onUnknown: 'resend', maxInFlight: 2 },
      { maxInFlight: 2, onUnknown: 'resend' },
    ],
  ])('a destination of type %s', async (_name, way, expected) => {
    const file = writeRegion(
      folder,
      regionText({ routes: [], establishments: [hospital({ destinations: { d: way } })] }),
    )
    const { shared, problems } = await readRegion(file, { KEY: 'key-1\n' })
    expect(problems).toEqual([])
    expect(shared).not.toContain('key-1')
    const config = compileConfig(shared!, 1, () => 'key-1\n')
    expect(config.destinations.get('h/d')).toMatchObject(expected)
  })

  test('doors over HTTPS: mutual unless told', async () => {
    const made = await makeCertificates(join(folder, 'pki'), ['h'])
    const tls = { key: made.gateway.replace(/pem$/, 'key'), cert: made.gateway, ca: made.ca, crlStale: 'warn' }
    const text = regionText({ entrances: { https: { port: 8443, tls, clientCertificate: 'none', maxBody: '1 MiB' } } })
    const { node } = await configOf(writeRegion(folder, text))
    expect(node.http).toMatchObject([
      {
        name: 'https',
        allowPlain: false,
        clientCertificate: 'none',
        maxBodyBytes: 1_048_576,
        tls: { crl: [], crlStale: 'warn' },
      },
    ])
  })

  test('edits and the tables they name travel with the revision', async () => {
    mkdirSync(join(folder, 'profiles', 'tables'), { recursive: true })
    writeFileSync(join(folder, 'profiles', 'tables', 'units.csv'), 'from,to\n"A, 1",3100\n__proto__,\n')
    const edit = [
      { set: 'MSH-5', to: '' },
      { map: 'PV1-3.1', table: 'units', when: { path: 'PV1-2', in: ['I'] } },
      { copy: 'PV1-19', to: 'PV1-50' },
      { drop: 'ZXX' },
    ]
    const shared = await sharedOf({ routes: [{ name: 'r', when: {}, to: ['platform'], edit }] })
    const config = compileConfig(shared, 1, () => '')
    expect(config.routes[0]?.edit).toEqual(edit)
    expect([...config.maps.get('units')!]).toEqual([['A, 1', '3100'], ['__proto__', '']]) // biome-ignore format: pairs
  })

  test('public keys of clients travel with the revision', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1' }
    writeFileSync(join(folder, 'h.jwks'), JSON.stringify({ keys: [jwk] }))
    const shared = await sharedOf({
      establishments: [hospital({ clients: [{ clientId: 'h-dpi', jwks: { file: 'h.jwks' } }] })],
    })
    const config = compileConfig(shared, 1, () => '')
    expect(config.establishments.get('h')?.clients).toEqual([{ clientId: 'h-dpi', jwks: [JSON.stringify(jwk)] }])
  })

  test.each<[written: object, casesTo: string | undefined]>([
    [{}, undefined],
    [{ answersTo: 'gam' }, undefined],
    // Who says how it is told where its requests stand is told where it takes answers.
    [{ answersTo: 'gam', answer: 'orr' }, 'h/gam'],
    [{ answersTo: 'gam', answer: 'orr', casesTo: 'dpi' }, 'h/dpi'],
    [{ casesTo: 'dpi' }, 'h/dpi'],
  ])('where cases are exchanged: %j', async (written, casesTo) => {
    const destinations = { gam: destination(), dpi: destination() }
    const establishments = [hospital({ destinations, ...written })]
    const routes = [{ name: 'r', when: {}, to: ['platform'] }]
    const { config } = await configOf(writeRegion(folder, regionText({ establishments, routes })))
    expect(config.establishments.get('h')?.casesTo).toBe(casesTo)
  })

  test('routes, facilities, answers and policies', async () => {
    const policy = { default: 'ans', 'ORU^R01': 'hl7base' }
    const text = regionText({
      establishments: [
        hospital({
          senders: { facilities: ['H', '530000371'] },
          destinations: { gam: destination(), dpi: destination({ ackPolicy: { 'ORU^R01': 'ans' } }) },
          answersTo: 'gam',
          ackPolicy: policy,
        }),
      ],
      routes: [
        { name: 'r', when: { kinds: ['ADT^*'] }, to: ['h/dpi', 'platform'], lane: 'urgent', alertAfter: '2 min' },
      ],
    })
    const { config } = await configOf(writeRegion(folder, text))
    expect([...config.facilities]).toEqual([['H', 'h'], ['530000371', 'h']]) // biome-ignore format: pairs
    expect(config.establishments.get('h')).toMatchObject({ answersTo: 'h/gam', ackPolicy: policy })
    expect(config.destinations.get('h/gam')?.ackPolicy).toEqual(policy)
    expect(config.destinations.get('h/dpi')?.ackPolicy).toEqual({ default: 'ans', 'ORU^R01': 'ans' })
    expect(config.routes).toEqual([
      {
        name: 'r',
        when: { kinds: ['ADT^*'] },
        to: ['h/dpi', 'platform'],
        lane: 'urgent',
        alertAfterMs: 120_000,
        awaitAdmissionMs: 600_000,
        edit: [],
      },
    ])
  })

  test('a service of the file replaces the one shipped, and its table travels with the revision', async () => {
    mkdirSync(join(folder, 'profiles', 'tables'), { recursive: true })
    writeFileSync(join(folder, 'profiles', 'tables', 'mine.csv'), 'code,system,display\r\nX1*,s,"a, b"\r\nY2,s,c\r\n')
    const shared = await sharedOf({ services: { stroke: { all: [{ path: 'OBR-4', in: 'table:mine' }] } } })
    const config = compileConfig(shared, 1, () => '')
    expect(config.services.get('stroke')).toEqual({
      any: [],
      all: [{ path: 'OBR-4', in: { table: 'mine' } }],
      none: [],
    })
    expect(config.tables.has('mine')).toBe(true)
    expect(config.tables.get('mine')).toEqual({ codes: new Set(['Y2']), prefixes: ['X1'] })
  })

  test.each([
    ['no header', 'X1,s,c\n', 'the header must be'],
    ['a column short', 'code,system,display\nX1,s\n', 'row 2'],
    ['a star inside', 'code,system,display\nX*1,s,c\n', 'row 2'],
    ['no code at all', 'code,system,display\n', 'no code'],
  ])('a table with %s', async (_name, csv, part) => {
    mkdirSync(join(folder, 'profiles', 'tables'), { recursive: true })
    writeFileSync(join(folder, 'profiles', 'tables', 'bad.csv'), csv)
    const text = regionText({ services: { s: { any: [{ path: 'OBR-4', in: 'table:bad' }] } } })
    const { problems } = await readRegion(writeRegion(folder, text), {})
    expect(problems).toMatchObject([
      { code: 'BAD_TABLE', at: 'services.s.any[0].in', message: expect.stringContaining(part) },
    ])
  })

  test('hashes of keys come from files and variables; what is stored holds the hash', async () => {
    const hash = (key: string) => createHash('sha256').update(key).digest('hex')
    writeFileSync(join(folder, 'admin.sha256'), `${hash('one')}\n`)
    const text = regionText({
      operators: [
        { name: 'one', role: 'admin', keySha256: { file: 'admin.sha256' } },
        { name: 'two', role: 'admin', keySha256: { env: 'TWO' } },
      ],
    })
    const { shared } = await readRegion(writeRegion(folder, text), { TWO: hash('two') })
    const config = compileConfig(shared!, 1, () => '')
    expect(config.operators.map(({ keySha256 }) => keySha256)).toEqual([hash('one'), hash('two')])
  })
})

describe('the shared text', () => {
  const a = destination({ timeout: '5 s' })
  const b = destination({ port: 2 })
  const equal: [name: string, one: Written, other: Written][] = [
    [
      'order of keys',
      { establishments: [hospital({ destinations: { a, b } })] },
      { establishments: [hospital({ destinations: { b, a } })] },
    ],
    [
      'doors of the node',
      { entrances: { mllp: { port: 1 } } },
      { entrances: { mllp: { port: 2 }, http: { port: 3 } } },
    ],
    ['drain and reserve', { drain: '1 s' }, { drain: '2 s', store: { minFree: '3 MiB' } }],
  ]
  test.each(equal)('does not change with: %s', async (_name, one, other) => {
    const [left, right] = [await sharedOf(one), await sharedOf(other)]
    expect(left).toBe(right)
    expect(compileConfig(left, 3, () => '')).toEqual(compileConfig(right, 3, () => ''))
  })

  const different: [name: string, one: Written, other: Written][] = [
    [
      'a timeout',
      { establishments: [hospital({ destinations: { a } })] },
      { establishments: [hospital({ destinations: { a: destination() } })] },
    ],
    ['retention', { retention: { closed: '1 d' } }, { retention: { closed: '2 d' } }],
    ['movements', { movements: { awaitAdmission: '1 min' } }, { movements: { awaitAdmission: '0 s' } }],
    [
      'order of routes',
      { routes: ['r', 's'].map((name) => ({ name, when: {}, to: ['platform'] })) },
      { routes: ['s', 'r'].map((name) => ({ name, when: {}, to: ['platform'] })) },
    ],
  ]
  test.each(different)('changes with: %s', async (_name, one, other) => {
    expect(await sharedOf(one)).not.toBe(await sharedOf(other))
  })

  test('keeps TLS files by reference, and compiling reads them', () => {
    const tls = { key: 'k.pem', cert: { file: 'c.pem' }, ca: { env: 'CA' } }
    const json = canonical({
      region: { name: 'R' },
      establishments: [hospital({ destinations: { a: destination({ tls }) } })],
      services: {},
      tables: {},
    })
    const config = compileConfig(json, 1, (reference) => `text of ${JSON.stringify(reference)}`)
    expect(config.destinations.get('h/a')?.target.tls).toEqual({
      key: 'text of "k.pem"',
      cert: 'text of {"file":"c.pem"}',
      ca: 'text of {"env":"CA"}',
      crl: [],
    })
    const missing = () => compileConfig(json, 1, () => { throw new Error('ENOENT') }) // biome-ignore format: one line
    expect(missing).toThrow(new GatewayError('CONFIG_INVALID', 'k.pem cannot be read'))
  })

  test.each(['', '[]', '{}', '{"region":{"name":"R"},"establishments":[],"services":{},"tables":{},"x":1}'])(
    'is refused when it is %j',
    (json) => expect(() => compileConfig(json, 1, () => '')).toThrow(GatewayError),
  )
})
