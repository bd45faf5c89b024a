import type { AlertParams, Severity } from '../../core/alerts.ts'
import type { Config } from '../../core/config.ts'
import {
  COORDINATION,
  type DutyPlace,
  EMPTY_AHEAD_MS,
  emptyHours,
  type Heard,
  type Hours,
  type RotaName,
  rotasOf,
  UNTAKEN_AFTER_MS,
} from '../../core/duty.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { Condition } from './conditions.ts'
import { HOUR_MS } from './tally.ts'

/** A place of a rota that somebody is on duty at. */
type Place = RotaName & { readonly place: DutyPlace; readonly fromMs: number }

/** What is watched of rotas, and of notices of cases. */
export interface DutyFacts {
  /** By rota: its empty hours of the week ahead. `used`: it has duties at all. */
  readonly empty: readonly (RotaName & { readonly used: boolean; readonly hours: readonly Hours[] })[]
  /** Begun a while ago, and nobody took it. */
  readonly untaken: readonly Place[]
  /** Taken, and something of its test was not heard. */
  readonly unheard: readonly Place[]
  /** Notices that could not be sent in the last hour, or fail again and again, by establishment; null: of the region. */
  readonly untold: readonly { readonly establishment: string | null; readonly count: number }[]
}

/** A region without telemedicine. */
export const NO_DUTIES: DutyFacts = { empty: [], untaken: [], unheard: [], untold: [] }
/** An empty hour that begins within this is urgent, where the rota is in use (ms). */
const SOON_MS = 24 * HOUR_MS

/** Looks at the rotas that the services need, and at what could not be told. */
export async function dutyFacts({ look }: Pick<Journal, 'look'>, nowMs: number, config: Config): Promise<DutyFacts> {
  const rotas = rotasOf(config)
  if (rotas.length === 0) return NO_DUTIES
  // Whole hours, so that an alert which lasts does not say something else at every look.
  const span = { fromMs: nowMs - (nowMs % HOUR_MS), untilMs: nowMs - (nowMs % HOUR_MS) + EMPTY_AHEAD_MS }
  const rows = await look<DutyRow>({
    sql: `SELECT service, centre, place, from_ms, until_ms, taken_at_ms, tests FROM duty WHERE until_ms > ? AND from_ms < ?`,
    parameters: [span.fromMs, span.untilMs],
  })
  const duties = rows.map((row) => ({
    ...row,
    place: Number(row.place) as DutyPlace,
    fromMs: Number(row.from_ms),
    untilMs: Number(row.until_ms),
  }))
  const now = duties.filter(({ fromMs, untilMs }) => fromMs <= nowMs && untilMs > nowMs)
  const failed = await look<{ establishment: string | null; n: number }>({
    sql: `SELECT establishment, COUNT(*) AS n FROM care_notice
      WHERE why <> 'duty-test' AND ((state = 'failed' AND done_at_ms > ?) OR (state = 'waiting' AND attempts >= 3))
      GROUP BY establishment`,
    parameters: [nowMs - HOUR_MS],
  })
  return {
    empty: rotas.flatMap(({ service, centre, places }) => {
      const mine = duties.filter((one) => one.service === service && one.centre === centre)
      const hours = emptyHours(mine, places, span)
      return hours.length === 0 ? [] : [{ service, centre, used: mine.length > 0, hours }]
    }),
    untaken: now.filter((one) => one.taken_at_ms === null && nowMs - one.fromMs >= UNTAKEN_AFTER_MS),
    unheard: now.filter(({ tests }) => tests !== null && Object.values(JSON.parse(tests) as Heard).includes(false)),
    untold: failed.map(({ establishment, n }) => ({ establishment, count: Number(n) })),
  }
}

interface DutyRow {
  readonly service: string
  readonly centre: string
  readonly place: number
  readonly from_ms: number
  readonly until_ms: number
  readonly taken_at_ms: number | null
  readonly tests: string | null
}

/** What of the rotas people should look at. Pure. */
export function dutyConditions({ empty, untaken, unheard, untold }: DutyFacts, nowMs: number): Condition[] {
  return [
    ...empty.map(({ hours, used, ...rota }) => {
      const fromMs = Math.min(...hours.map((one) => one.fromMs))
      const missingMs = hours.reduce((sum, one) => sum + one.untilMs - one.fromMs, 0)
      const severity: Severity = used && fromMs - nowMs < SOON_MS ? 'urgent' : 'important'
      const params = { from: new Date(fromMs).toISOString(), hours: Math.ceil(missingMs / HOUR_MS) }
      return ofRota(rota, null, severity, 'DUTY_EMPTY', params)
    }),
    ...untaken.map((one) => ofRota(one, one.place, 'important', 'DUTY_UNTAKEN', since(one))),
    ...unheard.map((one) => ofRota(one, one.place, 'important', 'DUTY_UNHEARD', since(one))),
    ...untold.map(({ establishment, count }): Condition => {
      const subject = establishment ?? '*'
      const about = { subject, establishment, params: { count } }
      return { cause: `untold:${subject}`, kind: 'untold', severity: 'urgent', code: 'CARE_UNTOLD', ...about }
    }),
  ]
}

const since = ({ fromMs }: Place): AlertParams => ({ from: new Date(fromMs).toISOString() })

function ofRota(
  { service, centre }: RotaName,
  place: DutyPlace | null,
  severity: Severity,
  code: ErrorCode,
  params: AlertParams,
): Condition {
  const whose = service === COORDINATION ? [] : [centre]
  const subject = [...whose, service, ...(place === null ? [] : [place])].join(' ')
  return { cause: `duty:${subject}`, kind: 'duty', severity, code, subject, establishment: whose[0] ?? null, params }
}
