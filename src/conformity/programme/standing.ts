import { type Config, isTrialRegion, type Use } from '../../core/config.ts'
import type { InBoth, Verdict, Why } from '../../core/conformity.ts'
import type { Enrolment, MilestoneRequirement, MilestoneStanding, TargetValue } from '../../core/programme-commands.ts'
import type { Programme, ProgrammeTarget } from '../../core/programmes.ts'
import { dayOf } from '../day.ts'
import { isInForce } from '../framework-shelf.ts'
import { readWindow } from '../store/facts.ts'
import type { ProgrammeParts } from './parts.ts'
import { type DeclaredValue, readValues } from './rows.ts'
import { countedFraction, milestoneReached, reaches, targetsFor } from './targets.ts'

type Parts = Pick<ProgrammeParts, 'journal' | 'config' | 'shelf' | 'clock'>

/**
 * The establishment of the region whose counts and verdicts an enrolment rests on: the one that has its FINESS number now, else the one
 * that it was made for, as long as that is declared; null: none. An id may be declared, or become another, after the enrolment. Pure. */
export function measuredAs(
  { establishment, finess }: Pick<Enrolment, 'establishment' | 'finess'>,
  { establishments }: Pick<Config, 'establishments'>,
): string | null {
  for (const { id, finess: own } of establishments.values()) if (own.ej === finess || own.eg.includes(finess)) return id
  return establishment !== null && establishments.has(establishment) ? establishment : null
}

/** Tests prove nothing that is paid for: they count for an invented enrolment of a region on trial alone. */
function useOf({ invented }: Enrolment, { config }: Pick<Parts, 'config'>): Use {
  return invented && isTrialRegion(config()) ? 'qualification' : 'production'
}

/** Targets of an enrolment with their fractions: of the gateway's counts where the programme says how, else as declared. */
export async function targetValues(
  enrolment: Enrolment,
  programme: Programme,
  parts: Parts,
): Promise<readonly TargetValue[]> {
  const { id, domains } = enrolment
  const establishment = measuredAs(enrolment, parts.config())
  const targets = targetsFor(programme.targets, domains)
  const declared = new Map((await readValues(parts.journal, id)).map((one) => [one.target, one]))
  const all: TargetValue[] = []
  for (const target of targets)
    all.push(
      await targetValue(target, establishment, declared.get(target.id) ?? null, {
        ...parts,
        use: useOf(enrolment, parts),
      }),
    )
  return all
}

async function targetValue(
  target: ProgrammeTarget,
  establishment: string | null,
  declared: DeclaredValue | null,
  parts: Parts & { readonly use: Use },
): Promise<TargetValue> {
  const { counts, threshold } = target
  const counted = counts === null || establishment === null ? null : await fractionOf(counts, establishment, parts)
  const fraction = counted ?? declared
  if (fraction === null) return { target, numerator: 0, denominator: 0, by: null, met: null, declared: null }
  const { numerator, denominator } = fraction
  const met = reaches(threshold, { numerator, denominator })
  if (counted !== null) return { target, numerator, denominator, by: 'counts', met, declared: null }
  const { who, why, atMs } = declared!
  return { target, numerator, denominator, by: 'declared', met, declared: { who, why, atMs } }
}

async function fractionOf(
  counts: NonNullable<ProgrammeTarget['counts']>,
  establishment: string,
  { journal, config, clock, use }: Parts & { readonly use: Use },
) {
  const today = dayOf(clock.nowMs(), config().region.timeZone)
  return countedFraction(counts, await readWindow(journal, { establishment, use }, counts.windowDays, today))
}

/** Milestones of an enrolment, each with the verdicts that it is made of. */
export async function milestoneStandings(
  enrolment: Enrolment,
  programme: Programme,
  parts: Parts,
): Promise<readonly MilestoneStanding[]> {
  const establishment = measuredAs(enrolment, parts.config())
  const milestones = targetsFor(programme.milestones, enrolment.domains)
  const verdicts =
    establishment === null ? new Map<string, Kept>() : await keptVerdicts(establishment, useOf(enrolment, parts), parts)
  const asked = await askedBy(new Set(milestones.flatMap((one) => one.requirements.map((r) => r.framework))), parts)
  return milestones.map((milestone) => {
    const requirements = milestone.requirements.map(({ framework, requirement }): MilestoneRequirement => {
      const key = `${framework} ${requirement}`
      const kept = verdicts.get(key)
      return {
        ...{ framework, requirement, text: asked.texts.get(key) ?? null, inForce: asked.inForce.has(framework) },
        ...{ verdict: kept?.verdict ?? 'not-measured', sinceMs: kept?.sinceMs ?? null },
        byPerson: kept !== undefined && ['waived', 'overridden'].includes(kept.why),
      }
    })
    return { milestone, requirements, reached: milestoneReached(requirements) }
  })
}

interface Kept {
  readonly verdict: Verdict
  readonly why: Why
  readonly sinceMs: number
}

async function keptVerdicts(
  establishment: string,
  use: Use,
  { journal }: Pick<Parts, 'journal'>,
): Promise<Map<string, Kept>> {
  const rows = await journal.look<{
    framework: string
    requirement: string
    verdict: Verdict
    why: Why
    since_ms: number
  }>({
    sql: 'SELECT framework, requirement, verdict, why, since_ms FROM conformity_verdict WHERE establishment = ? AND use = ?',
    parameters: [establishment, use],
  })
  return new Map(
    rows.map((row) => [
      `${row.framework} ${row.requirement}`,
      { verdict: row.verdict, why: row.why, sinceMs: Number(row.since_ms) },
    ]),
  )
}

/** What requirements ask, of frameworks that are on the shelf, and which of these are in force today. */
async function askedBy(names: ReadonlySet<string>, { shelf, config, clock }: Parts) {
  const today = dayOf(clock.nowMs(), config().region.timeZone)
  const texts = new Map<string, InBoth>()
  const inForce = new Set<string>()
  for (const name of names) {
    const framework = (await shelf.one(name))?.framework
    if (framework === undefined || framework === null) continue
    if (isInForce(framework, today)) inForce.add(name)
    for (const { id, text } of framework.domains.flatMap(({ requirements }) => requirements))
      texts.set(`${name} ${id}`, text)
  }
  return { texts, inForce }
}
