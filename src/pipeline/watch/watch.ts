import type { AlertKind } from '../../core/alerts.ts'
import type { Config } from '../../core/config.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import type { Lease } from '../../core/leases.ts'
import { type DestinationId, OPEN_STATES } from '../../core/message.ts'
import type { CertificateEnd } from '../../core/overview.ts'
import type { Clock, Ids, Log, Meter } from '../../core/ports.ts'
import { alertEvent } from '../alerts.ts'
import { type AlertRow, alertRow, readKept } from './alert-rows.ts'
import { type Condition, conditionsOf, type Recent } from './conditions.ts'
import { documentBoxes } from './document-boxes.ts'
import { type DutyFacts, dutyFacts, NO_DUTIES } from './duty.ts'
import { lastSeen, quietRows, recentOf, usualSilences } from './facts.ts'
import { forgetRows } from './forget.ts'
import { AGAIN_MS, type AlertChange, idsIn, judge, type KeptAlert } from './judge.ts'
import { noticeRows, silentChannels } from './notice-rows.ts'
import { type Occurrence, occurrenceOf, type ToldEvent } from './occurrences.ts'
import { rulesOf } from './rules.ts'
import { HOUR_MS, MINUTE_MS } from './tally.ts'

/** Between two looks (ms). */
export const LOOK_MS = 5_000
/** What asks more of the store is looked at this often (ms). */
const SELDOM_MS = 30_000
/** A gap of this length in the looking on is an outage: silence counts from its end (ms). */
const OUTAGE_MS = 120_000
const EVENTS = 500

/** What is watched, and how. */
export interface WatchParts {
  readonly journal: Journal
  readonly config: () => Config
  readonly paused: () => ReadonlySet<DestinationId>
  readonly certificates: () => readonly CertificateEnd[]
  /** Of the store's disk (bytes); null: the store is elsewhere. */
  readonly freeBytes: () => number | null
  readonly reserveBytes: number
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
  /** What other rooms watch by themselves; absent: nothing. */
  readonly others?: () => readonly Condition[]
  /** Kinds of which they know nothing yet; absent: none. */
  readonly unknown?: () => readonly AlertKind[]
  /** Notices may wait to be sent. */
  readonly told: () => void
}

/**
 * Watches the region on the one node that holds its lease: notices what is not as it should be and what events tell, keeps
 * one alert per cause, ends it when its cause is over, and learns how long each establishment is usually silent. */
export class Watch {
  readonly #parts: WatchParts
  readonly #lease: Lease
  #stopped = false
  #cancel: (() => void) | null = null
  #looking: Promise<void> = Promise.resolve()
  #recent: ReadonlyMap<string, Recent> = new Map()
  #usual: ReadonlyMap<string, number> = new Map()
  #duty: DutyFacts = NO_DUTIES
  #boxes: readonly Condition[] = []
  #seldomAtMs = Number.NEGATIVE_INFINITY
  #hourMs = 0
  #minuteMs = 0
  #forgotMs = 0
  /** Longest silence of this hour, by establishment, and what of it is not written yet. */
  #quiet = new Map<string, number>()
  #unwritten = new Map<string, number>()
  /** Since when it was looked on without a gap (ms since 1970), and when last. */
  #since: number | null = null
  #silences: ReadonlyMap<string, { silentMs: number; usualMs: number | null }> = new Map()

  /** Nothing is looked at before `start`. */
  constructor(parts: WatchParts, lease: Lease) {
    this.#parts = parts
    this.#lease = lease
  }

  start(): void {
    this.#later(0)
  }

  /** Resolves once the look under way is over. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    await this.#looking
  }

  #later(ms: number): void {
    this.#cancel = this.#parts.clock.after(ms, () => {
      this.#looking = this.look()
        .catch((fault: unknown) => {
          if (!this.#stopped) this.#parts.log.warn('watch.failed', { code: codeOf(fault) })
        })
        .finally(() => {
          if (!this.#stopped) this.#later(LOOK_MS)
        })
    })
  }

  /** Looks once. @throws what the store throws */
  async look(): Promise<void> {
    const { journal, config, clock, ids, paused, certificates, freeBytes, reserveBytes, told } = this.#parts
    const nowMs = clock.nowMs()
    const current = config()
    const rules = rulesOf(current)
    const marks = await this.#marks(nowMs)
    await this.#seldom(nowMs, current)
    const kept = await readKept((query) => journal.look<AlertRow>(query), nowMs - AGAIN_MS)
    await this.#listen(nowMs, kept)
    const events = await this.#events(marks.event)
    const facts = {
      nowMs,
      counts: await journal.counts(),
      paused: paused(),
      silences: this.#silences,
      recent: this.#recent,
      certificates: certificates(),
      freeBytes: freeBytes(),
      reserveBytes,
      silentChannels: await silentChannels(journal, current),
      duty: this.#duty,
      others: [...this.#boxes, ...(this.#parts.others?.() ?? [])],
    }
    const conditions = conditionsOf(facts, current, rules)
    const over = await this.#over(kept)
    const unknown = new Set(this.#parts.unknown?.())
    const newId = (): string => ids.uuid()
    const changes = judge({ kept, conditions, occurrences: events.found, over, unknown, nowMs, newId })
    const rows = [...changes.map(alertRow), ...this.#minute(nowMs), ...marks.rows]
    if (events.upTo !== null) rows.push(markRow('event', events.upTo))
    rows.push(...(await noticeRows(changes, { journal, config: current, nowMs, newId })))
    rows.push(...this.#forget(nowMs, rules.keptMs))
    if (rows.length === 0 || !this.#lease.held()) return
    const done = await journal.apply({ fence: this.#lease.fence, rows, events: ownEvents(changes, nowMs) })
    if (!done) return
    this.#unwritten.clear()
    this.#tell(changes)
    told()
  }

  /** Where the last run, of whatever node, stood; and its marks of now. */
  async #marks(nowMs: number): Promise<{ event: number; rows: Statement[] }> {
    const known = await this.#parts.journal.look<{ name: string; value: number }>({
      sql: 'SELECT name, value FROM watch_mark',
      parameters: [],
    })
    const marks = new Map(known.map(({ name, value }) => [name, Number(value)]))
    const seen = marks.get('seen') ?? 0
    if (this.#since === null || nowMs - seen > OUTAGE_MS) {
      this.#since = nowMs - seen > OUTAGE_MS ? nowMs : (marks.get('since') ?? nowMs)
    }
    const rows: Statement[] = []
    if (nowMs - seen >= SELDOM_MS) rows.push(markRow('seen', nowMs))
    if (marks.get('since') !== this.#since) rows.push(markRow('since', this.#since))
    const event = marks.get('event')
    if (event !== undefined) return { event, rows }
    // What was told before anybody watched is over: only what is new is an alert.
    const [last] = await this.#parts.journal.look<{ seq: number }>({
      sql: 'SELECT seq FROM event ORDER BY seq DESC LIMIT 1',
      parameters: [],
    })
    const from = Number(last?.seq ?? 0)
    return { event: from, rows: [...rows, markRow('event', from)] }
  }

  async #seldom(nowMs: number, config: Config): Promise<void> {
    const { journal, clock } = this.#parts
    if (clock.monotonicMs() - this.#seldomAtMs < SELDOM_MS) return
    this.#seldomAtMs = clock.monotonicMs()
    this.#recent = await recentOf(journal, nowMs)
    this.#duty = await dutyFacts(journal, nowMs, config)
    this.#boxes = await documentBoxes(journal, config)
    this.#usual = await usualSilences(journal, nowMs, config, rulesOf(config).silence)
  }

  /** How long each establishment has been silent; the longest of the hour is what is learned. */
  async #listen(nowMs: number, kept: readonly KeptAlert[]): Promise<void> {
    const hourMs = nowMs - (nowMs % HOUR_MS)
    if (hourMs !== this.#hourMs) {
      this.#hourMs = hourMs
      this.#quiet = new Map()
    }
    // A silence that is an alert is no habit.
    const alarmed = new Set(
      kept.filter((one) => one.kind === 'silence' && one.endedAtMs === null).map((one) => one.subject),
    )
    const silences = new Map<string, { silentMs: number; usualMs: number | null }>()
    for (const [id, lastMs] of await lastSeen(this.#parts.journal)) {
      const silentMs = Math.max(0, nowMs - lastMs)
      const heardMs = Math.max(0, nowMs - Math.max(lastMs, this.#since ?? nowMs))
      silences.set(id, { silentMs: heardMs, usualMs: this.#usual.get(id) ?? null })
      if (alarmed.has(id) || silentMs <= (this.#quiet.get(id) ?? -1)) continue
      this.#quiet.set(id, silentMs)
      this.#unwritten.set(id, silentMs)
    }
    this.#silences = silences
  }

  #minute(nowMs: number): Statement[] {
    if (nowMs - this.#minuteMs < MINUTE_MS) return []
    this.#minuteMs = nowMs
    return quietRows(this.#hourMs, this.#unwritten)
  }

  async #events(after: number): Promise<{ found: Occurrence[]; upTo: number | null }> {
    const rows = await this.#parts.journal.look<ToldRow>({
      sql: `SELECT e.seq, e.at_ms, e.what, e.code, e.message, e.delivery, e.detail, m.establishment
        FROM event e LEFT JOIN message m ON m.id = e.message WHERE e.seq > ? ORDER BY e.seq LIMIT ${EVENTS}`,
      parameters: [after],
    })
    const found = rows.flatMap(({ at_ms, what, ...row }) => {
      const one = what === 'alert' ? occurrenceOf({ ...row, atMs: Number(at_ms) }) : null
      return one === null ? [] : [one]
    })
    const last = rows.at(-1)
    return { found, upTo: last === undefined ? null : Number(last.seq) }
  }

  /** Alerts about deliveries that have all arrived, or wait for a person: then they are another alert. */
  async #over(kept: readonly KeptAlert[]): Promise<ReadonlySet<string>> {
    const over = new Set<string>()
    for (const { id, kind, endedAtMs, params } of kept) {
      if (kind !== 'urgent' || endedAtMs !== null) continue
      const entries = await Promise.all(idsIn(params).map((one) => this.#parts.journal.delivery(one)))
      if (!entries.some((entry) => entry !== null && !entry.held && OPEN_STATES.includes(entry.state))) over.add(id)
    }
    return over
  }

  #forget(nowMs: number, keptMs: number): Statement[] {
    if (nowMs - this.#forgotMs < HOUR_MS) return []
    this.#forgotMs = nowMs
    return forgetRows(nowMs, keptMs)
  }

  #tell(changes: readonly AlertChange[]): void {
    const { log, meter } = this.#parts
    for (const { what, alert } of changes) {
      const { code, subject, establishment } = alert
      const about = { code, route: subject, ...(establishment === null ? {} : { establishment }) }
      if (what === 'ended') log.info('alert.ended', about)
      if (what !== 'new' && what !== 'again' && what !== 'graver') continue
      log.warn('alert.raised', about)
      if (isOwn(alert) || COUNTED_HERE.includes(code)) meter.count('alert_total', { code })
    }
  }
}

interface ToldRow extends Omit<ToldEvent, 'atMs'> {
  readonly seq: number
  readonly at_ms: number
  readonly what: string
}

/** Alerts from events that nothing counted where they were written. */
const COUNTED_HERE: readonly ErrorCode[] = [
  'CASE_PATIENT',
  'DUPLICATE_CONTROL_ID',
  'CASE_UNREAD',
  'CASE_UNWRITTEN',
  'CASE_SERVICE',
  'CASE_FORBIDDEN',
  'AGENDA_DIFFERS',
  'APPOINTMENT_UNREAD',
]

/** Did the watch notice it itself? What came from an event has been told. */
function isOwn({ cause, kind, subject }: KeptAlert): boolean {
  return cause === `${kind}:${subject}`
}

function ownEvents(changes: readonly AlertChange[], nowMs: number) {
  return changes
    .filter(({ what, alert }) => (what === 'new' || what === 'again' || what === 'graver') && isOwn(alert))
    .map(({ alert }) => alertEvent(nowMs, alert.code, { detail: alert.subject }))
}

function markRow(name: string, value: number): Statement {
  return {
    sql: 'INSERT INTO watch_mark (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    parameters: [name, value],
  }
}
