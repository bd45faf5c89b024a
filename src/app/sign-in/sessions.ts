import { createHash, randomBytes } from 'node:crypto'
import type { Caller, Person } from '../../core/caller.ts'
import type { Config } from '../../core/config.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Journal, NewEvent } from '../../core/journal.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import type { Grant, LaunchContext } from '../../core/sign-in.ts'
import {
  forgetSessions,
  keepSession,
  openSessionCount,
  openSessions,
  overdueSessions,
  type SessionRow,
  sessionEnded,
  sessionOf,
  sessionTurned,
  sessionUsed,
} from '../../pipeline/sessions.ts'
import { grantsOf, grantText, type Identity, launcherOf } from './grants.ts'
import { sealed, unsealed } from './sealed.ts'

/** That a session was used is written this often at most (ms). */
const NOTED_MS = 60_000

/** What sessions are kept with. */
export interface SessionParts {
  readonly journal: Pick<Journal, 'look' | 'read' | 'apply'>
  readonly config: () => Config
  readonly clock: Pick<Clock, 'nowMs'>
  readonly ids: Pick<Ids, 'uuid'>
  readonly log: Log
}

/** A session that is open: who it is, and what may be done with it. */
export interface OpenSession {
  readonly row: SessionRow
  /** The role in use; null: none is chosen yet. */
  readonly person: Person | null
  /** Roles that may be taken. */
  readonly grants: readonly Grant[]
  /** It ends then unless it is used (ms since 1970). */
  readonly idleUntilMs: number
}

/** Why a session ends, for the event. */
export type Ending = 'idle' | 'absolute' | 'not-granted' | 'sign-out' | 'everywhere' | 'by-another'

const hash = (cookie: string): string => createHash('sha256').update(cookie).digest('hex')
const newCookie = (): string => randomBytes(32).toString('base64url')

/** Sessions of people, in the store: known to every node, and after a restart. */
export class Sessions {
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** Who the session of a cookie is, in the role in use; null: none, over, or nobody yet. */
  async callerOf(cookie: string, used = true): Promise<Caller | null> {
    return (await this.find(cookie, used))?.person ?? null
  }

  /** The session of a cookie, by the configuration and the clock now; what is over is ended. Null: there is none. `used`: by a person. */
  async find(cookie: string, used = true): Promise<OpenSession | null> {
    const { journal, config, clock } = this.#parts
    const row = await sessionOf(journal, hash(cookie))
    if (row === null) return null
    const nowMs = clock.nowMs()
    const grants = grantsOf(row, config())
    const grant = grants.find((one) => grantText(one) === row.granted) ?? null
    const over =
      this.#over(row, nowMs) ?? (grants.length === 0 || (row.granted !== null && !grant) ? 'not-granted' : null)
    if (over !== null) {
      await this.#quietly(() => this.#end(row, over, row.who))
      return null
    }
    if (used && nowMs - row.usedAtMs >= NOTED_MS) {
      await this.#quietly(() => journal.apply({ rows: [sessionUsed(row.id, nowMs)] }))
    }
    return { row, person: grant && personOf(row, grant), grants, idleUntilMs: nowMs + this.#idleMs() }
  }

  /**
   * Begins a session, with the events of its beginning, and gives its cookie. Whoever has one role takes it at once.
   * @throws {GatewayError} when the store cannot keep it */
  async begin(identity: Identity, what: NewEvent['what'], context: LaunchContext | null = null): Promise<string> {
    const { journal, config, clock, ids } = this.#parts
    const cookie = newCookie()
    const nowMs = clock.nowMs()
    const grants = grantsOf(identity, config())
    const only = grants.length === 1 ? grants[0] : undefined
    const row: SessionRow = {
      ...identity,
      id: hash(cookie),
      name: ids.uuid(),
      granted: only === undefined ? null : grantText(only),
      context: context === null ? null : sealed(JSON.stringify(context), cookie),
      createdAtMs: nowMs,
      usedAtMs: nowMs,
      untilMs: nowMs + (config().signIn?.limits.absoluteMs ?? 0),
    }
    const events = [this.#event(row, what, null)]
    if (only !== undefined) events.push(this.#event(row, 'take-role', grantWords(only)))
    if (what === 'break-glass') events.push({ ...this.#event(row, 'alert', null), who: 'gateway', code: 'BREAK_GLASS' })
    await keepSession(journal, row, events)
    return cookie
  }

  /** Takes another role; the cookie changes. Null: the session ended meanwhile, or may not take it. */
  async take(cookie: string, granted: string): Promise<string | null> {
    const open = await this.find(cookie)
    const grant = open?.grants.find((one) => grantText(one) === granted)
    if (!open || grant === undefined) return null
    const { row } = open
    const next = newCookie()
    const context = row.context === null ? null : sealed(unsealed(row.context, cookie), next)
    const rows = [sessionTurned(row, hash(next), granted, context)]
    const events = [this.#event(row, 'take-role', grantWords(grant))]
    return (await this.#parts.journal.apply({ rows, events })) ? next : null
  }

  /** What a launch was about; null: the session was not launched. */
  async contextOf(cookie: string): Promise<LaunchContext | null> {
    const row = await sessionOf(this.#parts.journal, hash(cookie))
    return row === null || row.context === null ? null : JSON.parse(unsealed(row.context, cookie))
  }

  /** Ends the session of a cookie, if there is one. */
  async signOut(cookie: string): Promise<void> {
    const row = await sessionOf(this.#parts.journal, hash(cookie))
    if (row !== null) await this.#end(row, 'sign-out', row.who)
  }

  /** Sessions that are open: of one person, or of all (null); the 200 used last. */
  async list(person: string | null): Promise<readonly SessionRow[]> {
    const nowMs = this.#parts.clock.nowMs()
    return (await openSessions(this.#parts.journal, person)).filter((row) => this.#over(row, nowMs) === null)
  }

  /** How many sessions of anybody have not ended; a list has the 200 used last. */
  count(): Promise<number> {
    return openSessionCount(this.#parts.journal)
  }

  /** Ends one of a list. False: it was over. */
  end(row: SessionRow, why: Ending, by: string): Promise<boolean> {
    return this.#end(row, why, by)
  }

  /** Ends what is over by its limits, and forgets what ended long ago. */
  async tidy(): Promise<void> {
    const { journal, clock } = this.#parts
    const nowMs = clock.nowMs()
    for (const row of await overdueSessions(journal, nowMs, this.#idleMs())) {
      await this.#end(row, this.#over(row, nowMs) ?? 'idle', row.who)
    }
    await forgetSessions(journal, nowMs)
  }

  #idleMs(): number {
    return this.#parts.config().signIn?.limits.idleMs ?? 0
  }

  #over({ usedAtMs, untilMs }: SessionRow, nowMs: number): 'idle' | 'absolute' | null {
    if (nowMs >= untilMs) return 'absolute'
    return nowMs - usedAtMs > this.#idleMs() ? 'idle' : null
  }

  #end(row: SessionRow, why: Ending, by: string): Promise<boolean> {
    const what = why === 'sign-out' ? 'sign-out' : 'end-session'
    const event = { ...this.#event(row, what, why), who: by }
    return this.#parts.journal.apply({ rows: [sessionEnded(row.name, event.atMs)], events: [event] })
  }

  #event(
    { who, name, provider }: SessionRow,
    what: string,
    more: string | null,
    code: ErrorCode | null = null,
  ): NewEvent {
    const detail = [`session ${name}`, `by ${provider}`, `of ${who}`, ...(more === null ? [] : [more])].join(' · ')
    return { atMs: this.#parts.clock.nowMs(), who, what, why: null, code, message: null, delivery: null, detail }
  }

  /** A store that cannot write now must not turn away whoever it knows. */
  async #quietly(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (fault) {
      this.#parts.log.warn('session.unwritten', { code: codeOf(fault) })
    }
  }
}

function personOf({ who, name, identifier, provider }: SessionRow, { role, reach, content }: Grant): Person {
  const launchedBy = launcherOf(provider)
  return {
    ...{ role, who, reach, content, session: name },
    ...(identifier !== null && { identifier }),
    ...(launchedBy !== null && { launchedBy }),
  }
}

/** A grant in an event. */
function grantWords({ role, reach }: Grant): string {
  const own = [...(reach.establishments ?? []), ...(reach.applications ?? [])]
  return `role ${role}${own.length === 0 ? '' : ` for ${own.join(', ')}`}`
}
