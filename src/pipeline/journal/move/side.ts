import type { Verified } from '../../../core/journal.ts'
import type { Key, Mark, TargetMark } from './mark.ts'
import type { Table } from './tables.ts'

/** A row in words of both stores: the portable columns of its table, and `beside_…` what is needed to write it elsewhere. */
export type Row = Readonly<Record<string, unknown>>

/** Rows in the order of their key; `after`: the last one's, null when there was none. */
export interface Page {
  readonly rows: readonly Row[]
  readonly after: Key | null
}

/** What a store has before a move touches it. */
export interface Found {
  readonly mark: Mark | null
  /** Nothing was ever kept in it. */
  readonly empty: boolean
  /** Its id, made at its creation. */
  readonly store: string
}

/** Bytes of a row that stand outside it; as many as are there. */
export type OutsideBytes = (row: Row) => AsyncIterable<Uint8Array>

/** What was written of a page. */
export interface Written {
  /** Rows that were added: fewer than given where two became one. */
  readonly rows: number
  /** SHA-256 of the outside bytes of each row that has some, by their place in the page. */
  readonly outside: ReadonlyMap<number, string>
}

/** One store of a move, open for nobody else. */
export interface Side {
  look(): Promise<Found>
  /**
   * Sets the mark, or takes it away (null), once it is certain that nobody serves the store, and that nobody will while it
   * is marked. @throws {MoveRefused} `served` naming the node */
  claim(mark: Mark | null): Promise<void>
  count(table: Table): Promise<number>
  page(table: Table, after: Key | null, limit: number): Promise<Page>
  readonly outside: OutsideBytes
  /** Days (ms since 1970, their first instant) that have messages. */
  days(): Promise<readonly number[]>
  /** Makes ready for messages of these days. */
  expect(days: readonly number[]): Promise<void>
  /** The row as this store can hold it; a message's checksum is then over what is held. */
  fit(table: Table, row: Row): Row
  /** Adds rows and says so in the mark, in one synchronous commit; bytes that stand outside are on stable storage before it. */
  put(table: Table, rows: readonly Row[], bytes: OutsideBytes, mark: (written: Written) => TargetMark): Promise<void>
  /** Sets what the store itself counts on: numbers it gives, the running revision. Twice is harmless. */
  settle(tables: readonly Table[]): Promise<void>
  /** Every checksum, and the counters against a recount. */
  verify(progress: (checked: number, total: number) => void): Promise<Verified>
  close(): Promise<void>
}

/** Why a store is not moved. `about`: the node, address or tables that it is about. */
export class MoveRefused extends Error {
  readonly why: 'served' | 'not-empty' | 'elsewhere' | 'other-move' | 'differs'
  readonly about: string
  constructor(why: MoveRefused['why'], about: string) {
    super(`${why}: ${about}`)
    this.why = why
    this.about = about
  }
}
