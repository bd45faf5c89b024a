import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createMeter } from '../../src/app/meter.ts'
import { ERRORS } from '../../src/core/errors.ts'
import { settingsOf } from '../../src/pipeline/journal/postgres/connect.ts'
import { connect } from '../support/world/client.ts'
import { oru, patient } from '../support/world/messages.ts'
import { missing, runs } from '../support/world/needs.ts'
import { freePort } from '../support/world/ports.ts'
import { until } from '../support/world/until.ts'
import { hl7Post, webPoster } from '../support/world/web-client.ts'
import { makeWorld } from '../support/world/world.ts'
import { filesUnder, ROOT, textOf } from './source.ts'

let folder = ''
const closing: (() => unknown)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-'))
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  rmSync(folder, { recursive: true, force: true })
})

interface Service {
  readonly profiles?: readonly string[]
  readonly image?: string
  readonly ports?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly secrets?: readonly string[]
  readonly volumes?: readonly string[]
  readonly command?: readonly string[]
}
const compose = parse(textOf('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>
  secrets: Record<string, { file: string }>
}
const cluster = Object.entries(compose.services).filter(([, { profiles }]) => profiles?.includes('cluster'))

function secretsIn(place: string): Record<string, string> {
  execFileSync('sh', [`${ROOT}deploy/cluster/secrets.sh`, place])
  return Object.fromEntries(readdirSync(place).map((name) => [name, readFileSync(join(place, name), 'utf8')]))
}

test('the cluster: two gateways, PostgreSQL, a load balancer, Prometheus and Grafana, on loopback only', () => {
  expect(cluster.map(([name]) => name).sort()).toEqual([
    'gateway-a',
    'gateway-b',
    'grafana',
    'load-balancer',
    'postgres',
    'prometheus',
  ])
  for (const [name, { ports = [], volumes = [], image }] of cluster) {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
    for (const [from = ''] of volumes.map((one) => one.split(':')).filter(([one]) => one?.startsWith('./'))) {
      expect(statSync(join(ROOT, from)), from).toBeDefined()
    }
    if (image !== 'passerelle') expect(image, name).toMatch(/^[\w./-]+:v?\d[\w.]*$/)
  }
  expect(textOf('docker-compose.yml')).not.toMatch(/fsync\s*=|synchronous_commit\s*=|POSTGRES_PASSWORD:|TRUST/i)
})

test('its secrets are random, made once, kept from others, and every one that is asked for is made', () => {
  const place = join(folder, 'secrets')
  const made = secretsIn(place)
  const used = new Set(cluster.flatMap(([, { secrets = [] }]) => secrets))
  expect(
    Object.values(compose.secrets)
      .map(({ file }) => file.replace('./secrets/', ''))
      .sort(),
  ).toEqual(Object.keys(made).sort())
  expect([...used].sort()).toEqual(Object.keys(compose.secrets).sort())
  expect(statSync(place).mode & 0o777).toBe(0o700)
  const url = made['store-url']!
  expect(url).toBe(`postgres://passerelle:${made['postgres-password']}@postgres:5432/passerelle?sslmode=disable`)
  // PostgreSQL's image offers no TLS unless it is told to: what would ask for it could not connect.
  expect(compose.services['postgres']).not.toHaveProperty('command')
  const client = new pg.Client(settingsOf(url, 'test')) as unknown as { connectionParameters: { ssl: unknown } }
  expect(client.connectionParameters.ssl).toBe(false)
  expect(made['postgres-password']).toMatch(/^[0-9a-f]{48}$/)
  expect(made['admin-key.sha256']).toBe(createHash('sha256').update(made['admin-key']!).digest('hex'))
  expect(secretsIn(place)).toEqual(made)
  expect(secretsIn(join(folder, 'others'))['admin-key']).not.toBe(made['admin-key'])
  expect(textOf('.gitignore').split('\n')).toContain('/secrets/')
})

test('passerelle check finds no error in the region file of the cluster', () => {
  const place = join(folder, 'secrets')
  secretsIn(place)
  const file = join(folder, 'region.yaml')
  writeFileSync(file, textOf('deploy/cluster/region.yaml').replaceAll('/run/secrets/', `${place}/`))
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/passerelle.js', 'check', '--region', file], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  expect(status, stdout + stderr).toBe(0)
})

const noClient = runs('docker', ['compose', 'version']) ? '' : '(skipped without docker compose)'
test.skipIf(noClient !== '')(`docker compose reads the file ${noClient}`, () => {
  const { status, stderr } = spawnSync('docker', ['compose', '--profile', 'cluster', 'config', '--quiet'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
})

const noPromtool = missing('promtool', ['--version'])
test.skipIf(noPromtool !== null)(
  `promtool reads settings and rules, and the rules do what their tests say ${noPromtool ?? ''}`,
  () => {
    cpSync(`${ROOT}deploy/prometheus`, folder, { recursive: true })
    writeFileSync(join(folder, 'admin-key'), 'x')
    const settings = textOf('deploy/prometheus/prometheus.yml').replace('/run/secrets/', `${folder}/`)
    writeFileSync(join(folder, 'prometheus.yml'), settings)
    for (const args of [
      ['check', 'config', 'prometheus.yml'],
      ['test', 'rules', 'alerts.test.yml'],
    ]) {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' })
      expect(status, stdout + stderr).toBe(0)
    }
  },
)

/** Names as they stand on the wire, from the gateway's own meter. */
async function exported(): Promise<Set<string>> {
  const clock = { nowMs: () => 0, monotonicMs: () => 0, after: () => () => {} }
  const meter = createMeter({ clock, strict: true, runtime: true })
  meter.watch(async () => ({
    received: 0,
    closed: 0,
    inFlight: 0,
    parked: 0,
    purged: 0,
    refused: 0,
    destinations: new Map(),
  }))
  meter.watchCertificates(() => new Map())
  meter.watchDisk(() => 1, 1)
  meter.watchRevisions(() => ({ running: 1, stored: 1 }))
  const text = await meter.text()
  const names = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, kind]) =>
    kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name!],
  )
  // Prometheus's own: whether a target answered.
  return new Set([...names, 'up'])
}

/** Every expression of rules and dashboards, with its place. */
function expressions(): [where: string, expression: string][] {
  const { groups } = parse(textOf('deploy/prometheus/alerts.yml')) as {
    groups: { rules: { alert: string; expr: string }[] }[]
  }
  const rules = groups.flatMap(({ rules }) => rules.map(({ alert, expr }): [string, string] => [alert, expr]))
  const panels = filesUnder('deploy/grafana', '.json').flatMap((file) => {
    const board = JSON.parse(textOf(file)) as { panels: { title: string; targets: { expr: string }[] }[] }
    return board.panels.flatMap(({ title, targets }) => targets.map(({ expr }): [string, string] => [title, expr]))
  })
  return [...rules, ...panels]
}

test('every metric that a rule or a dashboard names is one that the gateway exports, and every code is known', async () => {
  const names = await exported()
  const found = expressions()
  expect(found.length).toBeGreaterThan(40)
  for (const [where, expression] of found) {
    const bare = expression.replaceAll(/"[^"]*"/g, '""')
    const metrics = [...bare.matchAll(/\b(?:(?:passerelle|process|nodejs)_\w+|up)\b/g)].map(([name]) => name)
    expect(metrics, where).not.toEqual([])
    for (const metric of metrics) expect(names, `${where}: ${metric}`).toContain(metric)
    for (const [, codes = ''] of expression.matchAll(/\bcode=~?"([^"]*)"/g)) {
      for (const code of codes.split('|')) {
        const meant = Object.keys(ERRORS).filter((one) => new RegExp(`^(${code})$`).test(one))
        expect(meant, `${where}: ${code}`).not.toEqual([])
      }
    }
  }
})

test('Grafana finds its dashboards and its source by the names they bear', () => {
  const { datasources } = parse(textOf('deploy/grafana/provisioning/datasources/prometheus.yml')) as {
    datasources: { uid: string; url: string }[]
  }
  const [source] = datasources
  expect(Object.keys(compose.services)).toContain(new URL(source!.url).hostname)
  for (const file of filesUnder('deploy/grafana', '.json')) {
    const sources = [
      ...textOf(file).matchAll(/"type": "prometheus",\s*"uid": "([^"]*)"|"uid": "([^"]*)",\s*"type": "prometheus"/g),
    ]
    expect(sources.length).toBeGreaterThan(10)
    for (const [, uid] of sources) expect(uid).toBe(source!.uid)
  }
  const { providers } = parse(textOf('deploy/grafana/provisioning/dashboards/passerelle.yml')) as {
    providers: { options: { path: string } }[]
  }
  const mounts = compose.services['grafana']!.volumes!
  expect(mounts).toContain(`./deploy/grafana/dashboards:${providers[0]!.options.path}:ro`)
})

const HAPROXY = 'deploy/haproxy/haproxy.cfg'
const noBalancer = missing('haproxy', ['-v'])
test.skipIf(noBalancer !== null)(`haproxy finds no error in its settings ${noBalancer ?? ''}`, () => {
  const { status, stderr } = spawnSync('haproxy', ['-c', '-f', `${ROOT}${HAPROXY}`], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  const told = stderr
    .split('\n')
    .filter((line) => /WARNING|ALERT/.test(line) && !line.includes('could not resolve address'))
  expect(told).toEqual([])
})

test.skipIf(noBalancer !== null)(
  `behind the load balancer one gateway stops, and whoever connects is answered by the other ${noBalancer ?? ''}`,
  async () => {
    const worlds = [await makeWorld(SPEC), await makeWorld(SPEC)] as const
    const [a, b] = [await worlds[0].start(), await worlds[1].start()]
    const [mllp, http] = [await freePort(), await freePort()]
    const address = (node: string): (typeof worlds)[number] => worlds[node === 'a' ? 0 : 1]
    const settings = textOf(HAPROXY)
      .replace('bind :2575', `bind 127.0.0.1:${mllp}`)
      .replace('bind :8080', `bind 127.0.0.1:${http}`)
      .replaceAll(/server (gateway-(\w)) gateway-\w:(2575|8080)/g, (_all, name, node, port) => {
        const { mllpPort, httpPort } = address(node)
        return `server ${name} 127.0.0.1:${port === '2575' ? mllpPort : httpPort} check port ${httpPort}`
      })
    writeFileSync(join(folder, 'haproxy.cfg'), settings)
    const balancer = spawn('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' })
    const gone = once(balancer, 'exit')
    closing.push(
      () => Promise.all(worlds.map((world) => world.close())),
      async () => {
        balancer.kill('SIGKILL')
        await gone
      },
    )
    const post = webPoster(http, 'CH-A')
    let n = 0
    const next = (): Buffer => oru({ facility: 'CH-A', patient: patient(n), controlId: `LB${n++}` })
    const both = async (): Promise<unknown[]> => {
      const client = await connect(mllp)
      const answer = await client.post(next())
      client.close()
      return [answer?.code ?? null, (await post(hl7Post(next()))).status]
    }
    await until('the load balancer answers', async () => (await both()).join() === 'AA,200')
    for (let i = 0; i < 10; i++) expect(await both()).toEqual(['AA', 200])
    const shared = await Promise.all([a.status(), b.status()])
    expect(shared.every(({ received }) => received > 0)).toBe(true)
    const stopped = a.stop()
    for (let i = 0; i < 20; i++) expect(await both()).toEqual(['AA', 200])
    expect(await stopped).toEqual({ code: 0, signal: null })
    for (let i = 0; i < 5; i++) expect(await both()).toEqual(['AA', 200])
  },
  60_000,
)

const SPEC = {
  sources: ['CH-A'],
  destinations: { 'sink/dpi': {} },
  routes: [{ name: 'all', when: { from: ['ch-a'] }, to: ['sink/dpi'] }],
  top: { store: { minFree: '1 MiB' } },
}
