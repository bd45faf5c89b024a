import type { Act } from '../../core/cases.ts'
import type { Clock } from '../../core/ports.ts'

/** How far a study is, as the case is told. */
export type HowFar = Pick<Extract<Act, { what: 'images' }>, 'received' | 'expected' | 'held'>

/** At most one act in this time (ms). */
const EVERY_MS = 1_000

/**
 * Tells a case how far a study is: the first change at once, then at most every second, and that it is whole at once. What
 * could not be told is told again with the next change, or at the end. */
export class Progress {
  readonly #clock: Clock
  readonly #tell: (far: HowFar) => Promise<unknown>
  #told: HowFar | null
  #wanted: HowFar | null = null
  #lastMs = Number.NEGATIVE_INFINITY
  #cancel = (): void => {}
  #telling: Promise<void> = Promise.resolve()
  #fault: unknown = null

  /** `told`: what the case knows already; null: nothing. */
  constructor(clock: Clock, told: HowFar | null, tell: (far: HowFar) => Promise<unknown>) {
    this.#clock = clock
    this.#told = told
    this.#tell = tell
  }

  is(far: HowFar): void {
    this.#wanted = far
    this.#cancel()
    const whole = far.held === 0 && far.received === far.expected
    const waitMs = whole ? 0 : this.#lastMs + EVERY_MS - this.#clock.monotonicMs()
    if (waitMs <= 0) this.#say()
    else this.#cancel = this.#clock.after(waitMs, () => this.#say())
  }

  /** Tells what is left to tell, and waits for it. @throws what kept the last change from being told */
  async end(): Promise<void> {
    this.#cancel()
    // What is under way may yet fail, and is then left to tell.
    await this.#telling
    this.#say()
    await this.#telling
    if (this.#fault !== null) throw this.#fault
  }

  #say(): void {
    const far = this.#wanted
    if (far === null || same(far, this.#told)) return
    this.#told = far
    this.#lastMs = this.#clock.monotonicMs()
    this.#telling = this.#telling.then(async () => {
      try {
        await this.#tell(far)
        this.#fault = null
      } catch (fault) {
        this.#fault = fault
        if (this.#told === far) this.#told = null
      }
    })
  }
}

function same(a: HowFar, b: HowFar | null): boolean {
  return b !== null && a.received === b.received && a.expected === b.expected && a.held === b.held
}
