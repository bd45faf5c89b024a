import type { Way } from '../../core/config.ts'
import { codeOf } from '../../core/errors.ts'
import type { Journal, QueueEntry } from '../../core/journal.ts'
import type { Lease, Tenancy, Tenant } from '../../core/leases.ts'
import { mailDomainOf } from '../../core/mail.ts'
import type { Clock, Ids, Log, Meter, Sender } from '../../core/ports.ts'
import type { Prepare } from '../../pipeline/deliver.ts'
import { type Beside, Dispatcher, type DispatchParts } from '../../pipeline/dispatch.ts'
import type { PauseStore } from '../../pipeline/pause.ts'
import type { Growth } from '../../pipeline/window.ts'

/** What a destination is served with. */
export interface ServingParts {
  readonly journal: Journal
  readonly senderFor: (destination: Way) => Sender
  readonly prepare: Prepare | null
  /** What is written beside a change of a delivery of mail, when such deliveries may expire, and which wait for nothing more. */
  readonly mail?: { readonly beside: Beside } & Required<Pick<DispatchParts, 'mayExpire' | 'freed'>>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** Time that attempts have to end by themselves when their destination changes or moves, beyond its own `timeout` (ms). */
const PATIENCE_MS = 5_000
/** Wait before the store is asked again after it could not answer (ms). */
const STORE_WAIT_MS = 1_000

/**
 * A destination of the running configuration as this node sees it: its lease is wished for, and a dispatcher works while it
 * is held. Changes and hand-overs happen one after the other; the loss of the lease waits for nothing. */
export class Served implements Tenant {
  readonly #parts: ServingParts
  readonly #pauses: Pick<PauseStore, 'load' | 'all'>
  #destination: Way
  #lease: Lease | null = null
  #dispatcher: Dispatcher | null = null
  #tenancy: Tenancy | null = null
  #turn: Promise<unknown> = Promise.resolve()
  /** How long attempts may take to end once the destination goes (ms); null: as long as it takes one. */
  #drainMs: number | null = null

  /** Nothing is wished for before `serve`. */
  constructor(destination: Way, parts: ServingParts, pauses: Pick<PauseStore, 'load' | 'all'>) {
    this.#destination = destination
    this.#parts = parts
    this.#pauses = pauses
  }

  /** The destination as it is served. */
  get destination(): Way {
    return this.#destination
  }

  /** Do deliveries that could go wait in number? */
  get behind(): boolean {
    return this.#dispatcher?.behind ?? false
  }

  /** Wishes for the lease; resolves once work has begun, which on several nodes may be never. */
  serve(): Promise<void> {
    this.#tenancy = this.#parts.journal.leases.hold(`destination:${this.#destination.id}`, this)
    return this.#tenancy.begun
  }

  /** Serves it no more: attempts end within `drainMs`. */
  async leave(drainMs: number): Promise<void> {
    this.#drainMs = drainMs
    await this.#tenancy?.drop()
  }

  /** The destination has other settings: attempts under way end, and the rest goes by the new ones. */
  change(destination: Way): Promise<void> {
    return this.#inTurn(async () => {
      const drainMs = this.#patienceMs()
      this.#destination = destination
      const lease = this.#lease
      if (lease === null) return
      const before = this.#dispatcher
      await before?.stop(drainMs)
      if (this.#lease === lease && this.#drainMs === null) await this.#work(lease)
    })
  }

  begin(lease: Lease): Promise<void> {
    this.#lease = lease
    return this.#inTurn(() => this.#work(lease))
  }

  async end(why: 'lost' | 'given'): Promise<void> {
    if (why === 'lost') {
      this.#lease = null
      this.#dispatcher?.lose()
      this.#dispatcher = null
      return
    }
    // Begins nothing from now on, even where a change is under way.
    const drainMs = this.#drainMs ?? this.#patienceMs()
    await Promise.all([this.#dispatcher?.stop(drainMs), this.#turn])
    const late = this.#dispatcher
    this.#lease = null
    this.#dispatcher = null
    await late?.stop(drainMs)
  }

  put(entries: readonly QueueEntry[]): void {
    this.#dispatcher?.put(entries)
  }

  /** A commit was made, here (with its deliveries of this destination) or on another node. */
  grow(commit: Growth): void {
    this.#dispatcher?.grow(commit)
  }

  /** The queue may have grown on another node. */
  look(): void {
    void this.#dispatcher?.look()
  }

  /** News of other nodes may have been missed. */
  again(): void {
    this.#dispatcher?.again()
  }

  /** What deliveries wait for may be there. */
  free(): void {
    this.#dispatcher?.free()
  }

  /** Begins nothing, or goes on. */
  pause(paused: boolean): void {
    if (paused) this.#dispatcher?.pause()
    else this.#dispatcher?.resume()
  }

  #patienceMs(): number {
    return this.#destination.timeoutMs + PATIENCE_MS
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work, work)
    this.#turn = mine.catch(() => {})
    return mine
  }

  async #work(lease: Lease): Promise<void> {
    const { senderFor, mail, ...parts } = this.#parts
    const { shared } = parts.journal.leases
    if (shared) await this.#readPauses(lease)
    if (this.#lease !== lease || this.#drainMs !== null) return
    const destination = this.#destination
    const ofMail = mailDomainOf(destination.id) === null ? {} : mail
    const dispatcher = new Dispatcher({ ...parts, ...ofMail, lease, destination, sender: senderFor(destination) })
    this.#dispatcher = dispatcher
    if (this.#pauses.all().has(destination.id)) dispatcher.pause()
    const started = dispatcher.start()
    // A database that cannot be reached must not keep the loss of the lease waiting.
    if (!shared) await started
  }

  /** A person may have paused it through another node, whose news are still under way. */
  async #readPauses(lease: Lease): Promise<void> {
    const { clock, log } = this.#parts
    while (this.#lease === lease && lease.held()) {
      try {
        return await this.#pauses.load()
      } catch (fault) {
        log.warn('delivery.read', { destination: this.#destination.id, code: codeOf(fault) })
        await new Promise<void>((resolve) => clock.after(STORE_WAIT_MS, resolve))
      }
    }
  }
}
