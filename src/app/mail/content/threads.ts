import { Worker } from 'node:worker_threads'
import type { Clock, Log } from '../../../core/ports.ts'
import type { ContentBudget, ContentFault } from './scan.ts'
import type { Asked, Told } from './worker.ts'

/** Octets of one look that a thread has not done with, above which its writer waits. */
const IN_FLIGHT = 256 * 1024
/** A thread that has work and tells nothing for so long is ended (ms). */
const STUCK_MS = 20_000

/** What a thread may keep, beside the octets on their way: a look keeps next to nothing. */
const OLD_MEMORY_MB = 128

/** One look in a thread. */
interface Look {
  readonly thread: Thread
  inFlight: number
  fault: ContentFault | null
  /** The thread ended before it had told its verdict. */
  lost: boolean
  wake: (() => void) | null
  verdict: ((told: ContentFault | null | 'lost') => void) | null
}

interface Thread {
  readonly worker: Worker
  readonly looks: Map<number, Look>
  cancelStuck: () => void
}

/** What a look in a thread may be asked. */
export interface ThreadLook {
  /** Gives octets away: their buffer is the thread's from now on. Waits when the thread is behind. */
  give(octets: Uint8Array<ArrayBuffer>): Promise<void>
  /** `lost`: the thread has ended. */
  end(): Promise<ContentFault | null | 'lost'>
  drop(): void
}

const LOST: ThreadLook = { give: async () => {}, end: async () => 'lost', drop() {} }

/** Few threads for the looks of all connections; each begins when it is needed, and anew when it ended. */
export class ContentThreads {
  readonly #count: number
  readonly #clock: Clock
  readonly #log: Log
  readonly #threads: Thread[] = []
  #next = 0
  #stopped = false

  constructor(count: number, clock: Clock, log: Log) {
    this.#count = count
    this.#clock = clock
    this.#log = log
  }

  begin(budget: ContentBudget): ThreadLook {
    if (this.#stopped) return LOST
    const thread = this.#thread()
    const number = this.#next
    this.#next += 1
    const look: Look = { thread, inFlight: 0, fault: null, lost: false, wake: null, verdict: null }
    thread.looks.set(number, look)
    const ask = (asked: Asked, transfer: ArrayBuffer[] = []): void => {
      if (!look.lost) thread.worker.postMessage(asked, transfer)
    }
    ask({ look: number, budget })
    return {
      give: async (octets) => {
        if (look.lost || look.fault !== null || octets.length === 0) return
        look.inFlight += octets.length
        ask({ look: number, chunk: octets }, [octets.buffer])
        this.#watch(thread)
        while (look.inFlight > IN_FLIGHT && !look.lost && look.fault === null) {
          await new Promise<void>((resolve) => {
            look.wake = resolve
          })
        }
      },
      end: async () => {
        if (look.lost) return 'lost'
        const { promise, resolve } = Promise.withResolvers<ContentFault | null | 'lost'>()
        look.verdict = resolve
        ask({ look: number, what: 'end' })
        this.#watch(thread)
        return promise
      },
      drop: () => {
        ask({ look: number, what: 'drop' })
        this.#forget(thread, number)
        look.lost = true
        look.wake?.()
      },
    }
  }

  /** Ends all threads; looks under way are lost. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()))
  }

  /** The one with the fewest looks; a new one while all have work and there may be more. */
  #thread(): Thread {
    const least = this.#threads.toSorted((a, b) => a.looks.size - b.looks.size)[0]
    if (least !== undefined && (least.looks.size === 0 || this.#threads.length >= this.#count)) return least
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: OLD_MEMORY_MB },
    })
    worker.unref()
    const thread: Thread = { worker, looks: new Map(), cancelStuck: () => {} }
    worker.on('message', (told: Told) => this.#hear(thread, told))
    worker.on('error', (fault) => this.#log.error('mail.look-failed', { code: 'PROCESSING_FAILED' }, fault))
    worker.on('exit', () => this.#lose(thread))
    this.#threads.push(thread)
    return thread
  }

  #hear(thread: Thread, told: Told): void {
    const look = thread.looks.get(told.look)
    if (look !== undefined) {
      if ('done' in told) {
        look.inFlight -= told.done
        look.fault = told.fault
        look.wake?.()
      } else {
        this.#forget(thread, told.look)
        look.verdict?.(told.verdict)
      }
    }
    this.#watch(thread)
  }

  #forget(thread: Thread, number: number): void {
    thread.looks.delete(number)
    this.#watch(thread)
  }

  /** Begins anew to wait for a word of the thread, while it owes one. */
  #watch(thread: Thread): void {
    thread.cancelStuck()
    const owes = thread.looks.values().some(({ inFlight, verdict }) => inFlight > 0 || verdict !== null)
    thread.cancelStuck = owes ? this.#clock.after(STUCK_MS, () => void thread.worker.terminate()) : () => {}
  }

  #lose(thread: Thread): void {
    thread.cancelStuck()
    this.#threads.splice(this.#threads.indexOf(thread), 1)
    if (thread.looks.size > 0)
      this.#log.error('mail.look-lost', { code: 'PROCESSING_FAILED', count: thread.looks.size })
    for (const look of thread.looks.values()) {
      look.lost = true
      look.wake?.()
      look.verdict?.('lost')
    }
    thread.looks.clear()
  }
}
