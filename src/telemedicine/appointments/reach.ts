import { type Caller, mayAnswer, type Reach, reaches, reachOf } from '../../core/caller.ts'
import type { Permission } from '../../core/roles.ts'

/** Between whom an appointment is. */
export interface Between {
  readonly site: string
  readonly unit: string | null
  readonly centre: string | null
}

/** Which side of it a caller is on. */
export type Side = 'site' | 'centre' | 'both'

/** The side that a permission lets the caller act on; null: none of it is theirs. */
export function sideOf(caller: Caller, permission: Permission, { site, unit, centre }: Between): Side | null {
  const reach = reachOf(caller, permission)
  if (reach === null) return 'both'
  const atSite = reaches(reach, site) && inUnit(reach, unit)
  const atCentre = centre !== null && mayAnswer(caller) && reaches(reach, centre)
  if (atSite && atCentre) return 'both'
  return atSite ? 'site' : atCentre ? 'centre' : null
}

function inUnit({ units }: Reach, unit: string | null): boolean {
  return units === undefined || units === null || unit === null || units.includes(unit)
}
