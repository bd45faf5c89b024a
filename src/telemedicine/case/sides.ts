import { type Caller, may, type Reach, reachOf } from '../../core/caller.ts'
import type { Case, CaseViewer } from '../../core/cases.ts'
import type { CareService } from '../../core/services.ts'
import { ANSWER, alerted, alertedCentres } from './climb.ts'

/** What somebody is to a case when they act. `gateway`: what messages of the sites say, and what nobody does. */
export type Side = 'requester' | 'imaging' | 'centre' | 'owner' | 'invited' | 'coordination' | 'secretariat' | 'gateway'

/** How far the caller acts: on cases, or where they may not, on appointments. */
function actingReach(caller: Caller): Reach | null {
  return reachOf(caller, may(caller, 'cases:act') ? 'cases:act' : 'appointments:act')
}

/** Does the caller reach the establishment, to act on cases there? */
function acting(caller: Caller, establishment: string): boolean {
  const reach = actingReach(caller)
  return reach === null || reach.establishments === null || reach.establishments.includes(establishment)
}

/** Does the caller reach the unit? A unit that nobody told is the whole establishment's. */
function unit(caller: Caller, name: string | null): boolean {
  const units = actingReach(caller)?.units ?? null
  return units === null || name === null || units.includes(name)
}

/**
 * What the viewer may act as in the case; empty: the case is none of theirs. A person acts for one establishment, the
 * participant's own, which the caller must reach. Pure. */
export function sidesOf(
  of: Case,
  { caller, participant }: CaseViewer,
  service: CareService,
  coordination: string | null = null,
): ReadonlySet<Side> {
  const sides = new Set<Side>()
  if (participant.role === 'gateway') return sides.add('gateway')
  if (caller.role === 'coordination') return may(caller, 'cases:act') ? sides.add('coordination') : sides
  const here = participant.establishment
  if (here === null || !acting(caller, here)) return sides
  const asks = of.requests.some(({ site }) => site === here)
  const answers = alertedCentres(of).includes(here)
  const inUnit = asks && of.requests.some((request) => request.site === here && unit(caller, request.unit))
  if (caller.role === 'secretariat') return inUnit || answers ? sides.add('secretariat') : sides
  if (!may(caller, 'cases:act')) return sides
  if (caller.role === 'establishment' && here === coordination) sides.add('coordination')
  if (inUnit) sides.add('requester')
  const units = reachOf(caller, 'cases:act')?.units ?? null
  if (asks && units?.some((one) => service.imagingUnits.includes(one)) === true) sides.add('imaging')
  if (caller.role === 'requester') return sides
  const owns = of.owner?.establishment === here
  if (of.climbs.some((climb) => climb.ladder === ANSWER && alerted(climb, here)) || owns) sides.add('centre')
  if (of.climbs.some((climb) => climb.ladder !== ANSWER && alerted(climb, here))) sides.add('invited')
  if (owns) sides.add('owner')
  return sides
}
