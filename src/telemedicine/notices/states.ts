import type { CaseNotices, CaseViews, NoticeState } from '../../core/cases.ts'
import type { Journal } from '../../core/journal.ts'

interface StateRow {
  readonly id: string
  readonly state: NoticeState['state']
  readonly done_at_ms: number | null
}

/** Reads what became of the notices of cases. */
export function caseNotices(journal: Pick<Journal, 'look'>, views: Pick<CaseViews, 'one'>): CaseNotices {
  return {
    async of(id, caller) {
      if ((await views.one(id, caller))?.extent !== 'whole') return new Map()
      const rows = await journal.look<StateRow>({
        sql: 'SELECT id, state, done_at_ms FROM care_notice WHERE care_case = ?',
        parameters: [id],
      })
      return new Map(
        rows.map(({ id: notice, state, done_at_ms: atMs }) => [
          notice,
          { state, doneAtMs: atMs === null ? null : Number(atMs) },
        ]),
      )
    },
  }
}
