import type { Accept } from '../core/ports.ts'

/** Work on arrivals in one turn of the event loop (ms): the rest of it is for deliveries, answers and other connections. */
const SLICE_MS = 8
/** The same while deliveries fall behind: each takes several turns, so short turns are what they gain by. */
const SHORT_SLICE_MS = 1
/** The same where a database server commits: between the flights of a commit it waits until this loop comes to its answer (4 to 6 % more taken in, measured). */
const SHARED_SLICE_MS = 3

/** What the turns go by. */
export interface TurnParts {
  /** Monotonic, ms. */
  readonly nowMs: () => number
  /** Do deliveries that could go wait in number? */
  readonly behind: () => boolean
  /** Is the store a database server's? */
  readonly shared: boolean
}

/**
 * Lets arrivals in by turns, whichever door they come through: so much work in each turn of the event loop, and while some
 * wait one of each connection after the other. A connection's own stay in their order; who floods waits behind itself. */
export function byTurns(accept: Accept, parts: TurnParts): Accept {
  const turns = new Turns(parts)
  return async (arrival) => {
    const turn = turns.come(arrival.peer.address)
    // Begun at once where there is time, so that of a thousand that come together the next sees how much is left.
    if (turn !== null) await turn
    return accept(arrival)
  }
}

class Turns {
  readonly #parts: TurnParts
  /** Who waits, by connection; the connection whose turn is next stands first. */
  readonly #lines = new Map<string, (() => void)[]>()
  #untilMs: number | null = null

  constructor(parts: TurnParts) {
    this.#parts = parts
  }

  /** When the next arrival of this connection may be worked on; null: now. */
  come(connection: string): Promise<void> | null {
    if (this.#untilMs === null) this.#begin()
    else if (this.#lines.size > 0 || this.#late()) return this.#wait(connection)
    return null
  }

  #begin(): void {
    const { nowMs, behind, shared } = this.#parts
    const usual = shared ? SHARED_SLICE_MS : SLICE_MS
    this.#untilMs = nowMs() + (behind() ? SHORT_SLICE_MS : usual)
    setImmediate(() => void this.#next())
  }

  #late(): boolean {
    return this.#parts.nowMs() >= (this.#untilMs ?? 0)
  }

  #wait(connection: string): Promise<void> {
    return new Promise((enter) => {
      const line = this.#lines.get(connection)
      if (line === undefined) this.#lines.set(connection, [enter])
      else line.push(enter)
    })
  }

  /** The next turn has come: lets in at least one of those who wait. */
  async #next(): Promise<void> {
    this.#untilMs = null
    if (this.#lines.size === 0) return
    this.#begin()
    do {
      this.#admit()
      await settled()
    } while (this.#lines.size > 0 && !this.#late())
  }

  #admit(): void {
    for (const [connection, line] of this.#lines) {
      this.#lines.delete(connection)
      line.shift()?.()
      if (line.length > 0) this.#lines.set(connection, line)
      return
    }
  }
}

/** Resolves once what was let in has nothing left to do but wait. */
function settled(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)))
}
