/** The thread behind `Journal.read`: one read-only connection, one question at a time. */
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { SqlValue } from '../../../core/journal.ts'

/** A question; `deadlineMs` is the time it may take. */
export interface Question {
  readonly id: number
  readonly sql: string
  readonly parameters: SqlValue[]
  readonly deadlineMs: number
}

/** Its answer. */
export type Answer =
  | { readonly id: number; readonly rows: readonly unknown[] }
  | { readonly id: number; readonly late: true }
  | { readonly id: number; readonly fault: string }

const { file } = workerData as { file: string }
const db = new DatabaseSync(file, { readOnly: true, timeout: 1_000 })
db.exec('PRAGMA query_only = ON; PRAGMA temp_store = MEMORY')

function answer({ id, sql, parameters, deadlineMs }: Question): Answer {
  const startedMs = performance.now()
  try {
    const rows: unknown[] = []
    for (const row of db.prepare(sql).iterate(...parameters)) {
      rows.push({ ...row })
      if (performance.now() - startedMs > deadlineMs) return { id, late: true }
    }
    return performance.now() - startedMs > deadlineMs ? { id, late: true } : { id, rows }
  } catch (error) {
    return { id, fault: error instanceof Error ? error.message : 'unknown' }
  }
}

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)))
