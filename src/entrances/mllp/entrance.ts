import { createServer, type Socket } from 'node:net'
import type { TLSSocket, Server as TlsServer } from 'node:tls'
import { isLoopback } from '../../core/address.ts'
import type { Config, MllpDoor, TlsFiles } from '../../core/config.ts'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { Peer } from '../../core/message.ts'
import type { Accept, Clock, Entrance, Log, LogFields, Meter } from '../../core/ports.ts'
import { LAST_CALL_MS, listenAt, mayListen } from '../listen.ts'
import { byteBudget } from './budget.ts'
import { identify } from './certificate.ts'
import { Connection } from './connection.ts'
import { type Guest, remoteOf } from './guest.ts'
import { chainFault, handshakes, newcomer, tlsOptions } from './handshake.ts'

/** What the door is given. `accept` decides; the door only carries bytes and keeps its limits. */
export interface MllpEntranceOptions {
  readonly door: MllpDoor
  /** Descriptor of the socket that was passed to this process for the door; absent: the door binds its own. */
  readonly inherited?: number
  readonly accept: Accept
  readonly config: () => Config
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** All clocks of a door are looked at this often (ms): one timer however many connections. */
const SWEEP_MS = 1_000
const KEEP_ALIVE_MS = 60_000

/**
 * An MLLP door (HL7 MLLP Release 1), plain or over mutual TLS (IHE ITI-19). Every whole block becomes an arrival, and each
 * gets its answer on the same connection, in the order of the blocks. A broken limit is logged as `mllp.limit`, counted in
 * `door_limit_total` and closes the connection, after the answers already owed.
 *
 * `open` throws GatewayError CONFIG_INVALID for a plain door beyond loopback without `allowPlain`, or an unusable TLS
 * file. The budget is at least two messages of the largest size. When blocks begun fill it and nothing is being accepted
 * that could free it, the largest of them is cut off (FRAME_TIMEOUT). */
export function mllpEntrance(options: MllpEntranceOptions): Entrance {
  return new MllpEntrance(options)
}

class MllpEntrance implements Entrance {
  readonly name: MllpDoor['name']
  readonly #options: MllpEntranceOptions
  /** By remote address and port, which no two open connections share. */
  readonly #guests = new Map<string, Guest>()
  readonly #perHost = new Map<string, number>()
  /** Connections turned away since the last sweep, by code: a flood makes one line a second. */
  readonly #turnedAway = new Map<ErrorCode, { count: number; peer: string }>()
  readonly #budget
  readonly #server
  #tls: TlsServer | null = null
  #files: TlsFiles | null
  #accepting = 0
  #stopSweep: () => void = () => {}
  #closed: Promise<void> | null = null
  #empty: () => void = () => {}

  constructor(options: MllpEntranceOptions) {
    const { limits, name } = options.door
    this.name = name
    this.#options = options
    this.#files = options.door.tls
    this.#budget = byteBudget(Math.max(limits.budgetBytes, 2 * limits.maxFrameBytes), (full) => this.#turn(full))
    this.#server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    })
    this.#server.on('connection', (socket) => this.#greet(socket))
    // A fault of accept costs one connection, never the door. (For want of descriptors, EMFILE, libuv closes the
    // connection itself and says nothing: the process's open files are what shows that.)
    this.#server.on('error', () => {
      if (this.#server.listening) this.#turnAway('CONNECTION_LIMIT', 'unknown')
    })
  }

  async open(): Promise<{ readonly host: string; readonly port: number }> {
    const { door, inherited = null, clock, log } = this.#options
    if (inherited === null) mayListen(door)
    if (door.tls !== null) this.#tls = this.#secure(handshakes(door.tls))
    const at = await listenAt(this.#server, door, inherited)
    const sweep = (): void => {
      this.#sweep()
      this.#stopSweep = clock.after(SWEEP_MS, sweep)
    }
    this.#stopSweep = clock.after(SWEEP_MS, sweep)
    log.info('mllp.opened', { entrance: door.name, peer: `${at.host}:${at.port}` })
    return at
  }

  close(drainMs: number): Promise<void> {
    this.#closed ??= this.#drain(drainMs)
    return this.#closed
  }

  connections(): number {
    return this.#guests.size
  }

  renew(files: TlsFiles): void {
    try {
      this.#tls?.setSecureContext(tlsOptions(files))
    } catch (cause) {
      throw new GatewayError('CONFIG_INVALID', `door ${this.name}: a TLS file cannot be used`, { cause })
    }
    this.#files = files
  }

  async #drain(drainMs: number): Promise<void> {
    const { clock, log } = this.#options
    if (this.#server.listening) this.#server.close()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#empty = resolve
    const leave = (): void => {
      for (const guest of [...this.#guests.values()]) guest.leave()
    }
    for (const guest of [...this.#guests.values()]) guest.part()
    if (drainMs === 0) leave()
    const cancelLastCall = clock.after(LAST_CALL_MS, leave)
    const cancel = clock.after(drainMs, () => {
      for (const guest of [...this.#guests.values()]) guest.destroy()
    })
    if (this.#guests.size > 0) await promise
    cancelLastCall()
    cancel()
    this.#stopSweep()
    log.info('mllp.closed', { entrance: this.name })
  }

  /** Takes a new connection, or turns it away at once. */
  #greet(socket: Socket): void {
    const { clock, door, meter } = this.#options
    const { host, address } = remoteOf(socket)
    socket.on('error', () => {})
    const ofHost = this.#perHost.get(host) ?? 0
    const tooMany = this.#guests.size >= door.limits.maxConnections
    if (tooMany || ofHost >= door.limits.maxConnectionsPerPeer || this.#closed !== null) {
      socket.destroy()
      if (this.#closed === null) this.#turnAway(tooMany ? 'CONNECTION_LIMIT' : 'PEER_CONNECTION_LIMIT', address)
      return
    }
    meter.count('door_connections_total', { door: door.name })
    this.#perHost.set(host, ofHost + 1)
    socket.once('close', () => this.#farewell(host, address))
    if (this.#tls === null) {
      const peer: Peer = { address, loopback: isLoopback(host), establishment: null, destination: null }
      this.#guests.set(
        address,
        this.#seat(socket, host, peer, () => peer),
      )
      return
    }
    const deadlineMs = clock.monotonicMs() + door.limits.handshakeMs
    const late = (): void => this.#refuse('HANDSHAKE_TIMEOUT', 'mllp.limit', { peer: address })
    this.#guests.set(address, newcomer(host, socket, deadlineMs, late))
    this.#tls.emit('connection', socket)
  }

  #secure(server: TlsServer): TlsServer {
    server.on('secureConnection', (socket: TLSSocket) => this.#recognise(socket))
    server.on('tlsClientError', (_fault, socket: TLSSocket) => {
      const { address } = remoteOf(socket)
      this.#refuse('TLS_FAILED', 'mllp.refused', address.startsWith('?') ? {} : { peer: address })
      socket.destroy()
    })
    return server
  }

  /** Lets in whoever holds a certificate that an establishment declares. */
  #recognise(socket: TLSSocket): void {
    const { config } = this.#options
    const { host, address } = remoteOf(socket)
    socket.on('error', () => {})
    const certificate = socket.getPeerX509Certificate()
    const fault = chainFault(socket, this.#files)
    let revision = config().revision
    const ask = (): Peer | null => {
      const found = identify(certificate, fault, config())
      if (found.ok)
        return { address, loopback: isLoopback(host), establishment: found.establishment, destination: null }
      this.#refuse(found.code, 'mllp.refused', { peer: address, certificate: found.certificate })
      return null
    }
    let peer = ask()
    if (peer === null || !this.#guests.has(address)) {
      socket.destroy()
      return
    }
    // A revision that drops or moves the certificate holds from the next message on.
    const peerNow = (): Peer | null => {
      if (config().revision === revision) return peer
      revision = config().revision
      peer = ask()
      return peer
    }
    const guest = this.#seat(socket, host, peer, peerNow)
    this.#guests.set(address, guest)
    if (this.#closed !== null) guest.part()
  }

  #seat(socket: Socket, host: string, peer: Peer, peerNow: () => Peer | null): Connection {
    const { accept, clock, door, log, meter } = this.#options
    const counted: Accept = async (arrival) => {
      this.#accepting++
      try {
        return await accept(arrival)
      } finally {
        this.#accepting--
      }
    }
    const parts = { door, accept: counted, clock, log, meter, budget: this.#budget, peerNow }
    return new Connection(socket, host, peer, this.#tls !== null, parts)
  }

  #farewell(host: string, address: string): void {
    this.#guests.delete(address)
    const left = (this.#perHost.get(host) ?? 1) - 1
    if (left > 0) this.#perHost.set(host, left)
    else this.#perHost.delete(host)
    if (this.#guests.size === 0) this.#empty()
  }

  #turn(full: boolean): void {
    const { door, log, meter } = this.#options
    if (full) {
      meter.count('door_full_total', { door: door.name })
      log.warn('mllp.full', { entrance: door.name, bytes: this.#budget.heldBytes })
    }
    for (const guest of this.#guests.values()) guest.hold(full)
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonicMs()
    for (const guest of this.#guests.values()) guest.check(nowMs)
    this.#shed()
    for (const [code, { count, peer }] of this.#turnedAway) {
      if (count > 0) this.#options.log.warn('mllp.turned-away', { entrance: this.name, code, peer, count })
    }
    this.#turnedAway.clear()
  }

  /** A full door that waits for nothing but the blocks it does not read would stay full: the largest block goes. */
  #shed(): void {
    while (this.#budget.full && this.#accepting === 0) {
      const [address, guest] = [...this.#guests].reduce((a, b) => (b[1].pendingBytes > a[1].pendingBytes ? b : a))
      if (guest.pendingBytes === 0) return
      this.#refuse('FRAME_TIMEOUT', 'mllp.shed', { peer: address, bytes: guest.pendingBytes })
      guest.destroy()
    }
  }

  #refuse(code: ErrorCode, event: `mllp.${string}`, fields: LogFields): void {
    const { door, log, meter } = this.#options
    meter.count('door_limit_total', { door: door.name, code })
    log.warn(event, { entrance: door.name, code, ...fields })
  }

  /** The first of a kind is logged at once, the others by the next sweep, with their number. */
  #turnAway(code: ErrorCode, peer: string): void {
    const known = this.#turnedAway.get(code)
    if (known === undefined) {
      this.#turnedAway.set(code, { count: 0, peer })
      this.#refuse(code, 'mllp.turned-away', { peer })
      return
    }
    known.count++
    known.peer = peer
    this.#options.meter.count('door_limit_total', { door: this.name, code })
  }
}
