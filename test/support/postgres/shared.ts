import { once } from 'node:events'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import { type Cluster, type Databases, databasesOf, startCluster } from './cluster.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Port of 127.0.0.1 that tells where the shared PostgreSQL server is. */
    postgresDesk: number
  }
}

/** What the desk says: where the server is, or why there is none. */
type Said = { readonly port: number; readonly password: string } | { readonly fault: string }

/**
 * vitest's global set-up: a desk where test files ask for the one PostgreSQL server of the run. Who asks first has it
 * started, so a run that needs none pays nothing. Gives the clearing away. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let cluster: Promise<Cluster> | null = null
  const desk = net.createServer(async (socket) => {
    socket.on('error', () => {})
    cluster ??= startCluster({ settings: { max_connections: 200 } })
    const said: Said = await cluster.then(
      ({ port, password }) => ({ port, password }),
      (fault: unknown) => ({ fault: String(fault) }),
    )
    socket.end(JSON.stringify(said))
  })
  desk.listen(0, '127.0.0.1')
  await once(desk, 'listening')
  project.provide('postgresDesk', (desk.address() as net.AddressInfo).port)
  return async () => {
    desk.close()
    await cluster?.then(
      (one) => one.end(),
      () => {},
    )
  }
}

/**
 * The PostgreSQL server that all test files of this run share; each test makes a database of its own there. Who
 * restarts, fills or cuts a server starts one with `startCluster`. @throws {Error} when it did not start */
export async function sharedCluster(): Promise<Databases> {
  const said = JSON.parse(await text(net.connect(inject('postgresDesk'), '127.0.0.1'))) as Said
  if ('fault' in said) throw new Error(said.fault)
  return databasesOf(said.port, said.password)
}
