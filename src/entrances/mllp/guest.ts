import { isIPv6, type Socket } from 'node:net'

/** Whoever has a connection to the door open, whatever it is doing. */
export interface Guest {
  /** Remote host, for the limit per peer. */
  readonly host: string
  /** Bytes of a block begun and not ended, held for this guest. */
  readonly pendingBytes: number
  /** Looks at the clocks; ends what is overdue. `nowMs` is monotonic. */
  check(nowMs: number): void
  /** The door's budget is full (stop reading) or free again. */
  hold(full: boolean): void
  /** The door closes: leaves once nothing is half said. Who has said nothing yet is still heard, once. */
  part(): void
  /** Reads no more messages, answers those in hand, then ends the connection. */
  leave(): void
  destroy(): void
}

/** Remote end of a socket: bare host, and `host:port` as logs write it. IPv4 in IPv6 is shown as IPv4. */
export function remoteOf(socket: Socket): { readonly host: string; readonly address: string } {
  const host = (socket.remoteAddress ?? '?').replace(/^::ffff:(?=\d+\.)/i, '')
  return { host, address: `${isIPv6(host) ? `[${host}]` : host}:${socket.remotePort ?? '?'}` }
}
