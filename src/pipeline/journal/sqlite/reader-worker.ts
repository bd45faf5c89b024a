/** The thread behind `Journal.read`: one read-only connection, one question at a time. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { SqlValue } from '../../../core/journal.ts'
import type { Position } from '../../../core/message.ts'
import { inspect } from './inspect.ts'

/** A statement to run, or records to check. */
export type Asked =
  | { readonly sql: string; readonly parameters: SqlValue[] }
  | { readonly after: Position | null; readonly workMs: number }
/** A question; `deadlineMs` is the time it may take. */
export interface Question {
  readonly id: number
  readonly asked: Asked
  readonly deadlineMs: number
}

/** Its answer. */
export type Answer =
  | { readonly id: number; readonly rows: readonly unknown[] }
  | { readonly id: number; readonly late: true }
  | { readonly id: number; readonly fault: string }
/** What the thread says once, when it can be asked. */
export interface Ready {
  readonly ready: true
}

const { dir, file } = workerData as { dir: string; file: string }
const db = new DatabaseSync(join(dir, file), { readOnly: true, timeout: 1_000 })
db.exec('PRAGMA query_only = ON; PRAGMA temp_store = MEMORY')

async function answer({ id, asked, deadlineMs }: Question): Promise<Answer> {
  const startedMs = performance.now()
  const late = () => performance.now() - startedMs > deadlineMs
  try {
    if ('workMs' in asked) return { id, rows: [await inspect(db, dir, asked.after, asked.workMs)] }
    const rows: unknown[] = []
    for (const row of db.prepare(asked.sql).iterate(...asked.parameters)) {
      rows.push({ ...row })
      if (late()) return { id, late: true }
    }
    return late() ? { id, late: true } : { id, rows }
  } catch (error) {
    return { id, fault: error instanceof Error ? error.message : 'unknown' }
  }
}

parentPort?.on('message', async (question: Question) => parentPort?.postMessage(await answer(question)))
parentPort?.postMessage({ ready: true } satisfies Ready)
