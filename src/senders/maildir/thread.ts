import { Worker } from 'node:worker_threads'
import type { Log } from '../../core/ports.ts'
import type { Deposit, Deposited, FileBody } from './deposit.ts'
import type { Asked, Told } from './worker.ts'

type Waiting = PromiseWithResolvers<Deposited>

/** One thread that puts mail into mailboxes; it begins when it is needed, and anew when it ended. */
export class DepositThread {
  readonly #log: Log
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #next = 0
  #stopped = false

  constructor(log: Log) {
    this.#log = log
  }

  /** Puts one mail, whose bytes it takes over. Rejects when the thread ends meanwhile: then it may be there. */
  async deposit(one: Deposit, body: Uint8Array<ArrayBuffer> | FileBody): Promise<Deposited> {
    if (this.#stopped) throw new Error('the thread of mailboxes has ended')
    const waiting = Promise.withResolvers<Deposited>()
    const number = this.#next
    this.#next += 1
    this.#waiting.set(number, waiting)
    const asked: Asked = { number, one, body }
    this.#running().postMessage(asked, body instanceof Uint8Array ? [body.buffer] : [])
    return waiting.promise
  }

  /** Ends the thread that runs. What it was doing is lost; the next mail begins another. */
  async end(): Promise<void> {
    await this.#worker?.terminate()
  }

  /** Ends it for good; nobody should wait for a mail any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.end()
  }

  #running(): Worker {
    if (this.#worker !== null) return this.#worker
    const worker = new Worker(new URL('./worker.ts', import.meta.url))
    this.#worker = worker
    worker.unref()
    worker.on('message', (told: Told) => this.#hear(told))
    worker.on('error', (fault) => this.#log.error('maildir.thread-failed', { code: 'PROCESSING_FAILED' }, fault))
    worker.on('exit', () => this.#lose())
    return worker
  }

  #hear(told: Told): void {
    const waiting = this.#waiting.get(told.number)
    this.#waiting.delete(told.number)
    if ('deposited' in told) waiting?.resolve(told.deposited)
    else waiting?.reject(told.fault)
  }

  #lose(): void {
    this.#worker = null
    for (const { reject } of this.#waiting.values()) reject(new Error('the thread of mailboxes has ended'))
    this.#waiting.clear()
  }
}
