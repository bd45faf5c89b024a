import type { ContentLook, MailNo } from '../../../core/mail.ts'
import type { Log } from '../../../core/ports.ts'
import { type ContentBudget, type ContentFault, scanAtOnce } from './scan.ts'
import type { ContentThreads, ThreadLook } from './threads.ts'

/** What is collected before it is given to a thread; a mail that is no longer is looked at here, if it holds no archive. */
const SLAB = 65_536

/** What a look is made with. */
export interface LookParts {
  readonly threads: ContentThreads
  readonly log: Log
}

/** The look at parts and archives of one mail: small ones at once, others in a thread while they come. */
export class StructureLook implements ContentLook {
  readonly #budget: ContentBudget
  readonly #parts: LookParts
  #slab = new Uint8Array(0)
  #filled = 0
  #thread: ThreadLook | null = null

  constructor(budget: ContentBudget, parts: LookParts) {
    this.#budget = budget
    this.#parts = parts
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      if (this.#filled === SLAB) await this.#give()
      this.#grow(chunk.length - at)
      const some = chunk.subarray(at, at + this.#slab.length - this.#filled)
      this.#slab.set(some, this.#filled)
      this.#filled += some.length
      at += some.length
    }
  }

  async end(): Promise<MailNo | null> {
    if (this.#thread === null) {
      const { buffer, byteOffset } = this.#slab
      const seen = scanAtOnce(Buffer.from(buffer, byteOffset, this.#filled), this.#budget)
      if (seen !== 'archive') return this.#told(seen)
    }
    await this.#give()
    return this.#told(await this.#thread!.end())
  }

  drop(): void {
    this.#thread?.drop()
    this.#slab = new Uint8Array(0)
  }

  /** Room for what comes: mostly a mail is one or two chunks. */
  #grow(coming: number): void {
    const needed = Math.min(SLAB, this.#filled + coming)
    if (this.#slab.length >= needed) return
    const grown = new Uint8Array(this.#slab.length === 0 ? needed : SLAB)
    grown.set(this.#slab.subarray(0, this.#filled))
    this.#slab = grown
  }

  async #give(): Promise<void> {
    this.#thread ??= this.#parts.threads.begin(this.#budget)
    const full = this.#slab.subarray(0, this.#filled)
    this.#slab = new Uint8Array(0)
    this.#filled = 0
    await this.#thread.give(full)
  }

  #told(fault: ContentFault | null | 'lost'): MailNo | null {
    if (fault === null) return null
    if (fault === 'lost') return { code: 'PROCESSING_FAILED' }
    const { code, rule } = fault
    this.#parts.log.warn('mail.content', { code, rule })
    return { code }
  }
}
