import { type Case, type CaseId, type CaseState, CLOSED_STATES } from '../../core/cases.ts'
import type { Journal } from '../../core/journal.ts'

/** What appointments and photos need to know of a case. */
export interface CareCase {
  readonly id: CaseId
  readonly number: string
  readonly service: string
  readonly site: string
  readonly unit: string | null
  readonly owner: string | null
  readonly test: boolean
  readonly drill: boolean
  readonly open: boolean
  /** Establishments that take part in more than its images. */
  readonly parts: readonly string[]
  /** As its happenings made it; null: its content was erased. */
  readonly state: Case | null
}

interface Row {
  readonly id: string
  readonly number: string
  readonly service: string
  readonly site: string
  readonly unit: string | null
  readonly owner: string | null
  readonly test: number
  readonly drill: number
  readonly state: CaseState
  readonly state_json: string | null
}

/** A case by its id, or null. */
export async function careCaseOf(journal: Pick<Journal, 'look'>, id: CaseId): Promise<CareCase | null> {
  const [[row], parts] = await Promise.all([
    journal.look<Row>({
      sql: `SELECT id, number, service, site, unit, owner, test, drill, state, state_json FROM care_case WHERE id = ?`,
      parameters: [id],
    }),
    journal.look<{ establishment: string }>({
      sql: "SELECT DISTINCT establishment FROM care_part WHERE care_case = ? AND part <> 'imaging'",
      parameters: [id],
    }),
  ])
  if (row === undefined) return null
  const { number, service, site, unit, owner } = row
  return {
    ...{ id, number, service, site, unit, owner },
    test: Number(row.test) === 1,
    drill: Number(row.drill) === 1,
    open: !CLOSED_STATES.includes(row.state),
    parts: parts.map(({ establishment }) => establishment),
    state: row.state_json === null ? null : (JSON.parse(row.state_json) as Case),
  }
}
