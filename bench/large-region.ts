/**
 * A region of a thousand establishments, two destinations each, three thousand routes: what its size costs a start, a
 * message and the overview; and on PostgreSQL how long it takes until a node has all its destinations, and until the other
 * has those of one that was killed. */
import { ask, startCluster } from '../test/support/postgres/cluster.ts'
import { type Gateway, processorMs } from '../test/support/world/gateway.ts'
import { until } from '../test/support/world/until.ts'
import { makeNodes, makeWorld, type WorldSpec } from '../test/support/world/world.ts'
import { atMost, type Figure, median } from './figure.ts'
import { postFor } from './post.ts'
import { quiet } from './quiet.ts'
import { benchWorld, FACILITIES } from './region.ts'

const COUNT = 1_000
const MIB = 2 ** 20
const CONNECTIONS = 64
const SECONDS = 4
const REPEATS = 3

const names = Array.from({ length: COUNT }, (_, i) => `CH-${String(i).padStart(4, '0')}`)
const ids = names.map((name) => name.toLowerCase())

/** Nobody takes anything: queues grow, and connections are tried at all of them, so that neither side is ever quiet. */
function largeSpec(): WorldSpec {
  const next = (i: number): string => ids[(i + 1) % COUNT]!
  return {
    sources: names,
    destinations: Object.fromEntries(
      ids.flatMap((id) => ['dpi', 'labo'].map((name) => [`${id}/${name}`, { dead: true }])),
    ),
    routes: ids.flatMap((id, i) => [
      { name: `results of ${id}`, when: { kinds: ['ORU^R01'], from: [id] }, to: [`${next(i)}/dpi`] },
      { name: `movements of ${id}`, when: { kinds: ['ADT^*'], from: [id] }, to: [`${next(i)}/dpi`, `${id}/labo`] },
      { name: `orders of ${id}`, when: { kinds: ['ORM^O01'], from: [id] }, to: [`${next(i)}/labo`] },
    ]),
  }
}

/** Processor time of a message taken in at full speed, µs, and the rate. */
async function intake(gateway: Gateway, port: number, facilities: readonly string[]) {
  const before = processorMs(gateway.pid)
  const run = await postFor({ port, connections: CONNECTIONS, facilities, seconds: SECONDS })
  return { perSecond: run.perSecond, cost: ((processorMs(gateway.pid) - before) * 1_000) / run.total }
}

/** On the embedded store, beside the region of eight establishments. */
export async function benchLargeRegion(tell = (line: string): void => console.error(`  ${line}`)): Promise<Figure[]> {
  const [large, small] = [await makeWorld(largeSpec()), await benchWorld({ dead: true })]
  try {
    const began = performance.now()
    const gateway = await large.start()
    const ready = performance.now() - began
    const resident = gateway.memory().now / MIB
    const beside = await small.start()
    const runs: { large: number; small: number; cost: number; smallCost: number }[] = []
    for (let n = 1; n <= REPEATS; n++) {
      const here = await intake(gateway, large.mllpPort, names)
      const there = await intake(beside, small.mllpPort, FACILITIES)
      runs.push({ large: here.perSecond, small: there.perSecond, cost: here.cost, smallCost: there.cost })
      tell(
        `${n}/${REPEATS}: ${Math.round(here.perSecond)}/s at ${Math.round(here.cost)} µs; a small region ${Math.round(there.perSecond)}/s at ${Math.round(there.cost)} µs`,
      )
    }
    const times: number[] = []
    let bytes = 0
    for (let n = 0; n < 10; n++) {
      const asked = performance.now()
      bytes = (await gateway.get('/')).body.length
      times.push(performance.now() - asked)
    }
    const of = (read: (run: (typeof runs)[number]) => number): number => median(runs.map(read))
    return [
      { name: 'large region: start to ready', value: ready, unit: 'ms' },
      { name: 'large region: resident memory after a start', value: resident, unit: 'MiB' },
      { name: 'large region: intake', value: of((run) => run.large), unit: '/s' },
      atMost(
        'large region: processor time of a message, times that of a small region',
        of(({ cost, smallCost }) => cost / smallCost),
        '',
        1.5,
      ),
      { name: 'large region: overview', value: median(times), unit: 'ms' },
      atMost('large region: size of the overview', bytes / 1024, 'KiB', 1_024),
    ]
  } finally {
    await large.close()
    await small.close()
  }
}

/** On PostgreSQL: two nodes, of which one is killed. */
export async function benchLargeNodes(tell: (line: string) => void): Promise<Figure[]> {
  const cluster = await startCluster({ settings: { shared_buffers: '512MB' } })
  const url = await cluster.createDatabase()
  const nodes = await makeNodes(largeSpec(), ['a', 'b'], () => url)
  const held = async (name: 'a' | 'b'): Promise<number> => {
    const text = `SELECT count(*)::int AS n FROM lease l JOIN node o ON o.incarnation = l.holder
      WHERE o.name = '${name}' AND l.name LIKE 'destination:%'`
    return ((await ask(url, text)) as { n: number }[])[0]?.n ?? 0
  }
  const reached = async (name: 'a' | 'b', count: number): Promise<number> => {
    const began = performance.now()
    const enough = async (): Promise<boolean> => (await held(name)) >= count
    await until(`${name} has ${count} destinations`, enough, { withinMs: 300_000, everyMs: 50 })
    return performance.now() - began
  }
  try {
    const all = 2 * COUNT
    const a = await nodes.node.a.start()
    const taken = await reached('a', all)
    tell(`one node has all destinations ${Math.round(taken)} ms after it was ready`)
    await quiet([a.pid])
    const before = processorMs(a.pid)
    const QUIET_S = 10
    await new Promise((resolve) => setTimeout(resolve, QUIET_S * 1_000))
    const idle = (processorMs(a.pid) - before) / QUIET_S
    const run = await intake(a, nodes.node.a.mllpPort, names)
    const b = await nodes.node.b.start()
    const shared = await reached('b', all * 0.45)
    tell(`a second node has its share after ${Math.round(shared)} ms`)
    await b.kill()
    const over = await reached('a', all)
    tell(`the first has all again ${Math.round(over)} ms after the second was killed`)
    const name = (what: string): string => `PostgreSQL, large region: ${what}`
    return [
      atMost(name('one node has all destinations, from ready'), taken, 'ms', 10_000),
      { name: name('processor time at rest'), value: idle, unit: 'ms/s' },
      { name: name('intake, one node'), value: run.perSecond, unit: '/s' },
      { name: name('processor time of a message'), value: run.cost, unit: 'µs' },
      { name: name('a second node has its share'), value: shared, unit: 'ms' },
      atMost(name('all taken over after a kill'), over, 'ms', 10_000),
    ]
  } finally {
    await nodes.close()
    await cluster.end()
  }
}
