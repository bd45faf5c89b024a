import { createHash, timingSafeEqual } from 'node:crypto'
import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { CareNotices, KeptNotice, NoticeReports } from '../../core/notices.ts'
import type { Clock } from '../../core/ports.ts'

/** Notices of one case that are shown, at most: the newest. */
const MOST = 1_000

type Row = Omit<KeptNotice, 'madeAtMs' | 'doneAtMs'> & {
  readonly made_at_ms: number
  readonly done_at_ms: number | null
}

/** Reads notices from a journal. */
export function careNoticeViews({ look }: Pick<Journal, 'look'>): CareNotices {
  return {
    async of(careCase) {
      const rows = await look<Row>({
        sql: `SELECT id, n, why, told, channel, establishment, state, attempts, code, made_at_ms, done_at_ms
          FROM care_notice WHERE care_case = ? ORDER BY n DESC, id DESC LIMIT ${MOST}`,
        parameters: [careCase],
      })
      return rows.toReversed().map(({ made_at_ms, done_at_ms, ...row }) => ({
        ...row,
        n: Number(row.n),
        attempts: Number(row.attempts),
        madeAtMs: Number(made_at_ms),
        doneAtMs: done_at_ms === null ? null : Number(done_at_ms),
      }))
    },
  }
}

/** Keeps what providers report of notices. */
export function noticeReports(parts: {
  readonly journal: Pick<Journal, 'look' | 'apply'>
  readonly config: () => Pick<Config, 'telemedicine'>
  readonly clock: Clock
  /** A notice changed: whoever shows it may look again. */
  readonly changed: (careCase: string) => void
}): NoticeReports {
  const { journal, config, clock, changed } = parts
  return {
    async take(channel, key, fields) {
      const reports = config().telemedicine?.[channel]?.reports ?? null
      if (reports === null || key === null || !isSame(key, reports.secret)) return 'unauthorized'
      const id = textOf(fields[reports.id])
      const status = textOf(fields[reports.status])
      const [known] = await journal.look<{ care_case: string }>({
        sql: 'SELECT care_case FROM care_notice WHERE id = ? AND channel = ?',
        parameters: [id, channel],
      })
      if (known === undefined) return 'unknown'
      const delivered = reports.delivered.includes(status)
      if (!delivered && !reports.failed.includes(status)) return 'kept'
      await journal.apply({
        rows: [
          delivered
            ? {
                sql: `UPDATE care_notice SET state = 'delivered', code = NULL, done_at_ms = ? WHERE id = ? AND state <> 'delivered'`,
                parameters: [clock.nowMs(), id],
              }
            : {
                sql: `UPDATE care_notice SET state = 'failed', code = 'NOTICE_UNDELIVERED', done_at_ms = ?
                  WHERE id = ? AND state IN ('waiting', 'sent', 'dropped')`,
                parameters: [clock.nowMs(), id],
              },
        ],
      })
      changed(known.care_case)
      return 'kept'
    },
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
