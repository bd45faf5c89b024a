/** What fifty live pages of the overview cost a gateway at work: processor time with them, less that without. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { processorMs } from '../test/support/world/gateway.ts'
import { OPERATOR_KEY } from '../test/support/world/region.ts'
import { makeWorld, type World } from '../test/support/world/world.ts'
import { atMost, type Figure, median, quantile } from './figure.ts'
import { postFor } from './post.ts'
import { benchSpec, FACILITIES } from './region.ts'

const VIEWERS = 50
/** So many live pages each person has. */
const EACH = 5
const SECONDS = 10
const REPEATS = 3
/** Messages a second: every look finds something new. */
const RATE = 50

interface Viewer {
  readonly response: IncomingMessage
  events: number
  bytes: number
}

async function viewer(port: number, key: string): Promise<Viewer> {
  const headers = { authorization: `Bearer ${key}` }
  const request = get({ host: '127.0.0.1', port, path: '/live/overview?lang=fr', headers, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`a viewer got ${response.statusCode}`)
  const seen: Viewer = { response, events: 0, bytes: 0 }
  response.on('error', () => {})
  response.on('data', (chunk: Buffer) => {
    seen.events += chunk.includes('data: ') ? 1 : 0
    seen.bytes += chunk.length
  })
  return seen
}

const KEYS = Array.from({ length: VIEWERS / EACH }, (_, n) => `bench-viewer-${n}`)
/** `operators` of a region that is watched: the one of every bench, and those who watch. */
export const WATCHING = [OPERATOR_KEY, ...KEYS].map((key, n) => ({
  name: `op-${n}`,
  role: 'admin',
  keySha256: createHash('sha256').update(key).digest('hex'),
}))

/** Share of a core that fifty viewers take, with fifty messages a second passing; and how the messages fare meanwhile. */
export async function benchViewers(tell: (line: string) => void): Promise<Figure[]> {
  const world = await makeWorld({ ...benchSpec({}), top: { operators: WATCHING } })
  try {
    const gateway = await world.start()
    return await watched(world, gateway.pid, FACILITIES, tell)
  } finally {
    await world.close()
  }
}

/** The same of a gateway that runs, whose operators are `WATCHING`. */
export async function watched(
  { mllpPort, httpPort }: Pick<World, 'mllpPort' | 'httpPort'>,
  pid: number,
  facilities: readonly string[],
  tell: (line: string) => void,
): Promise<Figure[]> {
  const run = async () => {
    const before = processorMs(pid)
    const began = performance.now()
    const { latencies } = await postFor({ port: mllpPort, facilities, connections: 8, seconds: SECONDS, rate: RATE })
    const share = (100 * (processorMs(pid) - before)) / (performance.now() - began)
    return { share, p99: quantile([...latencies], 0.99) }
  }
  await run()
  const shares: number[] = []
  const p99s: number[] = []
  for (let n = 1; n <= REPEATS; n++) {
    const alone = await run()
    const viewers = await Promise.all(KEYS.flatMap((key) => Array.from({ length: EACH }, () => viewer(httpPort, key))))
    const seen = await run()
    const events = median(viewers.map((one) => one.events)) / SECONDS
    const bytes = median(viewers.map((one) => one.bytes)) / SECONDS
    for (const { response } of viewers) response.destroy()
    shares.push(seen.share - alone.share)
    p99s.push(seen.p99)
    tell(
      `${n}/${REPEATS}: ${alone.share.toFixed(1)} % of a core alone, ${seen.share.toFixed(1)} % with ${VIEWERS} viewers (each ${events.toFixed(1)} events and ${Math.round(bytes)} bytes a second), p99 of answers ${alone.p99.toFixed(1)} and ${seen.p99.toFixed(1)} ms`,
    )
  }
  return [
    atMost(`${VIEWERS} live viewers: processor time on top`, median(shares), '% of a core', 10),
    { name: `${VIEWERS} live viewers: p99 of answers at ${RATE}/s`, value: median(p99s), unit: 'ms' },
  ]
}
