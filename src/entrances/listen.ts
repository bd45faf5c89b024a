import type { Server } from 'node:net'
import { isLoopback } from '../core/address.ts'
import { GatewayError } from '../core/errors.ts'

/**
 * When a door closes, whoever is in the middle of a message, or has come and said nothing yet, has so long to say it (ms):
 * it could not know that the door was about to close. */
export const LAST_CALL_MS = 1_000

/** What tells where a door listens, and whether it may. */
export interface DoorAddress {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly allowPlain: boolean
  readonly tls: object | null
}

/** Connections that the kernel holds until they are taken. */
export const BACKLOG = 1_024

/**
 * A plain door may be reached from this machine only, unless the region file says otherwise.
 * @throws {GatewayError} CONFIG_INVALID when it may not listen on `host` */
export function mayListen({ name, tls, allowPlain, host }: DoorAddress): void {
  if (tls !== null || allowPlain || isLoopback(host)) return
  throw new GatewayError('CONFIG_INVALID', `${name}: a plain door on ${host} needs allowPlain: true`)
}

/**
 * Listens at the door's address, or on `inherited`: the descriptor of a socket that was bound for it before this process
 * began, to which the rule of plain doors applies just as well.
 * @throws {GatewayError} CONFIG_INVALID; or when the address cannot be bound */
export async function listenAt(
  server: Server,
  door: DoorAddress,
  inherited: number | null,
): Promise<{ readonly host: string; readonly port: number }> {
  if (inherited === null) mayListen(door)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const where = inherited === null ? { host: door.host, port: door.port } : { fd: inherited }
  server.once('error', reject)
  server.listen({ ...where, backlog: BACKLOG }, resolve)
  try {
    await promise
  } catch (fault) {
    if (inherited === null) throw fault
    throw noSocket(door.name, fault)
  } finally {
    server.off('error', reject)
  }
  const at = server.address()
  try {
    if (at === null || typeof at === 'string') throw noSocket(door.name)
    mayListen({ ...door, host: at.address })
  } catch (fault) {
    server.close()
    throw fault
  }
  return { host: at.address, port: at.port }
}

function noSocket(door: string, cause?: unknown): GatewayError {
  return new GatewayError('CONFIG_INVALID', `${door}: what was passed for this door is no TCP socket`, { cause })
}
