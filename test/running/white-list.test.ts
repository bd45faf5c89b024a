import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { machineClock } from '../../src/app/cli/machine.ts'
import { LAB_SIGNER } from '../../src/app/white-list/lab.ts'
import type { WhiteListStatus } from '../../src/core/white-list.ts'
import { passerelle } from '../cli/terminal.ts'
import { sha256 } from '../console/region.ts'
import { type Lab, makeLab, manyRows, signedList } from '../support/lab-list.ts'
import { revocationList } from '../support/peers/crl.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { missing } from '../support/world/needs.ts'
import { until } from '../support/world/until.ts'
import { makeWorld, type World } from './gateway.ts'

const openssl = missing('openssl', ['version'])
const HOUR = 3_600_000
const DAY = 24 * HOUR
let lab: Lab
let foreign: Lab
beforeAll(async () => {
  ;[lab, foreign] = await Promise.all([makeLab(), makeLab([{ domain: 'x.test', subject: 'CN=x' }])])
})
afterAll(() => {
  lab.remove()
  foreign.remove()
})

/** A publisher of lists over HTTPS; `text` null: it takes the request and says nothing. */
interface Publisher {
  text: string | null
  /** It says that nothing has changed, whatever it is asked. */
  unchanged: boolean
  readonly url: string
  /** Requests so far, and how many were answered with 304. */
  readonly asked: { all: number; same: number }
}

async function publisher(dir = lab.dir): Promise<Publisher> {
  const asked = { all: 0, same: 0 }
  const tls = { key: readFileSync(join(dir, 'publisher.key')), cert: readFileSync(join(dir, 'publisher.pem')) }
  const server: Server = createServer(tls, (request, response) => {
    asked.all++
    if (one.text === null) return
    const etag = `"${sha256(one.text)}"`
    const same = one.unchanged || request.headers['if-none-match'] === etag
    if (same) asked.same++
    response.writeHead(same ? 304 : 200, { etag, 'content-type': 'application/xml' }).end(same ? '' : one.text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const one: Publisher = {
    text: '',
    unchanged: false,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/list.xml`,
    asked,
  }
  return one
}

function mailOf(source: object, more: object = {}): object {
  const signer = { issuer: LAB_SIGNER.issuer, commonName: LAB_SIGNER.commonName, email: LAB_SIGNER.email }
  return { whiteList: { ...source, ca: join(lab.dir, 'ca.pem'), signer, every: '24 h', timeout: '300 ms', ...more } }
}

const status = async (world: World): Promise<WhiteListStatus> =>
  (await world.call('/api/mail/whitelist')).json as unknown as WhiteListStatus
const fetched = async (world: World): Promise<WhiteListStatus> =>
  (await world.call('/api/mail/whitelist/fetch', {})).json as unknown as WhiteListStatus
const codeOf = async (world: World, domain: string) =>
  (await world.call(`/api/mail/whitelist/domains/${encodeURIComponent(domain)}`)).json['code']
/** The domain of a row of `manyRows`. */
const domain = (n: number): string => `etablissement-${n}.exemple.mssante.test`

test('lists that are not what they should be are refused, and the last good one stays (black-box test 30)', async () => {
  const NOW = Date.now()
  const from = await publisher()
  const world = makeWorld()
  world.write({}, { mail: mailOf({ url: from.url }) })
  const rows = manyRows(40)
  const good = signedList(lab, rows, NOW - HOUR)
  from.text = good
  await world.start()
  await until('the list is in use', async () => (await status(world)).state === 'fresh')
  const first = await status(world)
  expect(first).toMatchObject({ code: null, refused: null, waiting: null, current: { rows: 40, domains: 40, odd: 0 } })
  expect(await codeOf(world, domain(3).toUpperCase())).toBeNull()
  expect(await codeOf(world, 'gmail.com')).toBe('MAIL_DOMAIN_UNLISTED')

  // Asked again, the publisher says that nothing changed.
  const again = await fetched(world)
  expect([from.asked.same > 0, again.current?.sha256]).toEqual([true, first.current?.sha256])

  const newer = (count: number, signer = lab): string => signedList(signer, manyRows(count), NOW - 1_000)
  const wrapped = newer(40).replace(/<Signature .*<\/Signature>/s, (one) => one + one)
  const refused: readonly (readonly [name: string, text: string | null, code: string])[] = [
    ['a tampered byte', newer(40).replace('etablissement-7', 'etablissement-8'), 'WHITELIST_TAMPERED'],
    ['no signature', newer(40).replace(/<Signature .*<\/Signature>/s, ''), 'WHITELIST_UNSIGNED'],
    ['another leaf', newer(40, { ...lab, signer: lab.other }), 'WHITELIST_SIGNER'],
    ['another authority', newer(40, foreign), 'WHITELIST_SIGNER'],
    ['a second signature', wrapped, 'WHITELIST_SIGNATURE_FORM'],
    ['an older date', signedList(lab, rows, NOW - 2 * HOUR), 'WHITELIST_OLDER'],
    ['a date to come', signedList(lab, rows, NOW + HOUR), 'WHITELIST_FUTURE'],
    ['a slow server', null, 'WHITELIST_UNREAD'],
    [
      'a document type',
      newer(40).replace('<ListeBlanche', '<!DOCTYPE a [<!ENTITY b "c">]><ListeBlanche'),
      'WHITELIST_DOCTYPE',
    ],
    ['half the rows', newer(20), 'WHITELIST_SHRUNK'],
  ]
  for (const [name, text, code] of refused) {
    from.text = text
    const { refused: last, current, state } = await fetched(world)
    expect([name, last?.code, current?.sha256, state]).toEqual([name, code, first.current?.sha256, 'fresh'])
  }
  expect(await codeOf(world, domain(39))).toBeNull()
  expect(await world.post('M1')).toEqual(['AA'])
  const metrics = await (await fetch(`${world.url()}/metrics`)).text()
  expect(metrics).toContain('passerelle_whitelist_rows 40')
  expect(metrics).toMatch(/passerelle_whitelist_refused_total\{code="WHITELIST_TAMPERED"\} 1/)
  const alert = await until('an alert of the waiting list', async () => {
    const { alerts } = (await world.call('/api/alerts?kind=white-list')).json as { alerts: { code: string }[] }
    return alerts.find(({ code }) => code === 'WHITELIST_SHRUNK') ?? null
  })
  expect(alert).toMatchObject({ severity: 'important', params: { lost: 20 } })

  // The command line asks the gateway that runs.
  const cli = (...argv: string[]) =>
    passerelle(['whitelist', ...argv, '--url', world.url(), '--json'], { PASSERELLE_KEY: 'demo-admin' })
  const [shown, explained, unlisted] = await Promise.all([
    cli('show'),
    cli('explain', domain(3)),
    cli('explain', 'gmail.com'),
  ])
  expect([shown.code, JSON.parse(shown.out)]).toEqual([0, expect.objectContaining({ state: 'fresh' })])
  expect([explained.code, JSON.parse(explained.out)]).toEqual([
    0,
    expect.objectContaining({ domain: domain(3), code: null }),
  ])
  expect([unlisted.code, JSON.parse(unlisted.out).code]).toEqual([1, 'MAIL_DOMAIN_UNLISTED'])
  const asked = passerelle(['mail', 'doctor', domain(3), '--url', world.url()], { PASSERELLE_KEY: 'demo-admin' })
  expect(await asked).toMatchObject({ code: 1, err: expect.stringMatching(/^MAIL_NO_OPERATOR: .*mail\.operator/) })

  // The halved list waits for a person, who says why.
  const { waiting } = await status(world)
  expect(waiting).toMatchObject({ rows: 20, added: 0, removed: 20 })
  const confirm = (sha: string) =>
    world.call('/api/mail/whitelist/confirm', { sha256: sha, reason: 'migration annoncée' })
  expect((await confirm('0'.repeat(64))).status).toBe(409)
  expect((await confirm(waiting!.sha256)).json).toMatchObject({ waiting: null, refused: null, current: { rows: 20 } })
  expect(await codeOf(world, domain(39))).toBe('MAIL_DOMAIN_UNLISTED')
  expect((await confirm(waiting!.sha256)).status).toBe(409)
  const { changes } = (await world.call('/api/mail/whitelist/changes')).json as { changes: Record<string, unknown>[] }
  expect(changes[0]).toMatchObject({ who: 'op', why: 'migration annoncée', rows: 20, added: [], more: 0 })
  expect(changes[0]!['removed']).toHaveLength(20)

  // After a start without a publisher the list of the store is in use again.
  from.text = null
  await world.gateway.stop()
  await world.start()
  await until('the list of the store', async () => (await codeOf(world, domain(1))) === null)
  expect((await status(world)).current?.rows).toBe(20)
})

test('a list that nobody confirms closes, opens by an extension, and again by a fresh list (black-box test 31)', async () => {
  let ahead = 0
  const clock = { ...machineClock, nowMs: () => machineClock.nowMs() + ahead }
  const from = await publisher()
  const world = makeWorld(clock)
  world.write({}, { mail: mailOf({ url: from.url }) })
  from.text = 'no list'
  await world.start()
  await until('the first fetch', async () => (await status(world)).refused?.code === 'WHITELIST_FORM')
  expect(await status(world)).toMatchObject({ state: 'none', code: 'WHITELIST_NONE', current: null })
  expect(await codeOf(world, domain(1))).toBe('WHITELIST_NONE')
  from.text = signedList(lab, manyRows(10), Date.now() - HOUR)
  expect(await fetched(world)).toMatchObject({ state: 'fresh' })
  from.text = null
  const states: [number, string, unknown][] = [
    [5 * HOUR, 'fresh', null],
    [7 * HOUR, 'stale', null],
    [25 * HOUR, 'old', null],
    [4 * DAY, 'closed', 'WHITELIST_CLOSED'],
  ]
  for (const [ms, state, code] of states) {
    ahead = ms
    expect([(await status(world)).state, await codeOf(world, domain(1))]).toEqual([state, code])
  }
  const extend = (ms: number) =>
    world.call('/api/mail/whitelist/extend', {
      until: new Date(clock.nowMs() + ms).toISOString(),
      reason: 'panne connue',
    })
  expect((await extend(8 * DAY)).status).toBe(400)
  expect(await world.call('/api/mail/whitelist/extend', { reason: 'panne connue' })).toMatchObject({
    status: 400,
    json: { errors: [{ at: '/body/until', rule: 'required' }] },
  })
  expect((await extend(DAY)).json).toMatchObject({ state: 'old', extended: { who: 'op', why: 'panne connue' } })
  expect(await codeOf(world, domain(1))).toBeNull()
  ahead += 2 * DAY
  expect(await codeOf(world, domain(1))).toBe('WHITELIST_CLOSED')
  from.text = signedList(lab, manyRows(11), clock.nowMs() - HOUR)
  expect(await fetched(world)).toMatchObject({ state: 'fresh', current: { rows: 11 } })
  expect(await codeOf(world, domain(10))).toBeNull()
})

test('a publisher under another authority is not believed, whatever it serves', async () => {
  const from = await publisher(foreign.dir)
  from.text = signedList(lab, manyRows(3), Date.now() - HOUR)
  const world = makeWorld()
  world.write({}, { mail: mailOf({ url: from.url }) })
  await world.start()
  await until('the fetch', async () => (await status(world)).refused?.code === 'WHITELIST_UNREAD')
  expect(from.asked.all).toBe(0)
})

test('a file: its age is that of the list itself; a region without a list has none', async () => {
  const world = makeWorld()
  const file = join(world.dir, 'list.xml')
  writeFileSync(file, signedList(lab, manyRows(3), Date.now() - 8 * HOUR))
  world.write({}, { mail: mailOf({ file }) })
  await world.start()
  await until('the list', async () => (await status(world)).state === 'stale')
  const bare = makeWorld()
  bare.write({})
  await bare.start()
  expect(await status(bare)).toMatchObject({ state: 'none', source: '' })
  expect((await bare.call('/api/mail/whitelist/fetch', {})).status).toBe(404)
})

const need = missingPostgres()
describe.skipIf(need !== null)(`on PostgreSQL${need === null ? '' : `: ${need}`}`, () => {
  test('one node fetches, both use it, and swap it while they run', async () => {
    const cluster = await sharedCluster()
    const url = await cluster.createDatabase()
    onTestFinished(() => cluster.dropDatabase(url))
    const from = await publisher()
    from.text = signedList(lab, manyRows(5), Date.now() - HOUR)
    const nodes = ['a', 'b'].map((nodeName) => makeWorld(undefined, { store: { kind: 'postgres', url }, nodeName }))
    for (const node of nodes) {
      // Two gateways start in this one process: what is asked meanwhile may have to wait.
      node.write({}, { mail: mailOf({ url: from.url }, { timeout: '60 s' }) })
      await node.start()
    }
    const everywhere = (what: string, name: string) =>
      until(what, async () =>
        (await Promise.all(nodes.map((node) => codeOf(node, name)))).every((code) => code === null),
      )
    await everywhere('both know the list', domain(4))
    // Once; and once more by whoever took over, where the first was held up for longer than its lease.
    const lost = nodes.flatMap(({ notebook }) => notebook.lines).filter(({ event }) => event === 'lease.lost').length
    expect(from.asked.all).toBeGreaterThan(0)
    expect(from.asked.all).toBeLessThanOrEqual(1 + lost)
    from.text = signedList(lab, manyRows(6), Date.now() - 1_000)
    expect((await fetched(nodes[1]!)).current?.rows).toBe(6)
    await everywhere('both know the new list', domain(5))
  })
})

test.skipIf(openssl !== null)(
  `a signer that is revoked, and a revocation list that is late ${openssl ?? ''}`,
  async () => {
    const pair = (name: string) => ({
      subject: name,
      key: readFileSync(join(lab.dir, `${name}.key`), 'utf8'),
      cert: readFileSync(join(lab.dir, `${name}.pem`), 'utf8'),
    })
    const world = makeWorld()
    const crl = ['root', 'issuing'].map((name) => join(world.dir, `${name}.crl`)) as [string, string]
    const revoke = (names: readonly string[], nextMs: number): void =>
      writeFileSync(crl[1], revocationList(pair('issuing'), names.map(pair), nextMs))
    writeFileSync(crl[0], revocationList(pair('root'), [], Date.now() + HOUR))
    revoke([], Date.now() + HOUR)
    const from = await publisher()
    const write = (crlStale: string) => world.write({}, { mail: mailOf({ url: from.url }, { crl, crlStale }) })
    write('refuse')
    from.text = signedList(lab, manyRows(40), Date.now() - HOUR)
    await world.start()
    await until('the list is in use', async () => (await status(world)).state === 'fresh')
    const { current } = await status(world)
    const rows: readonly (readonly [
      revoked: readonly string[],
      nextMs: number,
      crlStale: string,
      at: string | null,
    ])[] = [
      [['signer'], HOUR, 'refuse', 'WHITELIST_SIGNER revoked'],
      [['publisher'], HOUR, 'refuse', 'WHITELIST_UNREAD CERT_REVOKED'],
      [['publisher'], -HOUR, 'warn', 'WHITELIST_UNREAD CERT_REVOKED'],
      [[], -HOUR, 'refuse', 'WHITELIST_UNREAD CRL_HAS_EXPIRED'],
      [[], -HOUR, 'warn', null],
      [[], HOUR, 'refuse', null],
    ]
    for (const [names, nextMs, crlStale, at] of rows) {
      revoke(names, Date.now() + nextMs)
      write(crlStale)
      await world.gateway.reload()
      const { refused, current: now } = await fetched(world)
      // The list in use is the same, and so the question is asked of its signer again.
      expect([refused && `${refused.code} ${refused.at}`, now?.sha256]).toEqual([at, current?.sha256])
      if (crlStale !== 'warn' || at !== null) continue
      await until('people are told', async () => {
        const { alerts } = (await world.call('/api/alerts?kind=white-list')).json as { alerts: { code: string }[] }
        return alerts.some(({ code }) => code === 'WHITELIST_CRL_STALE')
      })
    }
    // A publisher that was not asked whether it has changed does not vouch for the signer by saying that it has not.
    from.unchanged = true
    revoke(['signer'], Date.now() + HOUR)
    await world.gateway.reload()
    expect((await fetched(world)).refused).toMatchObject({ code: 'WHITELIST_UNREAD', at: 'HTTP 304' })
  },
)
