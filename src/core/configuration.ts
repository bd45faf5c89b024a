/** The configuration as people look at it and change it on pages: nothing here holds a secret or the hash of a key. */
import type { Applied, Plan, PlanChange } from './operations.ts'

/** A revision in the list of all: who made it the running one, when (ms since 1970) and why. */
export interface RevisionNote {
  readonly revision: number
  readonly atMs: number
  readonly by: string
  /** Null: nobody gave a reason (a start). */
  readonly why: string | null
}

/** A door of this node. */
export interface DoorNote {
  readonly name: string
  readonly host: string
  readonly port: number
  /** `mutual`: both sides show a certificate. */
  readonly tls: 'none' | 'server' | 'mutual'
}

/** What pages read of the configuration. */
export interface ConfigViews {
  /** Newest first, at most `limit`, below `before` (null: from the newest). */
  revisions(before: number | null, limit: number): Promise<readonly RevisionNote[]>
  /** A revision as YAML of a region file, without the node's own parts; keys only as fingerprints. Null: there is none. */
  text(revision: number): Promise<string | null>
  /** What differs from one revision to another. Null: one of them is not there. */
  difference(from: number, to: number): Promise<readonly PlanChange[] | null>
  /** The doors of the node that answers. */
  doors(): readonly DoorNote[]
}

/** What is to become the running configuration: the node's region file, a text that somebody wrote, or an earlier revision. */
export type DraftSource =
  | { readonly from: 'file' }
  | { readonly from: 'text'; readonly text: string }
  | { readonly from: 'revision'; readonly revision: number }

/** A problem with its place; line and column count from 1, null where the text is not at hand. */
export interface DraftProblem {
  readonly severity: 'error' | 'warning'
  readonly line: number | null
  readonly column: number | null
  readonly at: string
  readonly code: string
  readonly message: string
}

/** What a source would change. `digest` names this very change; null: it has errors. */
export interface Draft {
  readonly plan: Plan
  readonly problems: readonly DraftProblem[]
  readonly digest: string | null
}

/** Changes that people look at before they are made. */
export interface ConfigDrafts {
  /** @throws {GatewayError} BAD_REQUEST where no file is known, NOT_FOUND without such a revision */
  plan(source: DraftSource): Promise<Draft>
  /**
   * Makes it the running configuration if it still is the change that `digest` names; else the change as it is now comes
   * back. @throws {GatewayError} CONFIG_INVALID, CONFIG_ORPHANS unless `park` */
  apply(
    source: DraftSource,
    digest: string,
    how: { readonly park: boolean; readonly reason: string },
    who: string,
  ): Promise<{ readonly applied: Applied } | { readonly changed: Draft }>
}
