import type { Acted, CaseCommands } from '../../core/cases.ts'
import type { CaseParts } from '../projection.ts'
import { type Planned, planAct, planActs, planRequest, together } from './plan.ts'
import type { Told } from './told.ts'

/** How often an act that somebody else was quicker than is decided afresh. */
const TRIES = 20

/** Acts on cases, each decided on the case as it is and written only if it still is so. */
export function caseCommands(parts: CaseParts, told: Told): CaseCommands {
  // One request at a time on this node: those that come together join without deciding twice.
  let before: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const mine = before.then(run, run)
    before = mine.catch(() => {})
    return mine
  }
  return {
    request: (request, viewer) => inTurn(() => carriedOut(() => planRequest(request, viewer, parts), parts, told)),
    act: (id, act, viewer, { version = null, atMs = null, why = null } = {}) =>
      carriedOut(() => planAct(id, act, viewer, { version, atMs, why }, parts), parts, told),
    async actTogether(id, acts, viewer, { version = null, atMs = null, why = null } = {}) {
      const done = await carriedOut(() => planActs(id, acts, viewer, { version, atMs, why }, parts), parts, told)
      return done.ok ? done : { act: 0, ...done }
    },
  }
}

async function carriedOut<P extends Planned>(
  plan: () => Promise<P>,
  { journal, steps }: CaseParts,
  told: Told,
): Promise<Acted | Extract<P, { ok: false }>> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    await steps?.check()
    const planned = await plan()
    if (!planned.ok) return planned as Extract<P, { ok: false }>
    if (planned.writes.length === 0) return { ok: true, case: planned.case }
    const effect = together(planned.writes)
    if (!(await journal.apply(effect))) {
      await steps?.load()
      continue
    }
    told.changed(planned.writes.map(({ after }) => after))
    return { ok: true, case: planned.case }
  }
  return { ok: false, error: 'CASE_STATE' }
}
