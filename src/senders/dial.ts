import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from 'node:tls'
import type { TlsFiles } from '../core/config.ts'
import type { Clock } from '../core/ports.ts'
import { crlOption, revocationFault } from '../formats/x509/revocation.ts'

/** Time to connect, TLS handshake included (ms). */
const CONNECT_MS = 10_000
const KEEP_ALIVE_MS = 60_000
/** How long a new TLS connection must stand before its first message (ms): more than a round trip. */
const STAND_MS = 50
/** The far side refused our certificate or the handshake: TLS 1.3 tells only after the client's side of it is over. */
const HANDSHAKE_ALERT = /ALERT_(.*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE|DECRYPT_ERROR)/

/** Where to connect. `secure`: over TLS, with `tls` or, where that is null, no certificate and the public authorities. */
export interface Address {
  readonly host: string
  /** Address of the host, where the caller has looked it up; absent: it is looked up here. */
  readonly at?: string
  readonly port: number
  readonly secure: boolean
  readonly tls: TlsFiles | null
}

/**
 * A connection, or why there is none. `aborted`: the caller gave up, which says nothing of the far side. `fault`: the name
 * that the system or TLS gives it (`ECONNREFUSED`, `CERT_HAS_EXPIRED`), null where there is none. */
export type Dialled =
  | { readonly ok: true; readonly socket: Socket }
  | {
      readonly ok: false
      readonly code: 'CONNECT_FAILED' | 'TLS_FAILED'
      readonly aborted: boolean
      readonly fault: string | null
    }

/**
 * Opens a connection to a destination, with TCP keep-alive after 60 s. TLS is 1.2 or later with our certificate; the far
 * side's is verified against the destination's CA, and against the host name unless that is an address. Never rejects. */
export function dial(address: Address, clock: Clock, signal: AbortSignal): Promise<Dialled> {
  const { promise, resolve } = Promise.withResolvers<Dialled>()
  const { secure } = address
  let reached = false
  let fault: string | null = null
  let socket: Socket
  try {
    socket = secure ? connectTls(tlsOptions(address)) : connectTcp(tcpOptions(address))
  } catch (fault) {
    // An unusable key, certificate or CA is thrown at once.
    return Promise.resolve({ ok: false, code: 'TLS_FAILED', aborted: false, fault: nameOf(fault) })
  }
  const fail = (aborted: boolean): void => {
    stop()
    socket.destroy()
    resolve({ ok: false, code: secure && reached ? 'TLS_FAILED' : 'CONNECT_FAILED', aborted, fault })
  }
  const lost = (): void => fail(false)
  const abort = (): void => fail(true)
  const cancel = clock.after(CONNECT_MS, lost)
  const ready = secure ? 'secureConnect' : 'connect'
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
  // Stays for the life of the socket: an error is always followed by close, which is what its user acts on.
  socket.on('error', (told) => {
    fault ??= nameOf(told)
  })
  socket.once('connect', () => {
    reached = true
  })
  socket.once('close', lost)
  socket.once(ready, done)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return promise
}

/** Only the name: a text may quote what a certificate says. */
function nameOf(fault: unknown): string | null {
  const { code } = fault as NodeJS.ErrnoException
  return typeof code === 'string' ? code : null
}

function tcpOptions({ host, at = host, port }: Address) {
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }
  return { host: at, port, allowHalfOpen: true, noDelay: true, ...keepAlive }
}

function tlsOptions(address: Address): ConnectionOptions {
  const { tls, host } = address
  return {
    ...tcpOptions(address),
    ...(tls?.ca ? { ca: tls.ca } : {}),
    ...(tls?.key ? { key: tls.key, cert: tls.cert } : {}),
    ...(tls ? crlOption(tls) : {}),
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    checkServerIdentity(name, certificate) {
      const fault = tls ? revocationFault(certificate, tls) : null
      if (fault !== null) return Object.assign(new Error(fault), { code: fault })
      return isIP(host) === 0 ? checkServerIdentity(name, certificate) : undefined
    },
  }
}

/**
 * Resolves once a new connection has shown that it stands. A relay whose far end is down accepts and hangs up at once, and
 * TLS 1.3 lets us write before the far side has looked at our certificate: seen before we write, either is a plain retry
 * and not a doubt. */
export function standing(socket: Socket, secure: boolean, clock: Clock): Promise<void> {
  return secure ? stands(socket, clock) : nextPoll()
}

/** Lets the event loop read its sockets once, so that an end already here is seen before we write. */
export async function nextPoll(): Promise<void> {
  // What was asked for while sockets are being read comes in the same turn, after them; else one turn is enough, and under
  // load a turn is long.
  const before = turns()
  do await new Promise<void>((resolve) => setImmediate(resolve))
  while (turns() === before)
}

/** Turns of the event loop so far, counted as each begins to read its sockets. */
const turns = (): number => performance.nodeTiming.uvMetricsInfo.loopCount

function stands(socket: Socket, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(STAND_MS, resolve)
    for (const end of ['end', 'close'] as const) {
      socket.once(end, () => {
        cancel()
        resolve()
      })
    }
  })
}

/** Does this code of a socket's error say that the far side refused the handshake? Bytes sent after it were not read. */
export function isHandshakeAlert(code: string): boolean {
  return HANDSHAKE_ALERT.test(code)
}
