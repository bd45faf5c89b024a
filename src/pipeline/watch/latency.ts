import { ANSWER_MS } from './tally.ts'

/**
 * The time that a part `q` of the answers took at most (ms), from counts by how long they took: the limit below which that
 * part lies, spread evenly between it and the one before. Null: there was no answer. Pure. */
export function quantileMs(counts: ReadonlyMap<string, number>, q: number): number | null {
  const bins = [...ANSWER_MS, Number.POSITIVE_INFINITY].map((limit) => {
    const name = Number.isFinite(limit) ? `answer ${limit}` : 'answer more'
    return { limit, n: counts.get(name) ?? 0 }
  })
  const all = bins.reduce((sum, { n }) => sum + n, 0)
  if (all === 0) return null
  let below = 0
  for (const [i, { limit, n }] of bins.entries()) {
    if (n > 0 && below + n >= q * all) {
      const from = bins[i - 1]?.limit ?? 0
      if (!Number.isFinite(limit)) return from
      return Math.round((from + ((q * all - below) / n) * (limit - from)) * 10) / 10
    }
    below += n
  }
  return ANSWER_MS.at(-1) ?? null
}
