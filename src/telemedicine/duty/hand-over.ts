import type { Journal, Statement } from '../../core/journal.ts'
import { noticeRow } from '../notices/row.ts'
import { type DutyRow, dutiesAt, dutyOf } from './rows.ts'
import { openCases } from './views.ts'

/** A duty that ended longer ago is handed over no more (ms): nothing ran then. */
const LONGEST_AGO_MS = 3_600_000

/**
 * Hand-over at the end of duties: for each that ended, the rows that mark it and tell whoever comes after which cases go on.
 * Nobody is told where nothing is open, or where the same person goes on. One list for each commit. */
export async function handOverRows(
  journal: Pick<Journal, 'look'>,
  { nowMs, sms, newId }: { readonly nowMs: number; readonly sms: boolean; readonly newId: () => string },
): Promise<Statement[][]> {
  const ended = await journal.look<DutyRow>({
    sql: `SELECT * FROM duty WHERE until_ms > ? AND until_ms <= ? AND handed_at_ms IS NULL ORDER BY until_ms, id LIMIT 100`,
    parameters: [nowMs - LONGEST_AGO_MS, nowMs],
  })
  if (ended.length === 0) return []
  const on = await dutiesAt(journal, nowMs)
  return Promise.all(
    ended.map(async (row): Promise<Statement[]> => {
      const before = dutyOf(row)
      const marked: Statement = {
        sql: 'UPDATE duty SET handed_at_ms = ? WHERE id = ? AND handed_at_ms IS NULL',
        parameters: [nowMs, before.id],
        rows: 1,
      }
      const { service, centre, place, person } = before
      const after = on.find((one) => one.service === service && one.centre === centre && one.place === place)
      // Cases are owned by those who answer: other ladders of the centre own none.
      if (after === undefined || after.person === person || place !== 1 || service.includes('.')) return [marked]
      if ((await openCases(journal, before)).length === 0) return [marked]
      const notice = (channel: 'console' | 'sms', target: string | null): Statement =>
        noticeRow({
          ...{ id: newId(), careCase: after.id, n: 0, why: 'hand-over', ladder: null, rung: null, told: 'duty-1' },
          ...{ channel, establishment: centre, target, madeAtMs: nowMs, failed: null },
        })
      return [marked, notice('console', null), ...(sms ? [notice('sms', after.mobile ?? after.phone)] : [])]
    }),
  )
}
