import { GatewayError } from '../../../core/errors.ts'

/** Name of the row of `meta` that a move leaves in both stores while it is under way, and in the source for good. */
export const MARK = 'move'

/** What was copied of a table. `rows`: read from the source; `sum`: of their digests, as they were written. */
export interface Tally {
  readonly rows: number
  readonly written: number
  readonly sum: number
}

/** In a store that is being moved, or was: it is not served. */
export interface SourceMark {
  readonly role: 'source'
  /** Of this move, in both stores. */
  readonly id: string
  /** Where to, without a password. */
  readonly to: string
  /** The other store is whole. */
  readonly done: boolean
}

/** In a store that a move fills: how far it is, written with the rows themselves. */
export interface TargetMark {
  readonly role: 'target'
  readonly id: string
  readonly from: string
  /** Table being copied, and key of the last row of it that is there; null: none yet. */
  readonly table: string | null
  readonly after: Key | null
  readonly tallies: Readonly<Record<string, Tally>>
}

/** Where a row stands in the order in which its store gives a table's rows. */
export type Key = readonly (string | number)[]

/** What a move leaves in a store. */
export type Mark = SourceMark | TargetMark

/** The mark of this text of `meta`, or null without one. */
export function readMark(value: unknown): Mark | null {
  return typeof value === 'string' ? (JSON.parse(value) as Mark) : null
}

/** Refuses a store that may not be served. @throws {GatewayError} STORE_MOVED, STORE_UNFINISHED */
export function refuseMarked(mark: Mark | null): void {
  if (mark === null) return
  if (mark.role === 'target') {
    throw new GatewayError(
      'STORE_UNFINISHED',
      `A move from ${mark.from} into this store is not finished: run the same "passerelle move" again.`,
    )
  }
  const { to, done } = mark
  throw new GatewayError(
    'STORE_MOVED',
    done
      ? `This store was moved to ${to}: serve that one. If nothing serves it, "passerelle move --undo" gives this one back.`
      : `This store is being moved to ${to}: run the same "passerelle move" again, or give it up with "passerelle move --undo".`,
  )
}
