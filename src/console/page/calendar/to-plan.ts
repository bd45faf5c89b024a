import { type Caller, may } from '../../../core/caller.ts'
import type { Case, CaseViews } from '../../../core/cases.ts'

/** Cases that are asked for at a time. */
const AT_ONCE = 200

/** Open cases of a service that have no appointment, drills among them, the oldest first; none for whoever may not place them. */
export async function casesToPlan(views: Pick<CaseViews, 'list'>, service: string, caller: Caller): Promise<Case[]> {
  if (!may(caller, 'appointments:act')) return []
  const open: Case[] = []
  // The newest come first, and the oldest wait longest: to the end.
  for (const drill of [false, true]) {
    for (let after: string | null | undefined; after !== null; ) {
      const asked = { service, open: true, drill, limit: AT_ONCE, ...(after === undefined ? {} : { after }) }
      const { lines, next }: Awaited<ReturnType<CaseViews['list']>> = await views.list(asked, caller)
      open.push(...lines.map((line) => line.case))
      after = next
    }
  }
  return open
    .filter(({ appointment }) => appointment === null || ['cancelled', 'noshow'].includes(appointment.status))
    .sort((a, b) => a.openedAtMs - b.openedAtMs)
}
