import { createServer, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { isLoopback } from '../../core/address.ts'
import type { TlsFiles } from '../../core/config.ts'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { MailDoor } from '../../core/mail.ts'
import type { Entrance } from '../../core/ports.ts'
import { LAST_CALL_MS, listenAt } from '../listen.ts'
import { remoteOf } from '../mllp/guest.ts'
import { handshakes, tlsOptions } from '../mllp/handshake.ts'
import type { SmtpParts } from './parts.ts'
import { refusal } from './reply.ts'
import { type DoorOfSessions, SmtpSession } from './session.ts'

/** A mail door, and the socket that was passed to this process for it. */
export interface SmtpEntranceOptions extends SmtpParts {
  readonly inherited?: number
}

/** Hosts remembered for having shown a good certificate. */
const KNOWN_HOSTS = 1_000

/**
 * A mail door: SMTP with STARTTLS, for other mail operators or for users of ours, as its rules say. `open` throws
 * GatewayError CONFIG_INVALID for an unusable TLS file. */
export function smtpEntrance(options: SmtpEntranceOptions): Entrance {
  return new SmtpEntrance(options)
}

class SmtpEntrance implements Entrance, DoorOfSessions {
  readonly name: MailDoor['name']
  readonly #options: SmtpEntranceOptions
  readonly #server
  readonly #sessions = new Set<SmtpSession>()
  readonly #perPeer = new Map<string, number>()
  /** By address: connections that have shown neither certificate nor sign-in. */
  readonly #strangers = new Map<string, number>()
  readonly #knownHosts = new Set<string>()
  /** Handshakes under way, by remote address and port, which no two connections share. */
  readonly #handshaking = new Map<string, (secured: TLSSocket | null) => void>()
  #tls: ReturnType<typeof handshakes> | null = null
  #files: TlsFiles
  #closed: Promise<void> | null = null
  #empty: () => void = () => {}

  constructor(options: SmtpEntranceOptions) {
    this.name = options.door.name
    this.#options = options
    this.#files = options.door.tls
    this.#server = createServer({ allowHalfOpen: true, noDelay: true })
    this.#server.on('connection', (socket) => this.#take(socket))
    this.#server.on('error', () => {
      if (this.#server.listening) this.#limit('CONNECTION_LIMIT', 'unknown')
    })
  }

  get files(): TlsFiles {
    return this.#files
  }

  get closing(): boolean {
    return this.#closed !== null
  }

  async open(): Promise<{ readonly host: string; readonly port: number }> {
    const { door, inherited = null, log } = this.#options
    const tls = handshakes(door.tls)
    tls.on('secureConnection', (secured) => this.#handshaking.get(keyOf(secured))?.(secured))
    tls.on('tlsClientError', (_fault, secured) => this.#handshaking.get(keyOf(secured))?.(null))
    this.#tls = tls
    const at = await listenAt(this.#server, { ...door, allowPlain: false }, inherited)
    log.info('smtp.opened', { entrance: door.name, peer: `${at.host}:${at.port}` })
    return at
  }

  close(drainMs: number): Promise<void> {
    this.#closed ??= this.#drain(drainMs)
    return this.#closed
  }

  connections(): number {
    return this.#sessions.size
  }

  renew(files: TlsFiles): void {
    try {
      this.#tls?.setSecureContext(tlsOptions(files))
    } catch (cause) {
      throw new GatewayError('CONFIG_INVALID', `door ${this.name}: a TLS file cannot be used`, { cause })
    }
    this.#files = files
  }

  admit(subject: string): boolean {
    const count = this.#perPeer.get(subject) ?? 0
    if (count >= (this.#options.operator()?.maxConnectionsPerPeer ?? 0)) return false
    this.#perPeer.set(subject, count + 1)
    return true
  }

  leave(subject: string): void {
    const count = (this.#perPeer.get(subject) ?? 1) - 1
    if (count === 0) this.#perPeer.delete(subject)
    else this.#perPeer.set(subject, count)
  }

  introduced(host: string): void {
    const count = (this.#strangers.get(host) ?? 1) - 1
    if (count === 0) this.#strangers.delete(host)
    else this.#strangers.set(host, count)
  }

  known(host: string): boolean {
    return this.#knownHosts.has(host)
  }

  learn(host: string): void {
    if (this.#knownHosts.size >= KNOWN_HOSTS) this.#knownHosts.clear()
    this.#knownHosts.add(host)
  }

  secure(socket: Socket): Promise<TLSSocket | null> {
    const { door, clock, log } = this.#options
    const { promise, resolve } = Promise.withResolvers<TLSSocket | null>()
    const key = keyOf(socket)
    const fail = (code: ErrorCode): void => {
      this.#handshaking.delete(key)
      log.warn('smtp.handshake', { entrance: door.name, peer: remoteOf(socket).address, code })
      socket.destroy()
      resolve(null)
    }
    const cancel = clock.after(door.handshakeMs, () => fail('HANDSHAKE_TIMEOUT'))
    this.#handshaking.set(key, (secured) => {
      cancel()
      this.#handshaking.delete(key)
      if (secured === null) fail('TLS_FAILED')
      else resolve(secured)
    })
    socket.once('close', () => this.#handshaking.get(key)?.(null))
    this.#tls!.emit('connection', socket)
    return promise
  }

  #take(socket: Socket): void {
    const { door, meter } = this.#options
    const { host, address } = remoteOf(socket)
    socket.on('error', () => {})
    const strangers = this.#strangers.get(host) ?? 0
    const full = this.#sessions.size >= door.maxConnections
    if (full || strangers >= door.maxConnectionsPerPeer) {
      const code = full ? 'CONNECTION_LIMIT' : 'PEER_CONNECTION_LIMIT'
      this.#limit(code, address)
      socket.end(refusal(code))
      // Whoever does not end its half would hold the socket.
      socket.destroySoon()
      return
    }
    this.#strangers.set(host, strangers + 1)
    meter.count('door_connections_total', { door: door.name })
    const session = new SmtpSession(socket, host, address, isLoopback(host), this.#options, this)
    this.#sessions.add(session)
    void session.run().finally(() => {
      this.#sessions.delete(session)
      if (this.#sessions.size === 0) this.#empty()
    })
  }

  async #drain(drainMs: number): Promise<void> {
    const { clock, log } = this.#options
    if (this.#server.listening) this.#server.close()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#empty = resolve
    for (const session of this.#sessions) session.part()
    const cancel = clock.after(Math.max(drainMs, LAST_CALL_MS), () => {
      for (const session of this.#sessions) session.destroy()
      // What a session still waits for is not waited for here: its answer would reach nobody.
      this.#sessions.clear()
      resolve()
    })
    if (this.#sessions.size > 0) await promise
    cancel()
    log.info('smtp.closed', { entrance: this.name })
  }

  #limit(code: ErrorCode, peer: string): void {
    const { door, log, meter } = this.#options
    meter.count('door_limit_total', { door: door.name, code })
    log.warn('smtp.limit', { entrance: door.name, peer, code })
  }
}

function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localPort}`
}
