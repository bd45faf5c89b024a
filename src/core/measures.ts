/** Times of closed cases, for measures: no patient, no text, no number by which a case could be found again. */
import type { Caller } from './caller.ts'

/** What is kept of a case for measures once it is closed. */
export interface CaseMeasure {
  readonly id: string
  readonly service: string
  readonly kind: string
  readonly site: string
  /** Who accepted; null: nobody. */
  readonly centre: string | null
  readonly state: 'done' | 'cancelled'
  /** Id of the decision that was recorded; null: none. */
  readonly decision: string | null
  readonly late: boolean
  /** When each moment was (ms since 1970), by its name. */
  readonly moments: Readonly<Record<string, number>>
}

/** Which cases are measured: those requested from `fromMs` until before `untilMs`. */
export interface MeasureQuery {
  readonly fromMs: number
  readonly untilMs: number
  readonly service: string | null
}

/** Reads measures: of the sites that the caller reaches under `measures:read`. */
export interface MeasureViews {
  /** The oldest first. `more`: there were more than are given. */
  list(query: MeasureQuery, caller: Caller): Promise<{ readonly measures: readonly CaseMeasure[]; readonly more: boolean }>
}
