import type { ContentLook, MailNo } from '../../../core/mail.ts'
import type { Log } from '../../../core/ports.ts'
import { type ContentBudget, type ContentFault, scanAtOnce } from './scan.ts'
import type { ContentThreads, ThreadLook } from './threads.ts'

/** A mail that is no longer than so many octets is looked at here, if it holds no archive. */
const SMALL = 65_536

/** What a look is made with. */
export interface LookParts {
  readonly threads: ContentThreads
  readonly log: Log
}

/** The look at parts and archives of one mail: small ones at once, others in a thread while they come. */
export class StructureLook implements ContentLook {
  readonly #budget: ContentBudget
  readonly #parts: LookParts
  #kept: Buffer = Buffer.alloc(0)
  #thread: ThreadLook | null = null

  constructor(budget: ContentBudget, parts: LookParts) {
    this.#budget = budget
    this.#parts = parts
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#thread === null && this.#kept.length + chunk.length <= SMALL) {
      this.#kept = Buffer.concat([this.#kept, chunk])
      return
    }
    const thread = await this.#begun()
    await thread.give(new Uint8Array(chunk))
  }

  async end(): Promise<MailNo | null> {
    if (this.#thread === null) {
      const seen = scanAtOnce(this.#kept, this.#budget)
      if (seen !== 'archive') return this.#told(seen)
    }
    const thread = await this.#begun()
    return this.#told(await thread.end())
  }

  drop(): void {
    this.#thread?.drop()
    this.#kept = Buffer.alloc(0)
  }

  /** The thread, which has all that was kept. */
  async #begun(): Promise<ThreadLook> {
    this.#thread ??= this.#parts.threads.begin(this.#budget)
    const kept = new Uint8Array(this.#kept)
    this.#kept = Buffer.alloc(0)
    if (kept.length > 0) await this.#thread.give(kept)
    return this.#thread
  }

  #told(fault: ContentFault | null | 'lost'): MailNo | null {
    if (fault === null) return null
    if (fault === 'lost') return { code: 'PROCESSING_FAILED' }
    const { code, rule } = fault
    this.#parts.log.warn('mail.content', { code, rule })
    return { code }
  }
}
