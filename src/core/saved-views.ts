/** Searches that a person kept under a name. */

import type { MessageId } from './message.ts'

/** One of them: `query` is that of the address, which holds nothing of a patient. */
export interface SavedView {
  readonly name: string
  readonly query: string
}

/** Saved views of people, each seen by its owner only; its address may be given to anybody. */
export interface SavedViews {
  /** By name. */
  of(owner: string): Promise<readonly SavedView[]>
  /** Keeps one; a view of the same name gives way. @throws {GatewayError} BAD_REQUEST above 50 of one person */
  save(owner: string, view: SavedView): Promise<void>
  remove(owner: string, name: string): Promise<void>
}

/** What people take away, noted before they have it. */
export interface DeskNotes {
  /** A list of messages; `filter` names no patient. */
  exported(
    who: string,
    what: { readonly format: 'csv' | 'json'; readonly filter: string; readonly limit: number },
  ): Promise<void>
  /** The sheet of a message without its patient. */
  sheet(who: string, message: MessageId): Promise<void>
}
