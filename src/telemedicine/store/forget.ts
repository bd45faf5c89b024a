import { CASES_FOLLOWER, type CaseId, type CaseWork } from '../../core/cases.ts'
import type { Statement, Timer } from '../../core/journal.ts'
import type { CaseParts } from '../projection.ts'

/** The timer by which the content of a closed case goes. */
export function forgetTimer(id: CaseId, dueAtMs: number): Timer {
  const work: CaseWork = { what: 'forget', id }
  return { id: `${CASES_FOLLOWER}:forget:${id}`, follower: CASES_FOLLOWER, dueAtMs, payload: JSON.stringify(work) }
}

/**
 * The rows by which the content of a closed case is erased: what was said of the patient and by whom. Its number, states and
 * times stay, for measures; its messages and the resources that the gateway made of it are retention's again. */
export function forgetRows(id: CaseId, { forgets = [] }: Pick<CaseParts, 'forgets'>): readonly Statement[] {
  const closed = 'EXISTS (SELECT 1 FROM care_case c WHERE c.id = ? AND c.closed_at_ms IS NOT NULL)'
  const made = `SELECT w.type, w.id FROM care_resource w JOIN resource o ON o.type = w.type AND o.id = w.id
    JOIN message m ON m.id = o.message WHERE w.care_case = ? AND m.entrance = 'internal'`
  return [
    {
      sql: 'UPDATE care_case SET state_json = NULL, task = NULL WHERE id = ? AND closed_at_ms IS NOT NULL',
      parameters: [id],
    },
    {
      sql: `UPDATE care_happening SET act = NULL, actor = NULL WHERE care_case = ? AND ${closed}`,
      parameters: [id, id],
    },
    { sql: `DELETE FROM resource_index WHERE (type, id) IN (${made}) AND ${closed}`, parameters: [id, id] },
    { sql: `DELETE FROM resource WHERE (type, id) IN (${made}) AND ${closed}`, parameters: [id, id] },
    { sql: `DELETE FROM care_resource WHERE care_case = ? AND ${closed}`, parameters: [id, id] },
    { sql: `DELETE FROM care_sending WHERE care_case = ? AND ${closed}`, parameters: [id, id] },
    { sql: `DELETE FROM care_message WHERE care_case = ? AND ${closed}`, parameters: [id, id] },
    ...forgets.flatMap((forget) => forget(id)),
  ]
}
