import { type Caller, mayAnswer, reaches, reachOf } from '../../core/caller.ts'
import type { Permission } from '../../core/roles.ts'
import type { CareCase } from '../appointments/care-case.ts'
import { type Side, sideOf } from '../appointments/reach.ts'

/** The side of a case on which a permission lets the caller be; `centre`: any other establishment that takes part. */
export function clinicalSide(caller: Caller, permission: Permission, care: CareCase): Side | null {
  const side = sideOf(caller, permission, { site: care.site, unit: care.unit, centre: care.owner })
  if (side !== null || !mayAnswer(caller)) return side
  const reach = reachOf(caller, permission)
  return care.parts.some((one) => one !== care.site && reaches(reach, one)) ? 'centre' : null
}

/** Did the patient take consent back? What was shared is then the site's alone. */
export function consentTakenBack({ state }: CareCase): boolean {
  const consent = state?.consent ?? null
  return consent !== null && !consent.given && consent.refusedWhy === null
}
