import { type Caller, reachOf } from '../core/caller.ts'
import type { CaseViewer } from '../core/cases.ts'

/** A caller as one who takes part in cases: of the establishment that is their first, where they have several. */
export function callerAsViewer(caller: Caller): CaseViewer {
  const establishments =
    caller.role === 'establishment'
      ? [caller.establishment]
      : [reachOf(caller, 'cases:read'), reachOf(caller, 'appointments:read')].flatMap(
          (reach) => reach?.establishments ?? [],
        )
  const establishment = establishments[0] ?? null
  return { caller, participant: { name: caller.who, rpps: null, establishment, role: caller.role, phone: null } }
}
