import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ended, type Gateway, type GatewayPlace, startGateway } from './gateway.ts'
import { freePort } from './ports.ts'
import type { Receivers } from './receivers.ts'
import { regionFile } from './region.ts'
import { worldStore } from './store.ts'
import type { WorldSpec } from './world.ts'

/** One node of a world: its region file, its doors, and the processes it is over time. */
export interface Node extends GatewayPlace {
  readonly mllpPort: number
  /** Starts the gateway and waits until it is ready. */
  start(wrap?: readonly string[]): Promise<Gateway>
  /** Starts the gateway without waiting. */
  launch(wrap?: readonly string[]): Gateway
  /** All that the gateway has written so far. */
  logged(): string
  /** Of the processes started so far, whether they run or not. */
  pids(): readonly number[]
  /** Kills what still runs. */
  stopAll(): Promise<void>
}

/** Writes a node's region file into the folder of its world; a `name` is for a node among several. */
export async function placeNode(dir: string, spec: WorldSpec, receivers: Receivers, name?: string): Promise<Node> {
  const [mllpPort, httpPort] = [await freePort(), await freePort()]
  const of = (file: string): string => join(dir, name === undefined ? file : `${name}-${file}`)
  const store = spec.store ?? (await worldStore()) ?? of('store')
  if (!store.includes('://')) mkdirSync(store, { recursive: true, mode: 0o700 })
  const region = of('region.yaml')
  writeFileSync(
    region,
    regionFile({
      mllpPort,
      httpPort,
      sources: spec.sources ?? ['CH-A'],
      destinations: Object.entries(spec.destinations).map(([id, { type = 'mllp', options = {} }]) => {
        const [establishment = '', destination = ''] = id.split('/')
        return { establishment, name: destination, port: receivers.portOf(id), type, options }
      }),
      routes: spec.routes,
      ...(spec.establishments && { establishments: spec.establishments }),
      ...(spec.door && { door: spec.door }),
      ...(spec.top && { top: spec.top }),
    }),
  )
  const place: GatewayPlace = {
    region,
    store,
    httpPort,
    log: of('gateway.log'),
    ...(name !== undefined && { node: name }),
  }
  const gateways: Gateway[] = []
  const launch = (wrap?: readonly string[]): Gateway => {
    const gateway = startGateway(place, wrap)
    gateways.push(gateway)
    return gateway
  }
  return {
    ...place,
    mllpPort,
    launch,
    async start(wrap) {
      const gateway = launch(wrap)
      await gateway.ready()
      return gateway
    },
    logged: () => readFileSync(place.log, 'utf8'),
    pids: () => gateways.map(({ pid }) => pid),
    async stopAll() {
      await Promise.all(gateways.splice(0).map((gateway): Promise<Ended> => gateway.kill()))
    },
  }
}
