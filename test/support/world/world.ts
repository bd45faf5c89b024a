import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Gateway } from './gateway.ts'
import { type Node, placeNode } from './node.ts'
import { ownerOf } from './owner.ts'
import type { Script } from './receiver.ts'
import { openReceivers, type Receivers } from './receivers.ts'
import { until } from './until.ts'

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
  /** The ledger keeps the bytes of each message. */
  readonly keeps?: boolean
}

/** What a world is made of. Destinations are named `establishment/name`. */
export interface WorldSpec {
  /** MSH-4 of the senders; default CH-A. */
  readonly sources?: readonly string[]
  readonly destinations: Readonly<Record<string, WorldDestination>>
  readonly routes: readonly Readonly<Record<string, unknown>>[]
  /** More keys of establishments, by id: `strict` … */
  readonly establishments?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly door?: Readonly<Record<string, unknown>>
  readonly top?: Readonly<Record<string, unknown>>
  /** Folder of the store, or the URL of a database; default a folder in the world's own. */
  readonly store?: string
}

/** A folder, a region, its receivers, and the real process between them. */
export interface World extends Node, Omit<Receivers, 'close' | 'portOf'> {
  /** Kills what still runs, closes the receivers, removes the folder. */
  close(): Promise<void>
}

/** Makes a world. Close it. */
export async function makeWorld(spec: WorldSpec): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-proof-'))
  const receivers = await openReceivers(spec.destinations)
  const node = await placeNode(dir, spec, receivers)
  return {
    ...node,
    receiver: receivers.receiver,
    listen: receivers.listen,
    async close() {
      await node.stopAll()
      await receivers.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A folder, one region, its receivers, and several equal nodes between them on one database. */
export interface Nodes<Name extends string> extends Omit<Receivers, 'close' | 'portOf'> {
  readonly node: Readonly<Record<Name, Node>>
  /** Which node made a connection to a destination; null: none of ours. */
  madeBy(destination: string, connection: number): Name | null
  /** Kills what still runs, closes the receivers, removes the folder; the database stays. */
  close(): Promise<void>
}

/**
 * Makes a world of several nodes. Each has doors of its own; all else in their region files is the same. `storeOf` gives
 * the database as a node is to reach it (through a proxy of its own). Close it. */
export async function makeNodes<const Name extends string>(
  spec: WorldSpec,
  names: readonly Name[],
  storeOf: (name: Name) => string,
): Promise<Nodes<Name>> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-nodes-'))
  const node = {} as Record<Name, Node>
  const made = new Map<string, Name | null>()
  const receivers = await openReceivers(spec.destinations, (id, connection, callerPort) => {
    const owns = (name: Name): boolean => ownerOf(callerPort, receivers.portOf(id), node[name].pids()) !== null
    made.set(`${id} ${connection}`, names.find(owns) ?? null)
  })
  for (const name of names) {
    node[name] = await placeNode(dir, { ...spec, store: storeOf(name) }, receivers, name)
  }
  return {
    node,
    madeBy: (id, connection) => made.get(`${id} ${connection}`) ?? null,
    receiver: receivers.receiver,
    listen: receivers.listen,
    async close() {
      await Promise.all(names.map((name) => node[name].stopAll()))
      await receivers.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Resolves when the gateway has nothing left to deliver. */
export async function emptied(gateway: Gateway, withinMs = 90_000): Promise<void> {
  await until('the queues are empty', async () => (await gateway.status()).inFlight === 0, { withinMs, everyMs: 50 })
}
