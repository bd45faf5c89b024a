import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpDoor } from '../../core/config.ts'
import type { Log, Meter } from '../../core/ports.ts'
import { remoteOf } from '../mllp/guest.ts'
import type { HttpLimits } from './limits.ts'

/** The connections of a door. */
export interface Connections {
  readonly open: number
  /** Ends every connection that owes no answer, now or once it has given it. Resolves when none is left. */
  drain(): Promise<void>
}

/** Counts the connections of a server, turns away what is beyond its limits, and knows which of them owe an answer. */
export function connectionsOf(
  server: Server,
  { door, log, meter }: { readonly door: HttpDoor; readonly log: Log; readonly meter: Meter },
  limits: HttpLimits,
): Connections {
  const perHost = new Map<string, number>()
  /** Answers owed on each connection that speaks HTTP. */
  const owed = new Map<Socket, number>()
  const { promise: emptied, resolve: empty } = Promise.withResolvers<void>()
  let open = 0
  let draining = false

  const turnAway = (code: 'CONNECTION_LIMIT' | 'PEER_CONNECTION_LIMIT', peer: string): void => {
    meter.count('door_limit_total', { door: door.name, code })
    log.warn('http.turned-away', { entrance: door.name, code, peer })
  }
  const change = (socket: Socket, by: number): void => {
    const count = (owed.get(socket) ?? 0) + by
    if (socket.destroyed) owed.delete(socket)
    else owed.set(socket, count)
    if (draining && count === 0) socket.destroySoon()
  }
  server.prependListener('connection', (socket) => {
    const { host, address } = remoteOf(socket)
    const ofHost = (perHost.get(host) ?? 0) + 1
    perHost.set(host, ofHost)
    open++
    socket.once('close', () => {
      const left = (perHost.get(host) ?? 1) - 1
      if (left > 0) perHost.set(host, left)
      else perHost.delete(host)
      open--
      if (draining && open === 0) empty()
    })
    meter.count('door_connections_total', { door: door.name })
    if (ofHost <= limits.connectionsPerPeer) return
    turnAway('PEER_CONNECTION_LIMIT', address)
    socket.destroy()
  })
  server.on(door.tls === null ? 'connection' : 'secureConnection', (socket: Socket) => {
    socket.once('close', () => owed.delete(socket))
    change(socket, 0)
  })
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    change(socket, 1)
    response.once('close', () => change(socket, -1))
  })
  server.on('drop', (dropped) => turnAway('CONNECTION_LIMIT', dropped?.remoteAddress ?? '?'))
  return {
    get open() {
      return open
    },
    drain() {
      draining = true
      for (const [socket, count] of owed) if (count === 0) socket.destroySoon()
      if (open === 0) empty()
      return emptied
    },
  }
}
