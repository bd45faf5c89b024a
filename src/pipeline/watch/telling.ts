import type { Config, NotifyChannel } from '../../core/config.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import type { Lease } from '../../core/leases.ts'
import { type Poked, pokedRounds } from '../../core/poked.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { type Notice, noticeOf, type Told } from '../../formats/alert/notice.ts'
import { type AlertRow, alertView } from './alert-rows.ts'

/** Between two looks when nobody says that something is new (ms). */
const LOOK_MS = 5_000
/** Notices of one message. */
const MOST = 50
/** Waits between attempts (ms), doubling. */
export const FIRST_WAIT_MS = 30_000
const LONGEST_WAIT_MS = 3_600_000
/** A notice that no attempt brought out for so long is of no use any more (ms). */
export const GIVE_UP_MS = 86_400_000

/** What came of telling. */
export type TellResult = { readonly ok: true } | { readonly ok: false; readonly code: ErrorCode }

/** Sends one notice by a channel; never rejects. `key`: equal when it is the same notice again. */
export type Tell = (
  channel: NotifyChannel,
  notice: Notice,
  told: readonly Told[],
  key: string,
  signal: AbortSignal,
) => Promise<TellResult>

/** What telling works with. */
export interface TellingParts {
  readonly journal: Pick<Journal, 'look' | 'apply'>
  readonly config: () => Config
  readonly tell: Tell
  /** Origin of the console, for links; null: none. */
  readonly console: string | null
  readonly clock: Clock
  readonly log: Log
}

interface WaitingRow {
  readonly id: string
  readonly alert: string
  readonly what: 'raised' | 'ended'
  readonly made_at_ms: number
  readonly due_at_ms: number
  readonly attempts: number
}

/**
 * Sends notices that are due, all of a channel in one message, and keeps what came of it. A notice that a crash caught
 * between its sending and its row is sent again: better twice than never. */
export class Telling {
  readonly #parts: TellingParts
  readonly #lease: Lease
  readonly #abort = new AbortController()
  #stopped = false
  readonly #rounds: Poked

  /** Nothing is sent before `poke`. */
  constructor(parts: TellingParts, lease: Lease) {
    this.#parts = parts
    this.#lease = lease
    this.#rounds = pokedRounds({
      clock: parts.clock,
      round: async () => {
        await this.round()
        return false
      },
      waitMs: () => LOOK_MS,
      failed: (fault) => parts.log.warn('notice.failed', { code: codeOf(fault) }),
    })
  }

  /** Something may be due: look now. */
  poke(): void {
    this.#rounds.poke()
  }

  /** Gives up what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    const ended = this.#rounds.stop()
    this.#abort.abort()
    await ended
  }

  /** Sends what is due, channel after channel. @throws what the store throws */
  async round(): Promise<void> {
    for (const channel of this.#parts.config().notify ?? []) {
      if (!this.#lease.held()) return
      await this.#channel(channel)
    }
  }

  async #channel(channel: NotifyChannel): Promise<void> {
    const { journal, clock } = this.#parts
    const rows = await journal.look<WaitingRow>({
      sql: `SELECT id, alert, what, made_at_ms, due_at_ms, attempts FROM notice
        WHERE state = 'waiting' AND channel = ? ORDER BY due_at_ms, id LIMIT ${MOST}`,
      parameters: [channel.name],
    })
    const [first] = rows
    const nowMs = clock.nowMs()
    if (first === undefined || Number(first.due_at_ms) > nowMs) return
    const told = await this.#told(rows)
    if (told.length === 0) return this.#done(rows, 'sent', null)
    const result = await this.#tell(channel, told, first.id)
    if (this.#stopped) return
    if (result.ok) return this.#done(rows, 'sent', null)
    await this.#failed(channel, rows, result.code)
  }

  /** What people are told: each alert once, as it is now, the gravest first; none of what somebody has taken in hand. */
  async #told(rows: readonly WaitingRow[]): Promise<Told[]> {
    const ids = [...new Set(rows.map(({ alert }) => alert))]
    const found = await this.#parts.journal.look<AlertRow>({
      sql: `SELECT * FROM alert WHERE id IN (${ids.map(() => '?').join(', ')}) ORDER BY
        CASE severity WHEN 'urgent' THEN 0 WHEN 'important' THEN 1 ELSE 2 END, first_at_ms`,
      parameters: ids,
    })
    return found.map(alertView).flatMap((alert): Told[] => {
      const whats = rows.filter((row) => row.alert === alert.id).map(({ what }) => what)
      if (whats.includes('ended') && alert.endedAt !== null) return [{ what: 'ended', alert }]
      const quiet = alert.state !== 'open' || alert.snoozedUntil !== null
      return whats.includes('raised') && !quiet ? [{ what: 'raised', alert }] : []
    })
  }

  async #tell(channel: NotifyChannel, told: readonly Told[], key: string): Promise<TellResult> {
    const { region, establishments } = this.#parts.config()
    const around = { language: channel.locale, region, establishments, console: this.#parts.console }
    return this.#parts.tell(channel, noticeOf(told, around), told, key, this.#abort.signal)
  }

  async #done(rows: readonly WaitingRow[], state: 'sent' | 'failed', code: ErrorCode | null): Promise<void> {
    const { clock, log } = this.#parts
    await this.#write({
      sql: `UPDATE notice SET state = ?, code = ?, attempts = attempts + 1, done_at_ms = ? WHERE id IN (${placesOf(rows)})`,
      parameters: [state, code, clock.nowMs(), ...rows.map(({ id }) => id)],
    })
    if (state === 'sent') log.info('notice.sent', { count: rows.length })
    else log.error('notice.given-up', { count: rows.length, ...(code === null ? {} : { code }) })
  }

  async #failed(channel: NotifyChannel, rows: readonly WaitingRow[], code: ErrorCode): Promise<void> {
    const { clock, log } = this.#parts
    const nowMs = clock.nowMs()
    const old = rows.filter(({ made_at_ms }) => nowMs - Number(made_at_ms) >= GIVE_UP_MS)
    if (old.length > 0) await this.#done(old, 'failed', code)
    const rest = rows.filter((row) => !old.includes(row))
    if (rest.length === 0) return
    const attempts = Math.max(...rest.map((row) => Number(row.attempts)))
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts, 10), LONGEST_WAIT_MS)
    log.warn('notice.retry', { route: channel.name, code, ms: waitMs })
    await this.#write({
      sql: `UPDATE notice SET attempts = attempts + 1, code = ?, due_at_ms = ? WHERE id IN (${placesOf(rest)})`,
      parameters: [code, nowMs + waitMs, ...rest.map(({ id }) => id)],
    })
  }

  async #write(row: Statement): Promise<void> {
    await this.#parts.journal.apply({ fence: this.#lease.fence, rows: [row] })
  }
}

const placesOf = (rows: readonly unknown[]): string => rows.map(() => '?').join(', ')
