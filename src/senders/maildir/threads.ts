import { Worker } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import type { Log } from '../../core/ports.ts'
import type { Deposit, Deposited, FileBody } from './deposit.ts'
import type { Asked, Told } from './worker.ts'

/** Threads at most: each waits for the disk most of its time. */
const MOST = 3

interface Thread {
  readonly worker: Worker
  readonly waiting: Map<number, PromiseWithResolvers<Deposited>>
}

/**
 * Threads that put mail into mailboxes, all mail of one mailbox the same: two that look at its room before either writes pass
 * its quota. Each begins when it is needed, and anew when it ended. */
export class DepositThreads {
  readonly #log: Log
  readonly #threads = new Map<number, Thread>()
  #next = 0
  #stopped = false

  constructor(log: Log) {
    this.#log = log
  }

  /** Puts one mail, whose bytes it takes over. Rejects when its thread ends meanwhile: then it may be there. */
  async deposit(one: Deposit, body: Uint8Array<ArrayBuffer> | FileBody): Promise<Deposited> {
    if (this.#stopped) throw new Error('the threads of mailboxes have ended')
    const { worker, waiting } = this.#thread(crc32(one.folder) % MOST)
    const told = Promise.withResolvers<Deposited>()
    const asked: Asked = { number: this.#next, one, body }
    this.#next += 1
    waiting.set(asked.number, told)
    worker.postMessage(asked, body instanceof Uint8Array ? [body.buffer] : [])
    return told.promise
  }

  /** Ends the threads that run. What they were doing is lost; the next mail begins another. */
  async end(): Promise<void> {
    await Promise.all([...this.#threads.values()].map(({ worker }) => worker.terminate()))
  }

  /** Ends them for good; nobody should wait for a mail any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.end()
  }

  #thread(number: number): Thread {
    const running = this.#threads.get(number)
    if (running !== undefined) return running
    const worker = new Worker(new URL('./worker.ts', import.meta.url))
    const thread: Thread = { worker, waiting: new Map() }
    this.#threads.set(number, thread)
    worker.unref()
    worker.on('message', (told: Told) => hear(thread, told))
    worker.on('error', (fault) => this.#log.error('maildir.thread-failed', { code: 'PROCESSING_FAILED' }, fault))
    worker.on('exit', () => {
      this.#threads.delete(number)
      for (const { reject } of thread.waiting.values()) reject(new Error('the thread of mailboxes has ended'))
      thread.waiting.clear()
    })
    return thread
  }
}

function hear({ waiting }: Thread, told: Told): void {
  const one = waiting.get(told.number)
  waiting.delete(told.number)
  if ('deposited' in told) one?.resolve(told.deposited)
  else one?.reject(told.fault)
}
