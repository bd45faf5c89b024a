import type { Journal } from '../../core/journal.ts'
import type { PlanChange, PlanProblem } from '../../core/operations.ts'

/** Open cases by service, drills and tests included. */
export async function openCases(journal: Pick<Journal, 'look'>): Promise<ReadonlyMap<string, number>> {
  const rows = await journal.look<{ service: string; n: number }>({
    sql: 'SELECT service, count(*) AS n FROM care_case WHERE closed_at_ms IS NULL GROUP BY service',
    parameters: [],
  })
  return new Map(rows.map(({ service, n }) => [service, Number(n)]))
}

/**
 * What a change of services is for the cases that are open. A service that goes would leave its cases without ladder, delays and
 * centres: nobody would be told any more. So it stays until they are closed. Pure. */
export function caseProblems(changes: readonly PlanChange[], open: ReadonlyMap<string, number>): PlanProblem[] {
  return changes.flatMap(({ part, name, what, settings }): PlanProblem[] => {
    const cases = open.get(name) ?? 0
    if (part !== 'service' || cases === 0 || what === 'added') return []
    const goes = what === 'removed' || settings.some(({ at, to }) => at === 'offered' && to !== 'true')
    const at = `telemedicine.services.${name}`
    if (goes) {
      const message = `${cases} open case(s) of ${name}: it stays until they are closed`
      return [{ severity: 'error', at, code: 'SERVICE_IN_USE', message }]
    }
    const message = `${cases} open case(s) of ${name} go on by what it says then`
    return [{ severity: 'warning', at, code: 'SERVICE_IN_USE', message }]
  })
}
