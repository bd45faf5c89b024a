import type { Worker } from 'node:worker_threads'
import { GatewayError } from '../../../core/errors.ts'
import type { Inspected, Statement } from '../../../core/journal.ts'
import type { Position } from '../../../core/message.ts'
import { bindable, STORE_FILE } from './database.ts'
import type { Answer, Asked, Question, Ready } from './reader-worker.ts'
import { storeThread } from './thread.ts'

/** Questions on a read-only connection in a thread of its own, so that no scan ever holds the loop or the writer. */
export interface Reader {
  /**
   * Rows of one statement.
   * @throws {GatewayError} QUERY_TIMEOUT after `deadlineMs`, INTERNAL when the statement is at fault */
  read(query: Statement, deadlineMs?: number): Promise<readonly unknown[]>
  /** Checks records after a position for some `workMs` (core/journal.ts, `inspect`). */
  inspect(after: Position | null, workMs: number): Promise<Inspected>
  close(): Promise<void>
}

const PROGRAM = new URL('./reader-worker.ts', import.meta.url)
const placed = (dir: string) => ({ dir, file: STORE_FILE })

/** Time a question may take, and after which its thread is given up (ms): SQLite cannot be stopped inside one step. */
const DEADLINE_MS = 2_000
const GIVE_UP_MS = 1_000
/** Time that the thread may take to start (ms), which is none of a question's: on a machine that is busy it is seconds. */
const START_MS = 30_000
/** A slice of checking: mostly a few ms, but a body of 25 MB on a slow disk is read whole. */
const INSPECT_MS = 60_000

interface Waiting {
  readonly question: Question
  readonly resolve: (rows: readonly unknown[]) => void
  readonly reject: (error: GatewayError) => void
}

/** What an answer means for whoever asked. */
function endOf(answer: Answer): (waiting: Waiting) => void {
  if ('rows' in answer) return ({ resolve }) => resolve(answer.rows)
  if ('late' in answer) return ({ reject }) => reject(new GatewayError('QUERY_TIMEOUT'))
  return ({ reject }) => reject(new GatewayError('INTERNAL', `read failed: ${answer.fault}`))
}

/** One alarm: to set it takes back what was set before. */
function alarm(ring: () => void): { set(ms: number): void; off(): void } {
  let timer: NodeJS.Timeout | undefined
  const off = (): void => clearTimeout(timer)
  return {
    off,
    set(ms) {
      off()
      timer = setTimeout(ring, ms)
    },
  }
}

/** Over the store in `dir`. The thread starts with the first question, and again after one that had to be given up. */
export function openReader(dir: string): Reader {
  const queue: Waiting[] = []
  let asked: Waiting | null = null
  let worker: Worker | null = null
  let ready = false
  const watch = alarm(() => giveUp())
  let numbered = 0
  let closed = false

  function settle(end: (waiting: Waiting) => void): void {
    watch.off()
    const waiting = asked
    asked = null
    if (waiting) end(waiting)
    askNext()
  }

  function start(): Worker {
    ready = false
    const started = storeThread<Answer | Ready>(PROGRAM, placed(dir), {
      heard(told) {
        if (started !== worker) return
        if ('ready' in told) {
          ready = true
          if (asked) watch.set(asked.question.deadlineMs + GIVE_UP_MS)
        } else if (told.id === asked?.question.id) settle(endOf(told))
      },
      gone(error) {
        if (started !== worker) return
        worker = null
        settle(({ reject }) => reject(new GatewayError('INTERNAL', undefined, { cause: error })))
      },
    })
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
    watch.set(ready ? next.question.deadlineMs + GIVE_UP_MS : START_MS)
  }

  function giveUp(): void {
    void worker?.terminate()
    worker?.unref()
    worker = null
    settle(({ reject }) => reject(new GatewayError('QUERY_TIMEOUT')))
  }

  function ask(asked: Asked, deadlineMs: number): Promise<readonly unknown[]> {
    if (closed) return Promise.reject(new GatewayError('DRAINING'))
    const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>()
    numbered += 1
    queue.push({ question: { id: numbered, asked, deadlineMs }, resolve, reject })
    askNext()
    return promise
  }

  return {
    read: async (query, deadlineMs = DEADLINE_MS) =>
      ask({ sql: query.sql, parameters: bindable(query.parameters) }, deadlineMs),
    inspect: async (after, workMs) => (await ask({ after, workMs }, INSPECT_MS))[0] as Inspected,
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
