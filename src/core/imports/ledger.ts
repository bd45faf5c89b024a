/** The rows that tell of imports: one table for each register, in the same columns. */
import type { ErrorCode } from '../errors.ts'
import type { Journal, Statement } from '../journal.ts'
import type { FileImport, ImportState } from './imported.ts'

/** Imports that are told of. */
const LAST = 10
/** An import that has written nothing for so long (ms) has ended without saying so. */
export const SILENT_MS = 60_000

/** How far an import has come. */
export type ImportCounts = Pick<FileImport, 'bytesRead' | 'rows' | 'repeated' | 'bad'>
/** What was wrong with a file, and whatever else a register tells of it, as it is kept. */
export type ImportReport<Import extends FileImport> = Omit<Import, Exclude<keyof FileImport, 'badLines' | 'problems'>>

interface ImportRow {
  readonly generation: number
  readonly state: FileImport['state']
  readonly name: string
  readonly who: string
  readonly started_at_ms: number
  readonly touched_at_ms: number
  readonly ended_at_ms: number | null
  readonly generated_at_ms: number | null
  readonly bytes: number | null
  readonly bytes_read: number
  readonly taken: number
  readonly repeated: number
  readonly bad: number
  readonly code: ErrorCode | null
  readonly report: string
}

const numberOr = (value: number | null): number | null => (value === null ? null : Number(value))

/** Tells of the imports of one register; `empty`: what is told of one that has read nothing. */
export class Ledger<Import extends FileImport> {
  readonly #table: string
  readonly #empty: ImportReport<Import>

  constructor(table: string, empty: ImportReport<Import>) {
    this.#table = table
    this.#empty = empty
  }

  /** The imports of a store, newest first. */
  async read({ look }: Pick<Journal, 'look'>): Promise<ImportState<Import>> {
    const rows = await look<ImportRow>({
      sql: `SELECT * FROM ${this.#table} WHERE state IN ('running', 'current')
        UNION SELECT * FROM (SELECT * FROM ${this.#table} ORDER BY generation DESC LIMIT ${LAST}) AS last
        ORDER BY generation DESC`,
      parameters: [],
    })
    const last = rows.map((row) => this.#of(row))
    const first = (state: FileImport['state']) => last.find((one) => one.state === state) ?? null
    return { current: first('current'), running: first('running'), last: last.slice(0, LAST) }
  }

  #of(row: ImportRow): Import {
    const told: FileImport = {
      ...{ badLines: [], problems: [] },
      ...{ generation: Number(row.generation), state: row.state, name: row.name, who: row.who },
      ...{ startedAtMs: Number(row.started_at_ms), endedAtMs: numberOr(row.ended_at_ms) },
      ...{ generatedAtMs: numberOr(row.generated_at_ms), bytes: numberOr(row.bytes) },
      ...{ bytesRead: Number(row.bytes_read), rows: Number(row.taken) },
      ...{ repeated: Number(row.repeated), bad: Number(row.bad), code: row.code },
    }
    return { ...this.#empty, ...told, ...(JSON.parse(row.report) as ImportReport<Import>) } as unknown as Import
  }

  /** The generation that is in use; null: nothing was imported. */
  async current({ look }: Pick<Journal, 'look'>): Promise<number | null> {
    const [row] = await look<{ generation: number }>({
      sql: `SELECT generation FROM ${this.#table} WHERE state = 'current'`,
      parameters: [],
    })
    return row === undefined ? null : Number(row.generation)
  }

  /** Begins an import; no row when another one has begun. */
  begin(
    generation: number,
    { name, who, bytes, generatedAtMs }: Pick<FileImport, 'name' | 'who' | 'bytes' | 'generatedAtMs'>,
    atMs: number,
  ): Statement {
    return {
      sql: `INSERT INTO ${this.#table} (generation, state, kept, name, who, started_at_ms, touched_at_ms, generated_at_ms,
          bytes, bytes_read, taken, repeated, bad, report) VALUES (?, 'running', 1, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?)`,
      parameters: [generation, name, who, atMs, atMs, generatedAtMs, bytes, JSON.stringify(this.#empty)],
      rows: 1,
    }
  }

  /** Notes how far it is; no row when it runs no more: whoever writes on must stop. */
  touch(generation: number, counts: ImportCounts, report: ImportReport<Import>, atMs: number): Statement {
    const { bytesRead, rows, repeated, bad } = counts
    return {
      sql: `UPDATE ${this.#table} SET touched_at_ms = ?, bytes_read = ?, taken = ?, repeated = ?, bad = ?, report = ?
        WHERE generation = ? AND state = 'running'`,
      parameters: [atMs, bytesRead, rows, repeated, bad, JSON.stringify(report), generation],
      rows: 1,
    }
  }

  /** Takes it into use in the place of the one before; no row when it runs no more. */
  swap(generation: number, atMs: number): Statement[] {
    return [
      { sql: `UPDATE ${this.#table} SET state = 'replaced' WHERE state = 'current'`, parameters: [] },
      {
        sql: `UPDATE ${this.#table} SET state = 'current', ended_at_ms = ? WHERE generation = ? AND state = 'running'`,
        parameters: [atMs, generation],
        rows: 1,
      },
    ]
  }

  /** Ends what runs and has written nothing since a time; null: whatever it wrote. */
  fail(generation: number, code: ErrorCode, atMs: number, silentSinceMs: number | null): Statement {
    return {
      sql: `UPDATE ${this.#table} SET state = 'failed', ended_at_ms = ?, code = ?
        WHERE generation = ? AND state = 'running'${silentSinceMs === null ? '' : ' AND touched_at_ms < ?'}`,
      parameters: [atMs, code, generation, ...(silentSinceMs === null ? [] : [silentSinceMs])],
      rows: 1,
    }
  }

  /** Generations that are in use no more and may have left entries. */
  async left({ look }: Pick<Journal, 'look'>): Promise<readonly number[]> {
    const rows = await look<{ generation: number }>({
      sql: `SELECT generation FROM ${this.#table} WHERE kept = 1 AND state IN ('replaced', 'failed')`,
      parameters: [],
    })
    return rows.map(({ generation }) => Number(generation))
  }

  /** Notes whether a generation may still have entries. It counts as touched, which merges the index of words a little. */
  kept(generation: number, kept: boolean): Statement {
    return {
      sql: `UPDATE ${this.#table} SET kept = ?, touched_at_ms = touched_at_ms WHERE generation = ?`,
      parameters: [Number(kept), generation],
    }
  }
}
