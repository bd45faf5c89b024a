import type { Level, Verdict } from '../../core/conformity.ts'
import type { Cell, Share, VerdictCounts } from '../../core/conformity-views.ts'

/** A requirement with what it came to. */
export interface Judged {
  readonly level: Level
  readonly verdict: Verdict
}

/** Gravest first. Too little to say anything comes before met: it is never shown as met. */
export const GRAVITY = [
  'unmet',
  'lapsed',
  'partly',
  'not-measured',
  'met',
  'not-applicable',
] as const satisfies Verdict[]

/**
 * What requirements come to together: the gravest verdict of the mandatory ones that apply, where none is mandatory of all that
 * apply. Where none applies, `not-applicable`. Pure. */
export function cellOf(judged: readonly Judged[]): Cell {
  const asked = judged.filter(({ verdict }) => verdict !== 'not-applicable')
  const mandatory = asked.filter(({ level }) => level === 'mandatory')
  const deciding = mandatory.length > 0 ? mandatory : asked
  const verdict = GRAVITY.find((one) => deciding.some((is) => is.verdict === one)) ?? 'not-applicable'
  return { verdict, counts: countsOf(judged) }
}

function countsOf(judged: readonly Judged[]): VerdictCounts {
  const counts = { met: 0, partly: 0, unmet: 0, lapsed: 0, 'not-applicable': 0, 'not-measured': 0 }
  for (const { verdict } of judged) counts[verdict]++
  return counts
}

/** How many of those that apply are met. Pure. */
export function shareOf(verdicts: Iterable<Verdict>): Share {
  let [met, of] = [0, 0]
  for (const one of verdicts) {
    if (one === 'not-applicable') continue
    of++
    if (one === 'met') met++
  }
  return { met, of }
}

/** Shares added up. Pure. */
export function sumOf(shares: readonly Share[]): Share {
  return {
    met: shares.reduce((sum, { met }) => sum + met, 0),
    of: shares.reduce((sum, { of }) => sum + of, 0),
  }
}
