/** Searches that a person kept under a name. */

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

/** Notes that somebody takes a list of messages away. */
export type NoteExport = (
  who: string,
  what: { readonly format: 'csv' | 'json'; readonly filter: string; readonly limit: number },
) => Promise<void>
