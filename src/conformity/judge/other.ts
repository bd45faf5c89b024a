import {
  type EvidenceFact,
  type Judgement,
  type Judging,
  NOTHING_MEASURED,
  type Override,
  type ProbeFact,
  type TrialFact,
} from '../../core/conformity.ts'
import { unmeasured } from './traffic.ts'

const DAY_MS = 86_400_000

/**
 * What filed evidence comes to. The newest accepted one counts as long as it is valid, whatever was filed since; after that, or
 * without one, the newest of all says why nothing counts. Pure. */
export function judgeEvidence(evidence: readonly EvidenceFact[], nowMs: number): Judgement {
  const newest = (states: readonly EvidenceFact['state'][]): EvidenceFact | undefined =>
    evidence.filter(({ state }) => states.includes(state)).toSorted((a, b) => b.filedAtMs - a.filedAtMs)[0]
  const accepted = newest(['accepted'])
  if (accepted !== undefined) {
    const untilMs = accepted.validUntilMs
    const lapsed = untilMs !== null && untilMs <= nowMs
    return { ...NOTHING_MEASURED, untilMs, verdict: lapsed ? 'lapsed' : 'met', why: lapsed ? 'expired' : 'fine' }
  }
  const last = newest(['filed', 'rejected'])
  if (last?.state === 'rejected') return { ...NOTHING_MEASURED, verdict: 'unmet', why: 'rejected' }
  return unmeasured(last === undefined ? 'no-evidence' : 'waiting')
}

/**
 * What the last results of a probe come to, at the endpoints that are declared now: met when all pass, unmet when none does, lapsed
 * when the oldest is too old to say anything. Endpoints that could not be reached say nothing of what they would have shown; where
 * those that were asked pass, and others never were, it is not measured. Pure. */
export function judgeProbes(
  { validDays }: Pick<Extract<Judging, { by: 'probe' }>, 'validDays'>,
  endpoints: readonly string[],
  results: readonly ProbeFact[],
  nowMs: number,
): Judgement {
  const own = results.filter(({ endpoint }) => endpoints.includes(endpoint))
  const total = endpoints.length
  if (own.length === 0) return unmeasured('no-probe')
  const said = own.filter(({ outcome }) => outcome !== 'unreachable')
  if (said.length === 0) return { ...unmeasured('probe'), total, found: found(own) }
  const untilMs = Math.min(...said.map(({ atMs }) => atMs)) + validDays * DAY_MS
  const good = said.filter(({ outcome }) => outcome === 'pass').length
  const measured = { ...NOTHING_MEASURED, good, total, found: found(own), untilMs }
  if (untilMs <= nowMs) return { ...measured, verdict: 'lapsed', why: 'expired' }
  if (good === total) return { ...measured, verdict: 'met', why: 'fine' }
  if (good === own.length) return { ...unmeasured('probe'), good, total }
  return { ...measured, verdict: good > 0 ? 'partly' : 'unmet', why: 'probe' }
}

/**
 * What trials at the sandbox door come to: met when every case was passed not too long ago. `tried` null: production, for which a
 * trial says nothing and nothing is asked. Pure. */
export function judgeTrials(
  { cases, validDays }: Pick<Extract<Judging, { by: 'trial' }>, 'cases' | 'validDays'>,
  tried: readonly TrialFact[] | null,
  nowMs: number,
): Judgement {
  if (tried === null) return { ...NOTHING_MEASURED, verdict: 'not-applicable', why: 'trial-only' }
  const own = tried.filter(({ name }) => cases.includes(name))
  if (own.length === 0) return unmeasured('no-trial')
  const passed = own.filter((one) => one.passed)
  const failed = own.filter((one) => !one.passed).map(({ name }) => ({ finding: name, messages: 1 }))
  const untilMs = passed.length === 0 ? null : Math.min(...passed.map(({ atMs }) => atMs)) + validDays * DAY_MS
  const measured = { ...NOTHING_MEASURED, good: passed.length, total: cases.length, found: failed.slice(0, 5), untilMs }
  if (passed.length === cases.length) {
    const lapsed = untilMs !== null && untilMs <= nowMs
    return { ...measured, verdict: lapsed ? 'lapsed' : 'met', why: lapsed ? 'expired' : 'fine' }
  }
  return { ...measured, verdict: passed.length > 0 ? 'partly' : 'unmet', why: 'trial' }
}

function found(results: readonly ProbeFact[]): Judgement['found'] {
  const sums = new Map<string, number>()
  for (const fault of results.flatMap(({ faults }) => faults)) sums.set(fault, (sums.get(fault) ?? 0) + 1)
  return [...sums]
    .map(([finding, messages]) => ({ finding, messages }))
    .sort((a, b) => b.messages - a.messages)
    .slice(0, 5)
}

/**
 * What others come to together. Parts that are not applicable are not asked for; one that is not measured is not met, and no lack
 * either. Pure. */
export function judgeDerived(
  { of, need }: Extract<Judging, { by: 'derived' }>,
  parts: ReadonlyMap<string, Judgement>,
): Judgement {
  const asked = of.flatMap((id) => {
    const part = parts.get(id)
    return part === undefined || part.verdict === 'not-applicable' ? [] : [part]
  })
  if (asked.length === 0) return { ...NOTHING_MEASURED, verdict: 'not-applicable', why: 'parts' }
  const met = asked.filter(({ verdict }) => verdict === 'met').length
  const needed = need === 'all' ? asked.length : Math.min(need, asked.length)
  const ends = asked.flatMap(({ verdict, untilMs }) => (verdict === 'met' && untilMs !== null ? [untilMs] : []))
  const measured = { ...NOTHING_MEASURED, good: met, total: asked.length }
  if (met >= needed) {
    return { ...measured, untilMs: ends.length === 0 ? null : Math.min(...ends), verdict: 'met', why: 'fine' }
  }
  const open = asked.filter(({ verdict }) => verdict === 'not-measured').length
  // Where nothing fails, what is open may still be met: that some of it is, is told by the numbers.
  if (met + open === asked.length || (met === 0 && open >= needed)) {
    return { ...measured, verdict: 'not-measured', why: 'parts' }
  }
  const some = met > 0 || asked.some(({ verdict }) => verdict === 'partly')
  return { ...measured, verdict: some ? 'partly' : 'unmet', why: 'parts' }
}

/** What a person set, where it still holds; a waiver is an override with `not-applicable`. Pure. */
export function judgeOverride(override: Override | undefined, judged: Judgement, nowMs: number): Judgement {
  if (override === undefined || (override.untilMs !== null && override.untilMs <= nowMs)) return judged
  const why = override.verdict === 'not-applicable' ? 'waived' : 'overridden'
  return { ...judged, verdict: override.verdict, why, untilMs: override.untilMs }
}
