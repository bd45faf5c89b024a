import type pg from 'pg'
import { GatewayError } from '../../../core/errors.ts'
import type { Clock, Log, Meter } from '../../../core/ports.ts'
import { asFault, committed, faultOf, inOneFlight, lockHead, Unreplicated, type Writing } from './connect.ts'
import { flush, WriteFault } from './flush.ts'
import { Layer } from './layer.ts'
import { leave } from './leave.ts'
import { Undo } from './lists.ts'
import { notification, type Told } from './news.ts'
import { allOf, assureAbsent, type Need, noNeed, takeStock } from './stock.ts'

/** A list of changes to be made with others in one commit. */
export interface List<T> {
  /** Adds what it must know to what the batch reads. */
  needs(need: Need): void
  run(layer: Layer): T
  /** What its caller gets when one of its rows clashes with what is there (`feature`: a statement of a feature's); absent: INTERNAL. */
  readonly clash?: (feature: boolean) => { readonly value: T } | null
  /**
   * It reads nothing but repeat keys, and these are most likely new: it may run on the assumption that they are, which the
   * database checks as it writes. */
  readonly plain?: boolean
  /** It undoes nothing that it did: it needs no layer of its own over that of the batch. */
  readonly whole?: boolean
}

/** The one place where a node changes the store. */
export interface Writer {
  /**
   * Runs a list in the next batch; resolves after its commit.
   * @throws {GatewayError} STORE_FULL, STORE_UNREACHABLE (then it may have been committed or not), DRAINING once closed, or
   * INTERNAL when the list itself is at fault */
  submit<T>(list: List<T>): Promise<T>
  /**
   * Runs `work` alone on the writer's connection, in a transaction that holds the order of commits; what it throws undoes it. */
  alone<T>(work: (client: pg.Client) => Promise<T>): Promise<T>
  /**
   * Whoever waits for a database that is out of reach need wait no longer: what has been under way for more than 1 s fails
   * with STORE_UNREACHABLE, and its connection is used no more. */
  giveUp(): void
  /** Takes no more and waits for what was submitted. */
  close(): Promise<void>
}

/** What a writer works with. */
export interface WriterParts {
  /** A new connection for writing. @throws {GatewayError} STORE_UNREACHABLE, STORE_UNSAFE */
  readonly connect: () => Promise<Writing>
  readonly incarnation: string
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  /** What other nodes are to hear of a commit, or null. */
  readonly telling: (layer: Layer) => Told | null
  /** After each commit that changed something. */
  readonly committed: (layer: Layer) => void
}

interface Job {
  readonly list: List<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}
interface Attempt {
  readonly tries: number
  /** Nothing is assumed of a list. */
  readonly sure: boolean
}
interface Alone {
  readonly work: (client: pg.Client) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Most lists of one batch. */
const MOST_LISTS = 256
/** Work younger than this is not given up (ms). */
const YOUNG_MS = 1_000
/** So many lists of one turn are a batch of their own. */
const EARLY_LISTS = 16
/** Tries of a batch that the database gave up for another's sake. */
const MOST_TRIES = 3
/** So many batches take nobody along after one whose latecomers were repeats: who sends again does so again. */
const DOUBTFUL_BATCHES = 16

/**
 * Group commit without a timer: what comes while a batch is under way makes the next one. Two flights for each: lock and
 * read, then write and commit. Plain lists that came while the lock was waited for go with the batch: between two nodes
 * that take turns the batches are twice as long so, and 40 % more is taken in. */
export function openWriter(parts: WriterParts): Writer {
  return new BatchWriter(parts)
}

class BatchWriter implements Writer {
  readonly #parts: WriterParts
  readonly #jobs: Job[] = []
  readonly #alone: Alone[] = []
  readonly #idle: (() => void)[] = []
  #open: Writing | null = null
  #working = false
  #starting: NodeJS.Immediate | null = null
  #closed = false
  /** Batches that still take nobody along. */
  #doubtful = 0
  /** What is under way, since when, and how to let it fail. */
  #underWay: { readonly sinceMs: number; readonly fail: (fault: GatewayError) => void } | null = null

  constructor(parts: WriterParts) {
    this.#parts = parts
  }

  submit<T>(list: List<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new GatewayError('DRAINING'))
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ list, resolve: resolve as (value: unknown) => void, reject })
      this.#start()
    })
  }

  alone<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new GatewayError('DRAINING'))
    return new Promise<T>((resolve, reject) => {
      this.#alone.push({ work, resolve: resolve as (value: unknown) => void, reject })
      this.#start()
    })
  }

  giveUp(): void {
    const work = this.#underWay
    if (work === null || this.#parts.clock.monotonicMs() - work.sinceMs < YOUNG_MS) return
    work.fail(new GatewayError('STORE_UNREACHABLE'))
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#working) await new Promise<void>((resolve) => this.#idle.push(resolve))
    if (this.#open !== null) await leave(this.#open.client)
    this.#open = null
  }

  #start(): void {
    if (this.#working) {
      // The database works on the first while the others of this turn are still being read.
      if (this.#starting !== null && this.#jobs.length >= EARLY_LISTS) void this.#work()
      return
    }
    this.#working = true
    // What is submitted in one turn of the loop shares a batch.
    this.#starting = setImmediate(() => void this.#work())
  }

  async #work(): Promise<void> {
    if (this.#starting !== null) clearImmediate(this.#starting)
    this.#starting = null
    while (this.#jobs.length + this.#alone.length > 0) {
      const one = this.#alone.shift()
      if (one !== undefined) await this.#runAlone(one)
      const batch = this.#jobs.splice(0, MOST_LISTS)
      if (batch.length > 0) await this.#runBatch(batch)
    }
    this.#working = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Runs `work` until it ends or is given up; then `still` says so, and it must write nothing more. */
  async #whileReached<T>(work: (still: () => void) => Promise<T>): Promise<T> {
    let gone: GatewayError | null = null
    const given = Promise.withResolvers<never>()
    const fail = (fault: GatewayError): void => {
      gone = fault
      given.reject(fault)
    }
    const still = (): void => {
      if (gone !== null) throw gone
    }
    this.#underWay = { sinceMs: this.#parts.clock.monotonicMs(), fail }
    const working = work(still)
    working.catch(() => {})
    try {
      return await Promise.race([working, given.promise])
    } finally {
      this.#underWay = null
    }
  }

  async #runAlone({ work, resolve, reject }: Alone): Promise<void> {
    try {
      const value = await this.#whileReached(async (still) => {
        const { client } = await this.#connection(still)
        await lockHead(client)
        const made = await work(client)
        still()
        await committed(client)
        return made
      })
      resolve(value)
    } catch (error) {
      await this.#undo(error)
      reject(asWriteFault(error))
    }
  }

  /**
   * Commits a batch; when one of its lists is to blame that it cannot be, halves of it, until the list is alone. `sure`:
   * nothing is assumed of a list. */
  async #runBatch(batch: readonly Job[], { tries = 1, sure = false }: Partial<Attempt> = {}): Promise<void> {
    const { clock, meter, log } = this.#parts
    const startedMs = clock.monotonicMs()
    const jobs = [...batch]
    try {
      const { layer, results } = await this.#whileReached((still) => this.#commit(jobs, sure, still))
      meter.observe('commit_seconds', (clock.monotonicMs() - startedMs) / 1000)
      meter.observe('commit_lists', jobs.length)
      settle(jobs, results)
      if (layer !== null) this.#parts.committed(layer)
    } catch (error) {
      await this.#undo(error)
      const cause = error instanceof WriteFault ? error.cause : error
      const fault = faultOf(cause)
      if (error instanceof WriteFault && error.of === 'assumed' && fault === 'mismatch') {
        this.#doubtful = DOUBTFUL_BATCHES
        return this.#runBatch(jobs, { tries, sure: true })
      }
      if ((fault === 'again' || fault === 'stale') && tries < MOST_TRIES)
        return this.#runBatch(jobs, { tries: tries + 1, sure: true })
      const blame = fault === 'constraint' || fault === 'mismatch' || fault === 'stale' || fault === 'other'
      if (blame && jobs.length > 1) {
        const half = jobs.length >> 1
        await this.#runBatch(jobs.slice(0, half), { sure: true })
        return this.#runBatch(jobs.slice(half), { sure: true })
      }
      const feature = error instanceof WriteFault && error.of === 'feature'
      const clash = fault === 'constraint' || fault === 'mismatch' ? jobs[0]!.list.clash?.(feature) : null
      if (clash) return jobs[0]!.resolve(clash.value)
      log.error('journal.undone', { code: asWriteFault(cause).code, count: jobs.length }, cause)
      for (const job of jobs) job.reject(asWriteFault(cause))
    }
  }

  /** Adds to `jobs` whoever comes along. */
  async #commit(
    jobs: Job[],
    sure: boolean,
    still: () => void,
  ): Promise<{ layer: Layer | null; results: readonly Result[] }> {
    const { clock, incarnation } = this.#parts
    const writing = await this.#connection(still)
    const { client } = writing
    const need = noNeed()
    for (const { list } of jobs) list.needs(need)
    const stock = await takeStock(client, need, clock, incarnation)
    still()
    const assumed = noNeed()
    if (!sure) this.#takeAlong(jobs, assumed)
    const layer = new Layer(stock)
    const results = jobs.map(({ list }) => runList(list, layer))
    const flight = inOneFlight(client, () => {
      const checks = assureAbsent(client, assumed)
      // Where the rows cannot be written down nobody waits for these any more.
      for (const check of checks) check.catch(() => {})
      const writes = flush(writing, layer)
      if (writes.length === 0 && checks.length === 0) return null
      const told = this.#parts.telling(layer)
      if (told !== null) writes.push(client.query(notification(told)))
      return [...checks, ...writes, committed(client)]
    })
    // A repeat is answered yes: the commit it repeats may still lack its standby, and this one waits for it too.
    if (flight === null) await committed(client)
    else await allOf(flight)
    return { layer: flight === null ? null : layer, results }
  }

  /**
   * Takes plain lists along that came meanwhile, where they are as many as those of the batch: then the lock was waited
   * for, else they had better be read while the database writes. Their repeat keys were not looked for: they are assumed to be new. */
  #takeAlong(jobs: Job[], assumed: Need): void {
    if (this.#jobs.length < jobs.length) return
    if (this.#doubtful > 0) {
      this.#doubtful -= 1
      return
    }
    const came = this.#jobs.splice(0)
    for (const job of came) {
      const along = job.list.plain === true && jobs.length < MOST_LISTS
      if (along) job.list.needs(assumed)
      ;(along ? jobs : this.#jobs).push(job)
    }
  }

  async #connection(still: () => void): Promise<Writing> {
    if (this.#open === null) {
      const made = await this.#parts.connect()
      try {
        still()
      } catch (gone) {
        void leave(made.client)
        throw gone
      }
      made.client.once('end', () => {
        if (this.#open === made) this.#open = null
      })
      this.#open = made
    }
    return this.#open
  }

  /** Leaves the connection as a new one, or leaves it. */
  async #undo(error: unknown): Promise<void> {
    if (this.#open === null) return
    const { client } = this.#open
    const cause = error instanceof WriteFault ? error.cause : error
    if (cause instanceof Unreplicated) this.#parts.log.error('journal.unreplicated', { code: cause.code })
    const fault = faultOf(cause)
    const gone = fault === 'unreachable' || fault === 'stale'
    if (
      !gone &&
      (await client.query('ROLLBACK').then(
        () => true,
        () => false,
      ))
    )
      return
    this.#open = null
    void leave(client)
  }
}

/** A write that took too long is no question to be narrowed: it waited for other commits, and is to be tried again. */
function asWriteFault(error: unknown): GatewayError {
  const late = faultOf(error) === 'timeout'
  return late ? new GatewayError('STORE_UNREACHABLE', undefined, { cause: error }) : asFault(error)
}

type Result = { readonly value: unknown } | { readonly error: unknown }

/** @throws whatever a list throws that has no layer of its own: all of the batch is undone */
function runList(list: List<unknown>, below: Layer): Result {
  if (list.whole) return { value: list.run(below) }
  const layer = new Layer(below.stock, below)
  try {
    const value = list.run(layer)
    layer.settle()
    return { value }
  } catch (error) {
    return error instanceof Undo ? { value: error.value } : { error }
  }
}

function settle(batch: readonly Job[], results: readonly Result[]): void {
  for (const [i, job] of batch.entries()) {
    const result = results[i]!
    if ('value' in result) job.resolve(result.value)
    else job.reject(asFault(result.error))
  }
}
