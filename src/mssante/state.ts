/** What is kept beside the lists, and the rows that keep it. */
import type { ErrorCode } from '../core/errors.ts'
import type { Journal, SqlValue, Statement } from '../core/journal.ts'
import type { OddRow } from '../core/white-list.ts'
import type { ListFacts } from './accept.ts'

/** What is known of a kept list. */
export interface KeptFacts extends ListFacts {
  readonly domains: number
  readonly subjects: number
  readonly odd: number
  /** The first of them; absent in what was kept before they were. */
  readonly oddRows?: readonly OddRow[]
  readonly signer: string
  readonly signerUntilMs: number
}

/** What is known beside the lists. */
export interface KeptState {
  /** When the list in use was last confirmed; null: there is none. */
  readonly confirmedAtMs: number | null
  /** Of the publisher's last answer. */
  readonly etag: string | null
  readonly lastModified: string | null
  /** The refusals since the last good answer; null: none. */
  readonly refused: {
    readonly code: ErrorCode
    readonly at: string
    readonly atMs: number
    readonly times: number
  } | null
  readonly extended: { readonly untilMs: number; readonly who: string; readonly why: string } | null
  /** Pairs that the waiting list adds and removes. */
  readonly waiting: { readonly added: number; readonly removed: number } | null
}

/** Before anything was fetched. */
export const NO_STATE: KeptState = {
  confirmedAtMs: null,
  etag: null,
  lastModified: null,
  refused: null,
  extended: null,
  waiting: null,
}

/** Where a list stands. */
export type Place = 'current' | 'waiting'

/** All that is known, without the lists' bytes. `version` 0: nothing was ever written. */
export interface Kept {
  readonly version: number
  readonly state: KeptState
  readonly current: KeptFacts | null
  readonly waiting: KeptFacts | null
}

/** Reads what is kept. */
export async function readKept({ look }: Pick<Journal, 'look'>): Promise<Kept> {
  const [row] = await look<{ version: number; state: string }>({
    sql: "SELECT version, state FROM white_list_state WHERE name = 'state'",
    parameters: [],
  })
  const lists = await look<{ place: Place; facts: string }>({
    sql: 'SELECT place, facts FROM white_list',
    parameters: [],
  })
  const factsOf = (place: Place): KeptFacts | null => {
    const found = lists.find((one) => one.place === place)
    return found === undefined ? null : (JSON.parse(found.facts) as KeptFacts)
  }
  return {
    version: row === undefined ? 0 : Number(row.version),
    state: row === undefined ? NO_STATE : (JSON.parse(row.state) as KeptState),
    current: factsOf('current'),
    waiting: factsOf('waiting'),
  }
}

/** The bytes of a kept list, gzipped; null: there is none. */
export async function readBytes({ look }: Pick<Journal, 'look'>, place: Place): Promise<Uint8Array | null> {
  const [row] = await look<{ data: Uint8Array }>({
    sql: 'SELECT data FROM white_list WHERE place = ?',
    parameters: [place],
  })
  return row?.data ?? null
}

/** Writes the state over the version that it was made from; no row changes when another was written meanwhile. */
export function stateRow(from: number, state: KeptState): Statement {
  const text = JSON.stringify(state)
  return from === 0
    ? {
        sql: "INSERT INTO white_list_state (name, version, state) VALUES ('state', 1, ?) ON CONFLICT (name) DO NOTHING",
        parameters: [text],
        rows: 1,
      }
    : {
        sql: "UPDATE white_list_state SET version = version + 1, state = ? WHERE name = 'state' AND version = ?",
        parameters: [text, from],
        rows: 1,
      }
}

/** Puts a list in its place. */
export function listRow(place: Place, facts: KeptFacts, gzipped: Uint8Array): Statement {
  const parameters: SqlValue[] = [place, facts.sha256, JSON.stringify(facts), gzipped]
  return {
    sql: `INSERT INTO white_list (place, sha256, facts, data) VALUES (?, ?, ?, ?)
      ON CONFLICT (place) DO UPDATE SET sha256 = excluded.sha256, facts = excluded.facts, data = excluded.data`,
    parameters,
    rows: 1,
  }
}

/** Takes the waiting list away, if there is one. */
export const NONE_WAITS: Statement = { sql: "DELETE FROM white_list WHERE place = 'waiting'", parameters: [] }
