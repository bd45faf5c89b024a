/** Seeded randomness (mulberry32): the same seed gives the same kills, mutations and waits. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Integer from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** One of the items. @throws {RangeError} when there is none */
  pick<T>(items: readonly T[]): T
}

/** A seeded source of randomness. */
export function random(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick(items) {
      const item = items[Math.floor(next() * items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
  }
}

/** The seed of this run: PROOF_SEED when given (to run a failure again), else a new one. */
export function seedOfRun(): number {
  const given = Number.parseInt(process.env['PROOF_SEED'] ?? '', 10)
  return Number.isInteger(given) ? given : Math.floor(Math.random() * 2 ** 31)
}
