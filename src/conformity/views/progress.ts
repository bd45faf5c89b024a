import type { Judgement, Requirement, TrafficRule } from '../../core/conformity.ts'
import type { Progress } from '../../core/conformity-views.ts'

/** How far it is to the requirement; null where there is nothing to count towards it. Pure. */
export function progressOf({ judging }: Pick<Requirement, 'judging'>, judgement: Judgement): Progress | null {
  const { verdict, why, good, total } = judgement
  if (verdict === 'met' || verdict === 'not-applicable' || why === 'overridden') return null
  const first = judgement.found[0]?.finding ?? null
  if (judging.by === 'evidence') return null
  if (judging.by === 'traffic') return towards(judging.rule, { good, total, first })
  return total === 0 ? null : { of: 'parts', done: good, needed: total, more: total - good, share: null, first }
}

function towards(
  { measure, minimum }: TrafficRule,
  { good, total, first }: { readonly good: number; readonly total: number; readonly first: string | null },
): Progress {
  if (measure.what === 'presence') {
    const { messages } = measure
    return { of: 'flow', done: total, needed: messages, more: Math.max(0, messages - total), share: null, first: null }
  }
  if (total < minimum) return { of: 'least', done: total, needed: minimum, more: minimum - total, share: null, first }
  if (measure.what === 'absence') {
    return { of: 'wrong', done: total - good, needed: total, more: total - good, share: null, first }
  }
  const { atLeast } = measure
  return { of: 'right', done: good, needed: total, more: inARow(good, total, atLeast), share: atLeast, first }
}

/** Right messages in a row after which the share is reached: the least n with (good + n) / (total + n) at least the share. */
function inARow(good: number, total: number, share: number): number | null {
  // A product and not a quotient, as in judging.
  const lacking = share * total - good
  if (lacking <= 1e-9) return 0
  return share >= 1 ? null : Math.ceil(lacking / (1 - share) - 1e-9)
}
