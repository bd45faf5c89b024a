import { type Case, CLOSED_STATES, type Happening } from '../../core/cases.ts'
import type { Statement } from '../../core/journal.ts'
import { momentsOf } from '../../formats/measures/moments.ts'
import type { CaseChange, CaseProjection } from '../projection.ts'

/** Everything that happened to a case before a change, in order. */
export type HappeningsOf = (id: string) => Promise<readonly Happening[]>

/**
 * Keeps the times of a case for measures in the commit that ends it: they outlive its content. Tests and drills leave nothing;
 * a case that is closed again (a time corrected afterwards) is kept as it is then. */
export function measureProjection(happeningsOf: HappeningsOf): CaseProjection {
  return async ({ before, after, happenings }: CaseChange) => {
    if (after.test || after.drill || !CLOSED_STATES.includes(after.state)) return {}
    const earlier = before === null ? [] : await happeningsOf(after.id)
    return { rows: [measureRow(after, [...earlier, ...happenings])] }
  }
}

/** The row of a closed case. Pure. */
export function measureRow(shown: Case, happenings: readonly Happening[]): Statement {
  const { id, service, kind, site, unit, owner, state, decision, late } = shown
  const moments = momentsOf(shown, happenings)
  return {
    sql: `INSERT INTO care_measure (care_case, service, kind, site, unit, centre, state, decision, late, requested_at_ms, moments)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (care_case) DO UPDATE SET centre = excluded.centre,
      state = excluded.state, decision = excluded.decision, moments = excluded.moments`,
    parameters: [
      id,
      service,
      kind,
      site,
      unit,
      owner?.establishment ?? null,
      state,
      decision?.id ?? null,
      late ? 1 : 0,
      moments.request ?? shown.openedAtMs,
      JSON.stringify(moments),
    ],
  }
}
