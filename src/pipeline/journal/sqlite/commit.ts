import type { DatabaseSync } from 'node:sqlite'
import type { BatchCommitted, Committed, Intake } from '../../../core/journal.ts'
import type { MessageId, Receipt } from '../../../core/message.ts'
import type { Laid } from '../laid.ts'
import { REPEAT_MS, receipt } from '../receipt.ts'
import type { Row } from './database.ts'
import type { RunFeature } from './feature.ts'
import type { Rows } from './intake.ts'
import { type Group, Undo } from './writer.ts'

/** An intake whose bytes are hashed, and on stable storage where they are not inline. */
export interface LaidIntake {
  readonly intake: Intake
  readonly laid: Laid
}

/** What an earlier message with the same key makes of a later one. */
export type Known = Extract<Committed, { kind: 'repeat' | 'conflict' }>

/** The lists of the two commits. */
export interface Commits {
  /** The first message decides, the others go with it. */
  commit(group: Group, parts: readonly LaidIntake[]): Committed
  /** Every part decides for itself, the batch goes with the first that is new. */
  commitBatch(group: Group, batch: LaidIntake, parts: readonly (readonly LaidIntake[])[]): BatchCommitted
}

/** Both commits over the same rows. */
export function prepareCommit(repeats: Repeats, rows: Rows, feature: RunFeature): Commits {
  const write = (group: Group, part: LaidIntake): void => {
    rows.message(group, part.intake, part.laid)
    repeats.keep(group, part)
    if (!feature(part.intake.rows)) throw new Undo({ kind: 'mismatch' } satisfies Committed & BatchCommitted)
  }
  const writeAll = (group: Group, parts: readonly LaidIntake[]): Receipt => {
    const first = parts[0]!
    for (const part of parts) {
      const clash = part === first ? null : repeats.known(group, part)
      if (clash) throw new Undo({ kind: 'conflict', messageId: idOf(clash) } satisfies Committed)
      write(group, part)
    }
    const { id, answer, applicationAnswer } = first.intake
    return receipt(id, false, answer, applicationAnswer)
  }
  const stale = (group: Group, parts: readonly LaidIntake[]): boolean =>
    parts.some(({ intake }) => intake.revision !== (group.heads.revision?.revision ?? 0))
  return {
    commit(group, parts) {
      const known = repeats.known(group, parts[0]!)
      if (known) return known
      return stale(group, parts) ? { kind: 'stale' } : { kind: 'committed', receipt: writeAll(group, parts) }
    },
    commitBatch(group, batch, parts) {
      if (stale(group, [batch, ...parts.flat()])) return { kind: 'stale' }
      let kept: Receipt | null = null
      const outcomes = parts.map((part): Committed & { kind: 'committed' | 'repeat' | 'conflict' } => {
        const known = repeats.known(group, part[0]!)
        if (known) return known
        kept ??= writeAll(group, [batch])
        return { kind: 'committed', receipt: writeAll(group, part) }
      })
      return { kind: 'committed', batch: kept, parts: outcomes }
    },
  }
}

/** The repeat keys, as `commit` and `apply` ask for them. */
export interface Repeats {
  /** What an earlier message with this key makes of this one, or null when there is none. */
  known(group: Group, part: LaidIntake): Known | null
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

function idOf(known: Known): MessageId {
  return known.kind === 'repeat' ? known.receipt.messageId : known.messageId
}
