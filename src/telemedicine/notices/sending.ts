import type { Config } from '../../core/config.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import type { Lease } from '../../core/leases.ts'
import type { Outgoing } from '../../core/notices.ts'
import { type Poked, pokedRounds } from '../../core/poked.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import { handOverRows } from '../duty/hand-over.ts'
import { outgoingOf, placesOf, stillWaiting, type WaitingNotice, waitingNotices } from './waiting.ts'

/** Between two looks when nobody says that something is new (ms): what another node committed leaves within a second. */
export const LOOK_MS = 500
/** The same where no service of telemedicine is offered (ms). */
const IDLE_MS = 5_000
/** The same after a look that the store did not answer (ms). */
const FAILED_MS = 2_000
/** Between two looks at duties that end (ms). */
const HAND_OVER_MS = 30_000
/** Waits between attempts (ms), growing by half: somebody waits for help. */
const FIRST_WAIT_MS = 3_000
const LONGEST_WAIT_MS = 30_000
/** After so many attempts a notice is given up: an hour of no use to anybody. */
export const MOST_ATTEMPTS = 120

/** What sending works with. */
export interface SendingParts {
  readonly journal: Pick<Journal, 'look' | 'apply'>
  readonly config: () => Config
  /** Sends one notice; null: it was taken. Never rejects. */
  readonly tell: (notice: Outgoing, signal: AbortSignal) => Promise<ErrorCode | null>
  /** Address of the page of a case, without its id: `/dossiers/`. */
  readonly casePath: string
  /** What came of a notice of this case is known; absent: nobody asks. */
  readonly changed?: (careCase: string) => void
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/**
 * Sends the notices of cases, all at once and each by itself: the first attempt follows the commit, others come every few
 * seconds for as long as it waits. Attempts are counted before they begin, so that a notice that a crash caught is sent
 * again: better twice than never. What was dropped meanwhile does not leave, and what is on its way then is broken off. */
export class NoticeSending {
  readonly #parts: SendingParts
  readonly #lease: Lease
  #stopped = false
  readonly #rounds: Poked
  #handedAtMs = Number.NEGATIVE_INFINITY
  /** When a notice that failed is tried again, by the monotonic clock: steps of the other do not hold it up. */
  readonly #next = new Map<string, number>()
  readonly #flying = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>()

  /** Nothing is sent before `poke`. */
  constructor(parts: SendingParts, lease: Lease) {
    this.#parts = parts
    this.#lease = lease
    this.#rounds = pokedRounds({
      clock: parts.clock,
      round: async () => {
        await this.round()
        return false
      },
      waitMs: () => this.#waitMs(),
      failedMs: FAILED_MS,
      failed: (fault) => parts.log.warn('care.notices-failed', { code: codeOf(fault) }),
    })
  }

  /** Something may wait, or may wait no more: look now. */
  poke(): void {
    this.#rounds.poke()
  }

  #waitMs(): number {
    return (this.#parts.config().careServices?.size ?? 0) > 0 ? LOOK_MS : IDLE_MS
  }

  /** Gives up what is under way; it still waits and is sent by whoever comes after. */
  async stop(): Promise<void> {
    this.#stopped = true
    const ended = this.#rounds.stop()
    for (const { abort } of this.#flying.values()) abort.abort()
    await ended
    await Promise.all([...this.#flying.values()].map(({ done }) => done))
  }

  /** Resolves when no attempt is under way any more. */
  async settled(): Promise<void> {
    while (this.#flying.size > 0) await Promise.all([...this.#flying.values()].map(({ done }) => done))
  }

  /** Breaks off what waits no more, then begins an attempt of everything that is due. @throws what the store throws */
  async round(): Promise<void> {
    const { journal, clock } = this.#parts
    if (!this.#lease.held()) return
    await this.#breakOff()
    await this.#handOver()
    const rows = await waitingNotices(journal)
    this.#forget(rows)
    const nowMs = clock.monotonicMs()
    const due = rows.filter(({ id }) => !this.#flying.has(id) && (this.#next.get(id) ?? nowMs) <= nowMs)
    if (due.length === 0 || !this.#lease.held()) return
    const ids = due.map(({ id }) => id)
    const counted: Statement = {
      sql: `UPDATE care_notice SET attempts = attempts + 1 WHERE state = 'waiting' AND id IN (${placesOf(ids)})`,
      parameters: ids,
    }
    if (!(await journal.apply({ fence: this.#lease.fence, rows: [counted] }))) return
    // An acceptance that was committed since the look has dropped some of them.
    const waiting = await stillWaiting(journal, ids)
    if (this.#stopped || !this.#lease.held()) return
    for (const row of due) if (waiting.has(row.id)) this.#begin(row)
  }

  #begin(row: WaitingNotice): void {
    const abort = new AbortController()
    const done = this.#attempt(row, abort.signal)
      .catch((fault: unknown) => {
        if (!this.#stopped) this.#parts.log.warn('care.notice-unkept', { code: codeOf(fault) })
      })
      .finally(() => this.#flying.delete(row.id))
    this.#flying.set(row.id, { abort, done })
  }

  async #attempt(row: WaitingNotice, signal: AbortSignal): Promise<void> {
    const { journal, config, casePath, clock, log } = this.#parts
    const notice = await outgoingOf(row, config(), casePath, journal)
    if (signal.aborted) return
    const code = notice === null ? 'CONFIG_INVALID' : await this.#parts.tell(notice, signal)
    if (code === null) {
      log.info('care.notice-sent', { route: row.channel })
      // It left, whatever became of it meanwhile.
      await this.#write(
        `UPDATE care_notice SET state = 'sent', code = NULL, done_at_ms = ? WHERE id = ? AND state IN ('waiting', 'dropped')`,
        [clock.nowMs(), row.id],
      )
      this.#parts.changed?.(row.care_case)
      return
    }
    if (signal.aborted) return
    const attempts = Number(row.attempts) + 1
    const waitMs = Math.min(FIRST_WAIT_MS * 1.5 ** Math.min(attempts - 1, 10), LONGEST_WAIT_MS)
    this.#next.set(row.id, clock.monotonicMs() + waitMs)
    const given = notice === null || attempts >= MOST_ATTEMPTS
    log.warn(given ? 'care.notice-given-up' : 'care.notice-retry', { route: row.channel, code, ms: waitMs })
    if (given) {
      const sql = `UPDATE care_notice SET state = 'failed', code = ?, done_at_ms = ? WHERE id = ? AND state = 'waiting'`
      await this.#write(sql, [code, clock.nowMs(), row.id])
      this.#parts.changed?.(row.care_case)
      return
    }
    await this.#write(`UPDATE care_notice SET code = ? WHERE id = ? AND state = 'waiting'`, [code, row.id])
  }

  async #breakOff(): Promise<void> {
    const ids = [...this.#flying.keys()]
    const waiting = await stillWaiting(this.#parts.journal, ids)
    for (const id of ids) if (!waiting.has(id)) this.#flying.get(id)?.abort.abort()
  }

  async #handOver(): Promise<void> {
    const { journal, clock, config, ids } = this.#parts
    if (clock.monotonicMs() - this.#handedAtMs < HAND_OVER_MS) return
    this.#handedAtMs = clock.monotonicMs()
    const told = { nowMs: clock.nowMs(), sms: (config().telemedicine?.sms ?? null) !== null, newId: () => ids.uuid() }
    for (const rows of await handOverRows(journal, told)) await journal.apply({ fence: this.#lease.fence, rows })
  }

  #forget(rows: readonly WaitingNotice[]): void {
    const known = new Set(rows.map(({ id }) => id))
    for (const id of this.#next.keys()) if (!known.has(id)) this.#next.delete(id)
  }

  async #write(sql: string, parameters: Statement['parameters']): Promise<void> {
    await this.#parts.journal.apply({ fence: this.#lease.fence, rows: [{ sql, parameters }] })
  }
}
