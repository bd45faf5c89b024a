import type { Caller } from '../../core/caller.ts'
import type { CaseLine, CaseQuery, CaseViews, Extent } from '../../core/cases.ts'
import type { SqlValue } from '../../core/journal.ts'
import { shifted } from '../case/evolve.ts'
import type { CaseParts } from '../projection.ts'
import { extentOf, happeningsOf } from './extent.ts'
import { CASE_COLUMNS, type CaseRow, caseOf, loadHappenings } from './load.ts'
import type { Told } from './told.ts'
import { type Condition, type Seen, seenBy, seenWhole, visible } from './visibility.ts'

/** Most lines of a page. */
const MOST = 200

interface SeenRow extends CaseRow {
  readonly whole: number
}

/** Reads cases as their viewers may see them: who sees what is asked of the store, not of what it gave. */
export function caseViews(
  parts: Pick<CaseParts, 'journal' | 'config' | 'steps'>,
  told: Pick<Told, 'watch'>,
): CaseViews {
  const { journal, config, steps } = parts
  const one = async (id: string, caller: Caller): Promise<CaseLine | null> => {
    const seen = seenBy(caller, config())
    if (seen === null) return null
    const { sql, parameters } = question(seen, [{ sql: 'c.id = ?', parameters: [id] }])
    const [row] = await journal.look<SeenRow>({ sql, parameters })
    return row === undefined ? null : lineOf(row, seen, steps)
  }
  return {
    one,
    async list(query, caller) {
      const seen = seenBy(caller, config())
      if (seen === null) return { lines: [], next: null }
      const limit = Math.max(1, Math.min(query.limit, MOST))
      const { sql, parameters } = question(seen, conditionsOf(query))
      const rows = await journal.read<SeenRow>({
        sql: `${sql} ORDER BY c.id DESC LIMIT ?`,
        parameters: [...parameters, limit + 1],
      })
      const lines = rows.slice(0, limit).flatMap((row) => lineOf(row, seen, steps) ?? [])
      return { lines, next: rows.length > limit ? rows[limit - 1]!.id : null }
    },
    async happenings(id, caller) {
      const line = await one(id, caller)
      return line === null ? [] : happeningsOf(await loadHappenings(journal, id), line.extent)
    },
    watch: told.watch,
  }
}

function lineOf(row: SeenRow, seen: Seen, steps: CaseParts['steps']): CaseLine | null {
  const kept = caseOf(row)
  if (kept === null) return null
  // Steps of the clock that the case has not been written with yet.
  let found = kept
  for (const step of steps?.after(kept.clock) ?? []) found = { ...found, ...shifted(found, step) }
  const extent: Extent = Number(row.whole) === 1 ? seen.extent : 'study'
  return { case: extentOf(found, extent), extent }
}

/** Ids are made in order of time (UUIDv7): the newest case is the last. */
function question(seen: Seen, conditions: readonly Condition[]): Condition {
  const whole = seenWhole(seen)
  const all = [visible(seen), ...conditions]
  return {
    sql: `SELECT ${CASE_COLUMNS}, ${whole.sql} AS whole FROM care_case c WHERE ${all.map(({ sql }) => sql).join(' AND ')}`,
    parameters: [...whole.parameters, ...all.flatMap(({ parameters }) => parameters)],
  }
}

function conditionsOf({ service, kind, states, open, site, drill = false, sinceMs, after }: CaseQuery): Condition[] {
  const equal = (column: string, value: SqlValue | undefined): Condition[] =>
    value === undefined ? [] : [{ sql: `c.${column} = ?`, parameters: [value] }]
  return [
    { sql: 'c.state_json IS NOT NULL', parameters: [] },
    ...equal('drill', drill ? 1 : 0),
    ...equal('service', service),
    ...equal('kind', kind),
    ...equal('site', site),
    ...(states === undefined || states.length === 0
      ? []
      : [{ sql: `c.state IN (${states.map(() => '?').join(', ')})`, parameters: [...states] }]),
    ...(open === undefined ? [] : [{ sql: `c.closed_at_ms IS ${open ? '' : 'NOT '}NULL`, parameters: [] }]),
    ...(sinceMs === undefined ? [] : [{ sql: 'c.opened_at_ms >= ?', parameters: [sinceMs] }]),
    ...(after === undefined ? [] : [{ sql: 'c.id < ?', parameters: [after] }]),
  ]
}
