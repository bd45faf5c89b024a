import type { Committed, Intake, Journal, Refused } from '../../core/journal.ts'
import { receipt } from './receipt.ts'

/** What was taken before under the same key, at a rehearsal. */
export interface Rehearsed {
  readonly id: string
  readonly sha256: string
  readonly answer: Buffer | null
  readonly applicationAnswer: Buffer | null
}

/** Where rehearsals are kept. */
export interface RehearsalBook {
  /** The last message taken under this key; null: none. */
  earlier(repeatKey: string): Promise<Rehearsed | null>
  /** SHA-256 of a message's bytes, lower-case hex. */
  hash(bytes: Uint8Array): string
  /** Keeps what was taken; resolves once it is on disk. `others`: what would have been committed with it. */
  take(intake: Intake, again: boolean, others: readonly Intake[]): Promise<void>
  /** Told of what was refused. */
  refuse(refused: Refused): void
}

/**
 * A journal in which accepting can be rehearsed: it reads what the real one holds, and writes nothing there. A receipt of it
 * stands for a row of the book, which is on disk before it is given; no message is made, and so nothing is ever delivered. */
export function rehearsalJournal(journal: Journal, book: RehearsalBook): Journal {
  const commit = async ([main, ...others]: readonly [Intake, ...Intake[]]): Promise<
    Exclude<Committed, { kind: 'stale' | 'mismatch' }>
  > => {
    const earlier = main.repeatKey === null ? null : await book.earlier(main.repeatKey)
    if (earlier !== null && earlier.sha256 !== book.hash(main.bytes)) return { kind: 'conflict', messageId: earlier.id }
    await book.take(main, earlier !== null, others)
    if (earlier === null) {
      return { kind: 'committed', receipt: receipt(main.id, false, main.answer, main.applicationAnswer) }
    }
    return { kind: 'repeat', receipt: receipt(earlier.id, true, earlier.answer, earlier.applicationAnswer) }
  }
  const own: Partial<Journal> = {
    commit,
    async commitBatch(batch, parts) {
      const each = []
      // One after the other: a message may be the repeat of the one before it.
      for (const part of parts) each.push(await commit(part))
      return { kind: 'committed', batch: receipt(batch.id, false, null, null), parts: each }
    },
    refuse: async (refused) => {
      book.refuse(refused)
      return true
    },
    apply: async () => true,
    record: async () => true,
  }
  return new Proxy(journal, {
    get(real, name) {
      const kept = own[name as keyof Journal]
      if (kept !== undefined) return kept
      const value: unknown = Reflect.get(real, name, real)
      return typeof value === 'function' ? value.bind(real) : value
    },
  })
}
