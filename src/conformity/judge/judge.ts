import {
  type EvidenceFact,
  type Framework,
  type FrameworkName,
  frameworkName,
  type Judgement,
  type Override,
  type ProbeFact,
  type ProbeKind,
  type Requirement,
  requirementName,
  type TrialFact,
} from '../../core/conformity.ts'
import { judgeDerived, judgeEvidence, judgeOverride, judgeProbes, judgeTrials } from './other.ts'
import { type Count, judgeTraffic, unmeasured } from './traffic.ts'

/** What is known of one establishment, for one use. */
export interface Facts {
  /** Kind of establishment (region.yaml). */
  readonly kind: string
  /** Counts of the last so many days, for each length of window that a rule of the frameworks has. */
  readonly windows: ReadonlyMap<number, readonly Count[]>
  /** Days since the first that it sent something, that one and today included; 0: it never did. */
  readonly sentDays: number
  /** Of the framework that is judged. */
  readonly evidence: readonly EvidenceFact[]
  readonly probes: readonly ProbeFact[]
  /** What probes of each kind ask of it now. */
  readonly endpoints: ReadonlyMap<ProbeKind, readonly string[]>
  readonly overrides: readonly Override[]
  /** What was tried at the sandbox door; null for production, where no trial says anything. */
  readonly trials: readonly TrialFact[] | null
}

/**
 * Every requirement of the framework that applies to an establishment of that kind, judged. Requirements that others lean on are
 * judged first (a framework has no cycles). Pure: the same facts give the same verdicts, whenever they are looked at. */
export function judgeFramework(framework: Framework, facts: Facts, nowMs: number): ReadonlyMap<string, Judgement> {
  const own = requirementsFor(framework, facts.kind)
  const name = frameworkName(framework)
  const overrides = new Map(facts.overrides.map((one) => [one.requirement, one]))
  const judged = new Map<string, Judgement>()
  const known = new Map(own.map((one) => [one.id, one]))
  const judge = (requirement: Requirement): Judgement => {
    const before = judged.get(requirement.id)
    if (before !== undefined) return before
    const { judging, id } = requirement
    if (judging.by === 'derived') for (const part of judging.of) if (known.has(part)) judge(known.get(part)!)
    const verdict = judgeOverride(overrides.get(id), judgeOne(requirement, name, facts, judged, nowMs), nowMs)
    judged.set(id, verdict)
    return verdict
  }
  for (const one of own) judge(one)
  return judged
}

function judgeOne(
  { judging, id }: Requirement,
  framework: FrameworkName,
  facts: Facts,
  judged: ReadonlyMap<string, Judgement>,
  nowMs: number,
): Judgement {
  switch (judging.by) {
    case 'traffic': {
      const counts = facts.windows.get(judging.rule.windowDays)
      return counts === undefined ? unmeasured('too-few') : judgeTraffic(judging.rule, counts, facts.sentDays)
    }
    case 'evidence':
      return judgeEvidence(
        facts.evidence.filter(({ requirement }) => requirement === id),
        nowMs,
      )
    case 'probe':
      return judgeProbes(
        judging,
        facts.endpoints.get(judging.probe) ?? [],
        facts.probes.filter(({ name }) => name === requirementName(framework, id)),
        nowMs,
      )
    case 'trial':
      return judgeTrials(judging, facts.trials, nowMs)
    case 'derived':
      return judgeDerived(judging, judged)
  }
}

/** Requirements of a framework that an establishment of that kind has to meet, in their order; none when it is for others. Pure. */
export function requirementsFor(framework: Framework, kind: string): readonly Requirement[] {
  const byKind = known.get(framework) ?? new Map<string, readonly Requirement[]>()
  known.set(framework, byKind)
  const before = byKind.get(kind)
  if (before !== undefined) return before
  const { appliesTo, domains } = framework
  const own = domains
    .flatMap(({ requirements }) => requirements)
    .filter((one) => (one.appliesTo ?? appliesTo).includes(kind))
  byKind.set(kind, own)
  return own
}

/** A framework never changes, and is asked for each establishment of a region. */
const known = new WeakMap<Framework, Map<string, readonly Requirement[]>>()

/** How long trials may count for (days), the longest of these frameworks; 0: none asks for any. Pure. */
export function longestTrialDays(frameworks: readonly Framework[]): number {
  const days = frameworks
    .flatMap(({ domains }) => domains.flatMap(({ requirements }) => requirements))
    .flatMap(({ judging }) => (judging.by === 'trial' ? [judging.validDays] : []))
  return Math.max(0, ...days)
}

/** Lengths of the windows (days) that rules of these frameworks look at, each once. Pure. */
export function windowsOf(frameworks: readonly Framework[]): readonly number[] {
  const days = frameworks
    .flatMap(({ domains }) => domains.flatMap(({ requirements }) => requirements))
    .flatMap(({ judging }) => (judging.by === 'traffic' ? [judging.rule.windowDays] : []))
  return [...new Set(days)].sort((a, b) => a - b)
}
