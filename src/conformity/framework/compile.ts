/** A framework as its file writes it → the framework that is judged. Pure. */
import type { Framework, Judging, Measure, Requirement, TrafficRule } from '../../core/conformity.ts'
import { durationMs } from '../../core/units.ts'
import type { WrittenDerived, WrittenFramework, WrittenJudge, WrittenRequirement, WrittenTraffic } from './written.ts'

const DAY_MS = durationMs('1 d')

/** A share of one: 0.99 of `99 %`. */
export function shareOf(text: string): number {
  return Number.parseFloat(text) / 100
}

/** Whole days of `30 d`. */
export function daysOf(text: string): number {
  return durationMs(text) / DAY_MS
}

/** The framework of a file in which `frameworkProblems` found nothing. */
export function frameworkOf(written: WrittenFramework): Framework {
  const { id, version, name, publisher, status, valid, appliesTo, source, confirm } = written
  return {
    id,
    version,
    name,
    publisher,
    status,
    validFrom: valid.from,
    validTo: valid.to ?? null,
    appliesTo,
    source,
    confirm,
    domains: written.domains.map((domain) => ({
      id: domain.id,
      name: domain.name,
      requirements: domain.requirements.map(requirementOf),
    })),
  }
}

function requirementOf(written: WrittenRequirement): Requirement {
  const { id, level, text, source, confirm, appliesTo, next, judge } = written
  return {
    id,
    level,
    text,
    source: { document: source.document, clause: source.clause ?? null },
    confirm,
    appliesTo: appliesTo ?? null,
    next,
    judging: judgingOf(judge),
  }
}

function judgingOf({ traffic, probe, evidence, trial, derived }: WrittenJudge): Judging {
  if (traffic !== undefined) return { by: 'traffic', rule: ruleOf(traffic) }
  if (probe !== undefined) {
    return { by: 'probe', probe: probe.kind, validDays: daysOf(probe.valid), settings: probe.settings }
  }
  if (evidence !== undefined) {
    const { accepts, valid, remind } = evidence
    return { by: 'evidence', accepts, validDays: daysOf(valid), remindDays: daysOf(remind) }
  }
  if (trial !== undefined) return { by: 'trial', cases: trial.cases, validDays: daysOf(trial.valid) }
  return { by: 'derived', of: partsOf(derived!), need: needOf(derived!) }
}

function ruleOf(written: WrittenTraffic): TrafficRule {
  const { side, kinds, profiles, notProfiles, window, minimum } = written
  return {
    ...{ side, kinds, windowDays: daysOf(window), minimum, measure: measureOf(written) },
    ...(profiles !== undefined && { profiles }),
    ...(notProfiles !== undefined && { notProfiles }),
  }
}

function measureOf({ share, absence, presence, answered }: WrittenTraffic): Measure {
  if (share !== undefined) {
    const { without, refused, atLeast, partly } = share
    return { what: 'share', without, refused, atLeast: shareOf(atLeast), partly: partlyOf(partly) }
  }
  if (absence !== undefined) return { what: 'absence', of: absence }
  if (presence !== undefined) return { what: 'presence', messages: presence }
  const { within, atLeast, partly } = answered!
  return {
    what: 'answered',
    withinMs: within === undefined ? null : durationMs(within),
    atLeast: shareOf(atLeast),
    partly: partlyOf(partly),
  }
}

function partlyOf(text: string | undefined): number | null {
  return text === undefined ? null : shareOf(text)
}

/** Ids of the requirements that a derived one is made of. */
export function partsOf({ all, any, atLeast }: WrittenDerived): readonly string[] {
  return all ?? any ?? atLeast!.of
}

function needOf({ all, any, atLeast }: WrittenDerived): number | 'all' {
  if (all !== undefined) return 'all'
  return any !== undefined ? 1 : atLeast!.n
}
