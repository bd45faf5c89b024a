import type { ErrorCode } from '../../core/errors.ts'
import type { Statement } from '../../core/journal.ts'
import type { Channel, DelayName, Told } from '../../core/services.ts'

/** Why a notice was made: a rung, a delay that passed, an appointment to come, a test at the start of a duty, or its end. */
export type NoticeWhy = 'rung' | DelayName | 'reminder' | 'duty-test' | 'hand-over'

/** A notice about to be written. */
export interface NewNotice {
  readonly id: string
  /** The case; of a test or hand-over, the duty. */
  readonly careCase: string
  /** Number of the happening that made it; 0: none. */
  readonly n: number
  readonly why: NoticeWhy
  readonly ladder: string | null
  readonly rung: number | null
  readonly told: Told
  readonly channel: Channel
  readonly establishment: string | null
  /** A number, or the name of a webhook; null: none is needed, or none is known. */
  readonly target: string | null
  readonly madeAtMs: number
  /** It cannot leave, and why; null: it waits. */
  readonly failed: ErrorCode | null
}

/** The row of a notice: it waits, is there already (console), or failed at once. Pure. */
export function noticeRow(notice: NewNotice): Statement {
  const { id, careCase, n, why, ladder, rung, told, channel, establishment, target, madeAtMs, failed } = notice
  const state = failed !== null ? 'failed' : channel === 'console' ? 'sent' : 'waiting'
  return {
    sql: `INSERT INTO care_notice (id, care_case, n, why, ladder, rung, told, channel, establishment, target,
      made_at_ms, due_at_ms, attempts, state, code, done_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`,
    parameters: [
      ...[id, careCase, n, why, ladder, rung, told, channel, establishment, target],
      ...[madeAtMs, madeAtMs, state, failed, state === 'waiting' ? null : madeAtMs],
    ],
    rows: 1,
  }
}
