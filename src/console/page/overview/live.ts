import { Readable } from 'node:stream'
import { type Caller, type Reach, reachOf } from '../../../core/caller.ts'
import type { Config } from '../../../core/config.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { OverviewViews, Picture } from '../../../core/overview.ts'
import type { Clock } from '../../../core/ports.ts'
import type { Language } from '../../../formats/http/language.ts'
import { boardOf } from './board.ts'
import { formatsOf } from './formats.ts'
import { difference, type LiveValues, liveValues } from './live-values.ts'
import { shownOf } from './shown.ts'
import { WORDS } from './words.ts'

/** Between two looks while somebody looks on (ms): what is shown is at most a second old. */
export const TICK_MS = 500
/** Something is said at least so often (ms), so that nobody between takes the line for dead. */
export const HEARTBEAT_MS = 15_000
/** A stream ends after this, and the browser asks again (ms). */
export const LIFE_MS = 600_000
/** Live pages of one person in one session, and of the whole node. */
export const MOST_OWN = 6
/** The second of these. */
export const MOST_ALL = 256
/** Bytes that a viewer may leave unread; who reads slower comes again and gets the whole state. */
const MOST_UNREAD = 262_144
/** Browsers ask again after this (ms). */
const RETRY_MS = 2_000

/** What is shown live, and with what. */
export interface LiveParts {
  readonly overview: OverviewViews
  readonly config: () => Config
  readonly clock: Clock
  /** Absent: TICK_MS. */
  readonly tickMs?: number
}

interface Viewer {
  readonly stream: Readable
  readonly whose: string
  endMs: number
}

/** All who see the same: one reach in one language. */
interface Audience {
  readonly reach: Reach | null
  readonly language: Language
  readonly viewers: Set<Viewer>
  /** Its own, so that a number of another audience means nothing here. */
  readonly name: number
  values: LiveValues | null
  number: number
}

/** The live overview: one look at the store, however many look on. Each audience is told what changed since it was last. */
export interface LiveOverview {
  /** The stream of one viewer; `last`: the number it had before its line broke. @throws {GatewayError} VIEWER_LIMIT */
  join(caller: Caller, language: Language, last: string | undefined): Readable
  /** How many look on. */
  readonly viewers: number
  /** Ends every stream. */
  stop(): void
}

/** Makes it; nothing is looked at while nobody looks on. */
export function liveOverview(parts: LiveParts): LiveOverview {
  const audiences = new Audiences(parts)
  return {
    join: (caller, language, last) => audiences.join(caller, language, last),
    get viewers() {
      return audiences.all().length
    },
    stop: () => audiences.stop(),
  }
}

class Audiences {
  readonly #parts: LiveParts
  readonly #audiences = new Map<string, Audience>()
  /** Numbers of events mean something within this run alone. */
  readonly #begun: string
  #cancel: (() => void) | null = null
  #saidMs: number
  #stopped = false
  #named = 0

  constructor(parts: LiveParts) {
    this.#parts = parts
    this.#begun = parts.clock.nowMs().toString(36)
    this.#saidMs = parts.clock.monotonicMs()
  }

  all(): Viewer[] {
    return [...this.#audiences.values()].flatMap(({ viewers }) => [...viewers])
  }

  join(caller: Caller, language: Language, last: string | undefined): Readable {
    const whose = 'session' in caller && caller.session !== undefined ? caller.session : `${caller.role} ${caller.who}`
    const viewers = this.all()
    if (this.#stopped || viewers.length >= MOST_ALL || viewers.filter((one) => one.whose === whose).length >= MOST_OWN)
      throw new GatewayError('VIEWER_LIMIT')
    const reach = reachOf(caller, 'overview:read')
    const key = `${language} ${JSON.stringify(reach)}`
    const audience = this.#audiences.get(key) ?? this.#audience(reach, language)
    this.#audiences.set(key, audience)
    const stream = new Readable({ read() {} })
    const viewer: Viewer = { stream, whose, endMs: this.#parts.clock.monotonicMs() + LIFE_MS }
    audience.viewers.add(viewer)
    stream.once('close', () => this.#leave(audience, key, viewer))
    stream.push(`retry: ${RETRY_MS}\n\n`)
    const known = last === this.#numberOf(audience)
    // Whoever comes first waits for the first look, which tells everything.
    const whole = known || audience.values === null ? null : difference(null, audience.values)
    if (whole !== null) stream.push(this.#event(audience, whole))
    this.#later()
    return stream
  }

  #audience(reach: Reach | null, language: Language): Audience {
    this.#named += 1
    return { reach, language, viewers: new Set(), name: this.#named, values: null, number: 0 }
  }

  stop(): void {
    this.#stopped = true
    for (const [key, audience] of [...this.#audiences])
      for (const viewer of [...audience.viewers]) this.#leave(audience, key, viewer)
  }

  #leave(audience: Audience, key: string, viewer: Viewer): void {
    if (!audience.viewers.delete(viewer)) return
    // An end behind a cut would hide it, and the answer would stay open.
    if (!viewer.stream.destroyed) viewer.stream.push(null)
    if (audience.viewers.size === 0) this.#audiences.delete(key)
    if (this.#audiences.size > 0) return
    this.#cancel?.()
    this.#cancel = null
  }

  #later(): void {
    const { clock, tickMs = TICK_MS } = this.#parts
    this.#cancel ??= clock.after(tickMs, () => {
      void this.#tick().finally(() => {
        this.#cancel = null
        if (!this.#stopped && this.#audiences.size > 0) this.#later()
      })
    })
  }

  async #tick(): Promise<void> {
    const { overview, clock } = this.#parts
    const picture = await overview.picture().catch(() => null)
    const nowMs = clock.monotonicMs()
    const beat = nowMs - this.#saidMs >= HEARTBEAT_MS
    if (beat) this.#saidMs = nowMs
    for (const [key, audience] of [...this.#audiences]) {
      if (picture !== null) this.#show(picture, audience, key)
      if (beat) this.#write(': still here\n\n', audience, key)
      for (const viewer of [...audience.viewers]) if (nowMs >= viewer.endMs) this.#leave(audience, key, viewer)
    }
  }

  #show(picture: Picture, audience: Audience, key: string): void {
    const { reach, language, values } = audience
    const config = this.#parts.config()
    const text = formatsOf(language, config.region.timeZone)
    const board = boardOf(picture, config, reach)
    const now = liveValues(picture, board, shownOf(board), reach, WORDS[language], text)
    const changed = difference(values, now)
    audience.values = now
    if (changed === null) return
    audience.number++
    this.#write(this.#event(audience, changed), audience, key)
  }

  #write(text: string, audience: Audience, key: string): void {
    for (const viewer of [...audience.viewers]) {
      viewer.stream.push(text)
      if (viewer.stream.readableLength > MOST_UNREAD) this.#leave(audience, key, viewer)
    }
  }

  #numberOf({ name, number }: Audience): string {
    return `${this.#begun}.${name}.${number}`
  }

  #event(audience: Audience, data: string): string {
    return `id: ${this.#numberOf(audience)}\ndata: ${data}\n\n`
  }
}
