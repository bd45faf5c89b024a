import type { Case, CaseId, Happening } from '../../core/cases.ts'
import type { Journal } from '../../core/journal.ts'

/** A row of `care_case`, as far as a case is made of it. */
export interface CaseRow {
  readonly id: string
  readonly number: string
  readonly task: string | null
  readonly state_json: string | null
}

/** Columns of a `CaseRow`. */
export const CASE_COLUMNS = 'c.id, c.number, c.task, c.state_json'

/** The case of a row; null: its content was erased. */
export function caseOf({ state_json, task }: CaseRow): Case | null {
  if (state_json === null) return null
  return { ...(JSON.parse(state_json) as Case), task: task === null ? null : (JSON.parse(task) as Case['task']) }
}

/** A case as it stands; null: there is none, or its content was erased. */
export async function loadCase(journal: Pick<Journal, 'look'>, id: CaseId): Promise<Case | null> {
  const [row] = await journal.look<CaseRow>({
    sql: `SELECT ${CASE_COLUMNS} FROM care_case c WHERE c.id = ?`,
    parameters: [id],
  })
  return row === undefined ? null : caseOf(row)
}

interface HappeningRow {
  readonly n: number
  readonly at_ms: number
  readonly recorded_at_ms: number
  readonly actor: string | null
  readonly act: string | null
}

/** What happened to a case, in order; without what was erased. */
export async function loadHappenings(journal: Pick<Journal, 'look'>, id: CaseId): Promise<readonly Happening[]> {
  const rows = await journal.look<HappeningRow>({
    sql: 'SELECT n, at_ms, recorded_at_ms, actor, act FROM care_happening WHERE care_case = ? ORDER BY n',
    parameters: [id],
  })
  return rows.flatMap(({ n, at_ms, recorded_at_ms, actor, act }) =>
    actor === null || act === null
      ? []
      : [
          {
            seq: Number(n),
            atMs: Number(at_ms),
            recordedAtMs: Number(recorded_at_ms),
            by: JSON.parse(actor) as Happening['by'],
            act: JSON.parse(act) as Happening['act'],
          },
        ],
  )
}
