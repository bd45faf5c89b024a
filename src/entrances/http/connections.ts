import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpDoor } from '../../core/config.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { LAST_CALL_MS } from '../listen.ts'
import { remoteOf } from '../mllp/guest.ts'
import type { HttpLimits } from './limits.ts'

/** The connections of a door. */
export interface Connections {
  readonly open: number
  /**
   * Ends every connection that owes no answer, now or once it has given it; who has asked nothing yet may still do so
   * once, within LAST_CALL_MS unless there is no time at all. Resolves when none is left. */
  drain(drainMs: number): Promise<void>
}

/** Counts the connections of a server, turns away what is beyond its limits, and knows which of them owe an answer. */
export function connectionsOf(
  server: Server,
  parts: { readonly door: HttpDoor; readonly clock: Clock; readonly log: Log; readonly meter: Meter },
  limits: HttpLimits,
): Connections {
  const { door, clock, log, meter } = parts
  const perHost = new Map<string, number>()
  /** Answers owed on each connection that speaks HTTP. */
  const owed = new Map<Socket, number>()
  /** Those of them that have asked nothing yet. */
  const fresh = new Set<Socket>()
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
    if (draining && count === 0 && !fresh.has(socket)) socket.destroySoon()
  }
  const lastCall = (): void => {
    for (const socket of fresh) if (owed.get(socket) === 0) socket.destroySoon()
    fresh.clear()
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
    socket.once('close', () => {
      owed.delete(socket)
      fresh.delete(socket)
    })
    fresh.add(socket)
    change(socket, 0)
  })
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    fresh.delete(socket)
    change(socket, 1)
    if (draining) response.setHeader('connection', 'close')
    response.once('close', () => change(socket, -1))
  })
  server.on('drop', (dropped) => turnAway('CONNECTION_LIMIT', dropped?.remoteAddress ?? '?'))
  return {
    get open() {
      return open
    },
    drain(drainMs) {
      draining = true
      if (drainMs === 0) fresh.clear()
      for (const [socket, count] of owed) if (count === 0 && !fresh.has(socket)) socket.destroySoon()
      if (open === 0) empty()
      const cancel = clock.after(LAST_CALL_MS, lastCall)
      return emptied.finally(cancel)
    },
  }
}
