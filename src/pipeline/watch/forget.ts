import type { Statement } from '../../core/journal.ts'
import { LEARNED_WEEKS } from './silence.ts'
import { HOUR_MS, MINUTE_MS } from './tally.ts'

/** Minutes are kept for a day of charts and an hour to spare; hours as long as they are learned from. */
const MINUTES_MS = 25 * HOUR_MS
const HOURS_MS = (LEARNED_WEEKS * 7 + 1) * 24 * HOUR_MS
const SLICE_ROWS = 20_000
/** Duties are kept for so long after their end (ms). */
const DUTIES_MS = 400 * 24 * HOUR_MS
/** Cases that were closed so much earlier have been seen to before (ms). */
const SEEN_TO_MS = 60 * 24 * HOUR_MS

/**
 * Takes away what is past its time: counts, alerts that are over, and what was told of them; duties, and what was told of
 * cases, which holds telephone numbers of people. At most a slice at a time. */
export function forgetRows(nowMs: number, keptMs: number): Statement[] {
  const before = nowMs - keptMs
  const traffic = (span: number, olderMs: number): Statement => ({
    sql: `DELETE FROM traffic WHERE span = ? AND at_ms < ? AND at_ms <=
      (SELECT max(at_ms) FROM (SELECT at_ms FROM traffic WHERE span = ? ORDER BY at_ms LIMIT ${SLICE_ROWS}) AS oldest)`,
    parameters: [span, nowMs - olderMs, span],
  })
  return [
    traffic(MINUTE_MS, MINUTES_MS),
    traffic(HOUR_MS, HOURS_MS),
    {
      sql: 'DELETE FROM notice WHERE alert IN (SELECT id FROM alert WHERE ended_at_ms < ? AND last_at_ms < ?)',
      parameters: [before, before],
    },
    { sql: 'DELETE FROM alert WHERE ended_at_ms < ? AND last_at_ms < ?', parameters: [before, before] },
    {
      sql: 'DELETE FROM care_notice WHERE care_case IN (SELECT id FROM care_case WHERE closed_at_ms < ? AND closed_at_ms > ?)',
      parameters: [before, before - SEEN_TO_MS],
    },
    {
      sql: 'DELETE FROM care_notice WHERE care_case IN (SELECT id FROM duty WHERE until_ms < ?)',
      parameters: [nowMs - DUTIES_MS],
    },
    { sql: 'DELETE FROM duty WHERE until_ms < ?', parameters: [nowMs - DUTIES_MS] },
  ]
}
