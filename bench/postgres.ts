/** `npm run bench -- --store postgres`: one node and two on a PostgreSQL server of the bench's own, real processes and sockets, fsync on. */
import { ask, type Cluster, startCluster } from '../test/support/postgres/cluster.ts'
import { connect } from '../test/support/world/client.ts'
import { oru, patient } from '../test/support/world/messages.ts'
import { until } from '../test/support/world/until.ts'
import { makeNodes, type Nodes, type WorldDestination } from '../test/support/world/world.ts'
import { atLeast, atMost, type Figure, median, quantile } from './figure.ts'
import { type Posted, postFor } from './post.ts'
import { multiRowRate } from './postgres-insert.ts'
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

/** Intake of one node and of two, in turns with the database's own multi-row inserts of the same rows; medians. */
export async function benchNodes(tell: (line: string) => void): Promise<Figure[]> {
  const { url, nodes, end } = await pair({ dead: true })
  try {
    await nodes.node.a.start()
    await nodes.node.b.start()
    const runs: { raw: number; one: number; two: number }[] = []
    for (let n = 1; n <= REPEATS; n++) {
      const raw = await multiRowRate(url, SECONDS)
      const one = sum(await post(nodes, ['a']))
      const two = sum(await post(nodes, ['a', 'b']))
      runs.push({ raw, one, two })
      tell(`${n}/${REPEATS}: multi-row ${Math.round(raw)}/s, one node ${Math.round(one)}/s, two ${Math.round(two)}/s`)
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

/** Resident memory of a node with many deliveries queued. */
export async function benchNodesQueued(tell: (line: string) => void, queued: number): Promise<Figure[]> {
  const { nodes, end } = await pair({ dead: true })
  try {
    const a = await nodes.node.a.start()
    const b = await nodes.node.b.start()
    await post(nodes, ['a', 'b'], { seconds: 3_600, warmSeconds: 0, count: Math.ceil(queued / 2) })
    const { inFlight } = await a.status()
    const memory = { a: a.memory(), b: b.memory() }
    tell(`${inFlight} queued; a ${memory.a.now / MIB} MiB, b ${memory.b.now / MIB} MiB`)
    const now = Math.max(memory.a.now, memory.b.now) / MIB
    const peak = Math.max(memory.a.peak, memory.b.peak) / MIB
    return [
      atMost(`PostgreSQL: resident memory of a node, ${inFlight} queued`, now, 'MiB', 300),
      { name: 'PostgreSQL: its highest during the intake', value: peak, unit: 'MiB' },
    ]
  } finally {
    await end()
  }
}
