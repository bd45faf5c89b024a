import type { Config, Destination } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal, QueueEntry } from '../../core/journal.ts'
import type { DestinationId } from '../../core/message.ts'
import type { DestinationCommands, Paused } from '../../core/operations.ts'
import type { Clock, Ids, Log, Meter, Sender } from '../../core/ports.ts'
import type { Prepare } from '../../pipeline/deliver.ts'
import { Dispatcher } from '../../pipeline/dispatch.ts'
import { type PauseStore, pauses } from '../../pipeline/pause.ts'
import { testDestination } from './probe.ts'

/** What the destinations of a running gateway are served with. */
export interface DestinationParts {
  readonly journal: Journal
  readonly senderFor: (destination: Destination) => Sender
  readonly prepare: Prepare | null
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

interface Served {
  readonly destination: Destination
  readonly dispatcher: Dispatcher
}

/** Time that attempts have to end when their destination goes (ms): whoever asked for the change waits for it. */
const LEAVE_MS = 10_000
/** Time that attempts have to end by themselves when their destination changes, beyond its own `timeout` (ms). */
const PATIENCE_MS = 5_000

/** The destinations of the running configuration, each with its dispatcher; a change replaces only those it touches. */
export class Destinations implements DestinationCommands {
  readonly #parts: DestinationParts
  readonly #served = new Map<DestinationId, Served>()
  readonly #pauses: PauseStore
  readonly #config: () => Config
  #turn: Promise<unknown> = Promise.resolve()
  #stopped = false

  /** Nothing runs before `start`. */
  constructor(parts: DestinationParts, config: () => Config) {
    this.#parts = parts
    this.#config = config
    this.#pauses = pauses(parts.journal, parts.clock)
  }

  /** Loads what the store holds for each destination, and begins. */
  async start(): Promise<void> {
    await this.#pauses.load()
    await Promise.all([...this.#config().destinations.values()].map((destination) => this.#serve(destination)))
  }

  /** Takes deliveries that became queued or were changed by a person; those of no destination served wait in the store. */
  put(entries: readonly QueueEntry[]): void {
    for (const [id, group] of Map.groupBy(entries, (entry) => entry.destination)) {
      this.#served.get(id)?.dispatcher.put(group)
    }
  }

  /** Ends the attempts of destinations that `after` no longer has and serves them no more. */
  async leave(after: Config): Promise<void> {
    const gone = [...this.#served.keys()].filter((id) => !after.destinations.has(id))
    await this.#inTurn(() => Promise.all(gone.map((id) => this.#dismiss(id, LEAVE_MS))))
  }

  /**
   * Serves the destinations of the running configuration: new ones begin, changed ones begin anew once their attempts
   * have ended, and the others do not notice. */
  async follow(): Promise<void> {
    await this.#inTurn(() =>
      Promise.all([...this.#config().destinations.values()].map((destination) => this.#renew(destination))),
    )
  }

  /** Lets attempts end within `drainMs`; a change under way goes no further. */
  async stop(drainMs: number): Promise<void> {
    this.#stopped = true
    await Promise.all([...this.#served.values()].map(({ dispatcher }) => dispatcher.stop(drainMs)))
  }

  async pause(id: DestinationId, who: string, why: string) {
    const { dispatcher } = this.#known(id)
    await this.#pauses.pause(id, who, why)
    dispatcher.pause()
    return { destination: id, paused: true }
  }

  async resume(id: DestinationId, who: string, why: string) {
    const { dispatcher } = this.#known(id)
    await this.#pauses.resume(id, who, why)
    dispatcher.resume()
    return { destination: id, paused: false }
  }

  async test(id: DestinationId, who: string, why: string) {
    const { destination } = this.#known(id)
    await this.#pauses.note(id, 'test-destination', who, why)
    return testDestination(destination, this.#parts.clock)
  }

  paused(): ReadonlyMap<DestinationId, Paused> {
    return this.#pauses.all()
  }

  /** Two changes at once would serve a destination twice. */
  #inTurn(work: () => Promise<unknown>): Promise<unknown> {
    const mine = this.#turn.then(work, work)
    this.#turn = mine
    return mine
  }

  #known(id: DestinationId): Served {
    const served = this.#served.get(id)
    if (served === undefined) throw new GatewayError('NOT_FOUND')
    return served
  }

  async #renew(destination: Destination): Promise<void> {
    const served = this.#served.get(destination.id)
    // Both are plain values from the same compiler: equal text is equal treatment, TLS files included.
    if (served !== undefined && JSON.stringify(served.destination) === JSON.stringify(destination)) return
    if (served !== undefined) await this.#dismiss(destination.id, served.destination.timeoutMs + PATIENCE_MS)
    if (this.#stopped) return
    await this.#serve(destination)
  }

  async #serve(destination: Destination): Promise<void> {
    const { senderFor, ...parts } = this.#parts
    const dispatcher = new Dispatcher({ ...parts, destination, sender: senderFor(destination) })
    if (this.#pauses.all().has(destination.id)) dispatcher.pause()
    this.#served.set(destination.id, { destination, dispatcher })
    await dispatcher.start()
  }

  async #dismiss(id: DestinationId, drainMs: number): Promise<void> {
    const served = this.#served.get(id)
    if (served === undefined) return
    await served.dispatcher.stop(drainMs)
    this.#served.delete(id)
  }
}
