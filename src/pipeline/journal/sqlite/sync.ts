import { closeSync, fdatasyncSync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Worker } from 'node:worker_threads'
import type { Synced } from './sync-worker.ts'
import { storeThread } from './thread.ts'

/** Puts on stable storage what SQLite wrote to its log. No sync is ever asked for again that failed: the kernel may have dropped the pages. */
export interface LogSync {
  /** Did the last sync take so little that the loop can wait for the next? */
  readonly quick: boolean
  /** All that was written before, holding the loop. @throws what the system says */
  now(): void
  /**
   * The same while the loop goes on, one at a time.
   * Rejects with what the system says, or when the thread ended and nobody knows what became of it. */
  beside(): Promise<void>
  /** Ends the thread and lets the file go. */
  close(): Promise<void>
}

const PROGRAM = new URL('./sync-worker.ts', import.meta.url)

/** A sync that takes less (ms) is quick. */
const QUICK_MS = 1

/** Memory of the thread (MiB), which does nothing but call the system. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 }

/**
 * Takes the syncs of commits over from SQLite, which from now on syncs its log at the head and before checkpoints alone. The log's file exists
 * and stays the same as long as the connection is open. The thread starts with the first sync that is to go beside; until it is there the
 * loop waits for syncs itself. */
export function logSync(db: DatabaseSync): LogSync {
  db.exec('PRAGMA synchronous = NORMAL')
  return new Syncing(openSync(`${db.location()}-wal`, 'r'))
}

class Syncing implements LogSync {
  readonly #file: number
  #tookMs = 0
  #thread: Worker | null | undefined
  #ready = false
  #waiting: PromiseWithResolvers<void> | null = null

  constructor(file: number) {
    this.#file = file
  }

  get quick(): boolean {
    return this.#tookMs < QUICK_MS
  }

  now(): void {
    const beganMs = performance.now()
    fdatasyncSync(this.#file)
    this.#tookMs = performance.now() - beganMs
  }

  async beside(): Promise<void> {
    if (this.#thread === undefined) this.#thread = this.#start()
    if (!this.#ready || !this.#thread) return this.now()
    this.#waiting = Promise.withResolvers()
    this.#thread.ref()
    this.#thread.postMessage(null)
    return this.#waiting.promise
  }

  async close(): Promise<void> {
    this.#ready = false
    await this.#thread?.terminate()
    closeSync(this.#file)
  }

  /** Null where the machine gives no more threads or files. */
  #start(): Worker | null {
    try {
      return this.#listen()
    } catch {
      return null
    }
  }

  #listen(): Worker {
    const gone = (error: unknown = new Error('the thread of syncs ended')): void => this.#gone(error)
    const heard = (told: Synced): void => {
      if ('ready' in told) this.#ready = true
      else if ('tookMs' in told) {
        this.#tookMs = told.tookMs
        this.#end((waiting) => waiting.resolve())
      } else this.#end((waiting) => waiting.reject(told.fault))
    }
    return storeThread(PROGRAM, { file: this.#file }, { heard, gone }, LIMITS)
  }

  /** Without it the loop waits for syncs itself. */
  #gone(error: unknown): void {
    this.#ready = false
    this.#end((waiting) => waiting.reject(error))
  }

  #end(how: (waiting: PromiseWithResolvers<void>) => void): void {
    const waiting = this.#waiting
    this.#waiting = null
    this.#thread?.unref()
    if (waiting !== null) how(waiting)
  }
}
