import { isIPv6, type Socket } from 'node:net'

/** Remote end of a socket: bare host, and `host:port` as logs write it. */
export function remoteOf(socket: Socket): { readonly host: string; readonly address: string } {
  const host = (socket.remoteAddress ?? '?').replace(/^::ffff:(?=\d+\.)/i, '')
  return { host, address: `${isIPv6(host) ? `[${host}]` : host}:${socket.remotePort ?? '?'}` }
}

/** Is this address on this machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3)? */
export function isLoopback(host: string): boolean {
  return host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
