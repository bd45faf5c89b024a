import type { DatabaseSync } from 'node:sqlite'
import type { Committed, Intake } from '../../../core/journal.ts'
import type { MessageId, Receipt } from '../../../core/message.ts'
import type { Laid } from './bodies.ts'
import type { Row } from './database.ts'
import type { Rows } from './intake.ts'
import { type Group, Undo } from './writer.ts'

/** How long a repeat key is remembered, ms (design, Repeats: 30 days). */
export const REPEAT_MS = 30 * 86_400_000

/** An intake whose bytes are hashed, and on stable storage where they are not inline. */
export interface LaidIntake {
  readonly intake: Intake
  readonly laid: Laid
}

/** Proof of a commit. The only place where one is made: its rows are in the transaction, and its caller waits for the sync. */
function receipt(messageId: MessageId, repeat: boolean, answer: Buffer | null, application: Buffer | null): Receipt {
  return { messageId, repeat, answer, applicationAnswer: application } as Receipt
}

/** The list of a commit: its first message decides, the others go with it. */
export function prepareCommit(repeats: Repeats, rows: Rows): (group: Group, parts: readonly LaidIntake[]) => Committed {
  return (group, parts) => {
    const first = parts[0]!
    const known = repeats.known(group, first)
    if (known) return known
    const running = group.heads.revision?.revision ?? 0
    if (parts.some(({ intake }) => intake.revision !== running)) return { kind: 'stale' }
    for (const part of parts) {
      const clash = part === first ? null : repeats.known(group, part)
      if (clash) throw new Undo({ kind: 'conflict', messageId: idOf(clash) } satisfies Committed)
      rows.message(group, part.intake, part.laid)
      repeats.keep(group, part)
    }
    const { id, answer, applicationAnswer } = first.intake
    return { kind: 'committed', receipt: receipt(id, false, answer, applicationAnswer) }
  }
}

/** The repeat keys, as `commit` and `apply` ask for them. */
export interface Repeats {
  /** What an earlier message with this key makes of this one, or null when there is none. */
  known(group: Group, part: LaidIntake): Exclude<Committed, { kind: 'committed' | 'stale' }> | null
  keep(group: Group, part: LaidIntake): void
}

/** Prepares the statements once. A key older than `REPEAT_MS` counts as none and is replaced. */
export function prepareRepeats(db: DatabaseSync): Repeats {
  const find = db.prepare(
    'SELECT sha256, message, answer, application_answer, at_ms FROM repeat WHERE repeat_key = ? AND at_ms > ?',
  )
  const put = db.prepare(
    `INSERT INTO repeat (repeat_key, sha256, message, answer, application_answer, at_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (repeat_key) DO UPDATE SET sha256 = excluded.sha256, message = excluded.message,
       answer = excluded.answer, application_answer = excluded.application_answer, at_ms = excluded.at_ms`,
  )
  return {
    known(group, { intake, laid }) {
      const row = intake.repeatKey === null ? undefined : find.get(intake.repeatKey, group.nowMs - REPEAT_MS)
      if (!row) return null
      const messageId = String(row['message'])
      if (row['sha256'] !== laid.sha256) return { kind: 'conflict', messageId }
      const answers = [bytesOf(row, 'answer'), bytesOf(row, 'application_answer')] as const
      return { kind: 'repeat', receipt: receipt(messageId, true, ...answers) }
    },
    keep(group, { intake, laid }) {
      if (intake.repeatKey === null) return
      const { repeatKey, id, answer, applicationAnswer } = intake
      put.run(repeatKey, laid.sha256, id, answer, applicationAnswer, group.nowMs)
    },
  }
}

function bytesOf(row: Row, column: string): Buffer | null {
  const value = row[column]
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : null
}

function idOf(known: Exclude<Committed, { kind: 'committed' | 'stale' }>): MessageId {
  return known.kind === 'repeat' ? known.receipt.messageId : known.messageId
}
