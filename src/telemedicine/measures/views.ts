import { mayAnswer, reachOf } from '../../core/caller.ts'
import type { Journal } from '../../core/journal.ts'
import type { CaseMeasure, MeasureViews } from '../../core/measures.ts'

/** Cases that one question gives, at most: more than a region has in ten years of strokes. */
const MOST = 50_000

interface Row {
  readonly care_case: string
  readonly service: string
  readonly kind: string
  readonly site: string
  readonly centre: string | null
  readonly state: string
  readonly decision: string | null
  readonly late: number
  readonly moments: string
}

/**
 * Reads measures from a journal. An establishment sees its own cases: those it asked for, and those it answered; whoever is
 * bound to units those that they asked for, or that named none. */
export function measureViews({ read }: Pick<Journal, 'read'>, most = MOST): MeasureViews {
  return {
    async list({ fromMs, untilMs, service }, caller) {
      const reach = reachOf(caller, 'measures:read')
      const own = reach?.establishments ?? null
      if (reach !== null && (own === null || own.length === 0)) return { measures: [], more: false }
      const marks = (values: readonly string[]): string => values.map(() => '?').join(', ')
      const units = reach?.units ?? null
      const asked = `site IN (${marks(own ?? [])})${units === null ? '' : ` AND (unit IS NULL OR unit IN (${marks(units)}))`}`
      const answers = units === null || mayAnswer(caller)
      const answered = answers ? ` OR centre IN (${marks(own ?? [])})` : ''
      const rows = await read<Row>({
        sql: `SELECT care_case, service, kind, site, centre, state, decision, late, moments FROM care_measure
          WHERE requested_at_ms >= ? AND requested_at_ms < ?${service === null ? '' : ' AND service = ?'}${
            own === null ? '' : ` AND ((${asked})${answered})`
          } ORDER BY requested_at_ms, care_case LIMIT ?`,
        parameters: [
          fromMs,
          untilMs,
          ...(service === null ? [] : [service]),
          ...(own === null ? [] : [...own, ...(units ?? []), ...(answers ? own : [])]),
          most + 1,
        ],
      })
      return { measures: rows.slice(0, most).map(measureOf), more: rows.length > most }
    },
  }
}

function measureOf({ care_case, state, late, moments, ...row }: Row): CaseMeasure {
  const ended = state === 'cancelled' ? ('cancelled' as const) : ('done' as const)
  return {
    ...{ service: row.service, kind: row.kind, site: row.site, centre: row.centre, decision: row.decision },
    ...{ id: care_case, state: ended, late: Number(late) === 1 },
    moments: JSON.parse(moments) as CaseMeasure['moments'],
  }
}
