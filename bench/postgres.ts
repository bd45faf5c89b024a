/** `npm run bench -- --store postgres`: one node and two on a PostgreSQL server of the bench's own, real processes and sockets, fsync on. */
import { ask, type Cluster, startCluster } from '../test/support/postgres/cluster.ts'
import { connect } from '../test/support/world/client.ts'
import { oru, patient } from '../test/support/world/messages.ts'
import { until } from '../test/support/world/until.ts'
import { makeNodes, type Nodes, type WorldDestination } from '../test/support/world/world.ts'
import { atLeast, atMost, type Figure, median, quantile } from './figure.ts'
import { fill } from './fill.ts'
import { type Posted, postFor } from './post.ts'
import { multiRowRate } from './postgres-insert.ts'
import { quiet } from './quiet.ts'
import { benchSpec, FACILITIES } from './region.ts'

const CONNECTIONS = 64
const SECONDS = 4
const REPEATS = 3
const MIB = 2 ** 20

type Pair = Nodes<'a' | 'b'>

/** A server of its own, and two nodes on one database of it, of which none runs yet. */
async function pair(
  options: WorldDestination,
): Promise<{ cluster: Cluster; url: string; nodes: Pair; end(): Promise<void> }> {
  const cluster = await startCluster({ settings: { shared_buffers: '512MB', max_wal_size: '4GB' } })
  const url = await cluster.createDatabase()
  const nodes = await makeNodes(benchSpec(options), ['a', 'b'], () => url)
  return {
    cluster,
    url,
    nodes,
    async end() {
      await nodes.close()
      await cluster.end()
    },
  }
}

function post(nodes: Pair, names: readonly ('a' | 'b')[], more: object = {}): Promise<Posted[]> {
  const connections = CONNECTIONS / names.length
  const plan = { connections, facilities: FACILITIES, seconds: SECONDS, ...more }
  return Promise.all(names.map((name) => postFor({ ...plan, port: nodes.node[name].mllpPort })))
}

const sum = (runs: readonly Posted[]): number => runs.reduce((all, { perSecond }) => all + perSecond, 0)

/**
 * Turns of intake and inserts, how long each takes (s): many short ones, as the machine's speed changes within seconds. And how long
 * both nodes take in before the first (s): code is compiled as it is used. */
const TURNS = 11
const TURN_SECONDS = 2
const WARM_SECONDS = 10

/**
 * Intake of one node and of two, in turns with the database's own multi-row inserts of the same rows; medians. The inserts go into a
 * database of their own on the same server, a copy of the nodes' own: a node would look after rows that nobody sent. */
export async function benchNodes(tell: (line: string) => void): Promise<Figure[]> {
  const { cluster, url, nodes, end } = await pair({ dead: true })
  try {
    await (await nodes.node.a.start()).stop()
    const copy = await cluster.createDatabase('copy', { template: new URL(url).pathname.slice(1) })
    const gateways = [await nodes.node.a.start(), await nodes.node.b.start()]
    const pids = gateways.map(({ pid }) => pid)
    await post(nodes, ['a', 'b'], { seconds: WARM_SECONDS })
    const runs: { raw: number; one: number; two: number }[] = []
    for (let n = 1; n <= TURNS; n++) {
      await quiet(pids)
      const raw = await multiRowRate(copy, TURN_SECONDS)
      const one = sum(await post(nodes, ['a'], { seconds: TURN_SECONDS }))
      const two = sum(await post(nodes, ['a', 'b'], { seconds: TURN_SECONDS }))
      runs.push({ raw, one, two })
      tell(`${n}/${TURNS}: multi-row ${Math.round(raw)}/s, one node ${Math.round(one)}/s, two ${Math.round(two)}/s`)
    }
    const of = (read: (run: (typeof runs)[number]) => number): number => median(runs.map(read))
    return [
      { name: 'PostgreSQL: multi-row inserts of the same rows', value: of(({ raw }) => raw), unit: '/s' },
      { name: 'PostgreSQL: intake, one node', value: of(({ one }) => one), unit: '/s' },
      atLeast(
        'PostgreSQL: ratio of one node',
        of(({ one, raw }) => one / raw),
        '',
        0.5,
      ),
      { name: 'PostgreSQL: intake, two nodes', value: of(({ two }) => two), unit: '/s' },
      atLeast(
        'PostgreSQL: two nodes to one',
        of(({ two, one }) => two / one),
        '',
        1,
      ),
    ]
  } finally {
    await end()
  }
}

/** Time to answer at 1,000 messages a second on one node, whether answers come or not, while they are delivered. */
export async function benchNodesOpenLoop(tell: (line: string) => void): Promise<Figure[]> {
  const { nodes, end } = await pair({})
  try {
    await nodes.node.a.start()
    const runs: Posted[] = []
    for (let n = 1; n <= REPEATS; n++) {
      const [run] = await post(nodes, ['a'], { seconds: 8, warmSeconds: 2, rate: 1_000 })
      runs.push(run!)
      tell(`${n}/${REPEATS}: ${Math.round(run!.perSecond)}/s, p99 ${quantile([...run!.latencies], 0.99).toFixed(1)} ms`)
    }
    const at = (q: number): number => median(runs.map(({ latencies }) => quantile([...latencies], q)))
    return [
      { name: 'PostgreSQL, 1,000/s: p50', value: at(0.5), unit: 'ms' },
      atMost('PostgreSQL, 1,000/s: p99', at(0.99), 'ms', 25),
    ]
  } finally {
    await end()
  }
}

/** From the kill of the node that serves a destination to the first delivery there by the other. */
export async function benchFailOver(tell: (line: string) => void): Promise<Figure[]> {
  const { url, nodes, end } = await pair({})
  try {
    const waits: number[] = []
    let made = 0
    for (let n = 1; n <= REPEATS; n++) {
      const gateways = { a: await nodes.node.a.start(), b: await nodes.node.b.start() }
      const holder = await until('both nodes hold leases', async () => {
        const rows = (await ask(
          url,
          `SELECT n.name, l.name AS lease FROM lease l JOIN node n ON n.incarnation = l.holder`,
        )) as {
          name: 'a' | 'b'
          lease: string
        }[]
        const both = new Set(rows.map(({ name }) => name)).size === 2
        return both && rows.find(({ lease }) => lease === 'destination:rch-a/dpi')?.name
      })
      const other = holder === 'a' ? 'b' : 'a'
      const receiver = nodes.receiver('rch-a/dpi')
      const before = receiver.ledger.length
      const began = performance.now()
      const killed = gateways[holder as 'a' | 'b'].kill()
      const client = await connect(nodes.node[other].mllpPort)
      await client.post(oru({ facility: 'CH-A', patient: patient(1), controlId: `OVER${++made}` }))
      client.close()
      await receiver.when(({ ledger }) => ledger.length > before)
      waits.push(performance.now() - began)
      tell(`${n}/${REPEATS}: ${Math.round(waits.at(-1)!)} ms`)
      await killed
      await gateways[other].stop()
    }
    return [atMost('PostgreSQL: first delivery by another node after a kill', median(waits), 'ms', 5_000)]
  } finally {
    await end()
  }
}

/** Messages that are taken in by the doors once the queues are full, and deliveries that are looked for after that. */
const THROUGH_DOORS = 40_000
const DRAINED = 20_000

/**
 * Resident memory of two nodes with many deliveries queued: while they take in more, once they have started again, and while
 * they deliver. The queues are filled by `fill`, while the nodes run, all but what goes through their doors. */
export async function benchNodesQueued(tell: (line: string) => void, queued: number): Promise<Figure[]> {
  const { url, nodes, end } = await pair({ dead: true })
  const size = (bytes: number): number => Math.round(bytes / MIB)
  const gateways = { a: await nodes.node.a.start(), b: await nodes.node.b.start() }
  const most = (which: 'now' | 'peak'): number =>
    Math.max(...Object.values(gateways).map((gateway) => gateway.memory()[which])) / MIB
  try {
    const beganMs = performance.now()
    const filling = Math.max(0, queued - THROUGH_DOORS)
    await fill(url, filling, (done) => {
      const perSecond = Math.round((done * 1_000) / (performance.now() - beganMs))
      tell(`${done} queued, ${perSecond}/s; ${size(gateways.a.memory().now)} MiB, ${size(gateways.b.memory().now)} MiB`)
    })
    const count = Math.ceil((queued - filling) / 2)
    const taken = sum(await post(nodes, ['a', 'b'], { seconds: 3_600, warmSeconds: 0, count }))
    const { inFlight } = await gateways.a.status()
    const full = { now: most('now'), peak: most('peak') }
    tell(
      `${inFlight} queued, the last ${2 * count} through the doors, ${Math.round(taken)}/s; ${Math.round(full.now)} MiB`,
    )

    await gateways.a.stop()
    const startedMs = performance.now()
    gateways.a = await nodes.node.a.start()
    const ready = performance.now() - startedMs
    const started = size(gateways.a.memory().now)
    const receivers = await Promise.all(FACILITIES.map((facility) => nodes.listen(`r${facility.toLowerCase()}/dpi`)))
    const received = (): number => receivers.reduce((all, { distinct }) => all + distinct.size, 0)
    await until('deliveries go out', async () => received() > 0, { withinMs: 60_000 })
    const [from, fromMs] = [received(), performance.now()]
    await until('the queues drain', async () => received() >= from + DRAINED, { withinMs: 300_000 })
    const perSecond = ((received() - from) * 1_000) / (performance.now() - fromMs)
    const left = (await gateways.a.status()).inFlight
    tell(`${inFlight - left} delivered, ${Math.round(perSecond)}/s; ${Math.round(most('now'))} MiB`)
    const name = (what: string): string => `PostgreSQL, ${inFlight} queued: ${what}`
    return [
      atMost(name('resident memory of a node after intake'), full.now, 'MiB', 300),
      { name: name('its highest until then'), value: full.peak, unit: 'MiB' },
      { name: name('start to ready'), value: ready, unit: 'ms' },
      atMost(name('resident memory after a start'), started, 'MiB', 300),
      { name: name('deliveries by two nodes'), value: perSecond, unit: '/s' },
      atMost(name('resident memory while delivering'), most('now'), 'MiB', 300),
      atLeast(name('gone from the queues'), inFlight - left, '', 1),
    ]
  } finally {
    await end()
  }
}
