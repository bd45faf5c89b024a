import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { readRegion } from '../../src/app/config/index.ts'
import { type Gateway, openGateway } from '../../src/app/gateway.ts'
import { createMeter } from '../../src/app/meter.ts'
import type { StoreAddress } from '../../src/app/store.ts'
import type { Clock } from '../../src/core/ports.ts'
import { oru } from '../pipeline/stage.ts'
import { type Notebook, notebook } from '../support/peers/notebook.ts'
import { regionText, type Written } from '../support/region.ts'
import { block } from '../support/world/frame.ts'
import { freePort } from '../support/world/ports.ts'
import { openReceiver, type Receiver } from '../support/world/receiver.ts'

/** Hash of the key `demo-admin`. */
const ADMIN = 'cce7a2cf1ae045989cfc914fb95a41526f167a838b3c7d33745143614abace7c'

/** A whole gateway in this process, over a region file that can be written again. */
export interface World {
  readonly dir: string
  readonly file: string
  gateway: Gateway
  readonly notebook: Notebook
  /** Address of the plain HTTP door. */
  readonly url: () => string
  /** Port of a door. */
  port(door: string): number
  /** Writes the region file: destinations of `receiver` by name, routes of everything from `sender` to all of them. */
  write(destinations: Readonly<Record<string, object>>, parts?: Written): void
  start(): Promise<void>
  /** Sends messages by MLLP, each of a patient of its own; gives their MSA-1. */
  post(...controlIds: string[]): Promise<string[]>
  /** Sends messages of one patient. */
  postOf(patient: string, ...controlIds: string[]): Promise<string[]>
  /** A call of the API by the operator. */
  call(path: string, body?: object): Promise<{ status: number; json: Record<string, unknown> }>
}

/** A far side for destinations. */
export async function farSide(
  ...script: Parameters<typeof openReceiver> extends [unknown, ...infer R] ? R : never
): Promise<Receiver> {
  const receiver = await openReceiver(await freePort(), ...script)
  onTestFinished(() => receiver.close())
  return receiver
}

/** An MLLP destination at a far side. */
export function mllpAt(receiver: { readonly port: number }, parts: object = {}): object {
  return { type: 'mllp', host: '127.0.0.1', port: receiver.port, use: 'qualification', ...parts }
}

/** Where a world's store is, when not in its own folder, and the name of its node. */
export interface Place {
  readonly store?: StoreAddress
  readonly nodeName?: string
  /** With the guided first run. */
  readonly guided?: boolean
}

/** Makes the world; nothing runs before `start`. */
export function makeWorld(clock: Clock = machineClock, { store, nodeName = 'n1', guided = false }: Place = {}): World {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-running-'))
  const file = join(dir, 'region.yaml')
  const book = notebook()
  let running: Gateway | null = null
  const world: World = {
    dir,
    file,
    notebook: book,
    get gateway() {
      if (running === null) throw new Error('nothing runs')
      return running
    },
    set gateway(next) {
      running = next
    },
    port: (door) => world.gateway.doors.find(({ name }) => name === door)?.port ?? 0,
    url: () => `http://127.0.0.1:${world.port('http')}`,
    write(destinations, parts = {}) {
      const all = Object.keys(destinations).map((name) => `receiver/${name}`)
      const region = JSON.parse(regionText())
      region.establishments[1].destinations = destinations
      const text = JSON.stringify({
        ...region,
        entrances: { mllp: { port: 0 }, http: { port: 0 } },
        operators: [{ name: 'op', role: 'admin', keySha256: ADMIN }],
        routes: [{ name: 'all', when: { from: ['sender'] }, to: all.length > 0 ? all : ['platform'] }],
        ...parts,
      })
      writeFileSync(file, text)
    },
    async start() {
      const reread = () => readRegion(file, {})
      const reading = await reread()
      if (reading.node === null || reading.shared === null) throw new Error(JSON.stringify(reading.problems, null, 2))
      running = await openGateway({
        store: store ?? { kind: 'file', dir: join(dir, 'store') },
        nodeName,
        node: reading.node,
        shared: reading.shared,
        read: reading.read,
        source: { reading, reread, place: { folder: dir, env: {} } },
        guided,
        clock,
        ids: machineIds,
        log: book.log,
        meter: createMeter({ clock, strict: true, runtime: false }),
        onFatal: (fault) => {
          throw fault
        },
      })
    },
    post: (...controlIds) => postAll(world.port('mllp'), controlIds),
    postOf: (patient, ...controlIds) => postAll(world.port('mllp'), controlIds, patient),
    async call(path, body) {
      const response = await fetch(world.url() + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: 'Bearer demo-admin', ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      })
      return { status: response.status, json: (await response.json()) as Record<string, unknown> }
    },
  }
  onTestFinished(async () => {
    await running?.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  return world
}

function postAll(port: number, controlIds: readonly string[], patient?: string): Promise<string[]> {
  return postTexts(
    port,
    controlIds.map((id) => oru({ 10: id }, `${patient ?? `P-${id}`}^^^SENDER^PI`)),
  )
}

/** Sends messages as they are, on one connection; gives their MSA-1. */
export async function postTexts(port: number, messages: readonly string[]): Promise<string[]> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.write(Buffer.concat(messages.map(block)))
  while (text.split('\x1c\r').length <= messages.length) text += String((await once(socket, 'data'))[0])
  socket.destroy()
  return [...text.matchAll(/\rMSA\|(\w\w)\|/g)].map(([, code]) => code!)
}
