import type { ConformityAsk, Share, Week } from '../../core/conformity-views.ts'
import { dayOf } from '../day.ts'
import type { ViewParts } from './seen.ts'

const WEEK_MS = 604_800_000
/** Half a year. */
const WEEKS = 26

/** Which verdicts are looked at, and how many of them are met now. */
export interface WeeksOf {
  readonly establishments: readonly string[]
  /** Null: all of the framework. */
  readonly requirements: readonly string[] | null
  readonly now: Share
}

/**
 * How many were met at the end of each of the last weeks, oldest first: what is met now, less what became of it since. Added up by
 * the store, where 36,000 changes take some 40 ms; handing them over took eight times as long. */
export async function readWeeks(
  { journal, config, nowMs }: Pick<ViewParts, 'journal' | 'config' | 'nowMs'>,
  { framework, use }: ConformityAsk,
  { establishments, requirements, now }: WeeksOf,
): Promise<readonly Week[]> {
  const untilMs = nowMs()
  const rows =
    establishments.length === 0 || requirements?.length === 0
      ? []
      : await journal.read<Row>({
          sql: `SELECT (CAST(? AS BIGINT) - at_ms) / ${WEEK_MS} AS back,
              SUM(${counted("= 'met'")}) AS met, SUM(${counted("<> 'not-applicable'")}) AS asked FROM conformity_change
            WHERE at_ms > ? AND use = ? AND framework = ? AND establishment IN (${marks(establishments)})
              ${requirements === null ? '' : `AND requirement IN (${marks(requirements)})`} GROUP BY back`,
          parameters: [
            ...[untilMs, untilMs - WEEKS * WEEK_MS, use, framework],
            ...[...establishments, ...(requirements ?? [])],
          ],
        })
  const gained = new Map(rows.map((row) => [Number(row.back), { met: Number(row.met), of: Number(row.asked) }]))
  const { timeZone } = config().region
  let { met, of } = now
  const weeks: Week[] = []
  for (let back = 0; back < WEEKS; back++) {
    weeks.unshift({ day: dayOf(untilMs - back * WEEK_MS, timeZone), met, of })
    met -= gained.get(back)?.met ?? 0
    of -= gained.get(back)?.of ?? 0
  }
  return weeks
}

interface Row {
  /** Whole weeks ago. */
  readonly back: number
  /** What was gained in that week. */
  readonly met: number
  readonly asked: number
}

/** What a change adds to those of which this holds; what was never judged was not measured. */
function counted(holds: string): string {
  return `CASE WHEN verdict ${holds} THEN 1 ELSE 0 END - CASE WHEN COALESCE(was, 'not-measured') ${holds} THEN 1 ELSE 0 END`
}

function marks(values: readonly string[]): string {
  return values.map(() => '?').join(', ')
}
