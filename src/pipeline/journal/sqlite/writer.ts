import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { GatewayError } from '../../../core/errors.ts'
import type { QueueEntry, StoredRevision } from '../../../core/journal.ts'
import type { DeliveryId } from '../../../core/message.ts'
import type { Clock, Log, Meter } from '../../../core/ports.ts'
import { type Checkpoint, checkpointer } from './checkpoint.ts'
import { asFault, faultOf } from './database.ts'
import type { KeyIndex } from './key-index.ts'
import type { Ledger, Tally } from './ledger.ts'
import type { LogSync } from './sync.ts'

/** Where numbering and configuration stand, as the lists of a group see it one after the other. */
export interface Heads {
  /** Last numbers given. A message's is its position. */
  messageSeq: number
  deliverySeq: number
  revision: StoredRevision | null
}

/** What a list works on while it runs, inside the transaction of its group. */
export interface Group {
  readonly nowMs: number
  readonly heads: Heads
  readonly tally: Tally
  /** Deliveries to tell listeners about after the commit. */
  readonly told: (QueueEntry | DeliveryId)[]
}

/** A list undoes itself and only itself, and its caller gets `value`. */
export class Undo extends Error {
  readonly value: unknown
  constructor(value: unknown) {
    super('undone')
    this.value = value
  }
}

/** The one place where the store changes. */
export interface Writer {
  /**
   * Runs a list of statements in the next group commit, alone under its savepoint; resolves after the sync.
   * @throws {GatewayError} STORE_FULL, STORE_FAILED, DRAINING once closed, or INTERNAL when the list itself is at fault */
  submit<T>(list: (group: Group) => T): Promise<T>
  /**
   * The same, for what nobody waits for at a door: while messages keep coming in it joins their next commit instead of
   * asking for a sync of its own, and waits 1 ms for one at most. */
  submitBeside<T>(list: (group: Group) => T): Promise<T>
  /** Set for ever once a sync has failed. */
  readonly failed: GatewayError | null
  /** A sync failed outside a commit (a body's file): every call rejects from now on. */
  fail(cause: unknown): void
  readonly heads: Heads
  /** Pending while a commit is on its way to stable storage. What is read meanwhile may not outlive a power failure. */
  readonly syncing: Promise<void> | null
  /** Something was erased: what the log and the file still hold of it goes now, or with the next commits. */
  erased(): void
  /** Takes no more, waits for everything submitted, then moves the log into the file and empties it. */
  close(): Promise<void>
}

interface WriterParts {
  /** Its commits do not sync by themselves (`synchronous = NORMAL`): that is done here. */
  readonly db: DatabaseSync
  readonly sync: LogSync
  readonly ledger: Ledger
  readonly index: KeyIndex
  readonly log: Log
  readonly meter: Meter
  readonly clock: Clock
  readonly heads: Heads
  readonly onFatal: (error: GatewayError) => void
  readonly committed: (told: readonly (QueueEntry | DeliveryId)[]) => void
}

interface Job {
  readonly list: (group: Group) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A group that is committed, and what its lists came to. */
interface Done {
  readonly batch: readonly Job[]
  readonly group: Group
  readonly results: readonly Result[]
  readonly startedMs: number
}

type Result = { readonly value: unknown } | { readonly error: unknown }

/**
 * Messages came in so lately that more are likely (ms), and how long an outcome waits for their commit (ms): on one
 * connection a message then costs one sync and not three. */
const BUSY_MS = 2
const BESIDE_MS = 1

/**
 * The loop itself waits for the sync of this many lists or less, where syncs are quick: it has little to do meanwhile, and what
 * comes back from a thread waits for its turn of the loop (with 4, the median answer at 1,000 messages a second took a quarter longer). */
const FEW_LISTS = 16

/** At most this many lists in one commit, so that the loop is never held longer than some 20 ms. */
const MOST_LISTS = 256

/**
 * Group commit without a timer: what is submitted during one turn of the event loop shares a transaction and a sync. A few lists
 * are synced by the loop itself, where syncs are quick; more in a thread, so that the loop goes on with what comes in, and
 * all of that is the next group. No group begins before the one in front is on stable storage. */
export function openWriter(parts: WriterParts): Writer {
  return new GroupWriter(parts)
}

class GroupWriter implements Writer {
  heads: Heads
  failed: GatewayError | null = null
  readonly #parts: WriterParts
  readonly #checkpoint: Checkpoint
  readonly #sql: Record<'begin' | 'commit' | 'savepoint' | 'release' | 'undo', StatementSync>
  readonly #jobs: Job[] = []
  readonly #idle: (() => void)[] = []
  #scheduled = false
  #askedAtMs = Number.NEGATIVE_INFINITY
  #beside: NodeJS.Timeout | null = null
  #closed = false
  #syncing: PromiseWithResolvers<void> | null = null

  constructor(parts: WriterParts) {
    const { db, log, heads } = parts
    this.#parts = parts
    this.heads = heads
    this.#checkpoint = checkpointer(db, log)
    this.#sql = {
      begin: db.prepare('BEGIN IMMEDIATE'),
      commit: db.prepare('COMMIT'),
      savepoint: db.prepare('SAVEPOINT list'),
      release: db.prepare('RELEASE list'),
      undo: db.prepare('ROLLBACK TO list'),
    }
  }

  get syncing(): Promise<void> | null {
    return this.#syncing?.promise ?? null
  }

  submit<T>(list: (group: Group) => T): Promise<T> {
    this.#askedAtMs = performance.now()
    return this.#enqueue(list, () => this.#schedule())
  }

  submitBeside<T>(list: (group: Group) => T): Promise<T> {
    return this.#enqueue(list, () => {
      if (performance.now() - this.#askedAtMs > BUSY_MS) this.#schedule()
      else this.#beside ??= setTimeout(() => this.#schedule(), BESIDE_MS)
    })
  }

  #enqueue<T>(list: (group: Group) => T, schedule: () => void): Promise<T> {
    if (this.failed) return Promise.reject(this.failed)
    if (this.#closed) return Promise.reject(new GatewayError('DRAINING'))
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ list, resolve: resolve as (value: unknown) => void, reject })
      schedule()
    })
  }

  fail(cause: unknown, batch: readonly Job[] = []): void {
    if (this.failed) return
    const { log, onFatal } = this.#parts
    this.failed = new GatewayError('STORE_FAILED', undefined, { cause })
    log.error('journal.failed', { code: 'STORE_FAILED' }, cause)
    for (const job of [...batch, ...this.#jobs.splice(0)]) job.reject(this.failed)
    onFatal(this.failed)
  }

  erased(): void {
    if (!this.failed) this.#checkpointNow(() => this.#checkpoint.atErasure())
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#jobs.length > 0 || this.#syncing !== null) {
      this.#schedule()
      await new Promise<void>((resolve) => this.#idle.push(resolve))
    }
    if (!this.failed) this.#checkpointNow(() => this.#checkpoint.atClose())
    await this.#parts.sync.close()
  }

  #schedule(): void {
    if (this.#beside !== null) clearTimeout(this.#beside)
    this.#beside = null
    if (this.#scheduled || this.#syncing !== null) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const batch = this.#jobs.splice(0, MOST_LISTS)
      if (batch.length > 0) this.#commit(batch)
      this.#goOn()
    })
  }

  #goOn(): void {
    if (this.#jobs.length > 0) this.#schedule()
    else if (this.#syncing === null) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #commit(batch: readonly Job[]): void {
    const { clock, ledger, index, sync } = this.#parts
    const startedMs = clock.monotonicMs()
    const group: Group = { nowMs: clock.nowMs(), heads: { ...this.heads }, tally: ledger.tally(), told: [] }
    let results: readonly Result[]
    try {
      this.#sql.begin.run()
      results = batch.map(({ list }) => this.#runList(list, group))
      index.sortIn()
      group.tally.write()
      this.#sql.commit.run()
    } catch (error) {
      this.#undoGroup(batch, error)
      return
    }
    const done = { batch, group, results, startedMs }
    if (sync.quick && batch.length <= FEW_LISTS) this.#syncNow(done)
    else this.#syncBeside(done)
  }

  #syncNow(done: Done): void {
    try {
      this.#parts.sync.now()
    } catch (error) {
      this.fail(error)
    }
    this.#tell(done)
  }

  #syncBeside(done: Done): void {
    const syncing = Promise.withResolvers<void>()
    this.#syncing = syncing
    void this.#parts.sync
      .beside()
      .catch((error) => this.fail(error))
      .then(() => {
        this.#syncing = null
        this.#tell(done)
        syncing.resolve()
        this.#goOn()
      })
  }

  /** What became of the lists of a group: kept, or once a sync has failed not known. */
  #tell({ batch, group, results, startedMs }: Done): void {
    if (this.failed !== null) {
      for (const job of batch) job.reject(this.failed)
      return
    }
    const { clock, meter, committed } = this.#parts
    this.heads = group.heads
    group.tally.keep()
    meter.observe('commit_seconds', (clock.monotonicMs() - startedMs) / 1000)
    meter.observe('commit_lists', batch.length)
    for (const [i, job] of batch.entries()) {
      const result = results[i]!
      if ('value' in result) job.resolve(result.value)
      else job.reject(asFault(result.error))
    }
    if (group.told.length > 0) committed(group.told)
    this.#checkpointNow(() => this.#checkpoint.ifDue())
  }

  /** Runs a list under its own savepoint; throws only what is a fault of the store itself and stops the whole group. */
  #runList(list: Job['list'], group: Group): Result {
    const mark = group.tally.mark()
    const told = group.told.length
    const heads = { ...group.heads }
    this.#sql.savepoint.run()
    try {
      const value = list(group)
      this.#sql.release.run()
      return { value }
    } catch (error) {
      const fault = faultOf(error)
      if (fault === 'full' || fault === 'io' || fault === 'damaged' || !this.#parts.db.isTransaction) throw error
      this.#sql.undo.run()
      this.#sql.release.run()
      group.tally.undo(mark)
      group.told.length = told
      Object.assign(group.heads, heads)
      return error instanceof Undo ? { value: error.value } : { error }
    }
  }

  #undoGroup(batch: readonly Job[], error: unknown): void {
    // After a failed sync what is on disk is not known: nothing more is written, and no rollback is tried.
    if (faultOf(error) === 'io') {
      this.fail(error, batch)
      return
    }
    const { db, log } = this.#parts
    if (db.isTransaction) db.exec('ROLLBACK')
    const fault = asFault(error)
    log.warn('journal.undone', { code: fault.code, count: batch.length })
    for (const job of batch) job.reject(fault)
  }

  /** A checkpoint that found the disk full lost nothing: the log still has it all. A failed sync is another matter. */
  #checkpointNow(act: () => void): void {
    try {
      act()
    } catch (error) {
      if (faultOf(error) === 'io') this.fail(error)
      else this.#parts.log.warn('journal.checkpoint-failed', { code: asFault(error).code })
    }
  }
}
