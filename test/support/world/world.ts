import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ended, type Gateway, type GatewayPlace, startGateway } from './gateway.ts'
import { freePort } from './ports.ts'
import { openReceiver, type Receiver, type Script } from './receiver.ts'
import { regionFile } from './region.ts'
import { until } from './until.ts'
import { openWebReceiver } from './web-receiver.ts'

/** A destination and the receiver behind it. */
export interface WorldDestination {
  /** What it speaks; default mllp. `script` and `halfOpen` are for mllp. */
  readonly type?: 'mllp' | 'http' | 'fhir'
  /** region.yaml's words for the destination: `timeout`, `retry`, `maxInFlight` … */
  readonly options?: Readonly<Record<string, unknown>>
  readonly script?: Script
  /** Nobody listens until `listen()` is called. */
  readonly dead?: boolean
  /** Accepts connections and never reads. */
  readonly halfOpen?: boolean
}

/** What a world is made of. Destinations are named `establishment/name`. */
export interface WorldSpec {
  /** MSH-4 of the senders; default CH-A. */
  readonly sources?: readonly string[]
  readonly destinations: Readonly<Record<string, WorldDestination>>
  readonly routes: readonly Readonly<Record<string, unknown>>[]
  readonly door?: Readonly<Record<string, unknown>>
  readonly top?: Readonly<Record<string, unknown>>
  /** Folder of the store; default one in the world's own folder. */
  readonly store?: string
}

/** A folder, a region, its receivers, and the real process between them. */
export interface World extends GatewayPlace {
  readonly mllpPort: number
  /** @throws {Error} when there is none of that name, or it is dead */
  receiver(destination: string): Receiver
  /** Opens the receiver of a dead destination. */
  listen(destination: string): Promise<Receiver>
  /** Starts the gateway and waits until it is ready. */
  start(wrap?: readonly string[]): Promise<Gateway>
  /** Starts the gateway without waiting. */
  launch(wrap?: readonly string[]): Gateway
  /** All that the gateway has written so far. */
  logged(): string
  /** Kills what still runs. */
  stopAll(): Promise<void>
  /** Kills what still runs, closes the receivers, removes the folder. */
  close(): Promise<void>
}

/** Makes a world. Close it. */
export async function makeWorld(spec: WorldSpec): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-proof-'))
  const [mllpPort, httpPort] = [await freePort(), await freePort()]
  const receivers = new Map<string, Receiver>()
  const ports = new Map<string, number>()
  const gateways: Gateway[] = []
  for (const id of Object.keys(spec.destinations)) ports.set(id, await freePort())
  const listen = async (id: string): Promise<Receiver> => {
    const { type = 'mllp', script, halfOpen = false } = spec.destinations[id] ?? {}
    const port = ports.get(id) ?? 0
    const receiver = await (type === 'mllp' ? openReceiver(port, script, { halfOpen }) : openWebReceiver(port, script))
    receivers.set(id, receiver)
    return receiver
  }
  for (const [id, { dead }] of Object.entries(spec.destinations)) if (!dead) await listen(id)

  const store = spec.store ?? join(dir, 'store')
  mkdirSync(store, { recursive: true, mode: 0o700 })
  const region = join(dir, 'region.yaml')
  writeFileSync(
    region,
    regionFile({
      mllpPort,
      httpPort,
      sources: spec.sources ?? ['CH-A'],
      destinations: Object.entries(spec.destinations).map(([id, { type = 'mllp', options = {} }]) => {
        const [establishment = '', name = ''] = id.split('/')
        return { establishment, name, port: ports.get(id) ?? 0, type, options }
      }),
      routes: spec.routes,
      ...(spec.door && { door: spec.door }),
      ...(spec.top && { top: spec.top }),
    }),
  )
  const place: GatewayPlace = { region, store, httpPort, log: join(dir, 'gateway.log') }
  const launch = (wrap?: readonly string[]): Gateway => {
    const gateway = startGateway(place, wrap)
    gateways.push(gateway)
    return gateway
  }
  const stopAll = async (): Promise<void> => {
    await Promise.all(gateways.splice(0).map((gateway): Promise<Ended> => gateway.kill()))
  }
  return {
    ...place,
    mllpPort,
    stopAll,
    receiver(id) {
      const receiver = receivers.get(id)
      if (receiver === undefined) throw new Error(`no receiver behind ${id}`)
      return receiver
    },
    listen,
    launch,
    async start(wrap) {
      const gateway = launch(wrap)
      await gateway.ready()
      return gateway
    },
    logged: () => readFileSync(place.log, 'utf8'),
    async close() {
      await stopAll()
      await Promise.all([...receivers.values()].map((receiver) => receiver.close()))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Resolves when the gateway has nothing left to deliver. */
export async function emptied(gateway: Gateway, withinMs = 30_000): Promise<void> {
  await until('the queues are empty', async () => (await gateway.status()).inFlight === 0, { withinMs, everyMs: 50 })
}
