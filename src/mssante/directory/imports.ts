import type { BadLine, DirectoryFileProblem, DirectoryImport, DirectoryState } from '../../core/directory.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import { removeRow, SPAN } from './rows.ts'

/** Imports that are told of. */
const LAST = 10
/** Entries that are taken away in one commit. */
const REMOVED = 50
/** An import that has written nothing for so long (ms) has ended without saying so. */
export const SILENT_MS = 60_000

/** How far an import has come. */
export interface ImportCounts {
  readonly bytesRead: number
  readonly rows: number
  readonly repeated: number
  readonly bad: number
}

/** What was wrong with a file, as it is kept. */
export interface ImportReport {
  readonly badLines: readonly BadLine[]
  readonly problems: readonly DirectoryFileProblem[]
}

interface ImportRow {
  readonly generation: number
  readonly state: DirectoryImport['state']
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

function importOf(row: ImportRow): DirectoryImport {
  const { badLines, problems } = JSON.parse(row.report) as ImportReport
  return {
    ...{ generation: Number(row.generation), state: row.state, name: row.name, who: row.who },
    ...{ startedAtMs: Number(row.started_at_ms), endedAtMs: numberOr(row.ended_at_ms) },
    ...{ generatedAtMs: numberOr(row.generated_at_ms), bytes: numberOr(row.bytes), bytesRead: Number(row.bytes_read) },
    ...{ rows: Number(row.taken), repeated: Number(row.repeated), bad: Number(row.bad) },
    ...{ code: row.code, badLines, problems },
  }
}

/** The imports of a store, newest first. */
export async function readImports({ look }: Pick<Journal, 'look'>): Promise<DirectoryState> {
  const rows = await look<ImportRow>({
    sql: `SELECT * FROM directory_import WHERE state IN ('running', 'current')
      UNION SELECT * FROM (SELECT * FROM directory_import ORDER BY generation DESC LIMIT ${LAST}) AS last
      ORDER BY generation DESC`,
    parameters: [],
  })
  const last = rows.map(importOf)
  const first = (state: DirectoryImport['state']) => last.find((one) => one.state === state) ?? null
  return { current: first('current'), running: first('running'), last: last.slice(0, LAST) }
}

/** Begins an import; no row when another one has begun. */
export function beginRow(
  generation: number,
  { name, who, bytes, generatedAtMs }: Pick<DirectoryImport, 'name' | 'who' | 'bytes' | 'generatedAtMs'>,
  atMs: number,
): Statement {
  return {
    sql: `INSERT INTO directory_import (generation, state, kept, name, who, started_at_ms, touched_at_ms, generated_at_ms, bytes,
        bytes_read, taken, repeated, bad, report) VALUES (?, 'running', 1, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?)`,
    parameters: [generation, name, who, atMs, atMs, generatedAtMs, bytes, JSON.stringify(NOTHING_WRONG)],
    rows: 1,
  }
}

const NOTHING_WRONG: ImportReport = { badLines: [], problems: [] }

/** Notes how far it is; no row when it runs no more: whoever writes on must stop. */
export function touchRow(
  generation: number,
  { bytesRead, rows, repeated, bad }: ImportCounts,
  report: ImportReport,
  atMs: number,
): Statement {
  return {
    sql: `UPDATE directory_import SET touched_at_ms = ?, bytes_read = ?, taken = ?, repeated = ?, bad = ?, report = ?
      WHERE generation = ? AND state = 'running'`,
    parameters: [atMs, bytesRead, rows, repeated, bad, JSON.stringify(report), generation],
    rows: 1,
  }
}

/** Takes it into use in the place of the one before; no row when it runs no more. */
export function swapRows(generation: number, atMs: number): Statement[] {
  return [
    { sql: "UPDATE directory_import SET state = 'replaced' WHERE state = 'current'", parameters: [] },
    {
      sql: "UPDATE directory_import SET state = 'current', ended_at_ms = ? WHERE generation = ? AND state = 'running'",
      parameters: [atMs, generation],
      rows: 1,
    },
  ]
}

/** Ends what runs and has written nothing since a time; null: whatever it wrote. */
export function failRow(generation: number, code: ErrorCode, atMs: number, silentSinceMs: number | null): Statement {
  return {
    sql: `UPDATE directory_import SET state = 'failed', ended_at_ms = ?, code = ?
      WHERE generation = ? AND state = 'running'${silentSinceMs === null ? '' : ' AND touched_at_ms < ?'}`,
    parameters: [atMs, code, generation, ...(silentSinceMs === null ? [] : [silentSinceMs])],
    rows: 1,
  }
}

/**
 * Takes away what imports left that are in use no more, a few entries at a time, with a `rest` after each. What is gone before
 * `stopped` says so stays gone; the rest goes with the next call. */
export async function clear(
  journal: Pick<Journal, 'look' | 'apply'>,
  rest: () => Promise<void>,
  stopped: () => boolean,
): Promise<void> {
  const left = await journal.look<{ generation: number }>({
    sql: "SELECT generation FROM directory_import WHERE kept = 1 AND state IN ('replaced', 'failed')",
    parameters: [],
  })
  for (const row of left) {
    const generation = Number(row.generation)
    for (let more = true; more; ) {
      if (stopped()) return
      more = await clearSome(journal, generation)
      await rest()
    }
  }
}

async function clearSome({ look, apply }: Pick<Journal, 'look' | 'apply'>, generation: number): Promise<boolean> {
  const from = generation * SPAN
  const rows = await look<{ n: number }>({
    sql: 'SELECT n FROM directory_entry WHERE n >= ? AND n < ? ORDER BY n LIMIT ?',
    parameters: [from, from + SPAN, REMOVED],
  })
  const last = rows.at(-1)
  const kept = last === undefined ? 0 : 1
  await apply({
    rows: [
      ...(last === undefined ? [] : [removeRow(from, Number(last.n) + 1)]),
      {
        sql: 'UPDATE directory_import SET kept = ?, touched_at_ms = touched_at_ms WHERE generation = ?',
        parameters: [kept, generation],
      },
    ],
  })
  return last !== undefined
}
