/** Targets and milestones: what was reached. Pure. */
import type { MilestoneRequirement } from '../../core/programme-commands.ts'
import type { CountRule, ProgrammeTarget, TargetCounts } from '../../core/programmes.ts'
import { isNamed, MORE, readSignature } from '../count/signature.ts'
import type { Count } from '../judge/traffic.ts'

/** A numerator and a denominator. */
export interface Fraction {
  readonly numerator: number
  readonly denominator: number
}

/** Is the fraction at least the threshold (basis points)? Of nothing, nothing is reached: null. */
export function reaches(threshold: number, { numerator, denominator }: Fraction): boolean | null {
  return denominator <= 0 ? null : BigInt(numerator) * 10_000n >= BigInt(threshold) * BigInt(denominator)
}

/** May people declare this? Whole numbers, and no more above the line than below. */
export function isFraction({ numerator, denominator }: Fraction): boolean {
  return (
    Number.isSafeInteger(numerator) && Number.isSafeInteger(denominator) && numerator >= 0 && numerator <= denominator
  )
}

/** What the gateway's counts make of a target; null: too little was counted to say anything. */
export function countedFraction(rule: TargetCounts, counts: readonly Count[]): Fraction | null {
  const denominator = countOf(rule.denominator, counts)
  if (denominator < rule.minimum || denominator === 0) return null
  return { numerator: Math.min(countOf(rule.numerator, counts), denominator), denominator }
}

/** Messages that a rule counts. What was refused was never exchanged, and counts nowhere. */
export function countOf({ side, kinds, without }: CountRule, counts: readonly Count[]): number {
  return counts
    .filter((one) => one.side === side && isNamed(one.kind, kinds))
    .filter(({ signature }) => (side === 'received' ? isTaken(signature) : isClean(signature, without)))
    .reduce((sum, { n }) => sum + n, 0)
}

/** One that could not be sent at once may have come later; one that was refused never did. */
function isTaken(signature: string): boolean {
  return !/^refused( |$)/.test(signature)
}

function isClean(signature: string, without: readonly string[]): boolean {
  const { names, refused } = readSignature(signature)
  if (refused !== null) return false
  return without.length === 0 || !names.some((name) => name === MORE || isNamed(name, without))
}

/** Targets that an enrolment in these domains has. */
export function targetsFor<One extends Pick<ProgrammeTarget, 'domains'>>(
  all: readonly One[],
  domains: readonly string[],
): readonly One[] {
  return all.filter((one) => one.domains === null || one.domains.some((id) => domains.includes(id)))
}

/** Is a milestone reached? Met in all: yes. One that was measured and is not met: no. Else nobody can say (null). */
export function milestoneReached(requirements: readonly Pick<MilestoneRequirement, 'verdict'>[]): boolean | null {
  const asked = requirements.filter(({ verdict }) => verdict !== 'not-applicable')
  if (asked.every(({ verdict }) => verdict === 'met')) return asked.length === 0 ? null : true
  return asked.some(({ verdict }) => verdict === 'unmet' || verdict === 'partly' || verdict === 'lapsed') ? false : null
}
