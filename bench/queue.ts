import { connect } from '../test/support/world/client.ts'
import { orm, oru, patient } from '../test/support/world/messages.ts'
import { until } from '../test/support/world/until.ts'
import type { World } from '../test/support/world/world.ts'
import { atMost, type Figure, median, quantile } from './figure.ts'
import { postFor } from './post.ts'
import { benchWorld, FACILITIES } from './region.ts'

const MIB = 2 ** 20
const URGENT_POSTS = 60
const STARTS = 7

let made = 0

/** Posts stroke requests one by one; ms from post to the receiver's having it. */
async function urgentLatencies(world: World): Promise<number[]> {
  const client = await connect(world.mllpPort)
  const receiver = world.receiver('rch-a/dpi')
  const latencies: number[] = []
  for (let n = 0; n < URGENT_POSTS; n++) {
    const controlId = `URGENT${++made}`
    const bytes = orm({ facility: 'CH-A', patient: patient(90_000 + n), controlId })
    const began = performance.now()
    const arrived = receiver.when(({ ledger }) => ledger.at(-1)?.controlId === controlId)
    const answer = await client.post(bytes)
    if (answer?.code !== 'AA') throw new Error(`an urgent message was answered ${answer?.code}`)
    await arrived
    latencies.push(performance.now() - began)
  }
  client.close()
  return latencies
}

/** From post to the far side for an urgent message: with nothing else to do, and behind 100,000 normal ones. */
export async function benchUrgent(tell: (line: string) => void): Promise<Figure[]> {
  const world = await benchWorld({ options: { timeout: '10 min' } })
  try {
    const gateway = await world.start()
    const idle = await urgentLatencies(world)
    // Normal messages are answered after an hour, so they stay where they are: in the queue.
    world.receiver('rch-a/dpi').behave((id) => (id.startsWith('URGENT') ? 'AA' : 'silent'))
    const QUEUED = 100_000
    await postFor({
      port: world.mllpPort,
      connections: 64,
      facilities: ['CH-A'],
      seconds: 600,
      warmSeconds: 0,
      count: QUEUED,
    })
    const { inFlight } = await gateway.status()
    tell(`${inFlight} queued`)
    const behind = await urgentLatencies(world)
    return [
      { name: 'urgent, idle: p50', value: median(idle), unit: 'ms' },
      { name: 'urgent, idle: p99', value: quantile(idle, 0.99), unit: 'ms' },
      { name: `urgent, ${inFlight} queued: p50`, value: median(behind), unit: 'ms' },
      { name: `urgent, ${inFlight} queued: p99`, value: quantile(behind, 0.99), unit: 'ms' },
    ]
  } finally {
    await world.close()
  }
}

/** Milliseconds from the start of the process to its first positive answer, and to `/readyz`. */
async function comeUp(world: World): Promise<{ ready: number; answer: number; memory: number }> {
  const began = performance.now()
  const gateway = world.launch()
  const first = until(
    'a first answer',
    async () => {
      const client = await connect(world.mllpPort)
      const answer = await client.post(oru({ facility: 'CH-B', patient: patient(99_000), controlId: `UP${++made}` }))
      client.close()
      return answer?.code === 'AA' && performance.now() - began
    },
    { withinMs: 120_000, everyMs: 5 },
  )
  await gateway.ready(120_000)
  const ready = performance.now() - began
  const answer = await first
  return { ready, answer, memory: gateway.memory().now }
}

/** Serving again after SIGKILL, with little in the queues. */
export async function benchRestart(tell: (line: string) => void): Promise<Figure[]> {
  const world = await benchWorld()
  try {
    const answers: number[] = []
    for (let n = 0; n < STARTS; n++) {
      const gateway = await world.start()
      await postFor({ port: world.mllpPort, connections: 16, facilities: FACILITIES, seconds: 0.5, warmSeconds: 0 })
      await gateway.kill()
      const { answer } = await comeUp(world)
      answers.push(answer)
      tell(`first answer ${Math.round(answer)} ms after the restart`)
      await world.stopAll()
    }
    return [atMost('first answer after a kill', median(answers), 'ms', 2_000)]
  } finally {
    await world.close()
  }
}

/** Memory and start with a million messages waiting for destinations that are down. */
export async function benchMillion(tell: (line: string) => void, count: number): Promise<Figure[]> {
  const world = await benchWorld({ dead: true })
  try {
    const gateway = await world.start()
    const step = count / 10
    for (let n = 1; n <= 10; n++) {
      const run = await postFor({
        port: world.mllpPort,
        connections: 64,
        facilities: FACILITIES,
        seconds: 1_200,
        warmSeconds: 0,
        count: step,
      })
      tell(
        `${n * step} queued, ${Math.round(run.perSecond)}/s, resident memory ${Math.round(gateway.memory().now / MIB)} MiB`,
      )
    }
    const full = gateway.memory()
    const { inFlight } = await gateway.status()
    const { code } = await gateway.stop()
    if (code !== 0) tell(`stop ended with ${code}`)
    const cold = await comeUp(world)
    await world.stopAll()
    const after = await comeUp(world)
    const name = (what: string): string => `${inFlight} queued: ${what}`
    return [
      atMost(name('resident memory after intake'), full.now / MIB, 'MiB', 300),
      { name: name('highest resident memory'), value: full.peak / MIB, unit: 'MiB' },
      atMost(name('cold start to ready'), cold.ready, 'ms', 3_000),
      atMost(name('resident memory after start'), after.memory / MIB, 'MiB', 300),
      atMost(name('first answer after a start'), median([cold.answer, after.answer]), 'ms', 2_000),
    ]
  } finally {
    await world.close()
  }
}
