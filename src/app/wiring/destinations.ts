import type { Config, Destination, Way } from '../../core/config.ts'
import { codeOf, GatewayError } from '../../core/errors.ts'
import type { News } from '../../core/journal.ts'
import { mailDomainOf } from '../../core/mail.ts'
import type { DestinationId } from '../../core/message.ts'
import type { DestinationCommands, Paused } from '../../core/operations.ts'
import { standingWays, wayOf } from '../../core/ways.ts'
import { maintenances } from '../../pipeline/maintenance.ts'
import { parkRest } from '../../pipeline/park.ts'
import { type PauseStore, pauses } from '../../pipeline/pause.ts'
import { PlannedMaintenance } from './maintenance.ts'
import { testDestination } from './probe.ts'
import { Served, type ServingParts } from './served.ts'

/** Time that attempts have to end when their destination goes (ms): whoever asked for the change waits for it. */
const LEAVE_MS = 10_000
/** Wait before the store is asked again after it could not answer (ms). */
const STORE_WAIT_MS = 1_000
/** Least time between two looks at what is paused (ms): every row of a feature that changes asks for one. */
const PAUSES_MS = 200

/** How long an answer about what waits counts (ms). */
const BEHIND_MS = 20

/**
 * The destinations of the running configuration: this node wishes for the lease of each, and serves those that it holds. A
 * change replaces only those it touches. Acts of a person work on every node. */
export class Destinations implements DestinationCommands {
  readonly #parts: ServingParts
  readonly #served = new Map<DestinationId, Served>()
  /** What is announced; some of it pauses destinations while it lasts. */
  readonly maintenance: PlannedMaintenance
  readonly #pauses: PauseStore
  readonly #config: () => Config
  #turn: Promise<unknown> = Promise.resolve()
  #stopped = false
  /** A look at what is paused is under way, or rests. */
  #looking = false
  #lookAgain = false
  /** The same for mail that waits. */
  #lookingForMail = false
  #lookForMail = false
  #behind = { is: false, untilMs: 0 }

  /** Nothing runs before `start`. */
  constructor(parts: ServingParts, config: () => Config) {
    this.#parts = parts
    this.#config = config
    this.#pauses = pauses(parts.journal, parts.clock)
    this.maintenance = new PlannedMaintenance({
      store: maintenances(parts.journal, parts),
      clock: parts.clock,
      known: (id) => this.#known(id),
      changed: () => this.#pauseServed(),
    })
  }

  /** Wishes for each destination; where no other node can have it, resolves once all have begun. */
  async start(): Promise<void> {
    await this.#loadPauses()
    const mail = (await this.#mailWaiting()).flatMap((id) => wayOf(this.#config(), id) ?? [])
    const ways = new Map([...standingWays(this.#config()), ...mail].map((way) => [way.id, way]))
    await Promise.all([...ways.values()].map((destination) => this.#serve(destination)))
  }

  /** Takes what became queued or was changed, here or on another node; what is of no destination served waits in the store. */
  hear({ entries, grown, urgent = [], features, missed, span }: News): void {
    const groups = Map.groupBy(entries, (entry) => entry.destination)
    for (const id of [...groups.keys(), ...grown]) this.#serveMail(id)
    if (span !== undefined) {
      // Each commit is told to a thousand destinations, and is about a few.
      const other = { span, grown: false, urgent: false, entries: [] }
      const about = new Map(
        grown.map((id) => [id, { span, grown: true, urgent: urgent.includes(id), entries: groups.get(id) ?? [] }]),
      )
      for (const [id, served] of this.#served) served.grow(about.get(id) ?? other)
      return
    }
    for (const [id, group] of groups) this.#served.get(id)?.put(group)
    if (missed === true) {
      for (const served of this.#served.values()) served.again()
      void this.#serveWaitingMail()
    } else for (const id of grown) this.#served.get(id)?.look()
    if (features || missed === true) void this.#followPauses()
  }

  /** Do deliveries that could go wait in number, for any destination? Asked at every turn of intake, so looked up now and then. */
  get behind(): boolean {
    const nowMs = this.#parts.clock.monotonicMs()
    if (nowMs >= this.#behind.untilMs) {
      this.#behind = { is: this.#served.values().some((served) => served.behind), untilMs: nowMs + BEHIND_MS }
    }
    return this.#behind.is
  }

  /** What mail waits for may be there: a list of the trust space that was renewed. */
  freeMail(): void {
    for (const [id, served] of this.#served) if (mailDomainOf(id) !== null) served.free()
  }

  /** Ends the attempts of destinations that `after` no longer has and serves them no more. */
  async leave(after: Config): Promise<void> {
    const gone = [...this.#served.keys()].filter((id) => wayOf(after, id) === undefined)
    await this.#inTurn(() => Promise.all(gone.map((id) => this.#dismiss(id, LEAVE_MS))))
  }

  /**
   * Serves the destinations of the running configuration: new ones begin, changed ones begin anew once their attempts
   * have ended, and the others do not notice. Where another node made the change, those that are gone end here. */
  async follow(): Promise<void> {
    await this.#inTurn(async () => {
      const gone = [...this.#served.keys()].filter((id) => wayOf(this.#config(), id) === undefined)
      await Promise.all(gone.map((id) => this.#dismiss(id, LEAVE_MS, true)))
      const mail = [...this.#served.keys()].flatMap((id) => wayOf(this.#config(), id) ?? [])
      const ways = new Map([...standingWays(this.#config()), ...mail].map((way) => [way.id, way]))
      await Promise.all([...ways.values()].map((destination) => this.#renew(destination)))
    })
  }

  /** Lets attempts end within `drainMs`; a change under way goes no further. */
  async stop(drainMs: number): Promise<void> {
    this.#stopped = true
    this.maintenance.stop()
    await Promise.all([...this.#served.values()].map((served) => served.leave(drainMs)))
  }

  async pause(id: DestinationId, who: string, why: string) {
    this.#known(id)
    await this.#pauses.pause(id, who, why)
    this.#pauseServed()
    return { destination: id, paused: true }
  }

  async resume(id: DestinationId, who: string, why: string) {
    this.#known(id)
    await this.#pauses.resume(id, who, why)
    this.#pauseServed()
    return { destination: id, paused: this.paused().has(id) }
  }

  async test(id: DestinationId, who: string, why: string) {
    const { target, ...way } = this.#known(id)
    if (target.type === 'smtp' || target.type === 'maildir') throw new GatewayError('BAD_REQUEST')
    const destination: Destination = { ...way, target }
    await this.#pauses.note(id, 'test-destination', who, why)
    return testDestination(destination, this.#parts.clock)
  }

  paused(): ReadonlyMap<DestinationId, Paused> {
    return new Map([...this.maintenance.pausing(), ...this.#pauses.all()])
  }

  async #loadPauses(): Promise<void> {
    await Promise.all([this.#pauses.load(), this.maintenance.load()])
  }

  #pauseServed(): void {
    const paused = this.paused()
    for (const [id, served] of this.#served) served.pause(paused.has(id))
  }

  /** Pauses and resumes what a person paused and resumed through another node. */
  async #followPauses(): Promise<void> {
    this.#lookAgain = true
    if (this.#looking || this.#stopped) return
    const { clock, log } = this.#parts
    this.#looking = true
    this.#lookAgain = false
    let restMs = PAUSES_MS
    try {
      await this.#loadPauses()
      this.#pauseServed()
    } catch (fault) {
      log.warn('delivery.pauses', { code: codeOf(fault) })
      this.#lookAgain = true
      restMs = STORE_WAIT_MS
    }
    clock.after(restMs, () => {
      this.#looking = false
      if (this.#lookAgain) void this.#followPauses()
    })
  }

  /** Two changes at once would serve a destination twice. */
  #inTurn(work: () => Promise<unknown>): Promise<unknown> {
    const mine = this.#turn.then(work, work)
    this.#turn = mine
    return mine
  }

  #known(id: DestinationId): Way {
    const destination = wayOf(this.#config(), id)
    if (destination === undefined) throw new GatewayError('NOT_FOUND')
    return destination
  }

  async #renew(destination: Way): Promise<void> {
    if (this.#stopped) return
    const served = this.#served.get(destination.id)
    if (served === undefined) return this.#serve(destination)
    // Both are plain values from the same compiler: equal text is equal treatment, TLS files included.
    if (JSON.stringify(served.destination) !== JSON.stringify(destination)) await served.change(destination)
  }

  /** The domains of mail are more than would be worth serving one by one: a way begins with the first mail for it. */
  #serveMail(id: DestinationId): void {
    if (this.#stopped || mailDomainOf(id) === null || this.#served.has(id)) return
    const way = wayOf(this.#config(), id)
    if (way === undefined) return
    this.#serve(way).catch((fault: unknown) =>
      this.#parts.log.error('delivery.serve', { destination: id, code: codeOf(fault) }, fault),
    )
  }

  /** Ways of mail to which something is open in the store. */
  async #mailWaiting(): Promise<readonly DestinationId[]> {
    const { destinations } = await this.#parts.journal.counts()
    return [...destinations].flatMap(([id, { open }]) => (open > 0 && mailDomainOf(id) !== null ? [id] : []))
  }

  /** News were missed, perhaps those of the first mail for a domain: nobody else may ever tell of it. */
  async #serveWaitingMail(): Promise<void> {
    this.#lookForMail = true
    if (this.#lookingForMail || this.#stopped) return
    const { clock, log } = this.#parts
    this.#lookingForMail = true
    this.#lookForMail = false
    try {
      for (const id of await this.#mailWaiting()) this.#serveMail(id)
    } catch (fault) {
      log.warn('delivery.serve', { code: codeOf(fault) })
      this.#lookForMail = true
    }
    clock.after(STORE_WAIT_MS, () => {
      this.#lookingForMail = false
      if (this.#lookForMail) void this.#serveWaitingMail()
    })
  }

  async #serve(destination: Way): Promise<void> {
    const served = new Served(destination, this.#parts, { load: () => this.#loadPauses(), all: () => this.paused() })
    this.#served.set(destination.id, served)
    const begun = served.serve()
    if (!this.#parts.journal.leases.shared) return begun
    begun.catch(() => {})
  }

  async #dismiss(id: DestinationId, drainMs: number, park = false): Promise<void> {
    const served = this.#served.get(id)
    if (served === undefined) return
    await served.leave(drainMs)
    this.#served.delete(id)
    // Whoever made the change parked what was queued, but could not touch what was on its way here.
    if (park) await this.#parkRest(id)
  }

  async #parkRest(id: DestinationId): Promise<void> {
    const { clock, log } = this.#parts
    try {
      const count = await parkRest(id, this.#parts)
      if (count > 0) log.warn('delivery.parked', { destination: id, code: 'DESTINATION_GONE', count })
    } catch (fault) {
      log.warn('delivery.park', { destination: id, code: codeOf(fault) })
      const again = (): unknown => wayOf(this.#config(), id) !== undefined || this.#stopped || this.#parkRest(id)
      clock.after(STORE_WAIT_MS, again)
    }
  }
}
