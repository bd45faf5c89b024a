import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NODE, processorMs } from '../test/support/world/gateway.ts'
import { emptied } from '../test/support/world/world.ts'
import { atLeast, atMost, type Figure, median, quantile } from './figure.ts'
import { rawWriterRate } from './journal.ts'
import { type Posted, postFor } from './post.ts'
import { benchWorld, deliveredIn, FACILITIES } from './region.ts'

const CONNECTIONS = [64, 8, 1] as const
const REPEATS = 3
const SECONDS = 4
const WRITER_SECONDS = 2

interface Run {
  readonly gateway: Posted
  readonly raw: Posted
  /** The raw group-commit writer of the same rows, messages/s. */
  readonly writer: number
  /** Deliveries a second while the gateway took messages in. */
  readonly delivered: number
  /** Processor time of the gateway per message accepted, deliveries meanwhile included, ms. */
  readonly cost: number
  /** The same of the raw reference. */
  readonly rawCost: number
  /** Left in the queues when the posts ended. */
  readonly backlog: number
}

async function rawServer(): Promise<{ port: number; pid: number; stop(): Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-raw-'))
  const child: ChildProcess = spawn(NODE, [fileURLToPath(new URL('raw.ts', import.meta.url)), join(dir, 'raw.db')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data')
  return {
    port: Number.parseInt(String(line), 10),
    pid: child.pid ?? 0,
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/**
 * Durable intake over MLLP (1.5 KB ORU, answer after fsync) while what came in is delivered to eight destinations, beside
 * two references taken in turns with it, medians of the repeats: the raw writer (the same rows in the same group commit,
 * nothing else), and a bare server (frames in, one INSERT of the bytes, a fixed answer) under the same generator. */
export async function benchIntake(tell: (line: string) => void): Promise<Figure[]> {
  const world = await benchWorld()
  const raw = await rawServer()
  try {
    const gateway = await world.start()
    const runs = new Map<number, Run[]>(CONNECTIONS.map((connections) => [connections, []]))
    for (let n = 1; n <= REPEATS; n++) {
      for (const connections of CONNECTIONS) {
        const plan = { connections, facilities: FACILITIES, seconds: SECONDS }
        const rawUsed = processorMs(raw.pid)
        const ofRaw = await postFor({ ...plan, port: raw.port })
        const rawCost = (processorMs(raw.pid) - rawUsed) / ofRaw.total
        const writer = await rawWriterRate(connections, WRITER_SECONDS)
        const used = processorMs(gateway.pid)
        const before = deliveredIn(world)
        const began = performance.now()
        const ofGateway = await postFor({ ...plan, port: world.mllpPort })
        const cost = (processorMs(gateway.pid) - used) / ofGateway.total
        const delivered = ((deliveredIn(world) - before) * 1_000) / (performance.now() - began)
        const backlog = (await gateway.status()).inFlight
        await emptied(gateway, 120_000)
        runs.get(connections)?.push({ gateway: ofGateway, raw: ofRaw, writer, delivered, cost, rawCost, backlog })
        tell(
          `${n}/${REPEATS}, ${connections} connections: ${Math.round(ofGateway.perSecond)}/s (raw writer ${Math.round(writer)}/s, bare server ${Math.round(ofRaw.perSecond)}/s), delivered ${Math.round(delivered)}/s, backlog ${backlog}, refused ${ofGateway.refused}`,
        )
      }
    }
    return CONNECTIONS.flatMap((connections) => figures(connections, runs.get(connections) ?? []))
  } finally {
    await world.close()
    await raw.stop()
  }
}

function figures(connections: number, runs: readonly Run[]): Figure[] {
  const of = (read: (run: Run) => number): number => median(runs.map(read))
  const name = (what: string): string => `intake, ${connections} connection${connections > 1 ? 's' : ''}: ${what}`
  const rate = of((run) => run.gateway.perSecond)
  const ratio = of((run) => run.gateway.perSecond / run.writer)
  return [
    connections === 64
      ? atLeast(name('accepted'), rate, '/s', 5_000)
      : { name: name('accepted'), value: rate, unit: '/s' },
    { name: name('raw writer'), value: of((run) => run.writer), unit: '/s' },
    connections === 8
      ? { name: name('ratio to the raw writer'), value: ratio, unit: '' }
      : atLeast(name('ratio to the raw writer'), ratio, '', connections === 64 ? 0.4 : 0.5),
    connections === 64
      ? atLeast(
          name('delivered meanwhile'),
          of((run) => run.delivered),
          '/s',
          2_000,
        )
      : { name: name('delivered meanwhile'), value: of((run) => run.delivered), unit: '/s' },
    { name: name('bare server'), value: of((run) => run.raw.perSecond), unit: '/s' },
    { name: name('ratio to the bare server'), value: of((run) => run.gateway.perSecond / run.raw.perSecond), unit: '' },
    { name: name('processor time per message'), value: of((run) => run.cost), unit: 'ms' },
    { name: name('processor time per message, bare server'), value: of((run) => run.rawCost), unit: 'ms' },
    { name: name('backlog after'), value: of((run) => run.backlog), unit: 'messages' },
    { name: name('p50'), value: of((run) => quantile([...run.gateway.latencies], 0.5)), unit: 'ms' },
    { name: name('p99'), value: of((run) => quantile([...run.gateway.latencies], 0.99)), unit: 'ms' },
  ]
}

/** Intake alone: the destinations are down, so that nothing but taking in is done, as by the raw reference. */
export async function benchIntakeAlone(tell: (line: string) => void): Promise<Figure[]> {
  const world = await benchWorld({ dead: true })
  const raw = await rawServer()
  try {
    await world.start()
    const rates: number[] = []
    const ratios: number[] = []
    for (let n = 1; n <= REPEATS; n++) {
      const plan = { connections: 64, facilities: FACILITIES, seconds: SECONDS }
      const ofRaw = await postFor({ ...plan, port: raw.port })
      const ofGateway = await postFor({ ...plan, port: world.mllpPort })
      rates.push(ofGateway.perSecond)
      ratios.push(ofGateway.perSecond / ofRaw.perSecond)
      tell(`${n}/${REPEATS}: ${Math.round(ofGateway.perSecond)}/s (raw ${Math.round(ofRaw.perSecond)}/s)`)
    }
    return [
      { name: 'intake alone, 64 connections: accepted', value: median(rates), unit: '/s' },
      { name: 'intake alone, 64 connections: ratio to raw', value: median(ratios), unit: '' },
    ]
  } finally {
    await world.close()
    await raw.stop()
  }
}

/** Time to answer at 1,000 messages a second, whether answers come or not, while they are delivered. */
export async function benchOpenLoop(tell: (line: string) => void): Promise<Figure[]> {
  const world = await benchWorld()
  try {
    await world.start()
    const p50: number[] = []
    const p99: number[] = []
    for (let n = 1; n <= REPEATS; n++) {
      const run = await postFor({
        port: world.mllpPort,
        connections: 64,
        facilities: FACILITIES,
        seconds: 8,
        warmSeconds: 2,
        rate: 1_000,
      })
      p50.push(quantile([...run.latencies], 0.5))
      p99.push(quantile([...run.latencies], 0.99))
      tell(
        `${n}/${REPEATS}: ${Math.round(run.perSecond)}/s, p50 ${p50.at(-1)?.toFixed(2)} ms, p99 ${p99.at(-1)?.toFixed(2)} ms`,
      )
    }
    return [
      { name: 'answer at 1,000/s: p50', value: median(p50), unit: 'ms' },
      atMost('answer at 1,000/s: p99', median(p99), 'ms', 25),
    ]
  } finally {
    await world.close()
  }
}
