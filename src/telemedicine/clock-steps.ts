import { CASES_FOLLOWER } from '../core/cases.ts'
import { codeOf } from '../core/errors.ts'
import type { Journal, Statement } from '../core/journal.ts'
import type { Clock, Log } from '../core/ports.ts'

/** A wall clock that gained or lost this much against the monotonic one since the last look was set anew (ms). */
const STEP_MS = 1_000
/** Between two looks while nothing is done with cases (ms). */
const LOOK_MS = 1_000

/** A step of the wall clock, counted through the region. */
export interface ClockStep {
  readonly step: number
  readonly byMs: number
}

/**
 * Steps of the wall clock that times of cases are kept in. Rungs and delays count by how long it takes: when the clock is set
 * anew, the step is kept and every timer of cases moves along in the same commit; each case takes the step along when it is next
 * written. What was decided without knowing of the last step is not written. */
export interface ClockSteps {
  /** Number of the last step known here; 0: none. */
  readonly last: number
  /** Steps after this one, in order. */
  after(step: number): readonly ClockStep[]
  /** A row that is refused when there was another step since. */
  guard(): Statement
  /** Looks whether the clock has stepped since the last look, and keeps it; at once when it has not. */
  check(): Promise<void>
  /** Reads the steps again. */
  load(): Promise<void>
  /** Keeps the region's steps from now on, as one node at a time does. `byMs`: how far the clock was set while nobody looked. */
  keep(byMs: number): Promise<void>
  /** Looks no more. */
  stop(): void
}

/** What steps are kept with. */
export interface StepParts {
  readonly journal: Pick<Journal, 'look' | 'apply'>
  readonly clock: Clock
  readonly log: Log
}

/** The steps of the region as this node knows them. */
export function clockSteps(parts: StepParts): ClockSteps {
  return new Steps(parts)
}

class Steps implements ClockSteps {
  readonly #parts: StepParts
  #known: readonly ClockStep[] = []
  /** Wall clock less monotonic clock at the last look; null: this node does not keep the steps. */
  #offsetMs: number | null = null
  #keeping: Promise<void> | null = null
  #cancel: () => void = () => {}

  constructor(parts: StepParts) {
    this.#parts = parts
  }

  get last(): number {
    return this.#known.at(-1)?.step ?? 0
  }

  after(step: number): readonly ClockStep[] {
    return this.#known.filter((one) => one.step > step)
  }

  guard(): Statement {
    return {
      sql: `UPDATE care_clock SET at_ms = at_ms WHERE step = ?
        AND NOT EXISTS (SELECT 1 FROM care_clock AS later WHERE later.step > ?)`,
      parameters: [this.last, this.last],
      rows: 1,
    }
  }

  async load(): Promise<void> {
    const rows = await this.#parts.journal.look<{ step: number; by_ms: number }>({
      sql: 'SELECT step, by_ms FROM care_clock WHERE step > 0 ORDER BY step',
      parameters: [],
    })
    this.#known = rows.map(({ step, by_ms }) => ({ step: Number(step), byMs: Number(by_ms) }))
  }

  async keep(byMs: number): Promise<void> {
    this.#offsetMs = this.#offset() - byMs
    await this.check()
    this.#look()
  }

  stop(): void {
    this.#offsetMs = null
    this.#cancel()
  }

  check(): Promise<void> {
    if (this.#keeping !== null) return this.#keeping
    if (this.#offsetMs === null) return Promise.resolve()
    const byMs = Math.round(this.#offset() - this.#offsetMs)
    if (Math.abs(byMs) < STEP_MS) {
      // Slowly, as time servers correct it: no step.
      this.#offsetMs += byMs
      return Promise.resolve()
    }
    this.#offsetMs += byMs
    const keeping = this.#kept(byMs)
      .catch((fault: unknown) => {
        // Not kept: the next look finds it again.
        if (this.#offsetMs !== null) this.#offsetMs -= byMs
        throw fault
      })
      .finally(() => {
        this.#keeping = null
      })
    this.#keeping = keeping
    return keeping
  }

  /** Until it is kept: a step that got lost would leave every ladder early or late. */
  async #kept(byMs: number): Promise<void> {
    const { journal, clock, log } = this.#parts
    for (;;) {
      const step = this.last + 1
      const rows: Statement[] = [
        {
          sql: 'INSERT INTO care_clock (step, by_ms, at_ms) VALUES (?, ?, ?)',
          parameters: [step, byMs, clock.nowMs()],
          rows: 1,
        },
        {
          sql: 'UPDATE timer SET due_at_ms = due_at_ms + ? WHERE follower = ?',
          parameters: [byMs, CASES_FOLLOWER],
        },
        {
          sql: `UPDATE care_case SET opened_at_ms = opened_at_ms + ?, changed_at_ms = changed_at_ms + ?,
            due_at_ms = due_at_ms + ? WHERE closed_at_ms IS NULL`,
          parameters: [byMs, byMs, byMs],
        },
      ]
      const done = await journal.apply({ rows })
      await this.load()
      if (!done) continue
      log.warn('cases.clock', { code: 'CLOCK_SKEW', ms: byMs })
      return
    }
  }

  #offset(): number {
    const { clock } = this.#parts
    return clock.nowMs() - clock.monotonicMs()
  }

  #look(): void {
    this.#cancel()
    this.#cancel = this.#parts.clock.after(LOOK_MS, () => {
      this.check()
        .catch((fault: unknown) => this.#parts.log.error('cases.clock', { code: codeOf(fault) }, fault))
        .finally(() => {
          if (this.#offsetMs !== null) this.#look()
        })
    })
  }
}

/**
 * What a clock that runs behind what was written before says of the time when this process did not run: it was set back
 * meanwhile, by at least that much. 0: nothing. */
export async function setBackBy({ journal, clock }: Pick<StepParts, 'journal' | 'clock'>): Promise<number> {
  const [row] = await journal.look<{ at: number | null }>({
    sql: 'SELECT max(changed_at_ms) AS at FROM care_case WHERE closed_at_ms IS NULL',
    parameters: [],
  })
  const behindMs = Number(row?.at ?? 0) - clock.nowMs()
  return behindMs < STEP_MS ? 0 : -behindMs
}
