import type { Socket } from 'node:net'

const slow = new WeakSet<Socket>()

/** A request of this connection may take longer than the door's `requestMs`: its route keeps a limit of its own. */
export function takesLong(socket: Socket): void {
  slow.add(socket)
}

/** It is over: the next request of the connection is timed as any other. */
export function tookLong(socket: Socket): void {
  slow.delete(socket)
}

/** May a request of the connection take long? */
export function mayTakeLong(socket: Socket): boolean {
  return slow.has(socket)
}
