import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  type RawBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { ErrorCode } from '../../core/errors.ts'
import type { Journal, SqlValue, Statement } from '../../core/journal.ts'
import type { EntranceName, Lane, MessageState, State } from '../../core/message.ts'
import type { Outcome } from '../../core/outcome.ts'

/** The columns the views read, of the journal's tables: those that both stores have. */
export interface Tables {
  message: {
    seq: number
    id: string
    received_at_ms: number
    committed_at_ms: number
    entrance: EntranceName
    establishment: string | null
    kind: string
    control_id: string
    application: string
    facility: string
    receiving_application: string
    receiving_facility: string
    test: number
    bytes: number
    revision: number
    parent: string | null
    cause: string | null
    withheld: string | null
    findings: string
    state: MessageState
  }
  body: { message_seq: number; sha256: string }
  delivery: {
    seq: number
    id: string
    message_seq: number
    destination: string
    route: string
    lane: Lane
    state: State
    held: number
    committed_at_ms: number
    moved_at_ms: number
    due_at_ms: number
    expires_at_ms: number
    attempts: number
    last_code: ErrorCode | null
    replay_of: string | null
  }
  attempt: {
    delivery_seq: number
    n: number
    started_at_ms: number
    ended_at_ms: number
    outcome: Outcome['kind']
    code: ErrorCode | null
    answer: string | null
  }
  event: {
    seq: number
    at_ms: number
    who: string
    what: string
    why: string | null
    code: ErrorCode | null
    message: string | null
    delivery: string | null
    detail: string | null
  }
}

/**
 * Builds questions; it has no connection, the journal asks them. The words are SQLite's, which PostgreSQL takes too: `?` is
 * put into its own by the store, identifiers stand in double quotes. */
export const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

function isSqlValue(value: unknown): value is SqlValue {
  return value === null || typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array
}

function statement({ sql, parameters }: CompiledQuery): Statement {
  // node:sqlite takes a leading object for named parameters, silently.
  if (!parameters.every(isSqlValue)) throw new TypeError('a bound value is no SQL value')
  return { sql, parameters: parameters as readonly SqlValue[] }
}

/** Asks a question written in SQL. @throws {GatewayError} QUERY_TIMEOUT after 2 s */
export function askSql<Row>(journal: Journal, question: RawBuilder<unknown>): Promise<readonly Row[]> {
  return journal.read<Row>(statement(question.compile(db)))
}

/** Asks a question of the journal. @throws {GatewayError} QUERY_TIMEOUT after 2 s */
export function ask<Row>(journal: Journal, query: { compile(): CompiledQuery<Row> }): Promise<readonly Row[]> {
  return journal.read<Row>(statement(query.compile()))
}
