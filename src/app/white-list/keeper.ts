import type { Config } from '../../core/config.ts'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { Journal, NewEvent, Statement } from '../../core/journal.ts'
import type { Lease } from '../../core/leases.ts'
import type { Clock, Ids, Log, Meter } from '../../core/ports.ts'
import type { WhiteListChange, WhiteListCommands, WhiteListSettings } from '../../core/white-list.ts'
import { judge } from '../../mssante/accept.ts'
import { stateAt } from '../../mssante/age.ts'
import { difference } from '../../mssante/difference.ts'
import {
  type Kept,
  type KeptFacts,
  type KeptState,
  listRow,
  NO_STATE,
  NONE_WAITS,
  readBytes,
  readKept,
  stateRow,
} from '../../mssante/state.ts'
import type { WhiteList } from '../../mssante/white-list.ts'
import { getList } from './source.ts'
import { verifyApart } from './verifying.ts'

/** Pairs of a change that are kept one by one. */
const PAIRS = 5_000
/** Longest that an old list is let count (ms). */
const LONGEST_EXTENSION_MS = 7 * 86_400_000
/** How far ahead of our clock a list may say that it was made (ms). */
const AHEAD_MS = 600_000
/** After a fetch that gave no list (ms). */
const AGAIN_MS = 300_000
/** After a fetch that came to nothing because the lease was not held for a moment (ms). */
const SOON_MS = 2_000

/** What a list is kept with. */
export interface KeeperParts {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** A new list with what is known of it. */
interface Fresh {
  readonly list: WhiteList
  readonly facts: KeptFacts
  readonly gzipped: Uint8Array
}

/**
 * Keeps the white list: every node loads the one of the store and swaps it while it runs; the one that holds the lease
 * fetches it, judges it, and puts it there. The last good list stays in use whatever happens to the next. */
export class WhiteListKeeper implements WhiteListCommands {
  readonly #parts: KeeperParts
  #list: { readonly sha256: string; readonly list: WhiteList } | null = null
  #kept: Kept = { version: 0, state: NO_STATE, current: null, waiting: null }
  readonly #listeners: (() => void)[] = []
  /** How often this node wrote what is kept, or found that another had. */
  #writes = 0
  /** One after the other: loads, fetches and acts of this node. */
  #work: Promise<unknown> = Promise.resolve()

  constructor(parts: KeeperParts) {
    this.#parts = parts
  }

  /** The settings now; null: the region has no list. */
  get settings(): WhiteListSettings | null {
    return this.#parts.config().mail?.whiteList ?? null
  }

  /** The list in use on this node; null: none. */
  get list(): WhiteList | null {
    return this.#list?.list ?? null
  }

  /** What is known of it. */
  get kept(): Kept {
    return this.#kept
  }

  /** How old it is now, by the settings. */
  age(): ReturnType<typeof stateAt> {
    const { settings } = this
    const { confirmedAtMs, extended } = this.#kept.state
    if (settings === null || confirmedAtMs === null || this.#list === null) return stateAt(null, 0)
    const facts = { confirmedAtMs, extendedUntilMs: extended?.untilMs ?? null }
    return stateAt(facts, this.#parts.clock.nowMs(), settings.age)
  }

  /** Has a listener told whenever the list was taken, confirmed or let count for longer. */
  watch(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Takes over what another node, or an earlier process, has put into the store. Never rejects. */
  look(): Promise<void> {
    return this.#after(() => this.#load()).catch((fault: unknown) => {
      this.#parts.log.error('whitelist.unread', { code: 'INTERNAL' }, fault)
    })
  }

  /** Fetches under a lease. Resolves with how long to wait for the next time (ms). */
  async fetchUnder(lease: Lease): Promise<number> {
    const { settings } = this
    if (settings === null) return AGAIN_MS
    const came = await this.#after(async () => {
      const before = this.#writes
      await this.#fetch(settings, lease)
      return this.#writes > before
    })
    const { everyMs } = settings
    const jitter = 0.9 + 0.2 * this.#parts.ids.random()
    if (!came) return SOON_MS * jitter
    return (this.#kept.state.refused === null ? everyMs : Math.min(everyMs, AGAIN_MS)) * jitter
  }

  async fetch(who: string): Promise<void> {
    const settings = this.#need()
    await this.#after(() => this.#fetch(settings, null, who))
  }

  confirm(sha256: string, who: string, why: string): Promise<void> {
    const settings = this.#need()
    return this.#after(async () => {
      await this.#load()
      const bytes = await readBytes(this.#parts.journal, 'waiting')
      if (bytes === null || this.#kept.waiting?.sha256 !== sha256) throw new GatewayError('WRONG_STATE')
      const nowMs = this.#parts.clock.nowMs()
      const found = await verifyApart(bytes, settings, { gzipped: true, nowMs, known: null })
      if (found.what !== 'good' || found.facts.sha256 !== sha256) throw new GatewayError('WRONG_STATE')
      const verdict = judge(found.facts, this.#kept.current, nowMs, this.#rules(settings), sha256)
      if (verdict.what !== 'take') throw new GatewayError('WRONG_STATE')
      if (!(await this.#take(found, this.#confirmed(settings, found.facts), { who, why })))
        throw new GatewayError('WRONG_STATE')
    })
  }

  extend(untilMs: number, who: string, why: string): Promise<void> {
    this.#need()
    const nowMs = this.#parts.clock.nowMs()
    if (!(untilMs > nowMs && untilMs <= nowMs + LONGEST_EXTENSION_MS)) throw new GatewayError('BAD_REQUEST')
    return this.#after(async () => {
      await this.#load()
      if (this.#kept.current === null) throw new GatewayError('WRONG_STATE')
      const state = { ...this.#kept.state, extended: { untilMs, who, why } }
      const detail = new Date(untilMs).toISOString()
      const event = this.#event('extend-white-list', { who, why, detail })
      if (!(await this.#write(state, [], [event]))) throw new GatewayError('WRONG_STATE')
    })
  }

  /** Lists that came into use, newest first. */
  async changes(limit: number): Promise<WhiteListChange[]> {
    const rows = await this.#parts.journal.look<{
      id: string
      at_ms: number
      who: string
      why: string | null
      detail: string
    }>({
      sql: 'SELECT id, at_ms, who, why, detail FROM white_list_change ORDER BY at_ms DESC, id DESC LIMIT ?',
      parameters: [limit],
    })
    return rows.map(({ id, at_ms, who, why, detail }) => ({
      id,
      when: new Date(Number(at_ms)).toISOString(),
      who,
      why,
      ...JSON.parse(detail),
    }))
  }

  /** Resolves when what is under way is over. */
  async idle(): Promise<void> {
    await this.#work.catch(() => {})
  }

  #need(): WhiteListSettings {
    if (this.settings === null) throw new GatewayError('NOT_FOUND')
    return this.settings
  }

  #after<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.catch(() => {}).then(work)
    this.#work = done
    return done
  }

  #rules({ shrink }: WhiteListSettings) {
    return { shrink, ahead: AHEAD_MS }
  }

  async #load(): Promise<void> {
    const kept = await readKept(this.#parts.journal)
    const { settings } = this
    if (settings !== null && kept.current !== null && kept.current.sha256 !== this.#list?.sha256) {
      const bytes = await readBytes(this.#parts.journal, 'current')
      const nowMs = this.#parts.clock.nowMs()
      // Revocation was looked at when it was taken, and is at each fetch: a new start neither knows more nor stops mail.
      const taken = { ...settings, crl: [] }
      const found = bytes === null ? null : await verifyApart(bytes, taken, { gzipped: true, nowMs, known: null })
      // Whoever the settings trust now may not have signed what an earlier revision took.
      if (found?.what === 'good') this.#use(found)
      else if (found?.what === 'refused') this.#parts.log.warn('whitelist.refused', { code: found.fault.code })
    }
    this.#keep(kept)
  }

  /** Takes over what is kept. Whoever listens finds the list of it in use. */
  #keep(kept: Kept): void {
    const before = countsBy(this.#kept)
    this.#kept = kept
    if (countsBy(kept) !== before) for (const listener of this.#listeners) listener()
  }

  #use({ list, facts }: Pick<Fresh, 'list' | 'facts'>): void {
    this.#list = { sha256: facts.sha256, list }
    this.#parts.log.info('whitelist.taken', { count: facts.rows })
  }

  async #fetch(settings: WhiteListSettings, lease: Lease | null, who = 'gateway'): Promise<void> {
    await this.#load()
    const { current, state } = this.#kept
    const nowMs = this.#parts.clock.nowMs()
    // With revocation lists the signer is looked at each time, so that no "unchanged" stands for its list.
    const whole = current === null || this.#list === null || settings.crl.length > 0
    const before = whole ? { etag: null, lastModified: null } : state
    const got = await getList(settings, before)
    if (lease?.held() === false) return
    if (got.what === 'unread') return this.#refuse('WHITELIST_UNREAD', got.why, nowMs)
    if (got.what === 'too-large') return this.#refuse('WHITELIST_TOO_LARGE', '', nowMs)
    if (got.what === 'same')
      return void (await this.#write({ ...this.#confirmed(settings, current), ...before }, [], []))
    const seen = { etag: got.etag, lastModified: got.lastModified }
    const known = this.#list?.sha256 ?? null
    const found = await verifyApart(got.bytes, settings, { gzipped: false, nowMs, known })
    if (lease?.held() === false) return
    if (found.what === 'same')
      return void (await this.#write({ ...this.#confirmed(settings, current), ...seen }, [], []))
    if (found.what === 'refused') return this.#refuse(found.fault.code, found.fault.at, nowMs)
    const verdict = judge(found.facts, current, nowMs, this.#rules(settings))
    if (verdict.what === 'refuse') return this.#refuse(verdict.code, '', nowMs)
    if (verdict.what === 'waits') return this.#wait(found, nowMs)
    await this.#take(found, { ...this.#confirmed(settings, found.facts), ...seen }, { who, why: null })
  }

  /** The state once a list was confirmed: a file says nothing by being there, its list's own date does. */
  #confirmed({ source }: WhiteListSettings, facts: KeptFacts | null): KeptState {
    const nowMs = this.#parts.clock.nowMs()
    const confirmedAtMs = source.kind === 'file' ? Math.min(nowMs, facts?.generatedAtMs ?? nowMs) : nowMs
    return { ...NO_STATE, extended: this.#kept.state.extended, confirmedAtMs }
  }

  async #refuse(code: ErrorCode, at: string, nowMs: number): Promise<void> {
    const { state } = this.#kept
    const times = state.refused?.code === code ? state.refused.times + 1 : 1
    this.#parts.log.warn('whitelist.refused', { code, rule: at, count: times })
    this.#parts.meter.count('whitelist_refused_total', { code })
    const events =
      times === 1 ? [this.#event('refuse-white-list', { who: 'gateway', why: null, code, detail: at })] : []
    await this.#write({ ...state, refused: { code, at, atMs: nowMs, times } }, [], events)
  }

  async #wait(found: Fresh, nowMs: number): Promise<void> {
    const { state } = this.#kept
    const { added, removed } = difference(this.list, found.list)
    const waiting = { added: added.length, removed: removed.length }
    const code = 'WHITELIST_SHRUNK'
    const times = state.refused?.code === code ? state.refused.times + 1 : 1
    this.#parts.meter.count('whitelist_refused_total', { code })
    const events =
      times === 1
        ? [this.#event('refuse-white-list', { who: 'gateway', why: null, code, detail: found.facts.sha256 })]
        : []
    const refused = { code, at: '', atMs: nowMs, times } as const
    await this.#write({ ...state, waiting, refused }, [listRow('waiting', found.facts, found.gzipped)], events)
  }

  async #take(
    found: Fresh,
    state: KeptState,
    { who, why }: { readonly who: string; readonly why: string | null },
  ): Promise<boolean> {
    const { added, removed, moved } = difference(this.list, found.list)
    const atMs = this.#parts.clock.nowMs()
    const first = this.list === null
    // The first list is no change of anything: its pairs are the list itself.
    const detail = {
      generatedAt: new Date(found.facts.generatedAtMs).toISOString(),
      rows: found.facts.rows,
      added: first ? [] : added.slice(0, PAIRS),
      removed: removed.slice(0, PAIRS),
      moved: moved.slice(0, PAIRS),
      more: (first ? added.length : Math.max(0, added.length - PAIRS)) + Math.max(0, removed.length - PAIRS),
    }
    const rows: Statement[] = [
      listRow('current', found.facts, found.gzipped),
      NONE_WAITS,
      {
        sql: 'INSERT INTO white_list_change (id, at_ms, who, why, detail) VALUES (?, ?, ?, ?, ?)',
        parameters: [this.#parts.ids.uuid(), atMs, who, why, JSON.stringify(detail)],
        rows: 1,
      },
    ]
    const what = why === null ? 'take-white-list' : 'confirm-white-list'
    const event = this.#event(what, { who, why, detail: found.facts.sha256 })
    return this.#write({ ...state, waiting: null, refused: null }, rows, [event], () => this.#use(found))
  }

  #event(what: string, about: Pick<NewEvent, 'who' | 'why' | 'detail'> & { readonly code?: ErrorCode }): NewEvent {
    return { atMs: this.#parts.clock.nowMs(), what, code: null, message: null, delivery: null, ...about }
  }

  /** False: another node wrote first, and `written` is not called; what is kept is read again either way. */
  async #write(
    state: KeptState,
    rows: readonly Statement[],
    events: readonly NewEvent[],
    written: () => void = () => {},
  ): Promise<boolean> {
    this.#writes++
    const done = await this.#parts.journal.apply({ rows: [stateRow(this.#kept.version, state), ...rows], events })
    const kept = await readKept(this.#parts.journal)
    if (done) written()
    this.#keep(kept)
    return done
  }
}

/** Until when which list counts, in one text. */
function countsBy({ state, current }: Kept): string {
  return [current?.sha256, state.confirmedAtMs, state.extended?.untilMs].join()
}
