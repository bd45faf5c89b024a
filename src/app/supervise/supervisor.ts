import type { Clock } from '../../core/ports.ts'
import type { Child } from './child.ts'
import type { SupervisorWords } from './words.ts'

/** First wait before a gateway that died is started again (ms); it doubles up to the longest. */
export const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
/** A gateway that lived so long (ms) did not die of its start. */
const SETTLED_MS = 60_000

/** What a supervisor works with. */
export interface SupervisorParts {
  readonly launch: () => Child
  /** Gets what the next gateway needs, before a hand-over. False: there is none. Never rejects. */
  readonly prepare: () => Promise<boolean>
  /** True: the store serves two gateways at once, so the next one starts before the old one stops. */
  readonly overlap: boolean
  /** A gateway that is told to stop has so long (ms), then it is ended. */
  readonly patienceMs: () => number
  /** A new gateway beside an old one has so long (ms) to open its doors, then it is ended and the old one goes on. */
  readonly readyMs: number
  readonly clock: Clock
  readonly say: (line: string) => void
  readonly words: SupervisorWords
}

/**
 * Keeps one gateway running. The first must get as far as its doors, or its exit code is the supervisor's; from then on
 * one that dies is started again, with a wait that grows. */
export class Supervisor {
  readonly #parts: SupervisorParts
  #current: Child | null = null
  #next: Child | null = null
  #handingOver = false
  #stopping = false
  #wake: () => void = () => {}

  /** Nothing runs before `run`. */
  constructor(parts: SupervisorParts) {
    this.#parts = parts
  }

  /** Resolves with the exit code of the last gateway once `stop` was asked for, or the first could not start. */
  async run(): Promise<number> {
    const { launch, clock, say, words } = this.#parts
    let deaths = 0
    let everReady = false
    this.#current = launch()
    for (;;) {
      const child: Child = this.#current
      const bornAtMs = clock.monotonicMs()
      everReady = (await child.ready) || everReady
      const code = await child.ended
      if (this.#current !== child) continue
      if (this.#stopping || !everReady) {
        await this.#next?.ended
        // One that had only begun hears no signal yet, and ends by it: that is what was asked for.
        return this.#stopping && (code === 143 || code === 130) ? 0 : code
      }
      if (this.#next !== null && this.#next !== child) {
        this.#current = this.#next
        continue
      }
      if (this.#handingOver) {
        this.#handingOver = false
        deaths = 0
      } else {
        if (clock.monotonicMs() - bornAtMs > SETTLED_MS) deaths = 0
        const waitMs = Math.min(FIRST_WAIT_MS * 2 ** deaths++, LONGEST_WAIT_MS)
        say(words.ended(child.pid, code, waitMs / 1_000))
        await this.#wait(waitMs)
        if (this.#stopping) return code
      }
      this.#current = launch()
    }
  }

  /** Passes on a signal that ends gateways in order; none is started any more. */
  stop(signal: NodeJS.Signals): void {
    this.#stopping = true
    this.pass(signal)
    // Nobody waits for one that hangs at its start: no door of it is open.
    if (this.#next !== null) void this.#end(this.#next)
    this.#wake()
  }

  /** Passes on any other signal. */
  pass(signal: NodeJS.Signals): void {
    this.#current?.tell(signal)
    this.#next?.tell(signal)
  }

  /** Replaces the gateway by a new one; connections that come meanwhile wait. Resolves when the old one has ended. */
  async handOver(): Promise<void> {
    const { prepare, overlap, say, words } = this.#parts
    if (this.#handingOver || this.#stopping) return say(words.underWay)
    this.#handingOver = true
    const old = this.#current
    const prepared = await prepare()
    if (!prepared || this.#stopping || old === null || old !== this.#current) {
      this.#handingOver = false
      return say(words.goesOn)
    }
    if (overlap) await this.#replaceRunning(old)
    else await this.#end(old)
  }

  async #replaceRunning(old: Child): Promise<void> {
    const { launch, readyMs, clock, say, words } = this.#parts
    const next = launch()
    this.#next = next
    const cancel = clock.after(readyMs, () => {
      say(words.hangs(next.pid, readyMs / 1_000))
      next.tell('SIGKILL')
    })
    const ready = await next.ready
    cancel()
    this.#next = null
    this.#handingOver = false
    if (!ready) return say(words.nextEnded(await next.ended))
    // The old one may have died meanwhile, and the new one taken its place.
    this.#current = next
    if (!this.#stopping) await this.#end(old)
  }

  async #end(child: Child): Promise<void> {
    const { clock, patienceMs, say, words } = this.#parts
    const cancel = clock.after(patienceMs(), () => {
      say(words.deaf(child.pid))
      child.tell('SIGKILL')
    })
    child.tell('SIGTERM')
    await child.ended
    cancel()
  }

  async #wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#parts.clock.after(ms, resolve)
    this.#wake = resolve
    await promise
    cancel()
  }
}
