import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { MllpTarget } from '../../core/config.ts'
import type { Clock } from '../../core/ports.ts'

/** Time to connect, TLS handshake included (ms). */
const CONNECT_MS = 10_000
const KEEP_ALIVE_MS = 60_000

/** A connection, or why there is none. `aborted`: the caller gave up, which says nothing of the far side. */
export type Dialled =
  | { readonly ok: true; readonly socket: Socket }
  | { readonly ok: false; readonly code: 'CONNECT_FAILED' | 'TLS_FAILED'; readonly aborted: boolean }

/**
 * Opens a connection to a destination, with TCP keep-alive after 60 s. TLS is 1.2 or later with our certificate; the far
 * side's is verified against the destination's CA, and against the host name unless that is an address. Never rejects. */
export function dial(target: MllpTarget, clock: Clock, signal: AbortSignal): Promise<Dialled> {
  const { promise, resolve } = Promise.withResolvers<Dialled>()
  let reached = false
  let socket: Socket
  try {
    socket = target.tls === null ? connectTcp(tcpOptions(target)) : connectTls(tlsOptions(target))
  } catch {
    // An unusable key, certificate or CA is thrown at once.
    return Promise.resolve({ ok: false, code: 'TLS_FAILED', aborted: false })
  }
  const fail = (aborted: boolean): void => {
    stop()
    socket.destroy()
    resolve({ ok: false, code: target.tls !== null && reached ? 'TLS_FAILED' : 'CONNECT_FAILED', aborted })
  }
  const lost = (): void => fail(false)
  const abort = (): void => fail(true)
  const cancel = clock.after(CONNECT_MS, lost)
  const ready = target.tls === null ? 'connect' : 'secureConnect'
  const done = (): void => {
    stop()
    resolve({ ok: true, socket })
  }
  const stop = (): void => {
    cancel()
    signal.removeEventListener('abort', abort)
    socket.off('close', lost)
    socket.off(ready, done)
  }
  // Stays for the life of the socket: an error is always followed by close, which is what the line acts on.
  socket.on('error', () => {})
  socket.once('connect', () => {
    reached = true
  })
  socket.once('close', lost)
  socket.once(ready, done)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return promise
}

function tcpOptions({ host, port }: MllpTarget) {
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }
  return { host, port, allowHalfOpen: true, noDelay: true, ...keepAlive }
}

function tlsOptions(target: MllpTarget): ConnectionOptions {
  const { tls, host } = target
  const address = isIP(host) !== 0
  return {
    ...tcpOptions(target),
    ca: tls?.ca,
    ...(tls?.key ? { key: tls.key, cert: tls.cert } : {}),
    ...(tls && tls.crl.length > 0 ? { crl: [...tls.crl] } : {}),
    minVersion: 'TLSv1.2',
    ...(address ? { checkServerIdentity: () => undefined } : { servername: host }),
  }
}
