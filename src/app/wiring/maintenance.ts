import type { DestinationId } from '../../core/message.ts'
import type { Paused } from '../../core/operations.ts'
import type { Clock } from '../../core/ports.ts'
import type { Maintenance, MaintenanceAsk, MaintenanceCommands } from '../../core/treat.ts'
import type { MaintenanceStore } from '../../pipeline/maintenance.ts'

/** A timer further away may not be set: it is set again then (ms). */
const MOST_MS = 3_600_000

/** What planned maintenance works with. */
export interface MaintenanceParts {
  readonly store: MaintenanceStore
  readonly clock: Clock
  /** @throws {GatewayError} NOT_FOUND where there is no such destination */
  readonly known: (destination: DestinationId) => unknown
  /** Some begins or is over: what it pauses is another now. */
  readonly changed: () => void
}

/** Planned maintenance on this node: tells when some begins and ends, whichever node it was announced on. */
export class PlannedMaintenance implements MaintenanceCommands {
  readonly #parts: MaintenanceParts
  #cancel: (() => void) | null = null
  #stopped = false

  /** Nothing is known before `load`. */
  constructor(parts: MaintenanceParts) {
    this.#parts = parts
  }

  /** Reads what an earlier run or another node announced. */
  async load(): Promise<void> {
    await this.#parts.store.load()
    this.#wait()
  }

  planned(): readonly Maintenance[] {
    return this.#parts.store.planned()
  }

  /** Destinations to which nothing is begun now, and why. */
  pausing(): ReadonlyMap<DestinationId, Paused> {
    const now = this.#parts.store.pausing()
    const all = this.planned().filter(({ pause }) => pause)
    return new Map(
      all.flatMap(({ destinations, from, who, text }) =>
        destinations
          .filter((id) => now.has(id))
          .map((id): [DestinationId, Paused] => [id, { atMs: Date.parse(from), who, why: text }]),
      ),
    )
  }

  async plan(ask: MaintenanceAsk, who: string): Promise<Maintenance> {
    for (const id of ask.destinations) this.#parts.known(id)
    const planned = await this.#parts.store.plan(ask, who)
    this.#look()
    return planned
  }

  async end(id: string, who: string, why: string): Promise<void> {
    await this.#parts.store.end(id, who, why)
    this.#look()
  }

  /** Tells of nothing any more. */
  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  #look(): void {
    this.#parts.changed()
    this.#wait()
  }

  #wait(): void {
    this.#cancel?.()
    this.#cancel = null
    const { store, clock } = this.#parts
    const nextMs = store.nextChangeMs()
    if (nextMs === null || this.#stopped) return
    const waitMs = Math.min(MOST_MS, nextMs - clock.nowMs())
    this.#cancel = clock.after(waitMs, () => this.#look())
  }
}
