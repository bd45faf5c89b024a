import {
  ALERT_STATES,
  type AlertCommands,
  type AlertFilter,
  type AlertView,
  type AlertViews,
  type NoticeView,
} from '../../core/alerts.ts'
import { type Reach, reaches } from '../../core/caller.ts'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { Journal, NewEvent, SqlValue, Statement } from '../../core/journal.ts'
import type { Clock } from '../../core/ports.ts'
import { isoTime } from '../views/list.ts'
import { type AlertRow, alertView, keptAlert, stateOf } from './alert-rows.ts'

/** Nobody puts an alert off for longer (ms). */
export const LONGEST_SNOOZE_MS = 31 * 86_400_000

type Asked = Pick<Journal, 'look'>

/** Order of a list: what lasts before what is over, what is graver first, then the newest. */
const RANK = `CASE WHEN ended_at_ms IS NOT NULL THEN 9 WHEN severity = 'urgent' THEN 0 WHEN severity = 'important' THEN 1 ELSE 2 END`

/** Questions about alerts, over a journal. */
export function alertViews(journal: Asked): AlertViews {
  return {
    async list(filter, reach) {
      const { limit = 100 } = filter
      const rows = await journal.look<AlertRow & { rank: number }>(listQuery(filter, reach))
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      const next = rows.length > limit && last !== undefined ? `${last.rank}.${last.last_at_ms}.${last.id}` : null
      return { alerts: page.map(alertView), next }
    },
    async one(id, reach) {
      const alert = await shown(journal, id, reach)
      return alert === null ? null : { ...alert, notices: await noticesOf(journal, id) }
    },
  }
}

async function shown({ look }: Asked, id: string, reach: Reach | null): Promise<AlertView | null> {
  const [row] = await look<AlertRow>({ sql: 'SELECT * FROM alert WHERE id = ?', parameters: [id] })
  return row === undefined || !reaches(reach, row.establishment) ? null : alertView(row)
}

function listQuery(filter: AlertFilter, reach: Reach | null): Statement {
  const parameters: SqlValue[] = []
  const where: string[] = ['1 = 1']
  const and = (sql: string, ...values: readonly SqlValue[]): void => {
    where.push(sql)
    parameters.push(...values)
  }
  if (filter.state === 'ended') and('ended_at_ms IS NOT NULL')
  else if (filter.state !== undefined)
    and('ended_at_ms IS NULL AND acknowledged = ?', filter.state === ALERT_STATES[1] ? 1 : 0)
  if (filter.kind !== undefined) and('kind = ?', filter.kind)
  if (filter.severity !== undefined) and('severity = ?', filter.severity)
  if (filter.establishment !== undefined) and('establishment = ?', filter.establishment)
  if (reach !== null && reach.establishments !== null) {
    const own = reach.establishments
    and(own.length === 0 ? '1 = 0' : `establishment IN (${own.map(() => '?').join(', ')})`, ...own)
  }
  if (filter.after !== undefined) {
    const [, rank, lastMs, id] = /^(\d)\.(\d{1,15})\.([0-9a-f-]{1,40})$/.exec(filter.after) ?? []
    if (rank === undefined || lastMs === undefined || id === undefined) throw new GatewayError('BAD_REQUEST')
    and(
      `(${RANK} > ? OR (${RANK} = ? AND (last_at_ms < ? OR (last_at_ms = ? AND id < ?))))`,
      ...[Number(rank), Number(rank), Number(lastMs), Number(lastMs), id],
    )
  }
  const limit = (filter.limit ?? 100) + 1
  return {
    sql: `SELECT alert.*, ${RANK} AS rank FROM alert WHERE ${where.join(' AND ')}
      ORDER BY ${RANK}, last_at_ms DESC, id DESC LIMIT ${Math.trunc(limit)}`,
    parameters,
  }
}

interface NoticeRow {
  readonly channel: string
  readonly what: NoticeView['what']
  readonly state: NoticeView['state']
  readonly made_at_ms: number
  readonly attempts: number
  readonly code: ErrorCode | null
  readonly done_at_ms: number | null
}

async function noticesOf({ look }: Asked, alert: string): Promise<NoticeView[]> {
  const rows = await look<NoticeRow>({
    sql: `SELECT channel, what, state, made_at_ms, attempts, code, done_at_ms FROM notice WHERE alert = ?
      ORDER BY made_at_ms, id LIMIT 200`,
    parameters: [alert],
  })
  return rows.map(({ made_at_ms, done_at_ms, attempts, ...row }) => ({
    ...row,
    attempts: Number(attempts),
    madeAt: isoTime(Number(made_at_ms)),
    doneAt: done_at_ms === null ? null : isoTime(Number(done_at_ms)),
  }))
}

/** Acts on alerts, over a journal. */
export function alertCommands({
  journal,
  clock,
}: {
  readonly journal: Pick<Journal, 'look' | 'apply'>
  readonly clock: Clock
}): AlertCommands {
  const act = async (id: string, what: string, who: string, why: string, set: string, values: readonly SqlValue[]) => {
    const [row] = await journal.look<AlertRow>({ sql: 'SELECT * FROM alert WHERE id = ?', parameters: [id] })
    if (row === undefined) throw new GatewayError('NOT_FOUND')
    if (stateOf(keptAlert(row)) === 'ended') throw new GatewayError('WRONG_STATE')
    const atMs = clock.nowMs()
    const event: NewEvent = { atMs, who, what, why, code: null, message: null, delivery: null, detail: row.cause }
    const done = await journal.apply({
      rows: [
        {
          sql: `UPDATE alert SET ${set}, who = ?, why = ?, acted_at_ms = ? WHERE id = ? AND ended_at_ms IS NULL`,
          parameters: [...values, who, why, atMs, id],
          rows: 1,
        },
      ],
      events: [event],
    })
    if (!done) throw new GatewayError('WRONG_STATE')
  }
  return {
    acknowledge: (id, who, why) =>
      act(id, 'acknowledge-alert', who, why, 'acknowledged = 1, snoozed_until_ms = NULL', []),
    async snooze(id, untilMs, who, why) {
      const nowMs = clock.nowMs()
      if (!(untilMs > nowMs && untilMs <= nowMs + LONGEST_SNOOZE_MS)) throw new GatewayError('BAD_REQUEST')
      await act(id, 'snooze-alert', who, why, 'snoozed_until_ms = ?', [untilMs])
    },
  }
}
