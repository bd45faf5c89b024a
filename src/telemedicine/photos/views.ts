import type { AttachmentViews } from '../../core/attachments.ts'
import { type Caller, reaches, reachOf } from '../../core/caller.ts'
import type { Follower } from '../../core/follower.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock } from '../../core/ports.ts'
import { checkedBytes } from '../../formats/checked.ts'
import { type CareCase, careCaseOf } from '../appointments/care-case.ts'
import { eventOf } from '../appointments/commands.ts'
import { UPLOAD } from './attachments.ts'
import { clinicalSide, consentTakenBack } from './reach.ts'
import { type AttachmentRow, attachmentOf, chunksIn, eraseRows, uploadAt } from './rows.ts'

/** What the views read. */
export interface AttachmentViewParts {
  readonly journal: Pick<Journal, 'look' | 'apply'>
  readonly clock: Clock
}

/** The views over a journal. */
export function attachmentViews({ journal, clock }: AttachmentViewParts): AttachmentViews {
  return {
    async whose(id, caller) {
      const care = await careCaseOf(journal, id)
      return care === null || !sees(care, caller) ? null : care.state
    },
    async list(id, caller) {
      const care = await careCaseOf(journal, id)
      if (care === null || !sees(care, caller)) return []
      const rows = await journal.look<AttachmentRow>({
        sql: 'SELECT * FROM attachment WHERE care_case = ? ORDER BY at_ms, id',
        parameters: [id],
      })
      return rows.map(attachmentOf)
    },
    async open(id, viewer) {
      const [row] = await journal.look<AttachmentRow>({
        sql: 'SELECT * FROM attachment WHERE id = ?',
        parameters: [id],
      })
      // What belongs to no case yet is being written by somebody, who has it.
      const care = row === undefined || row.care_case === null ? null : await careCaseOf(journal, row.care_case)
      if (row === undefined || care === null || !sees(care, viewer.caller)) return null
      const attachment = attachmentOf(row)
      await journal.apply({ events: [eventOf('read-attachment', care.number, viewer, { clock })] })
      return {
        attachment,
        bytes: checkedBytes(attachment.sha256, chunksIn(journal, id, Number(row.chunks))),
      }
    },
  }
}

/** May the caller see clinical content of the case? */
function sees(care: CareCase, caller: Caller): boolean {
  if (clinicalSide(caller, 'cases:clinical', care) === null) return false
  const reach = reachOf(caller, 'cases:clinical')
  return !consentTakenBack(care) || (reach !== null && reaches(reach, care.site))
}

/** Sweeps uploads that are not whole by then, and what became of no case. */
export function uploadFollower(journal: Pick<Journal, 'look'>): Follower {
  return {
    name: UPLOAD,
    reads: false,
    entries: async () => ({}),
    async timer({ payload: id }) {
      const row = await uploadAt(journal, id)
      if (row !== null) {
        const [kept] = await journal.look<AttachmentRow>({
          sql: 'SELECT * FROM attachment WHERE id = ?',
          parameters: [row.attachment ?? ''],
        })
        return (kept?.care_case ?? null) === null ? { rows: eraseRows(row) } : {}
      }
      return {
        rows: [
          {
            sql: `DELETE FROM attachment_chunk WHERE holder = ?
              AND NOT EXISTS (SELECT 1 FROM attachment AS a WHERE a.id = ?)`,
            parameters: [id, id],
          },
        ],
      }
    },
  }
}
