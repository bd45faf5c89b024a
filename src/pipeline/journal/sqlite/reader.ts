import { Worker } from 'node:worker_threads'
import { GatewayError } from '../../../core/errors.ts'
import type { Statement } from '../../../core/journal.ts'
import { bindable } from './database.ts'
import type { Answer, Question } from './reader-worker.ts'

/** Questions on a read-only connection in a thread of its own, so that no scan ever holds the loop or the writer. */
export interface Reader {
  /**
   * Rows of one statement.
   * @throws {GatewayError} QUERY_TIMEOUT after `deadlineMs`, INTERNAL when the statement is at fault */
  read(query: Statement, deadlineMs?: number): Promise<readonly unknown[]>
  close(): Promise<void>
}

/** Time a question may take, and after which its thread is given up (ms): SQLite cannot be stopped inside one step. */
const DEADLINE_MS = 2_000
const GIVE_UP_MS = 1_000

interface Waiting {
  readonly question: Question
  readonly resolve: (rows: readonly unknown[]) => void
  readonly reject: (error: GatewayError) => void
}

/** The thread starts with the first question, and again after one that had to be given up. */
export function openReader(file: string): Reader {
  const queue: Waiting[] = []
  let asked: Waiting | null = null
  let worker: Worker | null = null
  let watch: NodeJS.Timeout | null = null
  let numbered = 0
  let closed = false

  function settle(end: (waiting: Waiting) => void): void {
    if (watch) clearTimeout(watch)
    const waiting = asked
    asked = null
    if (waiting) end(waiting)
    askNext()
  }

  function start(): Worker {
    const started = new Worker(new URL('./reader-worker.ts', import.meta.url), { workerData: { file } })
    started.unref()
    started.on('message', (answer: Answer) => {
      if (started !== worker || answer.id !== asked?.question.id) return
      if ('rows' in answer) settle(({ resolve }) => resolve(answer.rows))
      else if ('late' in answer) settle(({ reject }) => reject(new GatewayError('QUERY_TIMEOUT')))
      else settle(({ reject }) => reject(new GatewayError('INTERNAL', `read failed: ${answer.fault}`)))
    })
    const gone = (error?: unknown) => {
      if (started !== worker) return
      worker = null
      settle(({ reject }) => reject(new GatewayError('INTERNAL', undefined, { cause: error })))
    }
    started.on('error', gone)
    started.on('exit', () => gone())
    return started
  }

  function askNext(): void {
    if (asked || closed) return
    const next = queue.shift()
    if (!next) {
      worker?.unref()
      return
    }
    asked = next
    worker ??= start()
    worker.ref()
    worker.postMessage(next.question)
    watch = setTimeout(giveUp, next.question.deadlineMs + GIVE_UP_MS)
  }

  function giveUp(): void {
    const stuck = worker
    worker = null
    void stuck?.terminate()
    stuck?.unref()
    settle(({ reject }) => reject(new GatewayError('QUERY_TIMEOUT')))
  }

  return {
    read(query, deadlineMs = DEADLINE_MS) {
      if (closed) return Promise.reject(new GatewayError('DRAINING'))
      return new Promise((resolve, reject) => {
        numbered += 1
        const question = { id: numbered, sql: query.sql, parameters: bindable(query.parameters), deadlineMs }
        queue.push({ question, resolve, reject })
        askNext()
      })
    },
    async close() {
      closed = true
      const stopped = worker
      worker = null
      settle(({ reject }) => reject(new GatewayError('DRAINING')))
      for (const { reject } of queue.splice(0)) reject(new GatewayError('DRAINING'))
      await stopped?.terminate()
    },
  }
}
