import type { Reach } from '../../core/caller.ts'
import type { Verdict } from '../../core/conformity.ts'
import type { ConformityAsk, Share, Week } from '../../core/conformity-views.ts'
import { dayOf } from '../day.ts'
import { type ViewParts, within } from './seen.ts'

const WEEK_MS = 604_800_000
/** Half a year. */
const WEEKS = 26

/** Which verdicts are looked at, and how many of them are met now. */
export interface WeeksOf {
  readonly establishments: ReadonlySet<string>
  /** Null: all of the framework. */
  readonly requirements: readonly string[] | null
  readonly now: Share
}

/** How many were met at the end of each of the last weeks, oldest first: what is met now, less what became of it since. */
export async function readWeeks(
  { journal, config, nowMs }: Pick<ViewParts, 'journal' | 'config' | 'nowMs'>,
  { framework, use }: ConformityAsk,
  reach: Reach | null,
  { establishments, requirements, now }: WeeksOf,
): Promise<readonly Week[]> {
  const untilMs = nowMs()
  const { sql, parameters } = within(reach)
  const among = requirements === null ? '' : ` AND requirement IN (${requirements.map(() => '?').join(', ')})`
  const rows =
    requirements?.length === 0
      ? []
      : await journal.read<Row>({
          sql: `SELECT establishment, back, was, verdict, COUNT(*) AS n FROM (
            SELECT establishment, (CAST(? AS BIGINT) - at_ms) / ${WEEK_MS} AS back, was, verdict FROM conformity_change
            WHERE at_ms > ? AND use = ? AND framework = ?${among}${sql}
          ) AS c GROUP BY establishment, back, was, verdict`,
          parameters: [untilMs, untilMs - WEEKS * WEEK_MS, use, framework, ...(requirements ?? []), ...parameters],
        })
  const back = Array.from({ length: WEEKS }, () => ({ met: 0, of: 0 }))
  for (const { establishment, was, verdict, n, ...row } of rows) {
    const week = back[Number(row.back)]
    if (week === undefined || !establishments.has(establishment)) continue
    week.met += (counts(verdict).met - counts(was).met) * Number(n)
    week.of += (counts(verdict).of - counts(was).of) * Number(n)
  }
  const { timeZone } = config().region
  let { met, of } = now
  return back
    .map((gained, i) => {
      const week = { day: dayOf(untilMs - i * WEEK_MS, timeZone), met, of }
      met -= gained.met
      of -= gained.of
      return week
    })
    .reverse()
}

interface Row {
  readonly establishment: string
  /** Whole weeks ago. */
  readonly back: number
  readonly was: Verdict | null
  readonly verdict: Verdict
  readonly n: number
}

/** What a verdict counts for; what was never judged was not measured. */
function counts(verdict: Verdict | null): Share {
  return { met: verdict === 'met' ? 1 : 0, of: verdict === 'not-applicable' ? 0 : 1 }
}
